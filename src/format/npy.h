/* SPDX-License-Identifier: MIT
 * npy.h - numpy's .npy files of floats and integers, as float32 and int32 arrays in C order.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_NPY_H
#define WN_FORMAT_NPY_H

#include "model/model.h"

typedef enum wn_npy_type { WN_NPY_FLOAT32, WN_NPY_INT32, WN_NPY_FLOAT64 } wn_npy_type;

enum { WN_NPY_MAX_RANK = 4 };

typedef struct wn_npy {
    wn_npy_type type;
    int rank;
    int64_t shape[WN_NPY_MAX_RANK];
    int64_t count;   /* elements: the product of shape */
    float *floats;   /* [count], FLOAT32 only */
    int32_t *ints;   /* [count], INT32 only */
    double *doubles; /* [count], FLOAT64 only: of wn_npy_parse_doubles */
} wn_npy;

/* Read a file, or `size` bytes called `name` in messages. wn_npy_free afterwards (after a failure it does no harm).
 * Format versions 1 to 3, of either byte order and either order of axes. float64 becomes float32, int64 int32 if it fits; other
 * types and missing or extra bytes are refused. */
wn_status wn_npy_read(wn_npy *out, const char *path, wn_error *error);
wn_status wn_npy_parse(wn_npy *out, const void *data, size_t size, const char *name, wn_error *error);

/* As wn_npy_parse; numbers of every type that is read become doubles. */
wn_status wn_npy_parse_doubles(wn_npy *out, const void *data, size_t size, const char *name, wn_error *error);

void wn_npy_free(wn_npy *npy);

/* WN_OK if the array has this type and rank, or one more axis of size 1 in front, which is dropped; else an error that says what it is and what was expected. */
wn_status wn_npy_expect(wn_npy *npy, wn_npy_type type, int rank, const char *where, wn_error *error);

#endif
