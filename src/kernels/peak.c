/* SPDX-License-Identifier: MIT
 * peak.c - which loops measure this CPU, and those of the C reference.
 * Copyright (c) 2026 the wavenet authors */
#include "peak.h"

#include <math.h>

#include "cpu.h"

/* ---- one float at a time ------------------------------------------------------------------------------------------ */

enum { CHAINS = 8 };

static double spin_c(int rounds)
{
    float a[CHAINS];
    for (int i = 0; i < CHAINS; i++) a[i] = (float)i;
    for (int r = 0; r < rounds; r++)
        for (int i = 0; i < CHAINS; i++) a[i] = fmaf(a[i], 0.999f, 0.001f);
    volatile float keep = a[0] + a[1] + a[2] + a[3] + a[4] + a[5] + a[6] + a[7];
    (void)keep;
    return (double)rounds * CHAINS;
}

static float read_c(const float *x, size_t n, int passes)
{
    float a[WN_READ_STREAMS] = {0};
    for (int pass = 0; pass < passes; pass++)
        for (size_t i = 0; i < n; i += WN_READ_STREAMS)
            for (int s = 0; s < WN_READ_STREAMS; s++) a[s] += x[i + (size_t)s];
    return a[0] + a[1] + a[2] + a[3];
}

const wn_peak wn_peak_c = {.name = "c", .spin = spin_c, .read = read_c};

/* ---- which there are ---------------------------------------------------------------------------------------------- */

/* The row of the kernel set in use for `cpu`, or NULL. */
static const wn_kernel_set *set_of(int cpu)
{
    const wn_kernels *k = wn_kernels_get(cpu);
    return k ? wn_kernel_set_at(wn_kernel_set_find(k->name)) : NULL;
}

const wn_peak *wn_peak_get(int cpu)
{
    const wn_kernel_set *set = set_of(cpu);
    return set ? set->peak : NULL;
}

const wn_peak *wn_peak_int8(int cpu)
{
    const wn_kernel_set *set = set_of(cpu);
    return set && set->int8 ? set->int8() : NULL;
}

const wn_peak *wn_peak_bf16(int cpu)
{
    const wn_kernel_set *set = set_of(cpu);
    return set && set->bf16 ? set->bf16() : NULL;
}
