/* SPDX-License-Identifier: MIT
 * analysis_none.c - the functions of analysis.c where the build has no kissfft.
 * Copyright (c) 2026 the wavenet authors */
#include "base/error.h"
#include "kinds/analysis.h"

int wn_analysis_config_get_channels(const wn_analysis_config *config) { return wn_analysis_channels(config); }

wn_status wn_analysis_new(wn_analysis **out, const wn_analysis_config *config, wn_error *error)
{
    *out = NULL;
    return wn_fail(error, WN_ERROR_UNSUPPORTED, NULL, "this build cannot analyse sound; it was made without kissfft");
}

void wn_analysis_free(wn_analysis *analysis) {}
int wn_analysis_get_latency(const wn_analysis *analysis) { return 0; }
int wn_analysis_get_capacity(const wn_analysis *analysis, int frames) { return 0; }
int wn_analysis_run(wn_analysis *analysis, const float *in, int frames, float *rows) { return 0; }
int wn_analysis_finish(wn_analysis *analysis, float *rows) { return 0; }
void wn_analysis_reset(wn_analysis *analysis) {}
