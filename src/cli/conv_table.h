/* SPDX-License-Identifier: MIT
 * conv_table.h - the table of wavenet conv: every layer with its formulas filled in, for people.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_CONV_TABLE_H
#define WN_CLI_CONV_TABLE_H

#include "cli/conv_report.h"

void wn_conv_table_print(const wn_conv_report *report);

#endif
