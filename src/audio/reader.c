/* SPDX-License-Identifier: MIT
 * reader.c - any sound file as mono floats at the rate asked for, block by block.
 * Copyright (c) 2026 the wavenet authors */
#include <errno.h>
#include <math.h>
#include <sndfile.h>
#include <soxr.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/file.h"
#include "wavenet/audio.h"

enum { BLOCK = 4096 };

struct wn_audio_reader {
    SNDFILE *file;
    soxr_t resampler; /* NULL: the rates agree */
    wn_audio_facts facts;
    float *decoded; /* [BLOCK][facts.channels] */
    float *mono;    /* [BLOCK], of which [first .. first + left) waits to be used */
    int64_t first, left;
    int64_t position; /* frames decoded so far */
    bool ended;
    char path[192]; /* for messages */
};

/* ---- opening -------------------------------------------------------------------------------------------------- */

static bool is_f32(const char *path) { return wn_file_has_ending(path, ".f32"); }

static wn_status check_file(const char *path, wn_error *error)
{
    struct stat s;
    if (stat(path, &s)) return wn_fail(error, WN_ERROR_FILE, path, "%s", strerror(errno));
    if (S_ISDIR(s.st_mode)) return wn_fail(error, WN_ERROR_FILE, path, "is a folder; a sound file was expected");
    if (S_ISREG(s.st_mode) && s.st_size == 0) return wn_fail(error, WN_ERROR_FORMAT, path, "is empty");
    if (S_ISREG(s.st_mode) && is_f32(path) && s.st_size % 4)
        return wn_fail(error, WN_ERROR_FORMAT, path, "%lld bytes are no whole number of 4-byte floats",
                       (long long)s.st_size);
    return WN_OK;
}

/* libsndfile's sentences end in a full stop; ours do not. */
static wn_status fail_sndfile(wn_error *error, const char *path, SNDFILE *file)
{
    char text[160];
    snprintf(text, sizeof text, "%s", sf_strerror(file));
    size_t n = strlen(text);
    while (n && (text[n - 1] == '.' || text[n - 1] == '\n')) text[--n] = 0;
    return wn_fail(error, WN_ERROR_FORMAT, path, "not a readable sound file: %s", text);
}

static wn_status open_file(wn_audio_reader *r, const char *path, double rate, wn_error *error)
{
    SF_INFO info = {0};
    if (is_f32(path)) {
        info.format = SF_FORMAT_RAW | SF_FORMAT_FLOAT | SF_ENDIAN_LITTLE;
        info.channels = 1;
        info.samplerate = rate > 0 ? (int)lround(rate) : 48000;
    }
    r->file = sf_open(path, SFM_READ, &info);
    if (!r->file) return fail_sndfile(error, path, NULL);
    if (info.frames == 0) return wn_fail(error, WN_ERROR_FORMAT, path, "holds no samples");
    if (info.samplerate < 1 || info.samplerate > 10000000 || info.channels < 1)
        return wn_fail(error, WN_ERROR_FORMAT, path, "%d channels at %d Hz cannot be meant", info.channels,
                       info.samplerate);
    r->facts.rate = is_f32(path) && rate > 0 ? rate : info.samplerate;
    r->facts.channels = info.channels;
    r->facts.frames = info.frames;
    r->facts.mixed = info.channels > 1;
    return WN_OK;
}

static wn_status make_buffers(wn_audio_reader *r, double rate, wn_error *error)
{
    r->decoded = calloc((size_t)BLOCK * (size_t)r->facts.channels, sizeof *r->decoded);
    r->mono = calloc(BLOCK, sizeof *r->mono);
    if (!r->decoded || !r->mono) return wn_fail(error, WN_ERROR_MEMORY, r->path, "out of memory");
    if (rate <= 0 || rate == r->facts.rate) return WN_OK;
    soxr_error_t wrong = NULL;
    soxr_quality_spec_t quality = soxr_quality_spec(SOXR_VHQ, 0);
    r->resampler = soxr_create(r->facts.rate, rate, 1, &wrong, NULL, &quality, NULL);
    r->facts.resampled = 1;
    if (r->resampler && !wrong) return WN_OK;
    return wn_fail(error, WN_ERROR_UNSUPPORTED, r->path, "cannot be resampled from %g to %g Hz: %s", r->facts.rate,
                   rate, wrong ? wrong : "out of memory");
}

wn_status wn_audio_reader_new(wn_audio_reader **out, const char *path, double rate, wn_error *error)
{
    *out = NULL;
    wn_status status = check_file(path, error);
    if (status) return status;
    wn_audio_reader *r = calloc(1, sizeof *r);
    if (!r) return wn_fail(error, WN_ERROR_MEMORY, path, "out of memory");
    snprintf(r->path, sizeof r->path, "%s", path);
    status = open_file(r, path, rate, error);
    if (!status) status = make_buffers(r, rate, error);
    if (status)
        wn_audio_reader_free(r);
    else
        *out = r;
    return status;
}

void wn_audio_reader_free(wn_audio_reader *reader)
{
    if (!reader) return;
    if (reader->file) sf_close(reader->file);
    if (reader->resampler) soxr_delete(reader->resampler);
    free(reader->decoded);
    free(reader->mono);
    free(reader);
}

wn_audio_facts wn_audio_reader_facts(const wn_audio_reader *reader) { return reader->facts; }

/* ---- reading -------------------------------------------------------------------------------------------------- */

static wn_status mix_down(wn_audio_reader *r, int64_t frames, wn_error *error)
{
    int channels = r->facts.channels;
    const float *x = r->decoded;
    for (int64_t t = 0; t < frames; t++) {
        double sum = 0;
        for (int c = 0; c < channels; c++) sum += *x++;
        if (!isfinite(sum))
            return wn_fail(error, WN_ERROR_FORMAT, r->path, "sample %lld is not a finite number",
                           (long long)(r->position + t));
        r->mono[t] = (float)(sum / channels);
    }
    return WN_OK;
}

/* Refill `mono` with the next block of the file. */
static wn_status decode(wn_audio_reader *r, wn_error *error)
{
    sf_count_t got = sf_readf_float(r->file, r->decoded, BLOCK);
    if (got < BLOCK && sf_error(r->file)) return fail_sndfile(error, r->path, r->file);
    wn_status status = mix_down(r, got, error);
    if (status) return status;
    r->first = 0;
    r->left = got;
    r->position += got;
    r->ended = got == 0;
    return WN_OK;
}

static size_t copy_waiting(wn_audio_reader *r, float *pcm, size_t room)
{
    size_t n = (size_t)r->left < room ? (size_t)r->left : room;
    memcpy(pcm, r->mono + r->first, n * sizeof *pcm);
    r->first += (int64_t)n;
    r->left -= (int64_t)n;
    return n;
}

/* Once the file has ended, the resampler is asked for the rest it still holds. */
static wn_status resample_waiting(wn_audio_reader *r, float *pcm, size_t room, size_t *made, wn_error *error)
{
    size_t used = 0;
    const float *in = r->ended ? NULL : r->mono + r->first;
    soxr_error_t wrong = soxr_process(r->resampler, in, (size_t)r->left, &used, pcm, room, made);
    r->first += (int64_t)used;
    r->left -= (int64_t)used;
    return wrong ? wn_fail(error, WN_ERROR_MEMORY, r->path, "resampling failed: %s", wrong) : WN_OK;
}

wn_status wn_audio_reader_read(wn_audio_reader *reader, float *pcm, int64_t frames, int64_t *got, wn_error *error)
{
    *got = 0;
    while (*got < frames) {
        wn_status status = reader->left || reader->ended ? WN_OK : decode(reader, error);
        size_t made = 0, room = (size_t)(frames - *got);
        if (!status && reader->resampler)
            status = resample_waiting(reader, pcm + *got, room, &made, error);
        else if (!status)
            made = copy_waiting(reader, pcm + *got, room);
        if (status) return status;
        *got += (int64_t)made;
        if (reader->ended && made == 0) break;
    }
    return WN_OK;
}

/* ---- whole files ---------------------------------------------------------------------------------------------- */

/* Grow by what has truly been read: a header's word for its length is not trusted with memory. */
static wn_status read_rest(wn_audio_reader *r, float **pcm, int64_t *frames, wn_error *error)
{
    size_t room = 0;
    for (int64_t got = 1; got > 0; *frames += got) {
        if ((size_t)*frames == room) {
            size_t wanted = room ? room * 2 : (size_t)1 << 16;
            float *grown = wanted > SIZE_MAX / sizeof **pcm ? NULL : realloc(*pcm, wanted * sizeof **pcm);
            if (!grown) return wn_fail(error, WN_ERROR_MEMORY, r->path, "out of memory");
            *pcm = grown;
            room = wanted;
        }
        wn_status status = wn_audio_reader_read(r, *pcm + *frames, (int64_t)room - *frames, &got, error);
        if (status) return status;
    }
    if (*frames == 0) return wn_fail(error, WN_ERROR_FORMAT, r->path, "holds no samples");
    return WN_OK;
}

wn_status wn_audio_read(float **pcm, int64_t *frames, wn_audio_facts *facts, const char *path, double rate,
                        wn_error *error)
{
    wn_audio_reader *reader;
    *pcm = NULL;
    *frames = 0;
    wn_status status = wn_audio_reader_new(&reader, path, rate, error);
    if (status) return status;
    status = read_rest(reader, pcm, frames, error);
    if (facts) *facts = reader->facts;
    wn_audio_reader_free(reader);
    if (!status) return WN_OK;
    free(*pcm);
    *pcm = NULL;
    *frames = 0;
    return status;
}
