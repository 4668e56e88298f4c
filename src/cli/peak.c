/* SPDX-License-Identifier: MIT
 * peak.c - FMA peak and read bandwidth, measured and not looked up: clocks and neighbours vary.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/peak.h"

#include <math.h>

#include "cli/cli.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

enum { CHAINS = 12, ROUNDS = 4096 };

/* Twelve chains: more than two FMA units of four cycles latency need, and few enough for sixteen registers. Each starts
 * elsewhere: the compiler makes one chain of twelve that are equal. */
#define TWELVE(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
#define EIGHT(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)

/* Defines spin_NAME: CHAINS * ROUNDS vector FMAs; and read_NAME: the sum of n floats in eight chains, so that the loads
 * are what takes the time. Both return something, or the compiler would leave them out. */
#define LOOPS(name, attribute, vec, lanes, set, add, store)                                            \
    attribute static float spin_##name(float seed)                                                     \
    {                                                                                                  \
        const vec m = set(0.999f), n = set(seed);                                                      \
        TWELVE(START)                                                                                  \
        for (int r = 0; r < ROUNDS; r++) { TWELVE(STEP) }                                              \
        float out[lanes];                                                                              \
        vec sum = add(add(add(a0, a1), add(a2, a3)), add(add(a4, a5), add(a6, a7)));                   \
        store(out, add(sum, add(add(a8, a9), add(a10, a11))));                                         \
        return out[0];                                                                                 \
    }                                                                                                  \
    attribute static float read_##name(const float *x, size_t n)                                       \
    {                                                                                                  \
        const vec m = set(0);                                                                          \
        EIGHT(START)                                                                                   \
        for (const float *end = x + n; x < end; x += 8 * (lanes)) { EIGHT(TAKE) }                      \
        float out[lanes];                                                                              \
        store(out, add(add(add(a0, a1), add(a2, a3)), add(add(a4, a5), add(a6, a7))));                 \
        return out[0];                                                                                 \
    }

#if defined(__x86_64__)
#define START(i) __m256 a##i = _mm256_add_ps(m, _mm256_set1_ps(i));
#define STEP(i) a##i = _mm256_fmadd_ps(a##i, m, n);
#define TAKE(i) a##i = _mm256_add_ps(a##i, _mm256_loadu_ps(x + (i) * 8));
LOOPS(avx2, __attribute__((target("avx2,fma"))), __m256, 8, _mm256_set1_ps, _mm256_add_ps,
      _mm256_storeu_ps)
#undef START
#undef STEP
#undef TAKE
#define START(i) __m512 a##i = _mm512_add_ps(m, _mm512_set1_ps(i));
#define STEP(i) a##i = _mm512_fmadd_ps(a##i, m, n);
#define TAKE(i) a##i = _mm512_add_ps(a##i, _mm512_loadu_ps(x + (i) * 16));
LOOPS(avx512, __attribute__((target("avx512f"))), __m512, 16, _mm512_set1_ps, _mm512_add_ps,
      _mm512_storeu_ps)
#elif defined(__aarch64__)
#define START(i) float32x4_t a##i = vaddq_f32(m, vdupq_n_f32(i));
#define STEP(i) a##i = vfmaq_f32(n, a##i, m);
#define TAKE(i) a##i = vaddq_f32(a##i, vld1q_f32(x + (i) * 4));
LOOPS(neon, , float32x4_t, 4, vdupq_n_f32, vaddq_f32, vst1q_f32)
#endif
#undef START
#undef STEP
#undef TAKE

#define PLAIN_SET(x) (x)
#define PLAIN_ADD(a, b) ((a) + (b))
#define PLAIN_STORE(out, a) (*(out) = (a))
#define START(i) float a##i = m + (i);
#define STEP(i) a##i = fmaf(a##i, m, n);
#define TAKE(i) a##i += x[i];
LOOPS(c, , float, 1, PLAIN_SET, PLAIN_ADD, PLAIN_STORE)

typedef struct loops {
    wn_cpu cpu;
    const char *vectors;
    int lanes;
    float (*spin)(float seed);
    float (*read)(const float *x, size_t n);
} loops;

static const loops known[] = {
#if defined(__x86_64__)
    { WN_CPU_AVX512, "avx512, 16 lanes", 16, spin_avx512, read_avx512 },
    { WN_CPU_AVX2, "avx2, 8 lanes", 8, spin_avx2, read_avx2 },
#elif defined(__aarch64__)
    { WN_CPU_NEON, "neon, 4 lanes", 4, spin_neon, read_neon },
#endif
    { WN_CPU_C, "scalar", 1, spin_c, read_c },
};

/* The widest this machine has. */
static const loops *best(void)
{
    size_t i = 0;
    while (i + 1 < sizeof known / sizeof *known && !wn_cpu_available(known[i].cpu)) i++;
    return &known[i];
}

const char *wn_peak_vectors(void) { return best()->vectors; }

double wn_peak_macs(double seconds)
{
    const loops *l = best();
    volatile float keep = 0.001f;
    double started = wn_seconds(), now = started, rounds = 0;
    for (; now - started < seconds; now = wn_seconds(), rounds++) keep = l->spin(0.001f) > 0 ? 0.001f : 0;
    (void)keep;
    return rounds * ROUNDS * CHAINS * l->lanes / (now - started);
}

double wn_peak_bandwidth(const float *data, size_t bytes, double seconds)
{
    const loops *l = best();
    size_t step = 8 * (size_t)l->lanes, n = bytes / sizeof *data / step * step;
    volatile float keep = l->read(data, n); /* into the cache, if it fits */
    double started = wn_seconds(), now = started, read = 0;
    for (; now - started < seconds; now = wn_seconds(), read += (double)n) keep = l->read(data, n);
    (void)keep;
    return read * sizeof *data / (now - started);
}
