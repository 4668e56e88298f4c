/* SPDX-License-Identifier: MIT
 * npy_write.h - numpy's .npy files, written: whole, or as rows come.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_NPY_WRITE_H
#define WN_FORMAT_NPY_WRITE_H

#include "format/npy.h"

/* Write a whole array. The file appears complete or not at all. */
wn_status wn_npy_write(const char *path, wn_npy_type type, int rank, const int64_t *shape, const void *data,
                       wn_error *error);

/* Write rows as they come: [rows][columns], or [rows] with columns 0. The header is completed by commit, which also
 * frees the writer; abort leaves no file. */
typedef struct wn_npy_writer wn_npy_writer;

wn_status wn_npy_writer_open(wn_npy_writer **out, const char *path, wn_npy_type type, int64_t columns, wn_error *error);
wn_status wn_npy_writer_append(wn_npy_writer *writer, const void *rows, int64_t n, wn_error *error);
wn_status wn_npy_writer_commit(wn_npy_writer *writer, wn_error *error);
void wn_npy_writer_abort(wn_npy_writer *writer);

#endif
