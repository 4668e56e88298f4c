/* SPDX-License-Identifier: MIT
 * capture_level.h - gains that follow from the levels that a capture's file states.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLAY_CAPTURE_LEVEL_H
#define WN_PLAY_CAPTURE_LEVEL_H

#include <math.h>

#include "wavenet/wavenet.h"

#define WN_CAPTURE_RATE 48000.0    /* Hz, for models that name none: nearly all captures are made at it */
#define WN_NORMAL_LOUDNESS (-18.0) /* dB, where players put captures */

/* Gain in dB behind the model that brings its output to the normal loudness; NaN where the file states none. */
static inline double wn_capture_normalizing_gain(const wn_model_info *info)
{
    return WN_NORMAL_LOUDNESS - info->loudness;
}

/* Gain in dB before the model, for an interface whose input reaches full scale at `dbu`; NaN where the file states no level. */
static inline double wn_capture_input_gain(const wn_model_info *info, double dbu)
{
    return dbu - info->input_level_dbu;
}

/* Gain in dB behind the model, for an interface whose output gives `dbu` at full scale; NaN likewise. */
static inline double wn_capture_output_gain(const wn_model_info *info, double dbu)
{
    return info->output_level_dbu - dbu;
}

#endif
