/* SPDX-License-Identifier: MIT
 * reference_window.c - which input, weight and output meet in a product of a layer.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/reference_window.h"

wn_spec_axis wn_reference_axis(const wn_spec *spec, int a)
{
    if (spec->rank == 2) return spec->axis[a];
    return a == 1 ? spec->axis[0] : (wn_spec_axis){.kernel = 1, .dilation = 1, .stride = 1};
}

/* Position on the longer side of a window that tap k of position m on the shorter side meets. */
static int64_t tap_position(const wn_spec_axis *a, int64_t m, int k)
{
    return m * a->stride - a->padding + (int64_t)k * a->dilation;
}

/* A window as seen from its short side: the output of a convolution or pool, the input of a transposed convolution. */
typedef struct window {
    wn_spec_axis row, column;
    const wn_shape *small, *large;
    bool flip, transposed;
} window;

/* The products of position (r, c) of one pair of channels; `weight` is the index of their first weight, -1 for none. */
static void visit_position(const window *w, int64_t small, int64_t r, int64_t c, int64_t large_channel, int64_t weight,
                           wn_reference_product *f, void *user)
{
    for (int i = 0; i < w->row.kernel; i++) {
        int64_t y = tap_position(&w->row, r, i);
        if (y < 0 || y >= w->large->size[0]) continue;
        for (int j = 0; j < w->column.kernel; j++) {
            int64_t x = tap_position(&w->column, c, j);
            if (x < 0 || x >= w->large->size[1]) continue;
            int64_t large = (large_channel * w->large->size[0] + y) * w->large->size[1] + x;
            int row = w->flip ? w->row.kernel - 1 - i : i, column = w->flip ? w->column.kernel - 1 - j : j;
            int64_t at = weight < 0 ? -1 : weight + (int64_t)row * w->column.kernel + column;
            if (w->transposed)
                f(user, at, small, large);
            else
                f(user, at, large, small);
        }
    }
}

static void visit_positions(const window *w, int64_t small_channel, int64_t large_channel, int64_t weight,
                            wn_reference_product *f, void *user)
{
    int64_t small = small_channel * w->small->size[0] * w->small->size[1];
    for (int64_t r = 0; r < w->small->size[0]; r++)
        for (int64_t c = 0; c < w->small->size[1]; c++)
            visit_position(w, small++, r, c, large_channel, weight, f, user);
}

static void visit_dense(const wn_reference_layer *l, wn_reference_product *f, void *user)
{
    int64_t inputs = wn_shape_count(&l->in);
    for (int64_t k = 0; k < l->out.channels; k++)
        for (int64_t i = 0; i < inputs; i++) f(user, k * inputs + i, i, k);
}

void wn_reference_visit(const wn_reference_layer *l, wn_reference_product *f, void *user)
{
    if (l->spec.kind == WN_SPEC_DENSE) {
        visit_dense(l, f, user);
        return;
    }
    window w = {.row = wn_reference_axis(&l->spec, 0),
                .column = wn_reference_axis(&l->spec, 1),
                .transposed = l->spec.kind == WN_SPEC_TRANSPOSED,
                .flip = l->flip};
    w.small = w.transposed ? &l->in : &l->out;
    w.large = w.transposed ? &l->out : &l->in;
    bool pool = l->spec.kind == WN_SPEC_POOL || l->spec.kind == WN_SPEC_AVERAGE;
    int64_t groups = pool ? w.small->channels : l->spec.groups;
    int64_t small_per_group = w.small->channels / groups, large_per_group = w.large->channels / groups;
    int64_t taps = (int64_t)w.row.kernel * w.column.kernel;
    for (int64_t s = 0; s < w.small->channels; s++)
        for (int64_t k = 0; k < large_per_group; k++)
            visit_positions(&w, s, s / small_per_group * large_per_group + k,
                            pool ? -1 : (s * large_per_group + k) * taps, f, user);
}
