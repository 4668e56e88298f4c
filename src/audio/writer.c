/* SPDX-License-Identifier: MIT
 * writer.c - floats into a sound file, block by block.
 * Copyright (c) 2026 the wavenet authors */
#include <errno.h>
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audio/output_resampler.h"
#include "audio/sound_format.h"
#include "audio/wide_wave.h"
#include "base/error.h"
#include "base/file.h"

enum { BLOCK = 1024 };

struct wn_audio_writer {
    char path[192];      /* for messages */
    wn_writer *output;   /* NULL: standard output */
    FILE *bytes;         /* of output */
    bool streams;        /* bytes are out for good as they are written: no header can be completed later */
    SNDFILE *file;       /* writes into `bytes` through the callbacks below */
    sf_count_t position; /* bytes, of streams */
    int wrong;           /* errno of the first byte that could not be written */
    int format;          /* of libsndfile */
    wn_audio_writer_config config;
    double rate; /* of the file */
    wn_output_resampler resampler;
    float *finite; /* [BLOCK][channels] input, without NaN and Inf */
    float *clean;  /* [BLOCK][channels] frames of the file, clipped */
    int *integers; /* [BLOCK][channels] */
    int64_t clipped;
};

/* ---- bytes ---------------------------------------------------------------------------------------------------- */

static sf_count_t byte_write(const void *data, sf_count_t count, void *user)
{
    wn_audio_writer *w = user;
    size_t done = fwrite(data, 1, (size_t)count, w->bytes);
    if (done < (size_t)count && !w->wrong) w->wrong = errno ? errno : EIO;
    w->position += (sf_count_t)done;
    return (sf_count_t)done;
}

static sf_count_t byte_tell(void *user)
{
    wn_audio_writer *w = user;
    return w->streams ? w->position : (sf_count_t)ftello(w->bytes);
}

static sf_count_t byte_seek(sf_count_t offset, int whence, void *user)
{
    wn_audio_writer *w = user;
    if (!w->streams && fseeko(w->bytes, offset, whence) && !w->wrong) w->wrong = errno;
    return byte_tell(user);
}

static sf_count_t byte_length(void *user)
{
    wn_audio_writer *w = user;
    struct stat s;
    if (w->streams) return w->position;
    return fflush(w->bytes) == 0 && fstat(fileno(w->bytes), &s) == 0 ? (sf_count_t)s.st_size : 0;
}

static sf_count_t byte_read(void *data, sf_count_t count, void *user)
{
    wn_audio_writer *w = user;
    if (w->streams || fseeko(w->bytes, 0, SEEK_CUR)) return 0;
    return (sf_count_t)fread(data, 1, (size_t)count, w->bytes);
}

static wn_status fail_write(wn_audio_writer *w, wn_error *error)
{
    const char *reason = w->wrong ? strerror(w->wrong) : sf_strerror(w->file);
    return wn_fail(error, WN_ERROR_FILE, w->path, "cannot be written: %s", reason);
}

/* ---- opening -------------------------------------------------------------------------------------------------- */

static wn_status open_output(wn_audio_writer *w, const char *path, wn_error *error)
{
    w->streams = true;
    w->bytes = stdout;
    if (strcmp(path, "-") == 0) return WN_OK;
    wn_status status = wn_writer_open(&w->output, path, error);
    if (!status) w->bytes = wn_writer_file(w->output, &w->streams);
    return status;
}

static const char zeros[4];

/* Metadata in an open header, between format and samples. */
static void write_chunks(wn_audio_writer *w)
{
    for (int i = 0; w->config.chunks && i < WN_AUDIO_CHUNKS; i++) {
        const wn_audio_chunk *c = &w->config.chunks[i];
        unsigned char size[4];
        if (!c->size) continue;
        for (int k = 0; k < 4; k++) size[k] = (unsigned char)(c->size >> 8 * k);
        byte_write(c->name, 4, w);
        byte_write(size, sizeof size, w);
        byte_write(c->bytes, c->size, w);
        byte_write(zeros, c->size % 2, w);
    }
}

/* Metadata in a file's header. libsndfile rounds sizes up to 4 bytes with zeros, which XML does not allow: there it gets
 * spaces. */
static wn_status set_chunks(wn_audio_writer *w, wn_error *error)
{
    int type = w->format & SF_FORMAT_TYPEMASK;
    if (!w->config.chunks || (type != SF_FORMAT_WAV && type != SF_FORMAT_RF64)) return WN_OK;
    for (int i = 0; i < WN_AUDIO_CHUNKS; i++) {
        const wn_audio_chunk *c = &w->config.chunks[i];
        uint32_t size = (c->size + 3) / 4 * 4;
        if (!c->size) continue;
        char *padded = malloc(size);
        if (!padded) return wn_fail_memory(error, w->path);
        memset(padded, strcmp(c->name, "iXML") == 0 ? ' ' : 0, size);
        memcpy(padded, c->bytes, c->size);
        SF_CHUNK_INFO info = {.id_size = 4, .datalen = size, .data = padded};
        memcpy(info.id, c->name, 4);
        int failed = sf_set_chunk(w->file, &info);
        free(padded);
        if (failed) return fail_write(w, error);
    }
    return WN_OK;
}

/* What cannot be completed later gets an open header now, and raw samples behind it. */
static wn_status prepare_stream(wn_audio_writer *w, wn_error *error)
{
    int type = w->format & SF_FORMAT_TYPEMASK;
    if (type == SF_FORMAT_RAW) return WN_OK;
    if (type != SF_FORMAT_WAV && type != SF_FORMAT_RF64)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, w->path, "only WAV and raw samples can go to a device or pipe");
    unsigned char header[44];
    wn_sound_format_open_header(header, &w->config);
    byte_write(header, sizeof header - 8, w);
    write_chunks(w);
    byte_write(header + sizeof header - 8, 8, w); /* of the samples */
    w->format = wn_sound_format_raw(w->format);
    return WN_OK;
}

static wn_status open_sndfile(wn_audio_writer *w, wn_error *error)
{
    SF_VIRTUAL_IO io = {byte_length, byte_seek, byte_read, byte_write, byte_tell};
    SF_INFO info = {.samplerate = (int)w->rate, .channels = w->config.channels, .format = w->format};
    wn_status status = w->streams ? prepare_stream(w, error) : WN_OK;
    if (status) return status;
    info.format = w->format;
    wn_sndfile_lock();
    w->file = sf_open_virtual(&io, SFM_WRITE, &info, w);
    if (!w->file) status = fail_write(w, error);
    wn_sndfile_unlock();
    if (status) return status;
    sf_command(w->file, SFC_SET_ADD_PEAK_CHUNK, NULL, SF_FALSE); /* it holds the time: files would differ */
    return set_chunks(w, error);
}

static wn_status make_buffers(wn_audio_writer *w, wn_error *error)
{
    size_t n = (size_t)BLOCK * (size_t)w->config.channels;
    w->finite = calloc(n, sizeof *w->finite);
    w->clean = calloc(n, sizeof *w->clean);
    w->integers = calloc(n, sizeof *w->integers);
    if (!w->finite || !w->clean || !w->integers) return wn_fail_memory(error, NULL);
    return wn_output_resampler_open(&w->resampler, w->config.source_rate, w->rate, w->config.channels, w->path, error);
}

static wn_status set_up(wn_audio_writer *w, const char *path, wn_error *error)
{
    wn_sound_format format;
    wn_status status = wn_sound_format_choose(&format, path, &w->config, error);
    if (status) return status;
    w->format = format.format;
    w->rate = format.rate;
    bool same = w->config.source_rate == 0 || w->config.source_rate == w->config.rate;
    w->config.rate = round(w->config.rate);
    if (same) w->config.source_rate = w->config.rate;
    status = open_output(w, path, error);
    if (!status) status = make_buffers(w, error);
    if (!status) status = open_sndfile(w, error);
    w->config.chunks = NULL; /* the caller's */
    return status;
}

wn_status wn_audio_writer_new(wn_audio_writer **out, const char *path, const wn_audio_writer_config *config,
                              wn_error *error)
{
    *out = NULL;
    wn_audio_writer *w = calloc(1, sizeof *w);
    if (!w) return wn_fail_memory(error, path);
    snprintf(w->path, sizeof w->path, "%s", strcmp(path, "-") == 0 ? "standard output" : path);
    w->config = *config;
    wn_status status = set_up(w, path, error);
    if (status)
        wn_audio_writer_free(w);
    else
        *out = w;
    return status;
}

/* ---- writing -------------------------------------------------------------------------------------------------- */

/* NaN and Inf become 0, before they spread in a filter; counted. */
static void remove_nonfinite(wn_audio_writer *w, const float *pcm, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool finite = isfinite(pcm[i]);
        w->finite[i] = finite ? pcm[i] : 0;
        w->clipped += !finite;
    }
}

/* Clip (except in float files) and count. */
static void clip_frames(wn_audio_writer *w, const float *pcm, size_t n)
{
    bool clip = wn_audio_writer_is_clipping(w);
    for (size_t i = 0; i < n; i++) {
        bool beyond = !(fabsf(pcm[i]) <= 1);
        w->clean[i] = beyond && clip ? copysignf(1, pcm[i]) : pcm[i];
        w->clipped += beyond;
    }
}

/* To the left end of 32 bits, where libsndfile takes integers from: k / 2^15 in a file comes back as the same k. */
static void to_integers(wn_audio_writer *w, const float *pcm, size_t n, int bits)
{
    double scale = (double)(1 << (bits - 1));
    for (size_t i = 0; i < n; i++) {
        double x = pcm[i] * scale;
        x = x < -scale ? -scale : x > scale - 1 ? scale - 1 : x;
        w->integers[i] = (int)lrint(x) * (1 << (32 - bits));
    }
}

/* Up to BLOCK frames of the file. */
static wn_status encode_block(wn_audio_writer *w, const float *pcm, size_t frames, wn_error *error)
{
    size_t n = frames * (size_t)w->config.channels;
    sf_count_t done;
    int bits = wn_sound_format_integer_bits(w->format);
    clip_frames(w, pcm, n);
    if (bits) to_integers(w, w->clean, n, bits);
    if (bits)
        done = sf_writef_int(w->file, w->integers, (sf_count_t)frames);
    else
        done = sf_writef_float(w->file, w->clean, (sf_count_t)frames);
    return done == (sf_count_t)frames && !w->wrong ? WN_OK : fail_write(w, error);
}

/* Receives the output of the resampler. */
static wn_status encode(void *user, const float *pcm, int64_t frames, wn_error *error)
{
    wn_audio_writer *w = user;
    wn_status status = WN_OK;
    for (size_t n; frames > 0 && !status; pcm += n * (size_t)w->config.channels, frames -= (int64_t)n) {
        n = frames < BLOCK ? (size_t)frames : BLOCK;
        status = encode_block(w, pcm, n, error);
    }
    return status;
}

/* Flushes after each block, because a program at the other end of a pipe may play it at once. */
static wn_status flush_stream(wn_audio_writer *w, wn_error *error)
{
    if (!w->streams || fflush(w->bytes) == 0) return WN_OK;
    w->wrong = errno;
    return fail_write(w, error);
}

wn_status wn_audio_writer_write(wn_audio_writer *writer, const float *pcm, int64_t frames, wn_error *error)
{
    size_t channels = (size_t)writer->config.channels;
    while (frames > 0) {
        size_t n = frames < BLOCK ? (size_t)frames : BLOCK;
        remove_nonfinite(writer, pcm, n * channels);
        wn_status status = wn_output_resampler_write(&writer->resampler, writer->finite, (int64_t)n, encode, writer,
                                                     writer->path, error);
        if (status) return status;
        pcm += n * channels;
        frames -= (int64_t)n;
    }
    return flush_stream(writer, error);
}

/* A WAV file that grew beyond the sizes of its header becomes RF64. */
static wn_status widen(wn_audio_writer *w, wn_error *error)
{
    int64_t frames = w->resampler.written, bytes = frames * w->config.channels * (wn_sound_format_bits(w->format) / 8);
    bool wide = !w->streams && (w->format & SF_FORMAT_TYPEMASK) == SF_FORMAT_WAV && bytes > WN_WAVE_MAX_BYTES;
    return wide ? wn_wide_wave_convert(w->bytes, bytes, frames, w->path, error) : WN_OK;
}

wn_status wn_audio_writer_finish(wn_audio_writer *writer, wn_error *error)
{
    wn_status status = wn_output_resampler_finish(&writer->resampler, encode, writer, writer->path, error);
    if (status) return status;
    int failed = sf_close(writer->file);
    writer->file = NULL;
    if (failed || writer->wrong) return fail_write(writer, error);
    status = flush_stream(writer, error);
    if (!status) status = widen(writer, error);
    if (status) return status;
    wn_writer *output = writer->output;
    writer->output = NULL;
    return output ? wn_writer_commit(output, error) : WN_OK;
}

void wn_audio_writer_free(wn_audio_writer *writer)
{
    if (!writer) return;
    if (writer->file) sf_close(writer->file);
    wn_output_resampler_close(&writer->resampler);
    wn_writer_abort(writer->output);
    free(writer->finite);
    free(writer->clean);
    free(writer->integers);
    free(writer);
}

void wn_audio_writer_set_length(wn_audio_writer *writer, int64_t frames) { writer->resampler.length = frames; }

int64_t wn_audio_writer_get_frames(const wn_audio_writer *writer) { return writer->resampler.written; }

float wn_audio_writer_get_peak(const wn_audio_writer *writer) { return writer->resampler.peak; }

double wn_audio_writer_get_rate(const wn_audio_writer *writer) { return writer->rate; }

int64_t wn_audio_writer_get_clipped(const wn_audio_writer *writer) { return writer->clipped; }

bool wn_audio_writer_is_clipping(const wn_audio_writer *writer) { return !wn_sound_format_is_float(writer->format); }

bool wn_audio_is_same_file(const char *a, const char *b)
{
    struct stat s, t;
    return stat(a, &s) == 0 && stat(b, &t) == 0 && s.st_dev == t.st_dev && s.st_ino == t.st_ino;
}
