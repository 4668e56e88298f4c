/* SPDX-License-Identifier: MIT
 * classify.c - wavenet classify: what a model recognises in a sound, or in rows of features.
 * Copyright (c) 2026 the wavenet authors */
#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/feature_input.h"
#include "cli/input_sequence.h"
#include "cli/interrupt.h"
#include "cli/model_options.h"
#include "cli/output_file.h"
#include "cli/posterior_file.h"
#include "cli/progress.h"

enum { BLOCK = 256 };

typedef struct classify {
    wn_cli *cli;
    const char *path; /* of the input */
    wn_model_options run;
    char *precision;
    const char *out;
    int best;
    wn_model *model;
    wn_model_info info;
    bool analyses; /* the input is a sound that becomes rows */
    wn_feature_input sound;
    wn_input_sequence sequence;
    wn_processor *processor;
    float *rows;               /* [capacity of sound][channels] */
    float *last;               /* [channels] the row before */
    int32_t last_class;        /* of models with input classes */
    float *logits, *posterior; /* [BLOCK][classes]; [classes] */
    wn_posterior_file file;
    int64_t fed; /* rows of the input that the network has taken; below 0 before the first */
} classify;

static wn_status load_model(classify *c, wn_error *error)
{
    wn_analysis_config unused;
    wn_status status = wn_cli_load(&c->model, c->run.model, error);
    if (status) return status;
    c->info = wn_model_get_info(c->model);
    if (!c->info.n_labels)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, c->run.model,
                       "is no recogniser: its output has no classes of its own");
    if (c->info.feature_channels || c->info.global_channels || c->info.n_controls)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, c->run.model, "has conditions; use wavenet forward");
    c->analyses = wn_model_get_analysis(c->model, &unused) && !wn_file_has_ending(c->path, ".npy");
    return WN_OK;
}

static wn_status open_network(classify *c, wn_cpu cpu, wn_precision precision, wn_error *error)
{
    wn_processor_config config = {.max_frames = BLOCK, .cpu = cpu, .precision = precision, .network_values = true};
    wn_status status = wn_processor_new(&c->processor, (const wn_model *const[]){c->model}, 1, &config, error);
    if (status) return status;
    wn_cli_note_precision(c->cli, wn_processor_get_plan(c->processor, 0), precision);
    size_t channels = (size_t)c->info.input_channels, classes = (size_t)c->info.n_labels;
    size_t capacity = c->analyses ? (size_t)wn_feature_input_get_capacity(&c->sound) : 1;
    c->rows = calloc(capacity * channels, sizeof *c->rows);
    c->last = calloc(channels, sizeof *c->last);
    c->logits = calloc(BLOCK * classes, sizeof *c->logits);
    c->posterior = calloc(classes, sizeof *c->posterior);
    return c->rows && c->last && c->logits && c->posterior ? WN_OK : wn_fail_memory(error, NULL);
}

static wn_status open_input(classify *c, wn_error *error)
{
    if (c->analyses)
        return wn_feature_input_open(&c->sound, c->cli, c->path, NULL, c->model, c->run.model, 0, 1, error);
    return wn_input_sequence_read(&c->sequence, c->cli, c->path, c->model, error);
}

static wn_status classify_prepare(classify *c, wn_error *error)
{
    wn_cpu cpu;
    wn_precision precision;
    wn_status status = wn_cli_cpu(&cpu, c->run.cpu, error);
    if (!status) status = wn_cli_precision(&precision, c->precision, error);
    if (!status) status = wn_output_file_check(c->out, &c->path, 1, error);
    if (!status) status = load_model(c, error);
    if (!status) status = open_input(c, error);
    if (!status) status = open_network(c, cpu, precision, error);
    return status ? status : wn_posterior_file_open(&c->file, c->out, c->model, c->best, error);
}

/* n rows x [n][channels], or classes [n], at most BLOCK. The output about a row comes `delay` rows later. */
static wn_status feed(classify *c, const float *x, const int32_t *classes, int n, wn_error *error)
{
    wn_status status = WN_OK;
    if (classes)
        wn_processor_run_classes(c->processor, n, classes, c->logits);
    else
        wn_processor_run(c->processor, n, x, c->logits);
    for (int t = 0; t < n && !status; t++, c->fed++) {
        if (c->fed < c->info.delay) continue;
        wn_model_posteriors(c->model, c->logits + (size_t)t * (size_t)c->info.n_labels, c->posterior);
        status = wn_posterior_file_add(&c->file, c->posterior, error);
    }
    return status;
}

/* Before its first row the input is taken to be that row, as it is taken to be its last row after it: zeros would be another
 * sound. */
static wn_status feed_start(classify *c, const float *x, const int32_t *classes, wn_error *error)
{
    wn_status status = WN_OK;
    for (c->fed = 1 - c->info.receptive_field; c->fed < 0 && !status && !wn_interrupt_requested();)
        status = feed(c, x, classes, 1, error);
    return status;
}

static wn_status feed_all(classify *c, const float *x, const int32_t *classes, int64_t n, wn_error *error)
{
    int64_t channels = c->info.input_channels;
    wn_status status = c->fed || !n ? WN_OK : feed_start(c, x, classes, error);
    for (int64_t t = 0; t < n && !status && !wn_interrupt_requested(); t += BLOCK)
        status = feed(c, x ? x + t * channels : NULL, classes ? classes + t : NULL,
                      n - t < BLOCK ? (int)(n - t) : BLOCK, error);
    if (n && x) memcpy(c->last, x + (n - 1) * channels, (size_t)channels * sizeof *x);
    if (n && classes) c->last_class = classes[n - 1];
    return status;
}

static wn_status feed_sound(classify *c, wn_error *error)
{
    wn_progress progress;
    wn_status status = WN_OK;
    wn_progress_start(&progress, c->cli, 0, c->sound.config.sample_rate);
    while (!status && !c->sound.over && !wn_interrupt_requested()) {
        int got = 0;
        status = wn_feature_input_read(&c->sound, c->path, c->rows, &got, error);
        if (!status) status = feed_all(c, c->rows, NULL, got, error);
        wn_progress_update(&progress, c->sound.samples);
    }
    wn_progress_end(&progress);
    return status;
}

/* The last row repeated, until the output is about it. */
static wn_status feed_end(classify *c, wn_error *error)
{
    wn_status status = WN_OK;
    bool classes = c->info.n_classes > 0;
    for (int i = 0; i < c->info.delay && !status; i++)
        status = feed(c, c->last, classes ? &c->last_class : NULL, 1, error);
    return status;
}

static wn_status classify_input(classify *c, wn_error *error)
{
    wn_status status = c->analyses ? feed_sound(c, error)
                                   : feed_all(c, c->sequence.pcm, c->sequence.classes, c->sequence.frames, error);
    if (!status) status = feed_end(c, error);
    if (!status) status = wn_posterior_file_finish(&c->file, error);
    if (!status && c->out && strcmp(c->out, "-"))
        wn_cli_note(c->cli, "%s: %lld rows, %d classes", c->out, (long long)c->file.rows, c->info.n_labels);
    return status;
}

static void classify_free(classify *c)
{
    wn_posterior_file_close(&c->file);
    wn_processor_free(c->processor);
    wn_feature_input_close(&c->sound);
    wn_input_sequence_free(&c->sequence);
    wn_model_free(c->model);
    free(c->rows);
    free(c->last);
    free(c->logits);
    free(c->posterior);
}

static const char *check_usage(const classify *c)
{
    bool array = c->out && wn_file_has_ending(c->out, ".npy");
    if (c->out && !array && strcmp(c->out, "-") && !wn_file_has_ending(c->out, ".csv"))
        return "-o is a name that ends in .npy or .csv, or -";
    if (array && c->best) return "--best is for tables, not for .npy";
    return wn_cli_check_run(&c->run);
}

static int classify_run(wn_cli *cli, int argc, const char **argv)
{
    classify c = {.cli = cli, .run = WN_CLI_RUN_DEFAULT};
    char *out = NULL;
    const struct poptOption options[] = {
        WN_CLI_MODEL(&c.run),
        {"output", 'o', POPT_ARG_STRING, &out, 0,
         "posteriors: .npy, float32 [rows][classes], or .csv (default: a table on standard output)", "OUT"},
        {"best", 0, POPT_ARG_NONE, &c.best, 0, "write the likeliest classes alone: start, end, class, mean probability",
         NULL},
        WN_CLI_PRECISION(&c.precision),
        WN_CLI_RUN(&c.run),
        WN_CLI_HELP,
    };
    wn_arguments arguments;
    const wn_argument_rules rules = {.max_models = 1, .max_sounds = 1, .output = true};
    if (!wn_cli_parse(cli, argc, argv, options, 0, -1)) return cli->status;
    if (!wn_arguments_sort(&arguments, cli, &c.run, out, &rules)) return cli->status;
    if (!c.run.model) return wn_cli_usage(cli, "MODEL is missing");
    if (!arguments.n_sounds) return wn_cli_usage(cli, "IN is missing");
    c.path = arguments.sounds[0];
    c.out = out ? out : arguments.output;
    const char *wrong = check_usage(&c);
    if (wrong) return wn_cli_usage(cli, "%s", wrong);
    wn_error error = {0};
    wn_interrupt_install();
    wn_status status = classify_prepare(&c, &error);
    if (!status) status = classify_input(&c, &error);
    classify_free(&c);
    return status ? wn_cli_fail(cli, &error) : wn_cli_done(cli);
}

const wn_command wn_command_classify = {
    .name = "classify",
    .summary = "print what a model recognises: the probability of each class, row by row",
    .usage = "MODEL IN.wav|IN.npy|- [-o OUT.npy|OUT.csv] [OPTION...]",
    .example =
        "  wavenet classify recogniser speech.wav --best\n"
        "  wavenet classify recogniser features.npy -o posteriors.npy\n\n"
        "IN is rows of features, float32 [rows][channels], or any sound file, or - for a stream, which the analysis in\n"
        "the model file turns into rows. Row t of the output is about row t of the input.\n",
    .run = classify_run,
};
