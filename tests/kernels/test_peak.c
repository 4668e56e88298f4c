/* SPDX-License-Identifier: MIT
 * test_peak.c - the loops that measure a machine do the work that they say they do.
 * Copyright (c) 2026 the wavenet authors */
#include "check.h"
#include "kernels/peak.h"

/* Small integers, whose sums are exact in any order. */
static void test_read(checker *check, const wn_peak *peak)
{
    for (int steps = 1; steps < 9; steps++) {
        buffer b = buffer_new((size_t)steps * WN_READ_STEP);
        int passes = random_int(check, 1, 3);
        float sum = 0;
        for (size_t i = 0; i < b.n; i++) sum += b.p[i] = (float)random_int(check, -50, 50);
        float got = peak->read(b.p, b.n, passes);
        expect(check, got == sum * (float)passes, "%s: reads %g of %g, %d times", peak->name, (double)got, (double)sum,
               passes);
        expect(check, buffer_intact(&b), "%s: read writes", peak->name);
        buffer_free(&b);
    }
}

static void test_spin(checker *check, const wn_peak *peak)
{
    double one = peak->spin(1);
    expect(check, one >= 8 && peak->spin(1000) == 1000 * one, "%s: %g a round", peak->name, one);
}

static void test_chain(checker *check, const wn_peak *peak)
{
    const wn_fn_param tanh = {.fn = WN_ACT_TANH};
    for (int link = WN_LINK_FMA; link <= WN_LINK_FUNCTION; link++)
        expect(check, peak->chain((wn_peak_link)link, &tanh, 1000) == 1000, "%s: links of kind %d", peak->name, link);
}

void test_peak(checker *check)
{
    for (int cpu = 1; cpu <= LAST_TABLE; cpu++) {
        const wn_peak *peak = wn_peak_get(cpu);
        expect(check, !peak == !wn_kernels_get(cpu), "loops of set %d, or kernels, but not both", cpu);
        if (!peak) continue;
        test_read(check, peak);
        test_spin(check, peak);
        if (peak->chain) test_chain(check, peak);
        if (wn_peak_int8(cpu)) test_spin(check, wn_peak_int8(cpu));
        if (wn_peak_bf16(cpu)) test_spin(check, wn_peak_bf16(cpu));
    }
    expect(check, !wn_peak_get(-1) && !wn_peak_get(6), "loops of no number");
    expect(check, !wn_peak_int8(1) && !wn_peak_bf16(2) && !wn_peak_int8(-1) && !wn_peak_bf16(6), "dots of plain sets");
}
