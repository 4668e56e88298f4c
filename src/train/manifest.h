/* SPDX-License-Identifier: MIT
 * manifest.h - the CSV file that lists a data set: one row a clip.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_MANIFEST_H
#define WN_TRAIN_MANIFEST_H

#include "model/model.h"

/* A control of a clip takes `value` at `seconds`. */
typedef struct wn_event {
    double seconds;
    int control;
    double value;
} wn_event;

typedef struct wn_row {
    int line;
    char *audio, *target, *labels, *features, *track; /* paths as written; NULL where absent */
    char *split;
    int64_t offset, frames; /* the slice of the file, in samples at the model's rate; frames 0 = to its end */
    int speaker;
    size_t n_events;
    wn_event *events; /* by control, each in ascending time */
} wn_row;

typedef struct wn_manifest {
    size_t n_rows;
    wn_row *rows;
} wn_manifest;

/* Parse `size` bytes of text called `name`. Columns: audio, split; optional offset, frames, target, labels, features,
 * track, speaker, and the names of the model's controls, whose cells hold a constant or a track "0:1 0.8:0" of seconds:value. */
wn_status wn_manifest_parse(wn_manifest *out, const char *text, size_t size, const char *name, const wn_model *model,
                            wn_error *error);
wn_status wn_manifest_read(wn_manifest *out, const char *path, const wn_model *model, wn_error *error);
void wn_manifest_clear(wn_manifest *manifest);

#endif
