/* SPDX-License-Identifier: MIT
 * cli.h - what every subcommand shares: options, models, errors, progress, stopping.
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

/* A subcommand. Each file defines one `const wn_command wn_command_NAME`, which main.c lists. */
typedef struct wn_command {
    const char *name;    /* "generate" */
    const char *summary; /* one line for the list of commands, no full stop */
    const char *usage;   /* what follows the name: "-m MODEL -o OUT.wav [OPTION...]" */
    const char *example; /* below the options in -h: command lines, each ended by a newline */
    /* argv[0] is the name. Returns the exit status. */
    int (*run)(wn_cli *cli, int argc, const char **argv);
} wn_command;

/* One run of one subcommand. Owns the strings that options were set to. */
struct wn_cli {
    const wn_command *command;
    poptContext popt;
    const char *const *args; /* [n_args] what the options left over */
    int n_args;
    int status;              /* exit status, when wn_cli_parse says stop */
    void **owned;            /* option strings, freed at the end */
    size_t n_owned;
};

/* ---- cli.c: options and errors ------------------------------------------------------------------------------- */

/* The last rows of every option table. */
#define WN_CLI_HELP \
    { "help", 'h', POPT_ARG_NONE, NULL, 'h', "Show this help", NULL }, POPT_TABLEEND

/* Parse `options`, whose addresses may be local to the caller: strings (and POPT_ARG_ARGV lists) they receive live until
 * the command ends. Between min and max positional arguments (max -1: any) are left in cli->args.
 * true: go on. false: help was shown or the usage is wrong; return cli->status. */
bool wn_cli_parse(wn_cli *cli, int argc, const char **argv, const struct poptOption *options, int min, int max);

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

/* ---- run.c: what every command that runs a model takes --------------------------------------------------------- */

typedef struct wn_model_options {
    char *model, *cpu;
    int threads; /* 1 where none are given */
} wn_model_options;

/* What wn_model_options begin as. */
#define WN_CLI_RUN_DEFAULT { .threads = 1 }
enum { WN_CLI_MAX_THREADS = 256 };

#define WN_CLI_MODEL(r) \
    { "model", 'm', POPT_ARG_STRING, &(r)->model, 0, "model file, or a folder that holds one", "MODEL" }

#define WN_CLI_RUN(r) \
    { "cpu", 0, POPT_ARG_STRING, &(r)->cpu, 0, "force a kernel set: c, portable, avx2, avx512 or neon", "SET" }, \
    { "threads", 0, POPT_ARG_INT, &(r)->threads, 0, \
      "threads to use, where there is work for several (default 1); two can share one voice", "N" }

/* NULL, or what is wrong with the usage. */
const char *wn_cli_check_run(const wn_model_options *run);

/* The precision called `name`; NULL: not given, floats. */
wn_status wn_cli_precision(wn_precision *out, const char *name, wn_error *error);

/* Say so if `plan` computes in another precision than that. */
void wn_cli_note_precision(const wn_cli *cli, const wn_plan *plan, wn_precision wanted);

#define WN_CLI_PRECISION(p) \
    { "precision", 0, POPT_ARG_STRING, p, 0, "of the weights: f32 (default); bf16 and int8 are faster and less exact", "P" }

/* Load MODEL: a file, a folder that holds exactly one model file, or the name of such a folder below ./models or the
 * installed models. On failure *out is NULL. */
wn_status wn_cli_load(wn_model **out, const char *path, wn_error *error);

/* The file that MODEL stands for, or an error; `size` bytes at `file`. */
wn_status wn_cli_find_model(char *file, size_t size, const char *path, wn_error *error);

/* The kernel set called `name` (NULL: automatic), checked to exist on this machine. */
wn_status wn_cli_cpu(wn_cpu *out, const char *name, wn_error *error);

/* ---- progress.c ------------------------------------------------------------------------------------------------ */

/* A bar on a terminal; elsewhere a line every ten seconds. Everything goes to stderr. */
typedef struct wn_progress {
    const wn_cli *cli;
    int64_t total;      /* samples; 0 = unknown */
    double sample_rate; /* Hz, for "x real time"; 0 = unknown */
    double started, shown;
    bool terminal, drawn;
} wn_progress;

void wn_progress_start(wn_progress *progress, const wn_cli *cli, int64_t total, double sample_rate);
void wn_progress_update(wn_progress *progress, int64_t done);
/* Clears the bar. */
void wn_progress_end(wn_progress *progress);

/* Seconds on a clock that never jumps. */
double wn_seconds(void);

/* ---- stop.c: Ctrl-C --------------------------------------------------------------------------------------------- */

/* From now on SIGINT and SIGTERM only ask: the work in hand is finished cleanly. A second one kills as usual. */
void wn_interrupt_install(void);

/* What a second one does before it kills; safe within a signal handler. NULL: nothing. */
void wn_interrupt_set_cleanup(void (*function)(void));
bool wn_interrupt_requested(void);

#endif
