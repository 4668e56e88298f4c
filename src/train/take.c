/* SPDX-License-Identifier: MIT
 * take.c - reads one recording of a pair: its level, its channels, its peaks.
 * Copyright (c) 2026 the wavenet authors */
#include "train/take.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 4096, MAX_CHANNELS = 64, CLIPPED_RUN = 3 };
#define SILENCE_DB (-70.0)
#define FULL_SCALE 0.9995  /* of 16 bits, some steps below the largest value */
#define LOST_SHARE 0.4     /* a mean with less of the loudest channel's energy has lost sound */
#define CLIPPED_FAULT 0.02 /* shares of all samples */
#define CLIPPED_NOTE 1e-5

/* Sums over a file at its own rate. */
struct survey {
    int64_t frames;
    double energy[MAX_CHANNELS], mean; /* sums of squares of each channel, and of their mean */
};

static wn_status survey_file(struct survey *s, const wn_take *take, wn_audio_reader *reader, float *block,
                             wn_error *error)
{
    int channels = take->info.channels;
    wn_status status = WN_OK;
    for (int64_t got = 1; got && !status;) {
        status = wn_audio_reader_read(reader, block, BLOCK, &got, error);
        for (int64_t t = 0; !status && t < got; t++) {
            double sum = 0;
            for (int c = 0; c < channels; c++) {
                double x = (double)block[t * channels + c];
                s->energy[c] += x * x;
                sum += x;
            }
            s->mean += sum / channels * (sum / channels);
        }
        if (!status) s->frames += got;
    }
    return status;
}

/* The loudest channel, if the mean of all would lose sound: the others are silent, or cancel it. */
static void choose_channel(wn_take *take, const struct survey *s, wn_findings *findings)
{
    int loudest = 0;
    take->channel = -1;
    for (int c = 1; c < take->info.channels; c++)
        if (s->energy[c] > s->energy[loudest]) loudest = c;
    if (take->info.channels == 1 || s->energy[loudest] == 0) return;
    if (s->mean > LOST_SHARE * s->energy[loudest]) {
        wn_findings_note(findings, take->path, "%d channels were mixed down to one", take->info.channels);
        return;
    }
    take->channel = loudest;
    take->silent_by_db = 10 * log10(s->energy[loudest] / fmax(s->mean, 1e-30));
    const char *side = take->info.channels == 2 ? (loudest ? " (right)" : " (left)") : "";
    int other = take->info.channels == 2 ? 1 - loudest : -1;
    if (other >= 0 && s->energy[other] < 1e-3 * s->energy[loudest])
        wn_findings_note(findings, take->path, "only channel %d%s has sound; it is taken alone", loudest + 1, side);
    else
        wn_findings_note(findings, take->path, "a mix of its channels would lose sound; channel %d%s is taken alone",
                         loudest + 1, side);
}

/* Samples at full scale, three or more in a row, counted over calls. */
struct clip_count {
    int run;
    int64_t clipped;
};

static void count_clipped(struct clip_count *c, float x)
{
    c->run = fabs((double)x) >= FULL_SCALE ? c->run + 1 : 0;
    if (c->run == CLIPPED_RUN)
        c->clipped += CLIPPED_RUN;
    else if (c->run > CLIPPED_RUN)
        c->clipped++;
}

static float take_sample(const wn_take *take, const float *frame)
{
    if (take->channel >= 0) return frame[take->channel];
    double sum = 0;
    for (int c = 0; c < take->info.channels; c++) sum += (double)frame[c];
    return (float)(sum / take->info.channels);
}

/* Copy the file to the spool. `energy` receives the sum of squares. */
static wn_status copy_file(wn_take *take, wn_audio_reader *reader, float *block, double gain, double *energy,
                           wn_spool *spool, wn_error *error)
{
    struct clip_count clipping = {0};
    wn_status status = WN_OK;
    int64_t frames = 0;
    for (int64_t got = 1; got && !status; frames += got) {
        status = wn_audio_reader_read(reader, block, BLOCK, &got, error);
        for (int64_t t = 0; !status && t < got; t++) {
            float x = take_sample(take, block + t * take->info.channels);
            count_clipped(&clipping, x);
            take->peak = fmax(take->peak, fabs((double)x));
            *energy += (double)x * (double)x;
            block[t] = (float)((double)x * gain);
        }
        if (!status && got) status = wn_spool_write(spool, block, got, error);
    }
    take->clipped = frames ? (double)clipping.clipped / (double)frames : 0;
    return status ? status : wn_spool_finish(spool, &take->pcm, &take->frames, error);
}

static void note_level(const wn_take *take, wn_findings *findings)
{
    if (!(take->level > SILENCE_DB)) {
        if (take->peak > 0)
            wn_findings_fault(findings, take->path, "is silent (%.0f dB of full scale): a wrong track or input?",
                              take->level);
        else
            wn_findings_fault(findings, take->path, "is silent: every sample is 0; a wrong track or input?");
    }
    if (take->clipped > CLIPPED_FAULT)
        wn_findings_fault(findings, take->path,
                          "is clipped: %.1f %% of its samples are at full scale; record it at a lower level",
                          100 * take->clipped);
    else if (take->clipped > CLIPPED_NOTE)
        wn_findings_note(findings, take->path,
                         "is clipped in places (%.3g %% of its samples are at full scale); a lower level is better",
                         100 * take->clipped);
}

/* Open the file once more, survey it at its own rate or copy it at `rate`. */
static wn_status take_open(wn_take *take, wn_audio_reader **reader, double rate, wn_error *error)
{
    wn_audio_reader_config config = {.rate = rate, .keep_channels = true};
    wn_status status = wn_audio_reader_new(reader, take->path, &config, error);
    if (!status) take->info = wn_audio_reader_get_info(*reader);
    if (!status && take->info.channels > MAX_CHANNELS)
        status = wn_fail(error, WN_ERROR_UNSUPPORTED, take->path, "%d channels, at most %d were expected",
                         take->info.channels, MAX_CHANNELS);
    return status;
}

wn_status wn_take_read(wn_take *take, const char *path, double rate, double gain, wn_spool *spool,
                       wn_findings *findings, wn_error *error)
{
    struct survey survey = {0};
    double energy = 0;
    wn_audio_reader *reader = NULL;
    *take = (wn_take){.path = path};
    if (!strcmp(path, "-")) return wn_fail(error, WN_ERROR_ARGUMENT, path, "is read twice, which a stream cannot be");
    wn_status status = take_open(take, &reader, 0, error);
    float *block = status ? NULL : malloc((size_t)BLOCK * (size_t)take->info.channels * sizeof *block);
    if (!status && !block) status = wn_fail_memory(error, path);
    if (!status) status = survey_file(&survey, take, reader, block, error);
    wn_audio_reader_free(reader);
    reader = NULL;
    if (!status && !survey.frames) status = wn_fail(error, WN_ERROR_FORMAT, path, "holds no samples");
    if (!status) choose_channel(take, &survey, findings);
    if (!status) status = take_open(take, &reader, rate, error);
    if (!status) status = copy_file(take, reader, block, gain, &energy, spool, error);
    wn_audio_reader_free(reader);
    free(block);
    if (status) return status;
    take->info.frames = survey.frames;
    take->level = 10 * log10(energy / (double)take->frames);
    if (take->info.resampled) wn_findings_note(findings, path, "was resampled from %g to %g Hz", take->info.rate, rate);
    note_level(take, findings);
    wn_spool_release(spool);
    return WN_OK;
}
