/* SPDX-License-Identifier: MIT
 * list.c - wavenet list: the models that can be named, and what each is.
 * Copyright (c) 2026 the wavenet authors */
#include <string.h>

#include "base/error.h"
#include "cli/cli.h"
#include "cli/model_places.h"

typedef struct listing {
    const wn_cli *cli;
    json_t *models; /* array; NULL: text */
    int n;
    bool failed; /* memory */
} listing;

static const char *model_kind(const wn_model_info *info)
{
    if (info->autoregressive) return info->feature_channels ? "vocoder" : "generator";
    if (info->n_labels) return "recogniser";
    bool is_sound = info->output == WN_OUTPUT_PCM && !info->n_classes && info->input_channels == info->output_channels;
    return is_sound ? "effect" : "network";
}

static json_t *control_names(const wn_model *model)
{
    json_t *names = json_array();
    for (int i = 0; i < wn_model_get_info(model).n_controls; i++)
        json_array_append_new(names, json_string(wn_model_get_control(model, i).name));
    return names;
}

static void add_object(listing *l, const char *name, const char *file, const wn_model *model)
{
    wn_model_info info = wn_model_get_info(model);
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:o, s:I, s:I, s:o}", "name", name, "file", file, "kind", model_kind(&info), "sample_rate",
        info.sample_rate > 0 ? json_real(info.sample_rate) : json_null(), "parameters", (json_int_t)info.parameters,
        "receptive_field", (json_int_t)info.receptive_field, "controls", control_names(model));
    l->failed = !object || json_array_append_new(l->models, object) || l->failed;
}

/* "notes      generator, 16000 Hz, 305376 parameters; controls key, velocity (models/notes/notes.safetensors)" */
static void print_line(const char *name, const char *file, const wn_model *model)
{
    char shown[128], path[256];
    wn_model_info info = wn_model_get_info(model);
    printf("%-14s %s", wn_cli_clean(shown, sizeof shown, name), model_kind(&info));
    if (info.sample_rate > 0) printf(", %g Hz", info.sample_rate);
    printf(", %lld parameters", (long long)info.parameters);
    for (int i = 0; i < info.n_controls; i++)
        printf("%s%s", i ? ", " : "; controls ", wn_model_get_control(model, i).name);
    printf(" (%s)\n", wn_cli_clean(path, sizeof path, file));
}

/* A file that is no model is noted and left out. */
static bool list_model(void *user, const char *name, const char *file)
{
    listing *l = user;
    wn_model *model;
    wn_error error = {0};
    if (wn_model_load(&model, file, &error)) {
        wn_cli_note(l->cli, "%s: %s", error.where, error.message);
        return false;
    }
    if (l->models)
        add_object(l, name, file, model);
    else
        print_line(name, file, model);
    l->n++;
    wn_model_free(model);
    return l->failed;
}

static int list_run(wn_cli *cli, int argc, const char **argv)
{
    int json = 0;
    const struct poptOption options[] = {
        {"json", 0, POPT_ARG_NONE, &json, 0, "print JSON", NULL},
        WN_CLI_HELP,
    };
    if (!wn_cli_parse(cli, argc, argv, options, 0, 0)) return cli->status;
    listing l = {.cli = cli, .models = json ? json_array() : NULL};
    wn_error error = {0};
    wn_status status = wn_cli_visit_models(list_model, &l, &error);
    if (!status && l.failed) status = wn_fail_memory(&error, NULL);
    if (status) {
        json_decref(l.models);
        return wn_cli_fail(cli, &error);
    }
    if (l.n == 0) wn_cli_note(cli, "no models in ./models or %s", wn_cli_installed_models());
    return json ? wn_cli_print_json(cli, l.models) : wn_cli_done(cli);
}

const wn_command wn_command_list = {
    .name = "list",
    .summary = "list the models that can be named, and what each is",
    .usage = "[--json]",
    .example =
        "  wavenet list --json\n"
        "  wavenet list\n\n"
        "Models are looked for in ./models and among the installed models: folders that hold one model file, and\n"
        "model files. Any other model is named by its file or folder.\n",
    .run = list_run,
};
