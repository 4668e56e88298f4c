/* SPDX-License-Identifier: MIT
 * elementwise_impl.h - activations, gates and the other elementwise kernels, written once for every vector width.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_ELEMENTWISE_IMPL_H
#define WN_KERNELS_ELEMENTWISE_IMPL_H

#include "elementwise.h"
#include "kernels.h"

/* Every function does what its scalar twin in c.c does, operation by operation. */

VEC_FN vec load_some(const float *p, int n) { return n == LANES ? v_load(p) : v_loadn(p, n); }
VEC_FN void store_some(float *p, vec a, int n)
{
    if (n == LANES) v_store(p, a);
    else v_storen(p, a, n);
}

VEC_FN vec fn_clamp(vec x, float low, float high) { return v_min(v_set1(high), v_max(v_set1(low), x)); }

/* tanh and sigmoid in stages, so that a kernel can have those of several vectors done between its products:
 *   0, 1    x = x, clamped
 *   2..11   n = 2^n, x = 2^f - 1, where n + f = x * scale, |f| <= 1/2
 *   12..15  x = m / (m + 2), m = 2^n x + (2^n - 1): tanh alone
 * Constants taken `anew` are read where they are used: in registers they would push a kernel's sums out of theirs. */
enum { POW2_STAGES = 12, TANH_STAGES = 16, STAGED_MOST = 6 };
typedef struct staged {
    vec x[STAGED_MOST], n[STAGED_MOST], f[STAGED_MOST];
} staged;
/* In the order in which they are used; those of stages 6 to 9 have the stage's number. */
#define STAGE_CONSTANTS(low, high, scale) \
    {low, high, scale, VEC_ROUND, POW2_5, POW2_4, POW2_3, POW2_2, POW2_1, POW2_0, 1.0f, 2.0f}
static const float tanh_constants[] = STAGE_CONSTANTS(-TANH_CLAMP, TANH_CLAMP, 2.0f * LOG2_E);
static const float sigmoid_constants[] = STAGE_CONSTANTS(-SIGMOID_CLAMP, SIGMOID_CLAMP, -LOG2_E);

VEC_FN vec constant(const int anew, const float *c)
{
    if (anew) __asm__ volatile("" : "+r"(c));
    return v_set1(*c);
}

/* Stage k of `count` vectors. */
VEC_FN void stage(const int k, const int count, const float *constants, const int anew, staged *s)
{
#define EACH_STAGED UNROLL for (int i = 0; i < count; i++)
#define C(at) constant(anew, constants + (at))
    vec c;
    switch (k) {
    case 0: c = C(0); EACH_STAGED s->x[i] = v_max(c, s->x[i]); break;
    case 1: c = C(1); EACH_STAGED s->x[i] = v_min(c, s->x[i]); break;
    case 2: c = C(2); EACH_STAGED s->n[i] = v_fma(s->x[i], c, C(3)); break;
    case 3: c = C(3); EACH_STAGED s->f[i] = v_sub(c, s->n[i]); break;
    case 4: c = C(2); EACH_STAGED s->f[i] = v_fma(s->x[i], c, s->f[i]); break;
    case 5: c = C(4); EACH_STAGED s->x[i] = v_fma(c, s->f[i], C(5)); break;
    case 6: case 7: case 8: case 9: c = C(k); EACH_STAGED s->x[i] = v_fma(s->x[i], s->f[i], c); break;
    case 10: EACH_STAGED s->x[i] = v_mul(s->f[i], s->x[i]); break;
    case 11: EACH_STAGED s->n[i] = v_pow2(s->n[i]); break;
    case 12: c = C(10); EACH_STAGED s->f[i] = v_sub(s->n[i], c); break;
    case 13: EACH_STAGED s->x[i] = v_fma(s->n[i], s->x[i], s->f[i]); break;
    case 14: c = C(11); EACH_STAGED s->f[i] = v_add(s->x[i], c); break;
    case 15: EACH_STAGED s->x[i] = v_div(s->x[i], s->f[i]); break;
    default: break;
    }
#undef C
#undef EACH_STAGED
}

VEC_FN vec fn_tanh(vec x)
{
    staged s;
    s.x[0] = x;
    UNROLL for (int k = 0; k < TANH_STAGES; k++) stage(k, 1, tanh_constants, 0, &s);
    return s.x[0];
}

VEC_FN vec fn_sigmoid(vec x)
{
    staged s;
    s.x[0] = x;
    UNROLL for (int k = 0; k < POW2_STAGES; k++) stage(k, 1, sigmoid_constants, 0, &s);
    return v_div(v_set1(1.0f), v_add(v_set1(1.0f), v_fma(s.n[0], s.x[0], s.n[0])));
}

VEC_FN vec fn_fast_tanh(vec x)
{
    x = fn_clamp(x, -FAST_TANH_CLAMP, FAST_TANH_CLAMP);
    vec a = v_set1(FAST_TANH_A), d = v_set1(FAST_TANH_D), size = v_abs(x), square = v_mul(x, x);
    vec top = v_fma(v_fma(v_set1(FAST_TANH_C), size, v_set1(FAST_TANH_B)), square, v_fma(a, size, a));
    vec bent = v_abs(v_fma(v_mul(v_set1(FAST_TANH_E), x), size, x));
    return v_div(v_mul(x, top), v_fma(v_add(d, square), bent, d));
}

VEC_FN vec fn_leaky_hard_tanh(vec x, const float *p)
{
    vec low = v_set1(p[0]), high = v_set1(p[1]);
    vec below = v_fma(v_sub(x, low), v_set1(p[2]), low);
    vec above = v_fma(v_sub(x, high), v_set1(p[3]), high);
    return v_select(v_less(x, low), below, v_select(v_less(high, x), above, x));
}

VEC_FN vec fn_hard_swish(vec x)
{
    vec t = fn_clamp(v_add(x, v_set1(3.0f)), 0.0f, 6.0f);
    return v_mul(v_mul(x, t), v_set1(1.0f / 6.0f));
}

VEC_FN vec fn_sloped(vec x, vec slope) { return v_select(v_less(x, v_zero()), v_mul(x, slope), x); }

/* fn of the n channels from c on. `fn` is f->fn, apart so that it may be a constant. */
VEC_FN vec fn_apply(wn_fn fn, const wn_fn_param *f, vec x, int c, int n)
{
    switch (fn) {
    case WN_FN_ONE: return v_set1(1.0f);
    case WN_FN_TANH: return fn_tanh(x);
    case WN_FN_SIGMOID: return fn_sigmoid(x);
    case WN_FN_RELU: return v_max(v_zero(), x);
    case WN_FN_LEAKY_RELU: return fn_sloped(x, v_set1(f->p[0]));
    case WN_FN_PRELU: return fn_sloped(x, load_some(f->slopes + c, n));
    case WN_FN_SILU: return v_mul(x, fn_sigmoid(x));
    case WN_FN_HARD_TANH: return fn_clamp(x, -1.0f, 1.0f);
    case WN_FN_LEAKY_HARD_TANH: return fn_leaky_hard_tanh(x, f->p);
    case WN_FN_HARD_SWISH: return fn_hard_swish(x);
    case WN_FN_SOFTSIGN: return v_div(x, v_add(v_set1(1.0f), v_abs(x)));
    case WN_FN_FAST_TANH: return fn_fast_tanh(x);
    case WN_FN_IDENTITY:
    case WN_FN_COUNT: break;
    }
    return x;
}

/* `body` for the whole vectors of `count` elements (n = LANES, a constant), then for the n that are left. */
#define EACH_VECTOR(i, n, count, body)                        \
    do {                                                      \
        int i = 0;                                            \
        for (; i + LANES <= (count); i += LANES) {            \
            enum { n = LANES };                               \
            body;                                             \
        }                                                     \
        if (i < (count)) {                                    \
            const int n = (count) - i;                        \
            body;                                             \
        }                                                     \
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
#define CASE(name) \
    case name: activate_rows(name, f, rows, channels, x, x_stride, y, y_stride); break
    switch (f->fn) {
        CASE(WN_FN_IDENTITY);
        CASE(WN_FN_ONE);
        CASE(WN_FN_TANH);
        CASE(WN_FN_SIGMOID);
        CASE(WN_FN_RELU);
        CASE(WN_FN_LEAKY_RELU);
        CASE(WN_FN_PRELU);
        CASE(WN_FN_SILU);
        CASE(WN_FN_HARD_TANH);
        CASE(WN_FN_LEAKY_HARD_TANH);
        CASE(WN_FN_HARD_SWISH);
        CASE(WN_FN_SOFTSIGN);
        CASE(WN_FN_FAST_TANH);
    case WN_FN_COUNT: break;
    }
#undef CASE
}

/* Any function, called: gates other than the paper's are too many to have a loop each. */
static __attribute__((noinline)) vec fn_any(const wn_fn_param *f, vec x, int c, int n) { return fn_apply(f->fn, f, x, c, n); }

typedef enum gate_kind { GATE_TANH_SIGMOID, GATE_ANY, GATE_BLEND } gate_kind;

/* n channels from c on: x the half to activate, v the half that gates it. */
VEC_FN void gate_some(const gate_kind kind, const wn_fn_param *act, const wn_fn_param *gate, const float *u, const float *v,
                      float *z, int c, int n)
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
    if (act->fn == WN_FN_TANH && gate->fn == WN_FN_SIGMOID)
        gate_rows(GATE_TANH_SIGMOID, act, gate, rows, channels, u, u_stride, z, z_stride);
    else gate_rows(GATE_ANY, act, gate, rows, channels, u, u_stride, z, z_stride);
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

static void film(int rows, int channels, const float *x, ptrdiff_t x_stride, const float *m, ptrdiff_t m_stride, int shift,
                 float *y, ptrdiff_t y_stride)
{
    for (int r = 0; r < rows; r++, x += x_stride, m += m_stride, y += y_stride) {
        const float *b = shift ? m + channels : NULL;
        EACH_VECTOR(c, n, channels, film_some(x + c, m + c, b ? b + c : NULL, y + c, n));
    }
}

#endif
