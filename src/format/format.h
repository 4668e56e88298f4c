/* SPDX-License-Identifier: MIT
 * format.h - the formats of model files, one row each.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_FORMAT_H
#define WN_FORMAT_FORMAT_H

#include "format/format_row.h"

/* To add a format, define its row in a file of its own and list it in format.c. Loading, saving, `convert` and the search
 * for models iterate over the list. */

/* The i-th format, or NULL beyond the last. */
const wn_format *wn_format_at(int i);

/* Whether a file's name is that of a model, whatever its format. */
bool wn_format_is_model_name(const char *name);

/* As wn_model_load, also from a format with a sidecar: at the path `sidecar`, or, where that is NULL, beside the file. */
wn_status wn_format_import(wn_model **out, const char *path, const char *sidecar, wn_error *error);

#endif
