/* SPDX-License-Identifier: MIT
 * conditioned_stream.c - a stream of one voice with the conditioner that feeds it, for input that is given in blocks.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/conditioned_stream.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static wn_status make_condition_buffers(wn_conditioned_stream *s, const wn_model *model, int max_frames,
                                        wn_error *error)
{
    wn_model_info info = wn_model_get_info(model);
    s->input_channels = info.input_channels;
    s->local_channels = wn_model_get_local_channels(model);
    s->held_channels = wn_model_get_held_channels(model);
    s->output_channels = info.output_channels;
    s->receptive_field = info.receptive_field < INT_MAX ? (int)info.receptive_field : INT_MAX;
    s->local = calloc((size_t)max_frames * (size_t)s->local_channels + 1, sizeof *s->local);
    s->held = calloc((size_t)s->held_channels + 1, sizeof *s->held);
    return s->local && s->held ? WN_OK : wn_fail_memory(error, NULL);
}

wn_status wn_conditioned_stream_open(wn_conditioned_stream *out, const wn_plan *plan, const wn_model *model,
                                     int max_frames, wn_error *error)
{
    *out = (wn_conditioned_stream){0};
    wn_status status = make_condition_buffers(out, model, max_frames, error);
    if (!status) status = wn_stream_new(&out->stream, plan, error);
    if (!status) status = wn_conditioner_new(&out->conditioner, model, error);
    return status;
}

void wn_conditioned_stream_close(wn_conditioned_stream *stream)
{
    wn_conditioner_free(stream->conditioner);
    wn_stream_free(stream->stream);
    free(stream->local);
    free(stream->held);
    *stream = (wn_conditioned_stream){0};
}

/* The frame-rate condition of the first frame. wn_stream_prewarm takes the local one to be zeros. */
static void set_first_condition(wn_conditioned_stream *s)
{
    if (wn_conditioner_next(s->conditioner, s->local, s->held)) wn_stream_set_condition(s->stream, 0, s->held);
    wn_conditioner_reset(s->conditioner);
}

static bool is_silent(const float *x, int channels)
{
    int silent = 0;
    while (silent < channels && x[silent] == 0) silent++;
    return silent == channels;
}

void wn_conditioned_stream_prewarm(wn_conditioned_stream *stream, const float *x, float *y)
{
    set_first_condition(stream);
    wn_stream_prewarm(stream->stream);
    if (!x) return;
    memset(stream->local, 0, (size_t)stream->local_channels * sizeof *stream->local);
    wn_block row = {.frames = 1, .pcm = x, .local = stream->local_channels ? stream->local : NULL, .out = y};
    int frames = is_silent(x, stream->input_channels) ? 1 : stream->receptive_field;
    for (int t = 0; t < frames; t++) wn_stream_run(stream->stream, &row);
}

/* Frames from .. to-1 of the run in hand, during which the frame-rate condition does not change. */
static void run_frames(wn_conditioned_stream *s, int from, int to, const float *pcm, const int32_t *classes, float *out)
{
    if (from == to) return;
    wn_block block = {
        .frames = to - from,
        .pcm = pcm ? pcm + (size_t)from * (size_t)s->input_channels : NULL,
        .classes = classes ? classes + from : NULL,
        .local = s->local_channels ? s->local + (size_t)from * (size_t)s->local_channels : NULL,
        .out = out + (size_t)from * (size_t)s->output_channels,
    };
    wn_stream_run(s->stream, &block);
}

void wn_conditioned_stream_run(wn_conditioned_stream *s, int frames, const float *pcm, const int32_t *classes,
                               float *out)
{
    int done = 0;
    bool conditioned = s->local_channels || s->held_channels;
    for (int i = 0; conditioned && i < frames; i++) {
        if (!wn_conditioner_next(s->conditioner, s->local + (size_t)i * (size_t)s->local_channels, s->held)) continue;
        run_frames(s, done, i, pcm, classes, out); /* a frame-rate condition is for the frames after it */
        wn_stream_set_condition(s->stream, 0, s->held);
        done = i;
    }
    run_frames(s, done, frames, pcm, classes, out);
}
