/* SPDX-License-Identifier: MIT
 * values.h - named arrays of numbers from text, CSV, JSON, .npy or .safetensors.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_VALUES_H
#define WN_CLI_VALUES_H

#include <stddef.h>
#include <stdint.h>

#include "wavenet/wavenet.h"

enum { WN_VALUES_NAME = 24, WN_VALUES_MAX_RANK = 4 };

typedef struct wn_values {
    char name[WN_VALUES_NAME]; /* "" where the source gives none */
    int rank;                  /* 0: a single number */
    int64_t shape[WN_VALUES_MAX_RANK];
    int64_t count; /* the product of shape, at least 1 */
    double *v;     /* [count], finite */
} wn_values;

typedef struct wn_value_list {
    int n;
    wn_values *item; /* [n] */
} wn_value_list;

/* Read `source`: a file by its ending (.csv, .json, .npy, .safetensors, any other: text), or the text itself. In text,
 * spaces or commas separate numbers, ';' or a line end rows, '|' matrices and '/' arrays, each of which may begin with its
 * name: "1 0; 0 1 / bias 0.5". A text that begins with [ or { is JSON: nested lists, or an object of them. Messages begin
 * with `option`. Free with wn_values_free, also after a failure. */
wn_status wn_values_read(wn_value_list *out, const char *source, const char *option, wn_error *error);

/* As wn_values_read of text, CSV or JSON in memory; `where` begins messages. */
wn_status wn_values_parse_text(wn_value_list *out, const char *text, size_t size, const char *where, wn_error *error);
wn_status wn_values_parse_csv(wn_value_list *out, const char *text, size_t size, const char *where, wn_error *error);
wn_status wn_values_parse_json(wn_value_list *out, const char *text, size_t size, const char *where, wn_error *error);

void wn_values_free(wn_value_list *list);

#endif
