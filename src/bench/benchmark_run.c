/* SPDX-License-Identifier: MIT
 * benchmark_run.c - one way of running a model, timed by turns with what bounds it.
 * Copyright (c) 2026 the wavenet authors */
#include "bench/benchmark_run.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "play/voice_group.h"

#define FRAMES_MOST ((int64_t)1 << 28)

/* Threads that share a plan and its weights. */
static int sharing(const wn_workload *w)
{
    return w->block ? 1 : wn_voice_group_threads_per_voice(w->voices, w->threads);
}

wn_status wn_benchmark_run_plan(wn_plan **out, const wn_workload *w, wn_error *error)
{
    wn_plan_config config = {.max_frames = w->block, .cpu = w->cpu, .precision = w->precision, .threads = sharing(w)};
    config.voices = w->block ? 1 : (w->voices + w->threads - 1) / w->threads;
    return wn_plan_new(out, w->model, &config, error);
}

/* ---- the model ----------------------------------------------------------------------------------------------------- */

/* Work in hand, and how fast each turn of it was. */
typedef struct running {
    wn_workload_run *work;
    int64_t frames; /* a turn */
    int64_t before; /* run untimed first, because microbenchmarks evict the weights from the caches */
    double seconds[WN_MAX_REPEATS];
} running;

static wn_status run_once(void *user, int turn, wn_error *error)
{
    running *r = user;
    r->seconds[turn] = wn_work_run(r->work, r->before);
    if (r->seconds[turn] > 0) r->seconds[turn] = wn_work_run(r->work, r->frames);
    return r->seconds[turn] > 0 ? WN_OK : wn_fail(error, WN_ERROR_MEMORY, "--threads", "a thread could not be started");
}

static int64_t whole_blocks(double frames, int block)
{
    double wanted = fmin(fmax(frames, 1), (double)FRAMES_MOST);
    return block ? (int64_t)ceil(wanted / block) * block : (int64_t)wanted;
}

/* Frames that take about a slice. */
static wn_status calibrate(running *r, const wn_workload *load, wn_error *error)
{
    const int64_t most = 1 << 16;
    const double slice = wn_slice_seconds(load->threads);
    r->frames = load->block ? load->block : 4;
    r->before = whole_blocks(2 * WN_FRAMES_AHEAD, load->block); /* those of past taps, too */
    wn_status status = wn_work_open(&r->work, load, 2 * most, error);
    if (!status) status = run_once(r, 0, error); /* what is touched first comes from afar */
    while (!status && !(status = run_once(r, 0, error)) && r->seconds[0] < slice / 4 && r->frames < most)
        r->frames *= 2;
    if (!status) r->frames = whole_blocks((double)r->frames * slice / r->seconds[0], load->block);
    wn_work_free(r->work);
    r->work = NULL;
    return status;
}

/* Median speed, and half the distance between the quartiles as a share of it. */
static void summarise(wn_benchmark_run *t, running *r, int repeats)
{
    double speeds[WN_MAX_REPEATS];
    for (int i = 0; i < repeats; i++) speeds[i] = (double)r->frames * t->streams / r->seconds[i];
    t->speed = wn_median(speeds, repeats);
    t->spread = (speeds[(3 * repeats - 1) / 4] - speeds[repeats / 4]) / 2 / t->speed;
}

/* ---- and its bounds ------------------------------------------------------------------------------------------------ */

enum { FMA, INT8, READ, FUNCTIONS, MAX_BENCHMARKS = FUNCTIONS + 2 * WN_COST_FUNCTIONS + 2 };

/* The microbenchmarks of one run: the peaks, the functions, and, where the set has loops for them, the links of chains: FMA,
 * addition and the functions again. */
typedef struct bounds {
    wn_cost cost;
    wn_latency chain;
    int n, first_link; /* n: no links */
    wn_microbenchmark list[MAX_BENCHMARKS];
} bounds;

static void list_links(bounds *b, const wn_peak *peak)
{
    b->first_link = b->n;
    if (!peak->chain) return;
    b->list[b->n++] = (wn_microbenchmark){.peak = peak, .waits = true, .link = WN_LINK_FMA};
    b->list[b->n++] = (wn_microbenchmark){.peak = peak, .waits = true, .link = WN_LINK_ADD};
    for (int i = 0; i < b->cost.n_functions; i++)
        b->list[b->n++] =
            (wn_microbenchmark){.peak = peak, .waits = true, .link = WN_LINK_FUNCTION, .act = b->cost.functions[i].act};
}

/* Kernels without instructions for integers multiply them as they do floats. */
static void list_benchmarks(bounds *b, const wn_plan *plan, size_t probe)
{
    int cpu = wn_cpu_parse(plan->kernels->name);
    const wn_peak *peak = wn_peak_get(cpu), *int8 = wn_peak_int8(cpu);
    b->list[FMA] = (wn_microbenchmark){.peak = peak};
    b->list[INT8] = (wn_microbenchmark){.peak = int8 ? int8 : peak};
    b->list[READ] = (wn_microbenchmark){.peak = peak, .bytes = probe};
    for (int i = 0; i < b->cost.n_functions; i++) {
        const wn_function_cost *f = &b->cost.functions[i];
        b->list[FUNCTIONS + i] =
            (wn_microbenchmark){.kernels = plan->kernels, .op = f->op, .act = f->act, .gate = f->gate};
    }
    b->n = FUNCTIONS + b->cost.n_functions;
    list_links(b, peak);
}

static void set_floor(wn_benchmark_run *t, const bounds *b, const double *medians)
{
    const wn_cost *cost = &b->cost;
    wn_rates rates = {.macs = medians[FMA], .macs8 = medians[INT8], .read = medians[READ]};
    memcpy(rates.functions, medians + FUNCTIONS, (size_t)cost->n_functions * sizeof *medians);
    t->peak = (cost->macs + cost->macs8) / (cost->macs / rates.macs + cost->macs8 / rates.macs8);
    t->floor = wn_roofline_of(cost, &rates, t->streams, t->load.threads / sharing(&t->load));
}

/* Of a sample: the frames of a block and all streams wait beside each other. */
static void set_latency(wn_benchmark_run *t, const bounds *b, const double *medians)
{
    const double *rate = medians + b->first_link; /* of all threads together */
    double threads = t->load.threads, together = (double)t->streams * (t->load.block ? t->load.block : 1);
    if (b->first_link == b->n) return;
    wn_operation_latency links = {.fma = threads / rate[0], .addition = threads / rate[1]};
    for (int i = 0; i < b->cost.n_functions; i++) links.functions[i] = threads / rate[2 + i];
    t->latency = wn_latency_seconds(&b->chain, &links) / together;
}

static wn_status measure(wn_benchmark_run *t, running *r, const bounds *b, int repeats, wn_error *error)
{
    double medians[MAX_BENCHMARKS];
    wn_microbenchmarks benchmarks;
    wn_status status = wn_microbenchmarks_open(&benchmarks, b->list, b->n, t->load.threads, error);
    if (!status) status = calibrate(r, &t->load, error);
    if (!status) status = wn_work_open(&r->work, &t->load, (r->before + r->frames) * (repeats + 1), error);
    if (!status) status = run_once(r, 0, error);
    if (!status) status = wn_machine_profile_turns(&benchmarks, repeats, run_once, r, medians, error);
    if (!status) {
        summarise(t, r, repeats);
        set_floor(t, b, medians);
        set_latency(t, b, medians);
    }
    wn_work_free(r->work);
    wn_microbenchmarks_close(&benchmarks);
    return status;
}

/* To be read over and over: as many bytes as the plan has weights, so that it is the same caches that deliver them. */
static size_t probe_of(double bytes)
{
    const double most = 512.0 * (1 << 20);
    return (size_t)(fmin(bytes, most) / 4096 + 1) * 4096;
}

/* Fill in what follows from the plan alone, and list what bounds it. */
static wn_status look_at_plan(wn_benchmark_run *t, const wn_plan *plan, const wn_caches *caches, bounds *b,
                              wn_error *error)
{
    t->cpu = wn_plan_get_cpu(plan);
    t->precision = wn_plan_get_precision(plan);
    t->stream_bytes = wn_plan_get_stream_bytes(plan);
    t->streams = t->load.block ? t->load.threads : t->load.voices;
    wn_cost_of(&b->cost, plan, t->load.block ? t->load.block : 1);
    double each = b->cost.resident / sharing(&t->load); /* read by one thread */
    t->level = wn_caches_holding(caches, each, t->load.threads);
    list_benchmarks(b, plan, probe_of(each));
    return wn_latency_of(&b->chain, plan, &b->cost, error);
}

wn_status wn_benchmark_run_measure(wn_benchmark_run *trial, const wn_caches *caches, int repeats, wn_error *error)
{
    bounds b;
    wn_plan *plan;
    running r = {0};
    double started = wn_clock_thread_seconds();
    wn_status status = wn_benchmark_run_plan(&plan, &trial->load, error);
    if (status) return status;
    trial->plan_seconds = wn_clock_thread_seconds() - started;
    status = look_at_plan(trial, plan, caches, &b, error);
    wn_plan_free(plan);
    if (status || (trial->strict && trial->precision != trial->load.precision)) return status;
    return measure(trial, &r, &b, repeats, error);
}
