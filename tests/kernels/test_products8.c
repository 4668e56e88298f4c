/* SPDX-License-Identifier: MIT
 * test_products8.c - products in 8-bit integers: the same bits on every set, and near the products in floats.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "kernels/products8.h"

enum { TAPS_MOST = 24 };

typedef struct case8 {
    int rows, in, out, taps, n_past;
    ptrdiff_t x_stride, y_stride;
    buffer x, packed, start, past, y, scale, work;
    const float *taps_of[TAPS_MOST];
    int8_t *w;
    int32_t *sums;
} case8;

static case8 case8_new(checker *check)
{
    static const int rows[] = {1, 1, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17}, taps[] = {1, 1, 1, 2, 3, TAPS_MOST};
    case8 c = {.rows = random_of(check, rows, 12), .taps = random_of(check, taps, 6), .n_past = random_int(check, 0, 2)};
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
    c.start = buffer_random(check, (size_t)c.out);
    c.past = buffer_random(check, (size_t)(c.n_past + 1) * (size_t)c.rows * (size_t)c.out);
    c.y = buffer_random(check, (size_t)((c.rows - 1) * c.y_stride + c.out));
    c.scale = buffer_new((size_t)c.taps * padded);
    c.work = buffer_new(wn_work8((size_t)c.in, (size_t)c.taps));
    c.w = malloc((size_t)c.taps * wn_quads((size_t)c.in) * padded * 4);
    c.sums = malloc((size_t)c.taps * padded * sizeof *c.sums);
    if (!c.w || !c.sums) abort();
    wn_pack8(c.out, c.in, c.taps, c.packed.p, c.w, c.scale.p, c.sums);
    return c;
}

static void case8_free(case8 *c)
{
    buffer_free(&c->x);
    buffer_free(&c->packed);
    buffer_free(&c->start);
    buffer_free(&c->past);
    buffer_free(&c->y);
    buffer_free(&c->scale);
    buffer_free(&c->work);
    free(c->w);
    free(c->sums);
}

static void run8(wn_products8 *f, const case8 *c, const buffer *y)
{
    wn_products p = {.rows = c->rows, .in = c->in, .out = c->out, .taps = c->taps, .x = c->taps_of, .x_stride = c->x_stride,
                     .start = c->start.p, .past = c->past.p, .past_stride = c->out,
                     .past_next = (ptrdiff_t)c->rows * c->out, .n_past = c->n_past, .y = y->p, .y_stride = c->y_stride};
    f(&p, &(wn_weights8){c->w, c->scale.p, c->sums}, c->work.p);
}

static double largest(const float *x, size_t n, size_t step)
{
    double most = 0;
    for (size_t i = 0; i < n; i++)
        if (fabs((double)x[i * step]) > most) most = fabs((double)x[i * step]);
    return most;
}

/* A value is at most half a step off, of 127 in the largest of its row or column. */
static bool within_bound8(const case8 *c, const buffer *y)
{
    size_t padded = wn_padded((size_t)c->out);
    for (int r = 0; r < c->rows; r++)
        for (int o = 0; o < c->out; o++) {
            double sum = (double)c->start.p[o], bound = 0, size = fabs(sum);
            for (int k = 0; k < c->n_past; k++) {
                double past = (double)c->past.p[(k * c->rows + r) * c->out + o];
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
            bound += gamma_n(c->taps + c->n_past + 5) * (size + bound) + c->in * c->taps * 2e-30;
            if (!(fabs((double)y->p[r * c->y_stride + o] - sum) <= bound)) return false;
        }
    return true;
}

void test_products8(checker *check, int cpu)
{
    wn_products8 *f = wn_kernels_get(cpu)->products8;
    for (int i = 0, n = check->quick ? 60 : 600; i < n; i++) {
        case8 c = case8_new(check);
        buffer want = buffer_copy(&c.y), got = buffer_copy(&c.y);
        run8(wn_products8_c, &c, &want);
        run8(f, &c, &got);
#define SHAPE8 "products8 of set %d: rows %d in %d out %d taps %d"
#define VALUES8 cpu, c.rows, c.in, c.out, c.taps
        expect(check, same_bits(want.p, got.p, got.n), SHAPE8 " differ from c", VALUES8);
        expect(check, within_bound8(&c, &got), SHAPE8 " exceed the bound", VALUES8);
        expect(check, buffer_intact(&got), SHAPE8 " wrote before the output", VALUES8);
        expect(check, buffer_intact(&c.work), SHAPE8 " wrote before its scratch", VALUES8);
        buffer_free(&want);
        buffer_free(&got);
        case8_free(&c);
    }
}
