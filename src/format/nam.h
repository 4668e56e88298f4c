/* SPDX-License-Identifier: MIT
 * nam.h - amp captures: the .nam file of Neural Amp Modeler, read.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_NAM_H
#define WN_FORMAT_NAM_H

#include "format/format_row.h"

extern const wn_format wn_format_nam;

/* The network in a file, `slim` of it (wn_model_load_slim); slim = 1: the whole. */
wn_status wn_nam_read(wn_model **out, const void *data, size_t size, const char *name, double slim, wn_error *error);

#endif
