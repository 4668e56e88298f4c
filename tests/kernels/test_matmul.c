/* SPDX-License-Identifier: MIT
 * test_matmul.c - `matmul` against the scalar reference in bits, and both against double by a derived bound.
 * Copyright (c) 2026 the wavenet authors */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { TAPS_MOST = 17 };
typedef enum start_kind { START_NONE, START_BIAS, START_ROWS, START_Y, START_KINDS } start_kind;

/* One random call: shapes, strides, data. */
typedef struct matmul_case {
    int rows, in, out, taps, past;
    start_kind kind;
    int n_partial;
    ptrdiff_t x_stride, init_stride, partial_stride, partial_next, y_stride;
    buffer x, w, init, partial, y; /* x: all taps' rows, overlapping as in a dilated convolution */
    const float *x_taps[TAPS_MOST];
    uint16_t *w16; /* the weights as bfloat16, which they are then; NULL: floats */
} matmul_case;

static size_t extent(int rows, ptrdiff_t stride, int width) { return (size_t)((rows - 1) * stride + width); }

/* Weights come through wn_pack_weights, as they do in the engine. */
static buffer packed_weights(checker *check, int out, int in, int taps)
{
    buffer plain = buffer_random(check, (size_t)out * (size_t)in * (size_t)taps);
    buffer packed = buffer_new((size_t)taps * (size_t)in * wn_padded((size_t)out));
    wn_pack_weights(out, in, taps, plain.p, packed.p);
    buffer_free(&plain);
    return packed;
}

/* w becomes what bfloat16 makes of it. */
static uint16_t *halve(buffer *w)
{
    uint16_t *half = malloc(w->n * sizeof *half);
    if (!half) abort();
    for (size_t i = 0; i < w->n; i++) {
        half[i] = wn_bf16(w->p[i]);
        w->p[i] = wn_from_bf16(half[i]);
    }
    return half;
}

static matmul_case case_new(checker *check)
{
    static const int rows[] = {1, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 16, 17, 33, 64};
    static const int taps[] = {1, 1, 2, 2, 3, 3, 5, 7, TAPS_MOST};
    matmul_case c = {.rows = random_of(check, rows, 16), .taps = random_of(check, taps, 9)};
    c.past = random_int(check, 0, 1) ? c.taps - 1 : random_int(check, 0, c.taps);
    c.in = random_int(check, 0, 3) ? random_int(check, 1, 20) : random_int(check, 21, 130);
    c.out = random_int(check, 0, 3) ? random_int(check, 1, 40) : random_int(check, 41, 130);
    c.kind = (start_kind)random_int(check, 0, START_KINDS - 1);
    c.x_stride = c.in + random_int(check, 0, 3);
    c.y_stride = c.out + random_int(check, 0, 5);
    c.init_stride = c.kind == START_ROWS ? c.out + random_int(check, 0, 5) : c.kind == START_Y ? c.y_stride : 0;
    int dilation = random_int(check, 1, 4);
    c.x = buffer_random(check, extent(c.rows + dilation * (c.taps - 1), c.x_stride, c.in));
    for (int k = 0; k < c.taps; k++) c.x_taps[k] = c.x.p + k * dilation * c.x_stride;
    c.w = packed_weights(check, c.out, c.in, c.taps);
    c.w16 = random_int(check, 0, 2) ? NULL : halve(&c.w);
    c.init = buffer_random(check, extent(c.rows, c.init_stride, c.out));
    c.n_partial = random_int(check, 0, 1) * random_int(check, 0, 3);
    c.partial_stride = c.out + random_int(check, 0, 2);
    c.partial_next = c.partial_stride * (c.rows + random_int(check, 0, 2));
    c.partial = buffer_random(check, (size_t)(c.partial_next * (c.n_partial + 1)));
    c.y = buffer_random(check, extent(c.rows, c.y_stride, c.out));
    return c;
}

static void case_free(matmul_case *c)
{
    buffer_free(&c->x);
    buffer_free(&c->w);
    free(c->w16);
    buffer_free(&c->init);
    buffer_free(&c->partial);
    buffer_free(&c->y);
}

static wn_matmul arguments(const matmul_case *c, const buffer *y, int row, int rows)
{
    wn_matmul p = {.rows = rows,
                   .in = c->in,
                   .out = c->out,
                   .taps = c->taps,
                   .past = c->past,
                   .x = c->x_taps,
                   .x_stride = c->x_stride,
                   .w = c->w16 ? NULL : c->w.p,
                   .w16 = c->w16,
                   .init_stride = c->init_stride,
                   .partial = c->partial.p + row * c->partial_stride,
                   .partial_stride = c->partial_stride,
                   .partial_next = c->partial_next,
                   .n_partial = c->n_partial,
                   .y = y->p + row * c->y_stride,
                   .y_stride = c->y_stride};
    if (c->kind != START_NONE) p.init = (c->kind == START_Y ? y->p : c->init.p) + row * c->init_stride;
    return p;
}

/* Row by row: the same sums in another tiling. */
static void run_single_rows(const wn_kernels *table, const matmul_case *c, const buffer *y)
{
    for (int r = 0; r < c->rows; r++) {
        const float *x[TAPS_MOST];
        wn_matmul p = arguments(c, y, r, 1);
        for (int k = 0; k < c->taps; k++) x[k] = c->x_taps[k] + r * c->x_stride;
        p.x = x;
        table->matmul(&p);
    }
}

/* A term x*w of one output passes one rounding as a product, at most max(ceil(in/4), WN_SMALL_PAST_INPUT) in its chain, two where the chains join
 * and at most `taps` where the taps do; the starting value and the products of the past as many and n_past more. So the
 * whole is wrong by at most gamma_(1 + that + 2 + taps + n_past) of the sum of sizes. Products that underflow lose half a denormal each. */
static bool within_bound(const matmul_case *c, const buffer *before, const buffer *y)
{
    int chain = (c->in + 3) / 4 > WN_SMALL_PAST_INPUT ? (c->in + 3) / 4 : WN_SMALL_PAST_INPUT;
    double g = gamma_n(1 + chain + 2 + c->taps + c->n_partial);
    size_t matrix = (size_t)c->in * wn_padded((size_t)c->out);
    for (int r = 0; r < c->rows; r++)
        for (int o = 0; o < c->out; o++) {
            const float *w = c->w.p + wn_weight_at((size_t)c->in, (size_t)o);
            size_t width = wn_panel_width((size_t)c->out, (size_t)o);
            double sum = 0.0, size = 0.0;
            if (c->kind == START_Y)
                sum = before->p[r * c->y_stride + o];
            else if (c->kind != START_NONE)
                sum = c->init.p[r * c->init_stride + o];
            size = fabs(sum);
            for (int k = 0; k < c->n_partial; k++) {
                double term = c->partial.p[k * c->partial_next + r * c->partial_stride + o];
                sum += term;
                size += fabs(term);
            }
            for (int k = 0; k < c->taps; k++)
                for (int i = 0; i < c->in; i++) {
                    double term = (double)c->x_taps[k][r * c->x_stride + i] * w[(size_t)k * matrix + (size_t)i * width];
                    sum += term;
                    size += fabs(term);
                }
            if (!(fabs(y->p[r * c->y_stride + o] - sum) <= g * size + c->in * c->taps * 0x1p-149)) return false;
        }
    return true;
}

static void check_case(checker *check, const wn_kernels *table, const matmul_case *c)
{
    buffer want = buffer_copy(&c->y), got = buffer_copy(&c->y), single = buffer_copy(&c->y);
    wn_matmul p = arguments(c, &want, 0, c->rows), q = arguments(c, &got, 0, c->rows);
    wn_kernels_c.matmul(&p);
    table->matmul(&q);
    run_single_rows(table, c, &single);
#define SHAPE "%s products: rows %d in %d out %d taps %d start %d"
#define VALUES table->name, c->rows, c->in, c->out, c->taps, (int)c->kind
    if (table->fma) expect(check, same_bits(want.p, got.p, got.n), SHAPE " differ from c", VALUES);
    expect(check, same_bits(single.p, got.p, got.n), SHAPE " differ row by row", VALUES);
    expect(check, within_bound(c, &c->y, &got), SHAPE " exceed the bound", VALUES);
    expect(check, within_bound(c, &c->y, &want), SHAPE ": the reference exceeds the bound", VALUES);
    expect(check, buffer_intact(&got), SHAPE " wrote before the output", VALUES);
    for (int r = 0; r + 1 < c->rows; r++)
        expect(check,
               memcmp(c->y.p + r * c->y_stride + c->out, got.p + r * c->y_stride + c->out,
                      (size_t)(c->y_stride - c->out) * sizeof(float)) == 0,
               SHAPE " wrote between rows", VALUES);
    buffer_free(&want);
    buffer_free(&got);
    buffer_free(&single);
}

void test_matmul(checker *check, const wn_kernels *table)
{
    for (int i = 0, n = check->quick ? 100 : 1500; i < n; i++) {
        matmul_case c = case_new(check);
        check_case(check, table, &c);
        case_free(&c);
    }
}

/* Two panels, of 64 and of 16 columns, of which 13 are used. */
void test_pack(checker *check)
{
    enum { OUT = 77, IN = 3, TAPS = 5, FIRST = WN_PANEL, SECOND = 16 };
    buffer plain = buffer_random(check, OUT * IN * TAPS);
    expect(check, wn_padded(OUT) == FIRST + SECOND, "77 outputs are padded to %zu columns, not 80", wn_padded(OUT));
    buffer packed = buffer_new(TAPS * IN * (FIRST + SECOND));
    wn_pack_weights(OUT, IN, TAPS, plain.p, packed.p);
    const float *got = packed.p;
    for (int k = 0; k < TAPS; k++)
        for (int first = 0; first < OUT; first += FIRST)
            for (int i = 0; i < IN; i++)
                for (int o = first; o < first + (first ? SECOND : FIRST); o++, got++) {
                    float want = o < OUT ? plain.p[(o * IN + i) * TAPS + k] : 0.0f;
                    expect(check, same_bits(&want, got, 1), "packed weight of tap %d input %d output %d", k, i, o);
                }
    buffer_free(&plain);
    buffer_free(&packed);
}

/* Rounding to nearest: what comes back is within half a step, exact where the lower half is zero; ties go to even. */
void test_bf16(checker *check)
{
    for (int i = 0; i < 2000; i++) {
        float x = random_float(check), y = wn_from_bf16(wn_bf16(x));
        expect(check, fabsf(x - y) <= fabsf(x) * 0x1p-8f, "bf16 of %g is %g", (double)x, (double)y);
        expect(check, wn_bf16(y) == wn_bf16(x), "bf16 of %g twice", (double)x);
    }
    expect(check, wn_from_bf16(wn_bf16(1.0f + 0x1p-8f)) == 1.0f, "a tie below an odd number");
    expect(check, wn_from_bf16(wn_bf16(1.0f + 0x3p-8f)) == 1.0f + 0x1p-6f, "a tie above an odd number");
    expect(check, wn_bf16(-0.0f) == 0x8000, "minus zero");
}
