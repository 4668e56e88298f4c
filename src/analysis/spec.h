/* SPDX-License-Identifier: MIT
 * spec.h - the layer language of --layers, such as "conv3 conv3d2 conv7s2p1 pool2s2 tconv4s3" or "conv3x3f8 relu dense10".
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_SPEC_H
#define WN_ANALYSIS_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kinds/activation.h"
#include "wavenet/wavenet.h"

typedef enum wn_spec_kind {
    WN_SPEC_CONV,
    WN_SPEC_POOL, /* the largest value of each window */
    WN_SPEC_TRANSPOSED,
    WN_SPEC_AVERAGE, /* the mean of each window; zeros of the padding count */
    WN_SPEC_DENSE,
    WN_SPEC_ACTIVATION,
    WN_SPEC_SOFTMAX,
    WN_SPEC_OPEN,  /* "(": the first of parallel branches begins */
    WN_SPEC_NEXT,  /* "|": the next branch begins, with the input of the first */
    WN_SPEC_CLOSE, /* ")": the branches' outputs are added */
    WN_SPEC_KINDS
} wn_spec_kind;

/* How the padding was given; SAME depends on the input's size (see wn_spec_fit). */
typedef enum wn_spec_padding {
    WN_PADDING_NUMBER,
    WN_PADDING_SAME,
    WN_PADDING_VALID,
    WN_PADDING_CAUSAL
} wn_spec_padding;

/* Output o of a convolution or pooling reads inputs o*stride - padding + k*dilation, k = 0 .. kernel-1. Input i of a
 * transposed convolution reaches outputs i*stride - padding + k*dilation. */
typedef struct wn_spec_axis {
    int kernel, dilation, stride;
    int padding, padding_end; /* before the first and after the last input; of a transposed one, outputs cut off */
    int output_padding;       /* of a transposed one: outputs added at the end */
} wn_spec_axis;

typedef struct wn_spec {
    wn_spec_kind kind;
    int rank;             /* 1, or 2: rows and columns; 0: a layer that looks at no neighbours */
    wn_spec_axis axis[2]; /* [rank] */
    wn_spec_padding given;
    bool causal;     /* output t reads inputs up to t alone, at stride 1 */
    int outputs;     /* filters of a convolution, outputs of a dense layer; 0: not given */
    int groups;      /* of channels, at least 1 */
    wn_act_kind act; /* of an activation */
} wn_spec;

enum { WN_MAX_STRIDE = 1 << 16, WN_SPEC_NAME = 128, WN_MAX_BRANCHES = 16 };

/* Parse layers separated by spaces or commas: conv, tconv, pool or avgpool and the kernel size (3, or 3x3 for rows and
 * columns), then any of
 *   d dilation (1)   s stride (1, of a pool its kernel)   p padding (0), 2:1 where its ends differ
 *   f filters   g groups (1)   o output padding (0) of a tconv   same, valid or causal: padding by name;
 * dense and the number of outputs, softmax, the name of an activation; "(a b | c)" adds parallel branches. Numbers for
 * rows and columns are joined by x. A text that begins with a digit is a list "kernel,stride,dilation,padding; ...".
 * *out [*n], to be freed with free(). Error messages call the option `where` and name the layer and the character. */
wn_status wn_spec_parse(wn_spec **out, int *n, const char *text, const char *where, wn_error *error);

/* Make a causal stack of one kernel size from a comma- or space-separated list of dilations. *out [*n], to be freed
 * with free(). */
wn_status wn_spec_causal(wn_spec **out, int *n, int kernel, const char *dilations, wn_error *error);

/* Effective kernel size of axis a: dilation*(kernel-1) + 1. */
int64_t wn_spec_effective(const wn_spec *layer, int a);

/* Set the padding of axis a for an input of n positions where it was given by name: SAME gives ceil(n / stride) outputs
 * (a transposed one n * stride), the odd zero at the end. */
void wn_spec_fit(wn_spec *layer, int a, int64_t n);

/* Output size along axis a for an input of n >= 1 positions; 0 if the input is too short. */
int64_t wn_spec_size(const wn_spec *layer, int a, int64_t n);

/* Whether the layer reads neighbours: it is a convolution or a pool. */
bool wn_spec_has_window(const wn_spec *layer);

/* Whether both axes of a layer have the same numbers. */
bool wn_spec_is_square(const wn_spec *layer);

/* Whether the language has the activation: it needs no parameter of its own. */
bool wn_spec_has_activation(wn_act_kind kind);

/* "conv", "pool", "tconv", ... */
const char *wn_spec_kind_name(const wn_spec *layer);

/* Write the layer in the language, such as "conv3d2". */
void wn_spec_name(char text[WN_SPEC_NAME], const wn_spec *layer);

#endif
