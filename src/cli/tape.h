/* SPDX-License-Identifier: MIT
 * tape.h - what goes into a duplex and what comes out of it, each written to a file.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_TAPE_H
#define WN_CLI_TAPE_H

#include "cli/sink.h"
#include "wavenet/audio.h"

enum { WN_TAPE_CHUNK = 4096 };

typedef struct wn_tape {
    const char *dry_path, *wet_path; /* NULL: not wanted */
    wn_sink dry_file, wet_file;
    int64_t frames; /* written so far */
    bool torn;      /* an error ended it */
    float dry[WN_TAPE_CHUNK], wet[WN_TAPE_CHUNK];
} wn_tape;

/* Open what is wanted, for samples at `rate` Hz, of `bits` as in wn_sink_bits, and begin to record. wn_tape_close
 * afterwards, also after a failure. */
wn_status wn_tape_open(wn_tape *tape, const char *dry_path, const char *wet_path, const char *bits, double rate,
                       wn_live *duplex, wn_error *error);

/* Write what has been heard since the last time; every second or so. After an error it does nothing any more. */
wn_status wn_tape_roll(wn_tape *tape, wn_live *duplex, wn_error *error);

/* Give the files their names. */
wn_status wn_tape_finish(wn_tape *tape, const wn_cli *cli, wn_error *error);

/* Throws away what was not finished. */
void wn_tape_close(wn_tape *tape);

#endif
