/* SPDX-License-Identifier: MIT
 * stage.h - the condition stages: one row per kind, and the geometry that engine, trainer and checks share.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_MODEL_STAGE_H
#define WN_MODEL_STAGE_H

#include "model/model.h"

/* The parts of wn_stage that a kind uses; keys, checks, tensors and cost follow from them. */
enum {
    WN_STAGE_HAS_FACTOR = 1,     /* output frames per input frame */
    WN_STAGE_HAS_LINEAR = 2,     /* interpolation */
    WN_STAGE_HAS_CONV = 4,       /* conv: weight [out][in][kernel] */
    WN_STAGE_HAS_TRANSPOSED = 8, /* conv: weight [in][out][kernel] */
    WN_STAGE_HAS_KERNEL_2D = 16, /* kernel [height][width] over (channel, frame), width == factor where there is one */
    WN_STAGE_HAS_TRIM = 32,      /* frames dropped */
    WN_STAGE_HAS_ACT = 64
};

/* One product of a stage that slides a 2-D kernel: output (channel, t) takes kernel element `weight` times input
 * (channel, t) below. */
typedef struct wn_stage_term {
    int weight, channel;
    int64_t t;
} wn_stage_term;

typedef struct wn_stage_type {
    const char *name; /* in config files */
    unsigned parts;   /* WN_STAGE_HAS_... */

    /* Frames that come of n; may be negative where context leaves nothing. */
    int64_t (*length)(const wn_stage *stage, int64_t n);
    /* Input frames [*lo, *hi) of output frames [*lo, *hi), before clipping to the frames there are. */
    void (*needed)(const wn_stage *stage, int64_t *lo, int64_t *hi);
    /* Upper bound of the input frames that n output frames need. */
    int64_t (*max_needed)(const wn_stage *stage, int64_t n);

    /* HAS_KERNEL_2D: the products of one output, in the order of the sum: term i of output (channel, t). The engine and
     * the trainer both loop over them. */
    int (*terms)(const wn_stage *stage);
    wn_stage_term (*term)(const wn_stage *stage, int channel, int64_t t, int i);

    /* One line for a reader: what it does to rows of `width` channels. */
    void (*describe)(const wn_stage *stage, int width, char *text, size_t size);
} wn_stage_type;

extern const wn_stage_type wn_stage_types[WN_STAGE_COUNT];

static inline bool wn_stage_has(const wn_stage *stage, unsigned parts)
{
    return (wn_stage_types[stage->kind].parts & parts) != 0;
}

int wn_stage_rate(const wn_stage *stage);                   /* frames out per frame in */
int wn_stage_channels(const wn_stage *stage, int channels); /* width after it */
int64_t wn_stage_length(const wn_stage *stage, int64_t n);  /* frames that come of n, at least 0 */

/* The input frames [*lo, *hi), of n, that output frames [*lo, *hi) depend on. */
void wn_stage_needed(const wn_stage *stage, int64_t n, int64_t *lo, int64_t *hi);
int64_t wn_stage_max_needed(const wn_stage *stage, int64_t n);

/* Whether an output frame depends on other input frames than its own. */
bool wn_stage_needs_neighbours(const wn_stage *stage);

/* Frames that come of `rows` after all stages of a condition; 0 where context leaves nothing. */
int64_t wn_condition_length(const wn_condition *condition, int64_t rows);

/* Frames the stages of a condition consume in all. */
int wn_condition_context(const wn_condition *condition);

#endif
