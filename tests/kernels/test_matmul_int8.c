/* SPDX-License-Identifier: MIT
 * test_matmul_int8.c - products in 8-bit integers: the same bits on every set, and near the products in floats.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "kernels/matmul_int8.h"

enum { TAPS_MOST = 24 };

typedef struct int8_case {
    int rows, in, out, taps, n_partial;
    ptrdiff_t x_stride, y_stride;
    buffer x, packed, init, partial, y, scale, work;
    const float *taps_of[TAPS_MOST];
    int8_t *w;
    int32_t *sums;
} int8_case;

static int8_case int8_case_new(checker *check)
{
    static const int rows[] = {1, 1, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17}, taps[] = {1, 1, 1, 2, 3, TAPS_MOST};
    int8_case c = {
        .rows = random_of(check, rows, 12), .taps = random_of(check, taps, 6), .n_partial = random_int(check, 0, 2)};
    c.in = random_int(check, 0, 2) ? random_int(check, 1, 70) : random_int(check, 71, 300);
    c.out = random_int(check, 0, 2) ? random_int(check, 1, 70) : random_int(check, 71, 300);
    c.x_stride = c.in + random_int(check, 0, 2);
    c.y_stride = c.out + random_int(check, 0, 3);
    size_t padded = wn_padded((size_t)c.out), n = (size_t)c.taps * (size_t)c.in * padded;
    c.x = buffer_new((size_t)((c.rows + c.taps) * c.x_stride));
    for (size_t i = 0; i < c.x.n; i++) c.x.p[i] = random_float(check);
    if (random_int(check, 0, 5) == 0) memset(c.x.p, 0, (size_t)c.x_stride * sizeof(float)); /* a row of silence */
    for (int k = 0; k < c.taps; k++) c.taps_of[k] = c.x.p + k * c.x_stride;
    buffer plain = buffer_random(check, (size_t)c.out * (size_t)c.in * (size_t)c.taps);
    c.packed = buffer_new(n);
    wn_pack_weights(c.out, c.in, c.taps, plain.p, c.packed.p);
    buffer_free(&plain);
    c.init = buffer_random(check, (size_t)c.out);
    c.partial = buffer_random(check, (size_t)(c.n_partial + 1) * (size_t)c.rows * (size_t)c.out);
    c.y = buffer_random(check, (size_t)((c.rows - 1) * c.y_stride + c.out));
    c.scale = buffer_new((size_t)c.taps * padded);
    c.work = buffer_new(wn_int8_scratch((size_t)c.in, (size_t)c.taps));
    c.w = malloc((size_t)c.taps * wn_x4((size_t)c.in) * padded * 4);
    c.sums = malloc((size_t)c.taps * padded * sizeof *c.sums);
    if (!c.w || !c.sums) abort();
    wn_int8_pack(c.out, c.in, c.taps, c.packed.p, c.w, c.scale.p, c.sums);
    return c;
}

static void int8_case_free(int8_case *c)
{
    buffer_free(&c->x);
    buffer_free(&c->packed);
    buffer_free(&c->init);
    buffer_free(&c->partial);
    buffer_free(&c->y);
    buffer_free(&c->scale);
    buffer_free(&c->work);
    free(c->w);
    free(c->sums);
}

static void int8_run(wn_matmul_int8 *f, const int8_case *c, const buffer *y)
{
    wn_matmul p = {.rows = c->rows,
                   .in = c->in,
                   .out = c->out,
                   .taps = c->taps,
                   .x = c->taps_of,
                   .x_stride = c->x_stride,
                   .init = c->init.p,
                   .partial = c->partial.p,
                   .partial_stride = c->out,
                   .partial_next = (ptrdiff_t)c->rows * c->out,
                   .n_partial = c->n_partial,
                   .y = y->p,
                   .y_stride = c->y_stride};
    f(&p, &(wn_int8_weights){c->w, c->scale.p, c->sums}, c->work.p);
}

static double largest(const float *x, size_t n, size_t step)
{
    double most = 0;
    for (size_t i = 0; i < n; i++)
        if (fabs((double)x[i * step]) > most) most = fabs((double)x[i * step]);
    return most;
}

/* A value is at most half a step off, of 127 in the largest of its row or column. */
static bool int8_within_bound(const int8_case *c, const buffer *y)
{
    size_t padded = wn_padded((size_t)c->out);
    for (int r = 0; r < c->rows; r++)
        for (int o = 0; o < c->out; o++) {
            double sum = (double)c->init.p[o], bound = 0, size = fabs(sum);
            for (int k = 0; k < c->n_partial; k++) {
                double past = (double)c->partial.p[(k * c->rows + r) * c->out + o];
                sum += past;
                size += fabs(past);
            }
            for (int k = 0; k < c->taps; k++) {
                const float *x = c->taps_of[k] + r * c->x_stride, *w = c->packed.p + (size_t)(k * c->in) * padded;
                size_t width = wn_panel_width((size_t)c->out, (size_t)o);
                w += wn_weight_at((size_t)c->in, (size_t)o);
                double most_x = largest(x, (size_t)c->in, 1), most_w = largest(w, (size_t)c->in, width);
                double dx = most_x / 254 * 1.0001, dw = most_w / 254 * 1.0001;
                for (int i = 0; i < c->in; i++) {
                    double xi = (double)x[i], wi = (double)w[(size_t)i * width];
                    sum += xi * wi;
                    bound += fabs(xi) * dw + fabs(wi) * dx + dx * dw;
                    size += fabs(xi * wi);
                }
            }
            bound += gamma_n(c->taps + c->n_partial + 5) * (size + bound) + c->in * c->taps * 2e-30;
            if (!(fabs((double)y->p[r * c->y_stride + o] - sum) <= bound)) return false;
        }
    return true;
}

void test_matmul_int8(checker *check, int cpu)
{
    wn_matmul_int8 *f = wn_kernels_get(cpu)->matmul_int8;
    for (int i = 0, n = check->quick ? 60 : 600; i < n; i++) {
        int8_case c = int8_case_new(check);
        buffer want = buffer_copy(&c.y), got = buffer_copy(&c.y);
        int8_run(wn_matmul_int8_c, &c, &want);
        int8_run(f, &c, &got);
#define INT8_SHAPE "matmul_int8 of set %d: rows %d in %d out %d taps %d"
#define INT8_VALUES cpu, c.rows, c.in, c.out, c.taps
        expect(check, same_bits(want.p, got.p, got.n), INT8_SHAPE " differ from c", INT8_VALUES);
        expect(check, int8_within_bound(&c, &got), INT8_SHAPE " exceed the bound", INT8_VALUES);
        expect(check, buffer_intact(&got), INT8_SHAPE " wrote before the output", INT8_VALUES);
        expect(check, buffer_intact(&c.work), INT8_SHAPE " wrote before its scratch", INT8_VALUES);
        buffer_free(&want);
        buffer_free(&got);
        int8_case_free(&c);
    }
}
