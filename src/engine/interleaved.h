/* SPDX-License-Identifier: MIT
 * interleaved.h - the interleaved executor's compiled record, for its own files: steps, lookahead and parallel frames.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_INTERLEAVED_H
#define WN_ENGINE_INTERLEAVED_H

#include "engine/held.h"

/* The value that the sums of a convolution start from. */
typedef enum wn_init {
    WN_INIT_BIAS,  /* a bias, or zero */
    WN_INIT_ROWS,  /* rows of a buffer */
    WN_INIT_AHEAD, /* rows of a buffer that was filled for several frames */
    WN_INIT_HELD   /* one row per voice, the same for all frames */
} wn_init;

/* Past taps multiplied for several frames at once. */
typedef struct wn_lookahead {
    int frames;    /* at once; 0: with every frame */
    int first;     /* frames for which a stream at its beginning has them: apart from layer to layer */
    size_t offset; /* floats from the stream's memory to their products: [taps - 1][frames][voices][out] */
} wn_lookahead;

/* A CONV or EMBED. */
typedef struct wn_conv_step {
    int in, out, taps, groups; /* in, out over all groups */
    wn_weights weights;        /* CONV: [groups][taps] */
    const float *columns;      /* EMBED: [taps][in][out] */
    wn_init init;
    const float *bias;       /* [out] or NULL */
    wn_place add;            /* INIT_ROWS, INIT_AHEAD: the rows; INIT_HELD: add.row */
    const int *delays;       /* [taps] oldest first */
    const wn_tap_ring *ring; /* NULL: no tap looks back */
    wn_lookahead ahead;
    const int *sources; /* [taps] buffers, of products of several values summed in one; NULL: all taps are of src */
} wn_conv_step;

typedef struct wn_step {
    wn_op_kind kind;
    int op, n_ops;        /* the first operation that it does, and how many: those of a stack are alike */
    int layer;            /* of the model; -1: outside */
    int src, dst, second; /* buffers; second: FILM, and what an ADD adds to */
    int channels;         /* of dst */
    bool shift;           /* FILM */
    bool early;           /* needs the local condition alone: runs for WN_FRAMES_AHEAD frames, if those are known */
    float scale;
    wn_fn_param act, gate;
    wn_conv_step *conv;
} wn_step;

typedef struct wn_interleaved {
    const wn_plan *plan;
    int n_steps;
    wn_step *steps;
    int *step_of; /* [ops of the segment] the step that does it; -1: a held product */
    int first_op;
    bool bulk; /* one frame at a time: what need not wait for it is done in bulk */
    wn_held held;
    int max_taps, max_out;
    size_t scratch, scratch_floats; /* per thread: floats into the stream's memory, and how many */
    size_t thread, taps, left; /* state: [threads] wn_interleaved_thread, [threads][max_taps], [threads][n_rings] */
    size_t parallel;           /* state: a wn_parallel */
    const float *minus_zeros;  /* [max_out] a start that changes no product, not even its sign */
    const struct wn_schedule *schedule; /* how two threads share a frame; NULL: they do not */
} wn_interleaved;

/* A program at work in one thread: the memory is the stream's, scratch and counts its own. */
typedef struct wn_interleaved_thread {
    const wn_interleaved *program;
    float **buffer;
    float *memory;
    int *position;
    const float **taps; /* [max_taps] */
    int *left;          /* [n_rings] frames for which the products of past taps are there already */
    float *scratch;
    int ahead, used; /* frames whose early steps are done already, and how many of them have been run */
} wn_interleaved_thread;

/* A new step; NULL if memory fails. wn_interleaved_add_conv: with a convolution for the caller to fill in. */
wn_step *wn_interleaved_add(wn_interleaved *program, wn_builder *b, wn_op_kind kind, int op);
wn_conv_step *wn_interleaved_add_conv(wn_interleaved *program, wn_builder *b, int op);

/* The start of the sums of the CONV `op`. */
void wn_interleaved_set_init(const wn_builder *b, wn_conv_step *conv, const wn_op *op);

/* The start of the sums of group g of a convolution, whose outputs begin at output `at` of all: rows, and the distance
 * between them. */
static inline const float *wn_interleaved_start(const wn_interleaved_thread *t, const wn_conv_step *c, ptrdiff_t at,
                                                ptrdiff_t *stride)
{
    *stride = 0;
    switch (c->init) {
    case WN_INIT_ROWS: *stride = c->add.width; return t->buffer[c->add.buffer] + at;
    case WN_INIT_AHEAD:
        *stride = c->add.width;
        return t->buffer[c->add.buffer] + (ptrdiff_t)t->used * c->add.width + c->add.first + at;
    case WN_INIT_HELD: *stride = t->program->plan->voices > 1 ? c->add.width : 0; return t->memory + c->add.row + at;
    default: return c->bias ? c->bias + at : NULL;
    }
}

/* Add the products of the matrices from `matrix` on, from output `output` on. */
static inline void wn_interleaved_multiply_from(const wn_interleaved_thread *t, const wn_conv_step *c, size_t matrix,
                                                size_t output, wn_matmul *p)
{
    c->weights.format->multiply(&c->weights, t->program->plan->kernels, matrix, output, p, t->scratch);
}

/* Add the products of taps `tap`, ... of group `group`. */
static inline void wn_interleaved_multiply(const wn_interleaved_thread *t, const wn_conv_step *c, int group, int tap,
                                           wn_matmul *p)
{
    wn_interleaved_multiply_from(t, c, (size_t)(group * c->taps + tap), 0, p);
}

#endif
