/* SPDX-License-Identifier: MIT
 * loudness.h - the loudness that a capture's file states.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_LOUDNESS_H
#define WN_CLI_LOUDNESS_H

#include "base/error.h"
#include "wavenet/wavenet.h"

/* Measure a feed-forward model of one channel in dB; NaN in a build without the trainer, and where the output is silent. */
wn_status wn_cli_measure_loudness(double *loudness, const wn_model *model, wn_error *error);

#endif
