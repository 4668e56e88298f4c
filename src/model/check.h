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

#endif
