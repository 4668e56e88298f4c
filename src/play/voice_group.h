/* SPDX-License-Identifier: MIT
 * voice_group.h - the voices of a generator model, distributed over threads.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLAY_VOICE_GROUP_H
#define WN_PLAY_VOICE_GROUP_H

#include <stdbool.h>

#include "wavenet/wavenet.h"

enum { WN_VOICE_GROUP_CHUNK = 4096 }; /* maximum frames per call */

/* One thread at a time. */
typedef struct wn_voice_group wn_voice_group;

typedef struct wn_voice_group_config {
    wn_cpu cpu;
    wn_precision precision;
    int voices, threads;
    wn_sampling sampling;
    bool realtime_priority; /* request a real-time priority for the threads */
    bool cut_feedback;      /* repeat the network's first input instead of feeding generated samples back */
    const float *noise;     /* [noise_frames][wn_model_get_noise_channels] recorded noise, or NULL; one voice only */
    int64_t noise_frames;
} wn_voice_group_config;

/* Each thread has a plan, a stream and a generator for its voices. With two or more threads per voice, every voice also
 * has a worker thread, which is used in the runs where that is faster. The output of a voice depends neither on the
 * number of voices nor on the number of threads. `model` must outlive the group. */
wn_status wn_voice_group_new(wn_voice_group **out, const wn_model *model, const wn_voice_group_config *config,
                             wn_error *error);

/* NULL is allowed. */
void wn_voice_group_free(wn_voice_group *group);

/* Number of threads that share the work of one voice: 1 or 2. */
int wn_voice_group_threads_per_voice(int voices, int threads);

int wn_voice_group_get_voices(const wn_voice_group *group);

/* The conditioner of `voice`, owned by the group. To be set between runs. */
wn_conditioner *wn_voice_group_get_conditioner(wn_voice_group *group, int voice);

/* Prime every voice with pcm [frames], frames <= WN_VOICE_GROUP_CHUNK. */
void wn_voice_group_prime(wn_voice_group *group, const float *pcm, int frames);

/* Generate pcm [frames][voices] and, if not NULL, classes [frames][voices], frames <= WN_VOICE_GROUP_CHUNK. Real-time
 * safe with one thread; with more, the caller waits for the others. */
void wn_voice_group_run(wn_voice_group *group, int frames, float *pcm, int32_t *classes);

/* Speed of the group in multiples of real time for a model of `rate` Hz, measured over 0.1 s of sound, in 0.3 s at most. */
double wn_voice_group_measure(wn_voice_group *group, double rate);

/* The plan of the first thread's voices, owned by the group. */
const wn_plan *wn_voice_group_get_plan(const wn_voice_group *group);

/* The earliest divergence of all voices, as wn_generator_get_divergence. */
wn_divergence wn_voice_group_get_divergence(const wn_voice_group *group);

#endif
