/* SPDX-License-Identifier: MIT
 * crossfade.c - one stream sounds, another takes over: both run while the sound fades from one to the other.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"

/* Two slots carry streams between the threads: `wanted` from the one that commands, `retired` back to it. NULL is the
 * dry signal, so that an empty slot holds the address of the switch itself. */
struct wn_crossfade {
    _Atomic(void *) wanted, retired;
    wn_stream *now, *next; /* of the audio thread; next only while fading */
    bool fading;
    int faded, fade_frames;
    int max_frames;
    float *dry, *other; /* [max_frames] each */
};

wn_status wn_crossfade_new(wn_crossfade **out, int max_frames, int fade_frames, wn_error *error)
{
    *out = NULL;
    if (max_frames < 1 || fade_frames < 0)
        return wn_fail(error, WN_ERROR_ARGUMENT, "crossfade",
                       "blocks of %d and fades of %d frames, expected 1 and 0 or more", max_frames, fade_frames);
    wn_crossfade *s = calloc(1, sizeof *s);
    if (s) s->dry = calloc((size_t)max_frames * 2, sizeof *s->dry);
    if (!s || !s->dry) {
        free(s);
        return wn_fail(error, WN_ERROR_MEMORY, "crossfade", "out of memory for blocks of %d frames", max_frames);
    }
    s->other = s->dry + max_frames;
    s->max_frames = max_frames;
    s->fade_frames = fade_frames;
    atomic_init(&s->wanted, s);
    atomic_init(&s->retired, s);
    *out = s;
    return WN_OK;
}

void wn_crossfade_free(wn_crossfade *s)
{
    if (s) free(s->dry);
    free(s);
}

bool wn_crossfade_start(wn_crossfade *s, wn_stream *stream)
{
    void *empty = s;
    return atomic_compare_exchange_strong_explicit(&s->wanted, &empty, stream, memory_order_release,
                                                   memory_order_relaxed);
}

bool wn_crossfade_take_retired(wn_crossfade *s, wn_stream **retired)
{
    void *stream = atomic_load_explicit(&s->retired, memory_order_acquire);
    if (stream == s) return false;
    *retired = stream;
    atomic_store_explicit(&s->retired, s, memory_order_release);
    return true;
}

static void play(wn_stream *stream, const float *dry, int frames, float *out)
{
    if (stream)
        wn_stream_run(stream, &(wn_block){.frames = frames, .pcm = dry, .out = out});
    else
        memcpy(out, dry, (size_t)frames * sizeof *out);
}

/* A new fade begins only when the stream of the one before has been taken away. */
static void look(wn_crossfade *s)
{
    if (s->fading || atomic_load_explicit(&s->retired, memory_order_acquire) != s) return;
    void *wanted = atomic_exchange_explicit(&s->wanted, s, memory_order_acquire);
    if (wanted == s) return;
    s->next = wanted;
    s->faded = 0;
    s->fading = true;
}

/* Straight lines that add up to one: what is faded here is the same guitar twice, not two strangers. */
static void fade(wn_crossfade *s, int frames, float *out)
{
    for (int t = 0; t < frames; t++) {
        float part = s->faded < s->fade_frames ? (float)++s->faded / (float)(s->fade_frames + 1) : 1.0f;
        out[t] = (1.0f - part) * out[t] + part * s->other[t];
    }
    if (s->faded < s->fade_frames) return;
    atomic_store_explicit(&s->retired, s->now, memory_order_release);
    s->now = s->next;
    s->fading = false;
}

static void run_part(wn_crossfade *s, int frames, const float *in, float *out)
{
    look(s);
    for (int t = 0; t < frames; t++) s->dry[t] = isfinite(in[t]) ? in[t] : 0.0f;
    if (s->fading) play(s->next, s->dry, frames, s->other);
    play(s->now, s->dry, frames, out);
    if (s->fading) fade(s, frames, out);
}

void wn_crossfade_run(wn_crossfade *s, int frames, const float *in, float *out)
{
    for (int at = 0; at < frames; at += s->max_frames)
        run_part(s, frames - at < s->max_frames ? frames - at : s->max_frames, in + at, out + at);
}
