/* SPDX-License-Identifier: MIT
 * config_out.h - shared by the files that write a config.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_CONFIG_OUT_H
#define WN_FORMAT_CONFIG_OUT_H

#include <jansson.h>

#include "model/model.h"

/* A config being written. Once memory has failed the result is thrown away, so that nothing else need check. */
typedef struct wn_out {
    bool failed;
    const wn_model *model;
} wn_out;

/* All of these take over the references they are given, which may be NULL where memory failed. */
void wn_out_put(wn_out *o, json_t *object, const char *key, json_t *value);
void wn_out_append(wn_out *o, json_t *list, json_t *value);

/* Nothing is put where the value equals the fallback, the text or the list is empty. */
void wn_out_put_default(wn_out *o, json_t *object, const char *key, json_t *value, json_t *fallback);
void wn_out_put_number(wn_out *o, json_t *object, const char *key, double x, double fallback);
void wn_out_put_bool(wn_out *o, json_t *object, const char *key, bool x, bool fallback);
void wn_out_put_text(wn_out *o, json_t *object, const char *key, const char *text);
void wn_out_put_list(wn_out *o, json_t *object, const char *key, json_t *list);
void wn_out_put_act(wn_out *o, json_t *object, const wn_act *a, wn_act_kind fallback);

/* New references. Whole numbers have no decimal point. */
json_t *wn_out_number(double x);
json_t *wn_out_act(wn_out *o, const wn_act *a);
json_t *wn_out_texts(wn_out *o, char *const *texts, int n);

#endif
