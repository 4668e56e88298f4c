/* SPDX-License-Identifier: MIT
 * reference.c - see reference.h. Written from the formulas of model.h alone.
 * Copyright (c) 2026 the wavenet authors */
#include "reference.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A signal: x[t * channels + c]. Functions make new ones; `take` frees an old one on the way. */
typedef struct sig {
    int frames, channels;
    double *x;
} sig;

static double worst; /* the largest magnitude so far; tests are single-threaded */

static sig make(int frames, int channels)
{
    sig s = {frames, channels, calloc((size_t)frames * (size_t)channels + 1, sizeof(double))};
    if (!s.x) abort();
    return s;
}

static sig copy(sig a)
{
    sig s = make(a.frames, a.channels);
    memcpy(s.x, a.x, (size_t)a.frames * (size_t)a.channels * sizeof(double));
    return s;
}

static void drop(sig s) { free(s.x); }

static void replace(sig *old, sig fresh)
{
    drop(*old);
    *old = fresh;
}

static void note(double x)
{
    if (fabs(x) > worst) worst = fabs(x);
}

static double at(sig s, int t, int c) { return t < 0 ? 0 : s.x[(ptrdiff_t)t * s.channels + c]; }

/* ---- the parts --------------------------------------------------------------------------------------------------- */

double ref_act(const wn_act *a, int c, double x)
{
    const double big = fabs(x), square = x * x;
    switch (a->kind) {
    case WN_ACT_IDENTITY: return x;
    case WN_ACT_ONE: return 1;
    case WN_ACT_TANH: return tanh(x);
    case WN_ACT_SIGMOID: return 1 / (1 + exp(-x));
    case WN_ACT_RELU: return x > 0 ? x : 0;
    case WN_ACT_LEAKY_RELU: return x > 0 ? x : x * (double)a->p[0];
    case WN_ACT_PRELU: return x > 0 ? x : x * (double)a->slopes[a->n_slopes == 1 ? 0 : c];
    case WN_ACT_SILU: return x / (1 + exp(-x));
    case WN_ACT_HARD_TANH: return fmin(fmax(x, -1), 1);
    case WN_ACT_LEAKY_HARD_TANH:
        if (x < (double)a->p[0]) return (x - (double)a->p[0]) * (double)a->p[2] + (double)a->p[0];
        if (x > (double)a->p[1]) return (x - (double)a->p[1]) * (double)a->p[3] + (double)a->p[1];
        return x;
    case WN_ACT_HARD_SWISH: return x * fmin(fmax(x + 3, 0), 6) / 6;
    case WN_ACT_SOFTSIGN: return x / (1 + big);
    case WN_ACT_FAST_TANH: /* the published rational function of the amp-capture players */
        return x *
               (2.45550750702956 + 2.45550750702956 * big + (0.893229853513558 + 0.821226666969744 * big) * square) /
               (2.44506634652299 + (2.44506634652299 + square) * fabs(x + 0.814642734961073 * x * big));
    case WN_ACT_COUNT: break;
    }
    abort();
}

static sig conv(const wn_conv *c, sig x)
{
    assert(c->in == x.channels);
    int in = c->in / c->groups, out = c->out / c->groups;
    sig y = make(x.frames, c->out);
    for (int t = 0; t < x.frames; t++)
        for (int o = 0; o < c->out; o++) {
            double sum = c->has_bias ? (double)c->bias[o] : 0;
            for (int i = 0; i < in; i++)
                for (int k = 0; k < c->kernel; k++)
                    sum += (double)c->weight[((ptrdiff_t)o * in + i) * c->kernel + k] *
                           at(x, t - (c->kernel - 1 - k) * c->dilation, o / out * in + i);
            note(sum);
            y.x[(ptrdiff_t)t * c->out + o] = sum;
        }
    return y;
}

static void add(sig *to, sig x, double scale)
{
    assert(to->channels == x.channels);
    for (ptrdiff_t i = 0; i < (ptrdiff_t)x.frames * x.channels; i++) note(to->x[i] += scale * x.x[i]);
}

static void scale(sig *s, double factor)
{
    for (ptrdiff_t i = 0; i < (ptrdiff_t)s->frames * s->channels; i++) note(s->x[i] *= factor);
}

static sig activated(const wn_act *a, sig x)
{
    sig y = make(x.frames, x.channels);
    for (int t = 0; t < x.frames; t++)
        for (int c = 0; c < x.channels; c++) note(y.x[t * x.channels + c] = ref_act(a, c, at(x, t, c)));
    return y;
}

/* Modulate *x where the layer has FiLM at `place`. */
static void film(const wn_layer *l, int place, sig local, sig *x)
{
    const wn_film *f = &l->film[place];
    if (!f->active) return;
    sig m = conv(&f->conv, local), y = make(x->frames, x->channels);
    for (int t = 0; t < x->frames; t++)
        for (int c = 0; c < x->channels; c++) {
            double shift = f->shift ? at(m, t, x->channels + c) : 0;
            note(y.x[t * x->channels + c] = at(*x, t, c) * at(m, t, c) + shift);
        }
    drop(m);
    replace(x, y);
}

/* ---- a layer ------------------------------------------------------------------------------------------------------- */

static sig layer_sum(const wn_layer *l, sig h, sig local, sig held)
{
    sig source = copy(h);
    film(l, WN_FILM_CONV_PRE, local, &source);
    sig u = conv(&l->conv, source);
    drop(source);
    if (l->held.out) {
        sig g = conv(&l->held, held);
        add(&u, g, 1);
        drop(g);
    }
    film(l, WN_FILM_CONV_POST, local, &u);
    if (l->mixin.out) {
        sig c = copy(local);
        film(l, WN_FILM_MIXIN_PRE, local, &c);
        replace(&c, conv(&l->mixin, c));
        film(l, WN_FILM_MIXIN_POST, local, &c);
        add(&u, c, 1);
        drop(c);
    }
    film(l, WN_FILM_ACT_PRE, local, &u);
    return u;
}

static sig layer_activation(const wn_layer *l, sig u, sig local)
{
    int b = l->bottleneck;
    sig z = make(u.frames, b);
    for (int t = 0; t < u.frames; t++)
        for (int c = 0; c < b; c++) {
            double y = ref_act(&l->act, c, at(u, t, c));
            if (l->gating == WN_GATING_GATED) y *= ref_act(&l->gate, c, at(u, t, b + c));
            if (l->gating == WN_GATING_BLENDED) {
                double a = ref_act(&l->gate, c, at(u, t, b + c));
                y = a * y + (1 - a) * at(u, t, c);
            }
            note(z.x[t * b + c] = y);
        }
    film(l, WN_FILM_ACT_POST, local, &z);
    return z;
}

/* The layer's contribution to the skip sum. */
static sig layer_skip(const wn_layer *l, sig z, sig local)
{
    if (!l->skip.out) return copy(z);
    sig s = conv(&l->skip, z);
    film(l, WN_FILM_SKIP_POST, local, &s);
    scale(&s, (double)l->skip_scale);
    return s;
}

static void layer_residual(const wn_layer *l, sig z, sig local, sig *h)
{
    if (l->plain) replace(h, copy(z));
    if (!l->residual.out) return;
    sig r = conv(&l->residual, z);
    film(l, WN_FILM_RESIDUAL_POST, local, &r);
    add(h, r, 1);
    scale(h, (double)l->residual_scale);
    drop(r);
}

/* ---- stacks and the whole ------------------------------------------------------------------------------------------ */

static void join_skip(const wn_stack *st, sig *sum, sig s)
{
    if (!sum->x) {
        *sum = copy(s);
        return;
    }
    add(sum, s, 1);
    if (st->skip_sum == WN_SKIP_RUNNING) scale(sum, sqrt(0.5));
}

/* Replaces *h (in: the stack's input, out: its last residual) and *output (in: head output of the stack before). */
static void stack(const wn_stack *st, sig local, sig held, sig *h, sig *output)
{
    replace(h, conv(&st->rechannel, *h));
    sig sum = st->plain_output ? (sig){0} : *output;
    for (int i = 0; i < st->n_layers; i++) {
        const wn_layer *l = &st->layers[i];
        sig u = layer_sum(l, *h, local, held), z = layer_activation(l, u, local);
        if (!st->plain_output) {
            sig s = layer_skip(l, z, local);
            join_skip(st, &sum, s);
            drop(s);
        }
        layer_residual(l, z, local, h);
        drop(u);
        drop(z);
    }
    if (st->plain_output) {
        drop(*output);
        sum = copy(*h);
    }
    scale(&sum, (double)st->skip_out_scale);
    if (st->head.out) replace(&sum, conv(&st->head, sum));
    *output = sum;
}

static sig network(const wn_model *m, sig input, sig local, sig held)
{
    sig h = copy(input), y = {0};
    for (int i = 0; i < m->n_stacks; i++) stack(&m->stacks[i], local, held, &h, &y);
    drop(h);
    scale(&y, (double)m->head_scale);
    for (int i = 0; i < m->n_head; i++) {
        replace(&y, activated(&m->head[i].act, y));
        replace(&y, conv(&m->head[i].conv, y));
    }
    return y;
}

/* The local condition where it is the input itself, or what a nested model makes of it. */
static sig from_input(const wn_model *m, sig input)
{
    if (!m->condition.nested) return copy(input);
    sig inner = m->condition.nested->condition.source == WN_CONDITION_INPUT ? from_input(m->condition.nested, input)
                                                                            : make(input.frames, 0);
    sig none = make(input.frames, 0), y = network(m->condition.nested, input, inner, none);
    drop(inner);
    drop(none);
    return y;
}

static sig given(const float *x, int frames, int channels)
{
    sig s = make(frames, channels);
    for (ptrdiff_t i = 0; x && i < (ptrdiff_t)frames * channels; i++) s.x[i] = (double)x[i];
    return s;
}

static sig one_hot(const int32_t *classes, int frames, int n)
{
    sig s = make(frames, n);
    for (int t = 0; t < frames; t++) s.x[(ptrdiff_t)t * n + classes[t]] = 1;
    return s;
}

double *ref_network(const wn_model *m, const ref_input *in, double *peak)
{
    worst = 0;
    sig input = m->input.n_classes ? one_hot(in->classes, in->frames, m->input.n_classes)
                                   : given(in->pcm, in->frames, m->input.channels);
    sig local = m->condition.source == WN_CONDITION_INPUT ? from_input(m, input)
                                                          : given(in->local, in->frames, m->condition.local_channels);
    sig held = given(in->held, in->frames, m->condition.held_channels);
    sig y = network(m, input, local, held);
    drop(input);
    drop(local);
    drop(held);
    *peak = worst;
    return y.x;
}

/* ---- the condition pipeline ---------------------------------------------------------------------------------------- */

/* Zero outside, unlike `at`. */
static double inside(sig s, int t, int c)
{
    return t < 0 || t >= s.frames || c < 0 || c >= s.channels ? 0 : at(s, t, c);
}

static sig stage_conv(const wn_stage *s, sig x)
{
    int frames = x.frames - (s->conv.kernel - 1);
    sig y = make(frames > 0 ? frames : 0, s->conv.out);
    for (int t = 0; t < y.frames; t++)
        for (int o = 0; o < s->conv.out; o++) {
            double sum = s->conv.has_bias ? (double)s->conv.bias[o] : 0;
            for (int k = 0; k < s->conv.kernel; k++)
                for (int i = 0; i < s->conv.in; i++)
                    sum += (double)s->conv.weight[(o * s->conv.in + i) * s->conv.kernel + k] * at(x, t + k, i);
            y.x[t * s->conv.out + o] = sum;
        }
    return y;
}

static sig stage_upsample(const wn_stage *s, sig x)
{
    sig y = make(x.frames * s->factor, x.channels);
    for (int t = 0; t < x.frames; t++)
        for (int j = 0; j < s->factor; j++)
            for (int c = 0; c < x.channels; c++) {
                double next = at(x, t + 1 < x.frames ? t + 1 : t, c), mix = s->linear ? (double)j / s->factor : 0;
                y.x[(t * s->factor + j) * x.channels + c] = at(x, t, c) + mix * (next - at(x, t, c));
            }
    return y;
}

static sig stage_conv_2d(const wn_stage *s, sig x)
{
    sig y = make(x.frames, x.channels);
    for (int t = 0; t < x.frames; t++)
        for (int f = 0; f < x.channels; f++) {
            double sum = s->bias ? (double)s->bias[0] : 0;
            for (int i = 0; i < s->height; i++)
                for (int j = 0; j < s->width; j++)
                    sum += (double)s->kernel[i * s->width + j] *
                           inside(x, t + j - (s->width - 1) / 2, f + i - (s->height - 1) / 2);
            y.x[t * x.channels + f] = sum;
        }
    return y;
}

static sig stage_transposed_2d(const wn_stage *s, sig x)
{
    sig y = make(x.frames * s->factor, x.channels);
    for (int t = 0; t < x.frames; t++)
        for (int j = 0; j < s->factor; j++)
            for (int f = 0; f < x.channels; f++) {
                double sum = s->bias ? (double)s->bias[0] : 0;
                for (int i = 0; i < s->height; i++)
                    sum += (double)s->kernel[i * s->width + j] * inside(x, t, f - i + (s->height - 1) / 2);
                y.x[(t * s->factor + j) * x.channels + f] = sum;
            }
    return y;
}

/* Scatter every input frame into the full result, then keep factor * frames from `trim` on. */
static sig stage_transposed(const wn_stage *s, sig x)
{
    const wn_conv *c = &s->conv;
    sig full = make(x.frames * s->factor + c->kernel + s->trim, c->out), y = make(x.frames * s->factor, c->out);
    for (int t = 0; t < full.frames; t++)
        for (int o = 0; o < c->out; o++) full.x[t * c->out + o] = c->has_bias ? (double)c->bias[o] : 0;
    for (int t = 0; t < x.frames; t++)
        for (int i = 0; i < c->in; i++)
            for (int o = 0; o < c->out; o++)
                for (int j = 0; j < c->kernel; j++)
                    full.x[(t * s->factor + j) * c->out + o] +=
                        (double)c->weight[(i * c->out + o) * c->kernel + j] * at(x, t, i);
    memcpy(y.x, full.x + s->trim * c->out, (size_t)y.frames * (size_t)c->out * sizeof(double));
    drop(full);
    return y;
}

static sig stage_crop(const wn_stage *s, sig x)
{
    int frames = x.frames - 2 * s->trim;
    sig y = make(frames > 0 ? frames : 0, x.channels);
    memcpy(y.x, x.x + s->trim * x.channels * (frames > 0), (size_t)y.frames * (size_t)x.channels * sizeof(double));
    return y;
}

double *ref_pipeline(const wn_condition *condition, const float *in, int rows, int *rows_out, int *channels_out)
{
    static sig (*const stages[])(const wn_stage *, sig) = {[WN_STAGE_CONV] = stage_conv,
                                                           [WN_STAGE_UPSAMPLE] = stage_upsample,
                                                           [WN_STAGE_CONV_2D] = stage_conv_2d,
                                                           [WN_STAGE_TRANSPOSED_2D] = stage_transposed_2d,
                                                           [WN_STAGE_TRANSPOSED] = stage_transposed,
                                                           [WN_STAGE_CROP] = stage_crop};
    sig x = given(in, rows, condition->feature_channels);
    for (int i = 0; i < condition->n_stages; i++) {
        const wn_stage *s = &condition->stages[i];
        replace(&x, stages[s->kind](s, x));
        if (s->kind != WN_STAGE_CROP && s->kind != WN_STAGE_UPSAMPLE) replace(&x, activated(&s->act, x));
    }
    *rows_out = x.frames;
    *channels_out = x.channels;
    if (x.frames) return x.x;
    drop(x);
    return NULL;
}
