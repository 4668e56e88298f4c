/* SPDX-License-Identifier: MIT
 * train.c - wavenet train: from a recipe to a model.
 * Copyright (c) 2026 the wavenet authors */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/cli.h"
#include "cli/model_options.h"
#include "cli/training_run.h"
#include "train/checkpoint.h"

/* DIR/NAME.json -> NAME + ending, in the present folder. */
static char *name_beside_recipe(const char *recipe, const char *ending)
{
    const char *slash = strrchr(recipe, '/'), *name = slash ? slash + 1 : recipe, *dot = strrchr(name, '.');
    size_t n = dot && dot != name ? (size_t)(dot - name) : strlen(name);
    char *out = malloc(n + strlen(ending) + 1);
    if (!out) return NULL;
    memcpy(out, name, n);
    strcpy(out + n, ending);
    return out;
}

/* Whether an earlier run left a model or a checkpoint. Devices and pipes are no work of anyone. */
static bool is_finished(const char *model, const char *checkpoint)
{
    return wn_file_exists(model) || wn_file_exists(checkpoint);
}

static int train_run(wn_cli *cli, int argc, const char **argv)
{
    char *model = NULL, *checkpoint = NULL, *cpu = NULL;
    int resume = 0, force = 0, ignore_checks = 0, threads = 1;
    long steps = 0;
    double minutes = 0;
    const struct poptOption options[] = {
        {"output", 'o', POPT_ARG_STRING, &model, 0,
         "model file to write (default: the recipe's name with .safetensors, in this folder)", "FILE"},
        {"checkpoint", 0, POPT_ARG_STRING, &checkpoint, 0,
         "checkpoint file (default: the model file's name with .ckpt added)", "FILE"},
        {"resume", 0, POPT_ARG_NONE, &resume, 0, "continue from the checkpoint, which may stand in place of the recipe",
         NULL},
        {"force", 0, POPT_ARG_NONE, &force, 0, "overwrite a model file and a checkpoint that exist", NULL},
        {"ignore-checks", 0, POPT_ARG_NONE, &ignore_checks, 0,
         "train on pairs of recordings in which checks find faults", NULL},
        {"steps", 0, POPT_ARG_LONG, &steps, 0, "number of steps (default: the recipe's)", "N"},
        {"minutes", 0, POPT_ARG_DOUBLE, &minutes, 0, "stop after M minutes, as on Ctrl-C (default: no limit)", "M"},
        {"threads", 0, POPT_ARG_INT, &threads, 0, "number of threads (default 1); the result is the same for any", "N"},
        {"cpu", 0, POPT_ARG_STRING, &cpu, 0, wn_cli_cpu_help(), "SET"},
        WN_CLI_HELP};
    if (!wn_cli_parse(cli, argc, argv, options, 1, 3)) return cli->status;
    if (cli->n_args > 1)
        return wn_cli_usage(cli, "takes one recipe; for a pair of recordings: wavenet capture %s %s -o amp.nam",
                            cli->args[0], cli->args[1]);
    if (threads < 1 || threads > 64) return wn_cli_usage(cli, "--threads is %d, expected 1 to 64", threads);
    if (steps < 0) return wn_cli_usage(cli, "--steps is %ld, expected a positive number", steps);
    if (!(minutes >= 0)) return wn_cli_usage(cli, "--minutes is %g, expected a positive number", minutes);
    static char resumed_recipe[WN_MAX_CHECKPOINT_NAME], resumed_model[WN_MAX_CHECKPOINT_NAME];
    wn_train_config config = {.recipe = cli->args[0],
                              .threads = threads,
                              .steps = steps,
                              .seconds = 60 * minutes,
                              .ignore_checks = ignore_checks,
                              .resume = resume};
    wn_error error = {0};
    if (resume && !checkpoint && wn_checkpoint_is(cli->args[0])) {
        if (wn_checkpoint_read_names(cli->args[0], resumed_recipe, resumed_model, &error))
            return wn_cli_fail(cli, &error);
        config.recipe = resumed_recipe;
        config.checkpoint = cli->args[0];
        if (!model) config.model = resumed_model;
    }
    if (cpu && wn_cli_cpu(&config.cpu, cpu, &error)) return wn_cli_fail(cli, &error);
    char *own_model = model || config.model ? NULL : name_beside_recipe(cli->args[0], ".safetensors");
    if (!config.model) config.model = model ? model : own_model;
    size_t size = config.model ? strlen(config.model) + 6 : 0;
    char *own_checkpoint = checkpoint || config.checkpoint || !size ? NULL : malloc(size);
    if (own_checkpoint) snprintf(own_checkpoint, size, "%s.ckpt", config.model);
    if (!config.checkpoint) config.checkpoint = checkpoint ? checkpoint : own_checkpoint;
    int status = WN_EXIT_FAILED;
    if (!config.model || !config.checkpoint)
        wn_cli_fail_text(cli, "out of memory");
    else if (!resume && !force && is_finished(config.model, config.checkpoint))
        wn_cli_fail_text(cli, "%s: exists; go on with --resume, or overwrite it with --force", config.model);
    else
        status = wn_training_run(cli, &config, false, NULL);
    free(own_model);
    free(own_checkpoint);
    return status;
}

const wn_command wn_command_train = {
    .name = "train",
    .summary = "train a model from a recipe",
    .usage = "RECIPE.json|CHECKPOINT [OPTION...]",
    .example = "  wavenet train models/notes/recipe.json -o notes.safetensors --threads 2\n"
               "  wavenet train models/notes/recipe.json -o notes.safetensors --threads 2 --resume\n"
               "  wavenet train --resume notes.safetensors.ckpt\n",
    .run = train_run,
};
