/* SPDX-License-Identifier: MIT
 * loudness.c - the loudness that a capture's file states.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/loudness.h"

#include "train/loudness.h"

wn_status wn_cli_measure_loudness(double *loudness, const wn_model *model, wn_error *error)
{
    double gain;
    return wn_loudness_measure(loudness, &gain, model, error);
}
