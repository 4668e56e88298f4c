/* SPDX-License-Identifier: MIT
 * nam.h - amp captures: the .nam file of Neural Amp Modeler, read and written.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_NAM_H
#define WN_FORMAT_NAM_H

#include "format/format_row.h"

/* What a file may ask for before anything of it is parsed. */
enum {
    WN_NAM_MAX_FILE = 1 << 23,   /* bytes: ten times the largest capture in use */
    WN_NAM_MAX_TREE = 36 << 20,  /* bytes of memory that its values would take once parsed */
};

/* An upper estimate of that. */
size_t wn_nam_tree(const char *text, size_t size);

extern const wn_format wn_format_nam;

/* The network in a file, `slim` of it (wn_model_load_slim); slim = 1: the whole. */
wn_status wn_nam_read(wn_model **out, const void *data, size_t size, const char *name, double slim, wn_error *error);

/* `model` as version 0.7.0, a new string; WN_ERROR_UNSUPPORTED if it does not fit the format. path: named in messages. */
wn_status wn_nam_text(char **out, const wn_model *model, const char *path, wn_error *error);

/* Write that to a file, complete or not at all. */
wn_status wn_nam_write(const wn_model *model, const char *path, wn_error *error);

#endif
