/* SPDX-License-Identifier: MIT
 * tracked_processor.c - a processor under the conditions of the command line, with controls that change.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/tracked_processor.h"

wn_conditioner *wn_tracked_processor_get_conditioner(wn_tracked_processor *t, int stream)
{
    return wn_processor_get_conditioner(t->processor, stream * (t->channels / t->streams), 0);
}

wn_status wn_tracked_processor_open(wn_tracked_processor *out, const wn_model *const *models, int n,
                                    const wn_conditions *conditions, const wn_processor_config *config, wn_error *error)
{
    int inputs = wn_model_get_info(models[0]).input_channels;
    *out = (wn_tracked_processor){.conditions = conditions, .channels = config->channels ? config->channels : inputs};
    out->streams = out->channels / inputs;
    wn_status status = wn_processor_new(&out->processor, models, n, config, error);
    if (!status) out->output_channels = wn_processor_get_output_channels(out->processor);
    for (int i = 0; i < out->streams && !status; i++)
        status = wn_conditions_apply(conditions, wn_tracked_processor_get_conditioner(out, i), error);
    return status;
}

void wn_tracked_processor_close(wn_tracked_processor *tracked)
{
    wn_processor_free(tracked->processor);
    *tracked = (wn_tracked_processor){0};
}

/* The controls whose time has come at `frame`, of all streams. Returns the next event. */
static size_t set_tracked_controls(wn_tracked_processor *t, size_t first, int64_t frame)
{
    size_t event = first;
    for (int i = 0; i < t->streams; i++) {
        event = first;
        wn_conditions_events(t->conditions, &event, frame, wn_tracked_processor_get_conditioner(t, i));
    }
    return event;
}

void wn_tracked_processor_prewarm(wn_tracked_processor *tracked)
{
    set_tracked_controls(tracked, 0, 0);
    wn_processor_prewarm(tracked->processor);
}

/* Frames until the next event, at most `frames`. */
static int frames_to_event(wn_tracked_processor *t, int frames)
{
    t->event = set_tracked_controls(t, t->event, t->frame);
    int64_t left = wn_conditions_next_event(t->conditions, t->event) - t->frame;
    return left < frames ? (int)left : frames;
}

void wn_tracked_processor_run(wn_tracked_processor *t, int frames, const float *in, const int32_t *classes, float *out)
{
    for (int done = 0, n; done < frames; done += n) {
        n = frames_to_event(t, frames - done);
        float *to = out + (size_t)done * (size_t)t->output_channels;
        size_t from = (size_t)done * (size_t)t->channels;
        if (classes)
            wn_processor_run_classes(t->processor, n, classes + from, to);
        else
            wn_processor_run(t->processor, n, in + from, to);
        t->frame += n;
    }
}
