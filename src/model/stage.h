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

/* Rows [lo, hi) of a sequence of `total` rows, `channels` wide. */
typedef struct wn_stage_rows {
    const float *data; /* row lo */
    int64_t lo, hi, total;
    int channels;
} wn_stage_rows;

/* One product of a stage: an output takes factor * weight * the input (channel, t) below. */
typedef struct wn_stage_term {
    int weight; /* element of the stage's weights, in the order of the tensor in a file; -1: none */
    int channel;
    int64_t t; /* where the input has no such channel or frame, the product is left out */
    double factor;
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

    /* Every stage is linear: an output is a bias and a sum of products. Their number, and product i of output
     * (channel, t) of an input of `total` frames, in the order of the sum. Engine and trainer loop over them where they
     * have no faster loops. */
    int (*terms)(const wn_stage *stage);
    wn_stage_term (*term)(const wn_stage *stage, int64_t total, int channel, int64_t t, int i);

    /* The same sums, faster: output frame t, before the activation. NULL: the sum of the terms will do. */
    void (*run)(const wn_stage *stage, const wn_stage_rows *x, int64_t t, float *y);

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

/* Output frame t of the stage, before the activation, to y [wn_stage_channels]. x holds the input frames it needs. */
void wn_stage_run(const wn_stage *stage, const wn_stage_rows *x, int64_t t, float *y);

/* The same by the terms alone. */
void wn_stage_run_terms(const wn_stage *stage, const wn_stage_rows *x, int64_t t, float *y);

/* Whether an output frame depends on other input frames than its own. */
bool wn_stage_needs_neighbours(const wn_stage *stage);

/* Frames that come of `rows` after all stages of a condition; 0 where context leaves nothing. */
int64_t wn_condition_length(const wn_condition *condition, int64_t rows);

/* Frames the stages of a condition consume in all. */
int wn_condition_context(const wn_condition *condition);

#endif
