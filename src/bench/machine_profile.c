/* SPDX-License-Identifier: MIT
 * machine_profile.c - what one thread of this machine can do at best, by instruction set, cache and function.
 * Copyright (c) 2026 the wavenet authors */
#include "bench/machine_profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/config_parts.h"
#include "kernels/cpu.h"

void wn_machine_profile_level(char name[40], const wn_caches *caches, int level)
{
    if (level < caches->n)
        snprintf(name, 40, "L%d", level + 1);
    else
        snprintf(name, 40, "memory");
}

/* ---- readings by turns --------------------------------------------------------------------------------------------- */

/* Microbenchmarks and the work in between take turns, so that both meet the same load and clock rate.
 * rates: [repeats][n]. */
static wn_status take_turns(wn_microbenchmarks *benchmarks, int repeats, wn_machine_profile_between *between,
                            void *user, double *rates, wn_error *error)
{
    wn_status status = WN_OK;
    double seconds = wn_slice_seconds(benchmarks->threads);
    for (int i = 0; i < repeats && !status; i++) {
        status = wn_microbenchmarks_read(benchmarks, seconds, rates + (ptrdiff_t)i * benchmarks->n, error);
        if (!status && between) status = between(user, i, error);
    }
    return status;
}

wn_status wn_machine_profile_turns(wn_microbenchmarks *benchmarks, int repeats, wn_machine_profile_between *between,
                                   void *user, double *medians, wn_error *error)
{
    double column[WN_MAX_REPEATS];
    double *rates = calloc((size_t)repeats * (size_t)benchmarks->n, sizeof *rates);
    if (!rates) return wn_fail_memory(error, NULL);
    wn_status status = take_turns(benchmarks, repeats, between, user, rates, error);
    for (int g = 0; g < benchmarks->n && !status; g++) {
        for (int i = 0; i < repeats; i++) column[i] = rates[(ptrdiff_t)i * benchmarks->n + g];
        medians[g] = wn_median(column, repeats);
    }
    free(rates);
    return status;
}

/* ---- what to look at ----------------------------------------------------------------------------------------------- */

static wn_machine_figure *add(wn_machine_profile *s, wn_machine_profile_kind kind, const char *name,
                              wn_microbenchmark benchmark)
{
    s->benchmarks[s->n] = benchmark;
    wn_machine_figure *f = &s->findings[s->n++];
    *f = (wn_machine_figure){.kind = kind};
    snprintf(f->name, sizeof f->name, "%s", name);
    return f;
}

/* The kernels' own set first, then the vector sets that are wider than the compiler's least. */
static void add_sets(wn_machine_profile *s)
{
    int own = wn_cpu_parse(s->kernels->name);
    add(s, WN_MACHINE_PROFILE_FMA, s->kernels->name, (wn_microbenchmark){.peak = wn_peak_get(own)});
    for (int cpu = wn_kernel_set_count() - 1; cpu > WN_CPU_PORTABLE; cpu--)
        if (cpu != own && wn_peak_get(cpu))
            add(s, WN_MACHINE_PROFILE_FMA, wn_peak_get(cpu)->name, (wn_microbenchmark){.peak = wn_peak_get(cpu)});
    const wn_peak *int8 = wn_peak_int8(own), *bf16 = wn_peak_bf16(own);
    if (int8) add(s, WN_MACHINE_PROFILE_INT8, int8->name, (wn_microbenchmark){.peak = int8});
    if (bf16) add(s, WN_MACHINE_PROFILE_BF16, bf16->name, (wn_microbenchmark){.peak = bf16});
}

static void add_reads(wn_machine_profile *s)
{
    const wn_peak *peak = wn_peak_get(wn_cpu_parse(s->kernels->name));
    for (int level = 0; level <= s->caches.n; level++) {
        char name[40];
        wn_machine_profile_level(name, &s->caches, level);
        wn_microbenchmark benchmark = {.peak = peak, .bytes = wn_caches_probe(&s->caches, level)};
        add(s, WN_MACHINE_PROFILE_READ, name, benchmark)->bytes = level < s->caches.n ? s->caches.bytes[level] : 0;
    }
}

static void add_functions(wn_machine_profile *s, const wn_cost *cost)
{
    for (int i = 0; i < cost->n_functions; i++) {
        const wn_function_cost *f = &cost->functions[i];
        const char *act = wn_act_names[f->act.fn], *gate = wn_act_names[f->gate.fn];
        char name[40];
        snprintf(name, sizeof name,
                 f->op == WN_OP_ACTIVATE ? "%s"
                 : f->op == WN_OP_GATE   ? "%s x %s"
                                         : "%s by %s",
                 act, gate);
        add(s, WN_MACHINE_PROFILE_FUNCTION, name,
            (wn_microbenchmark){.kernels = s->kernels, .op = f->op, .act = f->act, .gate = f->gate});
    }
}

wn_status wn_machine_profile_run(wn_machine_profile *out, const wn_plan *plan, const wn_cost *cost, int repeats,
                                 wn_error *error)
{
    *out = (wn_machine_profile){.kernels = plan->kernels};
    wn_caches_read(&out->caches, WN_CACHES_FOLDER);
    add_sets(out);
    add_reads(out);
    add_functions(out, cost);
    double medians[WN_MACHINE_PROFILE_MAX];
    wn_microbenchmarks benchmarks;
    wn_status status = wn_microbenchmarks_open(&benchmarks, out->benchmarks, out->n, 1, error);
    if (!status) status = wn_machine_profile_turns(&benchmarks, repeats, NULL, NULL, medians, error);
    for (int i = 0; i < out->n && !status; i++) out->findings[i].rate = medians[i];
    wn_microbenchmarks_close(&benchmarks);
    return status;
}
