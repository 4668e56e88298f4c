/* SPDX-License-Identifier: MIT
 * reader.c - reads sound files as floats at the requested rate, block by block.
 * Copyright (c) 2026 the wavenet authors */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audio/file_resampler.h"
#include "audio/sound_format.h"
#include "audio/sound_source.h"
#include "base/error.h"
#include "base/file.h"
#include "wavenet/audio.h"

enum { BLOCK = 4096 }; /* frames */

struct wn_audio_reader {
    wn_sound_source source;
    wn_file_resampler *resampler; /* NULL: the rates agree */
    wn_audio_reader_config config;
    wn_audio_info info;
    int channels;    /* of the output */
    float *decoded;  /* [BLOCK][info.channels] */
    float *buffered; /* [BLOCK][channels]; the n_buffered frames from first_buffered on have not been output yet */
    int64_t first_buffered, n_buffered;
    int64_t position; /* frames decoded so far */
    int64_t nonfinite_samples;
    bool ended;
    char path[192]; /* for messages */
};

/* ---- opening --------------------------------------------------------------------------------------------------- */

static bool is_stream(const char *path) { return strcmp(path, "-") == 0; }

static wn_status check_file(const char *path, bool raw, wn_error *error)
{
    struct stat s;
    if (is_stream(path)) return WN_OK;
    if (stat(path, &s)) return wn_fail(error, WN_ERROR_FILE, path, "%s", strerror(errno));
    if (S_ISDIR(s.st_mode)) return wn_fail(error, WN_ERROR_FILE, path, "is a folder; a sound file was expected");
    if (S_ISREG(s.st_mode) && s.st_size == 0) return wn_fail(error, WN_ERROR_FORMAT, path, "is empty");
    if (S_ISREG(s.st_mode) && raw && s.st_size % 4)
        return wn_fail(error, WN_ERROR_FORMAT, path, "%lld bytes are no whole number of 4-byte floats",
                       (long long)s.st_size);
    return WN_OK;
}

static int get_bits(int format)
{
    int subtype = format & SF_FORMAT_SUBMASK;
    if (subtype == SF_FORMAT_PCM_24) return 24;
    return subtype == SF_FORMAT_PCM_32 || subtype == SF_FORMAT_FLOAT || subtype == SF_FORMAT_DOUBLE ? 32 : 16;
}

static wn_status open_source(wn_audio_reader *r, const char *path, wn_error *error)
{
    double rate = r->config.rate;
    SF_INFO raw = {.format = SF_FORMAT_RAW | SF_FORMAT_FLOAT | SF_ENDIAN_LITTLE,
                   .channels = 1,
                   .samplerate = rate > 0 ? (int)lround(rate) : 48000};
    if (r->config.raw) return wn_sound_source_open_raw(&r->source, path, r->path, &raw, error);
    return wn_sound_source_open(&r->source, path, r->path, error);
}

static wn_status open_file(wn_audio_reader *r, const char *path, wn_error *error)
{
    wn_sndfile_lock();
    wn_status status = open_source(r, path, error);
    wn_sndfile_unlock();
    const SF_INFO *info = &r->source.info;
    if (status) return status;
    if (r->source.left == 0 || (r->source.frames == 0 && !r->source.is_stream))
        return wn_fail(error, WN_ERROR_FORMAT, r->path, "holds no samples");
    if (info->samplerate < 1 || info->samplerate > 10000000 || info->channels < 1)
        return wn_fail(error, WN_ERROR_FORMAT, r->path, "implausible format: %d channels at %d Hz", info->channels,
                       info->samplerate);
    r->channels = r->config.keep_channels ? info->channels : 1;
    r->info.rate = r->config.raw && r->config.rate > 0 ? r->config.rate : info->samplerate;
    r->info.channels = info->channels;
    r->info.frames = r->source.frames;
    r->info.bits = get_bits(info->format);
    r->info.mixed = info->channels > r->channels;
    snprintf(r->info.note, sizeof r->info.note, "%s", r->source.note);
    return WN_OK;
}

static wn_status make_buffers(wn_audio_reader *r, wn_error *error)
{
    double rate = r->config.rate;
    r->decoded = calloc((size_t)BLOCK * (size_t)r->info.channels, sizeof *r->decoded);
    r->buffered = calloc((size_t)BLOCK * (size_t)r->channels, sizeof *r->buffered);
    if (!r->decoded || !r->buffered) return wn_fail_memory(error, r->path);
    if (rate <= 0 || rate == r->info.rate) return WN_OK;
    r->info.resampled = true;
    return wn_file_resampler_new(&r->resampler, r->info.rate, rate, r->channels, r->path, error);
}

wn_status wn_audio_reader_new(wn_audio_reader **out, const char *path, const wn_audio_reader_config *config,
                              wn_error *error)
{
    static const wn_audio_reader_config defaults = {0};
    *out = NULL;
    if (!config) config = &defaults;
    bool raw = config->raw || wn_file_has_ending(path, ".f32");
    wn_status status = check_file(path, raw, error);
    if (status) return status;
    wn_audio_reader *r = calloc(1, sizeof *r);
    if (!r) return wn_fail_memory(error, path);
    snprintf(r->path, sizeof r->path, "%s", is_stream(path) ? "standard input" : path);
    r->config = *config;
    r->config.raw = raw;
    status = open_file(r, path, error);
    if (!status) status = make_buffers(r, error);
    if (status)
        wn_audio_reader_free(r);
    else
        *out = r;
    return status;
}

void wn_audio_reader_free(wn_audio_reader *reader)
{
    if (!reader) return;
    wn_sound_source_close(&reader->source);
    wn_file_resampler_free(reader->resampler);
    free(reader->decoded);
    free(reader->buffered);
    free(reader);
}

wn_audio_info wn_audio_reader_get_info(const wn_audio_reader *reader) { return reader->info; }

const wn_audio_chunk *wn_audio_reader_get_chunks(const wn_audio_reader *reader) { return reader->source.header.chunks; }

int64_t wn_audio_reader_get_position(const wn_audio_reader *reader) { return reader->position; }

int64_t wn_audio_reader_get_nonfinite_samples(const wn_audio_reader *reader) { return reader->nonfinite_samples; }

/* ---- reading --------------------------------------------------------------------------------------------------- */

static wn_status check_samples(wn_audio_reader *r, int64_t frames, wn_error *error)
{
    int64_t n = frames * r->info.channels;
    for (int64_t i = 0; i < n; i++) {
        if (isfinite(r->decoded[i])) continue;
        if (!r->config.sanitize)
            return wn_fail(error, WN_ERROR_FORMAT, r->path, "sample %lld is not a finite number",
                           (long long)(r->position + i / r->info.channels));
        r->decoded[i] = 0;
        r->nonfinite_samples++;
    }
    return WN_OK;
}

static void mix_down(wn_audio_reader *r, int64_t frames)
{
    int channels = r->info.channels;
    const float *x = r->decoded;
    for (int64_t t = 0; t < frames; t++) {
        double sum = 0;
        for (int c = 0; c < channels; c++) sum += *x++;
        r->buffered[t] = (float)(sum / channels);
    }
}

/* Refill the buffer with up to `max_frames` of the next frames. Reading no more than needed keeps a live stream from
 * blocking early. */
static wn_status decode_block(wn_audio_reader *r, int64_t max_frames, wn_error *error)
{
    wn_sound_source *s = &r->source;
    if (max_frames > BLOCK) max_frames = BLOCK;
    if (max_frames > s->left) max_frames = s->left;
    sf_count_t got = max_frames ? sf_readf_float(s->file, r->decoded, max_frames) : 0;
    if (got < max_frames && sf_error(s->file)) return wn_sound_source_fail(error, r->path, s->file);
    if (s->left != INT64_MAX) s->left -= got;
    wn_status status = check_samples(r, got, error);
    if (status) return status;
    if (r->info.mixed)
        mix_down(r, got);
    else
        memcpy(r->buffered, r->decoded, (size_t)got * (size_t)r->channels * sizeof *r->buffered);
    r->first_buffered = 0;
    r->n_buffered = got;
    r->position += got;
    r->ended = got == 0;
    return WN_OK;
}

static void consume_buffered(wn_audio_reader *r, size_t frames)
{
    r->first_buffered += (int64_t)frames;
    r->n_buffered -= (int64_t)frames;
}

static size_t copy_buffered(wn_audio_reader *r, float *pcm, size_t capacity)
{
    size_t n = (size_t)r->n_buffered < capacity ? (size_t)r->n_buffered : capacity;
    memcpy(pcm, r->buffered + r->first_buffered * r->channels, n * (size_t)r->channels * sizeof *pcm);
    consume_buffered(r, n);
    return n;
}

/* The resampler can overflow on finite samples close to the largest float. */
static wn_status check_resampled(wn_audio_reader *r, float *pcm, size_t frames, wn_error *error)
{
    for (size_t i = 0; i < frames * (size_t)r->channels; i++) {
        if (isfinite(pcm[i])) continue;
        if (!r->config.sanitize)
            return wn_fail(error, WN_ERROR_FORMAT, r->path, "samples are too large to be resampled, before sample %lld",
                           (long long)r->position);
        pcm[i] = 0;
        r->nonfinite_samples++;
    }
    return WN_OK;
}

/* Resample buffered frames into pcm; after the end of the file, flush the resampler. */
static wn_status resample_buffered(wn_audio_reader *r, float *pcm, size_t capacity, size_t *n, wn_error *error)
{
    size_t used;
    const float *in = r->ended ? NULL : r->buffered + r->first_buffered * r->channels;
    wn_status status =
        wn_file_resampler_run(r->resampler, in, (size_t)r->n_buffered, &used, pcm, capacity, n, r->path, error);
    consume_buffered(r, used);
    return status ? status : check_resampled(r, pcm, *n, error);
}

wn_status wn_audio_reader_read(wn_audio_reader *reader, float *pcm, int64_t frames, int64_t *got, wn_error *error)
{
    *got = 0;
    while (*got < frames) {
        int64_t remaining = frames - *got;
        size_t n = 0;
        wn_status status = WN_OK;
        if (!reader->n_buffered && !reader->ended)
            status = decode_block(reader, reader->resampler ? BLOCK : remaining, error);
        if (!status && reader->resampler)
            status = resample_buffered(reader, pcm + *got * reader->channels, (size_t)remaining, &n, error);
        else if (!status)
            n = copy_buffered(reader, pcm + *got * reader->channels, (size_t)remaining);
        if (status) return status;
        *got += (int64_t)n;
        if (reader->ended && n == 0) break;
    }
    return WN_OK;
}

/* ---- whole files ----------------------------------------------------------------------------------------------- */

/* The buffer grows with the frames actually read. The header's length is not trusted: it could request any amount of
 * memory. */
static wn_status read_all(wn_audio_reader *r, float **pcm, int64_t *frames, wn_error *error)
{
    size_t capacity = 0;
    for (int64_t got = 1; got > 0; *frames += got) {
        if ((size_t)*frames == capacity) {
            size_t grown_capacity = capacity ? capacity * 2 : (size_t)1 << 16;
            float *grown =
                grown_capacity > SIZE_MAX / sizeof **pcm ? NULL : realloc(*pcm, grown_capacity * sizeof **pcm);
            if (!grown) return wn_fail_memory(error, r->path);
            *pcm = grown;
            capacity = grown_capacity;
        }
        wn_status status = wn_audio_reader_read(r, *pcm + *frames, (int64_t)capacity - *frames, &got, error);
        if (status) return status;
    }
    if (*frames == 0) return wn_fail(error, WN_ERROR_FORMAT, r->path, "holds no samples");
    return WN_OK;
}

wn_status wn_audio_read(float **pcm, int64_t *frames, wn_audio_info *info, const char *path, double rate,
                        wn_error *error)
{
    wn_audio_reader *reader;
    *pcm = NULL;
    *frames = 0;
    wn_status status = wn_audio_reader_new(&reader, path, &(wn_audio_reader_config){.rate = rate}, error);
    if (status) return status;
    status = read_all(reader, pcm, frames, error);
    if (info) *info = reader->info;
    wn_audio_reader_free(reader);
    if (!status) return WN_OK;
    free(*pcm);
    *pcm = NULL;
    *frames = 0;
    return status;
}
