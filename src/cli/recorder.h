/* SPDX-License-Identifier: MIT
 * recorder.h - what goes into a live and what comes out of it, each written to a file.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_RECORDER_H
#define WN_CLI_RECORDER_H

#include "cli/output_file.h"
#include "wavenet/audio.h"

enum { WN_RECORDER_CHUNK = 4096 };

typedef struct wn_recorder {
    const char *dry_path, *wet_path; /* NULL: not wanted */
    wn_output_file dry_file, wet_file;
    int64_t frames; /* written so far */
    bool failed;    /* an error ended it */
    float dry[WN_RECORDER_CHUNK], wet[WN_RECORDER_CHUNK];
} wn_recorder;

/* Open what is wanted, for samples at `rate` Hz, of `bits` as in wn_output_file_bits, and begin to record. wn_recorder_close
 * afterwards, also after a failure. */
wn_status wn_recorder_open(wn_recorder *recorder, const char *dry_path, const char *wet_path, const char *bits,
                           double rate, wn_live *live, wn_error *error);

/* Write what has been heard since the last time; every second or so. After an error it does nothing any more. */
wn_status wn_recorder_poll(wn_recorder *recorder, wn_live *live, wn_error *error);

/* Give the files their names. */
wn_status wn_recorder_finish(wn_recorder *recorder, const wn_cli *cli, wn_error *error);

/* Throws away what was not finished. */
void wn_recorder_close(wn_recorder *recorder);

#endif
