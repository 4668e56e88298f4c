/* SPDX-License-Identifier: MIT
 * config_keys.h - structs read from and written to JSON objects by tables of keys.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_CONFIG_KEYS_H
#define WN_FORMAT_CONFIG_KEYS_H

#include "format/config_out.h"
#include "format/json.h"
#include "model/key.h"

/* Refuse keys of `object` that are neither in `others`, a NULL-terminated list, nor in the table. */
void wn_config_known_keys(wn_json *r, const json_t *object, const char *const *others, const wn_key *keys);

/* Fields of *out from `object`, which may be NULL. *out holds the defaults; an absent key leaves its field as it is. Lists
 * are allocated in the arena. */
void wn_config_read_keys(wn_json *r, wn_arena *arena, const json_t *object, const wn_key *keys, void *out);

/* Fields of *from that differ from those of *defaults, and required ones. */
void wn_config_write_keys(wn_out *o, json_t *object, const wn_key *keys, const void *from, const void *defaults);

/* The value of one key: a new reference. */
json_t *wn_config_key_value(wn_out *o, const wn_key *key, const void *from);

#endif
