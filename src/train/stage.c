/* SPDX-License-Identifier: MIT
 * stage.c - a stage of the condition pipeline over a span of a clip: forward, and backward.
 * Copyright (c) 2026 the wavenet authors */
#include "train/stage.h"

#include "model/stage.h"
#include "train/gemm.h"

static int frames_of(const wn_tstep *s) { return (int)(s->span.to - s->span.from); }

static wn_real *at(wn_planar_view r, int channel, int64_t t) { return r.x + channel * r.stride + t; }

/* ---- conv: output t sees input t .. t + kernel - 1 -------------------------------------------------------------- */

static wn_planar_view shifted(wn_planar_view r, int64_t by) { return (wn_planar_view){r.x + by, r.stride}; }

static void conv_forward(const wn_math *math, const wn_tstage *s, const wn_real *theta, const wn_tstep *from,
                         wn_tstep *to)
{
    wn_planar_view_fill(s->out, frames_of(to), wn_tconv_bias(&s->conv, theta), to->before);
    wn_tconv_forward(math, &s->conv, theta, frames_of(to), shifted(from->value, s->conv.kernel - 1), 1, to->before);
}

static void conv_backward(const wn_math *math, const wn_tstage *s, const wn_real *theta, wn_real *grad, wn_tstep *from,
                          const wn_tstep *to, bool wanted)
{
    const wn_tconv *c = &s->conv;
    int frames = frames_of(to);
    if (c->has_bias) wn_planar_view_sum(c->out, frames, to->gradient, grad + c->bias);
    wn_tconv_weights(math, c, grad, frames, shifted(from->value, c->kernel - 1), to->gradient);
    for (int k = 0; wanted && k < c->kernel; k++)
        wn_gemm(math, c->in, frames, c->out, wn_transposed(theta + c->weight + k * c->in, (ptrdiff_t)c->in * c->kernel),
                wn_plain(to->gradient.x, to->gradient.stride), 1, from->gradient.x + k, from->gradient.stride);
}

/* ---- upsample --------------------------------------------------------------------------------------------------- */

/* The two input frames output t lies between, and the share of the second. */
static void neighbours(const wn_tstage *s, const wn_tstep *from, int64_t t, int64_t *a, int64_t *b, wn_real *share)
{
    *a = t / s->shape->factor;
    *b = *a + 1 < from->span.length ? *a + 1 : *a;
    *share = s->shape->linear ? (wn_real)(t % s->shape->factor) / (wn_real)s->shape->factor : 0;
    *a -= from->span.from;
    *b -= from->span.from;
}

static void upsample_forward(const wn_math *math, const wn_tstage *s, const wn_real *theta, const wn_tstep *from,
                             wn_tstep *to)
{
    for (int64_t t = to->span.from; t < to->span.to; t++) {
        int64_t a, b;
        wn_real share;
        neighbours(s, from, t, &a, &b, &share);
        for (int c = 0; c < s->out; c++) {
            wn_real first = *at(from->value, c, a);
            *at(to->before, c, t - to->span.from) =
                share > 0 ? first + share * (*at(from->value, c, b) - first) : first;
        }
    }
}

static void upsample_backward(const wn_math *math, const wn_tstage *s, const wn_real *theta, wn_real *grad,
                              wn_tstep *from, const wn_tstep *to, bool wanted)
{
    if (!wanted) return;
    for (int64_t t = to->span.from; t < to->span.to; t++) {
        int64_t a, b;
        wn_real share;
        neighbours(s, from, t, &a, &b, &share);
        for (int c = 0; c < s->out; c++) {
            wn_real d = *at(to->gradient, c, t - to->span.from);
            *at(from->gradient, c, a) += (1 - share) * d;
            if (share > 0) *at(from->gradient, c, b) += share * d;
        }
    }
}

/* ---- transposed conv: y[factor t + j - trim] += W_j x[t] -------------------------------------------------------- */

/* Weight W_j [in][out] of the stored [in][kernel][out]. */
static size_t transposed_tap(const wn_tstage *s, int j) { return s->conv.weight + (size_t)j * (size_t)s->conv.out; }

static ptrdiff_t transposed_row(const wn_tstage *s) { return (ptrdiff_t)s->conv.kernel * s->conv.out; }

static void transposed_forward(const wn_math *math, const wn_tstage *s, const wn_real *theta, const wn_tstep *from,
                               wn_tstep *to)
{
    wn_planar_view_fill(s->out, frames_of(to), wn_tconv_bias(&s->conv, theta), to->before);
    for (int64_t t = from->span.from; t < from->span.to; t++) {
        for (int j = 0; j < s->conv.kernel; j++) {
            int64_t y = t * s->shape->factor + j - s->shape->trim;
            if (y < to->span.from || y >= to->span.to) continue;
            const wn_real *w = theta + transposed_tap(s, j);
            for (int i = 0; i < s->in; i++, w += transposed_row(s))
                for (int o = 0; o < s->out; o++)
                    *at(to->before, o, y - to->span.from) += w[o] * *at(from->value, i, t - from->span.from);
        }
    }
}

static void transposed_backward(const wn_math *math, const wn_tstage *s, const wn_real *theta, wn_real *grad,
                                wn_tstep *from, const wn_tstep *to, bool wanted)
{
    if (s->conv.has_bias) wn_planar_view_sum(s->out, frames_of(to), to->gradient, grad + s->conv.bias);
    for (int64_t t = from->span.from; t < from->span.to; t++) {
        for (int j = 0; j < s->conv.kernel; j++) {
            int64_t y = t * s->shape->factor + j - s->shape->trim;
            if (y < to->span.from || y >= to->span.to) continue;
            for (int i = 0; i < s->in; i++) {
                size_t w = transposed_tap(s, j) + (size_t)i * (size_t)transposed_row(s);
                wn_real x = *at(from->value, i, t - from->span.from), sum = 0;
                for (int o = 0; o < s->out; o++) {
                    wn_real d = *at(to->gradient, o, y - to->span.from);
                    grad[w + (size_t)o] += d * x;
                    sum += d * theta[w + (size_t)o];
                }
                if (wanted) *at(from->gradient, i, t - from->span.from) += sum;
            }
        }
    }
}

/* ---- crop ------------------------------------------------------------------------------------------------------- */

/* Spans are absolute, and those of a crop are shifted by what it drops. */
static void crop_forward(const wn_math *math, const wn_tstage *s, const wn_real *theta, const wn_tstep *from,
                         wn_tstep *to)
{
    wn_planar_view_copy(s->out, frames_of(to), from->value, to->before);
}

static void crop_backward(const wn_math *math, const wn_tstage *s, const wn_real *theta, wn_real *grad, wn_tstep *from,
                          const wn_tstep *to, bool wanted)
{
    if (wanted) wn_planar_view_add(s->in, frames_of(to), 1, to->gradient, from->gradient);
}

/* ---- any kind: the sums of terms ------------------------------------------------------------------------------------ */

/* Product number i of output (channel, t), absolute frames. False where it falls off the edge. */
static bool term_of(const wn_tstage *s, const wn_tstep *from, int channel, int64_t t, int i, wn_stage_term *x)
{
    *x = wn_stage_types[s->shape->kind].term(s->shape, from->span.length, channel, t, i);
    return x->channel >= 0 && x->channel < s->in && x->t >= 0 && x->t < from->span.length;
}

static int terms_of(const wn_tstage *s) { return wn_stage_types[s->shape->kind].terms(s->shape); }

/* Offset of a weight in the parameters, where a convolution has its taps before its last channels. */
static size_t weight_offset(const wn_tstage *s, int weight)
{
    if (!s->conv.out) return s->kernel + (size_t)weight;
    int taps = s->conv.kernel, inner = wn_stage_has(s->shape, WN_STAGE_HAS_TRANSPOSED) ? s->conv.out : s->conv.in;
    int tap = weight % taps, column = weight / taps % inner, row = weight / taps / inner;
    return s->conv.weight + ((size_t)row * (size_t)taps + (size_t)tap) * (size_t)inner + (size_t)column;
}

static bool stage_has_bias(const wn_tstage *s) { return s->conv.out ? s->conv.has_bias : s->has_bias; }
static size_t bias_offset(const wn_tstage *s, int channel)
{
    return s->conv.out ? s->conv.bias + (size_t)channel : s->bias;
}

void wn_tstage_forward_terms(const wn_math *math, const wn_tstage *s, const wn_real *theta, const wn_tstep *from,
                             wn_tstep *to)
{
    wn_stage_term x;
    int n = terms_of(s);
    for (int f = 0; f < s->out; f++) {
        for (int64_t t = to->span.from; t < to->span.to; t++) {
            wn_real sum = stage_has_bias(s) ? theta[bias_offset(s, f)] : 0;
            for (int i = 0; i < n; i++) {
                if (!term_of(s, from, f, t, i, &x)) continue;
                wn_real w = (wn_real)x.factor * (x.weight < 0 ? 1 : theta[weight_offset(s, x.weight)]);
                sum += w * *at(from->value, x.channel, x.t - from->span.from);
            }
            *at(to->before, f, t - to->span.from) = sum;
        }
    }
}

void wn_tstage_backward_terms(const wn_math *math, const wn_tstage *s, const wn_real *theta, wn_real *grad,
                              wn_tstep *from, const wn_tstep *to, bool wanted)
{
    wn_stage_term x;
    int n = terms_of(s);
    for (int f = 0; f < s->out; f++) {
        for (int64_t t = to->span.from; t < to->span.to; t++) {
            wn_real d = *at(to->gradient, f, t - to->span.from);
            if (stage_has_bias(s)) grad[bias_offset(s, f)] += d;
            for (int i = 0; i < n; i++) {
                if (!term_of(s, from, f, t, i, &x)) continue;
                int64_t column = x.t - from->span.from;
                wn_real scaled = d * (wn_real)x.factor, w = 1;
                if (x.weight >= 0) {
                    size_t at_weight = weight_offset(s, x.weight);
                    grad[at_weight] += scaled * *at(from->value, x.channel, column);
                    w = theta[at_weight];
                }
                if (wanted) *at(from->gradient, x.channel, column) += scaled * w;
            }
        }
    }
}

/* ---- any stage -------------------------------------------------------------------------------------------------- */

/* Loops that are faster than those over the terms. */
static const struct {
    void (*forward)(const wn_math *, const wn_tstage *, const wn_real *, const wn_tstep *, wn_tstep *);
    void (*backward)(const wn_math *, const wn_tstage *, const wn_real *, wn_real *, wn_tstep *, const wn_tstep *,
                     bool);
} fast[WN_STAGE_COUNT] = {[WN_STAGE_CONV] = {conv_forward, conv_backward},
                          [WN_STAGE_UPSAMPLE] = {upsample_forward, upsample_backward},
                          [WN_STAGE_TRANSPOSED] = {transposed_forward, transposed_backward},
                          [WN_STAGE_CROP] = {crop_forward, crop_backward}};

void wn_tstage_forward(const wn_math *math, const wn_tstage *s, const wn_real *theta, const wn_tstep *from,
                       wn_tstep *to)
{
    bool is_fast = fast[s->shape->kind].forward != NULL;
    (is_fast ? fast[s->shape->kind].forward : wn_tstage_forward_terms)(math, s, theta, from, to);
}

void wn_tstage_backward(const wn_math *math, const wn_tstage *s, const wn_real *theta, wn_real *grad, wn_tstep *from,
                        const wn_tstep *to, bool wanted)
{
    bool is_fast = fast[s->shape->kind].backward != NULL;
    (is_fast ? fast[s->shape->kind].backward : wn_tstage_backward_terms)(math, s, theta, grad, from, to, wanted);
}
