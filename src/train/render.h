/* SPDX-License-Identifier: MIT
 * render.h - free-running sound of a network in training, and how far it is from the recordings.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_RENDER_H
#define WN_TRAIN_RENDER_H

#include "train/data.h"

enum { WN_RENDER_CLIPS = 4 }; /* that share the seconds of a render */

/* What to render: the beginnings of the first WN_RENDER_CLIPS of these clips, `seconds` in all. */
typedef struct wn_render_config {
    double seconds;
    const uint32_t *clips; /* [n_clips] indices of clips in the data */
    size_t n_clips;
    wn_cpu cpu;
} wn_render_config;

/* WN_ERROR_UNSUPPORTED unless the model makes speech at 16 kHz from feature rows alone. `name` begins the message. */
wn_status wn_render_check(const wn_model *model, const char *name, wn_error *error);

/* Generate the clips one after the other from their true features with the recommended sampling and seed 0, and write them to
 * the sound file `path`. *log_mel_db: their distance from the recordings as wn_speech_compare defines it, mean over the clips
 * that have speech; NAN where none has. */
wn_status wn_render_write(double *log_mel_db, const wn_model *model, const wn_data *data,
                          const wn_render_config *config, const char *path, wn_error *error);

#endif
