/* SPDX-License-Identifier: MIT
 * check.h - shared by the files that check a description.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_MODEL_CHECK_H
#define WN_MODEL_CHECK_H

#include "model/model.h"

/* Where the check is, so that a message can say it. */
typedef struct wn_check {
    const char *path; /* of the file, or "" */
    char place[64];   /* "stacks.0.layers.3", or "" */
    wn_error *error;
} wn_check;

/* Always WN_ERROR_FORMAT; the message continues "path: place.field: ...". */
wn_status wn_check_fail(const wn_check *check, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
wn_status wn_check_range(const wn_check *check, const char *field, int64_t value, int64_t min, int64_t max);

/* Names are printed: no line breaks, nothing that a terminal obeys. */
bool wn_check_printable(const char *text);

/* Limits, widths (out 0 = any) and weights of a convolution that must be present. */
wn_status wn_check_conv(const wn_check *check, const char *field, const wn_conv *conv, int in, int out);
wn_status wn_check_act(const wn_check *check, const char *field, const wn_act *act, int channels);

/* Channels that FiLM at `place` modulates; 0 where that place does not exist in this layer. */
int wn_film_width(const wn_layer *layer, int place, int local);

/* All of wn_model_finish but the look at the weights. */
wn_status wn_model_check(wn_model *model, const char *path, wn_error *error);

/* check_condition.c: controls, features, pipeline, harmonic source; derives local_channels and held_channels. */
wn_status wn_check_condition(wn_check *check, wn_model *model);

#endif
