/* SPDX-License-Identifier: MIT
 * c.c - the reference: every kernel one element at a time, the definition that the vector tables match bit for bit.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <string.h>

#define NUMBER_FMA
#include "base/exp.h"
#include "kernels.h"
#include "kinds/activation_math.h"
#include "matmul_int8.h"
#include "reference.h"

/* ---- matmul -------------------------------------------------------------------------------------------------- */

static float join(int chains, const float *c) { return chains == 1 ? c[0] : (c[0] + c[1]) + (c[2] + c[3]); }

/* One tap and one output: inputs x_step apart, their weights `width`. */
static float product(int in, int chains, const float *x, ptrdiff_t x_step, const float *w, size_t width)
{
    float c[WN_CHAINS] = {0};
    for (int i = 0; i < in; i++) c[i % chains] = fmaf(x[i * x_step], w[(size_t)i * width], c[i % chains]);
    return join(chains, c);
}

static float product_bf16(int in, int chains, const float *x, const uint16_t *w, size_t width)
{
    float c[WN_CHAINS] = {0};
    for (int i = 0; i < in; i++) c[i % chains] = fmaf(x[i], wn_from_bf16(w[(size_t)i * width]), c[i % chains]);
    return join(chains, c);
}

static void matmul(const wn_matmul *p)
{
    size_t matrix = (size_t)p->in * wn_padded((size_t)p->out);
    for (int r = 0; r < p->rows; r++)
        for (int o = 0; o < p->out; o++) {
            float sum = wn_matmul_begin(p, r, o);
            for (int k = 0; k < p->taps; k++) {
                const float *x = p->x[k] + r * p->x_stride;
                size_t at = (size_t)k * matrix + wn_weight_at((size_t)p->in, (size_t)o);
                size_t width = wn_panel_width((size_t)p->out, (size_t)o);
                int chains = wn_chains(p->in, k < p->past);
                sum += p->w16 ? product_bf16(p->in, chains, x, p->w16 + at, width)
                              : product(p->in, chains, x, 1, p->w + at, width);
            }
            p->y[r * p->y_stride + o] = sum;
        }
}

/* ---- elementwise functions ----------------------------------------------------------------------------------- */

/* f of x at channel c. */
static float apply(const wn_fn_param *f, float x, int c)
{
    const float *p = wn_act_row_of(f->fn)->flags & WN_ACT_PER_CHANNEL ? f->slopes + c : f->p;
    switch (f->fn) {
#define CASE(ID, name, ...) \
    case WN_ACT_##ID: return act_##name(x, p);
        WN_ACTIVATIONS(CASE)
#undef CASE
    case WN_ACT_COUNT: break;
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

/* ---- planar ---------------------------------------------------------------------------------------------------- */

/* Output o of frame t. */
static float planar_sum(const wn_planar *p, int o, int t)
{
    size_t width = wn_panel_width((size_t)p->out, (size_t)o);
    float sum = p->init ? p->init[o * p->stride + t] : p->bias ? p->bias[o] : 0.0f;
    for (const wn_term *c = p->terms; c < p->terms + p->n_terms; c++) {
        const float *w = c->w + wn_weight_at((size_t)c->in, (size_t)o);
        for (int k = 0; k < c->taps; k++, w += (size_t)c->in * wn_padded((size_t)p->out))
            sum += product(c->in, wn_chains(c->in, k < c->past), c->x[k] + t, c->x_stride, w, width);
    }
    return p->act ? apply(p->act, sum, o) : sum;
}

static void planar(const wn_planar *p)
{
    for (int o = 0; o < p->out; o++)
        for (int t = 0; t < p->frames; t++) {
            ptrdiff_t at = o * p->stride + t;
            float y = planar_sum(p, o, t);
            if (p->y) p->y[at] = y;
            if (p->sum) p->sum[o * p->sum_stride + t] = (p->old[o * p->old_stride + t] + y) * p->sum_scale;
        }
    if (p->then) planar(p->then);
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

static void film(int rows, int channels, const float *x, ptrdiff_t x_stride, const float *m, ptrdiff_t m_stride,
                 int shift, float *y, ptrdiff_t y_stride)
{
    for (int r = 0; r < rows; r++, x += x_stride, m += m_stride, y += y_stride)
        for (int c = 0; c < channels; c++) y[c] = fmaf(x[c], m[c], shift ? m[c + channels] : 0.0f);
}

static void exp_array(int n, double *x)
{
    for (int i = 0; i < n; i++) x[i] = wn_exp_inline(x[i]);
}

/* Not part of the definition: tables need not agree on the sum order of gemm. */
static void gemm(int ta, int tb, int m, int n, int k, const float *a, ptrdiff_t lda, const float *b, ptrdiff_t ldb,
                 float beta, float *c, ptrdiff_t ldc, float *work)
{
    (void)work;
    for (int i = 0; i < m; i++, c += ldc)
        for (int j = 0; j < n; j++) {
            float sum = 0.0f;
            for (int l = 0; l < k; l++)
                sum += (ta ? a[l * lda + i] : a[i * lda + l]) * (tb ? b[j * ldb + l] : b[l * ldb + j]);
            c[j] = beta != 0.0f ? c[j] + sum : sum;
        }
}

const wn_kernels wn_kernels_c = {.name = "c",
                                 .fma = 1,
                                 .lanes = WN_LANE_PAD,
                                 .matmul = matmul,
                                 .matmul_int8 = wn_matmul_int8_c,
                                 .planar = planar,
                                 .copy = copy,
                                 .activate = activate,
                                 .gated = gated,
                                 .blended = blended,
                                 .add_scaled = add_scaled,
                                 .scale = scale,
                                 .film = film,
                                 .exp_array = exp_array,
                                 .gemm = gemm};
