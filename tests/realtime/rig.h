/* SPDX-License-Identifier: MIT
 * rig.h - everything of the engine that real-time code may touch, made beforehand from drawn models, and played.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TESTS_RIG_H
#define WN_TESTS_RIG_H

#include "../engine/drawn.h"
#include "engine/plan.h"

enum { FRAMES = 300, MOST_VOICES = 2, RIGS = 64 };

typedef struct rig {
    int voices; /* one: blocks of narrow effects lie in planes */
    wn_model *m;
    wn_plan *plan;
    wn_stream *stream;
    wn_conditioner *conditioner;
    wn_sampler *sampler;
    wn_generator *generator; /* NULL for effects */
    drawn_signal *signal;    /* voices * FRAMES long */
    float *out, *rows, *held, *features, *noise;
    wn_model *mono, *cabinet;        /* what the chain plays: the second is computed in partitions */
    wn_processor *processor, *chain; /* of `m`; of `mono` and the cabinet, on two channels at another rate */
    float *sound;                    /* what the chain takes and gives */
} rig;

/* Rig `index` of RIGS. A failure ends the program. */
rig rig_new(int index);
void rig_free(rig *r);

/* Every WN_REALTIME function of the engine, over several lengths of every ring. */
void rig_play(rig *r);

#endif
