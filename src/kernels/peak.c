/* SPDX-License-Identifier: MIT
 * peak.c - which loops measure this CPU, and those of the C reference.
 * Copyright (c) 2026 the wavenet authors */
#include "peak.h"

#include <math.h>

#include "kernels.h"

#ifdef WN_HAVE_INT8_AVXVNNI
#include <cpuid.h>
#endif

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

const wn_peak *wn_peak_get(int cpu)
{
    const wn_kernels *k = wn_kernels_get(cpu);
    if (!k) return NULL;
#ifdef WN_HAVE_AVX2
    if (k == &wn_kernels_avx2) return &wn_peak_avx2;
#endif
#ifdef WN_HAVE_AVX512
    if (k == &wn_kernels_avx512) return &wn_peak_avx512;
#endif
#ifdef WN_HAVE_NEON
    if (k == &wn_kernels_neon) return &wn_peak_neon;
#endif
    return k == &wn_kernels_portable ? &wn_peak_portable : &wn_peak_c;
}

#ifdef WN_HAVE_INT8_AVXVNNI
/* Leaf 7, part 1, bit 4 of eax; not every compiler's own test knows it. */
static int has_avx_vnni(void)
{
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a >> 4 & 1u);
}
#endif

/* The kernel sets' own test has asked whether the OS saves the registers. */
const wn_peak *wn_peak_int8(int cpu)
{
#ifdef WN_KERNELS_X86
    const wn_kernels *k = wn_kernels_get(cpu);
    if (!k || k == &wn_kernels_c || k == &wn_kernels_portable) return NULL;
#ifdef WN_HAVE_INT8_AVX512
    if (k == &wn_kernels_avx512 && __builtin_cpu_supports("avx512vnni")) return &wn_peak_int8_avx512;
#endif
#ifdef WN_HAVE_INT8_AVXVNNI
    if (has_avx_vnni()) return &wn_peak_int8_avxvnni;
#endif
#ifdef WN_HAVE_INT8_AVX2
    return &wn_peak_int8_avx2;
#endif
#else
    (void)cpu;
#endif
    return NULL;
}

const wn_peak *wn_peak_bf16(int cpu)
{
#ifdef WN_HAVE_BF16_AVX512
    if (wn_kernels_get(cpu) == &wn_kernels_avx512 && __builtin_cpu_supports("avx512bf16")) return &wn_peak_bf16_avx512;
#else
    (void)cpu;
#endif
    return NULL;
}
