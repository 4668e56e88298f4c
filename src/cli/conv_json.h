/* SPDX-License-Identifier: MIT
 * conv_json.h - the results of wavenet conv for programs, every number with all its digits.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_CONV_JSON_H
#define WN_CLI_CONV_JSON_H

#include "cli/cli.h"
#include "cli/conv_report.h"

/* Print one JSON object and end the command as wn_cli_done does. */
int wn_conv_json_print(const wn_cli *cli, const wn_conv_report *report);

#endif
