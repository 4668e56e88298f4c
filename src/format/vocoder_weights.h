/* SPDX-License-Identifier: MIT
 * vocoder_weights.h - hyper-parameters and weights of wavenet_vocoder checkpoints.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_VOCODER_WEIGHTS_H
#define WN_FORMAT_VOCODER_WEIGHTS_H

#include "format/vocoder_reader.h"

/* A positive whole number that the hyper-parameters must have. */
int wn_import_need(wn_vocoder_reader *x, const char *key, int max);
void wn_import_memory(wn_vocoder_reader *x); /* record that memory failed */

/* A tensor [rank] at NAME.weight, or NAME.weight_g and .weight_v with the norm folded in, to dst. The format makes NAME. */
void wn_import_weight(wn_vocoder_reader *x, float *dst, int rank, const int64_t *shape, const char *name);
/* NAME.weight and, with a bias, NAME.bias. */
void wn_import_conv(wn_vocoder_reader *x, wn_conv *conv, int in, int out, int kernel, int dilation, bool bias,
                    const char *format, ...) __attribute__((format(printf, 8, 9)));
/* Adds the bias called by the format, if the file has it, to that of `conv`. */
void wn_import_bias_into(wn_vocoder_reader *x, wn_conv *conv, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
