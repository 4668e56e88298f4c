/* SPDX-License-Identifier: MIT
 * analysing.c - analyses of live sound, as an audio thread runs them.
 * Copyright (c) 2026 the wavenet authors */
#include "analysing.h"

#include <stdlib.h>

static const wn_analysis_config configs[ANALYSINGS] = {
    {.sample_rate = 16000,
     .hop = 80,
     .window = 400,
     .fft = 512,
     .center = 40,
     .bands = 40,
     .low = 60,
     .high = 7600,
     .power = 2,
     .reference = 100,
     .floor = 1e-10,
     .pitch = {60, 400, 130}},
    {.sample_rate = 22050,
     .hop = 256,
     .window = 1000,
     .fft = 1000,
     .bands = 80,
     .low = 125,
     .high = 7600,
     .scale = WN_MEL_SLANEY,
     .norm = WN_MEL_AREA,
     .power = 1,
     .reference = 1,
     .floor = 1e-10,
     .log = WN_LOG_LOG10,
     .edge = WN_EDGE_REFLECT},
};

analysing *analysing_new(int i)
{
    analysing *a = calloc(1, sizeof *a);
    if (!a || wn_analysis_new(&a->analysis, &configs[i], NULL)) {
        free(a);
        return NULL;
    }
    int most = wn_analysis_get_capacity(a->analysis, ANALYSING_FRAMES) + wn_analysis_get_capacity(a->analysis, 0);
    a->in = calloc(ANALYSING_FRAMES, sizeof *a->in);
    a->rows = calloc((size_t)most * (size_t)wn_analysis_config_get_channels(&configs[i]), sizeof *a->rows);
    if (!a->in || !a->rows) abort();
    for (int t = 0; t < ANALYSING_FRAMES; t++) a->in[t] = t % 127 ? 0.001f * (float)(t * 31 % 17) : 0.5f;
    return a;
}

void analysing_play(analysing *a)
{
    for (int t = 0, block = 1; t < ANALYSING_FRAMES; t += block) {
        block = t * 7 % 500 + 1;
        if (block > ANALYSING_FRAMES - t) block = ANALYSING_FRAMES - t;
        a->made += wn_analysis_run(a->analysis, a->in + t, block, a->rows);
    }
    a->made += wn_analysis_finish(a->analysis, a->rows);
    wn_analysis_reset(a->analysis);
}

void analysing_free(analysing *a)
{
    wn_analysis_free(a->analysis);
    free(a->in);
    free(a->rows);
    free(a);
}
