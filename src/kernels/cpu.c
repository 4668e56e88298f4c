/* SPDX-License-Identifier: MIT
 * cpu.c - what this CPU can run, the table for it, and weights in the layout of the tables.
 * Copyright (c) 2026 the wavenet authors */
#include "kernels.h"

/* Numbers of wn_cpu, see wn_kernels_get. */
enum { CPU_AUTO, CPU_C, CPU_PORTABLE, CPU_AVX2, CPU_AVX512, CPU_NEON };

/* The compiler's own test also asks the OS (xgetbv) whether it saves the wide registers. */
unsigned wn_cpu_mask(void)
{
    unsigned mask = 1u << CPU_C | 1u << CPU_PORTABLE;
#ifdef WN_KERNELS_X86
    __builtin_cpu_init();
    int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    int avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                 __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    if (avx2) mask |= 1u << CPU_AVX2;
    if (avx512) mask |= 1u << CPU_AVX512;
#elif defined(WN_HAVE_NEON)
    mask |= 1u << CPU_NEON; /* no aarch64 is without it */
#endif
    return mask;
}

/* NULL: the build leaves the set out. */
static const wn_kernels *table(int cpu)
{
    switch (cpu) {
    case CPU_C: return &wn_kernels_c;
    case CPU_PORTABLE: return &wn_kernels_portable;
#ifdef WN_HAVE_AVX2
    case CPU_AVX2: return &wn_kernels_avx2;
#endif
#ifdef WN_HAVE_AVX512
    case CPU_AVX512: return &wn_kernels_avx512;
#endif
#ifdef WN_HAVE_NEON
    case CPU_NEON: return &wn_kernels_neon;
#endif
    default: return NULL;
    }
}

const wn_kernels *wn_kernels_get(int cpu)
{
    unsigned mask = wn_cpu_mask();
    if (cpu == CPU_AUTO)
        for (cpu = CPU_NEON; !(mask >> cpu & 1u) || !table(cpu);) cpu--;
    return cpu > 0 && cpu <= CPU_NEON && (mask >> cpu & 1u) ? table(cpu) : NULL;
}

/* One panel of one tap: written from end to end, read from as many places as it has columns. */
static void pack_panel(int out, int in, int taps, int first, const float *weight, float *dst)
{
    int width = (int)wn_panel_width((size_t)out, (size_t)first), columns = out - first < width ? out - first : width;
    ptrdiff_t row = (ptrdiff_t)in * taps;
    weight += first * row;
    for (int i = 0; i < in; i++, dst += width, weight += taps) {
        for (int o = 0; o < columns; o++) dst[o] = weight[o * row];
        for (int o = columns; o < width; o++) dst[o] = 0;
    }
}

void wn_pack_weights(int out, int in, int taps, const float *weight, float *dst)
{
    size_t matrix = (size_t)in * wn_padded((size_t)out);
    for (int k = 0; k < taps; k++, dst += matrix)
        for (int first = 0; first < out; first += WN_PANEL)
            pack_panel(out, in, taps, first, weight + k, dst + wn_weight_at((size_t)in, (size_t)first));
}
