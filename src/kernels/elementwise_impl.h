/* SPDX-License-Identifier: MIT
 * elementwise_impl.h - activations, gates and the other elementwise kernels, written once for every vector width.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_ELEMENTWISE_IMPL_H
#define WN_KERNELS_ELEMENTWISE_IMPL_H

#include "kernels.h"

VEC_FN vec load_some(const float *p, int n) { return n == LANES ? v_load(p) : v_loadn(p, n); }
VEC_FN void store_some(float *p, vec a, int n)
{
    if (n == LANES)
        v_store(p, a);
    else
        v_storen(p, a, n);
}

#include "kinds/activation_math.h"

/* The parameters of an activation for n channels from c on. */
VEC_FN void fn_parameters(const wn_fn fn, const wn_fn_param *f, int c, int n, vec *p)
{
    if (wn_act_row_of(fn)->flags & WN_ACT_PER_CHANNEL)
        p[0] = load_some(f->slopes + c, n);
    else
        UNROLL for (int i = 0; i < WN_ACT_PARAMETERS; i++) p[i] = v_set1(f->p[i]);
}

/* fn of the n channels from c on. `fn` is f->fn, apart so that it may be a constant. */
VEC_FN vec fn_apply(wn_fn fn, const wn_fn_param *f, vec x, int c, int n)
{
    vec p[WN_ACT_PARAMETERS];
    switch (fn) {
#define CASE(ID, name, ...) \
    case WN_ACT_##ID: fn_parameters(WN_ACT_##ID, f, c, n, p); return act_##name(x, p);
        WN_ACTIVATIONS(CASE)
#undef CASE
    case WN_ACT_COUNT: break;
    }
    return x;
}

/* `body` for the whole vectors of `count` elements (n = LANES, a constant), then for the n that are left. */
#define EACH_VECTOR(i, n, count, body) \
    do { \
        int i = 0; \
        for (; i + LANES <= (count); i += LANES) { \
            enum { n = LANES }; \
            body; \
        } \
        if (i < (count)) { \
            const int n = (count)-i; \
            body; \
        } \
    } while (0)

VEC_FN void activate_rows(const wn_fn fn, const wn_fn_param *param, int rows, int channels, const float *x,
                          ptrdiff_t x_stride, float *y, ptrdiff_t y_stride)
{
    const wn_fn_param f = *param; /* a copy that stores through y cannot change */
    if (channels < LANES) { /* narrow: a loop of its own, so that the constants stay in registers from row to row */
        for (int r = 0; r < rows; r++, x += x_stride, y += y_stride)
            store_some(y, fn_apply(fn, &f, load_some(x, channels), 0, channels), channels);
    } else {
        for (int r = 0; r < rows; r++, x += x_stride, y += y_stride)
            EACH_VECTOR(c, n, channels, store_some(y + c, fn_apply(fn, &f, load_some(x + c, n), c, n), n));
    }
}

static void activate(const wn_fn_param *f, int rows, int channels, const float *x, ptrdiff_t x_stride, float *y,
                     ptrdiff_t y_stride)
{
    switch (f->fn) {
#define CASE(ID, ...) \
    case WN_ACT_##ID: activate_rows(WN_ACT_##ID, f, rows, channels, x, x_stride, y, y_stride); break;
        WN_ACTIVATIONS(CASE)
#undef CASE
    case WN_ACT_COUNT: break;
    }
}

/* Any function, called: gates other than the paper's are too many to have a loop each. */
static __attribute__((noinline)) vec fn_any(const wn_fn_param *f, vec x, int c, int n)
{
    return fn_apply(f->fn, f, x, c, n);
}

typedef enum gate_kind { GATE_TANH_SIGMOID, GATE_ANY, GATE_BLEND } gate_kind;

/* n channels from c on: x the half to activate, v the half that gates it. */
VEC_FN void gate_some(const gate_kind kind, const wn_fn_param *act, const wn_fn_param *gate, const float *u,
                      const float *v, float *z, int c, int n)
{
    vec x = load_some(u, n), y = load_some(v, n);
    vec a = kind == GATE_TANH_SIGMOID ? fn_tanh(x) : fn_any(act, x, c, n);
    vec g = kind == GATE_TANH_SIGMOID ? fn_sigmoid(y) : fn_any(gate, y, c, n);
    store_some(z, kind == GATE_BLEND ? v_fma(g, v_sub(a, x), x) : v_mul(a, g), n);
}

VEC_FN void gate_rows(const gate_kind kind, const wn_fn_param *act, const wn_fn_param *gate, int rows, int channels,
                      const float *u, ptrdiff_t u_stride, float *z, ptrdiff_t z_stride)
{
    if (channels < LANES) { /* narrow: as in activate_rows */
        for (int r = 0; r < rows; r++, u += u_stride, z += z_stride)
            gate_some(kind, act, gate, u, u + channels, z, 0, channels);
    } else {
        for (int r = 0; r < rows; r++, u += u_stride, z += z_stride)
            EACH_VECTOR(c, n, channels, gate_some(kind, act, gate, u + c, u + channels + c, z + c, c, n));
    }
}

static void gated(const wn_fn_param *act, const wn_fn_param *gate, int rows, int channels, const float *u,
                  ptrdiff_t u_stride, float *z, ptrdiff_t z_stride)
{
    if (act->fn == WN_ACT_TANH && gate->fn == WN_ACT_SIGMOID)
        gate_rows(GATE_TANH_SIGMOID, act, gate, rows, channels, u, u_stride, z, z_stride);
    else
        gate_rows(GATE_ANY, act, gate, rows, channels, u, u_stride, z, z_stride);
}

static void blended(const wn_fn_param *act, const wn_fn_param *gate, int rows, int channels, const float *u,
                    ptrdiff_t u_stride, float *z, ptrdiff_t z_stride)
{
    gate_rows(GATE_BLEND, act, gate, rows, channels, u, u_stride, z, z_stride);
}

static void add_scaled(int count, const float *a, const float *b, float factor, float *y)
{
    vec s = v_set1(factor);
    EACH_VECTOR(i, n, count, store_some(y + i, v_mul(v_add(load_some(a + i, n), load_some(b + i, n)), s), n));
}

static void scale(int count, const float *x, float factor, float *y)
{
    vec s = v_set1(factor);
    EACH_VECTOR(i, n, count, store_some(y + i, v_mul(load_some(x + i, n), s), n));
}

static void copy(int rows, int count, const float *x, ptrdiff_t x_stride, float *y, ptrdiff_t y_stride)
{
    for (int r = 0; r < rows; r++, x += x_stride, y += y_stride)
        EACH_VECTOR(i, n, count, store_some(y + i, load_some(x + i, n), n));
}

VEC_FN void film_some(const float *x, const float *m, const float *shift, float *y, int n)
{
    store_some(y, v_fma(load_some(x, n), load_some(m, n), shift ? load_some(shift, n) : v_zero()), n);
}

static void film(int rows, int channels, const float *x, ptrdiff_t x_stride, const float *m, ptrdiff_t m_stride,
                 int shift, float *y, ptrdiff_t y_stride)
{
    for (int r = 0; r < rows; r++, x += x_stride, m += m_stride, y += y_stride) {
        const float *b = shift ? m + channels : NULL;
        EACH_VECTOR(c, n, channels, film_some(x + c, m + c, b ? b + c : NULL, y + c, n));
    }
}

#endif
