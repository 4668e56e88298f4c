/* SPDX-License-Identifier: MIT
 * format_row.h - a format of model files, as a row of the list.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_FORMAT_ROW_H
#define WN_FORMAT_FORMAT_ROW_H

#include "model/model.h"

/* A file in memory. */
typedef struct wn_format_source {
    const void *data;
    size_t size;
    const char *name;    /* in messages */
    double slim;         /* of wn_model_load_slim; 1: the whole network */
    const void *sidecar; /* the second file of a format that has one */
    size_t sidecar_size;
    const char *sidecar_name; /* in messages */
} wn_format_source;

typedef struct wn_format {
    const char *name;    /* "an amp capture (.nam)", for a message */
    const char *ending;  /* of file names, ".nam"; NULL: a folder's model is never one of these */
    size_t max_size;     /* bytes of a file that is read at all */
    const char *refusal; /* why files of this format are not read; NULL: they are */
    bool can_slim;       /* `slim` below 1 means something */
    const char *sidecar; /* usual name of a second file that reading needs; NULL: one file is enough */
    size_t max_sidecar;  /* bytes */

    /* Whether a file that begins with these bytes is one. A format with a sidecar is asked about whole files. */
    bool (*detect)(const void *data, size_t size);

    /* The model in a file; *out is NULL on failure. */
    wn_status (*read)(wn_model **out, const wn_format_source *source, wn_error *error);

    /* Write a file, complete or not at all; NULL: this format is only read. */
    wn_status (*write)(const wn_model *model, const char *path, wn_error *error);
} wn_format;

#endif
