/* SPDX-License-Identifier: MIT
 * teacher.c - a given signal through the network, block by block: teacher forcing.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/teacher.h"

#include <stdlib.h>
#include <string.h>

static wn_status make_buffers(wn_teacher *t, const wn_model *model, wn_error *error)
{
    size_t block = (size_t)t->block;
    wn_model_info info = wn_model_get_info(model);
    t->input_channels = info.input_channels;
    t->local_channels = wn_model_get_local_channels(model);
    t->held_channels = wn_model_get_held_channels(model);
    t->output_channels = info.output_channels;
    t->local = calloc(block * (size_t)t->local_channels + 1, sizeof *t->local);
    t->held = calloc((size_t)t->held_channels + 1, sizeof *t->held);
    t->out = calloc(block * (size_t)t->output_channels + 1, sizeof *t->out);
    return t->local && t->held && t->out ? WN_OK : wn_fail_memory(error, NULL);
}

wn_status wn_teacher_open(wn_teacher *teacher, const wn_model *model, const wn_conditions *conditions, wn_cpu cpu,
                          wn_precision precision, int block, wn_error *error)
{
    wn_plan_config config = {.max_frames = block, .voices = 1, .cpu = cpu, .precision = precision};
    memset(teacher, 0, sizeof *teacher);
    teacher->block = block;
    teacher->conditions = conditions;
    wn_status status = make_buffers(teacher, model, error);
    if (!status) status = wn_plan_new(&teacher->plan, model, &config, error);
    if (!status) status = wn_stream_new(&teacher->stream, teacher->plan, error);
    if (!status) status = wn_conditioner_new(&teacher->conditioner, model, error);
    if (!status) status = wn_conditions_apply(conditions, teacher->conditioner, error);
    return status;
}

void wn_teacher_free(wn_teacher *teacher)
{
    wn_conditioner_free(teacher->conditioner);
    wn_stream_free(teacher->stream);
    wn_plan_free(teacher->plan);
    free(teacher->local);
    free(teacher->held);
    free(teacher->out);
    memset(teacher, 0, sizeof *teacher);
}

/* Frames from .. to-1 of the run in hand, during which nothing held changes. */
static void run_part(wn_teacher *t, int from, int to, const float *pcm, const int32_t *classes)
{
    if (from == to) return;
    wn_block block = {
        .frames = to - from,
        .pcm = pcm ? pcm + (size_t)from * (size_t)t->input_channels : NULL,
        .classes = classes ? classes + from : NULL,
        .local = t->local_channels ? t->local + (size_t)from * (size_t)t->local_channels : NULL,
        .out = t->out + (size_t)from * (size_t)t->output_channels,
    };
    wn_stream_run(t->stream, &block);
}

void wn_teacher_settle(wn_teacher *teacher)
{
    size_t event = 0;
    wn_conditions_events(teacher->conditions, &event, 0, teacher->conditioner);
    if (wn_conditioner_next(teacher->conditioner, teacher->local, teacher->held))
        wn_stream_set_condition(teacher->stream, 0, teacher->held);
    wn_conditioner_reset(teacher->conditioner);
    wn_stream_prewarm(teacher->stream);
}

void wn_teacher_run(wn_teacher *teacher, int frames, const float *pcm, const int32_t *classes)
{
    int done = 0;
    if (teacher->local_channels == 0 && teacher->held_channels == 0) {
        run_part(teacher, 0, frames, pcm, classes);
        return;
    }
    for (int i = 0; i < frames; i++) {
        wn_conditions_events(teacher->conditions, &teacher->event, teacher->frame++, teacher->conditioner);
        float *local = teacher->local + (size_t)i * (size_t)teacher->local_channels;
        if (!wn_conditioner_next(teacher->conditioner, local, teacher->held)) continue;
        run_part(teacher, done, i, pcm, classes); /* a held vector is for the frames after it */
        wn_stream_set_condition(teacher->stream, 0, teacher->held);
        done = i;
    }
    run_part(teacher, done, frames, pcm, classes);
}
