/* SPDX-License-Identifier: MIT
 * format.h - the formats of model files, one row each.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_FORMAT_H
#define WN_FORMAT_FORMAT_H

#include "model/model.h"

/* To add a format, define its row in a file of its own and list it in format.c. Loading, saving, `convert` and the search
 * for models iterate over the list. */

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

/* The i-th format, or NULL beyond the last. */
const wn_format *wn_format_at(int i);

/* Whether a file's name is that of a model, whatever its format. */
bool wn_format_is_model_name(const char *name);

/* As wn_model_load, also from a format with a sidecar: at the path `sidecar`, or, where that is NULL, beside the file. */
wn_status wn_format_import(wn_model **out, const char *path, const char *sidecar, wn_error *error);

#endif
