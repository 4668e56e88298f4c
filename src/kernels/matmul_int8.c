/* SPDX-License-Identifier: MIT
 * matmul_int8.c - products in 8-bit integers: the reference, the choice for this CPU, and quantised weights.
 * Copyright (c) 2026 the wavenet authors */
#include "matmul_int8.h"

#include <math.h>
#include <string.h>

#include "quantise.h"
#include "reference.h"

static float largest(int n, const float *x)
{
    float most = 0;
    for (int i = 0; i < n; i++) most = fabsf(x[i]) > most ? fabsf(x[i]) : most;
    return most;
}

/* To nearest, halves to even, by adding and taking away 1.5 * 2^23: a call of lrintf for each would be most of the time a
 * plan takes. */
static int8_t rounded(float x)
{
    const float round = 12582912.0f;
    x = x > -127.0f ? x < 127.0f ? x : 127.0f : -127.0f; /* in this order NaN is a number from here on, too */
    return (int8_t)((x + round) - round);
}

/* ---- reference ------------------------------------------------------------------------------------------------ */

static int32_t dot(int in, const float *x, float factor, const int8_t *w, size_t width)
{
    int32_t sum = 0;
    for (int i = 0; i < in; i++) sum += rounded(x[i] * factor) * w[(size_t)(i / 4) * width * 4 + (size_t)(i % 4)];
    return sum;
}

void wn_matmul_int8_c(const wn_matmul *p, const wn_int8_weights *w8, float *work)
{
    (void)work;
    size_t padded = wn_padded((size_t)p->out), x4s = wn_x4((size_t)p->in), tap = x4s * padded * 4;
    for (int r = 0; r < p->rows; r++)
        for (int o = 0; o < p->out; o++) {
            float sum = wn_matmul_begin(p, r, o);
            for (int k = 0; k < p->taps; k++) {
                const float *x = p->x[k] + r * p->x_stride;
                wn_quantiser q = wn_quantiser_of(largest(p->in, x));
                const int8_t *w = w8->w + (size_t)k * tap + wn_weight_at(x4s, (size_t)o) * 4;
                int32_t d = dot(p->in, x, q.factor, w, wn_panel_width((size_t)p->out, (size_t)o));
                sum += (float)d * (q.scale * w8->scale[(size_t)k * padded + (size_t)o]);
            }
            p->y[r * p->y_stride + o] = sum;
        }
}

/* ---- choice --------------------------------------------------------------------------------------------------- */

#ifdef __x86_64__
void wn_matmul_int8_x86_256(const wn_matmul *p, const wn_int8_weights *w8, float *work)
{
#ifdef WN_HAVE_MATMUL_INT8_AVX2
    wn_matmul_int8_avx2(p, w8, work);
#else
    wn_matmul_int8_c(p, w8, work);
#endif
}

/* The test is a load and a branch that is always predicted: 1 ns of the 45 that the shortest product takes. */
void wn_matmul_int8_x86_512(const wn_matmul *p, const wn_int8_weights *w8, float *work)
{
#ifdef WN_HAVE_MATMUL_INT8_AVX512
    if (__builtin_cpu_supports("avx512vnni")) {
        wn_matmul_int8_avx512(p, w8, work);
        return;
    }
#endif
    wn_matmul_int8_x86_256(p, w8, work);
}
#endif

/* ---- weights -------------------------------------------------------------------------------------------------- */

/* One panel of one tap, row by row: its arrays are read and written from end to end. */
static void pack_panel(int in, int columns, size_t width, const float *packed, int8_t *w, float *scale, int32_t *sums)
{
    float most[WN_PANEL] = {0}, factor[WN_PANEL];
    for (int i = 0; i < in; i++)
        for (int o = 0; o < columns; o++) {
            float size = fabsf(packed[(size_t)i * width + (size_t)o]);
            most[o] = size > most[o] ? size : most[o];
        }
    for (int o = 0; o < columns; o++) {
        wn_quantiser q = wn_quantiser_of(most[o]);
        factor[o] = q.factor;
        scale[o] = q.scale;
    }
    for (size_t i = 0; i < (size_t)in; i++)
        for (size_t o = 0; o < (size_t)columns; o++) {
            int8_t v = rounded(packed[i * width + o] * factor[o]);
            w[(i / 4 * width + o) * 4 + i % 4] = v;
            sums[o] += 128 * v;
        }
}

void wn_int8_pack(int out, int in, int taps, const float *packed, int8_t *w, float *scale, int32_t *sums)
{
    size_t padded = wn_padded((size_t)out), x4s = wn_x4((size_t)in);
    memset(w, 0, (size_t)taps * x4s * padded * 4);
    memset(scale, 0, (size_t)taps * padded * sizeof *scale);
    memset(sums, 0, (size_t)taps * padded * sizeof *sums);
    for (int k = 0; k < taps;
         k++, packed += (size_t)in * padded, w += x4s * padded * 4, scale += padded, sums += padded)
        for (int first = 0; first < out; first += WN_PANEL)
            pack_panel(in, out - first < WN_PANEL ? out - first : WN_PANEL, wn_panel_width((size_t)out, (size_t)first),
                       packed + wn_weight_at((size_t)in, (size_t)first), w + wn_weight_at(x4s, (size_t)first) * 4,
                       scale + first, sums + first);
}
