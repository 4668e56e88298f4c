/* SPDX-License-Identifier: MIT
 * pack.h - weights of operations as executors want them.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_PACK_H
#define WN_ENGINE_PACK_H

#include "engine/builder.h"

/* Views packed in `format`; data is NULL if memory fails, and the builder has failed. */
wn_weights wn_pack_views(wn_builder *b, const wn_weight_format *format, const wn_weight_view *views, int n, int in, int out,
                         int matrices);

/* The weights of one CONV: matrices [groups][taps] of in / groups x out / groups. */
wn_weights wn_pack_conv(wn_builder *b, const wn_op *op, const wn_weight_format *format);

/* The same as float panels in scratch memory, to be packed otherwise; NULL if that fails. */
const float *wn_pack_conv_scratch(wn_builder *b, const wn_op *op);

/* A convolution as views into one dense matrix per tap, groups beside each other from output `first_out` on; their number.
 * views [conv->groups]. */
int wn_pack_dense_views(const wn_conv *conv, float scale, int first_out, wn_weight_view *views);

/* [taps][in][out], dense: the columns of one-hot classes. */
const float *wn_pack_columns(wn_builder *b, const wn_conv *conv);

#endif
