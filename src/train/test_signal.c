/* SPDX-License-Identifier: MIT
 * test_signal.c - makes the sound to send through equipment: blips, sweeps, noise, strings, and a repetition.
 * Copyright (c) 2026 the wavenet authors */
#include "train/test_signal.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/random.h"
#include "wavenet/audio.h"

enum { RATE = 48000, SEED = 20 };
#define PI 3.14159265358979324

/* Seconds of each part. */
enum {
    BLIPS = 2,
    SWEEP = 8,
    SWEEPS = 3,
    BURSTS = 24,
    STRINGS = 121,
    REPEAT = 9,
    TOTAL = BLIPS + SWEEPS * SWEEP + BURSTS + STRINGS + REPEAT
};

double wn_test_signal_seconds(void) { return TOTAL; }

static double db(double level) { return pow(10, level / 20); }

/* Two clicks of alternating sign after half a second and a second: the delay is seen by eye, and silence around them
 * shows hum and noise. */
static void add_blips(float *x)
{
    x[RATE / 2] = 0.9f;
    x[RATE] = -0.9f;
}

/* A sine from 20 Hz to 20 kHz, equal time per octave, faded over 10 ms. */
static void add_sweep(float *x, double level)
{
    const double low = 20, high = 20000, seconds = SWEEP - 0.5;
    int n = (int)(seconds * RATE), fade = RATE / 100;
    double k = log(high / low);
    for (int t = 0; t < n; t++) {
        double at = (double)t / n, phase = 2 * PI * low * seconds / k * (exp(k * at) - 1);
        double edge = fmin(1, fmin(t, n - t) / (double)fade);
        x[t] += (float)(db(level) * edge * sin(phase));
    }
}

/* Half-second bursts of pink noise, each 1.5 dB softer than the last. First-order sections, whose poles and zeros
 * alternate at equal ratios of frequency, make the slope of -3 dB per octave. */
static void add_bursts(float *x)
{
    static const double poles[] = {20, 120, 720, 4320}, zeros[] = {49, 294, 1764, 10584};
    enum { SECTIONS = sizeof poles / sizeof *poles };
    double state[SECTIONS][2] = {{0}};
    int half = RATE / 2;
    for (int t = 0; t < BURSTS * RATE; t++) {
        double y = 2 * wn_random_uniform(SEED, 1, (uint64_t)t, 0) - 1;
        for (int i = 0; i < SECTIONS; i++) {
            double p = exp(-2 * PI * poles[i] / RATE), z = exp(-2 * PI * zeros[i] / RATE);
            double out = y - z * state[i][0] + p * state[i][1];
            state[i][0] = y;
            state[i][1] = out;
            y = out;
        }
        int burst = t / half, within = t % half;
        double edge = fmin(1, fmin(within, half - within) / (RATE / 200.0));
        x[t] += (float)(burst % 2 ? 0 : 0.12 * db(-1.5 * burst / 2) * edge * y);
    }
}

/* A plucked string: partials that decay the faster the higher they are, slightly sharp as stiff strings are. */
static void add_pluck(float *x, int n, double hertz, double level, double seconds)
{
    int length = (int)(seconds * RATE) < n ? (int)(seconds * RATE) : n;
    for (int h = 1; h <= 16; h++) {
        double frequency = hertz * h * sqrt(1 + 1e-4 * h * h), decay = exp(-(1.2 + 0.35 * h) / RATE);
        if (frequency > 16000) return;
        double a = level * sin(PI * h * 0.19) / h, turn = 2 * PI * frequency / RATE;
        for (int t = 0; t < length; t++) {
            double edge = fmin(1, fmin(t / 48.0, (length - t) / 480.0));
            x[t] += (float)(a * edge * sin(turn * t));
            a *= decay;
        }
    }
}

/* Notes of E2 to E6 alone and in chords of three, one to eight per second, from -36 dB to the loudest. */
static void add_strings(float *x, int n)
{
    for (int i = 0, at = 0; at < n; i++) {
        double pace = 0.12 + 0.9 * pow(wn_random_uniform(SEED, 2, (uint64_t)i, 0), 2);
        double level = 0.45 * db(-36 * pow(wn_random_uniform(SEED, 2, (uint64_t)i, 1), 1.5));
        int key = 40 + (int)(48 * wn_random_uniform(SEED, 2, (uint64_t)i, 2));
        int notes = wn_random_uniform(SEED, 2, (uint64_t)i, 3) < 0.4 ? 3 : 1;
        static const int chord[] = {0, 7, 12};
        for (int k = 0; k < notes; k++)
            add_pluck(x + at, n - at, 440 * pow(2, (key + chord[k] - 69) / 12.0), level / sqrt(notes), pace * 1.5);
        at += (int)(pace * RATE);
    }
}

/* Samples above 0.6 are compressed softly to at most 0.89, so that none clips. */
static void limit(float *x, int64_t n)
{
    for (int64_t t = 0; t < n; t++)
        if (fabs((double)x[t]) > 0.6)
            x[t] = (float)copysign(0.6 + 0.29 * tanh((fabs((double)x[t]) - 0.6) / 0.29), (double)x[t]);
}

static void make_signal(float *x)
{
    float *at = x;
    add_blips(at);
    at += BLIPS * RATE;
    for (int i = 0; i < SWEEPS; i++, at += SWEEP * RATE) add_sweep(at, -3 - 12 * i);
    add_bursts(at);
    at += BURSTS * RATE;
    add_strings(at, STRINGS * RATE);
    at += STRINGS * RATE;
    limit(x + BLIPS * RATE, (int64_t)(TOTAL - BLIPS) * RATE);
    for (int t = 0; t < REPEAT * RATE; t++) at[t] = at[t - 2 * REPEAT * RATE];
}

wn_status wn_test_signal_write(const char *path, wn_error *error)
{
    wn_audio_writer *writer = NULL;
    wn_audio_writer_config config = {.rate = RATE, .channels = 1, .bits = WN_AUDIO_24, .frames = (int64_t)TOTAL * RATE};
    float *x = calloc((size_t)TOTAL * RATE, sizeof *x);
    if (!x) return wn_fail_memory(error, path);
    wn_status status = wn_audio_writer_new(&writer, path, &config, error);
    if (!status) make_signal(x);
    if (!status) status = wn_audio_writer_write(writer, x, (int64_t)TOTAL * RATE, error);
    if (!status) status = wn_audio_writer_finish(writer, error);
    wn_audio_writer_free(writer);
    free(x);
    return status;
}
