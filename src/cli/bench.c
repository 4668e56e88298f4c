/* SPDX-License-Identifier: MIT
 * bench.c - wavenet bench: how fast a model runs, beside what the machine could do at best.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/peak.h"
#include "cli/workload.h"
#include "model/model.h"

enum { MAX_REPEATS = 99, N_CACHES = 3 };
#define PEAK_SECONDS 0.05
#define RUN_SECONDS 0.25
#define MAX_FRAMES ((int64_t)1 << 28)

typedef struct bench {
    wn_cli *cli;
    wn_run_options run;
    wn_workload workload;
    char *precision;
    int json, repeats;
    wn_model *model;
    wn_model_info info;
    const char *cpu;
    int64_t frames;             /* of one repeat */
    double bandwidth[N_CACHES]; /* bytes/s of one thread from 16 KiB, 256 KiB and 8 MiB */
    double peak[MAX_REPEATS];   /* multiply-accumulates/s of all threads */
    double speed[MAX_REPEATS];  /* samples/s of all voices */
    double share[MAX_REPEATS];  /* of the peak of the same repeat */
    size_t stream_bytes;
    double plan_seconds;
} bench;

/* ---- measuring ------------------------------------------------------------------------------------------------ */

static void spin(void *user, int index)
{
    double *macs = user;
    macs[index] = wn_peak_macs(PEAK_SECONDS);
}

static double measure_peak(int threads)
{
    double macs[WN_CLI_MAX_THREADS] = {0}, total = 0;
    wn_side_by_side(threads, spin, macs);
    for (int i = 0; i < threads; i++) total += macs[i];
    return total;
}

static wn_status measure_bandwidth(bench *b, wn_error *error)
{
    static const size_t bytes[N_CACHES] = {(size_t)1 << 14, (size_t)1 << 18, (size_t)1 << 23};
    float *data = calloc(1, bytes[N_CACHES - 1]);
    if (!data) return wn_fail(error, WN_ERROR_MEMORY, NULL, "out of memory");
    for (size_t i = 0; i < bytes[N_CACHES - 1] / sizeof *data; i++) data[i] = 1; /* zero pages would be one page */
    for (int i = 0; i < N_CACHES; i++) b->bandwidth[i] = wn_peak_bandwidth(data, bytes[i], PEAK_SECONDS);
    free(data);
    return WN_OK;
}

static int lanes(const bench *b) { return b->workload.block ? b->workload.threads : b->workload.voices; }

/* What a stream takes of memory, and how long a plan takes to make. */
static wn_status measure_plan(bench *b, wn_error *error)
{
    const wn_workload *w = &b->workload;
    wn_plan_config config = {.max_frames = w->block, .voices = w->block ? 1 : (w->voices + w->threads - 1) / w->threads,
                             .cpu = w->cpu};
    wn_plan *plan;
    double started = wn_seconds();
    wn_status status = wn_plan_new(&plan, b->model, &config, error);
    b->plan_seconds = wn_seconds() - started;
    if (!status) b->stream_bytes = wn_plan_stream_bytes(plan);
    wn_plan_free(plan);
    return status;
}

/* Frames that take about RUN_SECONDS. */
static wn_status calibrate(bench *b, wn_error *error)
{
    double seconds = 0;
    wn_status status = WN_OK;
    for (b->frames = b->workload.block ? b->workload.block : 16; !status && b->frames < MAX_FRAMES; b->frames *= 4) {
        status = wn_workload_time(&seconds, &b->cpu, &b->workload, b->frames, error);
        if (seconds > RUN_SECONDS / 8) break;
    }
    double wanted = (double)b->frames * RUN_SECONDS / fmax(seconds, 1e-9);
    b->frames = (int64_t)fmin(fmax(wanted, 1), (double)MAX_FRAMES);
    if (b->workload.block) b->frames = (b->frames + b->workload.block - 1) / b->workload.block * b->workload.block;
    return status;
}

/* Peak and model by turns, so that a busy neighbour or a falling clock meets both. */
static wn_status measure(bench *b, wn_error *error)
{
    wn_status status = measure_plan(b, error);
    if (!status) status = measure_bandwidth(b, error);
    if (!status) status = calibrate(b, error);
    for (int i = 0; i < b->repeats && !status; i++) {
        double seconds = 0;
        b->peak[i] = measure_peak(b->workload.threads);
        status = wn_workload_time(&seconds, &b->cpu, &b->workload, b->frames, error);
        b->speed[i] = (double)b->frames * lanes(b) / fmax(seconds, 1e-9);
        b->share[i] = b->speed[i] * (double)b->info.macs / b->peak[i];
    }
    return status;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const double *values, int n)
{
    double sorted[MAX_REPEATS];
    memcpy(sorted, values, (size_t)n * sizeof *sorted);
    qsort(sorted, (size_t)n, sizeof *sorted, compare);
    return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

/* Largest over smallest speed. */
static double spread(const bench *b)
{
    double low = b->speed[0], high = b->speed[0];
    for (int i = 1; i < b->repeats; i++) {
        low = fmin(low, b->speed[i]);
        high = fmax(high, b->speed[i]);
    }
    return high / low;
}

/* ---- results -------------------------------------------------------------------------------------------------- */

static int print_json(const bench *b, double speed)
{
    const wn_workload *w = &b->workload;
    json_t *root =
        json_pack("{s:s, s:s, s:i, s:f, s:{s:f, s:f, s:f}}", "vectors", wn_peak_vectors(), "kernels", b->cpu, "threads",
                  w->threads, "peak_gmacs", median(b->peak, b->repeats) * 1e-9, "read_gbytes", "16KiB",
                  b->bandwidth[0] * 1e-9, "256KiB", b->bandwidth[1] * 1e-9, "8MiB", b->bandwidth[2] * 1e-9);
    json_t *more =
        json_pack("{s:s, s:s, s:i, s:i, s:I, s:I, s:f, s:f, s:f, s:f, s:i, s:f, s:I, s:f}", "model", b->cli->args[0], "mode",
                  w->block ? "blocks" : "generate", "block", w->block ? w->block : 1, "voices", lanes(b), "parameters",
                  (json_int_t)b->info.parameters, "macs_per_sample", (json_int_t)b->info.macs, "samples_per_second",
                  speed, "real_time", b->info.sample_rate > 0 ? speed / lanes(b) / b->info.sample_rate : 0, "gmacs",
                  speed * (double)b->info.macs * 1e-9, "percent_of_peak", 100 * median(b->share, b->repeats), "repeats",
                  b->repeats, "spread", spread(b), "stream_bytes", (json_int_t)b->stream_bytes, "plan_seconds",
                  b->plan_seconds);
    bool failed = json_object_update(root, more) != 0;
    json_decref(more);
    if (!failed) return wn_cli_print_json(b->cli, root);
    json_decref(root);
    return wn_cli_print_json(b->cli, NULL);
}

static int print(const bench *b)
{
    const wn_workload *w = &b->workload;
    double speed = median(b->speed, b->repeats);
    if (b->json) return print_json(b, speed);
    printf(
        "machine   %s, %d thread%s: FMA peak %.1f GMAC/s; one thread reads %.0f GB/s from 16 KiB, %.0f from 256 KiB, "
        "%.0f from 8 MiB\n",
        wn_peak_vectors(), w->threads, w->threads > 1 ? "s" : "", median(b->peak, b->repeats) * 1e-9,
        b->bandwidth[0] * 1e-9, b->bandwidth[1] * 1e-9, b->bandwidth[2] * 1e-9);
    printf("model     %s: %lld weights, %lld multiply-accumulates a sample\n", b->cli->args[0],
           (long long)b->info.parameters, (long long)b->info.macs);
    if (w->block)
        printf("blocks    of %d frames, %d stream%s", w->block, lanes(b), lanes(b) > 1 ? "s" : "");
    else
        printf("generate  %d voice%s", lanes(b), lanes(b) > 1 ? "s" : "");
    printf(", %s kernels: %.0f samples/s", b->cpu, speed);
    if (b->info.sample_rate > 0)
        printf(", %.2f x real time%s", speed / lanes(b) / b->info.sample_rate, lanes(b) > 1 ? " each" : "");
    printf("\n          %.2f GMAC/s, %.1f %% of the peak (medians of %d, fastest/slowest %.2f)\n",
           speed * (double)b->info.macs * 1e-9, 100 * median(b->share, b->repeats), b->repeats, spread(b));
    printf("memory    %.0f kB a stream; plan made in %.2f ms\n", (double)b->stream_bytes * 1e-3, b->plan_seconds * 1e3);
    return wn_cli_done(b->cli);
}

/* ---- command -------------------------------------------------------------------------------------------------- */

static const char *check_usage(const bench *b)
{
    if (b->workload.block < 0 || b->workload.block > 1 << 16) return "--block is 1 to 65536";
    if (b->workload.voices < 0 || b->workload.voices > 1024) return "--voices is 1 to 1024";
    if (b->workload.block && b->workload.voices > 1) return "--voices are for generation, --block is for given input";
    if (b->workload.voices && b->workload.voices < b->workload.threads) return "--voices are fewer than --threads";
    if (b->repeats < 1 || b->repeats > MAX_REPEATS) return "--repeats is 1 to 99";
    return wn_cli_check_run(&b->run);
}

static wn_status prepare(bench *b, wn_error *error)
{
    wn_status status = wn_cli_cpu(&b->workload.cpu, b->run.cpu, error);
    if (!status) status = wn_cli_precision(&b->workload.precision, b->precision, error);
    if (!status) status = wn_cli_load(&b->model, b->cli->args[0], error);
    if (status) return status;
    b->info = wn_model_get_info(b->model);
    b->workload.model = b->model;
    if (!b->info.autoregressive && !b->workload.block) b->workload.block = 64;
    if (!b->workload.voices) b->workload.voices = b->workload.threads;
    return WN_OK;
}

static int run(wn_cli *cli, int argc, const char **argv)
{
    bench b = {.cli = cli, .run = WN_CLI_RUN_DEFAULT, .repeats = 7};
    const struct poptOption options[] = {
        {"block", 0, POPT_ARG_INT, &b.workload.block, 0,
         "time blocks of given input (feed-forward models: the default, 64); without: generation", "N"},
        {"voices", 0, POPT_ARG_INT, &b.workload.voices, 0, "voices generated together (default: one a thread)", "N"},
        WN_CLI_PRECISION(&b.precision),
        {"repeats", 0, POPT_ARG_INT, &b.repeats, 0, "measurements the medians are of (default 7)", "N"},
        {"json", 0, POPT_ARG_NONE, &b.json, 0, "print JSON", NULL},
        WN_CLI_RUN(&b.run),
        WN_CLI_HELP,
    };
    if (!wn_cli_parse(cli, argc, argv, options, 1, 1)) return cli->status;
    b.workload.threads = b.run.threads;
    const char *wrong = check_usage(&b);
    if (wrong) return wn_cli_usage(cli, "%s", wrong);
    wn_error error = {0};
    wn_status status = prepare(&b, &error);
    if (!status) status = measure(&b, &error);
    int result = status ? wn_cli_fail(cli, &error) : print(&b);
    wn_model_free(b.model);
    return result;
}

const wn_command wn_command_bench = {
    .name = "bench",
    .summary = "measure the machine, then the speed of a model as a share of it",
    .usage = "MODEL [OPTION...]",
    .example = "  wavenet bench models/notes\n"
               "  wavenet bench models/notes --voices 8 --threads 2 --json\n",
    .run = run,
};
