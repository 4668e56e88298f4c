/* SPDX-License-Identifier: MIT
 * processes.c - runs measured in several processes, because a program's speed depends on where its memory lies.
 * Copyright (c) 2026 the wavenet authors */
#include "bench/processes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static wn_status measure_all(wn_benchmark_run *runs, int n, const wn_caches *caches, int repeats, wn_error *error)
{
    wn_status status = WN_OK;
    for (int i = 0; i < n && !status; i++) status = wn_benchmark_run_measure(&runs[i], caches, repeats, error);
    return status;
}

/* ---- through a pipe --------------------------------------------------------------------------------------------------- */

/* What a child says before its runs. Pointers in both are the parent's, too: the child is a copy of it. */
typedef struct reply {
    wn_status status;
    wn_error error;
} reply;

static bool write_all(int fd, const void *data, size_t bytes)
{
    const char *p = data;
    while (bytes > 0) {
        ssize_t n = write(fd, p, bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        p += n;
        bytes -= (size_t)n;
    }
    return true;
}

static bool read_all(int fd, void *data, size_t bytes)
{
    char *p = data;
    while (bytes > 0) {
        ssize_t n = read(fd, p, bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        p += n;
        bytes -= (size_t)n;
    }
    return true;
}

/* Only what the pipe carries leaves the child: no buffer of the parent is written twice. */
static void run_child(int fd, wn_benchmark_run *runs, int n, const wn_caches *caches, int repeats)
{
    reply r = {0};
    r.status = measure_all(runs, n, caches, repeats, &r.error);
    bool sent = write_all(fd, &r, sizeof r) && write_all(fd, runs, (size_t)n * sizeof *runs);
    _exit(sent ? 0 : 1);
}

static wn_status receive_runs(int fd, wn_benchmark_run *runs, int n, wn_error *error)
{
    reply r;
    if (!read_all(fd, &r, sizeof r) || !read_all(fd, runs, (size_t)n * sizeof *runs))
        return wn_fail(error, WN_ERROR_FILE, "--processes", "a process ended before it had measured anything");
    if (r.status) *error = r.error;
    return r.status;
}

static wn_status measure_in_child(wn_benchmark_run *runs, int n, const wn_caches *caches, int repeats, wn_error *error)
{
    int ends[2];
    if (pipe(ends)) return wn_fail(error, WN_ERROR_FILE, "--processes", "no pipe: %s", strerror(errno));
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        run_child(ends[1], runs, n, caches, repeats);
    }
    close(ends[1]);
    wn_status status = child < 0 ? wn_fail(error, WN_ERROR_FILE, "--processes", "no process: %s", strerror(errno))
                                 : receive_runs(ends[0], runs, n, error);
    close(ends[0]);
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
    return status;
}

/* ---- medians ------------------------------------------------------------------------------------------------------------ */

static int compare_speeds(const void *a, const void *b)
{
    double x = ((const wn_benchmark_run *)a)->speed, y = ((const wn_benchmark_run *)b)->speed;
    return (x > y) - (x < y);
}

/* `runs` [processes], of the same load; they are sorted. */
static wn_benchmark_run median_run(wn_benchmark_run *runs, int processes)
{
    qsort(runs, (size_t)processes, sizeof *runs, compare_speeds);
    wn_benchmark_run median = runs[processes / 2];
    double quartiles = runs[(3 * processes - 1) / 4].speed - runs[processes / 4].speed;
    if (median.speed > 0) median.spread = quartiles / 2 / median.speed;
    return median;
}

wn_status wn_processes_measure(wn_benchmark_run *runs, int n, const wn_caches *caches, int repeats, int processes,
                               wn_error *error)
{
    if (processes == 1) return measure_all(runs, n, caches, repeats, error);
    size_t count = (size_t)n * (size_t)processes;
    wn_benchmark_run *measured = calloc(count, sizeof *measured); /* [processes][n] */
    wn_benchmark_run *same = calloc((size_t)processes, sizeof *same);
    wn_status status = measured && same ? WN_OK : wn_fail_memory(error, NULL);
    for (int p = 0; p < processes && !status; p++) {
        memcpy(measured + (ptrdiff_t)p * n, runs, (size_t)n * sizeof *runs);
        status = measure_in_child(measured + (ptrdiff_t)p * n, n, caches, repeats, error);
    }
    for (int i = 0; i < n && !status; i++) {
        for (int p = 0; p < processes; p++) same[p] = measured[(ptrdiff_t)p * n + i];
        runs[i] = median_run(same, processes);
    }
    free(measured);
    free(same);
    return status;
}
