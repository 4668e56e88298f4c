/* SPDX-License-Identifier: MIT
 * train_none.c - wavenet train in a build without the trainer: it says so.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/cli.h"

/* The arguments are not parsed: whatever was asked for, the answer is the same. */
static int run_without_trainer(wn_cli *cli, int argc, const char **argv)
{
    (void)argc, (void)argv;
    return wn_cli_fail_text(cli, "this build has no trainer (meson setup -Dtrain=enabled)");
}

const wn_command wn_command_train = {
    .name = "train",
    .summary = "train a model from a recipe (not in this build)",
    .usage = "RECIPE.json [OPTION...]",
    .example = "",
    .run = run_without_trainer,
};

const wn_command wn_command_capture = {
    .name = "capture",
    .summary = "make a capture from two recordings (not in this build)",
    .usage = "DRY.wav WET.wav -o OUT.nam [OPTION...]",
    .example = "",
    .run = run_without_trainer,
};
