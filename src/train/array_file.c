/* SPDX-License-Identifier: MIT
 * array_file.c - rows of values and class labels of a clip, from .npy files.
 * Copyright (c) 2026 the wavenet authors */
#include "train/array_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "format/npy.h"

void *wn_padding_add(wn_padding padding, void *x, int64_t rows, size_t size)
{
    size_t n = (size_t)rows, all = n + (size_t)padding.before + (size_t)padding.after;
    char *out = all <= SIZE_MAX / size ? realloc(x, all * size) : NULL, *last;
    if (!out) {
        free(x);
        return NULL;
    }
    memmove(out + (size_t)padding.before * size, out, n * size);
    last = out + ((size_t)padding.before + n - 1) * size;
    for (int i = 0; i < padding.before; i++) memcpy(out + (size_t)i * size, out + (size_t)padding.before * size, size);
    for (int i = 1; i <= padding.after; i++) memcpy(last + (size_t)i * size, last, size);
    return out;
}

static wn_status check_values(const wn_npy *npy, int channels, const char *path, wn_error *error)
{
    if (npy->rank == 2 && npy->shape[1] != channels)
        return wn_fail(error, WN_ERROR_FORMAT, path, "has %lld channels, expected %d", (long long)npy->shape[1],
                       channels);
    if (!npy->count) return wn_fail(error, WN_ERROR_FORMAT, path, "holds no rows");
    for (int64_t i = 0; i < npy->count; i++)
        if (!isfinite(npy->floats[i]))
            return wn_fail(error, WN_ERROR_FORMAT, path, "row %lld holds a value that is not finite",
                           (long long)(i / channels));
    return WN_OK;
}

static wn_status check_labels(const wn_npy *npy, int classes, const char *path, wn_error *error)
{
    if (!npy->count) return wn_fail(error, WN_ERROR_FORMAT, path, "holds no labels");
    for (int64_t i = 0; i < npy->count; i++)
        if (npy->ints[i] < 0 || npy->ints[i] >= classes)
            return wn_fail(error, WN_ERROR_FORMAT, path, "row %lld is class %d, expected 0 to %d", (long long)i,
                           (int)npy->ints[i], classes - 1);
    return WN_OK;
}

/* The array `*data` of the file leaves it, padded. */
static wn_status take_rows(void **data, void **out, int64_t rows, size_t size, wn_padding padding, wn_error *error)
{
    *out = wn_padding_add(padding, *data, rows, size);
    *data = NULL;
    return *out ? WN_OK : wn_fail_memory(error, NULL);
}

wn_status wn_array_file_read_values(float **out, int64_t *rows, const char *path, int channels, wn_padding padding,
                                    wn_error *error)
{
    wn_npy npy = {0};
    void *data = NULL, *padded = NULL;
    wn_status status = wn_npy_read(&npy, path, error);
    if (!status) status = wn_npy_expect(&npy, WN_NPY_FLOAT32, channels == 1 && npy.rank == 1 ? 1 : 2, path, error);
    if (!status) status = check_values(&npy, channels, path, error);
    if (!status) {
        *rows = npy.shape[0];
        data = npy.floats;
        npy.floats = NULL;
        status = take_rows(&data, &padded, *rows, (size_t)channels * sizeof(float), padding, error);
    }
    *out = padded;
    wn_npy_free(&npy);
    return status;
}

wn_status wn_array_file_read_labels(int **out, int64_t *rows, const char *path, int classes, wn_padding padding,
                                    wn_error *error)
{
    wn_npy npy = {0};
    void *data = NULL, *padded = NULL;
    wn_status status = wn_npy_read(&npy, path, error);
    if (!status) status = wn_npy_expect(&npy, WN_NPY_INT32, 1, path, error);
    if (!status) status = check_labels(&npy, classes, path, error);
    if (!status) {
        *rows = npy.shape[0];
        data = npy.ints;
        npy.ints = NULL;
        status = take_rows(&data, &padded, *rows, sizeof(int), padding, error);
    }
    *out = padded;
    wn_npy_free(&npy);
    return status;
}
