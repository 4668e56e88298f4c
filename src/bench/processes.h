/* SPDX-License-Identifier: MIT
 * processes.h - runs measured in several processes, because a program's speed depends on where its memory lies.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BENCH_PROCESSES_H
#define WN_BENCH_PROCESSES_H

#include "bench/benchmark_run.h"

enum { WN_MAX_PROCESSES = 99 };

/* Measure n runs in `processes` processes (1 to WN_MAX_PROCESSES) that follow one another. Each run becomes that of the process
 * with the median speed; its spread is that among the processes. With one process the caller's own is used, and the spread is
 * that among repeats. The caller has no other threads.
 * Errors: those of wn_benchmark_run_measure; WN_ERROR_FILE where a process cannot be started or ends early. */
wn_status wn_processes_measure(wn_benchmark_run *runs, int n, const wn_caches *caches, int repeats, int processes,
                               wn_error *error);

#endif
