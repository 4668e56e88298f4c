/* SPDX-License-Identifier: MIT
 * batch.h - many recordings through a chain of models, into a folder.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_BATCH_H
#define WN_CLI_BATCH_H

#include "cli/process_take.h"

enum { WN_BATCH_MAX_JOBS = 256 };

typedef struct wn_batch_options {
    int jobs;          /* takes at a time */
    int skip_existing; /* a take whose output exists is done */
    char *shard;       /* "I/N": every N-th take, from the I-th; NULL: all */
} wn_batch_options;

/* clang-format off */
#define WN_CLI_BATCH(b) \
    { "jobs", 'j', POPT_ARG_INT, &(b)->jobs, 0, "a folder: process N files at a time (default 1)", "N" }, \
    { "skip-existing", 0, POPT_ARG_NONE, &(b)->skip_existing, 0, "a folder: leave out files whose output exists", NULL }, \
    { "shard", 0, POPT_ARG_STRING, &(b)->shard, 0, "a folder: every N-th file, from number I on, from 1", "I/N" }
/* clang-format on */

/* NULL, or what is wrong with the usage, where each job runs `threads` threads. */
const char *wn_batch_check(const wn_batch_options *options, int threads);

typedef struct wn_batch {
    wn_cli *cli;
    const wn_batch_options *options;
    wn_take take;              /* of every file, but for path and out */
    const char *const *sounds; /* [n_sounds] files, and folders for the sound files in them */
    int n_sounds;
    const char *folder;      /* of the outputs; made if it does not exist */
    const char *const *kept; /* [n_kept] files that no output may be, some NULL */
    int n_kept;
} wn_batch;

/* Process all takes: one line about each, and a summary. Outputs keep the names of their takes; `.wav` replaces an ending
 * that cannot be written. Two takes of one name, and an output that is an input, are refused before work begins. Returns the
 * exit status: WN_EXIT_FAILED if a take failed or was stopped. */
int wn_batch_run(const wn_batch *batch);

#endif
