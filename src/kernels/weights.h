/* SPDX-License-Identifier: MIT
 * weights.h - packed weights whose format nobody else knows: one row per precision.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_WEIGHTS_H
#define WN_KERNELS_WEIGHTS_H

#include "kernels.h"

/* `matrices` matrices of in x out, one per tap (and per group): packed in panels, then rounded to the format. */
typedef struct wn_weights {
    const struct wn_weight_format *format;
    int in, out, matrices;
    size_t bytes;
    const void *data; /* 64-byte aligned */
} wn_weights;

/* A precision. Its number is its wn_precision. */
typedef struct wn_weight_format {
    const char *name;
    double bytes;  /* per weight */
    bool integers; /* multiplied as integers, at their peak */
    int min_shared; /* inputs of a product that is worth handing to another core: a smaller one costs less than the handing
                         * over */

    /* Whether a 1x1 or convolution without groups may be rounded so. `last`: its result goes into the distribution. */
    bool (*takes)(int in, int out, bool last);

    /* Bytes of `data`, and how to fill them from float panels [matrices][in * wn_padded(out)]. */
    size_t (*size)(int in, int out, int matrices);
    void (*pack)(int in, int out, int matrices, const float *panels, void *data);

    /* Floats of scratch per thread that a product over `taps` taps needs; a multiple of 16. */
    size_t (*scratch)(int in, int taps);

    /* p->y = p->init + p->partial + products with the matrices from `matrix` on, for the p->out outputs from `first` on, a
     * multiple of WN_PANEL. Sets the weights of *p. */
    void (*multiply)(const wn_weights *w, const wn_kernels *k, size_t matrix, size_t first, wn_matmul *p,
                     float *scratch);
} wn_weight_format;

extern const wn_weight_format wn_weight_formats[]; /* from exact to coarse; [0] is float32, which takes everything */
extern const int wn_weight_format_count;

/* The names for a message: "f32, bf16 or int8". Cut where it does not fit. */
void wn_weight_format_names(char *text, size_t size);

/* The coarsest format up to number `most` that takes this shape. */
const wn_weight_format *wn_weight_format_for(int most, int in, int out, bool last);

/* Where the weights of one convolution without groups, [out][in][taps], stand in a whole of wider or more matrices. */
typedef struct wn_weight_view {
    const float *weight;
    int in, out, taps;
    ptrdiff_t stride; /* floats from one output's weights to the next: in * taps */
    float scale;      /* multiplied in */
    int first_matrix, first_in, first_out;
} wn_weight_view;

/* Put a view into `panels` [matrices][in * wn_padded(out)], zero where no view has been. */
void wn_weight_view_place(const wn_weight_view *view, int in, int out, float *panels);

#endif
