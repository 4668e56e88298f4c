/* SPDX-License-Identifier: MIT
 * drawn.h - models drawn at random over everything a description may say, and signals to run them on.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TESTS_DRAWN_H
#define WN_TESTS_DRAWN_H

#include "chance.h"
#include "model/model.h"
#include "reference.h"

/* What a model must have; 0 leaves it to chance. */
typedef struct drawn_request {
    bool autoregressive;  /* something a generator can run */
    int classes;          /* 1: one-hot input, -1: PCM */
    int output;           /* wn_output_kind + 1 */
    int source;           /* wn_condition_source + 1 */
    int held;             /* 1: a held condition, -1: none */
    int film;             /* place + 1: FiLM there in every layer that can; -1: none */
    int act;              /* wn_act_kind + 1 of every layer */
    int gating;           /* wn_gating + 1 */
    int width;            /* of everything */
    int kernel, dilation; /* of every layer's conv */
    int plain;            /* 1: plain conv nets, -1: none */
    int stacks;
    int nested;   /* 1: a nested model makes the condition */
    bool capture; /* layers as most captures have them: mixin, residual, no skip 1x1, no factors, no groups */
} drawn_request;

/* A finished model; aborts with a message where the description is refused, which is a bug of the test. */
wn_model *drawn_model(chance *c, const drawn_request *request);

/* The least network there is, one 1x1 from PCM to PCM, still to be finished: something to hang a condition on. */
wn_model *drawn_bare(chance *c);

/* A finished model that turns one channel of sound into one, hears nothing else and holds nothing. */
wn_model *drawn_mono(chance *c);

/* wn_model_finish that aborts with a message. */
void drawn_finish(wn_model *model);

/* A conv with random weights, of unit gain or so. */
void drawn_conv(chance *c, wn_arena *arena, wn_conv *conv, int in, int out, int kernel, int dilation, int groups,
                bool bias);
wn_act drawn_act(chance *c, wn_arena *arena, int kind, int channels);
float *drawn_floats(chance *c, wn_arena *arena, int n, double scale);

/* A signal of one voice with everything the model takes; the held vector changes `HOLDS` times. */
enum { DRAWN_HOLDS = 3 };
typedef struct drawn_signal {
    int frames;
    float *pcm;              /* [frames][input channels] */
    int32_t *classes;        /* [frames] */
    float *local;            /* [frames][local channels] */
    float *held;             /* [frames][held channels] */
    int change[DRAWN_HOLDS]; /* frames at which the held vector is new, ascending; the first is 0 */
} drawn_signal;

drawn_signal *drawn_signal_new(chance *c, const wn_model *model, int frames);
void drawn_signal_free(drawn_signal *signal);
ref_input drawn_ref(const drawn_signal *signal);

#endif
