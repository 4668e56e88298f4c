/* SPDX-License-Identifier: MIT
 * rf.c - wavenet rf: the receptive field of a model, or of layers that exist on paper only.
 * Copyright (c) 2026 the wavenet authors */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/hybrid.h"
#include "analysis/plot.h"
#include "base/error.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/model_options.h"
#include "cli/rf_report.h"
#include "model/model.h"

typedef struct rf_options {
    wn_model_options run;
    char *layers, *dilations, *plot;
    int kernel, stacks, channels, measure, json, csv, positions, cost, suggest;
    long long input;
    double rate;
} rf_options;

/* The initial values of the options. */
static const rf_options not_given = {
    .run = WN_CLI_RUN_DEFAULT, .kernel = INT_MIN, .stacks = 1, .channels = 1, .input = LLONG_MIN, .rate = -INFINITY};

/* One run: the layers named on the command line or a model, and what is found out about them. */
typedef struct rf {
    wn_cli *cli;
    rf_options o;
    const char *path; /* of the model, or NULL */
    wn_cpu cpu;
    wn_spec *layers;
    int n_layers;
    wn_model *model;
    wn_rf_report report;
} rf;

/* ---- usage ------------------------------------------------------------------------------------------------------- */

/* Where the layers come from: exactly one source. NULL: fine; else what is wrong with the usage. */
static const char *check_source(const rf *r)
{
    const rf_options *o = &r->o;
    bool kernel = o->kernel != not_given.kernel, causal = kernel || o->dilations;
    int sources = (o->run.model != NULL) + (o->layers != NULL) + causal;
    if (sources != 1) return "one of MODEL, --layers, or --kernel with --dilations expected";
    if (causal && (!kernel || !o->dilations)) return "--kernel and --dilations belong together";
    if (o->measure && !r->path) return "--measure needs a MODEL to run";
    if (r->path && (o->suggest || o->stacks != not_given.stacks || o->channels != not_given.channels))
        return "--suggest, --stacks and --channels are for layers, not for a MODEL";
    return NULL;
}

static const char *check_values(const rf *r)
{
    const rf_options *o = &r->o;
    if (o->json && o->csv) return "--json or --csv, not both";
    if (o->input != not_given.input && (o->input < 1 || o->input > 1ll << 40)) return "--input is 1 to 2^40 samples";
    if (o->stacks < 1 || o->stacks > WN_MAX_LAYERS) return "--stacks is 1 to 4096";
    if (o->channels < 1 || o->channels > WN_MAX_CHANNELS) return "--channels is 1 to 16384";
    if (o->rate != not_given.rate && !(o->rate > 0 && o->rate <= 1e9))
        return "--rate is a sample rate in Hz, up to 1e9";
    return wn_cli_check_run(&o->run);
}

/* The list as many times as there are stacks. */
static wn_status repeat_layers(rf *r, wn_error *error)
{
    size_t n = (size_t)r->n_layers, stacks = (size_t)r->o.stacks;
    if (stacks == 1) return WN_OK;
    if (n * stacks > WN_MAX_LAYERS)
        return wn_fail(error, WN_ERROR_ARGUMENT, "--stacks", "%zu layers in all; %d is the limit", n * stacks,
                       WN_MAX_LAYERS);
    wn_spec *grown = realloc(r->layers, n * stacks * sizeof *grown);
    if (!grown) return wn_fail_memory(error, "--stacks");
    r->layers = grown;
    for (size_t i = n; i < n * stacks; i++) grown[i] = grown[i - n];
    r->n_layers = (int)(n * stacks);
    return WN_OK;
}

/* Everything that can be said without looking at a file: WN_EXIT_OK, or the line is printed. */
static int check_usage(rf *r)
{
    wn_error error = {0};
    const char *wrong = check_source(r);
    if (!wrong) wrong = check_values(r);
    if (wrong) return wn_cli_usage(r->cli, "%s", wrong);
    wn_status status = r->o.plot ? wn_plot_check_name(r->o.plot, &error) : WN_OK;
    if (!status && r->o.layers) status = wn_spec_parse(&r->layers, &r->n_layers, r->o.layers, "--layers", &error);
    if (!status && r->o.dilations)
        status = wn_spec_causal(&r->layers, &r->n_layers, r->o.kernel, r->o.dilations, &error);
    if (!status && r->layers) status = repeat_layers(r, &error);
    if (status == WN_ERROR_MEMORY) return wn_cli_fail(r->cli, &error);
    return status ? wn_cli_usage(r->cli, "%s: %s", error.where, error.message) : WN_EXIT_OK;
}

/* ---- work -------------------------------------------------------------------------------------------------------- */

static wn_status find_layers_field(rf *r, wn_error *error)
{
    wn_field *f = &r->report.field;
    wn_status status = wn_field_layers(f, r->layers, r->n_layers, r->report.input_size, r->o.channels,
                                       r->o.layers ? "--layers" : "--dilations", error);
    if (status || r->o.stacks == 1) return status;
    int each = f->n_rows / r->o.stacks;
    r->report.has_stacks = true;
    for (int i = 0; i < f->n_rows; i++) {
        f->rows[i].stack = i / each;
        if (f->rows[i].spec.kind != WN_SPEC_CLOSE)
            snprintf(f->rows[i].layer, sizeof f->rows[i].layer, "%d", i % each + 1);
    }
    return WN_OK;
}

/* The layers with dilations that leave no holes, and their field. */
static wn_status suggest(rf *r, wn_error *error)
{
    wn_rf_suggestion *s = &r->report.suggestion;
    const char *where = "--suggest";
    s->n = r->n_layers;
    s->layers = malloc((size_t)s->n * sizeof *s->layers);
    if (!s->layers) return wn_fail_memory(error, where);
    memcpy(s->layers, r->layers, (size_t)s->n * sizeof *s->layers);
    wn_status status = wn_hybrid_suggest(s->layers, s->n, &r->report.field, &s->changed, &s->sum, where, error);
    return status ? status : wn_field_layers(&s->field, s->layers, s->n, 0, r->o.channels, where, error);
}

static wn_status find_model_field(rf *r, wn_error *error)
{
    wn_rf_report *report = &r->report;
    wn_status status = wn_cli_load(&r->model, r->path, error);
    if (!status) status = wn_field_model(&report->field, r->model, error);
    if (status) return status;
    report->is_model = true;
    for (int i = 0; i < report->field.n_rows; i++) report->field.rows[i].output_size = report->input_size;
    if (report->rate == 0) report->rate = report->field.sample_rate;
    return WN_OK;
}

/* The words that head the plot. */
static void write_title(char *title, size_t size, const rf *r)
{
    if (r->model)
        snprintf(title, size, "%s", r->model->name && r->model->name[0] ? r->model->name : r->path);
    else if (r->o.layers)
        snprintf(title, size, "%s", r->o.layers);
    else
        snprintf(title, size, "kernel %d, dilations %s", r->o.kernel, r->o.dilations);
}

static wn_status draw_plot(const rf *r, wn_error *error)
{
    char title[256];
    wn_plot plot = {.field = &r->report.field, .title = title, .rate = r->report.rate};
    write_title(title, sizeof title, r);
    if (r->report.is_measured) plot.influence = &r->report.measure.random;
    return wn_plot_write(r->o.plot, &plot, error);
}

static wn_status rf_compute(rf *r, wn_error *error)
{
    wn_status status = wn_cli_cpu(&r->cpu, r->o.run.cpu, error);
    if (!status) status = r->path ? find_model_field(r, error) : find_layers_field(r, error);
    if (!status && r->o.measure) status = wn_measure_run(&r->report.measure, r->model, r->cpu, error);
    r->report.is_measured = !status && r->o.measure;
    if (!status && r->o.suggest) status = suggest(r, error);
    if (!status && r->o.plot) status = draw_plot(r, error);
    return status;
}

/* ---- results ----------------------------------------------------------------------------------------------------- */

static int rf_print(const rf *r)
{
    if (r->o.json) return wn_cli_print_json(r->cli, wn_rf_json(&r->report));
    (r->o.csv ? wn_rf_csv : wn_rf_table)(&r->report);
    return wn_cli_done(r->cli);
}

/* The measured field must agree with the formula. */
static int check_measured(const rf *r)
{
    const wn_measure *m = &r->report.measure;
    if (!r->report.is_measured) return WN_EXIT_OK;
    if (!wn_reach_agrees(&m->reach))
        return wn_cli_fail_text(r->cli, "the measured reach is %lld samples, the formula's %lld",
                                (long long)m->reach.receptive_field, (long long)m->reach.formula);
    if (m->silent.beyond + m->random.beyond == 0) return WN_EXIT_OK;
    return wn_cli_fail_text(r->cli, "the output is influenced from beyond the receptive field");
}

static int rf_execute(rf *r)
{
    wn_error error = {0};
    int code = check_usage(r);
    if (code != WN_EXIT_OK) return code;
    r->report.rate = r->o.rate != not_given.rate ? r->o.rate : 0;
    r->report.input_size = r->o.input != not_given.input ? r->o.input : 0;
    r->report.positions = r->o.positions;
    r->report.cost = r->o.cost;
    if (rf_compute(r, &error)) return wn_cli_fail(r->cli, &error);
    code = rf_print(r);
    return code == WN_EXIT_OK ? check_measured(r) : code;
}

static void rf_free(rf *r)
{
    wn_measure_free(&r->report.measure);
    wn_field_free(&r->report.field);
    wn_field_free(&r->report.suggestion.field);
    free(r->report.suggestion.layers);
    wn_model_free(r->model);
    free(r->layers);
}

static int rf_run(wn_cli *cli, int argc, const char **argv)
{
    rf r = {.cli = cli, .o = not_given};
    const struct poptOption options[] = {
        WN_CLI_MODEL(&r.o.run),
        {"layers", 0, POPT_ARG_STRING, &r.o.layers, 0, "layers instead of a model, see below", "SPEC"},
        {"kernel", 0, POPT_ARG_INT, &r.o.kernel, 0, "kernel size of a causal stack instead of a model", "K"},
        {"dilations", 0, POPT_ARG_STRING, &r.o.dilations, 0, "dilations of that stack", "1,2,4"},
        {"stacks", 0, POPT_ARG_INT, &r.o.stacks, 0, "that many times the layers (default: 1)", "N"},
        {"channels", 0, POPT_ARG_INT, &r.o.channels, 0, "channels that enter the first layer (default: 1)", "N"},
        {"cost", 0, POPT_ARG_NONE, &r.o.cost, 0, "also weights and multiply-accumulates of every layer", NULL},
        {"suggest", 0, POPT_ARG_NONE, &r.o.suggest, 0,
         "also the smallest change of dilations that closes all holes: the fewest\nlayers, then the smallest sum of changes, then the longest field",
         NULL},
        {"input", 0, POPT_ARG_LONGLONG, &r.o.input, 0, "also print the output sizes for N input samples", "N"},
        {"rate", 0, POPT_ARG_DOUBLE, &r.o.rate, 0, "sample rate in Hz, to print milliseconds (default: the model's)",
         "HZ"},
        {"measure", 0, POPT_ARG_NONE, &r.o.measure, 0, "also measure reach and influence on the running model", NULL},
        {"positions", 0, POPT_ARG_NONE, &r.o.positions, 0, "also print paths (and energy) of every position", NULL},
        {"json", 0, POPT_ARG_NONE, &r.o.json, 0, "print JSON", NULL},
        {"csv", 0, POPT_ARG_NONE, &r.o.csv, 0, "print comma-separated values", NULL},
        {"plot", 0, POPT_ARG_STRING, &r.o.plot, 0, "draw the tree of dilations, coverage and energy as PNG or SVG",
         "FILE.png|svg"},
        WN_CLI_RUN(&r.o.run),
        WN_CLI_HELP,
    };
    wn_arguments arguments;
    const wn_argument_rules rules = {.max_models = 1};
    if (!wn_cli_parse(cli, argc, argv, options, 0, -1)) return cli->status;
    if (!wn_arguments_sort(&arguments, cli, &r.o.run, NULL, &rules)) return cli->status;
    r.path = r.o.run.model;
    int code = rf_execute(&r);
    rf_free(&r);
    return code;
}

const wn_command wn_command_rf = {
    .name = "rf",
    .summary = "compute receptive field, coverage and state, as a table or a plot",
    .usage = "MODEL | --kernel K --dilations LIST | --layers SPEC [OPTION...]",
    .example =
        "  wavenet rf notes --measure --plot notes.png\n"
        "  wavenet rf --kernel 2 --dilations 1,2,4,8 --rate 16000\n"
        "  wavenet rf --layers \"conv7s2p1 pool2s2 conv3d2 tconv4s2\" --input 64\n\n"
        "SPEC lists layers, separated by spaces or commas: conv, pool, avgpool or tconv (transposed) and the kernel\n"
        "size, then options: d and a dilation (default 1), s and a stride (default 1; the kernel size for a pool), p\n"
        "and a padding (default 0; 2:1 where the ends differ), or same, valid or causal. \"(conv3d6 | conv3d12)\" adds\n"
        "parallel branches; of outputs that differ in number, the middle ones are added. \"3,1,2,VALID; 3,1,1,SAME\"\n"
        "lists kernel, stride, dilation and padding.\n",
    .run = rf_run,
};
