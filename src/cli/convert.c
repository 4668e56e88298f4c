/* SPDX-License-Identifier: MIT
 * convert.c - wavenet convert: foreign checkpoints and amp captures become native model files, and models captures.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/cli.h"
#include "cli/model_options.h"
#include "cli/model_places.h"
#include "format/format.h"
#include "wavenet/audio.h"

static int convert_report(wn_cli *cli, const wn_model *model, const char *out)
{
    wn_model_info info = wn_model_get_info(model);
    wn_cli_note(cli, "%s: %lld parameters, receptive field %lld samples", out, (long long)info.parameters,
                (long long)info.receptive_field);
    if (*info.note) wn_cli_note(cli, "note: %s", info.note);
    return wn_cli_done(cli);
}

static int convert_run(wn_cli *cli, int argc, const char **argv)
{
    char *config = NULL, *output = NULL;
    wn_model_options given = WN_CLI_RUN_DEFAULT;
    const struct poptOption options[] = {
        WN_CLI_MODEL(&given),
        {"output", 'o', POPT_ARG_STRING, &output, 0, "the file to write, as OUT", "OUT"},
        {"config", 0, POPT_ARG_STRING, &config, 0, "hyper-parameters of a checkpoint (default: hparams.json beside IN)",
         "hparams.json"},
        WN_CLI_HELP,
    };
    if (!wn_cli_parse(cli, argc, argv, options, 0, -1)) return cli->status;
    if (given.models && given.models[1]) return wn_cli_usage(cli, "MODEL is given twice");
    const char *out = output, *in = given.models ? given.models[0] : NULL;
    int expected = !in + !out, next = 0;
    if (cli->n_args != expected)
        return wn_cli_usage(cli, "%d argument%s expected, %d given", expected, wn_cli_plural(expected), cli->n_args);
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
    if (!status && (wn_audio_is_same_file(in, out) || (config && wn_audio_is_same_file(config, out))))
        status = wn_fail(&error, WN_ERROR_ARGUMENT, out, "is also the input; give another name for the output");
    if (!status) status = wn_format_import(&model, in, config, &error);
    if (!status) status = wn_model_save(model, out, &error);
    int code = status ? wn_cli_fail(cli, &error) : convert_report(cli, model, out);
    wn_model_free(model);
    return code;
}

const wn_command wn_command_convert = {
    .name = "convert",
    .summary = "convert checkpoints and amp captures into models, and models into amp captures",
    .usage = "IN OUT.safetensors|OUT.nam [--config hparams.json]",
    .example =
        "  wavenet convert checkpoint.safetensors model.safetensors --config hparams.json\n"
        "  wavenet convert amp.nam amp.safetensors\n\n"
        "IN is a model, an amp capture (.nam), or the state_dict of wavenet_vocoder (r9y9) as a safetensors file,\n"
        "with or without weight norm. An output name that ends in .nam asks for a capture; not every model fits\n"
        "that format.\n",
    .run = convert_run,
};
