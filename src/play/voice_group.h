/* SPDX-License-Identifier: MIT
 * voice_group.h - the voices of a generator model, split over threads.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLAY_VOICE_GROUP_H
#define WN_PLAY_VOICE_GROUP_H

#include <stdbool.h>

#include "wavenet/wavenet.h"

enum { WN_VOICE_GROUP_CHUNK = 4096 };

typedef struct wn_voice_group wn_voice_group;

typedef struct wn_voice_group_config {
    wn_cpu cpu;
    wn_precision precision;
    int voices, threads;
    wn_sampling sampling;
    bool realtime_priority;        /* threads are in a hurry: they play live */
    bool cut_feedback;  /* the network hears its first input for ever, not what was drawn */
    const float *noise; /* [noise_frames][wn_model_get_noise_channels] recorded random numbers, or NULL; for one voice */
    int64_t noise_frames;
} wn_voice_group_config;

/* Each thread has a plan, a stream and a generator for its share of the voices; with two threads a voice, or more, every voice
 * has a second one that shares the work of its frames in the runs where that is faster. What a voice gives does not depend on
 * how many there are, nor on the threads. */
wn_status wn_voice_group_new(wn_voice_group **out, const wn_model *model, const wn_voice_group_config *config, wn_error *error);
void wn_voice_group_free(wn_voice_group *ensemble);

/* Threads that share the work of one voice, 1 or 2. */
int wn_voice_group_threads_per_voice(int voices, int threads);

int wn_voice_group_get_voices(const wn_voice_group *ensemble);

/* The conditioner of `voice`, to be set between runs. */
wn_conditioner *wn_voice_group_get_conditioner(wn_voice_group *ensemble, int voice);

/* Feed pcm [frames], frames <= WN_VOICE_GROUP_CHUNK, to every voice. */
void wn_voice_group_prime(wn_voice_group *ensemble, const float *pcm, int frames);

/* Generate frames <= WN_VOICE_GROUP_CHUNK: pcm [frames][voices] and, if not NULL, classes alike. With one thread it is as
 * WN_REALTIME asks; with more, the caller waits for them. */
void wn_voice_group_run(wn_voice_group *ensemble, int frames, float *pcm, int32_t *classes);

/* A plan of its voices. */
const wn_plan *wn_voice_group_get_plan(const wn_voice_group *ensemble);

#endif
