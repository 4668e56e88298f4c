/* SPDX-License-Identifier: MIT
 * tracked_processor.h - a processor under the conditions of the command line, with controls that change.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_TRACKED_PROCESSOR_H
#define WN_CLI_TRACKED_PROCESSOR_H

#include "cli/conditions.h"

typedef struct wn_tracked_processor {
    wn_processor *processor;
    const wn_conditions *conditions;
    int channels, streams; /* of the sound; conditioners, each for channels / streams of them */
    size_t event;          /* next one of the track */
    int64_t frame;         /* next one of the signal */
    int output_channels;
} wn_tracked_processor;

/* The chain `models` [n] under `conditions`, which are those of its first model. Models and conditions must outlive it; the
 * array need not. wn_tracked_processor_close afterwards, also after a failure. */
wn_status wn_tracked_processor_open(wn_tracked_processor *out, const wn_model *const *models, int n,
                                    const wn_conditions *conditions, const wn_processor_config *config,
                                    wn_error *error);
void wn_tracked_processor_close(wn_tracked_processor *tracked);

/* As wn_processor_prewarm, under the conditions of the first frame. */
void wn_tracked_processor_prewarm(wn_tracked_processor *tracked);

/* The conditioner of stream number `stream`. */
wn_conditioner *wn_tracked_processor_get_conditioner(wn_tracked_processor *tracked, int stream);

/* Run the next `frames` frames as wn_processor_run does, or as wn_processor_run_classes where `classes` is not NULL. */
void wn_tracked_processor_run(wn_tracked_processor *tracked, int frames, const float *in, const int32_t *classes,
                              float *out);

#endif
