/* SPDX-License-Identifier: MIT
 * spec.h - the language of --layers: "conv3 conv3d2 conv7s2p1 pool2s2 tconv4s3".
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_SPEC_H
#define WN_ANALYSIS_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "wavenet/wavenet.h"

typedef enum wn_spec_kind { WN_SPEC_CONV, WN_SPEC_POOL, WN_SPEC_TRANSPOSED } wn_spec_kind;

/* One layer along one axis. Output o of a convolution or pooling reads inputs o*stride - padding + k*dilation; input i of
 * a transposed convolution reaches outputs i*stride - padding + k*dilation; k = 0 .. kernel-1. */
typedef struct wn_spec {
    wn_spec_kind kind;
    int kernel, dilation, stride, padding;
    bool causal; /* the padding is (kernel-1)*dilation, all of it on the left */
} wn_spec;

enum { WN_MAX_STRIDE = 1 << 16 };

/* Parse layers separated by spaces or commas: conv, pool or tconv, the kernel, then any of d (dilation, 1), s (stride: 1,
 * but a pool's is its kernel), p (padding, 0). The caller frees *out. `where` names the option in messages, which tell
 * the layer and the character. */
wn_status wn_spec_parse(wn_spec **out, int *n, const char *text, const char *where, wn_error *error);

/* A causal stack of one kernel and a comma- or space-separated list of dilations. The caller frees *out. */
wn_status wn_spec_causal(wn_spec **out, int *n, int kernel, const char *dilations, wn_error *error);

/* dilation*(kernel-1) + 1 */
int64_t wn_spec_effective(const wn_spec *layer);

/* Positions that come out when n >= 1 go in; 0 if the layer does not fit. */
int64_t wn_spec_size(const wn_spec *layer, int64_t n);

/* "conv3d2", as the language spells it. */
void wn_spec_name(char text[48], const wn_spec *layer);

#endif
