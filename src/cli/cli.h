/* SPDX-License-Identifier: MIT
 * cli.h - what every subcommand shares: options, errors, the end.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_CLI_H
#define WN_CLI_CLI_H

#include <float.h>
#include <jansson.h>
#include <popt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "wavenet/wavenet.h"

/* Conventions: results on stdout; notes, progress and errors on stderr. */
enum { WN_EXIT_OK = 0, WN_EXIT_FAILED = 1, WN_EXIT_USAGE = 2 };

typedef struct wn_cli wn_cli;

/* A subcommand. Each file defines one `const wn_command wn_command_NAME`, which commands.h lists. */
typedef struct wn_command {
    const char *name;         /* "generate" */
    const char *summary;      /* one line for the list of commands, no full stop */
    const char *usage;        /* what follows the name: "-m MODEL -o OUT.wav [OPTION...]" */
    const char *example;      /* below the options in -h: command lines, each ended by a newline */
    void (*print_more)(void); /* NULL, or prints what -h derives from tables, below the example */
    /* argv[0] is the name. Returns the exit status. */
    int (*run)(wn_cli *cli, int argc, const char **argv);
} wn_command;

/* Takes the option table of a command instead of running it. */
typedef void wn_cli_show_options(const wn_command *command, const struct poptOption *options);

/* One run of one subcommand. Owns the strings that options were set to. */
struct wn_cli {
    const wn_command *command;
    wn_cli_show_options *show_options; /* NULL: run the command */
    poptContext popt;
    const struct poptOption *options; /* the table being parsed */
    const char *const *args;          /* [n_args] what the options left over */
    int n_args;
    int status;   /* exit status, when wn_cli_parse says stop */
    void **owned; /* option strings, freed at the end */
    size_t n_owned;
};

/* The last rows of every option table. */
/* clang-format off */
#define WN_CLI_HELP \
    { "help", 'h', POPT_ARG_NONE, NULL, 'h', "show this help", NULL }, POPT_TABLEEND
/* clang-format on */

/* Parse `options`, whose addresses may be local to the caller: strings (and POPT_ARG_ARGV lists) they receive live until
 * the command ends. Between min and max positional arguments (max -1: any) are left in cli->args.
 * true: go on. false: help was shown or the usage is wrong; return cli->status. */
bool wn_cli_parse(wn_cli *cli, int argc, const char **argv, const struct poptOption *options, int min, int max);

/* Free `memory` when the command ends. false: memory failed (also if `memory` is NULL), and `memory` is freed. */
bool wn_cli_own(wn_cli *cli, void *memory);

/* An option that holds a number and was not given; NaN would be something a user can type. */
#define WN_NOT_GIVEN (-DBL_MAX)

/* "wavenet NAME: WHERE: message" on stderr, always one line. Return the exit status to return. */
int wn_cli_fail(const wn_cli *cli, const wn_error *error);
int wn_cli_fail_text(const wn_cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
int wn_cli_usage(const wn_cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "wavenet NAME: note" on stderr. */
void wn_cli_note(const wn_cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* End of a command that printed results: flush stdout. A full disk behind a redirection is an error too. */
int wn_cli_done(const wn_cli *cli);

/* A name of a driver's or a file's, which may hold anything, in one line that a terminal and JSON can show: into `text`. */
const char *wn_cli_clean(char *text, size_t size, const char *name);

/* A number, or null for infinities and NaN, which JSON cannot say. */
json_t *wn_cli_json_number(double x);

/* Print `root`, which it takes over, as the result of a command, and end it as wn_cli_done does. NULL: memory failed. */
int wn_cli_print_json(const wn_cli *cli, json_t *root);

void wn_cli_close(wn_cli *cli);

#endif
