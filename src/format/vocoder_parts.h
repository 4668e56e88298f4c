/* SPDX-License-Identifier: MIT
 * vocoder_parts.h - shared by the files that import wavenet_vocoder checkpoints.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_VOCODER_PARTS_H
#define WN_FORMAT_VOCODER_PARTS_H

#include "format/json.h"
#include "format/safetensors.h"

/* An import in progress. The first failure stays in r.status, and everything after it does nothing. */
struct import {
    wn_json r; /* reads the hyper-parameters */
    wn_safetensors *file;
    const json_t *hparams;
    wn_model *model;
    bool line_2018;
};

/* A positive whole number that the hyper-parameters must have. */
int wn_import_need(struct import *x, const char *key, int max);
void wn_import_memory(struct import *x); /* record that memory failed */

/* A tensor [rank] at NAME.weight, or NAME.weight_g and .weight_v with the norm folded in, to dst. The format makes NAME. */
void wn_import_weight(struct import *x, float *dst, int rank, const int64_t *shape, const char *name);
/* NAME.weight and, with a bias, NAME.bias. */
void wn_import_conv(struct import *x, wn_conv *conv, int in, int out, int kernel, int dilation, bool bias,
                    const char *format, ...) __attribute__((format(printf, 8, 9)));
/* Adds the bias called by the format, if the file has it, to that of `conv`. */
void wn_import_bias_into(struct import *x, wn_conv *conv, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* vocoder_condition.c: local features and upsampling, speakers. Widths are known after it. */
void wn_import_condition(struct import *x);

#endif
