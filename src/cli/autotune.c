/* SPDX-License-Identifier: MIT
 * autotune.c - how many voices this machine plays in time, and on how many threads: measured.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/autotune.h"

#include <unistd.h>

#include "base/thread.h"
#include "model/model.h"
#include "play/realtime_margin.h"
#include "play/voices.h"

enum { MAX_THREADS = 4 };

typedef struct voice_setting {
    int voices, threads;
    double rate; /* Hz */
    wn_voice_group *voice_group;
    double speed; /* x real time */
} voice_setting;

static void *time_voices(void *user)
{
    voice_setting *f = user;
    f->speed = wn_voice_group_measure(f->voice_group, f->rate);
    return NULL;
}

/* On a thread that is as much in a hurry as a player's. */
static wn_status time_voice_setting(voice_setting *f, bool realtime_priority, wn_error *error)
{
    pthread_t thread;
    if (wn_thread_start(&thread, time_voices, f, realtime_priority))
        return wn_fail(error, WN_ERROR_MEMORY, NULL, "no thread");
    pthread_join(thread, NULL);
    return WN_OK;
}

static wn_status measure_voice_setting(voice_setting *f, const wn_autotune *a, wn_error *error)
{
    wn_voice_group_config config = a->config;
    config.voices = f->voices;
    config.threads = f->threads;
    wn_status status = wn_voice_group_new(&f->voice_group, a->model, &config, error);
    if (!status) status = wn_conditions_apply_all(a->conditions, f->voice_group, error);
    if (!status) status = time_voice_setting(f, config.realtime_priority, error);
    wn_voice_group_free(f->voice_group);
    return status;
}

/* With 1, 2, 4 threads, until it is fast enough. */
static wn_status try_threads(voice_setting *best, const wn_autotune *a, int voices, wn_error *error)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    wn_status status = WN_OK;
    *best = (voice_setting){0};
    for (int threads = 1; threads <= MAX_THREADS && !status && best->speed < WN_REALTIME_MARGIN; threads *= 2) {
        voice_setting f = {
            .voices = voices, .rate = a->rate, .threads = a->chooses_threads ? threads : a->config.threads};
        if (threads > 1 && (!a->chooses_threads || threads > voices || threads > processors)) break;
        status = measure_voice_setting(&f, a, error);
        if (!status && f.speed > best->speed) *best = f;
    }
    return status;
}

wn_status wn_autotune_voices(wn_autotune *a, const wn_cli *cli, wn_error *error)
{
    static const int counts[] = {8, 6, 4, 3, 2, 1};
    enum { COUNTS = sizeof counts / sizeof *counts };
    wn_status status = WN_OK;
    voice_setting best = {0};
    if (!a->chooses_threads && !a->chooses_voices) return WN_OK;
    for (int i = 0; i < COUNTS && !status && best.speed < WN_REALTIME_MARGIN; i++) {
        status = try_threads(&best, a, a->chooses_voices ? counts[i] : a->config.voices, error);
        if (!a->chooses_voices) break;
    }
    if (status) return status;
    a->config.voices = best.voices;
    a->config.threads = best.threads;
    wn_cli_note(cli, "%d voice%s on %d thread%s: %.1f x real time here", best.voices, best.voices > 1 ? "s" : "",
                best.threads, best.threads > 1 ? "s" : "", best.speed);
    return WN_OK;
}
