/* SPDX-License-Identifier: MIT
 * compare_speech.c - wavenet compare --speech: what a listener hears of the difference of two recordings of speech.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/compare_speech.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/speech_distance.h"
#include "analysis/stoi.h"
#include "base/error.h"
#include "cli/input_sequence.h"
#include "wavenet/audio.h"

#define MAX_SECONDS 3600.0 /* the comparison holds both recordings in memory */

/* Both recordings at one rate, as long as the shorter one. */
typedef struct pair {
    float *a, *b;
    int64_t frames, only_a, only_b;
} pair;

typedef struct speech {
    const wn_cli *cli;
    pair wide, narrow; /* at WN_SPEECH_RATE and at WN_STOI_RATE */
    wn_speech_distance distance;
    double stoi;
} speech;

static wn_status check_length(const char *name, int64_t frames, double rate, wn_error *error)
{
    if ((double)frames <= MAX_SECONDS * rate) return WN_OK;
    return wn_fail(error, WN_ERROR_UNSUPPORTED, name, "is longer than an hour");
}

/* `cli` NULL: without notes, which have been made. */
static wn_status read_one(float **pcm, int64_t *frames, const wn_cli *cli, const char *name, double rate,
                          wn_error *error)
{
    wn_status status = cli ? wn_cli_read_audio(pcm, frames, cli, name, rate, error)
                           : wn_audio_read(pcm, frames, NULL, name, rate, error);
    return status ? status : check_length(name, *frames, rate, error);
}

static wn_status read_pair(pair *p, const speech *s, bool noted, double rate, wn_error *error)
{
    int64_t a = 0, b = 0;
    wn_status status = read_one(&p->a, &a, noted ? s->cli : NULL, s->cli->args[0], rate, error);
    if (!status) status = read_one(&p->b, &b, noted ? s->cli : NULL, s->cli->args[1], rate, error);
    p->frames = a < b ? a : b;
    p->only_a = a - p->frames;
    p->only_b = b - p->frames;
    return status;
}

static wn_status check_sound(const speech *s, wn_error *error)
{
    for (int64_t t = 0; t < s->wide.frames; t++)
        if (s->wide.a[t] != 0) return WN_OK;
    return wn_fail(error, WN_ERROR_ARGUMENT, s->cli->args[0], "is silent: every sample is 0");
}

static wn_status compare_both(speech *s, wn_error *error)
{
    const char *const *names = s->cli->args;
    if (!strcmp(names[0], "-") || !strcmp(names[1], "-"))
        return wn_fail(error, WN_ERROR_ARGUMENT, "--speech", "reads twice, which a stream cannot be");
    wn_status status = read_pair(&s->wide, s, true, WN_SPEECH_RATE, error);
    if (!status) status = read_pair(&s->narrow, s, false, WN_STOI_RATE, error);
    if (!status) status = check_sound(s, error);
    if (!status) status = wn_speech_compare(&s->distance, s->wide.a, s->wide.b, s->wide.frames, error);
    if (!status) status = wn_stoi(&s->stoi, s->narrow.a, s->narrow.b, s->narrow.frames, error);
    return status;
}

/* ---- results ------------------------------------------------------------------------------------------------------ */

static json_t *numbers_json(const double *x, int n)
{
    json_t *list = json_array();
    for (int i = 0; i < n; i++) json_array_append_new(list, wn_cli_json_number(x[i]));
    return list;
}

static int print_json(const speech *s)
{
    const wn_speech_distance *d = &s->distance;
    return wn_cli_print_json(
        s->cli,
        json_pack("{s:s, s:s, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "a", s->cli->args[0], "b",
                  s->cli->args[1], "rows", (json_int_t)d->rows, "speech_rows", (json_int_t)d->speech_rows,
                  "voiced_rows", (json_int_t)d->voiced_rows, "log_mel_db", wn_cli_json_number(d->log_mel_db), "mcd_db",
                  wn_cli_json_number(d->mel_cepstral_db), "pitch_cents", wn_cli_json_number(d->pitch_cents),
                  "pitch_off", wn_cli_json_number(d->pitch_off), "voicing_error", wn_cli_json_number(d->voicing_error),
                  "stoi", wn_cli_json_number(s->stoi), "period_edges_hz",
                  numbers_json(wn_period_band_edges, WN_PERIOD_BANDS + 1), "period_a",
                  numbers_json(d->period_a, WN_PERIOD_BANDS), "period_b", numbers_json(d->period_b, WN_PERIOD_BANDS)));
}

static void print_figure(const char *name, double x, const char *format)
{
    printf("%-24s  ", name);
    if (isfinite(x))
        printf(format, x);
    else
        printf("none");
    putchar('\n');
}

static int print_text(const speech *s)
{
    const wn_speech_distance *d = &s->distance;
    printf("%-24s  %.3f s, %.3f s of speech, %.3f s voiced in both\n", "compared",
           (double)d->rows * WN_SPEECH_HOP / WN_SPEECH_RATE, (double)d->speech_rows * WN_SPEECH_HOP / WN_SPEECH_RATE,
           (double)d->voiced_rows * WN_SPEECH_HOP / WN_SPEECH_RATE);
    print_figure("log-mel distance", d->log_mel_db, "%.2f dB");
    print_figure("mel-cepstral distortion", d->mel_cepstral_db, "%.2f dB");
    print_figure("pitch, median error", d->pitch_cents, "%.1f cents");
    print_figure("pitch off by > 50 cents", 100 * d->pitch_off, "%.1f %%");
    print_figure("voicing error", 100 * d->voicing_error, "%.1f %%");
    print_figure("STOI", s->stoi, "%.3f");
    for (int i = 0; i < WN_PERIOD_BANDS; i++) {
        char name[64];
        snprintf(name, sizeof name, "period %g-%g Hz", wn_period_band_edges[i], wn_period_band_edges[i + 1]);
        if (isfinite(d->period_a[i]))
            printf("%-24s  %.2f, of A %.2f\n", name, d->period_b[i], d->period_a[i]);
        else
            printf("%-24s  none\n", name);
    }
    return wn_cli_done(s->cli);
}

static void note_rest(const speech *s)
{
    const pair *p = &s->wide;
    if (p->only_a || p->only_b)
        wn_cli_note(s->cli, "%s: %.3f s more than the other were left out", s->cli->args[p->only_a ? 0 : 1],
                    (double)(p->only_a + p->only_b) / WN_SPEECH_RATE);
}

int wn_cli_compare_speech(const wn_cli *cli, bool json)
{
    speech s = {.cli = cli};
    wn_error error = {0};
    wn_status status = compare_both(&s, &error);
    if (!status) note_rest(&s);
    int result = status ? wn_cli_fail(cli, &error) : json ? print_json(&s) : print_text(&s);
    float *const all[] = {s.wide.a, s.wide.b, s.narrow.a, s.narrow.b};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    return result;
}
