/* SPDX-License-Identifier: MIT
 * convert.c - wavenet convert: foreign checkpoints and amp captures become native model files, and models captures.
 * Copyright (c) 2026 the wavenet authors */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cli/cli.h"
#include "format/load.h"
#include "format/vocoder.h"
#include "wavenet/audio.h"

enum { MAX_PATH = 4096 };

/* hparams.json in the folder of the checkpoint; false if there is none. */
static bool find_hparams(char *out, size_t size, const char *checkpoint)
{
    const char *slash = strrchr(checkpoint, '/');
    int folder = slash ? (int)(slash - checkpoint) + 1 : 0;
    struct stat s;
    int n = snprintf(out, size, "%.*shparams.json", folder, checkpoint);
    return n > 0 && (size_t)n < size && stat(out, &s) == 0 && S_ISREG(s.st_mode);
}

/* PyTorch's own files are pickles in a zip archive, or bare. Reading one means running what it says. */
static bool is_pickle(const char *data, size_t size)
{
    return size > 4 && (memcmp(data, "PK\3\4", 4) == 0 || (data[0] == '\x80' && (data[1] >= 2 && data[1] <= 5)));
}

/* A pickle may be as large as the checkpoint it could have been, and is told so. */
static size_t file_limit(const void *head, size_t n)
{
    return is_pickle(head, n) ? WN_SAFETENSORS_MAX_FILE : wn_model_file_limit(head, n);
}

/* A checkpoint with its hyper-parameters, or a file that already is a model. */
static wn_status read_any(wn_model **out, const char *in, const char *config, wn_error *error)
{
    char beside[MAX_PATH];
    void *data;
    size_t size;
    *out = NULL;
    wn_status status = wn_file_read_limited(&data, &size, in, file_limit, error);
    if (status) return status;
    bool pickle = is_pickle(data, size);
    if (!pickle && !config) status = wn_model_load_memory(out, data, size, in, error);
    free(data);
    if (pickle)
        return wn_fail(
            error, WN_ERROR_UNSUPPORTED, in,
            "is a PyTorch pickle, which runs code when it is read: save its state_dict as safetensors first");
    if (config) return wn_vocoder_import(out, in, config, error);
    if (status == WN_ERROR_UNSUPPORTED && find_hparams(beside, sizeof beside, in))
        return wn_vocoder_import(out, in, beside, error);
    return status;
}

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
    char *config = NULL;
    const struct poptOption options[] = {
        {"config", 0, POPT_ARG_STRING, &config, 0, "hyper-parameters (default: hparams.json beside IN)",
         "hparams.json"},
        WN_CLI_HELP,
    };
    if (!wn_cli_parse(cli, argc, argv, options, 2, 2)) return cli->status;
    const char *in = cli->args[0], *out = cli->args[1];
    wn_error error = {0};
    wn_model *model = NULL;
    wn_status status = WN_OK;
    if (wn_audio_is_same_file(in, out) || (config && wn_audio_is_same_file(config, out)))
        status = wn_fail(&error, WN_ERROR_ARGUMENT, out, "is also the input; give another name for the output");
    if (!status) status = read_any(&model, in, config, &error);
    if (!status) status = wn_model_save(model, out, &error);
    int code = status ? wn_cli_fail(cli, &error) : convert_report(cli, model, out);
    wn_model_free(model);
    return code;
}

const wn_command wn_command_convert = {
    .name = "convert",
    .summary = "turn checkpoints and amp captures into models, and models into amp captures",
    .usage = "IN OUT.safetensors|OUT.nam [--config hparams.json]",
    .example = "  wavenet convert checkpoint.safetensors model.safetensors --config hparams.json\n"
               "  wavenet convert amp.nam amp.safetensors\n\n"
               "IN is a model, an amp capture (.nam), or the state_dict of wavenet_vocoder (r9y9) in safetensors form, "
               "weight\n"
               "norm folded or not. A name that ends in .nam asks for a capture, which not every model can become.\n",
    .run = convert_run,
};
