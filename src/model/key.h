/* SPDX-License-Identifier: MIT
 * key.h - a table of keys: how the fields of a struct are spelled in a config, for reading and for writing.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_MODEL_KEY_H
#define WN_MODEL_KEY_H

#include <stdbool.h>
#include <stddef.h>

typedef enum wn_key_type {
    WN_KEY_INT,    /* int */
    WN_KEY_BOOL,   /* bool */
    WN_KEY_FLOAT,  /* float */
    WN_KEY_DOUBLE, /* double */
    WN_KEY_TEXT,   /* char *, empty where the key is absent */
    WN_KEY_NUMBERS /* double *, a list; the field at `count` is its length (int) */
} wn_key_type;

/* One key. A key that is absent leaves its field at the default, but a text empty; a field at its default is not written. Numbers outside
 * min .. max are refused. */
typedef struct wn_key {
    const char *name; /* NULL ends a table */
    wn_key_type type;
    size_t offset, count; /* of the fields in the struct */
    double min, max;
    bool required;
} wn_key;

#endif
