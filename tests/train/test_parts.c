/* SPDX-License-Identifier: MIT
 * test_parts.c - corruption by its statistics, the loss history by its mean, the schedule by its formula, Adam by a double
 * reference, the harmonic source beside the engine's.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "train/adam.h"
#include "train/augmentation.h"
#include "train/batch.h"
#include "train/loss_history.h"
#include "train/slices.h"

static int failures;

static void check(int good, const char *what, double got)
{
    if (good) return;
    printf("FAILED: %s: %.10g\n", what, got);
    failures++;
}

/* `hits` of n is what chance p gives, within five standard deviations. */
static void check_share(int hits, int n, double p, const char *what)
{
    double share = (double)hits / n;
    check(fabs(share - p) < 5 * sqrt(p * (1 - p) / n), what, share);
}

enum { FRAMES = 64, CHUNKS = 20000 };

static void test_corruption(void)
{
    wn_augmentation how = wn_augmentation_default();
    int clean = 0, silent = 0, sloped = 0, plain_gain = 0, class_noise = 0;
    double gains = 0, squares = 0;
    for (int i = 0; i < CHUNKS; i++) {
        float pcm[FRAMES], again[FRAMES];
        for (int t = 0; t < FRAMES; t++) pcm[t] = again[t] = 0.25f;
        wn_random_sequence draw = wn_random_sequence_start(5, 3, (uint64_t)i),
                           same = wn_random_sequence_start(5, 3, (uint64_t)i);
        double noise = wn_augment(&how, &draw, FRAMES, pcm);
        wn_augment(&how, &same, FRAMES, again);
        check(!memcmp(pcm, again, sizeof pcm), "the same key draws the same", i);
        check(noise >= 0 && noise <= how.class_noise, "class noise", noise);
        class_noise += noise > how.class_noise / 4; /* u^2 > 1/4: half of the 60 % */
        bool zero = true, smooth = true;
        for (int t = 0; t < FRAMES; t++) zero &= pcm[t] == 0;
        for (int t = 2; t < FRAMES; t++)
            smooth &= fabsf(pcm[t] - 2 * pcm[t - 1] + pcm[t - 2]) < 2e-4f * fabsf(pcm[t]) + 1e-7f;
        bool level = smooth && fabsf(pcm[0] - pcm[FRAMES - 1]) < 1e-5f;
        clean += level && pcm[0] == 0.25f;
        silent += zero;
        sloped += smooth && !level;
        if (!level || zero || pcm[0] == 0.25f) continue;
        plain_gain++;
        gains += log((double)pcm[0] / 0.25);
        squares += pow(log((double)pcm[0] / 0.25), 2);
    }
    check_share(clean, CHUNKS, 1 - how.share, "share of clean chunks");
    check_share(silent, CHUNKS, how.remove * (1 - how.remove_noise), "share of silent chunks");
    check_share(plain_gain, CHUNKS, (how.share - how.remove) * (1 - how.slope) * (1 - how.noise),
                "share of constant gains");
    check_share(class_noise, CHUNKS, (how.share - how.remove) / 2, "share of strong class noise");
    check(fabs((double)sloped / CHUNKS - 0.18) < 0.02, "share of slopes", (double)sloped / CHUNKS);
    check(fabs(gains / plain_gain) < 0.02, "mean of log gains", gains / plain_gain);
    check(fabs(sqrt(squares / plain_gain) - how.gain) < 0.015, "deviation of log gains", sqrt(squares / plain_gain));
}

/* A slow offset: straight lines between two normals of a size between the two given. */
static void test_drift(void)
{
    wn_augmentation how = {.share = 1, .noise = 0, .drift = 0.5, .drift_from = -2, .drift_to = -2};
    double squares = 0;
    int drifted = 0;
    for (int i = 0; i < CHUNKS; i++) {
        float pcm[FRAMES] = {0};
        wn_random_sequence draw = wn_random_sequence_start(6, 1, (uint64_t)i);
        wn_augment(&how, &draw, FRAMES, pcm);
        for (int t = 2; t < FRAMES; t++)
            check(fabsf(pcm[t] - 2 * pcm[t - 1] + pcm[t - 2]) < 1e-7f, "straight drift", pcm[t]);
        drifted += pcm[0] != 0;
        squares += (double)pcm[0] * (double)pcm[0];
    }
    check_share(drifted, CHUNKS, how.drift, "share of drifts");
    check(fabs(sqrt(squares / drifted) - 0.01) < 5e-4, "size of drifts", sqrt(squares / drifted));
}

static void test_normal(void)
{
    wn_random_sequence d = wn_random_sequence_start(1, 2, 3);
    double sum = 0, square = 0, fourth = 0;
    enum { N = 200000 };
    for (int i = 0; i < N; i++) {
        double x = wn_random_sequence_normal(&d);
        sum += x, square += x * x, fourth += x * x * x * x;
    }
    check(fabs(sum / N) < 5 / sqrt(N), "mean of normals", sum / N);
    check(fabs(square / N - 1) < 5 * sqrt(2.0 / N), "variance of normals", square / N);
    check(fabs(fourth / N - 3) < 5 * sqrt(96.0 / N), "fourth moment of normals", fourth / N);
}

static void test_history(void)
{
    wn_loss_history c = {0};
    enum { N = 123456 };
    for (int i = 0; i < N; i++) wn_loss_history_add(&c, i);
    check(c.n > WN_MAX_LOSS_POINTS / 2 - 1 && c.n <= WN_MAX_LOSS_POINTS, "points of the history", c.n);
    for (int i = 0; i < c.n; i++) {
        double middle = (double)c.interval * (i + 0.5) - 0.5;
        check(fabs(c.points[i] - middle) < 1e-6 * N, "a point is the mean of its steps", c.points[i] - middle);
    }
}

static void test_schedule(void)
{
    check(fabs(wn_learning_rate(2, 0.1, 10, 110, 0) - 0.2) < 1e-12, "first step", wn_learning_rate(2, 0.1, 10, 110, 0));
    check(fabs(wn_learning_rate(2, 0.1, 10, 110, 10) - 2) < 1e-12, "peak", wn_learning_rate(2, 0.1, 10, 110, 10));
    check(fabs(wn_learning_rate(2, 0.1, 10, 110, 60) - 1.1) < 1e-12, "half way", wn_learning_rate(2, 0.1, 10, 110, 60));
    check(fabs(wn_learning_rate(2, 0.1, 10, 110, 110) - 0.2) < 1e-12, "end", wn_learning_rate(2, 0.1, 10, 110, 110));
    check(fabs(wn_cosine_rate(2, 0.1, 0) - 2) < 1e-12, "start by time", wn_cosine_rate(2, 0.1, 0));
    check(fabs(wn_cosine_rate(2, 0.1, 0.5) - 1.1) < 1e-12, "half of the time", wn_cosine_rate(2, 0.1, 0.5));
    check(fabs(wn_cosine_rate(2, 0.1, 1.5) - 0.2) < 1e-12, "after the time", wn_cosine_rate(2, 0.1, 1.5));
}

/* Twenty steps on a parabola, beside the algorithm of the paper in double. */
static void test_adam(void)
{
    wn_real theta[3] = {1, -2, 0.5f}, m[3] = {0}, v[3] = {0}, average[3] = {0};
    double w[3] = {1, -2, 0.5}, wm[3] = {0}, wv[3] = {0}, wa[3] = {0};
    wn_adam adam = {.beta1 = 0.9, .beta2 = 0.99, .clip = 1.5, .ema_decay = 0.8, .rate = 0.1};
    for (int step = 0; step < 20; step++) {
        wn_real grad[3];
        double g[3], norm = 0;
        for (int i = 0; i < 3; i++)
            grad[i] = (wn_real)(2 * w[i] * (i + 1)), g[i] = 2 * w[i] * (i + 1), norm += g[i] * g[i];
        norm = sqrt(norm);
        wn_adam_step(&adam, step, 3, grad, norm, theta, m, v, average);
        for (int i = 0; i < 3; i++) {
            double x = norm > 1.5 ? g[i] * 1.5 / norm : g[i];
            wm[i] = 0.9 * wm[i] + 0.1 * x;
            wv[i] = 0.99 * wv[i] + 0.01 * x * x;
            w[i] -= 0.1 * wm[i] / (1 - pow(0.9, step + 1)) / (sqrt(wv[i] / (1 - pow(0.99, step + 1))) + 1e-8);
            wa[i] = step ? 0.8 * wa[i] + 0.2 * w[i] : w[i];
        }
    }
    for (int i = 0; i < 3; i++) {
        check(fabs((double)theta[i] - w[i]) < 1e-5, "weights", (double)theta[i] - w[i]);
        check(fabs((double)average[i] - wa[i]) < 1e-5, "averages", (double)average[i] - wa[i]);
    }
}

static void test_harmonic_source(void)
{
    int harmonics[] = {1, 2, 3, 4, 6, 8, 12, 16, 100, 101};
    wn_harmonic_source e = {.n = 10, .harmonics = harmonics, .limit = 0.45};
    for (int i = 0; i < 500; i++) {
        double cycles[10], pitch = 20 + i * 7;
        wn_real column[20];
        for (int k = 0; k < 10; k++) cycles[k] = (i + k) * 0.61803398875 - floor((i + k) * 0.61803398875);
        wn_batch_harmonics(&e, cycles, pitch / 16000, column, 1);
        for (int k = 0; k < 10; k++) {
            double angle = 6.283185307179586 * cycles[k];
            bool received = harmonics[k] * (pitch / 16000) < 0.45;
            check(fabs((double)column[k] - (received ? sin(angle) : 0)) < 1e-6, "sine", (double)column[k]);
            check(fabs((double)column[10 + k] - (received ? cos(angle) : 0)) < 1e-6, "cosine", (double)column[10 + k]);
        }
    }
}

/* Where `streams` streams over clips of these lengths begin. */
static void starts(int n_clips, const int64_t *frames, int streams, uint32_t *clip, int64_t *position)
{
    enum { CHUNK = 64, HOP = 16, SEED = 7 };
    wn_clip clips[4] = {{0}};
    wn_data data = {.n_clips = (size_t)n_clips, .n_train = (size_t)n_clips, .clips = clips, .in_channels = 1};
    for (int i = 0; i < n_clips; i++) clips[i].frames = frames[i];
    wn_data_loader loader;
    wn_error error;
    check(wn_slices_make(&data, 0, 0, HOP, &error) == WN_OK && data.n_slices == (size_t)n_clips, "whole clips", 0);
    check(wn_data_loader_init(&loader, &data, SEED, streams, CHUNK, HOP, &error) == WN_OK, "loader", 0);
    for (int i = 0; i < streams; i++) clip[i] = loader.cursors[i].slice, position[i] = loader.cursors[i].position;
    wn_data_loader_clear(&loader);
    free(data.slices);
}

/* Slices cover every clip once, in whole hops, are half of the longest to the longest, and are cut at the pauses that are within
 * reach; streams play every sample of an epoch once. */
static void test_slices(void)
{
    enum { HOP = 16, RATE = 16000, LONG = 16 * 3000, SHORT = 16 * 100, LONGEST = RATE / 2, PAUSE = 800 };
    static const int pauses[] = {6400, 12000, 19200, 27008, 33600, 40000};
    static float pcm[2][LONG];
    for (int t = 0; t < LONG; t++) pcm[0][t] = pcm[1][t] = t % 7 < 3 ? 0.5f : -0.4f;
    for (size_t i = 0; i < sizeof pauses / sizeof *pauses; i++)
        memset(&pcm[0][pauses[i] - PAUSE / 2], 0, PAUSE * sizeof(float));
    wn_clip clips[] = {
        {.frames = LONG, .pcm = pcm[0]}, {.frames = SHORT, .pcm = pcm[1]}, {.frames = LONG, .pcm = pcm[1]}};
    wn_data data = {.n_clips = 3, .n_train = 3, .clips = clips, .in_channels = 1};
    wn_error error = {0};
    check(wn_slices_make(&data, 0.5, RATE, HOP, &error) == WN_OK, "slices", 0);
    int64_t next[3] = {0};
    int cuts = 0;
    for (size_t i = 0; i < data.n_slices; i++) {
        const wn_slice *s = &data.slices[i];
        check(s->first == next[s->clip] && s->frames > 0 && s->first % HOP == 0 && s->frames % HOP == 0, "slice",
              (double)i);
        check(s->frames <= LONGEST, "longest", (double)s->frames);
        check(s->clip == 1 || s->frames >= LONGEST / 2, "shortest", (double)s->frames);
        next[s->clip] += s->frames;
        bool in_pause = false;
        for (size_t k = 0; k < sizeof pauses / sizeof *pauses; k++) in_pause |= llabs(s->first - pauses[k]) <= HOP;
        if (s->clip == 0 && s->first) check(in_pause, "not cut in a pause", (double)s->first), cuts++;
    }
    check(cuts == 6, "cuts", cuts);
    for (int i = 0; i < 3; i++) check(next[i] == clips[i].frames, "covered", (double)next[i]);

    wn_data_loader loader;
    check(wn_data_loader_init(&loader, &data, 3, 1, HOP * 10, HOP, &error) == WN_OK, "loader", 0);
    static uint8_t played[3][LONG];
    int64_t all = 2 * LONG + SHORT;
    for (int64_t done = 0; done < all; done += HOP * 10) {
        wn_data_loader_advance(&loader);
        for (int i = 0; i < loader.cursors[0].n_pieces; i++) {
            const wn_piece *p = &loader.cursors[0].pieces[i];
            for (int t = 0; t < p->frames; t++) played[p->clip][p->first + t]++;
        }
    }
    for (int i = 0; i < 3; i++)
        for (int64_t t = 0; t < clips[i].frames; t++) check(played[i][t] == 1, "played", (double)t);
    wn_data_loader_clear(&loader);
    free(data.slices);
    data = (wn_data){.n_clips = 3, .n_train = 3, .clips = clips, .in_channels = 2};
    check(wn_slices_make(&data, 0.5, RATE, HOP, &error) == WN_ERROR_UNSUPPORTED, "rows are cut", 0);
    data.in_channels = 1;
    check(wn_slices_make(&data, 0.001, RATE, HOP, &error) == WN_ERROR_FORMAT, "slices shorter than two frames", 0);
    free(data.slices);
}

/* Streams over few clips share them out in whole hops; those with a clip each begin at its beginning. */
static void test_starts(void)
{
    enum { STREAMS = 5 };
    uint32_t clip[STREAMS];
    int64_t position[STREAMS];
    starts(1, (int64_t[]){1600}, STREAMS, clip, position);
    for (int i = 0; i < STREAMS; i++) check(position[i] == 320 * i, "start of a shared clip", (double)position[i]);
    starts(4, (int64_t[]){1600, 800, 640, 320}, 4, clip, position);
    for (int i = 0; i < 4; i++) check(position[i] == 0, "start of a clip of one's own", (double)position[i]);
    starts(2, (int64_t[]){1600, 1600}, STREAMS, clip, position);
    for (int i = 0; i < STREAMS; i++)
        for (int k = 0; k < i; k++)
            check(clip[i] != clip[k] || position[i] != position[k], "streams that learn the same", i);
}

int main(void)
{
    test_starts();
    test_slices();
    test_corruption();
    test_drift();
    test_normal();
    test_history();
    test_schedule();
    test_adam();
    test_harmonic_source();
    printf("%s\n", failures ? "FAILED" : "ok");
    return failures ? 1 : 0;
}
