/* SPDX-License-Identifier: MIT
 * rf.c - wavenet rf: the receptive field of a model, or of layers that exist on paper only.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdlib.h>

#include "analysis/plot.h"
#include "cli/cli.h"
#include "cli/rf_report.h"
#include "model/model.h"

typedef struct rf_options {
    wn_run_options run;
    char *layers, *dilations, *plot;
    int kernel, measure, json, csv, positions;
    long long input;
    double rate;
} rf_options;

/* Where the layers come from: exactly one source. NULL: fine; else what is wrong with the usage. */
static const char *check_source(const wn_cli *cli, const rf_options *o)
{
    bool causal = o->kernel || o->dilations;
    int sources = cli->n_args + (o->run.model != NULL) + (o->layers != NULL) + causal;
    if (sources != 1) return "one of MODEL, --layers, or --kernel with --dilations expected";
    if (causal && (!o->kernel || !o->dilations)) return "--kernel and --dilations belong together";
    if (o->measure && (o->layers || causal)) return "--measure needs a MODEL to run";
    return NULL;
}

static const char *check_values(const rf_options *o)
{
    if (o->json && o->csv) return "--json or --csv, not both";
    if (o->input < 0 || o->input > 1ll << 40) return "--input is 1 to 2^40 samples";
    if (!(o->rate >= 0) || o->rate > 1e9) return "--rate is a sample rate in Hz, up to 1e9";
    return NULL;
}

static wn_status load_layers(wn_rf_report *report, const rf_options *o, wn_error *error)
{
    wn_spec *layers = NULL;
    int n;
    const char *where = o->layers ? "--layers" : "--dilations";
    wn_status status = o->layers ? wn_spec_parse(&layers, &n, o->layers, where, error)
                                 : wn_spec_causal(&layers, &n, o->kernel, o->dilations, error);
    if (!status) status = wn_field_layers(&report->field, layers, n, o->input, where, error);
    free(layers);
    return status;
}

static wn_status load_model(wn_rf_report *report, wn_model **model, const char *path, wn_error *error)
{
    wn_status status = wn_cli_load(model, path, error);
    if (!status) status = wn_field_model(&report->field, *model, error);
    if (status) return status;
    report->is_model = true;
    for (int i = 0; i < report->field.n_rows; i++) report->field.rows[i].output_size = report->input_size;
    if (report->rate == 0) report->rate = report->field.sample_rate;
    return WN_OK;
}

/* The words that head the plot. */
static void write_title(char *title, size_t size, const rf_options *o, const wn_model *model, const char *path)
{
    if (model)
        snprintf(title, size, "%s", model->name && model->name[0] ? model->name : path);
    else if (o->layers)
        snprintf(title, size, "%s", o->layers);
    else
        snprintf(title, size, "kernel %d, dilations %s", o->kernel, o->dilations);
}

static wn_status draw(const wn_rf_report *report, const rf_options *o, const wn_model *model, const char *path,
                      wn_error *error)
{
    char name[256];
    write_title(name, sizeof name, o, model, path);
    wn_plot plot = {.field = &report->field, .title = name, .rate = report->rate};
    if (report->is_measured) plot.influence = &report->measure.random;
    return wn_plot_write(o->plot, &plot, error);
}

static int print(const wn_cli *cli, const rf_options *o, const wn_rf_report *report)
{
    if (o->json && !wn_rf_json(report)) return wn_cli_fail_text(cli, "could not write JSON");
    if (o->csv) wn_rf_csv(report);
    if (!o->json && !o->csv) wn_rf_table(report);
    return wn_cli_done(cli);
}

/* What was measured must agree with the formula. */
static int judge(const wn_cli *cli, const wn_rf_report *report)
{
    const wn_measure *m = &report->measure;
    if (!report->is_measured) return WN_EXIT_OK;
    if (!wn_reach_agrees(&m->reach))
        return wn_cli_fail_text(cli, "the measured reach is %lld samples, the formula's %lld",
                                (long long)m->reach.receptive_field, (long long)m->reach.formula);
    if (m->silent.beyond + m->random.beyond == 0) return WN_EXIT_OK;
    return wn_cli_fail_text(cli, "the output is influenced from beyond the receptive field");
}

static int run(wn_cli *cli, int argc, const char **argv)
{
    rf_options o = {0};
    const struct poptOption options[] = {
        WN_CLI_MODEL(&o.run),
        {"layers", 0, POPT_ARG_STRING, &o.layers, 0, "layers in series instead of a model, see below", "SPEC"},
        {"kernel", 0, POPT_ARG_INT, &o.kernel, 0, "a causal stack of this kernel", "K"},
        {"dilations", 0, POPT_ARG_STRING, &o.dilations, 0, "and these dilations", "1,2,4"},
        {"input", 0, POPT_ARG_LONGLONG, &o.input, 0, "also the sizes of the outputs for N samples", "N"},
        {"rate", 0, POPT_ARG_DOUBLE, &o.rate, 0, "sample rate, for milliseconds", "HZ"},
        {"measure", 0, POPT_ARG_NONE, &o.measure, 0, "measure reach and influence on the running model", NULL},
        {"positions", 0, POPT_ARG_NONE, &o.positions, 0, "also paths (and energy) of every position", NULL},
        {"json", 0, POPT_ARG_NONE, &o.json, 0, "print JSON", NULL},
        {"csv", 0, POPT_ARG_NONE, &o.csv, 0, "print comma-separated values", NULL},
        {"plot", 0, POPT_ARG_STRING, &o.plot, 0, "draw the tree of dilations, coverage and energy", "FILE.png|svg"},
        WN_CLI_RUN(&o.run),
        WN_CLI_HELP,
    };
    if (!wn_cli_parse(cli, argc, argv, options, 0, 1)) return cli->status;
    const char *wrong = check_source(cli, &o);
    if (!wrong) wrong = check_values(&o);
    if (wrong) return wn_cli_usage(cli, "%s", wrong);

    const char *path = cli->n_args ? cli->args[0] : o.run.model;
    wn_error error = {0};
    wn_model *model = NULL;
    wn_cpu cpu;
    wn_rf_report report = {.rate = o.rate, .input_size = o.input, .positions = o.positions};
    wn_status status = o.plot ? wn_plot_check_name(o.plot, &error) : WN_OK;
    if (!status) status = wn_cli_cpu(&cpu, o.run.cpu, &error);
    if (!status) status = path ? load_model(&report, &model, path, &error) : load_layers(&report, &o, &error);
    if (!status && o.measure) status = wn_measure_run(&report.measure, model, cpu, &error);
    report.is_measured = !status && o.measure;
    if (!status && o.plot) status = draw(&report, &o, model, path, &error);
    int code = status ? wn_cli_fail(cli, &error) : print(cli, &o, &report);
    if (code == WN_EXIT_OK) code = judge(cli, &report);
    wn_measure_free(&report.measure);
    wn_field_free(&report.field);
    wn_model_free(model);
    return code;
}

const wn_command wn_command_rf = {
    .name = "rf",
    .summary = "receptive field, coverage and state, by formula and measured, as a table or a picture",
    .usage = "MODEL | --kernel K --dilations LIST | --layers SPEC [OPTION...]",
    .example = "  wavenet rf notes --measure --plot notes.png\n"
               "  wavenet rf --kernel 2 --dilations 1,2,4,8 --rate 16000\n"
               "  wavenet rf --layers \"conv7s2p1 pool2s2 conv3d2 tconv4s2\" --input 64\n\n"
               "SPEC lists layers, separated by spaces or commas: conv, pool or tconv (transposed), the kernel, then\n"
               "d and a dilation, s and a stride (1; of a pool, its kernel), p and a padding (0), where they differ.\n",
    .run = run,
};
