/* SPDX-License-Identifier: MIT
 * plan.h - a model laid out for this machine: a flat list of steps over buffers and rings, weights packed for the kernels.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_PLAN_H
#define WN_ENGINE_PLAN_H

#include "kernels/cells.h"
#include "kernels/products8.h"
#include "model/model.h"

/* Two layouts of a block, one list of steps:
 *   rows    [frames x voices][channels], voices fastest: wide layers, many voices, single frames
 *   planes  [channels][frames rounded up to WN_LANE_PAD]: narrow layers on blocks, one voice; see layout.c
 * Every buffer has room for max_frames of its channels. The caller's blocks are rows in either case. */

typedef enum wn_op {
    WN_OP_CONV,       /* dst = start + taps of src, through a ring if any tap looks back */
    WN_OP_EMBED,      /* as CONV for one-hot classes: src holds class numbers, a product is a column of the weights */
    WN_OP_ACT,        /* dst = act(src) */
    WN_OP_GATED,      /* dst = act(src[0:c]) * gate(src[c:2c]) */
    WN_OP_BLENDED,    /* dst = a act(u) + (1-a) u, a = gate(src[c:2c]), u = src[0:c] */
    WN_OP_ADD_SCALED, /* dst = (dst + src) * scale */
    WN_OP_SCALE,      /* dst = src * scale */
    WN_OP_FILM        /* dst = src * scale row + shift row, both from `second` */
} wn_op;

typedef enum wn_start {
    WN_START_BIAS, /* from the bias, or zero where there is none */
    WN_START_ROWS, /* from what dst already holds */
    WN_START_HELD, /* from bias + held condition, one row a voice */
    WN_START_PART  /* from a part of the rows of `second` */
} wn_start;

/* Buffers 0..2 belong to the caller of a block; the rest are scratch in the stream. */
enum { WN_BUFFER_INPUT, WN_BUFFER_LOCAL, WN_BUFFER_OUT, WN_BUFFER_SCRATCH };

/* Frames for which plans for single frames work ahead, at most. */
enum { WN_FRAMES_AHEAD = 8 };

/* Inputs and outputs from which on the weights of a product can be rounded. */
enum { WN_LEAST_ROUNDED = 16 };

/* Outputs from which on those of the last layer can be: the few numbers of a mixture gain nothing by it. */
enum { WN_LEAST_ROUNDED_LAST = 64 };

typedef struct wn_step {
    wn_op op;
    int src, dst, second;       /* buffers */
    int channels;               /* ACT, GATED (of dst), ADD_SCALED, SCALE, FILM */
    int in, out, taps, dilation, groups; /* CONV, EMBED; in, out over all groups */
    const float *weight;        /* CONV: [groups][taps] panels; EMBED: [taps][in][out] */
    const uint16_t *w16;        /* the same as bfloat16, used instead; NULL: none */
    const wn_weights8 *w8;      /* the same in 8-bit integers, used instead; NULL: none */
    const float *bias;          /* [out] or NULL */
    const wn_conv *conv;        /* CONV, EMBED: what the model says, for verification; its weights are packed times */
    float weight_scale;         /* this */
    wn_start start;
    int held;                   /* index of the held product, START_HELD */
    int part, width;            /* START_PART: first channel of the part, channels of `second` */
    int narrowest;              /* outputs of the narrowest of the products it does as one; 0: it is but one */
    bool gathers;               /* CONV without a ring: tap k reads buffer src + k */
    bool early;                 /* needs the caller's condition alone: runs for WN_FRAMES_AHEAD frames, if those are known */
    wn_fn_param act, gate;
    float scale;
    int shift;                  /* FILM: second holds shifts too */
    int ring_frames;            /* frames the ring holds; 0 = no ring */
    int read_wrap;              /* what a read before the ring's start adds: ring_frames, but in planted faults */
    int oldest_delay;           /* frames between now and tap 0: (taps-1) * dilation, but in planted faults */
    size_t ring_offset;         /* floats from the stream's memory to the ring: [ring_frames][voices][ring_channels] */
    int ring_channels;          /* in; 1 for EMBED */
    ptrdiff_t ring_stride;      /* planes: [ring_channels][ring_stride], the frames behind ring_frames repeat the first */
    int ring;                   /* number of the ring; rows: for its write position; -1 = none */
    int ahead;                  /* past taps are multiplied for so many frames at once; 0: with every frame */
    int first_ahead;            /* frames for which a stream at its beginning has them: apart from layer to layer */
    size_t past_offset;         /* floats from the stream's memory to their products: [taps - 1][ahead][voices][out] */
    int together;               /* this many steps, from this one on, run as one call of a kernel */
    int first_tap;              /* planes: its taps' place in those of all steps */
    bool unread;                /* ADD_SCALED, SCALE run together with what made src: nobody else reads src */
    const wn_cell *cells;       /* rows: what does those steps; NULL: they run one by one */
    int n_cells;
    const wn_kernels *cell_table;
    int into;                   /* planes: together they write the ring of this step and no buffer; -1: a buffer */
    bool filled;                /* planes, CONV: its ring is written by the steps before, unless steps run alone */
    int stack, layer;           /* where in the model; -1 = outside a stack or layer */
    char name[48];              /* "stacks.0.layers.3.conv" */
} wn_step;

/* The part of a layer's start that changes only with the held condition: bias + G g. */
typedef struct wn_held_product {
    int out;
    const float *weight;        /* panels */
    const float *bias;          /* [out] or NULL */
    size_t offset;              /* floats from the stream's memory to [voices][out] */
} wn_held_product;

struct wn_plan {
    const wn_model *model;
    const wn_kernels *kernels;
    wn_arena *arena;            /* owns everything below */
    int max_frames, voices;     /* longer blocks run in parts */
    bool planes;                /* the layout of buffers and rings */
    bool cells;                 /* rows of a narrow network: steps run as cells where they can */
    int room;                   /* frames a buffer has room for: max_frames, in planes rounded up to WN_LANE_PAD */
    int n_steps, n_rings, n_held, n_buffers;
    wn_step *steps;
    wn_held_product *held;
    int *buffer_channels;       /* [n_buffers] */
    size_t *buffer_offset;      /* [n_buffers] floats into the stream's memory, scratch buffers only */
    size_t floats;              /* of one stream's memory */
    int max_taps;               /* of a step */
    int n_taps, n_walking;      /* planes: of all steps, and how many of them, the first, look into rings */
    int n_calls;                /* planes: steps that run together count as one */
    bool frames;                /* one frame at a time: generation. What need not wait for it is done in bulk; see frames.c */
    wn_precision precision;
    wn_products8 *products8;    /* where a step has weights for it; NULL: nowhere */
    size_t work8, work8_floats; /* its scratch, a thread's: floats into the stream's memory, and how many */
    int threads;                /* asked for, where a frame can be shared */
    const struct wn_split *split; /* how two threads share a frame; NULL: they do not */
    const float *minus_zeros;   /* [max_out] a start that changes no product, not even its sign */
    int max_out;
};

/* Faults that tests plant to see that verification finds them. */
typedef enum wn_fault_kind { WN_FAULT_NONE, WN_FAULT_LATE, WN_FAULT_EARLY, WN_FAULT_NO_WRAP } wn_fault_kind;
typedef struct wn_fault {
    wn_fault_kind kind; /* oldest tap read one frame too late, too early; reads before the ring's start not wrapped */
    int step;           /* a CONV or EMBED step with a ring */
} wn_fault;

/* wn_plan_new with a planted fault (NULL: none). */
wn_status wn_plan_build(wn_plan **out, const wn_model *model, const wn_plan_config *config, const wn_fault *fault,
                        wn_error *error);

#endif
