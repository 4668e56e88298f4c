/* SPDX-License-Identifier: MIT
 * capture_folder.h - a folder of recordings, in pairs by their names.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_CAPTURE_FOLDER_H
#define WN_CLI_CAPTURE_FOLDER_H

#include "cli/cli.h"

/* NAME-dry.wav and NAME-wet.wav are a pair. A recording dry.wav is that of every wet one without a dry one of its own, and then
 * all other recordings are wet ones. Any ending of sound files, "_" or a space in place of "-", and either case will do. */
typedef struct wn_capture_pair {
    char *name;            /* NAME */
    const char *dry, *wet; /* paths */
    char *out;             /* OUT/NAME.nam */
} wn_capture_pair;

typedef struct wn_capture_folder {
    wn_cli *cli;
    const char *folder;
    const char *out; /* folder of the captures; made if it does not exist */
    bool force;      /* make captures that exist again */
    /* Makes one; returns an exit status, and has said why it is not WN_EXIT_OK. */
    int (*make)(void *user, const wn_capture_pair *pair);
    void *user;
} wn_capture_folder;

/* Make the captures of all pairs one after the other; those that exist are skipped. Two pairs of one name are refused before work
 * begins. A recording without a partner is reported and counts as failed. A summary ends it; after Ctrl-C no other capture is
 * begun. Returns the exit status: WN_EXIT_OK if every capture is there. */
int wn_capture_folder_run(const wn_capture_folder *folder);

#endif
