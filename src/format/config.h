/* SPDX-License-Identifier: MIT
 * config.h - a model's description as JSON: in the native file's metadata and in training recipes. models/FORMAT.md
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_CONFIG_H
#define WN_FORMAT_CONFIG_H

#include <jansson.h>

#include "model/model.h"

enum { WN_CONFIG_VERSION = 1 };

/* Make the description that `config` (an object) asks for, checked as a whole, with weights allocated and zero.
 * `where` begins the place in messages: the file. On failure *out is NULL. */
wn_status wn_config_read(wn_model **out, const json_t *config, const char *where, wn_error *error);

/* The shortest config that reads back as `model`; a new reference, or NULL if memory fails. */
json_t *wn_config_write(const wn_model *model);

/* Names of enumerated values as the config spells them; the arrays have WN_..._COUNT or the noted number of entries. */
extern const char *const wn_act_names[WN_ACT_COUNT];
extern const char *const wn_gating_names[3];
extern const char *const wn_skip_sum_names[2];
extern const char *const wn_source_names[4];

#endif
