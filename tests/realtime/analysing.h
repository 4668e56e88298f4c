/* SPDX-License-Identifier: MIT
 * analysing.h - analyses of live sound, as an audio thread runs them.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TESTS_ANALYSING_H
#define WN_TESTS_ANALYSING_H

#include "wavenet/wavenet.h"

enum { ANALYSINGS = 2, ANALYSING_FRAMES = 16000 };

typedef struct analysing {
    wn_analysis *analysis;
    float *in;   /* [ANALYSING_FRAMES] */
    float *rows; /* room for what comes of any block */
    int made;
} analysing;

/* Number i: with pitch, or mel bands with reflected edges. NULL if this build has no analysis. */
analysing *analysing_new(int i);
void analysing_play(analysing *a); /* all frames in blocks of several lengths, the end, and a reset */
void analysing_free(analysing *a);

#endif
