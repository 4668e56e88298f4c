/* SPDX-License-Identifier: MIT
 * test_planar.c - `planar` against the scalar reference in bits, and against `matmul` and the elementwise kernels, which
 * do the same with the lanes the other way; `copy`.
 * Copyright (c) 2026 the wavenet authors */
#include <string.h>

#include "check.h"

enum { OUTS_MOST = 141, TERMS_MOST = 3, TAPS_MOST = 17 };

/* One random call: shapes, data, and what is wanted. */
typedef struct planar_case {
    int frames, out, n_terms;
    bool init, bias, act, y, sum, apart;
    int then; /* outputs of what follows, made of y; 0: nothing does */
    ptrdiff_t stride;
    wn_fn_param f;
    wn_term terms[TERMS_MOST];
    const float *taps[TERMS_MOST][TAPS_MOST];
    buffer x[TERMS_MOST], w[TERMS_MOST], old_y, old_sum, bias_of, slopes, then_w, then_old;
    float sum_scale, then_scale;
    bool then_bias;
    bool told; /* `planar` is told whether it is a layer of a capture */
} planar_case;

static wn_fn_param random_function(checker *check, const buffer *slopes)
{
    static const int common[] = {WN_ACT_TANH, WN_ACT_LEAKY_RELU, WN_ACT_RELU, WN_ACT_PRELU};
    int fn = random_int(check, 0, 1) ? random_of(check, common, 4) : random_int(check, 0, WN_ACT_COUNT - 1);
    wn_fn_param f = {.fn = (wn_fn)fn, .p = {0.01f, 0.5f, 0.1f, 0.2f}, .slopes = slopes->p};
    if (f.fn == WN_ACT_LEAKY_HARD_TANH) f.p[0] = -0.75f;
    if (f.fn == WN_ACT_LEAKY_RELU) f.p[0] = (float[]){0.01f, 1, 1.5f, -0.5f, 0}[random_int(check, 0, 4)];
    return f;
}

/* A convolution; or one of one input, or of as many as outputs, as captures have them. Taps start anywhere, as in a ring. */
static void random_term(checker *check, planar_case *c, int k, bool capture)
{
    static const int ins[] = {1, 2, 3, 4, 5, 7, 8, 9, 16, 16, 17, 33}, taps[] = {1, 1, 2, 3, 6, TAPS_MOST};
    int in = c->out <= 16 && random_int(check, 0, 1) ? c->out : random_of(check, ins, 12),
        n = random_of(check, taps, 6);
    if (capture) in = k ? c->out : 1, n = k ? n : 1;
    ptrdiff_t stride = c->frames + random_int(check, 20, 50);
    c->x[k] = buffer_random(check, (size_t)((in - 1) * stride + 20 + c->frames));
    c->w[k] = buffer_random(check, (size_t)(n * in) * wn_padded((size_t)c->out));
    for (int t = 0; t < n; t++) c->taps[k][t] = c->x[k].p + random_int(check, 0, 20);
    c->terms[k] =
        (wn_term){NULL, stride, c->w[k].p, in, n, random_int(check, 0, 1) ? n - 1 : random_int(check, 0, n - 1)};
}

/* A layer of a capture, or one that differs from it in one point. */
static void make_capture(checker *check, planar_case *c)
{
    c->n_terms = 2;
    c->init = false;
    c->bias = c->act = true;
    c->sum_scale = c->then_scale = 1.0f;
    c->then = c->y && c->sum ? c->out : 0;
    c->told = random_int(check, 0, 3) != 0;
    switch (random_int(check, 0, 11)) {
    case 0: c->init = true; break;
    case 1: c->bias = false; break;
    case 2: c->act = false; break;
    case 3: c->sum_scale = 0.5f; break;
    case 4: c->then_scale = 0.5f; break;
    case 5: c->then = c->then ? c->out + 1 : 0; break;
    default: break;
    }
}

static planar_case case_new(checker *check, int lanes)
{
    static const int outs[] = {1, 1, 2, 3, 3, 4, 5, 6, 7, 8, 8, 11, 12, 15, 16, 16, 17, 29, 64, 66, OUTS_MOST};
    static const int columns[] = {1, 1, 2, 3, 4, 5, 8};
    planar_case c = {.frames = lanes * random_of(check, columns, 7), .out = random_of(check, outs, 21)};
    c.n_terms = random_int(check, 1, TERMS_MOST);
    c.init = random_int(check, 0, 1), c.bias = random_int(check, 0, 1), c.act = random_int(check, 0, 1);
    c.y = random_int(check, 0, 3) != 0, c.sum = !c.y || random_int(check, 0, 1);
    c.stride = c.frames + random_int(check, 0, 2) * WN_LANE_PAD;
    c.apart = random_int(check, 0, 1);
    c.sum_scale = random_int(check, 0, 1) ? 1.0f : random_float(check);
    c.then_scale = 0.5f;
    c.then_bias = random_int(check, 0, 3) != 0;
    if (c.y && random_int(check, 0, 1)) c.then = random_int(check, 0, 4) ? c.out : random_of(check, outs, 21);
    bool capture = c.out <= 16 && random_int(check, 0, 2) == 0;
    if (capture) make_capture(check, &c);
    c.then_w = buffer_random(check, (size_t)c.out * wn_padded((size_t)(c.then + 1)));
    c.then_old = buffer_random(check, (size_t)(c.then + 1) * (size_t)c.stride);
    size_t floats = (size_t)((c.out - 1) * c.stride + c.frames);
    c.old_y = buffer_random(check, floats);
    c.old_sum = buffer_random(check, floats);
    c.bias_of = buffer_random(check, OUTS_MOST);
    c.slopes = buffer_random(check, (size_t)c.out);
    c.f = random_function(check, &c.slopes);
    for (int k = 0; k < c.n_terms; k++) random_term(check, &c, k, capture);
    return c;
}

static void case_free(planar_case *c)
{
    for (int k = 0; k < c->n_terms; k++) buffer_free(&c->x[k]), buffer_free(&c->w[k]);
    buffer_free(&c->old_y);
    buffer_free(&c->old_sum);
    buffer_free(&c->bias_of);
    buffer_free(&c->slopes);
    buffer_free(&c->then_w);
    buffer_free(&c->then_old);
}

/* `then` [then][stride]: what follows, in the same call or in the next. */
static void run(const wn_kernels *table, const planar_case *c, const buffer *y, const buffer *sum, const buffer *then,
                bool together)
{
    wn_term terms[TERMS_MOST];
    for (int k = 0; k < c->n_terms; k++) terms[k] = c->terms[k], terms[k].x = c->taps[k];
    wn_planar p = {.frames = c->frames,
                   .out = c->out,
                   .n_terms = c->n_terms,
                   .terms = terms,
                   .stride = c->stride,
                   .init = c->init ? c->old_y.p : NULL,
                   .bias = c->bias ? c->bias_of.p : NULL,
                   .act = c->act ? &c->f : NULL,
                   .sum_scale = c->sum_scale,
                   .old = c->apart ? c->old_sum.p : sum->p,
                   .sum_stride = c->stride,
                   .old_stride = c->stride};
    if (c->y) p.y = y->p;
    if (c->y && c->init) p.init = y->p; /* in place, as running sums are */
    if (c->sum) p.sum = sum->p;
    const float *z = y->p;
    wn_term results = {&z, c->stride, c->then_w.p, c->out, 1, 0};
    wn_planar residual = {.frames = c->frames,
                          .out = c->then,
                          .n_terms = 1,
                          .terms = &results,
                          .bias = c->then_bias ? c->bias_of.p : NULL,
                          .sum = then->p,
                          .old = c->then_old.p,
                          .sum_stride = c->stride,
                          .old_stride = c->stride,
                          .sum_scale = c->then_scale};
    if (c->then && together) p.then = &residual;
    p.capture = c->told && wn_planar_is_capture(&p);
    table->planar(&p);
    if (c->then && !together) table->planar(&residual);
}

/* Frame t by the kernels that know one row: as many `matmul` as there are terms, then the function, then the sum. */
static void run_row(const wn_kernels *table, const planar_case *c, int t, float *y, float *sum)
{
    float x[64];
    for (int o = 0; o < c->out; o++) y[o] = c->init ? c->old_y.p[o * c->stride + t] : c->bias ? c->bias_of.p[o] : 0.0f;
    for (int k = 0; k < c->n_terms; k++) {
        const wn_term *term = &c->terms[k];
        const float *tap = x, *w = term->w;
        for (int n = 0; n < term->taps; n++, w += (size_t)term->in * wn_padded((size_t)c->out)) {
            for (int i = 0; i < term->in; i++) x[i] = c->taps[k][n][i * term->x_stride + t];
            table->matmul(&(wn_matmul){.rows = 1,
                                       .in = term->in,
                                       .out = c->out,
                                       .taps = 1,
                                       .past = n < term->past,
                                       .x = &tap,
                                       .w = w,
                                       .init = y,
                                       .y = y});
        }
    }
    if (c->act) table->activate(&c->f, 1, c->out, y, 0, y, 0);
    for (int o = 0; o < c->out; o++) sum[o] = c->old_sum.p[o * c->stride + t];
    if (c->sum) table->add_scaled(c->out, sum, y, c->sum_scale, sum);
}

/* With `then`, y is scratch. */
static bool equals_rows(const wn_kernels *table, const planar_case *c, const buffer *y, const buffer *sum)
{
    float want[OUTS_MOST], want_sum[OUTS_MOST];
    for (int t = 0; t < c->frames; t++) {
        run_row(table, c, t, want, want_sum);
        for (int o = 0; o < c->out; o++) {
            ptrdiff_t at = o * c->stride + t;
            if (!c->then && !same_bits(c->y ? &want[o] : &c->old_y.p[at], &y->p[at], 1)) return false;
            if (!same_bits(&want_sum[o], &sum->p[at], 1)) return false;
        }
    }
    return true;
}

/* Nothing between the planes is written. */
static bool gaps_intact(const planar_case *c, const buffer *old, const buffer *now)
{
    size_t gap = (size_t)(c->stride - c->frames) * sizeof(float);
    for (int o = 0; o + 1 < c->out; o++) {
        ptrdiff_t at = o * c->stride + c->frames;
        if (memcmp(old->p + at, now->p + at, gap)) return false;
    }
    return buffer_intact(now);
}

static void check_case(checker *check, const wn_kernels *table, const planar_case *c)
{
    buffer y = buffer_copy(&c->old_y), sum = buffer_copy(&c->old_sum);
    buffer want_y = buffer_copy(&c->old_y), want_sum = buffer_copy(&c->old_sum);
#define SHAPE "%s planes: frames %d out %d terms %d (first %d x %d) start %d bias %d function %d"
#define VALUES \
    table->name, c->frames, c->out, c->n_terms, c->terms[0].in, c->terms[0].taps, c->init, c->bias, \
        c->act ? (int)c->f.fn : -1
    buffer then = buffer_copy(&c->then_old), want_then = buffer_copy(&c->then_old), after = buffer_copy(&c->then_old);
    run(table, c, &y, &sum, &after, false);
    memcpy(y.p, c->old_y.p, y.n * sizeof(float)), memcpy(sum.p, c->old_sum.p, sum.n * sizeof(float));
    run(table, c, &y, &sum, &then, true);
    run(&wn_kernels_c, c, &want_y, &want_sum, &want_then, true);
    if (table->fma)
        expect(check, (c->then || same_bits(y.p, want_y.p, y.n)) && same_bits(sum.p, want_sum.p, sum.n),
               SHAPE " differ from c", VALUES);
    if (table->fma)
        expect(check, same_bits(then.p, want_then.p, then.n), SHAPE " then %d differ from c", VALUES, c->then);
    expect(check, same_bits(then.p, after.p, then.n), SHAPE " then %d is not what two calls give", VALUES, c->then);
    expect(check, equals_rows(table, c, &y, &sum), SHAPE " differ from rows", VALUES);
    expect(check, gaps_intact(c, &c->old_y, &y) && gaps_intact(c, &c->old_sum, &sum), SHAPE " wrote elsewhere", VALUES);
    buffer_free(&y);
    buffer_free(&sum);
    buffer_free(&want_y);
    buffer_free(&want_sum);
    buffer_free(&then), buffer_free(&want_then), buffer_free(&after);
}

static void check_copy(checker *check, const wn_kernels *table)
{
    int rows = random_int(check, 1, 5), n = random_int(check, 1, 70);
    ptrdiff_t x_stride = n + random_int(check, 0, 9), y_stride = n + random_int(check, 0, 9);
    buffer x = buffer_random(check, (size_t)((rows - 1) * x_stride + n));
    buffer y = buffer_random(check, (size_t)((rows - 1) * y_stride + n)), want = buffer_copy(&y);
    for (int r = 0; r < rows; r++) memcpy(want.p + r * y_stride, x.p + r * x_stride, (size_t)n * sizeof(float));
    table->copy(rows, n, x.p, x_stride, y.p, y_stride);
    expect(check, same_bits(y.p, want.p, y.n) && buffer_intact(&y), "%s copy: rows %d n %d", table->name, rows, n);
    buffer_free(&x);
    buffer_free(&y);
    buffer_free(&want);
}

void test_planar(checker *check, const wn_kernels *table)
{
    for (int i = 0, n = check->quick ? 100 : 1500; i < n; i++) {
        planar_case c = case_new(check, table->lanes);
        check_case(check, table, &c);
        case_free(&c);
        check_copy(check, table);
    }
}
