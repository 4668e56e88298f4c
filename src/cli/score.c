/* SPDX-License-Identifier: MIT
 * score.c - wavenet score: how well a model predicts a recording.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/phase.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/divergence.h"
#include "cli/input_sequence.h"
#include "cli/interrupt.h"
#include "cli/model_options.h"
#include "cli/output_file.h"
#include "cli/progress.h"
#include "cli/tracked_processor.h"
#include "format/npy_write.h"

enum { BLOCK = 256 };

typedef struct score {
    wn_cli *cli;
    const char *path; /* of the recording */
    wn_model_options run;
    wn_condition_options condition;
    char *per_sample, *precision;
    int json, lock_phase;
    wn_model *model;
    wn_model_info info;
    wn_conditions conditions;
    wn_input_sequence signal; /* the recording */
    float *delayed;           /* [frames] input of models with controls, see delay_input */
    int32_t *delayed_classes;
    wn_partials partials; /* with --lock-phase */
    double *phase;        /* [BLOCK][1 + harmonics] cycles of the present block */
    wn_tracked_processor network;
    float *predictions;    /* [BLOCK][output channels] */
    wn_npy_writer *writer; /* NULL: no --per-sample */
    int64_t count;         /* samples scored */
    double total;          /* nats */
} score;

/* ---- preparing ------------------------------------------------------------------------------------------------ */

/* Controls and the harmonic source say what the sample of their own time is to be, as they do in generation, so the network
 * sees the sample before it. Features alone follow the convention of vocoders: the network sees sample t and features t,
 * predicts t + 1. */
static bool is_delayed(const score *s) { return s->info.n_controls > 0 || s->model->condition.harmonic_source.n > 0; }

static wn_status delay_input(score *s, wn_error *error)
{
    size_t n = (size_t)s->signal.frames;
    if (!is_delayed(s)) return WN_OK;
    s->delayed = s->signal.pcm ? malloc(n * sizeof *s->delayed) : NULL;
    s->delayed_classes = s->signal.classes ? malloc(n * sizeof *s->delayed_classes) : NULL;
    if (!s->delayed && !s->delayed_classes) return wn_fail_memory(error, NULL);
    if (s->delayed) {
        s->delayed[0] = (float)s->model->input.first;
        memcpy(s->delayed + 1, s->signal.pcm, (n - 1) * sizeof *s->delayed);
    } else {
        s->delayed_classes[0] = s->info.silence_class;
        memcpy(s->delayed_classes + 1, s->signal.classes, (n - 1) * sizeof *s->delayed_classes);
    }
    return WN_OK;
}

/* pitch [frames]: nominal, in Hz, from the controls or the features. */
static wn_status nominal_pitch(score *s, double *pitch, wn_error *error)
{
    wn_conditioner *conditioner;
    size_t event = 0;
    const wn_condition *c = &s->model->condition;
    float *local = calloc((size_t)c->local_channels + 1, sizeof *local);
    if (!local) return wn_fail_memory(error, NULL);
    wn_status status = wn_conditioner_new(&conditioner, s->model, error);
    if (!status) status = wn_conditions_apply(&s->conditions, conditioner, error);
    for (int64_t t = 0; t < s->signal.frames && !status; t++) {
        wn_conditions_events(&s->conditions, &event, t, conditioner);
        pitch[t] = wn_conditioner_get_pitch(conditioner);
        wn_conditioner_next(conditioner, local, NULL);
    }
    free(local);
    wn_conditioner_free(conditioner);
    return status;
}

static wn_status measure_phase(score *s, wn_error *error)
{
    size_t n = (size_t)s->signal.frames;
    if (!s->lock_phase) return WN_OK;
    const wn_harmonic_source *e = &s->model->condition.harmonic_source;
    size_t width = (size_t)e->n + 1;
    double *pitch = malloc(n * sizeof *pitch);
    float *pcm = malloc(n * sizeof *pcm);
    s->phase = malloc(BLOCK * width * sizeof *s->phase);
    wn_status status = pitch && pcm && s->phase ? nominal_pitch(s, pitch, error) : wn_fail_memory(error, NULL);
    float previous = 0;
    for (size_t t = 0; t < n && !status; t++) {
        float y = s->signal.pcm ? wn_model_expand(s->model, s->signal.pcm[t])
                                : wn_model_decode(s->model, s->signal.classes[t]);
        pcm[t] = wn_model_deemphasize(s->model, &previous, y);
    }
    if (!status)
        status = wn_partials_measure(&s->partials, e, true, pcm, s->signal.frames, s->info.sample_rate, pitch, error);
    free(pitch);
    free(pcm);
    return status;
}

static wn_status load_model(score *s, wn_error *error)
{
    wn_status status = wn_cli_load(&s->model, s->run.model, error);
    if (status) return status;
    s->info = wn_model_get_info(s->model);
    if (s->info.output == WN_OUTPUT_PCM)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, s->run.model, "gives samples, not distributions: nothing to score");
    if (s->info.n_labels)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, s->run.model,
                       "recognises classes, it does not predict sound: nothing to score; use wavenet classify");
    if (s->lock_phase && s->model->condition.harmonic_source.n == 0)
        return wn_fail(error, WN_ERROR_ARGUMENT, "--lock-phase", "the model has no harmonic excitation");
    return WN_OK;
}

static wn_status check_signal(const score *s, wn_error *error)
{
    const char *path = s->path;
    if (s->signal.frames < 2) return wn_fail(error, WN_ERROR_FORMAT, path, "one sample; two or more can be scored");
    wn_status status = wn_output_file_check(s->per_sample, &path, 1, error);
    return status ? status : wn_conditions_check_length(&s->conditions, s->model, s->signal.frames, error);
}

static wn_status open_network(score *s, wn_cpu cpu, wn_precision precision, wn_error *error)
{
    wn_processor_config config = {.max_frames = BLOCK, .cpu = cpu, .precision = precision, .network_values = true};
    wn_status status =
        wn_tracked_processor_open(&s->network, (const wn_model *const[]){s->model}, 1, &s->conditions, &config, error);
    if (status) return status;
    wn_cli_note_precision(s->cli, wn_processor_get_plan(s->network.processor, 0), precision);
    s->predictions = calloc((size_t)BLOCK * (size_t)s->network.output_channels, sizeof *s->predictions);
    return s->predictions ? WN_OK : wn_fail_memory(error, NULL);
}

static wn_status score_prepare(score *s, wn_error *error)
{
    wn_cpu cpu;
    wn_precision precision;
    wn_status status = wn_cli_cpu(&cpu, s->run.cpu, error);
    if (!status) status = wn_cli_precision(&precision, s->precision, error);
    if (!status) status = load_model(s, error);
    if (!status) status = wn_input_sequence_read(&s->signal, s->cli, s->path, s->model, error);
    if (!status) status = wn_conditions_load(&s->conditions, &s->condition, s->model, error);
    if (!status) status = check_signal(s, error);
    if (!status) status = delay_input(s, error);
    if (!status) status = measure_phase(s, error);
    if (!status) status = open_network(s, cpu, precision, error);
    if (!status && s->per_sample) status = wn_npy_writer_open(&s->writer, s->per_sample, WN_NPY_FLOAT32, 0, error);
    return status;
}

/* ---- scoring -------------------------------------------------------------------------------------------------- */

/* Score the rows of one block, whose first is step t of the network. Sample 0 is never scored: nothing came before. */
static wn_status score_rows(score *s, int64_t t, int n, wn_error *error)
{
    float nats[BLOCK];
    int scored = 0, width = s->network.output_channels;
    int64_t at = wn_find_divergence(s->predictions, (int64_t)n * width, INFINITY);
    if (at >= 0) return wn_fail_divergence(error, s->path, s->predictions[at], t + at / width, s->info.sample_rate);
    for (int i = 0; i < n; i++) {
        int64_t target = t + i + (is_delayed(s) ? 0 : 1);
        if (target == 0 || target >= s->signal.frames) continue;
        const float *y = s->predictions + (size_t)i * (size_t)width;
        double nll = wn_model_nll(s->model, y, s->signal.pcm ? s->signal.pcm[target] : 0,
                                  s->signal.classes ? s->signal.classes[target] : 0);
        if (!isfinite(nll))
            return wn_fail(error, WN_ERROR_FORMAT, s->path,
                           "the model's likelihood of sample %lld is not finite: it cannot be scored",
                           (long long)target);
        s->total += nll;
        nats[scored++] = (float)nll;
    }
    s->count += scored;
    return s->writer ? wn_npy_writer_append(s->writer, nats, scored, error) : WN_OK;
}

/* The phases of the next n samples, from t on. A whole recording of them would take 8 bytes per partial and sample. */
static void set_phases(score *s, int64_t t, int n)
{
    if (!s->phase) return;
    for (int i = 0; i < n; i++) wn_partials_at(&s->partials, t + i, s->phase + (ptrdiff_t)i * (s->partials.n + 1));
    wn_conditioner_set_phase(wn_tracked_processor_get_conditioner(&s->network, 0), s->phase, n);
}

static wn_status score_run_all(score *s, wn_error *error)
{
    const float *pcm = s->delayed ? s->delayed : s->signal.pcm;
    const int32_t *classes = s->delayed_classes ? s->delayed_classes : s->signal.classes;
    wn_progress progress;
    wn_status status = WN_OK;
    wn_progress_start(&progress, s->cli, s->signal.frames, s->info.sample_rate);
    for (int64_t t = 0; t < s->signal.frames && !status;) {
        if (wn_interrupt_requested()) status = wn_fail(error, WN_ERROR_FILE, s->path, "stopped before the end");
        if (status) break;
        int n = s->signal.frames - t < BLOCK ? (int)(s->signal.frames - t) : BLOCK;
        set_phases(s, t, n);
        wn_tracked_processor_run(&s->network, n, pcm ? pcm + t : NULL, classes ? classes + t : NULL, s->predictions);
        status = score_rows(s, t, n, error);
        wn_progress_update(&progress, t += n);
    }
    wn_progress_end(&progress);
    wn_npy_writer *writer = s->writer;
    s->writer = NULL;
    if (writer && !status)
        status = wn_npy_writer_commit(writer, error);
    else
        wn_npy_writer_abort(writer);
    return status;
}

/* ---- results -------------------------------------------------------------------------------------------------- */

static int score_print_json(const score *s, const char *measure, int cells)
{
    double nats = s->total / (double)s->count;
    json_t *root = json_pack("{s:s, s:I, s:o, s:o, s:s}", "file", s->path, "samples", (json_int_t)s->count, "nats",
                             wn_cli_json_number(nats), "bits", wn_cli_json_number(nats / log(2)), "measure", measure);
    if (root && cells) json_object_set_new(root, "cells", json_integer(cells));
    return wn_cli_print_json(s->cli, root);
}

/* A figure means nothing without what it counts: classes, bins and densities do not compare. */
static int score_print(const score *s)
{
    const wn_distribution *d = &wn_distributions[s->info.output];
    bool classes = d->parts & WN_DISTRIBUTION_CLASSES, bins = d->bins > 0;
    double nats = s->total / (double)s->count;
    if (s->json)
        return score_print_json(s,
                                classes ? "classes"
                                : bins  ? "bins"
                                        : "density",
                                classes ? s->info.output_channels
                                : bins  ? d->bins
                                        : 0);
    printf("samples  %lld\nnats     %.6f a sample\nbits     %.6f a sample\n", (long long)s->count, nats, nats / log(2));
    if (classes)
        printf("measure  probability of %d classes\n", s->info.output_channels);
    else if (bins)
        printf("measure  probability of %d bins\n", d->bins);
    else
        printf("measure  log density, which may be negative and compares with densities only\n");
    return wn_cli_done(s->cli);
}

static void score_free(score *s)
{
    wn_npy_writer_abort(s->writer);
    wn_tracked_processor_close(&s->network);
    wn_conditions_free(&s->conditions);
    wn_input_sequence_free(&s->signal);
    wn_model_free(s->model);
    free(s->delayed);
    free(s->delayed_classes);
    free(s->phase);
    wn_partials_free(&s->partials);
    free(s->predictions);
}

static int score_run(wn_cli *cli, int argc, const char **argv)
{
    score s = {.cli = cli, .run = WN_CLI_RUN_DEFAULT};
    const struct poptOption options[] = {
        WN_CLI_MODEL(&s.run),
        WN_CLI_CONDITIONS(&s.condition),
        {"lock-phase", 0, POPT_ARG_NONE, &s.lock_phase, 0,
         "drive the harmonic source by the measured phase of the recording, as in training", NULL},
        {"per-sample", 0, POPT_ARG_STRING, &s.per_sample, 0, "also write the nats of samples 1 to T-1, float32 [T-1]",
         "OUT.npy"},
        {"json", 0, POPT_ARG_NONE, &s.json, 0, "print JSON", NULL},
        WN_CLI_PRECISION(&s.precision),
        WN_CLI_RUN(&s.run),
        WN_CLI_HELP,
    };
    wn_arguments arguments;
    const wn_argument_rules rules = {.max_models = 1, .max_sounds = 1};
    if (!wn_cli_parse(cli, argc, argv, options, 0, -1)) return cli->status;
    if (!wn_arguments_sort(&arguments, cli, &s.run, NULL, &rules)) return cli->status;
    if (!s.run.model) return wn_cli_usage(cli, "-m MODEL is missing");
    if (!arguments.n_sounds) return wn_cli_usage(cli, "IN.wav is missing");
    s.path = arguments.sounds[0];
    const char *wrong = wn_cli_check_run(&s.run);
    if (wrong) return wn_cli_usage(cli, "%s", wrong);
    wn_error error = {0};
    wn_interrupt_install();
    wn_status status = score_prepare(&s, &error);
    if (!status) status = score_run_all(&s, &error);
    int result = status ? wn_cli_fail(cli, &error) : score_print(&s);
    score_free(&s);
    return result;
}

const wn_command wn_command_score = {
    .name = "score",
    .summary = "compute how well a model predicts a recording: nats and bits per sample",
    .usage = "MODEL IN.wav|IN.npy [OPTION...]",
    .example = "  wavenet score -m models/notes melody.wav --track melody.csv\n"
               "  wavenet score -m models/notes c4.wav --track c4.csv --lock-phase --json\n\n"
               "IN.npy holds samples, float32 [T], or classes, int32 [T], for a model of classes.\n",
    .run = score_run,
};
