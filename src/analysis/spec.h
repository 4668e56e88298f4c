/* SPDX-License-Identifier: MIT
 * spec.h - the layer language of --layers, such as "conv3 conv3d2 conv7s2p1 pool2s2 tconv4s3".
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_SPEC_H
#define WN_ANALYSIS_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "wavenet/wavenet.h"

typedef enum wn_spec_kind { WN_SPEC_CONV, WN_SPEC_POOL, WN_SPEC_TRANSPOSED } wn_spec_kind;

/* One layer along one axis. Output o of a convolution or pooling reads inputs o*stride - padding + k*dilation, k = 0 ..
 * kernel-1. Input i of a transposed convolution reaches outputs i*stride - padding + k*dilation. */
typedef struct wn_spec {
    wn_spec_kind kind;
    int kernel, dilation, stride, padding;
    bool causal; /* the padding is (kernel-1)*dilation, all of it on the left */
} wn_spec;

enum { WN_MAX_STRIDE = 1 << 16 };

/* Parse layers separated by spaces or commas: conv, pool or tconv, the kernel size, then any of d (dilation, default
 * 1), s (stride, default 1, of a pool its kernel size) and p (padding, default 0). *out [*n], to be freed with free().
 * Error messages call the option `where` and name the layer and the character. */
wn_status wn_spec_parse(wn_spec **out, int *n, const char *text, const char *where, wn_error *error);

/* Make a causal stack of one kernel size from a comma- or space-separated list of dilations. *out [*n], to be freed
 * with free(). */
wn_status wn_spec_causal(wn_spec **out, int *n, int kernel, const char *dilations, wn_error *error);

/* Effective kernel size: dilation*(kernel-1) + 1. */
int64_t wn_spec_effective(const wn_spec *layer);

/* Output size for an input of n >= 1 positions; 0 if the input is too short. */
int64_t wn_spec_size(const wn_spec *layer, int64_t n);

/* Write the layer in the language, such as "conv3d2". */
void wn_spec_name(char text[48], const wn_spec *layer);

#endif
