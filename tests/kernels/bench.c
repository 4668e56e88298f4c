/* SPDX-License-Identifier: MIT
 * bench.c - how close the kernels come to what this core can multiply.
 * Copyright (c) 2026 the wavenet authors */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "check.h"
#include "kernels/peak.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- peak ------------------------------------------------------------------------------------------------------ */

/* Multiply-adds a second in registers, the best of many short runs. */
static double measure_peak(const wn_kernels *table)
{
    const wn_peak *peak = NULL;
    for (int cpu = FIRST_TABLE; cpu <= LAST_TABLE; cpu++)
        if (wn_kernels_get(cpu) == table) peak = wn_peak_get(cpu);
    double best = 0.0;
    for (int i = 0; peak && i < 100; i++) {
        double start = now(), done = peak->spin(20000), rate = done / (now() - start);
        if (rate > best) best = rate;
    }
    return best;
}

/* ---- timing ---------------------------------------------------------------------------------------------------- */

typedef struct job {
    const wn_kernels *table;
    wn_matmul matmul;
    wn_planar planar;
    int ta, tb, m, n, k;
    float *a, *b, *c, *work;
    wn_fn_param act, gate;
} job;

static void run_matmul(const job *j) { j->table->matmul(&j->matmul); }
static void run_planar(const job *j) { j->table->planar(&j->planar); }
static void run_gemm(const job *j)
{
    j->table->gemm(j->ta, j->tb, j->m, j->n, j->k, j->a, j->ta ? j->m : j->k, j->b, j->tb ? j->k : j->n, 0.0f, j->c,
                   j->n, j->work);
}
static void run_gated(const job *j) { j->table->gated(&j->act, &j->gate, j->m, j->n, j->a, 2 * j->n, j->c, j->n); }
static void run_activate(const job *j) { j->table->activate(&j->act, j->m, j->n, j->a, j->n, j->c, j->n); }

/* Seconds one call takes: the best of 25 runs of about 2 ms. */
static double seconds(void (*run)(const job *), const job *j)
{
    double best = 1e9, start = now();
    int calls = 1;
    for (; now() - start < 2e-3; calls++) run(j);
    for (int i = 0; i < 25; i++) {
        start = now();
        for (int n = 0; n < calls; n++) run(j);
        double each = (now() - start) / calls;
        if (each < best) best = each;
    }
    return best;
}

static float *floats(size_t n)
{
    float *p = aligned_alloc(64, (n * sizeof *p + 63) / 64 * 64);
    if (!p) exit(2);
    for (size_t i = 0; i < n; i++) p[i] = (float)(i * 2654435761u % 1000u) * 1e-3f - 0.5f;
    return p;
}

static void report(const char *what, const char *shape, double macs, double time, double peak)
{
    printf("  %-10s %-22s %9.1f ns %7.1f GMAC/s", what, shape, time * 1e9, macs / time * 1e-9);
    if (peak > 0.0) printf(" %5.1f %%", 100.0 * macs / time / peak);
    putchar('\n');
}

static void bench_matmul(const wn_kernels *table, double peak, int rows, int in, int out, int taps)
{
    enum { TAPS_MOST = 16 };
    const float *x[TAPS_MOST];
    float *input = floats((size_t)(rows + taps) * (size_t)in), *y = floats((size_t)rows * (size_t)out);
    float *w = floats((size_t)taps * (size_t)in * wn_padded((size_t)out)), *bias = floats((size_t)out);
    for (int k = 0; k < taps; k++) x[k] = input + k * in;
    job j = {.table = table,
             .matmul = {.rows = rows,
                        .in = in,
                        .out = out,
                        .taps = taps,
                        .x = x,
                        .x_stride = in,
                        .w = w,
                        .init = bias,
                        .y = y,
                        .y_stride = out}};
    char shape[64];
    snprintf(shape, sizeof shape, "%d rows %d->%d x%d", rows, in, out, taps);
    report("matmul", shape, (double)rows * in * out * taps, seconds(run_matmul, &j), peak);
    free(input), free(y), free(w), free(bias);
}

/* A block of `frames` through a convolution of a narrow layer; taps where they fall in a ring. */
static void bench_planar(const wn_kernels *table, double peak, int frames, int in, int out, int taps, int tanh)
{
    enum { TAPS_MOST = 16, APART = 7, STRIDE = 700 };
    const float *x[TAPS_MOST];
    float *ring = floats(16 * STRIDE), *w = floats((size_t)taps * (size_t)in * wn_padded((size_t)out));
    float *y = floats((size_t)out * (size_t)frames), *bias = floats((size_t)out);
    for (int k = 0; k < taps; k++) x[k] = ring + k * APART + 3;
    wn_term conv = {x, STRIDE, w, in, taps, taps - 1};
    wn_fn_param act = {.fn = WN_ACT_TANH};
    job j = {.table = table,
             .planar = {.frames = frames,
                        .out = out,
                        .n_terms = 1,
                        .terms = &conv,
                        .bias = bias,
                        .y = y,
                        .act = tanh ? &act : NULL,
                        .stride = frames}};
    char shape[64];
    snprintf(shape, sizeof shape, "%d frames %d->%d x%d%s", frames, in, out, taps, tanh ? " tanh" : "");
    report("planar", shape, (double)frames * in * out * taps, seconds(run_planar, &j), peak);
    free(ring), free(w), free(y), free(bias);
}

/* A block of `frames` through a layer of a capture: condition, convolution, tanh, running sum, residual. */
static void bench_capture(const wn_kernels *table, double peak, int frames, int channels, int taps)
{
    enum { TAPS_MOST = 16, APART = 7, STRIDE = 700 };
    const float *x[TAPS_MOST];
    float *ring = floats(16 * STRIDE), *w = floats((size_t)(taps * channels) * WN_LANE_PAD);
    float *y = floats(16 * STRIDE), *sum = floats(16 * STRIDE), *next = floats(16 * STRIDE),
          *bias = floats(WN_LANE_PAD);
    const float *condition = ring, *z = y;
    for (int k = 0; k < taps; k++) x[k] = ring + k * APART + 3;
    wn_term terms[] = {{&condition, STRIDE, bias, 1, 1, 0}, {x, STRIDE, w, channels, taps, taps - 1}};
    wn_term results = {&z, STRIDE, w, channels, 1, 0};
    wn_fn_param act = {.fn = WN_ACT_TANH};
    wn_planar residual = {.frames = frames,
                          .out = channels,
                          .n_terms = 1,
                          .terms = &results,
                          .bias = bias,
                          .sum = next,
                          .old = ring,
                          .sum_stride = STRIDE,
                          .old_stride = STRIDE,
                          .sum_scale = 1};
    job j = {.table = table,
             .planar = {.frames = frames,
                        .out = channels,
                        .n_terms = 2,
                        .terms = terms,
                        .bias = bias,
                        .y = y,
                        .stride = STRIDE,
                        .act = &act,
                        .sum = sum,
                        .old = sum,
                        .sum_stride = STRIDE,
                        .old_stride = STRIDE,
                        .sum_scale = 1,
                        .then = &residual}};
    j.planar.capture = wn_planar_is_capture(&j.planar);
    char shape[64];
    snprintf(shape, sizeof shape, "%d frames, %d channels x%d", frames, channels, taps);
    double macs = (double)frames * channels * (1 + channels * (taps + 1));
    report("capture", shape, macs, seconds(run_planar, &j), peak);
    free(ring), free(w), free(y), free(sum), free(next), free(bias);
}

static void bench_gemm(const wn_kernels *table, double peak, int ta, int tb, int m, int n, int k)
{
    job j = {.table = table,
             .ta = ta,
             .tb = tb,
             .m = m,
             .n = n,
             .k = k,
             .a = floats((size_t)m * (size_t)k),
             .b = floats((size_t)n * (size_t)k),
             .c = floats((size_t)m * (size_t)n),
             .work = floats(wn_gemm_work())};
    char shape[64];
    snprintf(shape, sizeof shape, "%c%c %dx%dx%d", ta ? 'T' : 'N', tb ? 'T' : 'N', m, n, k);
    report("gemm", shape, (double)m * n * k, seconds(run_gemm, &j), peak);
    free(j.a), free(j.b), free(j.c), free(j.work);
}

static void bench_function(const wn_kernels *table, const char *what, wn_fn act, wn_fn gate, int rows, int channels)
{
    job j = {.table = table,
             .m = rows,
             .n = channels,
             .a = floats((size_t)rows * (size_t)channels * 2),
             .c = floats((size_t)rows * (size_t)channels),
             .act.fn = act,
             .gate.fn = gate};
    double time = seconds(gate == WN_ACT_ONE ? run_activate : run_gated, &j);
    printf("  %-10s %d x %-4d %26.1f ns %7.3f ns an element\n", what, rows, channels, time * 1e9,
           time * 1e9 / rows / channels);
    free(j.a), free(j.c);
}

void bench(const wn_kernels *table)
{
    static const int shapes[][3] = {{64, 128, 2}, {64, 64, 1}, {32, 64, 2},   {16, 32, 3},   {16, 16, 1}, {8, 16, 3},
                                    {8, 8, 6},    {3, 3, 3},   {128, 256, 3}, {256, 256, 1}, {17, 33, 2}};
    static const int rows[] = {1, 16, 64};
    static const int planar[][4] = {{16, 16, 3, 0}, {16, 16, 3, 1}, {16, 16, 1, 0}, {8, 8, 6, 0},
                                    {8, 8, 15, 0},  {8, 8, 1, 0},   {3, 3, 6, 0},   {4, 4, 3, 1},
                                    {2, 2, 3, 1},   {1, 16, 1, 0},  {8, 1, 16, 0}};
    static const int captures[] = {2, 3, 4, 6, 8, 12, 16};
    static const int gemms[][5] = {
        {0, 0, 64, 960, 64},  {0, 0, 32, 960, 64}, {0, 0, 64, 960, 32},  {0, 0, 256, 960, 64}, {1, 0, 64, 960, 64},
        {1, 0, 32, 960, 64},  {1, 0, 64, 960, 32}, {1, 0, 256, 960, 64}, {0, 1, 64, 64, 960},  {0, 1, 256, 64, 960},
        {0, 1, 16, 16, 2048}, {0, 1, 8, 8, 2048},  {0, 1, 16, 1, 2048},  {0, 1, 32, 64, 960},  {0, 0, 16, 2048, 16},
        {1, 0, 16, 2048, 16}, {0, 0, 8, 2048, 8},  {0, 0, 64, 960, 16},  {0, 0, 33, 50, 17},   {0, 0, 64, 1024, 64},
        {0, 0, 256, 256, 256}};
    double peak = measure_peak(table);
    printf("%s: FMA peak of this core %.1f GMAC/s\n", table->name, peak * 1e-9);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
            bench_matmul(table, peak, rows[i], shapes[s][0], shapes[s][1], shapes[s][2]);
    for (size_t i = 0; i < sizeof planar / sizeof *planar; i++)
        bench_planar(table, peak, 64, planar[i][0], planar[i][1], planar[i][2], planar[i][3]);
    for (size_t i = 0; i < sizeof captures / sizeof *captures; i++) bench_capture(table, peak, 64, captures[i], 3);
    for (size_t i = 0; i < sizeof gemms / sizeof *gemms; i++)
        bench_gemm(table, peak, gemms[i][0], gemms[i][1], gemms[i][2], gemms[i][3], gemms[i][4]);
    bench_function(table, "tanh", WN_ACT_TANH, WN_ACT_ONE, 64, 64);
    bench_function(table, "sigmoid", WN_ACT_SIGMOID, WN_ACT_ONE, 64, 64);
    bench_function(table, "gated", WN_ACT_TANH, WN_ACT_SIGMOID, 64, 64);
    bench_function(table, "gated", WN_ACT_TANH, WN_ACT_SIGMOID, 1, 64);
    bench_function(table, "gated", WN_ACT_TANH, WN_ACT_SIGMOID, 64, 8);
    bench_function(table, "leaky relu", WN_ACT_LEAKY_RELU, WN_ACT_ONE, 64, 8);
}
