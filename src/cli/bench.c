/* SPDX-License-Identifier: MIT
 * bench.c - wavenet bench: how fast a model runs, beside what the machine could do at best.
 * Copyright (c) 2026 the wavenet authors */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "bench/processes.h"
#include "bench/shape.h"
#include "cli/arguments.h"
#include "cli/bench_report.h"
#include "cli/cli.h"
#include "cli/model_options.h"
#include "kernels/weights.h"
#include "model/model.h"
#include "play/voice_group.h"

enum { NOT_GIVEN = INT_MIN, MAX_RUNS = 16 /* per precision: 2 numbers of threads, 4 of voices, 4 sizes of blocks */ };

typedef struct bench {
    wn_cli *cli;
    wn_model_options run;
    char *precision, *shape;
    int json, all, repeats, processes, block, voices; /* NOT_GIVEN, or what is asked for */
    wn_cpu cpu;
    wn_precision requested;
    wn_model *model;
    wn_benchmark_run *runs; /* [MAX_RUNS * precisions] */
    wn_bench_report report;
} bench;

/* ---- which runs ---------------------------------------------------------------------------------------------------- */

/* The values of one setting: the one asked for, else those of the table, else one default. */
typedef struct choice {
    int n, values[4];
} choice;

static choice choose_values(int given, bool all, choice table, int fallback)
{
    if (given != NOT_GIVEN) return (choice){1, {given}};
    return all ? table : (choice){1, {fallback}};
}

static void add_run(bench *b, wn_precision precision, int block, int voices, int threads)
{
    if (!block && voices < threads && wn_voice_group_threads_per_voice(voices, threads) == 1)
        return; /* a thread would have none */
    wn_benchmark_run *t = &b->runs[b->report.n_runs++];
    *t = (wn_benchmark_run){.strict = b->all && !b->precision};
    t->load =
        (wn_workload){.model = b->model, .cpu = b->cpu, .precision = precision, .block = block, .threads = threads};
    t->load.voices = block ? threads : voices;
}

/* Generation where the model does that and no block is asked for, blocks where it does not or they are. */
static void list_runs(bench *b, wn_precision precision)
{
    bool generates = b->report.info.autoregressive && b->block == NOT_GIVEN;
    bool blocks = !b->report.info.autoregressive || b->block != NOT_GIVEN || (b->all && b->voices == NOT_GIVEN);
    choice threads = choose_values(b->run.threads, b->all, (choice){2, {1, 2}}, 1);
    choice sizes = choose_values(b->block, b->all, (choice){4, {1, 16, 64, 256}}, 64);
    for (int t = 0; t < threads.n; t++) {
        choice voices = choose_values(b->voices, b->all, (choice){4, {1, 2, 4, 8}}, threads.values[t]);
        for (int i = 0; generates && i < voices.n; i++) add_run(b, precision, 0, voices.values[i], threads.values[t]);
    }
    for (int t = 0; t < threads.n; t++)
        for (int i = 0; blocks && i < sizes.n; i++) add_run(b, precision, sizes.values[i], 1, threads.values[t]);
}

static void list_all(bench *b)
{
    if (!b->all || b->precision) list_runs(b, b->requested);
    for (int i = 0; i < wn_weight_format_count && b->all && !b->precision; i++) list_runs(b, (wn_precision)i);
}

/* ---- measuring ----------------------------------------------------------------------------------------------------- */

static wn_status measure_machine(bench *b, wn_error *error)
{
    wn_plan *plan;
    wn_cost cost;
    wn_status status = wn_benchmark_run_plan(&plan, &b->runs[0].load, error);
    if (status) return status;
    wn_cost_of(&cost, plan, 1);
    status = wn_machine_profile_run(&b->report.profile, plan, &cost, b->repeats, error);
    wn_plan_free(plan);
    return status;
}

static wn_status measure_runs(bench *b, wn_error *error)
{
    wn_status status = measure_machine(b, error);
    int n = b->report.n_runs;
    b->report.n_runs = 0;
    if (!status) status = wn_processes_measure(b->runs, n, &b->report.profile.caches, b->repeats, b->processes, error);
    for (int i = 0; i < n && !status; i++)
        if (b->runs[i].speed > 0) b->runs[b->report.n_runs++] = b->runs[i];
    return status;
}

/* Notes where the measured setting differs from the one asked for. */
static void note_precision(const bench *b)
{
    wn_precision used = b->runs[0].precision;
    if (!b->precision || used == b->requested) return;
    wn_cli_note(b->cli, "no layer is wide enough for %s; computed in %s", wn_precision_name(b->requested),
                wn_precision_name(used));
}

/* ---- command ------------------------------------------------------------------------------------------------------- */

static bool is_within(int given, int least, int most)
{
    return given == NOT_GIVEN || (given >= least && given <= most);
}

static const char *check_usage(const bench *b)
{
    if (!b->run.model == !b->shape)
        return b->shape ? "a MODEL or a --shape, not both" : "a MODEL or a --shape is expected";
    if (!is_within(b->block, 1, 1 << 16)) return "--block is 1 to 65536";
    if (!is_within(b->voices, 1, 1024)) return "--voices is 1 to 1024";
    if (!is_within(b->run.threads, 1, WN_CLI_MAX_THREADS)) return "--threads is 1 to 256";
    if (b->block != NOT_GIVEN && b->voices != NOT_GIVEN)
        return "--voices are for generation, --block is for given input";
    if (b->voices != NOT_GIVEN && b->voices < b->run.threads && b->run.threads != 2 * b->voices)
        return "--voices are fewer than --threads, and not half as many";
    if (!is_within(b->processes, 1, WN_MAX_PROCESSES)) return "--processes is 1 to 99";
    return is_within(b->repeats, 1, WN_MAX_REPEATS) ? NULL : "--repeats is 1 to 99";
}

static wn_status bench_prepare(bench *b, wn_error *error)
{
    wn_status status = wn_cli_cpu(&b->cpu, b->run.cpu, error);
    if (!status) status = wn_cli_precision(&b->requested, b->precision, error);
    if (!status && b->shape) status = wn_shape_model(&b->model, b->shape, error);
    if (!status && !b->shape) status = wn_cli_load(&b->model, b->run.model, error);
    if (status) return status;
    b->runs = calloc((size_t)(MAX_RUNS * wn_weight_format_count), sizeof *b->runs);
    if (!b->runs) return wn_fail_memory(error, NULL);
    b->report.info = wn_model_get_info(b->model);
    b->report.model = b->shape ? b->shape : b->run.model;
    b->report.repeats = b->repeats;
    b->report.processes = b->processes;
    b->report.runs = b->runs;
    if (b->voices != NOT_GIVEN && !b->report.info.autoregressive)
        return wn_fail(error, WN_ERROR_ARGUMENT, "--voices", "this model generates nothing: it takes blocks of input");
    list_all(b);
    return WN_OK;
}

static int list_shapes(const wn_cli *cli)
{
    wn_error error;
    const char *name;
    for (int i = 0; (name = wn_shape_name(i)); i++) {
        wn_model *model;
        if (wn_shape_model(&model, name, &error)) return wn_cli_fail(cli, &error);
        wn_model_info info = wn_model_get_info(model);
        printf("%-34s %8lld weights %8lld multiply-accumulates a sample\n", name, (long long)info.parameters,
               (long long)info.macs);
        wn_model_free(model);
    }
    printf("\n" WN_SHAPE_HELP);
    return wn_cli_done(cli);
}

static int bench_execute(bench *b)
{
    wn_error error = {0};
    if (b->shape && !strcmp(b->shape, "list")) return list_shapes(b->cli);
    const char *wrong = check_usage(b);
    if (wrong) return wn_cli_usage(b->cli, "%s", wrong);
    wn_status status = bench_prepare(b, &error);
    if (!status) status = measure_runs(b, &error);
    if (status) return wn_cli_fail(b->cli, &error);
    note_precision(b);
    if (b->json) return wn_cli_print_json(b->cli, wn_bench_json(&b->report));
    wn_bench_print(&b->report);
    return wn_cli_done(b->cli);
}

static int bench_run(wn_cli *cli, int argc, const char **argv)
{
    bench b = {
        .cli = cli, .run.threads = NOT_GIVEN, .repeats = 21, .processes = 1, .block = NOT_GIVEN, .voices = NOT_GIVEN};
    const struct poptOption options[] = {
        WN_CLI_MODEL(&b.run),
        {"shape", 0, POPT_ARG_STRING, &b.shape, 0,
         "network of this shape with random weights instead of a model, see below; list lists some", "SHAPE"},
        {"block", 0, POPT_ARG_INT, &b.block, 0,
         "time blocks of N frames of given input (default: time generation; feed-forward models: 64)", "N"},
        {"voices", 0, POPT_ARG_INT, &b.voices, 0,
         "voices generated together (default: one per thread); half the number of threads: two threads share a voice",
         "N"},
        {"all", 0, POPT_ARG_NONE, &b.all, 0,
         "try blocks of 1, 16, 64 and 256, 1 to 8 voices, 1 and 2 threads and every precision, unless given", NULL},
        WN_CLI_PRECISION(&b.precision),
        {"repeats", 0, POPT_ARG_INT, &b.repeats, 0, "measurements per median (default 21)", "N"},
        {"processes", 0, POPT_ARG_INT, &b.processes, 0,
         "processes that measure in turn; the median of theirs counts, and +- is among them (default 1)", "N"},
        {"json", 0, POPT_ARG_NONE, &b.json, 0, "print JSON", NULL},
        WN_CLI_RUN(&b.run),
        WN_CLI_HELP,
    };
    wn_arguments arguments;
    const wn_argument_rules rules = {.max_models = 1};
    if (!wn_cli_parse(cli, argc, argv, options, 0, -1)) return cli->status;
    if (!wn_arguments_sort(&arguments, cli, &b.run, NULL, &rules)) return cli->status;
    int code = bench_execute(&b);
    wn_model_free(b.model);
    free(b.runs);
    return code;
}

const wn_command wn_command_bench = {
    .name = "bench",
    .summary = "measure the machine, then the speed of a model as a share of it",
    .usage = "MODEL | --shape SHAPE [OPTION...]",
    .example =
        "  wavenet bench models/notes --voices 8 --threads 2 --json\n"
        "  wavenet bench --shape a1-standard --all\n\n"
        "The floor is the least time that a sample can take, the larger of\n"
        "  arithmetic  multiply-accumulates / FMA peak of the kernels, plus the measured cost of each tanh,\n"
        "              sigmoid and other function\n"
        "  bandwidth   bytes of weights read / rate of the cache that holds them; all voices and all frames of\n"
        "              a block share one reading, and so do lookahead frames for past taps\n"
        "Beside it stands the latency of the longest chain of operations that wait for each other: FMAs, additions\n"
        "and functions from layer to layer. Frames of a block and voices share it, other frames may overlap.\n"
        "'reached' is the floor over the measured time. Times are medians of interleaved repeats; +- is half\n"
        "their interquartile range. Sampling is in the time but not in the floor. Time that other programs take\n"
        "from the processor does not count, except where several threads wait for each other.\n\n"
        "" WN_SHAPE_HELP,
    .run = bench_run,
};
