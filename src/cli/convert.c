/* SPDX-License-Identifier: MIT
 * convert.c - wavenet convert: foreign checkpoints and amp captures become native model files, and models captures.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/model_options.h"
#include "cli/model_places.h"
#include "format/format.h"
#include "format/npy.h"
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

static int convert_run(wn_cli *cli, int argc, const char **argv)
{
    char *config = NULL, *output = NULL, *statistics = NULL;
    wn_model_options given = WN_CLI_RUN_DEFAULT;
    const struct poptOption options[] = {
        WN_CLI_MODEL(&given),
        {"output", 'o', POPT_ARG_STRING, &output, 0, "the file to write, as OUT", "OUT"},
        {"config", 0, POPT_ARG_STRING, &config, 0, "hyper-parameters of a checkpoint (default: hparams.json beside IN)",
         "hparams.json"},
        {"statistics", 0, POPT_ARG_STRING, &statistics, 0,
         "mean and standard deviation of each mel band, float32 [2][bands] (default: none)", "STATS.npy"},
        WN_CLI_HELP,
    };
    if (!wn_cli_parse(cli, argc, argv, options, 0, -1)) return cli->status;
    if (given.models && given.models[1]) return wn_cli_usage(cli, "MODEL is given twice");
    const char *out = output, *in = given.models ? given.models[0] : NULL;
    int expected = !in + !out, next = 0;
    if (cli->n_args != expected)
        return wn_cli_usage(cli, "%d argument%s expected, %d given", expected, wn_text_plural(expected), cli->n_args);
    if (!in) in = cli->args[next++];
    if (!out) out = cli->args[next];
    char file[WN_CLI_MAX_PATH];
    wn_error error = {0};
    wn_model *model = NULL;
    wn_status status = WN_OK;
    if (wn_cli_is_model_name(in) || wn_cli_is_model_folder(in)) {
        status = wn_cli_find_model(file, sizeof file, in, &error);
        in = file;
    }
    if (!status && (wn_audio_is_same_file(in, out) || (config && wn_audio_is_same_file(config, out)) ||
                    (statistics && wn_audio_is_same_file(statistics, out))))
        status = wn_fail(&error, WN_ERROR_ARGUMENT, out, "is also the input; give another name for the output");
    if (!status) status = wn_format_import(&model, in, config, &error);
    if (!status && statistics) status = apply_statistics(model, statistics, &error);
    if (!status) status = wn_model_save(model, out, &error);
    int code = status ? wn_cli_fail(cli, &error) : convert_report(cli, model, out);
    wn_model_free(model);
    return code;
}

const wn_command wn_command_convert = {
    .name = "convert",
    .summary = "convert checkpoints and amp captures into models, and models into amp captures",
    .usage = "IN OUT.safetensors|OUT.nam [--config hparams.json] [--statistics STATS.npy]",
    .example =
        "  wavenet convert checkpoint.safetensors model.safetensors --config hparams.json\n"
        "  wavenet convert amp.nam amp.safetensors\n\n"
        "IN is a model, an amp capture (.nam), or the state_dict of wavenet_vocoder (r9y9) as a safetensors file,\n"
        "with or without weight norm. An output name that ends in .nam asks for a capture; not every model fits\n"
        "that format.\n",
    .run = convert_run,
};
