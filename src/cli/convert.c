/* SPDX-License-Identifier: MIT
 * convert.c - wavenet convert: foreign checkpoints and amp captures become native model files, and models captures.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audio/cabinet.h"
#include "base/error.h"
#include "cli/cli.h"
#include "cli/loudness.h"
#include "cli/model_options.h"
#include "cli/model_places.h"
#include "cli/sound_info.h"
#include "format/format.h"
#include "format/npy.h"
#include "play/capture_level.h"
#include "wavenet/audio.h"

/* ---- statistics of features --------------------------------------------------------------------------------------- */

/* Rows of npy [2][bands]: mean, standard deviation. */
static wn_status check_statistics(wn_npy *npy, int bands, const char *path, wn_error *error)
{
    wn_status status = wn_npy_expect(npy, WN_NPY_FLOAT32, 2, path, error);
    if (status) return status;
    if (npy->shape[0] != 2 || npy->shape[1] != bands)
        return wn_fail(error, WN_ERROR_FORMAT, path, "is [%lld][%lld], expected [2][%d]: means, standard deviations",
                       (long long)npy->shape[0], (long long)npy->shape[1], bands);
    for (int i = 0; i < 2 * bands; i++)
        if (!isfinite(npy->floats[i]) || (i >= bands && !(npy->floats[i] > 1e-6f)))
            return wn_fail(error, WN_ERROR_FORMAT, path, "row %d, element %d is %g, expected a %s", i / bands,
                           i % bands, (double)npy->floats[i], i < bands ? "finite number" : "number above 0");
    return WN_OK;
}

/* Give the analysis of the model the mean and standard deviation of each band. */
static wn_status set_statistics(wn_model *model, wn_npy *npy, const char *path, wn_error *error)
{
    wn_analysis_config *a = &model->condition.analysis;
    if (!model->condition.has_analysis)
        return wn_fail(error, WN_ERROR_ARGUMENT, path,
                       "is of no use: the input does not say how its features are made");
    wn_status status = check_statistics(npy, a->bands, path, error);
    if (status) return status;
    double *numbers = wn_arena_alloc(model->arena, 2 * (size_t)a->bands, sizeof *numbers);
    if (!numbers) return wn_fail_memory(error, path);
    for (int i = 0; i < 2 * a->bands; i++) numbers[i] = (double)npy->floats[i];
    a->n_mean = a->n_std = a->bands;
    a->mean = numbers;
    a->std = numbers + a->bands;
    return WN_OK;
}

static wn_status apply_statistics(wn_model *model, const char *path, wn_error *error)
{
    wn_npy npy;
    wn_status status = wn_npy_read(&npy, path, error);
    if (!status) status = set_statistics(model, &npy, path, error);
    wn_npy_free(&npy);
    return status;
}

/* ---- command ------------------------------------------------------------------------------------------------------ */

static int convert_report(wn_cli *cli, const wn_model *model, const char *out)
{
    wn_model_info info = wn_model_get_info(model);
    wn_cli_note(cli, "%s: %lld parameters, receptive field %lld samples", out, (long long)info.parameters,
                (long long)info.receptive_field);
    if (*info.note) wn_cli_note(cli, "note: %s", info.note);
    if (model->condition.has_analysis && !model->condition.analysis.n_mean)
        wn_cli_note(cli, "analyze --like %s makes %d mel bands that are not normalised; see --statistics", out,
                    model->condition.analysis.bands);
    return wn_cli_done(cli);
}

/* What is asked for. */
typedef struct convert {
    wn_cli *cli;
    wn_model_options given;
    const char **in; /* [n_in] models, in series where there are several */
    int n_in;
    const char *out;
    char *config, *statistics, *cabinet;
    wn_model **models; /* [n_in + 1] those of `in`, and the cabinet, until they are made one */
    int n_models;
} convert;

/* Models of -m and of the arguments, whose last is the output if no -o names it. false: cli->status is set. */
static bool read_arguments(convert *c, const char *output)
{
    wn_cli *cli = c->cli;
    int n = 0;
    while (c->given.models && c->given.models[n]) n++;
    c->in = calloc((size_t)n + (size_t)cli->n_args + 1, sizeof *c->in);
    c->models = calloc((size_t)n + (size_t)cli->n_args + 2, sizeof *c->models);
    bool owned = wn_cli_own(cli, c->in);
    if (!wn_cli_own(cli, c->models) || !owned) {
        cli->status = wn_cli_fail_text(cli, "%s", wn_status_text(WN_ERROR_MEMORY));
        return false;
    }
    for (int i = 0; i < n; i++) c->in[c->n_in++] = c->given.models[i];
    for (int i = 0; i < cli->n_args; i++) c->in[c->n_in++] = cli->args[i];
    c->out = output ? output : c->n_in > n ? c->in[--c->n_in] : NULL;
    if (c->out && c->n_in && !(c->config && c->n_in > 1)) return true;
    cli->status = c->config && c->n_in > 1 ? wn_cli_usage(cli, "--config is for one checkpoint")
                                           : wn_cli_usage(cli, "a model and the file to write are expected");
    return false;
}

static wn_status check_output(const convert *c, wn_error *error)
{
    const char *inputs[] = {c->config, c->statistics, c->cabinet};
    bool same = false;
    for (int i = 0; i < c->n_in; i++) same = same || wn_audio_is_same_file(c->in[i], c->out);
    for (int i = 0; i < 3; i++) same = same || (inputs[i] && wn_audio_is_same_file(inputs[i], c->out));
    if (!same) return WN_OK;
    return wn_fail(error, WN_ERROR_ARGUMENT, c->out, "is also the input; give another name for the output");
}

static wn_status load_models(convert *c, wn_error *error)
{
    char file[WN_CLI_MAX_PATH];
    wn_status status = WN_OK;
    for (int i = 0; i < c->n_in && !status; i++) {
        const char *in = c->in[i];
        if (wn_cli_is_model_name(in) || wn_cli_is_model_folder(in)) {
            status = wn_cli_find_model(file, sizeof file, in, error);
            in = file;
        }
        if (!status && wn_audio_is_same_file(in, c->out))
            status = wn_fail(error, WN_ERROR_ARGUMENT, c->out, "is also the input; give another name for the output");
        if (!status) status = wn_format_import(&c->models[i], in, c->config, error);
        if (!status) c->n_models++;
    }
    return status;
}

/* At the rate of the models before it. */
static wn_status load_cabinet(convert *c, wn_error *error)
{
    double rate = 0;
    if (!c->cabinet) return WN_OK;
    for (int i = 0; i < c->n_models && !(rate > 0); i++) rate = wn_model_get_info(c->models[i]).sample_rate;
    wn_status status = wn_cabinet_load(&c->models[c->n_models], c->cabinet, rate > 0 ? rate : WN_CAPTURE_RATE, error);
    if (status) return status;
    wn_cli_note_sound(c->cli, c->cabinet);
    c->n_models++;
    return WN_OK;
}

/* "pedal + amp": the names of the links that have one. */
static wn_status name_chain(wn_model *chain, wn_error *error)
{
    char text[256] = "";
    size_t used = 0;
    for (int i = 0; i < chain->n_chain && used < sizeof text; i++) {
        const char *name = chain->chain[i]->name;
        if (name && *name)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%.100s", used ? " + " : "", name);
    }
    if (!used) return WN_OK;
    chain->name = wn_arena_strdup(chain->arena, wn_cli_clean((char[256]){0}, sizeof text, text));
    return chain->name ? WN_OK : wn_fail_memory(error, NULL);
}

/* The one model, or all of them as one, with what its file states of it. */
static wn_status join_models(wn_model **out, convert *c, wn_error *error)
{
    int n = c->n_models;
    c->n_models = 0; /* they have another owner now */
    if (n == 1) {
        *out = c->models[0];
        return WN_OK;
    }
    wn_status status = wn_model_from_chain(out, c->models, n, error);
    if (!status) status = name_chain(*out, error);
    if (!status && (*out)->input.channels == 1 && (*out)->output_channels == 1)
        status = wn_cli_measure_loudness(&(*out)->loudness, *out, error);
    return status;
}

static int convert_models(convert *c)
{
    wn_error error = {0};
    wn_model *model = NULL;
    wn_status status = check_output(c, &error);
    if (!status) status = load_models(c, &error);
    if (!status) status = load_cabinet(c, &error);
    if (!status) status = join_models(&model, c, &error);
    if (!status && c->statistics) status = apply_statistics(model, c->statistics, &error);
    if (!status) status = wn_model_save(model, c->out, &error);
    int code = status ? wn_cli_fail(c->cli, &error) : convert_report(c->cli, model, c->out);
    for (int i = 0; i < c->n_models; i++) wn_model_free(c->models[i]);
    wn_model_free(model);
    return code;
}

static int convert_run(wn_cli *cli, int argc, const char **argv)
{
    char *output = NULL;
    convert c = {.cli = cli, .given = WN_CLI_RUN_DEFAULT};
    const struct poptOption options[] = {
        WN_CLI_MODEL(&c.given),
        {"output", 'o', POPT_ARG_STRING, &output, 0, "the file to write, as OUT", "OUT"},
        {"cab", 0, POPT_ARG_STRING, &c.cabinet, 0,
         "impulse response of a loudspeaker cabinet, behind the last model of a chain", "CAB.wav"},
        {"config", 0, POPT_ARG_STRING, &c.config, 0,
         "hyper-parameters of a checkpoint (default: hparams.json beside IN)", "hparams.json"},
        {"statistics", 0, POPT_ARG_STRING, &c.statistics, 0,
         "mean and standard deviation of each mel band, float32 [2][bands] (default: none)", "STATS.npy"},
        WN_CLI_HELP,
    };
    if (!wn_cli_parse(cli, argc, argv, options, 0, -1)) return cli->status;
    if (!read_arguments(&c, output)) return cli->status;
    return convert_models(&c);
}

const wn_command wn_command_convert = {
    .name = "convert",
    .summary = "convert checkpoints and amp captures into models, and models into amp captures",
    .usage = "IN... OUT.safetensors|OUT.nam [--cab CAB.wav] [--config hparams.json] [--statistics STATS.npy]",
    .example =
        "  wavenet convert checkpoint.safetensors model.safetensors --config hparams.json\n"
        "  wavenet convert amp.nam amp.safetensors\n"
        "  wavenet convert pedal.nam amp.nam --cab cab.wav rig.nam\n\n"
        "IN is a model, an amp capture (.nam), or the state_dict of wavenet_vocoder (r9y9) as a safetensors file,\n"
        "with or without weight norm. An output name that ends in .nam asks for a capture; not every model fits\n"
        "that format. Several models, and a cabinet behind them, become one capture of architecture Sequential,\n"
        "which states its own loudness.\n",
    .run = convert_run,
};
