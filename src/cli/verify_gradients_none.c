/* SPDX-License-Identifier: MIT
 * verify_gradients_none.c - wavenet verify --gradients in a build without the trainer: it says so.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/verify_gradients.h"

int wn_cli_verify_gradients(const wn_cli *cli, wn_model *model, bool json)
{
    (void)model, (void)json;
    return wn_cli_fail_text(cli,
                            "--gradients checks the trainer, which this build has not (meson setup -Dtrain=enabled)");
}
