/* SPDX-License-Identifier: MIT
 * shape.h - models by the name of their shape, with random weights: to compare machines, nobody needs files.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BENCH_SHAPE_H
#define WN_BENCH_SHAPE_H

#include <jansson.h>

#include "wavenet/wavenet.h"

/* A capture's shape ("a1-standard", ...), or fields joined by '-': l24-r128-g256-s128-k3-mol-mel80 is 24 layers, residual,
 * gate and skip channels, kernel, output, condition. Help texts end with what WN_SHAPE_HELP says of them.
 * The weights are drawn with variance 1 / fan-in, the same for a name on every machine. On failure *out is NULL. */
wn_status wn_shape_model(wn_model **out, const char *name, wn_error *error);

/* The config of such a model, without weights, to be freed with json_decref. On failure *out is NULL. */
wn_status wn_shape_config(json_t **out, const char *name, wn_error *error);

/* Name of the shape number `index` that has one to be listed, or NULL. */
const char *wn_shape_name(int index);

#define WN_SHAPE_HELP \
    "SHAPE is one of\n" \
    "  a1-standard a1-lite a1-feather a1-nano a2-full a2-lite     the official amp captures\n" \
    "or fields joined by '-', in any order, such as l24-r128-g256-s128-k3-mol-mel80:\n" \
    "  lN layers, dilations 1 to 512, repeated    rN residual, gN gate, sN skip channels    kN kernel\n" \
    "  mol[N] N = 10 logistics, cN classes, or gauss  melN features held for 256 samples each, 22.05 kHz\n" \
    "  up  upsample those features to one row per sample\n" \
    "  hN  hidden width of the head (default: N classes without features, else the skip channels)\n"

#endif
