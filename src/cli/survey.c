/* SPDX-License-Identifier: MIT
 * survey.c - what one thread of this machine can do at best, by instruction set, cache and function.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/config.h"

void wn_survey_level(char name[40], const wn_caches *caches, int level)
{
    if (level < caches->n)
        snprintf(name, 40, "L%d", level + 1);
    else
        snprintf(name, 40, "memory");
}

/* ---- readings by turns --------------------------------------------------------------------------------------------- */

/* Every gauge and the work in between meet the same neighbours and clocks. rates: [repeats][n]. */
static wn_status take_turns(wn_gauges *gauges, int repeats, wn_between_fn *between, void *user, double *rates,
                            wn_error *error)
{
    wn_status status = WN_OK;
    double seconds = wn_slice_seconds(gauges->threads);
    for (int i = 0; i < repeats && !status; i++) {
        status = wn_gauges_read(gauges, seconds, rates + (ptrdiff_t)i * gauges->n, error);
        if (!status && between) status = between(user, i, error);
    }
    return status;
}

wn_status wn_survey_turns(wn_gauges *gauges, int repeats, wn_between_fn *between, void *user, double *medians,
                          wn_error *error)
{
    double column[WN_REPEATS_MOST];
    double *rates = calloc((size_t)repeats * (size_t)gauges->n, sizeof *rates);
    if (!rates) return wn_fail(error, WN_ERROR_MEMORY, NULL, "out of memory");
    wn_status status = take_turns(gauges, repeats, between, user, rates, error);
    for (int g = 0; g < gauges->n && !status; g++) {
        for (int i = 0; i < repeats; i++) column[i] = rates[(ptrdiff_t)i * gauges->n + g];
        medians[g] = wn_median(column, repeats);
    }
    free(rates);
    return status;
}

/* ---- what to look at ----------------------------------------------------------------------------------------------- */

static wn_finding *add(wn_survey *s, wn_survey_kind kind, const char *name, wn_gauge gauge)
{
    s->gauges[s->n] = gauge;
    wn_finding *f = &s->findings[s->n++];
    *f = (wn_finding){.kind = kind};
    snprintf(f->name, sizeof f->name, "%s", name);
    return f;
}

/* The kernels' own set first, then the vector sets that are wider than the compiler's least. */
static void add_sets(wn_survey *s)
{
    int own = wn_cpu_parse(s->kernels->name);
    add(s, WN_SURVEY_FMA, s->kernels->name, (wn_gauge){.peak = wn_peak_get(own)});
    for (int cpu = WN_CPU_NEON; cpu >= WN_CPU_AVX2; cpu--)
        if (cpu != own && wn_peak_get(cpu))
            add(s, WN_SURVEY_FMA, wn_peak_get(cpu)->name, (wn_gauge){.peak = wn_peak_get(cpu)});
    const wn_peak *int8 = wn_peak_int8(own), *bf16 = wn_peak_bf16(own);
    if (int8) add(s, WN_SURVEY_INT8, int8->name, (wn_gauge){.peak = int8});
    if (bf16) add(s, WN_SURVEY_BF16, bf16->name, (wn_gauge){.peak = bf16});
}

static void add_reads(wn_survey *s)
{
    const wn_peak *peak = wn_peak_get(wn_cpu_parse(s->kernels->name));
    for (int level = 0; level <= s->caches.n; level++) {
        char name[40];
        wn_survey_level(name, &s->caches, level);
        wn_gauge gauge = {.peak = peak, .bytes = wn_caches_probe(&s->caches, level)};
        add(s, WN_SURVEY_READ, name, gauge)->bytes = level < s->caches.n ? s->caches.bytes[level] : 0;
    }
}

static void add_functions(wn_survey *s, const wn_cost *cost)
{
    for (int i = 0; i < cost->n_functions; i++) {
        const wn_function_cost *f = &cost->functions[i];
        const char *act = wn_act_names[f->act.fn], *gate = wn_act_names[f->gate.fn];
        char name[40];
        snprintf(name, sizeof name,
                 f->op == WN_OP_ACT     ? "%s"
                 : f->op == WN_OP_GATED ? "%s x %s"
                                        : "%s by %s",
                 act, gate);
        add(s, WN_SURVEY_FUNCTION, name,
            (wn_gauge){.kernels = s->kernels, .op = f->op, .act = f->act, .gate = f->gate});
    }
}

wn_status wn_survey_run(wn_survey *out, const wn_plan *plan, const wn_cost *cost, int repeats, wn_error *error)
{
    *out = (wn_survey){.kernels = plan->kernels};
    wn_caches_read(&out->caches, WN_CACHES_FOLDER);
    add_sets(out);
    add_reads(out);
    add_functions(out, cost);
    double medians[WN_SURVEY_MOST];
    wn_gauges gauges;
    wn_status status = wn_gauges_open(&gauges, out->gauges, out->n, 1, error);
    if (!status) status = wn_survey_turns(&gauges, repeats, NULL, NULL, medians, error);
    for (int i = 0; i < out->n && !status; i++) out->findings[i].rate = medians[i];
    wn_gauges_close(&gauges);
    return status;
}
