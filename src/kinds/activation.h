/* SPDX-License-Identifier: MIT
 * activation.h - the activations: one row each, with its names in files, its parameters and its cost.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KINDS_ACTIVATION_H
#define WN_KINDS_ACTIVATION_H

#include <stddef.h>

/* To add an activation, add a row here and its value and slope to activation_math.h. Kernels, trainer, file formats and
 * roofline iterate over this list. */

/* clang-format off */
/* Flags of a row. */
enum {
    WN_ACT_DIVIDES = 1,        /* costs a division, which counts beside matrix products */
    WN_ACT_SLOPE_OF_VALUE = 2, /* its slope follows from its value: a trainer need not keep its input */
    WN_ACT_PER_CHANNEL = 4     /* its parameter is a trained tensor, `slopes`, with one value per channel or one for all */
};

/* X(id, function, flags, name in a config, in a wavenet_vocoder checkpoint, in a .nam file, also read there, parameters) */
#define WN_ACTIVATIONS(X)                                                                                              \
    X(IDENTITY, identity, 0, "identity", "none", NULL, NULL, {0})                                                      \
    X(ONE, one, 0, "one", NULL, NULL, NULL, {0}) /* constant 1: the gate of a linearised stack */                      \
    X(TANH, tanh, WN_ACT_DIVIDES | WN_ACT_SLOPE_OF_VALUE, "tanh", "Tanh", "Tanh", NULL, {0})                           \
    X(SIGMOID, sigmoid, WN_ACT_DIVIDES | WN_ACT_SLOPE_OF_VALUE, "sigmoid", "Sigmoid", "Sigmoid", NULL, {0})            \
    X(RELU, relu, 0, "relu", "ReLU", "ReLU", NULL, {0})                                                                \
    X(LEAKY_RELU, leaky_relu, 0, "leaky-relu", "LeakyReLU", "LeakyReLU", NULL, {"slope", "negative_slope", 0.01})      \
    X(PRELU, prelu, WN_ACT_PER_CHANNEL, "prelu", NULL, "PReLU", NULL, {0})                                             \
    X(SILU, silu, WN_ACT_DIVIDES, "silu", "SiLU", "SiLU", NULL, {0})                                                   \
    X(HARD_TANH, hard_tanh, 0, "hard-tanh", "Hardtanh", "Hardtanh", NULL, {0})                                         \
    X(LEAKY_HARD_TANH, leaky_hard_tanh, 0, "leaky-hard-tanh", NULL, "LeakyHardtanh", "LeakyHardTanh",                  \
      {"min", "min_val", -1.0}, {"max", "max_val", 1.0}, {"below", "min_slope", 0.01}, {"above", "max_slope", 0.01})   \
    X(HARD_SWISH, hard_swish, 0, "hard-swish", "Hardswish", "Hardswish", NULL, {0})                                    \
    X(SOFTSIGN, softsign, WN_ACT_DIVIDES, "softsign", "Softsign", "Softsign", NULL, {0})                               \
    X(FAST_TANH, fast_tanh, WN_ACT_DIVIDES, "fast-tanh", NULL, "Fasttanh", NULL, {0})
/* clang-format on */

typedef enum wn_act_kind {
#define WN_ACT_ID(ID, ...) WN_ACT_##ID,
    WN_ACTIVATIONS(WN_ACT_ID) WN_ACT_COUNT
#undef WN_ACT_ID
} wn_act_kind;

enum { WN_ACT_PARAMETERS = 4 }; /* per activation, at most */

typedef struct wn_act_parameter {
    const char *key; /* in a config; NULL ends the list */
    const char *nam; /* in a .nam file */
    double fallback; /* where the file has no such key */
} wn_act_parameter;

typedef struct wn_act_row {
    unsigned flags;
    const char *name;           /* in a config */
    const char *vocoder;        /* torch.nn's name in a wavenet_vocoder checkpoint; NULL: not there */
    const char *nam, *also_nam; /* in a .nam file, written and read, and only read; NULL: not there */
    wn_act_parameter parameter[WN_ACT_PARAMETERS];
} wn_act_row;

/* The row of an activation, 0 <= kind < WN_ACT_COUNT. */
static inline const wn_act_row *wn_act_row_of(wn_act_kind kind)
{
    static const wn_act_row rows[] = {
#define WN_ACT_ROW(ID, function, flags, name, vocoder, nam, also_nam, ...) \
    [WN_ACT_##ID] = {flags, name, vocoder, nam, also_nam, {__VA_ARGS__}},
        WN_ACTIVATIONS(WN_ACT_ROW)
#undef WN_ACT_ROW
    };
    _Static_assert(sizeof rows / sizeof *rows == WN_ACT_COUNT, "one row per activation");
    return &rows[kind];
}

static inline int wn_act_parameters(const wn_act_row *row)
{
    int n = 0;
    while (n < WN_ACT_PARAMETERS && row->parameter[n].key) n++;
    return n;
}

#endif
