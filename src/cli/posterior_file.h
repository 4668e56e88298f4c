/* SPDX-License-Identifier: MIT
 * posterior_file.h - where the posteriors of classes go: an array, a table, or standard output.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_POSTERIOR_FILE_H
#define WN_CLI_POSTERIOR_FILE_H

#include "base/file.h"
#include "format/npy_write.h"

/* Successive rows whose likeliest class is the same. */
typedef struct wn_class_run {
    int class;
    int64_t first;
    double sum; /* of its probabilities */
} wn_class_run;

typedef struct wn_posterior_file {
    const wn_model *model;
    int n;                /* classes */
    double rate;          /* rows per second; 0 = unknown, and rows are counted */
    wn_npy_writer *array; /* one of the two, or standard output */
    wn_writer *table;
    bool best; /* runs of the likeliest class instead of rows */
    wn_class_run run;
    int64_t rows; /* so far */
} wn_posterior_file;

/* Open by name: .npy is an array, float32 [rows][classes]; .csv a table; NULL and "-" are a table on standard output. Call
 * wn_posterior_file_close afterwards, also after a failure. */
wn_status wn_posterior_file_open(wn_posterior_file *file, const char *path, const wn_model *model, bool best,
                                 wn_error *error);
wn_status wn_posterior_file_add(wn_posterior_file *file, const float *posteriors, wn_error *error);

/* Give the file its name. */
wn_status wn_posterior_file_finish(wn_posterior_file *file, wn_error *error);

/* Throw away what was not finished. */
void wn_posterior_file_close(wn_posterior_file *file);

#endif
