/* SPDX-License-Identifier: MIT
 * model_options.h - the options of every command that runs a model: from MODEL to a loaded model, from --cpu to a kernel set.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_MODEL_OPTIONS_H
#define WN_CLI_MODEL_OPTIONS_H

#include "cli/cli.h"

typedef struct wn_model_options {
    char **models;     /* of -m, ended by NULL; NULL: none */
    const char *model; /* the first of those and of the arguments, see arguments.h; NULL: none */
    char *cpu;
    int threads; /* 1 where none are given */
} wn_model_options;

/* The initial values of wn_model_options. */
/* clang-format off */
#define WN_CLI_RUN_DEFAULT { .threads = 1 }
/* clang-format on */
enum { WN_CLI_MAX_THREADS = 256 };

/* clang-format off */
#define WN_CLI_MODEL(r) \
    { "model", 'm', POPT_ARG_ARGV, &(r)->models, 0, "model: its name, its file, or the folder that holds it", "MODEL" }

#define WN_CLI_RUN(r) WN_CLI_RUN_THREADS(r, "number of threads (default 1)")

/* The same, with another help text for --threads. */
#define WN_CLI_RUN_THREADS(r, help) \
    { "cpu", 0, POPT_ARG_STRING, &(r)->cpu, 0, wn_cli_cpu_help(), "SET" }, \
    { "threads", 0, POPT_ARG_INT, &(r)->threads, 0, help, "N" }
/* clang-format on */

/* NULL, or what is wrong with the usage. */
const char *wn_cli_check_run(const wn_model_options *run);

/* The precision called `name`; NULL: not given, floats. */
wn_status wn_cli_precision(wn_precision *out, const char *name, wn_error *error);

/* Help of the option --precision, which lists the precisions, between two other texts. Static storage; for one thread. */
const char *wn_cli_precision_help(const char *before, const char *after);

/* Say so if `plan` computes in another precision than that. */
void wn_cli_note_precision(const wn_cli *cli, const wn_plan *plan, wn_precision wanted);

/* clang-format off */
#define WN_CLI_PRECISION(p) \
    { "precision", 0, POPT_ARG_STRING, p, 0, \
      wn_cli_precision_help("", "; smaller formats are faster and less exact"), "P" }
/* clang-format on */

/* Load MODEL: a file, a folder that holds exactly one model file, or the name of such a folder below ./models or the
 * installed models. On failure *out is NULL. */
wn_status wn_cli_load(wn_model **out, const char *path, wn_error *error);

/* The kernel set called `name` (NULL: automatic), checked to exist on this machine. */
wn_status wn_cli_cpu(wn_cpu *out, const char *name, wn_error *error);

/* Help of the option --cpu, which lists the kernel sets. Static storage; for one thread. */
const char *wn_cli_cpu_help(void);

#endif
