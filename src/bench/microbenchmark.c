/* SPDX-License-Identifier: MIT
 * microbenchmark.c - what this machine could do at best, measured and not looked up: clocks and neighbours vary.
 * Copyright (c) 2026 the wavenet authors */
#include "bench/microbenchmark.h"

#include <stdlib.h>

#include "base/clock.h"
#include "bench/workload.h"

/* Enough at a time that looking at the clock costs nothing. */
enum { ROUNDS = 50000, CALLS = 500, BYTES = 1 << 24, ROWS = 16, CHANNELS = 64, MINIMUM = 3 * ROWS * CHANNELS };

/* ---- one thread: some work, and how much it was -------------------------------------------------------------------- */

static double read_often(const wn_microbenchmark *g, const float *data)
{
    int passes = (int)(BYTES / g->bytes) + 1;
    volatile float keep = g->peak->read(data, g->bytes / sizeof *data, passes);
    (void)keep;
    return (double)g->bytes * passes;
}

static void apply(const wn_microbenchmark *g, float *data)
{
    const wn_kernels *k = g->kernels;
    float *z = data + 2 * ROWS * CHANNELS;
    if (g->op == WN_OP_ACTIVATE)
        k->activate(&g->act, ROWS, CHANNELS, data, CHANNELS, z, CHANNELS);
    else
        (g->op == WN_OP_GATE ? k->gated : k->blended)(&g->act, &g->gate, ROWS, CHANNELS, data, 2 * CHANNELS, z,
                                                      CHANNELS);
}

static double apply_often(const wn_microbenchmark *g, float *data)
{
    for (int i = 0; i < CALLS; i++) apply(g, data);
    return (double)CALLS * ROWS * CHANNELS;
}

static double work(const wn_microbenchmark *g, float *data)
{
    if (g->kernels) return apply_often(g, data);
    if (g->waits) return g->peak->chain(g->link, &g->act, ROUNDS);
    return g->bytes ? read_often(g, data) : g->peak->spin(ROUNDS);
}

static void measure(void *user, int index)
{
    wn_microbenchmarks *all = user;
    double done = 0, started, now;
    work(all->now, all->data[index]); /* into the cache, if it fits */
    started = now = wn_clock_thread_seconds();
    for (; now - started < all->seconds; now = wn_clock_thread_seconds()) done += work(all->now, all->data[index]);
    all->rates[index] = done / (now - started);
}

/* ---- all of them --------------------------------------------------------------------------------------------------- */

wn_status wn_microbenchmarks_read(wn_microbenchmarks *benchmarks, double seconds, double *rates, wn_error *error)
{
    benchmarks->seconds = seconds;
    for (int i = 0; i < benchmarks->n; i++) {
        benchmarks->now = &benchmarks->list[i];
        if (wn_run_side_by_side(benchmarks->threads, measure, benchmarks) <= 0)
            return wn_fail(error, WN_ERROR_MEMORY, "--threads", "a thread could not be started");
        rates[i] = 0;
        for (int t = 0; t < benchmarks->threads; t++) rates[i] += benchmarks->rates[t];
    }
    return WN_OK;
}

/* Memory that was never written is one page of zeros, which every read would find in the cache. */
static float *make_data(wn_arena *arena, size_t floats)
{
    float *data = wn_arena_alloc(arena, floats, sizeof *data);
    for (size_t i = 0; data && i < floats; i++) data[i] = (float)(i % 64) / 32 - 1;
    return data;
}

wn_status wn_microbenchmarks_open(wn_microbenchmarks *out, const wn_microbenchmark *list, int n, int threads,
                                  wn_error *error)
{
    *out = (wn_microbenchmarks){.n = n, .threads = threads, .list = list};
    size_t floats = MINIMUM;
    for (int i = 0; i < n; i++)
        if (list[i].bytes / sizeof(float) > floats) floats = list[i].bytes / sizeof(float);
    out->data = calloc((size_t)threads, sizeof *out->data);
    out->rates = calloc((size_t)threads, sizeof *out->rates);
    out->arena = wn_arena_new();
    bool made = out->data && out->rates;
    for (int t = 0; made && t < threads; t++) made = (out->data[t] = make_data(out->arena, floats)) != NULL;
    return made ? WN_OK : wn_fail_memory(error, NULL);
}

void wn_microbenchmarks_close(wn_microbenchmarks *benchmarks)
{
    wn_arena_free(benchmarks->arena);
    free(benchmarks->data);
    free(benchmarks->rates);
    *benchmarks = (wn_microbenchmarks){0};
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double wn_median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof *values, compare);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}
