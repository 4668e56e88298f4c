/* SPDX-License-Identifier: MIT
 * bench_report.c - what bench has measured, as text and as JSON.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/bench_report.h"

#include <math.h>
#include <stdio.h>

/* ---- what follows from a run ----------------------------------------------------------------------------------------- */

static bool is_bound_by_reads(const wn_benchmark_run *t) { return t->floor.bandwidth > t->floor.arithmetic; }

static double floor_seconds(const wn_benchmark_run *t) { return fmax(t->floor.arithmetic, t->floor.bandwidth); }

/* Of the floor, 0..1. */
static double share_reached(const wn_benchmark_run *t) { return floor_seconds(t) * t->speed; }

static double real_time(const wn_bench_report *r, const wn_benchmark_run *t)
{
    return r->info.sample_rate > 0 ? t->speed / t->streams / r->info.sample_rate : 0;
}

static double macs_per_second(const wn_bench_report *r, const wn_benchmark_run *t)
{
    return t->speed * (double)r->info.macs;
}

/* ---- text ---------------------------------------------------------------------------------------------------------- */

/* 1048576 as "1 MiB". */
static void print_size(size_t bytes)
{
    if (bytes >= (size_t)1 << 20)
        printf("%.4g MiB", (double)bytes / (1 << 20));
    else
        printf("%.4g KiB", (double)bytes / 1024);
}

static void print_findings(const wn_machine_profile *s, wn_machine_profile_kind kind, const char *separator)
{
    for (int i = 0; i < s->n; i++) {
        const wn_machine_figure *f = &s->findings[i];
        if (f->kind != kind) continue;
        printf("%s", separator);
        separator = ", ";
        switch (kind) {
        case WN_MACHINE_PROFILE_FMA: printf("%s %.1f", f->name, f->rate * 1e-9); break;
        case WN_MACHINE_PROFILE_INT8: printf("int8 %.1f (%s)", f->rate * 1e-9, f->name); break;
        case WN_MACHINE_PROFILE_BF16: printf("bf16 %.1f (%s)", f->rate * 1e-9, f->name); break;
        case WN_MACHINE_PROFILE_FUNCTION: printf("%s %.3f ns", f->name, 1e9 / f->rate); break;
        case WN_MACHINE_PROFILE_READ:
            printf("%s ", f->name);
            if (f->bytes) print_size(f->bytes);
            printf("%s%.0f", f->bytes ? " " : "", f->rate * 1e-9);
        }
    }
}

static void print_machine(const wn_machine_profile *s)
{
    printf("peaks     of one thread, GMAC/s: ");
    print_findings(s, WN_MACHINE_PROFILE_FMA, "");
    print_findings(s, WN_MACHINE_PROFILE_INT8, ", ");
    print_findings(s, WN_MACHINE_PROFILE_BF16, ", ");
    printf("\nreads     of one thread, GB/s: ");
    print_findings(s, WN_MACHINE_PROFILE_READ, "");
    print_findings(s, WN_MACHINE_PROFILE_FUNCTION, "\nfunctions an element: ");
    printf("\n");
}

/* "blocks of 64, int8, 2 threads" */
static void print_load(const wn_benchmark_run *t)
{
    char text[64];
    int n = t->load.block ? snprintf(text, sizeof text, "blocks of %d", t->load.block)
                          : snprintf(text, sizeof text, "%d voice%s", t->streams, t->streams > 1 ? "s" : "");
    if (t->load.threads > 1) n += snprintf(text + n, sizeof text - (size_t)n, ", %d threads", t->load.threads);
    if (t->precision != WN_PRECISION_F32)
        snprintf(text + n, sizeof text - (size_t)n, ", %s", wn_precision_name(t->precision));
    printf("%-30s", text);
}

static void print_run(const wn_bench_report *r, const wn_benchmark_run *t)
{
    char by[40];
    if (is_bound_by_reads(t))
        wn_machine_profile_level(by, &r->profile.caches, t->level);
    else
        snprintf(by, sizeof by, "arithmetic");
    print_load(t);
    char latency[16] = "-";
    if (t->latency > 0) snprintf(latency, sizeof latency, "%.0f", 1e9 * t->latency);
    printf(" %10.0f %8.2f %8.2f %9.0f %9.0f %-10s %5.1f %% %4.1f %% %10s\n", t->speed, real_time(r, t),
           macs_per_second(r, t) * 1e-9, 1e9 / t->speed, 1e9 * floor_seconds(t), by, 100 * share_reached(t),
           100 * t->spread, latency);
}

void wn_bench_print(const wn_bench_report *report)
{
    const wn_bench_report *r = report;
    print_machine(&r->profile);
    printf("model     %s: %lld weights, %lld multiply-accumulates a sample; %s kernels\n\n", r->model,
           (long long)r->info.parameters, (long long)r->info.macs, r->profile.kernels->name);
    printf("%-30s %10s %8s %8s %9s %9s %-10s %7s %6s %10s\n", "", "samples/s", "x real", "GMAC/s", "ns", "floor ns",
           "by", "reached", "+-", "latency ns");
    for (int i = 0; i < r->n_runs; i++) print_run(r, &r->runs[i]);
    printf("\nmemory    %.0f kB a stream; plan made in %.2f ms\n", (double)r->runs[0].stream_bytes * 1e-3,
           r->runs[0].plan_seconds * 1e3);
}

/* ---- JSON ---------------------------------------------------------------------------------------------------------- */

/* {name: rate} of all findings of a kind. */
static json_t *figures_json(const wn_machine_profile *s, wn_machine_profile_kind kind, double factor, bool inverse)
{
    json_t *all = json_object();
    for (int i = 0; i < s->n; i++) {
        const wn_machine_figure *f = &s->findings[i];
        if (f->kind != kind) continue;
        if (json_object_set_new(all, f->name, json_real(inverse ? factor / f->rate : factor * f->rate))) {
            json_decref(all);
            return NULL;
        }
    }
    return all;
}

static json_t *machine_json(const wn_machine_profile *s)
{
    json_t *caches = json_array();
    for (int i = 0; i < s->caches.n; i++) json_array_append_new(caches, json_integer((json_int_t)s->caches.bytes[i]));
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "kernels", s->kernels->name, "cache_bytes", caches,
                     "peak_gmacs", figures_json(s, WN_MACHINE_PROFILE_FMA, 1e-9, false), "int8_gmacs",
                     figures_json(s, WN_MACHINE_PROFILE_INT8, 1e-9, false), "bf16_gmacs",
                     figures_json(s, WN_MACHINE_PROFILE_BF16, 1e-9, false), "read_gbytes",
                     figures_json(s, WN_MACHINE_PROFILE_READ, 1e-9, false), "function_ns",
                     figures_json(s, WN_MACHINE_PROFILE_FUNCTION, 1e9, true));
}

static json_t *run_json(const wn_bench_report *r, const wn_benchmark_run *t)
{
    char from[40];
    wn_machine_profile_level(from, &r->profile.caches, t->level);
    json_t *how = json_pack("{s:s, s:i, s:i, s:i, s:s, s:s}", "mode", t->load.block ? "blocks" : "generate", "block",
                            t->load.block ? t->load.block : 1, "voices", t->streams, "threads", t->load.threads,
                            "kernels", t->cpu, "precision", wn_precision_name(t->precision));
    json_t *what =
        json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:s, s:f, s:f, s:f, s:s, s:f, s:f, s:I, s:f}", "samples_per_second",
                  t->speed, "real_time", real_time(r, t), "gmacs", macs_per_second(r, t) * 1e-9, "ns_per_sample",
                  1e9 / t->speed, "spread_percent", 100 * t->spread, "floor_ns", 1e9 * floor_seconds(t), "floor_by",
                  is_bound_by_reads(t) ? "bandwidth" : "arithmetic", "arithmetic_ns", 1e9 * t->floor.arithmetic,
                  "bandwidth_ns", 1e9 * t->floor.bandwidth, "latency_ns", 1e9 * t->latency, "weights_from", from,
                  "percent_of_floor", 100 * share_reached(t), "percent_of_peak", 100 * macs_per_second(r, t) / t->peak,
                  "stream_bytes", (json_int_t)t->stream_bytes, "plan_seconds", t->plan_seconds);
    bool failed = json_object_update(how, what) != 0;
    json_decref(what);
    if (!failed) return how;
    json_decref(how);
    return NULL;
}

json_t *wn_bench_json(const wn_bench_report *report)
{
    const wn_model_info *info = &report->info;
    json_t *results = json_array();
    bool failed = false;
    for (int i = 0; i < report->n_runs; i++)
        failed |= json_array_append_new(results, run_json(report, &report->runs[i])) != 0;
    json_t *all = json_pack("{s:o, s:{s:s, s:I, s:I, s:f}, s:i, s:i, s:o}", "machine", machine_json(&report->profile),
                            "model", "name", report->model, "parameters", (json_int_t)info->parameters,
                            "macs_per_sample", (json_int_t)info->macs, "sample_rate", info->sample_rate, "repeats",
                            report->repeats, "processes", report->processes, "results", results);
    if (!failed) return all;
    json_decref(all);
    return NULL;
}
