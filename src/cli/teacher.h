/* SPDX-License-Identifier: MIT
 * teacher.h - a given signal through the network, block by block: teacher forcing.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_TEACHER_H
#define WN_CLI_TEACHER_H

#include "cli/conditions.h"

typedef struct wn_teacher {
    wn_plan *plan;
    wn_stream *stream;
    wn_conditioner *conditioner;
    const wn_conditions *conditions;
    size_t event;       /* next one of the track */
    int64_t frame;      /* next one of the signal */
    int block;          /* most frames a run takes */
    int input_channels, local_channels, held_channels, output_channels;
    float *local;       /* [block][local_channels] */
    float *held;        /* [held_channels] */
    float *out;         /* [block][output_channels] */
} wn_teacher;

/* `model` and `conditions` must outlive it. wn_teacher_free afterwards, also after a failure. */
wn_status wn_teacher_open(wn_teacher *teacher, const wn_model *model, const wn_conditions *conditions, wn_cpu cpu,
                          wn_precision precision, int block, wn_error *error);
void wn_teacher_free(wn_teacher *teacher);

/* To the state that endless silence leaves, under the conditions of the first frame. Before the first run only. */
void wn_teacher_settle(wn_teacher *teacher);

/* Run the next `frames` <= block frames: pcm [frames][input channels] or classes [frames], as the model takes. Fills
 * teacher->out. */
void wn_teacher_run(wn_teacher *teacher, int frames, const float *pcm, const int32_t *classes);

#endif
