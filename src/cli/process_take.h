/* SPDX-License-Identifier: MIT
 * process_take.h - one recording through a chain of models, into a file.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_PROCESS_TAKE_H
#define WN_CLI_PROCESS_TAKE_H

#include "cli/chain.h"
#include "cli/conditions.h"
#include "wavenet/audio.h"

enum { WN_TAKE_BLOCK = 1024, WN_TAKE_MAX_BLOCK = 1 << 16 };

typedef struct wn_take_options {
    double tail;        /* seconds */
    int block, threads; /* frames; threads that share the channels */
    int channel;        /* from 1; 0: all */
    int mono;           /* mix the channels down */
    int no_prewarm, raw_in, raw;
    wn_audio_bits bits; /* WN_AUDIO_DEFAULT: those of the input */
    wn_cpu cpu;
} wn_take_options;

typedef struct wn_take {
    const wn_cli *cli;
    const wn_chain *chain;
    const wn_conditions *conditions; /* of the first model */
    const wn_take_options *options;
    const char *path, *out;
    bool is_one_of_many; /* one line per take: no progress, no notes but those about this take */
} wn_take;

/* Process the take: several may run at a time. Prints a line about the file that was written. A model whose output is not
 * finite, or more than 60 dB beyond full scale, is an error. Nothing is left after an error. */
wn_status wn_take_process(const wn_take *take, wn_error *error);

#endif
