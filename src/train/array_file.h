/* SPDX-License-Identifier: MIT
 * array_file.h - rows of values and class labels of a clip, from .npy files.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_ARRAY_FILE_H
#define WN_TRAIN_ARRAY_FILE_H

#include "base/error.h"

/* The target of a network with a delay is as much older than its input. Arrays are padded where one of them ends before the
 * other: copies of the first row stand `before` the file's rows, copies of the last row `after` them. */
typedef struct wn_padding {
    int before, after; /* rows */
} wn_padding;

/* Read float32 or float64 [rows][channels], or [rows] for one channel, all finite and at least one row. *out
 * [before + rows + after][channels] is to be freed. *rows: those of the file. */
wn_status wn_array_file_read_values(float **out, int64_t *rows, const char *path, int channels, wn_padding padding,
                                    wn_error *error);

/* Read integers [rows], each a class 0 .. classes - 1. *out [before + rows + after] is to be freed. */
wn_status wn_array_file_read_labels(int **out, int64_t *rows, const char *path, int classes, wn_padding padding,
                                    wn_error *error);

/* Pad x [rows][size / sizeof *x] of rows of `size` bytes. NULL if memory fails. x is freed in any case. */
void *wn_padding_add(wn_padding padding, void *x, int64_t rows, size_t size);

#endif
