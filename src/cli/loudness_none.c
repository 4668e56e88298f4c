/* SPDX-License-Identifier: MIT
 * loudness_none.c - the loudness of a capture in a build without the trainer, which measures it.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>

#include "cli/loudness.h"

wn_status wn_cli_measure_loudness(double *loudness, const wn_model *model, wn_error *error)
{
    (void)model, (void)error;
    *loudness = (double)NAN;
    return WN_OK;
}
