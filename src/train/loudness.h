/* SPDX-License-Identifier: MIT
 * loudness.h - how loud a capture is, and how much its level follows its input.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_LOUDNESS_H
#define WN_TRAIN_LOUDNESS_H

#include "wavenet/wavenet.h"

/* Measure a feed-forward model with one input and one output channel. loudness: dB of full scale, RMS, of its output for
 * one second of pink noise at -15 dB. gain, 0 .. 1: where the sum of its output's RMS for that noise at 0, 0.1 .. 1 times
 * its level stands between that of a linear amplifier (0) and of one whose level does not follow (1). `loudness` is NAN
 * where the output is silent. */
wn_status wn_loudness_measure(double *loudness, double *gain, const wn_model *model, wn_error *error);

#endif
