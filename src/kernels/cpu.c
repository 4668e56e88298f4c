/* SPDX-License-Identifier: MIT
 * cpu.c - what this CPU can run, the table for it, and weights in the layout of the tables.
 * Copyright (c) 2026 the wavenet authors */
#include "cpu.h"

#include <stdio.h>

#include "wavenet/wavenet.h"

#ifdef WN_HAVE_INT8_AVXVNNI
#include <cpuid.h>
#endif

/* ---- what this CPU can run ---------------------------------------------------------------------------------------- */

#ifdef WN_HAVE_AVX2

/* The compiler's own test also asks the operating system (xgetbv) whether it saves the wide registers. */
static bool has_avx2(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

#ifdef WN_HAVE_INT8_AVXVNNI
/* Leaf 7, part 1, bit 4 of eax; not every compiler's own test knows it. */
static bool has_avx_vnni(void)
{
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a >> 4 & 1u);
}
#endif

static const wn_peak *int8_of_avx2(void)
{
#ifdef WN_HAVE_INT8_AVXVNNI
    if (has_avx_vnni()) return &wn_peak_int8_avxvnni;
#endif
#ifdef WN_HAVE_INT8_AVX2
    return &wn_peak_int8_avx2;
#else
    return NULL;
#endif
}

#endif
#ifdef WN_HAVE_AVX512 /* which needs avx2 */

static bool has_avx512(void)
{
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

static const wn_peak *int8_of_avx512(void)
{
#ifdef WN_HAVE_INT8_AVX512
    if (__builtin_cpu_supports("avx512vnni")) return &wn_peak_int8_avx512;
#endif
    return int8_of_avx2();
}

static const wn_peak *bf16_of_avx512(void)
{
#ifdef WN_HAVE_BF16_AVX512
    if (__builtin_cpu_supports("avx512bf16")) return &wn_peak_bf16_avx512;
#endif
    return NULL;
}

#endif

/* ---- the rows ----------------------------------------------------------------------------------------------------- */

/* The tables of a set that is in this build. */
#define BUILT(set) .kernels = &wn_kernels_##set, .peak = &wn_peak_##set

static const wn_kernel_set sets[] = {
    [WN_CPU_AUTO] = {.name = "auto"},
    [WN_CPU_C] = {.name = "c", BUILT(c)},
    [WN_CPU_PORTABLE] = {.name = "portable",
#ifdef WN_HAVE_PORTABLE
                         BUILT(portable)
#endif
    },
    [WN_CPU_AVX2] = {.name = "avx2",
#ifdef WN_HAVE_AVX2
                     .is_supported = has_avx2,
                     BUILT(avx2),
                     .int8 = int8_of_avx2
#endif
    },
    [WN_CPU_AVX512] = {.name = "avx512",
#ifdef WN_HAVE_AVX512
                       .is_supported = has_avx512,
                       BUILT(avx512),
                       .int8 = int8_of_avx512,
                       .bf16 = bf16_of_avx512
#endif
    },
    [WN_CPU_NEON] = {.name = "neon", /* no aarch64 is without it */
#ifdef WN_HAVE_NEON
                     BUILT(neon)
#endif
    },
    /* An engine that lacks their instructions refuses the module that has them: where one runs, it is supported. */
    [WN_CPU_SIMD128] = {.name = "simd128",
#ifdef WN_HAVE_SIMD128
                        .kernels = &wn_kernels_simd128
#endif
    },
    [WN_CPU_RELAXED_SIMD] = {.name = "relaxed-simd",
#ifdef WN_HAVE_RELAXED_SIMD
                             .kernels = &wn_kernels_relaxed_simd
#endif
    },
};
enum { N_SETS = sizeof sets / sizeof *sets };

const wn_kernel_set *wn_kernel_set_at(int cpu) { return cpu >= 0 && cpu < N_SETS ? &sets[cpu] : NULL; }

int wn_kernel_set_count(void) { return N_SETS; }

int wn_kernel_set_find(const char *name)
{
    for (int i = 0; i < N_SETS; i++)
        if (!strcmp(name, sets[i].name)) return i;
    return -1;
}

void wn_kernel_set_names(char *text, size_t size)
{
    size_t used = 0;
    for (int i = WN_CPU_AUTO + 1; i < N_SETS && used < size; i++) {
        const char *before = i == WN_CPU_AUTO + 1 ? "" : i < N_SETS - 1 ? ", " : " or ";
        used += (size_t)snprintf(text + used, size - used, "%s%s", before, sets[i].name);
    }
}

/* ---- the choice --------------------------------------------------------------------------------------------------- */

static bool is_supported(const wn_kernel_set *set)
{
    return set->kernels && (!set->is_supported || set->is_supported());
}

unsigned wn_cpu_mask(void)
{
    unsigned mask = 0;
    for (int i = 0; i < N_SETS; i++) mask |= (unsigned)is_supported(&sets[i]) << i;
    return mask;
}

const wn_kernels *wn_kernels_get(int cpu)
{
    if (cpu == WN_CPU_AUTO)
        for (cpu = N_SETS - 1; !is_supported(&sets[cpu]);) cpu--;
    return cpu > 0 && cpu < N_SETS && is_supported(&sets[cpu]) ? sets[cpu].kernels : NULL;
}

/* ---- weights ------------------------------------------------------------------------------------------------------ */

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
