/* SPDX-License-Identifier: MIT
 * op.h - a network as a list of operations on values: what is computed, the same for every machine, layout and thread count.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_OP_H
#define WN_ENGINE_OP_H

#include "model/model.h"

/* Every value is written once, by one operation, or stands there before: the input and the two conditions. Executors may
 * update in place where the older value has no later reader. */

typedef enum wn_op_kind {
    WN_OP_CONV,     /* dst = (add, or bias, or 0) + the products of the taps of src, oldest first */
    WN_OP_EMBED,    /* as CONV for one-hot classes: src holds class numbers, a product is a column of the weights */
    WN_OP_ACTIVATE, /* dst = act(src) */
    WN_OP_GATE,     /* dst = act(src[0:c]) * gate(src[c:2c]) */
    WN_OP_BLEND,    /* dst = a act(u) + (1-a) u, a = gate(src[c:2c]), u = src[0:c] */
    WN_OP_ADD,      /* dst = (add + src) * scale */
    WN_OP_SCALE,    /* dst = src * scale */
    WN_OP_FILM      /* dst = src * second[0:c], + second[c:2c] if shift */
} wn_op_kind;

/* The part that an operation plays in the model. */
typedef enum wn_role {
    WN_ROLE_RECHANNEL,
    WN_ROLE_HELD,  /* 1x1 of the held condition; multiplied as one dense matrix, across groups */
    WN_ROLE_MIXIN, /* 1x1 of the local condition */
    WN_ROLE_CONV,  /* the dilated convolution */
    WN_ROLE_FILM,  /* the 1x1 that makes scale and shift, and their use; `place` says where */
    WN_ROLE_ACTIVATION,
    WN_ROLE_SKIP,
    WN_ROLE_RESIDUAL,
    WN_ROLE_STACK_HEAD,
    WN_ROLE_HEAD_SCALE,
    WN_ROLE_HEAD /* activation and convolution number `place` */
} wn_role;

/* When a value changes. Biases are the only constants, and no values. */
typedef enum wn_rate {
    WN_RATE_HELD, /* when the held condition of a voice is set */
    WN_RATE_SAMPLE
} wn_rate;

/* The inputs that a value depends on. */
typedef enum wn_origin {
    WN_ORIGIN_HELD,    /* the held condition alone */
    WN_ORIGIN_LOCAL,   /* the conditions alone: known as far ahead as the caller knows them */
    WN_ORIGIN_INPUT,   /* it is the network's input */
    WN_ORIGIN_COMPUTED /* the input */
} wn_origin;

typedef struct wn_value {
    int channels;
    wn_rate rate;
    wn_origin origin;
} wn_value;

enum { WN_NO_VALUE = -1 };

typedef struct wn_op {
    wn_op_kind kind;
    wn_role role;
    int place;                 /* FILM: wn_film_name; HEAD: which */
    int depth;                 /* 0: the model, 1: the model that makes its condition, ... */
    int link;                  /* model of a chain; -1: none */
    int stack, layer;          /* -1: outside */
    int dst, src, second, add; /* values; WN_NO_VALUE: none */
    const wn_conv *conv;       /* CONV, EMBED: shape and weights, the model's */
    const int *delays;         /* [kernel] frames that each tap looks back, oldest first; NULL: none does */
    const float *bias;         /* [out] what a CONV without `add` starts from; NULL: 0. Not always the conv's own */
    float weight_scale;        /* weights are multiplied by it */
    float scale;
    bool shift;
    const wn_act *act, *gate; /* the model's */
} wn_op;

typedef struct wn_op_list {
    int n, n_values;
    wn_op *op; /* in an order in which one after another can run */
    wn_value *value;
    int input, local, held; /* values that stand there before */
    int output;
} wn_op_list;

static inline bool wn_op_convolves(const wn_op *op) { return op->kind == WN_OP_CONV || op->kind == WN_OP_EMBED; }

/* One that is computed when the held condition is set, and not with every frame. */
static inline bool wn_op_is_held(const wn_op_list *ops, const wn_op *op)
{
    return ops->value[op->dst].rate == WN_RATE_HELD;
}

/* Whether the operation reads `value`. */
static inline bool wn_op_reads(const wn_op *op, int value)
{
    return value != WN_NO_VALUE && (op->src == value || op->second == value || op->add == value);
}

/* "stacks.0.layers.3.conv" */
enum { WN_OP_NAME = 96 };
void wn_op_name(const wn_op *op, char name[WN_OP_NAME]);

const char *wn_op_kind_name(wn_op_kind kind);

#endif
