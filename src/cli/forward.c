/* SPDX-License-Identifier: MIT
 * forward.c - wavenet forward: what the network says about a given signal.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdlib.h>

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

enum { DEFAULT_BLOCK = 256, MAX_BLOCK = 1 << 16 };

typedef struct forward {
    wn_cli *cli;
    const char *path; /* of the input */
    wn_model_options run;
    wn_condition_options condition;
    char *out, *precision;
    int block;
    wn_model *model;
    wn_conditions conditions;
    wn_input_sequence input;
    wn_tracked_processor network;
    float *out_rows; /* [block][output channels] */
    wn_npy_writer *writer;
    int64_t done;
} forward;

static wn_status open_network(forward *f, wn_cpu cpu, wn_precision precision, wn_error *error)
{
    wn_processor_config config = {.max_frames = f->block, .cpu = cpu, .precision = precision, .network_values = true};
    wn_status status =
        wn_tracked_processor_open(&f->network, (const wn_model *const[]){f->model}, 1, &f->conditions, &config, error);
    if (status) return status;
    wn_cli_note_precision(f->cli, wn_processor_get_plan(f->network.processor, 0), precision);
    f->out_rows = calloc((size_t)f->block * (size_t)f->network.output_channels, sizeof *f->out_rows);
    return f->out_rows ? WN_OK : wn_fail_memory(error, NULL);
}

static wn_status forward_prepare(forward *f, wn_error *error)
{
    const char *in = f->path;
    wn_cpu cpu;
    wn_precision precision;
    wn_status status = wn_cli_cpu(&cpu, f->run.cpu, error);
    if (!status) status = wn_cli_precision(&precision, f->precision, error);
    if (!status) status = wn_output_file_check(f->out, &in, 1, error);
    if (!status) status = wn_cli_load(&f->model, f->run.model, error);
    if (!status) status = wn_input_sequence_read(&f->input, f->cli, in, f->model, error);
    if (!status) status = wn_conditions_load(&f->conditions, &f->condition, f->model, error);
    if (!status) status = wn_conditions_check_length(&f->conditions, f->model, f->input.frames, error);
    if (!status) status = open_network(f, cpu, precision, error);
    if (!status) status = wn_npy_writer_open(&f->writer, f->out, WN_NPY_FLOAT32, f->network.output_channels, error);
    return status;
}

/* The rows from frame t on, which are numbers of any size, unless the network diverges. */
static wn_status write_rows(forward *f, int64_t t, int frames, wn_error *error)
{
    int width = f->network.output_channels;
    int64_t at = wn_find_divergence(f->out_rows, (int64_t)frames * width, INFINITY);
    double rate = wn_model_get_info(f->model).sample_rate;
    if (at >= 0) return wn_fail_divergence(error, f->path, f->out_rows[at], t + at / width, rate);
    return wn_npy_writer_append(f->writer, f->out_rows, frames, error);
}

static wn_status forward_run_all(forward *f, wn_error *error)
{
    wn_progress progress;
    wn_status status = WN_OK;
    wn_progress_start(&progress, f->cli, f->input.frames, wn_model_get_info(f->model).sample_rate);
    for (int64_t t = 0; t < f->input.frames && !status && !wn_interrupt_requested();) {
        int n = f->input.frames - t < f->block ? (int)(f->input.frames - t) : f->block;
        wn_tracked_processor_run(&f->network, n, f->input.pcm ? f->input.pcm + t * f->network.channels : NULL,
                                 f->input.classes ? f->input.classes + t : NULL, f->out_rows);
        status = write_rows(f, t, n, error);
        wn_progress_update(&progress, f->done = t += n);
    }
    wn_progress_end(&progress);
    if (!status && f->done < f->input.frames)
        wn_cli_note(f->cli, "stopped after %lld of %lld samples; %s is complete up to there", (long long)f->done,
                    (long long)f->input.frames, f->out);
    return status;
}

static wn_status forward_finish(forward *f, wn_error *error)
{
    wn_npy_writer *writer = f->writer;
    f->writer = NULL;
    return wn_npy_writer_commit(writer, error);
}

static void forward_free(forward *f)
{
    wn_npy_writer_abort(f->writer);
    wn_tracked_processor_close(&f->network);
    wn_conditions_free(&f->conditions);
    wn_input_sequence_free(&f->input);
    wn_model_free(f->model);
    free(f->out_rows);
}

static int forward_run(wn_cli *cli, int argc, const char **argv)
{
    forward f = {.cli = cli, .run = WN_CLI_RUN_DEFAULT, .block = DEFAULT_BLOCK};
    const struct poptOption options[] = {
        WN_CLI_MODEL(&f.run),
        {"output", 'o', POPT_ARG_STRING, &f.out, 0, "output file: the network's output, float32 [T][channels]",
         "OUT.npy"},
        WN_CLI_CONDITIONS(&f.condition),
        {"block", 0, POPT_ARG_INT, &f.block, 0, "block size in frames (default 256); changes only the speed", "N"},
        WN_CLI_PRECISION(&f.precision),
        WN_CLI_RUN(&f.run),
        WN_CLI_HELP,
    };
    wn_arguments arguments;
    const wn_argument_rules rules = {.max_models = 1, .max_sounds = 1};
    if (!wn_cli_parse(cli, argc, argv, options, 0, -1)) return cli->status;
    if (!wn_arguments_sort(&arguments, cli, &f.run, f.out, &rules)) return cli->status;
    if (!arguments.n_sounds) return wn_cli_usage(cli, "IN.npy is missing");
    f.path = arguments.sounds[0];
    if (!f.run.model || !f.out) return wn_cli_usage(cli, "%s is missing", f.run.model ? "-o OUT.npy" : "-m MODEL");
    if (f.block < 1 || f.block > MAX_BLOCK) return wn_cli_usage(cli, "--block is 1 to %d", (int)MAX_BLOCK);
    const char *wrong = wn_cli_check_run(&f.run);
    if (wrong) return wn_cli_usage(cli, "%s", wrong);
    wn_error error = {0};
    wn_interrupt_install();
    wn_status status = forward_prepare(&f, &error);
    if (!status) status = forward_run_all(&f, &error);
    if (!status) status = forward_finish(&f, &error);
    forward_free(&f);
    return status ? wn_cli_fail(cli, &error) : WN_EXIT_OK;
}

const wn_command wn_command_forward = {
    .name = "forward",
    .summary = "run a model over a given signal, teacher-forced, and write its output",
    .usage = "MODEL IN.npy|IN.wav -o OUT.npy [OPTION...]",
    .example = "  wavenet forward -m vocoder.safetensors wave.npy -o logits.npy --cond mel.npy\n\n"
               "IN.npy holds samples, float32 [T] or [T][channels], or classes, int32 [T], for a model of classes. A\n"
               "sound file is mixed down, resampled and encoded. Row t of OUT.npy predicts sample t+1.\n",
    .run = forward_run,
};
