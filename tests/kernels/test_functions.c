/* SPDX-License-Identifier: MIT
 * test_functions.c - every activation: in bits against the reference, in value against double.
 * Copyright (c) 2026 the wavenet authors */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/exp.h"
#include "check.h"

enum { WIDTH = 67 };

static double tanh_bound(const wn_kernels *table) { return table->fma ? 3e-7 : 3.1e-7; }

/* The function in double, from its definition, and how far a table may be from it: *bound. Roundings are counted along the
 * longest path of c.c with a product and a sum for every fma, constants included; none of the sums cancels except where
 * their terms' sizes are in the bound. */
static double function(const wn_kernels *table, const wn_fn_param *f, double x, double slope, double *bound)
{
    double u = UNIT_ROUNDOFF, y = x, t;
    const float *p = f->p;
    *bound = 0.0;
    switch (f->fn) {
    case WN_ACT_IDENTITY: break;
    case WN_ACT_ONE: y = 1.0; break;
    case WN_ACT_TANH: y = tanh(x), *bound = tanh_bound(table); break;
    case WN_ACT_SIGMOID: y = 1.0 / (1.0 + exp(-x)), *bound = 3e-7; break;
    case WN_ACT_RELU: y = x < 0.0 ? 0.0 : x; break;
    case WN_ACT_LEAKY_RELU: y = x < 0.0 ? x * p[0] : x, *bound = u * fabs(y) + 0x1p-149; break;
    case WN_ACT_PRELU: y = x < 0.0 ? x * slope : x, *bound = u * fabs(y) + 0x1p-149; break;
    case WN_ACT_SILU: y = x / (1.0 + exp(-x)), *bound = 3e-7 * fabs(x) + u * fabs(y) + 0x1p-149; break;
    case WN_ACT_HARD_TANH: y = x < -1.0 ? -1.0 : x > 1.0 ? 1.0 : x; break;
    case WN_ACT_LEAKY_HARD_TANH:
        if (x >= p[0] && x <= p[1]) break;
        t = x < p[0] ? (x - p[0]) * p[2] : (x - p[1]) * p[3];
        y = t + (x < p[0] ? p[0] : p[1]);
        *bound = gamma_n(3) * (fabs(t) + fabs(x < p[0] ? p[0] : p[1]));
        break;
    case WN_ACT_HARD_SWISH: /* x + 3 is wrong by u|x + 3|; products: one each, the constant 1/6 one */
        t = x + 3.0 < 0.0 ? 0.0 : x + 3.0 > 6.0 ? 6.0 : x + 3.0;
        y = x * t / 6.0, *bound = gamma_n(4) * fabs(y) + 0x1p-149;
        break;
    case WN_ACT_SOFTSIGN: y = x / (1.0 + fabs(x)), *bound = gamma_n(2) * fabs(y) + 0x1p-149; break;
    case WN_ACT_FAST_TANH: /* above: 7 roundings; below: 9; the division: 1 */
        t = fabs(x);
        y = x * (2.45550750702956 + 2.45550750702956 * t + (0.893229853513558 + 0.821226666969744 * t) * x * x) /
            (2.44506634652299 + (2.44506634652299 + x * x) * fabs(x + 0.814642734961073 * x * t));
        *bound = gamma_n(17) * fabs(y) + 0x1p-149;
        break;
    case WN_ACT_COUNT: break;
    }
    return y;
}

static void check_values(checker *check, const wn_kernels *table, const wn_fn_param *f, const buffer *x,
                         const buffer *y)
{
    for (size_t i = 0; i < x->n; i++) {
        double bound, want = function(table, f, x->p[i], f->slopes[i % WIDTH], &bound);
        if (isnan(x->p[i])) {
            expect(check, f->fn == WN_ACT_ONE ? y->p[i] == 1.0f : isnan(y->p[i]), "%s function %d of NaN is %g",
                   table->name, (int)f->fn, (double)y->p[i]);
        } else if (fabsf(x->p[i]) <= 1e8f) { /* beyond it some of the functions themselves overflow */
            expect(check, fabs(y->p[i] - want) <= bound, "%s function %d of %.9g is %.9g, not %.9g +- %.2g",
                   table->name, (int)f->fn, (double)x->p[i], (double)y->p[i], want, bound);
        }
    }
}

static void check_function(checker *check, const wn_kernels *table, const wn_fn_param *f, const buffer *x)
{
    int rows = (int)(x->n / WIDTH);
    buffer want = buffer_new(x->n), got = buffer_new(x->n), over = buffer_copy(x);
    wn_kernels_c.activate(f, rows, WIDTH, x->p, WIDTH, want.p, WIDTH);
    table->activate(f, rows, WIDTH, x->p, WIDTH, got.p, WIDTH);
    table->activate(f, rows, WIDTH, over.p, WIDTH, over.p, WIDTH);
    if (table->fma)
        expect(check, same_bits(want.p, got.p, x->n), "%s function %d differs from c", table->name, (int)f->fn);
    expect(check, same_bits(over.p, got.p, x->n), "%s function %d differs in place", table->name, (int)f->fn);
    expect(check, buffer_intact(&got), "%s function %d wrote before the output", table->name, (int)f->fn);
    check_values(check, table, f, x, &got);
    buffer_free(&want);
    buffer_free(&got);
    buffer_free(&over);
}

void test_functions(checker *check, const wn_kernels *table)
{
    static const float special[] = {0.0f,   -0.0f,   1e-45f,   -1e-45f,  FLT_MIN,   -FLT_MIN, 0.5f,  -0.5f,
                                    1.0f,   -1.0f,   3.0f,     -3.0f,    6.0f,      9.0f,     -9.0f, 20.0f,
                                    -20.0f, 88.0f,   -88.0f,   1e4f,     -1e4f,     1e9f,     -1e9f, 1e20f,
                                    -1e20f, FLT_MAX, -FLT_MAX, INFINITY, -INFINITY, NAN};
    buffer x = buffer_random(check, 40 * WIDTH), slopes = buffer_random(check, WIDTH);
    memcpy(x.p, special, sizeof special);
    memcpy(x.p + 2 * WIDTH - 30, special, sizeof special); /* in tails, too */
    for (int fn = 0; fn < WN_ACT_COUNT; fn++) {
        wn_fn_param f = {.fn = (wn_fn)fn, .p = {-0.75f, 0.5f, 0.1f, 0.2f}, .slopes = slopes.p};
        check_function(check, table, &f, &x);
    }
    buffer_free(&x);
    buffer_free(&slopes);
}

/* ---- tanh and sigmoid, all over the floats --------------------------------------------------------------------- */

enum { SWEEP = 4096 };

typedef struct sweep {
    double worst, at;
    bool bounded, saturated; /* within its range; exactly -1, 1 (tanh) or 1 (sigmoid) far out */
    bool same;
} sweep;

static void sweep_block(const wn_kernels *table, wn_fn fn, const float *x, sweep *s)
{
    static float got[SWEEP], want[SWEEP];
    wn_fn_param f = {.fn = fn};
    float low = fn == WN_ACT_TANH ? -1.0f : 0.0f, far = fn == WN_ACT_TANH ? 8.1f : 18.0f;
    table->activate(&f, 1, SWEEP, x, SWEEP, got, SWEEP);
    wn_kernels_c.activate(&f, 1, SWEEP, x, SWEEP, want, SWEEP);
    s->same = s->same && (!table->fma || memcmp(got, want, sizeof got) == 0);
    for (int i = 0; i < SWEEP; i++) {
        double exact = fn == WN_ACT_TANH ? tanh(x[i]) : 1.0 / (1.0 + exp(-(double)x[i]));
        double error = fabs(got[i] - exact);
        if (!(error <= s->worst)) s->worst = error, s->at = x[i];
        s->bounded = s->bounded && got[i] >= low && got[i] <= 1.0f;
        if (x[i] >= far) s->saturated = s->saturated && got[i] == 1.0f;
        if (x[i] <= -far && fn == WN_ACT_TANH) s->saturated = s->saturated && got[i] == -1.0f;
    }
}

/* Every `stride`-th float of both signs, infinities included. */
static sweep sweep_all(const wn_kernels *table, wn_fn fn, uint32_t stride)
{
    static float x[SWEEP];
    const uint32_t infinity = 0x7f800000u;
    sweep s = {.bounded = true, .saturated = true, .same = true};
    for (uint64_t bits = 0; bits <= infinity;) {
        for (int i = 0; i < SWEEP; i += 2, bits += stride) {
            uint32_t b = bits < infinity ? (uint32_t)bits : infinity;
            memcpy(x + i, &b, sizeof b);
            x[i + 1] = -x[i];
        }
        sweep_block(table, fn, x, &s);
    }
    return s;
}

void test_accuracy(checker *check, const wn_kernels *table)
{
    for (int i = 0; i < 2; i++) {
        wn_fn fn = i ? WN_ACT_SIGMOID : WN_ACT_TANH;
        const char *name = i ? "sigmoid" : "tanh";
        sweep s = sweep_all(table, fn, check->exhaustive ? 1 : check->quick ? 99991 : 997);
        printf("  %-8s %-7s worst error %.3g at %.6g\n", table->name, name, s.worst, s.at);
        double bound = fn == WN_ACT_TANH ? tanh_bound(table) : 3e-7;
        expect(check, s.worst <= bound, "%s %s is off by %.3g at %.9g", table->name, name, s.worst, s.at);
        expect(check, s.bounded, "%s %s leaves its range", table->name, name);
        expect(check, s.saturated, "%s %s does not saturate", table->name, name);
        expect(check, s.same, "%s %s differs from c", table->name, name);
    }
}

/* As one by one, whatever the lanes; how exact that is, the engine's test knows. */
void test_exp_array(checker *check, const wn_kernels *table)
{
    enum { MOST = 70 };
    static const double special[] = {0.0,   -0.0,  1.0,    -700.0,   700.0,     -701.0,
                                     701.0, 1e300, -1e300, INFINITY, -INFINITY, NAN};
    for (int n = 1; n <= MOST; n++) {
        double x[MOST + 1], want[MOST + 1];
        for (int i = 0; i <= MOST; i++) {
            x[i] = random_int(check, 0, 4) ? 60.0 * (double)random_float(check) : special[random_int(check, 0, 11)];
            want[i] = i < n ? wn_exp_inline(x[i]) : x[i];
        }
        table->exp_array(n, x);
        bool same = true;
        for (int i = 0; i <= MOST; i++)
            same &= memcmp(&x[i], &want[i], sizeof *x) == 0 || (isnan(x[i]) && isnan(want[i]));
        expect(check, same, "%s exp_array: %d of them differ from one by one", table->name, n);
    }
}
