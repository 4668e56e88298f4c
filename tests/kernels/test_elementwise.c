/* SPDX-License-Identifier: MIT
 * test_elementwise.c - gates, FiLM and scaling: in bits against the reference, and against their own parts.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <string.h>

#include "check.h"

/* What the gate kernels share: u [rows][2*channels] -> z [rows][channels]. */
typedef struct gate_case {
    wn_fn_param act, gate;
    int rows, channels;
    ptrdiff_t u_stride, z_stride;
    buffer u, z, act_slopes, gate_slopes;
} gate_case;

static wn_fn_param random_function(checker *check, const buffer *slopes)
{
    wn_fn_param f = {
        .fn = (wn_fn)random_int(check, 0, WN_ACT_COUNT - 1), .p = {0.01f, 0.5f, 0.1f, 0.2f}, .slopes = slopes->p};
    if (f.fn == WN_ACT_LEAKY_HARD_TANH) f.p[0] = -0.75f;
    return f;
}

static gate_case gate_new(checker *check)
{
    gate_case g = {.rows = random_int(check, 1, 7), .channels = random_int(check, 1, 70)};
    g.u_stride = 2 * g.channels + random_int(check, 0, 3);
    g.z_stride = random_int(check, 0, 1) ? g.channels + random_int(check, 0, 3) : g.u_stride;
    g.u = buffer_random(check, (size_t)((g.rows - 1) * g.u_stride + 2 * g.channels));
    g.z = buffer_new((size_t)((g.rows - 1) * g.z_stride + g.channels));
    g.act_slopes = buffer_random(check, (size_t)g.channels);
    g.gate_slopes = buffer_random(check, (size_t)g.channels);
    g.act = random_function(check, &g.act_slopes);
    g.gate = random_function(check, &g.gate_slopes);
    if (random_int(check, 0, 3) == 0) g.act.fn = WN_ACT_TANH, g.gate.fn = WN_ACT_SIGMOID;
    return g;
}

static void gate_free(gate_case *g)
{
    buffer_free(&g->u);
    buffer_free(&g->z);
    buffer_free(&g->act_slopes);
    buffer_free(&g->gate_slopes);
}

typedef void (*gate_kernel)(const wn_fn_param *, const wn_fn_param *, int, int, const float *, ptrdiff_t, float *,
                            ptrdiff_t);

static void run_gate(gate_kernel kernel, const gate_case *g, const buffer *z)
{
    kernel(&g->act, &g->gate, g->rows, g->channels, g->u.p, g->u_stride, z->p, g->z_stride);
}

/* In place over u: the same bits in the first half of each row, nothing else touched. */
static bool same_in_place(gate_kernel kernel, const gate_case *g, const buffer *z)
{
    buffer u = buffer_copy(&g->u), want = buffer_copy(&g->u);
    kernel(&g->act, &g->gate, g->rows, g->channels, u.p, g->u_stride, u.p, g->u_stride);
    for (int r = 0; r < g->rows; r++)
        memcpy(want.p + r * g->u_stride, z->p + r * g->z_stride, (size_t)g->channels * sizeof(float));
    bool same = same_bits(u.p, want.p, u.n) && buffer_intact(&u);
    buffer_free(&u);
    buffer_free(&want);
    return same;
}

/* The kernel equals its own table's activations, put together one float at a time. */
static bool equals_parts(const wn_kernels *table, int blend, const gate_case *g, const buffer *z)
{
    buffer a = buffer_new((size_t)g->channels), b = buffer_new((size_t)g->channels);
    bool same = true;
    for (int r = 0; r < g->rows; r++) {
        const float *u = g->u.p + r * g->u_stride;
        table->activate(&g->act, 1, g->channels, u, 0, a.p, 0);
        table->activate(&g->gate, 1, g->channels, u + g->channels, 0, b.p, 0);
        for (int c = 0; c < g->channels; c++) {
            float step = a.p[c] - u[c], product = b.p[c] * step;
            float mixed = table->fma ? fmaf(b.p[c], step, u[c]) : product + u[c];
            float want = blend ? mixed : a.p[c] * b.p[c];
            same = same && same_bits(&want, z->p + r * g->z_stride + c, 1);
        }
    }
    buffer_free(&a);
    buffer_free(&b);
    return same;
}

static void check_gate(checker *check, const wn_kernels *table, int blend, const gate_case *g)
{
    gate_kernel kernel = blend ? table->blended : table->gated;
    buffer got = buffer_copy(&g->z), want = buffer_copy(&g->z);
#define SHAPE "%s %s: functions %d, %d rows %d channels %d"
#define VALUES table->name, blend ? "blended" : "gated", (int)g->act.fn, (int)g->gate.fn, g->rows, g->channels
    run_gate(kernel, g, &got);
    run_gate(blend ? wn_kernels_c.blended : wn_kernels_c.gated, g, &want);
    if (table->fma) expect(check, same_bits(got.p, want.p, got.n), SHAPE " differ from c", VALUES);
    expect(check, equals_parts(table, blend, g, &got), SHAPE " differ from their parts", VALUES);
    expect(check, same_in_place(kernel, g, &got), SHAPE " differ in place", VALUES);
    expect(check, buffer_intact(&got), SHAPE " wrote before the output", VALUES);
    buffer_free(&got);
    buffer_free(&want);
}

static void check_film(checker *check, const wn_kernels *table)
{
    int rows = random_int(check, 1, 7), channels = random_int(check, 1, 70), shift = random_int(check, 0, 1);
    ptrdiff_t x_stride = channels + random_int(check, 0, 3),
              m_stride = channels * (1 + shift) + random_int(check, 0, 3);
    buffer x = buffer_random(check, (size_t)((rows - 1) * x_stride + channels));
    buffer m = buffer_random(check, (size_t)((rows - 1) * m_stride + channels * (1 + shift)));
    buffer got = buffer_copy(&x), want = buffer_copy(&x);
    table->film(rows, channels, got.p, x_stride, m.p, m_stride, shift, got.p, x_stride); /* in place */
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < channels; c++) {
            float a = x.p[r * x_stride + c], b = m.p[r * m_stride + c], product = a * b;
            float d = shift ? m.p[r * m_stride + channels + c] : 0.0f;
            want.p[r * x_stride + c] = table->fma ? fmaf(a, b, d) : product + d;
        }
    expect(check, same_bits(got.p, want.p, got.n) && buffer_intact(&got), "%s film: rows %d channels %d shift %d",
           table->name, rows, channels, shift);
    buffer_free(&x);
    buffer_free(&m);
    buffer_free(&got);
    buffer_free(&want);
}

static void check_scaling(checker *check, const wn_kernels *table)
{
    int n = random_int(check, 1, 200);
    float factor = random_float(check);
    buffer a = buffer_random(check, (size_t)n), b = buffer_random(check, (size_t)n);
    buffer sum = buffer_new((size_t)n), over_a = buffer_copy(&a), over_b = buffer_copy(&b), scaled = buffer_copy(&a);
    buffer want = buffer_new((size_t)n), want_scaled = buffer_new((size_t)n);
    for (int i = 0; i < n; i++) {
        want.p[i] = (a.p[i] + b.p[i]) * factor;
        want_scaled.p[i] = a.p[i] * factor;
    }
    table->add_scaled(n, a.p, b.p, factor, sum.p);
    table->add_scaled(n, over_a.p, b.p, factor, over_a.p);
    table->add_scaled(n, a.p, over_b.p, factor, over_b.p);
    table->scale(n, scaled.p, factor, scaled.p);
    expect(check, same_bits(sum.p, want.p, sum.n) && buffer_intact(&sum), "%s add_scaled n %d", table->name, n);
    expect(check, same_bits(over_a.p, want.p, sum.n) && same_bits(over_b.p, want.p, sum.n),
           "%s add_scaled in place n %d", table->name, n);
    expect(check, same_bits(scaled.p, want_scaled.p, sum.n), "%s scale n %d", table->name, n);
    buffer *all[] = {&a, &b, &sum, &over_a, &over_b, &scaled, &want, &want_scaled};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) buffer_free(all[i]);
}

void test_elementwise(checker *check, const wn_kernels *table)
{
    for (int i = 0, n = check->quick ? 100 : 1000; i < n; i++) {
        gate_case g = gate_new(check);
        check_gate(check, table, 0, &g);
        check_gate(check, table, 1, &g);
        gate_free(&g);
        check_film(check, table);
        check_scaling(check, table);
    }
}
