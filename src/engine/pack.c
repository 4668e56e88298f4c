/* SPDX-License-Identifier: MIT
 * pack.c - views of the model's convolutions, put together and rounded.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/pack.h"

static float *place_views(float *panels, const wn_weight_view *views, int n, int in, int out)
{
    for (int i = 0; panels && i < n; i++) wn_weight_view_place(&views[i], in, out, panels);
    return panels;
}

wn_weights wn_pack_views(wn_builder *b, const wn_weight_format *format, const wn_weight_view *views, int n, int in, int out,
                         int matrices)
{
    wn_weights w = {.format = format, .in = in, .out = out, .matrices = matrices, .bytes = format->size(in, out, matrices)};
    bool rounds = format != &wn_weight_formats[0];
    size_t floats = (size_t)matrices * (size_t)in * wn_padded((size_t)out);
    float *panels = (rounds ? wn_builder_scratch : wn_builder_alloc)(b, floats, sizeof *panels);
    void *data = rounds ? wn_builder_alloc(b, 1, w.bytes) : panels;
    if (b->failed) return w;
    place_views(panels, views, n, in, out);
    if (rounds) format->pack(in, out, matrices, panels, data);
    w.data = data;
    return w;
}

static wn_weight_view *group_views(wn_builder *b, const wn_op *op)
{
    const wn_conv *c = op->conv;
    int in = c->in / c->groups, out = c->out / c->groups;
    wn_weight_view *views = wn_builder_scratch(b, (size_t)c->groups, sizeof *views);
    for (int g = 0; views && g < c->groups; g++)
        views[g] = (wn_weight_view){.weight = c->weight + (ptrdiff_t)g * out * in * c->kernel,
                                    .in = in,
                                    .out = out,
                                    .taps = c->kernel,
                                    .stride = (ptrdiff_t)in * c->kernel,
                                    .scale = op->weight_scale,
                                    .first_matrix = g * c->kernel};
    return views;
}

wn_weights wn_pack_conv(wn_builder *b, const wn_op *op, const wn_weight_format *format)
{
    const wn_conv *c = op->conv;
    return wn_pack_views(b, format, group_views(b, op), c->groups, c->in / c->groups, c->out / c->groups, c->groups * c->kernel);
}

const float *wn_pack_conv_scratch(wn_builder *b, const wn_op *op)
{
    const wn_conv *c = op->conv;
    int in = c->in / c->groups, out = c->out / c->groups;
    wn_weight_view *views = group_views(b, op);
    size_t floats = (size_t)(c->groups * c->kernel) * (size_t)in * wn_padded((size_t)out);
    return place_views(wn_builder_scratch(b, floats, sizeof(float)), views, c->groups, in, out);
}

int wn_pack_dense_views(const wn_conv *c, float scale, int first_out, wn_weight_view *views)
{
    int in = c->in / c->groups, out = c->out / c->groups;
    for (int g = 0; g < c->groups; g++)
        views[g] = (wn_weight_view){.weight = c->weight + (ptrdiff_t)g * out * in * c->kernel,
                                    .in = in,
                                    .out = out,
                                    .taps = c->kernel,
                                    .stride = (ptrdiff_t)in * c->kernel,
                                    .scale = scale,
                                    .first_in = g * in,
                                    .first_out = first_out + g * out};
    return c->groups;
}

const float *wn_pack_columns(wn_builder *b, const wn_conv *c)
{
    size_t in = (size_t)c->in, out = (size_t)c->out, taps = (size_t)c->kernel, groups = (size_t)c->groups;
    float *packed = wn_builder_alloc(b, taps * in * out, sizeof(float));
    const float *w = c->weight;
    for (size_t o = 0; packed && o < out; o++)
        for (size_t i = 0, first = o / (out / groups) * (in / groups); i < in / groups; i++)
            for (size_t k = 0; k < taps; k++) packed[(k * in + first + i) * out + o] = *w++;
    return packed;
}
