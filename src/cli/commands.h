/* SPDX-License-Identifier: MIT
 * commands.h - the list of subcommands, in the order of the help. A new command is a row here and a file of its own.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_COMMANDS_H
#define WN_CLI_COMMANDS_H

#include "cli/cli.h"

/* X(heading of the help, name); rows of one heading stand together. */
#define WN_COMMANDS(X) \
    X("Make sound", generate) \
    X("Make sound", play) \
    X("Make sound", say) \
    X("Process sound", process) \
    X("Process sound", live) \
    X("Process sound", capture) \
    X("Process sound", vocode) \
    X("Process sound", compare) \
    X("Models", list) \
    X("Models", info) \
    X("Models", rf) \
    X("Models", conv) \
    X("Models", convert) \
    X("Models", train) \
    X("Measure", analyze) \
    X("Measure", classify) \
    X("Measure", forward) \
    X("Measure", score) \
    X("Measure", verify) \
    X("Measure", bench) \
    X("System", devices) \
    X("System", completion)

#define WN_DECLARE_COMMAND(heading, name) extern const wn_command wn_command_##name;
WN_COMMANDS(WN_DECLARE_COMMAND)
#undef WN_DECLARE_COMMAND

#endif
