/* SPDX-License-Identifier: MIT
 * safetensors.h - the container of tensors: an 8-byte length, a JSON header, the data.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_SAFETENSORS_H
#define WN_FORMAT_SAFETENSORS_H

#include <jansson.h>

#include "model/model.h"

enum { WN_TENSOR_MAX_RANK = 8, WN_SAFETENSORS_MAX_HEADER = 1 << 25 };

/* Largest file that is read at all: every parameter as float64, and the header. */
#define WN_SAFETENSORS_MAX_FILE ((size_t)WN_MAX_PARAMETERS * 8 + WN_SAFETENSORS_MAX_HEADER + 8)

typedef enum wn_dtype { WN_F32, WN_F16, WN_BF16, WN_F64, WN_DTYPE_OTHER } wn_dtype;

typedef struct wn_tensor {
    const char *name;       /* of the header */
    const char *dtype_name; /* "F32" */
    wn_dtype dtype;
    int rank;
    int64_t shape[WN_TENSOR_MAX_RANK];
    int64_t count;     /* elements */
    size_t begin, end; /* bytes within the data */
    const uint8_t *data;
    bool used; /* for readers that want to know what was left over */
} wn_tensor;

/* A parsed file. Borrows its bytes. */
typedef struct wn_safetensors {
    const char *name; /* in messages */
    json_t *header;
    size_t n;
    wn_tensor *tensors; /* [n], sorted by name */
} wn_safetensors;

/* Whether the bytes begin as a safetensors file does. */
bool wn_safetensors_detect(const void *data, size_t size);

/* Parse and check everything: sizes, types, shapes, and that the tensors fill the data without hole or overlap.
 * wn_safetensors_free afterwards, also after a failure. */
wn_status wn_safetensors_parse(wn_safetensors *out, const void *data, size_t size, const char *name, wn_error *error);
void wn_safetensors_free(wn_safetensors *file);

/* Put the tensors in order again after their names have changed. */
void wn_safetensors_sort(wn_safetensors *file);

/* The tensor called `name`, or NULL. */
wn_tensor *wn_safetensors_find(const wn_safetensors *file, const char *name);

/* A text of __metadata__, or NULL. */
const char *wn_safetensors_metadata(const wn_safetensors *file, const char *key);

/* WN_OK if the shape is this one; else an error with both shapes, ended by `by`: " from ...", or "". */
wn_status wn_tensor_expect(const wn_safetensors *file, const wn_tensor *tensor, int rank, const int64_t *shape,
                           const char *by, wn_error *error);

/* Copy the elements to out [count] as floats, from any of the float types. Other types are refused. */
wn_status wn_tensor_floats(const wn_safetensors *file, const wn_tensor *tensor, float *out, wn_error *error);
wn_status wn_tensor_doubles(const wn_safetensors *file, const wn_tensor *tensor, double *out, wn_error *error);

#endif
