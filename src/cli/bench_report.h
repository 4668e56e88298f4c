/* SPDX-License-Identifier: MIT
 * bench_report.h - what bench has measured, as text and as JSON.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_BENCH_REPORT_H
#define WN_CLI_BENCH_REPORT_H

#include <jansson.h>

#include "bench/benchmark_run.h"

typedef struct wn_bench_report {
    const char *model; /* as it was named */
    wn_model_info info;
    int repeats, processes;
    wn_machine_profile profile;
    int n_runs;
    wn_benchmark_run *runs; /* [n_runs] */
} wn_bench_report;

void wn_bench_print(const wn_bench_report *report);

/* A new reference, or NULL if memory fails. */
json_t *wn_bench_json(const wn_bench_report *report);

#endif
