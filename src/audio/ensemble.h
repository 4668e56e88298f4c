/* SPDX-License-Identifier: MIT
 * ensemble.h - the voices of a generator model, split over threads.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_AUDIO_ENSEMBLE_H
#define WN_AUDIO_ENSEMBLE_H

#include <stdbool.h>

#include "wavenet/wavenet.h"

enum { WN_ENSEMBLE_CHUNK = 4096 };

typedef struct wn_ensemble wn_ensemble;

typedef struct wn_ensemble_config {
    wn_cpu cpu;
    wn_precision precision;
    int voices, threads;
    wn_sampling sampling;
    bool realtime_priority;        /* threads are in a hurry: they play live */
    bool cut_feedback;  /* the network hears its first input for ever, not what was drawn */
    const float *noise; /* [noise_frames][wn_model_get_noise_channels] recorded random numbers, or NULL; for one voice */
    int64_t noise_frames;
} wn_ensemble_config;

/* Each thread has a plan, a stream and a generator for its share of the voices; with two threads a voice, or more, every voice
 * has a second one that shares the work of its frames in the runs where that is faster. What a voice gives does not depend on
 * how many there are, nor on the threads. */
wn_status wn_ensemble_new(wn_ensemble **out, const wn_model *model, const wn_ensemble_config *config, wn_error *error);
void wn_ensemble_free(wn_ensemble *ensemble);

/* Threads that share the work of one voice, 1 or 2. */
int wn_ensemble_sharing(int voices, int threads);

int wn_ensemble_voices(const wn_ensemble *ensemble);

/* The conditioner of `voice`, to be set between runs. */
wn_conditioner *wn_ensemble_conditioner(wn_ensemble *ensemble, int voice);

/* Feed pcm [frames], frames <= WN_ENSEMBLE_CHUNK, to every voice. */
void wn_ensemble_prime(wn_ensemble *ensemble, const float *pcm, int frames);

/* Generate frames <= WN_ENSEMBLE_CHUNK: pcm [frames][voices] and, if not NULL, classes alike. With one thread it is as
 * WN_REALTIME asks; with more, the caller waits for them. */
void wn_ensemble_run(wn_ensemble *ensemble, int frames, float *pcm, int32_t *classes);

/* A plan of its voices. */
const wn_plan *wn_ensemble_plan(const wn_ensemble *ensemble);

#endif
