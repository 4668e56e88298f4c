/* SPDX-License-Identifier: MIT
 * npy_write.c - writing .npy files, whole or row by row.
 * Copyright (c) 2026 the wavenet authors */
#include "format/npy_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

/* Room for any shape of WN_NPY_MAX_RANK sizes, and a multiple of 64, so that the data are aligned and a header written
 * again with larger sizes has the same length. */
enum { HEADER = 192 };

static void make_header(char header[HEADER], wn_npy_type type, int rank, const int64_t *shape)
{
    char sizes[96] = "";
    for (int i = 0, n = 0; i < rank; i++)
        n += snprintf(sizes + n, sizeof sizes - (size_t)n, "%lld%s", (long long)shape[i],
                      i + 1 < rank ? ", "
                      : rank == 1  ? ","
                                   : "");
    memset(header, ' ', HEADER);
    memcpy(header, "\x93NUMPY\x01\x00", 8);
    header[8] = (char)(HEADER - 10);
    header[9] = 0;
    char text[HEADER - 10];
    int n = snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }",
                     type == WN_NPY_FLOAT32 ? "<f4" : "<i4", sizes);
    memcpy(header + 10, text, (size_t)n);
    header[HEADER - 1] = '\n';
}

wn_status wn_npy_write(const char *path, wn_npy_type type, int rank, const int64_t *shape, const void *data,
                       wn_error *error)
{
    char header[HEADER];
    size_t count = 1;
    for (int i = 0; i < rank; i++) count *= (size_t)shape[i];
    make_header(header, type, rank, shape);
    wn_writer *w;
    wn_status status = wn_writer_open(&w, path, error);
    if (status) return status;
    status = wn_writer_write(w, header, HEADER, error);
    if (!status) status = wn_writer_write(w, data, count * 4, error);
    if (!status) return wn_writer_commit(w, error);
    wn_writer_abort(w);
    return status;
}

struct wn_npy_writer {
    wn_writer *file;
    wn_npy_type type;
    int64_t columns, rows;
};

void wn_npy_writer_abort(wn_npy_writer *w)
{
    if (!w) return;
    wn_writer_abort(w->file);
    free(w);
}

static void writer_header(const wn_npy_writer *w, char header[HEADER])
{
    make_header(header, w->type, w->columns ? 2 : 1, (int64_t[]){w->rows, w->columns});
}

wn_status wn_npy_writer_open(wn_npy_writer **out, const char *path, wn_npy_type type, int64_t columns, wn_error *error)
{
    *out = NULL;
    wn_npy_writer *w = calloc(1, sizeof *w);
    if (!w) return wn_fail_memory(error, path);
    w->type = type;
    w->columns = columns;
    char header[HEADER];
    writer_header(w, header);
    wn_status status = wn_writer_open(&w->file, path, error);
    if (!status) status = wn_writer_write(w->file, header, HEADER, error);
    if (status)
        wn_npy_writer_abort(w);
    else
        *out = w;
    return status;
}

wn_status wn_npy_writer_append(wn_npy_writer *w, const void *rows, int64_t n, wn_error *error)
{
    w->rows += n;
    return wn_writer_write(w->file, rows, (size_t)n * (size_t)(w->columns ? w->columns : 1) * 4, error);
}

wn_status wn_npy_writer_commit(wn_npy_writer *w, wn_error *error)
{
    char header[HEADER];
    writer_header(w, header);
    wn_status status = wn_writer_patch(w->file, header, HEADER, error);
    if (!status) {
        status = wn_writer_commit(w->file, error);
        w->file = NULL;
    }
    wn_npy_writer_abort(w);
    return status;
}
