/* SPDX-License-Identifier: MIT
 * c.c - the reference: every kernel one element at a time, the definition that the vector tables match bit for bit.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <string.h>

#include "elementwise.h"
#include "base/exps.h"
#include "kernels.h"
#include "products8.h"
#include "reference.h"

/* ---- products ------------------------------------------------------------------------------------------------ */

static int chains(int in) { return in <= WN_FEW ? 1 : WN_CHAINS; }
static float join(int in, const float *c) { return chains(in) == 1 ? c[0] : (c[0] + c[1]) + (c[2] + c[3]); }

/* One tap and one output: inputs x_step apart, their weights `width`. */
static float product(int in, const float *x, ptrdiff_t x_step, const float *w, size_t width)
{
    float c[WN_CHAINS] = {0};
    for (int i = 0; i < in; i++)
        c[i % chains(in)] = fmaf(x[i * x_step], w[(size_t)i * width], c[i % chains(in)]);
    return join(in, c);
}

static float product_bf16(int in, const float *x, const uint16_t *w, size_t width)
{
    float c[WN_CHAINS] = {0};
    for (int i = 0; i < in; i++)
        c[i % chains(in)] = fmaf(x[i], wn_from_bf16(w[(size_t)i * width]), c[i % chains(in)]);
    return join(in, c);
}

static void products(const wn_products *p)
{
    size_t matrix = (size_t)p->in * wn_padded((size_t)p->out);
    for (int r = 0; r < p->rows; r++)
        for (int o = 0; o < p->out; o++) {
            float sum = wn_products_begin(p, r, o);
            for (int k = 0; k < p->taps; k++) {
                const float *x = p->x[k] + r * p->x_stride;
                size_t at = (size_t)k * matrix + wn_weight_at((size_t)p->in, (size_t)o);
                size_t width = wn_panel_width((size_t)p->out, (size_t)o);
                sum += p->w16 ? product_bf16(p->in, x, p->w16 + at, width) : product(p->in, x, 1, p->w + at, width);
            }
            p->y[r * p->y_stride + o] = sum;
        }
}

/* ---- elementwise functions ----------------------------------------------------------------------------------- */

/* Written so that NaN passes through. */
static float clamp(float x, float low, float high)
{
    x = low > x ? low : x;
    return high < x ? high : x;
}

static float power_of_two(int n)
{
    uint32_t bits = (uint32_t)(n + 127) << 23;
    float p;
    memcpy(&p, &bits, sizeof p);
    return p;
}

/* *power = 2^n and the returned value = 2^f - 1, where n + f = x * scale, |f| <= 1/2. A NaN comes back as NaN. */
static float pow2_parts(float x, float scale, float *power)
{
    const float round = 12582912.0f; /* 1.5 * 2^23: adding it leaves an integer */
    float biased = fmaf(x, scale, round), n = biased - round;
    float f = fmaf(x, scale, round - biased);
    float p = fmaf(POW2_5, f, POW2_4);
    p = fmaf(p, f, POW2_3);
    p = fmaf(p, f, POW2_2);
    p = fmaf(p, f, POW2_1);
    p = fmaf(p, f, POW2_0);
    *power = power_of_two(isnan(n) ? 0 : (int)n);
    return f * p;
}

/* tanh x = m / (m + 2), m = e^2x - 1 = 2^n (2^f - 1) + (2^n - 1): exact about 0, and exactly 1 in the limit. */
static float fn_tanh(float x)
{
    float s, h = pow2_parts(clamp(x, -TANH_CLAMP, TANH_CLAMP), 2.0f * LOG2_E, &s);
    float m = fmaf(s, h, s - 1.0f);
    return m / (m + 2.0f);
}

static float fn_sigmoid(float x)
{
    float s, h = pow2_parts(clamp(x, -SIGMOID_CLAMP, SIGMOID_CLAMP), -LOG2_E, &s);
    return 1.0f / (1.0f + fmaf(s, h, s));
}

static float fn_fast_tanh(float x)
{
    x = clamp(x, -FAST_TANH_CLAMP, FAST_TANH_CLAMP);
    float size = fabsf(x), square = x * x;
    float top = fmaf(fmaf(FAST_TANH_C, size, FAST_TANH_B), square, fmaf(FAST_TANH_A, size, FAST_TANH_A));
    float bent = fabsf(fmaf(FAST_TANH_E * x, size, x));
    return x * top / fmaf(FAST_TANH_D + square, bent, FAST_TANH_D);
}

static float fn_leaky_hard_tanh(float x, const float *p)
{
    if (x < p[0]) return fmaf(x - p[0], p[2], p[0]);
    return p[1] < x ? fmaf(x - p[1], p[3], p[1]) : x;
}

/* f of x at channel c. */
static float apply(const wn_fn_param *f, float x, int c)
{
    switch (f->fn) {
    case WN_FN_ONE: return 1.0f;
    case WN_FN_TANH: return fn_tanh(x);
    case WN_FN_SIGMOID: return fn_sigmoid(x);
    case WN_FN_RELU: return 0.0f > x ? 0.0f : x;
    case WN_FN_LEAKY_RELU: return x < 0.0f ? x * f->p[0] : x;
    case WN_FN_PRELU: return x < 0.0f ? x * f->slopes[c] : x;
    case WN_FN_SILU: return x * fn_sigmoid(x);
    case WN_FN_HARD_TANH: return clamp(x, -1.0f, 1.0f);
    case WN_FN_LEAKY_HARD_TANH: return fn_leaky_hard_tanh(x, f->p);
    case WN_FN_HARD_SWISH: return x * clamp(x + 3.0f, 0.0f, 6.0f) * (1.0f / 6.0f);
    case WN_FN_SOFTSIGN: return x / (1.0f + fabsf(x));
    case WN_FN_FAST_TANH: return fn_fast_tanh(x);
    case WN_FN_IDENTITY:
    case WN_FN_COUNT: break;
    }
    return x;
}

static void activate(const wn_fn_param *f, int rows, int channels, const float *x, ptrdiff_t x_stride, float *y,
                     ptrdiff_t y_stride)
{
    for (int r = 0; r < rows; r++, x += x_stride, y += y_stride)
        for (int c = 0; c < channels; c++) y[c] = apply(f, x[c], c);
}

static void gated(const wn_fn_param *act, const wn_fn_param *gate, int rows, int channels, const float *u,
                  ptrdiff_t u_stride, float *z, ptrdiff_t z_stride)
{
    for (int r = 0; r < rows; r++, u += u_stride, z += z_stride)
        for (int c = 0; c < channels; c++) z[c] = apply(act, u[c], c) * apply(gate, u[c + channels], c);
}

static void blended(const wn_fn_param *act, const wn_fn_param *gate, int rows, int channels, const float *u,
                    ptrdiff_t u_stride, float *z, ptrdiff_t z_stride)
{
    for (int r = 0; r < rows; r++, u += u_stride, z += z_stride)
        for (int c = 0; c < channels; c++)
            z[c] = fmaf(apply(gate, u[c + channels], c), apply(act, u[c], c) - u[c], u[c]);
}

/* ---- planes ---------------------------------------------------------------------------------------------------- */

/* Output o of frame t. */
static float planes_sum(const wn_planes *p, int o, int t)
{
    size_t width = wn_panel_width((size_t)p->out, (size_t)o);
    float sum = p->start ? p->start[o * p->stride + t] : p->bias ? p->bias[o] : 0.0f;
    for (const wn_term *c = p->terms; c < p->terms + p->n_terms; c++) {
        const float *w = c->w + wn_weight_at((size_t)c->in, (size_t)o);
        for (int k = 0; k < c->taps; k++, w += (size_t)c->in * wn_padded((size_t)p->out))
            sum += product(c->in, c->x[k] + t, c->x_stride, w, width);
    }
    return p->act ? apply(p->act, sum, o) : sum;
}

static void planes(const wn_planes *p)
{
    for (int o = 0; o < p->out; o++)
        for (int t = 0; t < p->frames; t++) {
            ptrdiff_t at = o * p->stride + t;
            float y = planes_sum(p, o, t);
            if (p->y) p->y[at] = y;
            if (p->sum)
                p->sum[o * p->sum_stride + t] = (p->old[o * p->old_stride + t] + y) * p->sum_scale;
        }
    if (p->then) planes(p->then);
}

/* ---- the rest ------------------------------------------------------------------------------------------------ */

static void add_scaled(int n, const float *a, const float *b, float factor, float *y)
{
    for (int i = 0; i < n; i++) y[i] = (a[i] + b[i]) * factor;
}

static void scale(int n, const float *x, float factor, float *y)
{
    for (int i = 0; i < n; i++) y[i] = x[i] * factor;
}

static void copy(int rows, int n, const float *x, ptrdiff_t x_stride, float *y, ptrdiff_t y_stride)
{
    for (int r = 0; r < rows; r++, x += x_stride, y += y_stride) memcpy(y, x, (size_t)n * sizeof *y);
}

static void film(int rows, int channels, const float *x, ptrdiff_t x_stride, const float *m, ptrdiff_t m_stride, int shift,
                 float *y, ptrdiff_t y_stride)
{
    for (int r = 0; r < rows; r++, x += x_stride, m += m_stride, y += y_stride)
        for (int c = 0; c < channels; c++) y[c] = fmaf(x[c], m[c], shift ? m[c + channels] : 0.0f);
}

static void exps(int n, double *x)
{
    for (int i = 0; i < n; i++) x[i] = wn_exp_one(x[i]);
}

/* Not part of the definition: tables need not agree on the sum order of gemm. */
static void gemm(int ta, int tb, int m, int n, int k, const float *a, ptrdiff_t lda, const float *b, ptrdiff_t ldb,
                 float beta, float *c, ptrdiff_t ldc, float *work)
{
    (void)work;
    for (int i = 0; i < m; i++, c += ldc)
        for (int j = 0; j < n; j++) {
            float sum = 0.0f;
            for (int l = 0; l < k; l++) sum += (ta ? a[l * lda + i] : a[i * lda + l]) * (tb ? b[j * ldb + l] : b[l * ldb + j]);
            c[j] = beta != 0.0f ? c[j] + sum : sum;
        }
}

const wn_kernels wn_kernels_c = {.name = "c", .fma = 1, .lanes = WN_LANE_PAD,
                                 .products = products, .products8 = wn_products8_c, .planes = planes, .copy = copy,
                                 .activate = activate, .gated = gated, .blended = blended, .add_scaled = add_scaled,
                                 .scale = scale, .film = film, .exps = exps, .gemm = gemm};
