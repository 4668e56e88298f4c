/* SPDX-License-Identifier: MIT
 * writer.c - floats into a sound file, block by block.
 * Copyright (c) 2026 the wavenet authors */
#include <errno.h>
#include <math.h>
#include <sndfile.h>
#include <soxr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "model/file.h"
#include "wavenet/audio.h"

enum { BLOCK = 1024, OPUS_RATE = 48000, MAX_CHANNELS = 1024 };

struct wn_audio_writer {
    char path[192];      /* for messages */
    wn_writer *output;   /* NULL: standard output */
    FILE *bytes;         /* of output */
    bool streams;        /* bytes are out for good as they are written: no header can be completed later */
    SNDFILE *file;       /* writes into `bytes` through the callbacks below */
    sf_count_t position; /* bytes, of streams */
    int wrong;           /* errno of the first byte that could not be written */
    int format;          /* of libsndfile */
    wn_audio_config config;
    double rate;         /* of the file */
    soxr_t resampler;    /* NULL: the rates agree */
    float *clean;        /* [BLOCK][channels] input, clipped */
    float *resampled;    /* [BLOCK][channels] */
    int *integers;       /* [BLOCK][channels] */
    int64_t clipped;
};

/* ---- formats -------------------------------------------------------------------------------------------------- */

static const struct {
    const char *extension;
    int format; /* without a subtype: 16, 24 bit or float */
} formats[] = {
    { ".wav", SF_FORMAT_WAV },
    { ".flac", SF_FORMAT_FLAC },
    { ".ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS },
    { ".oga", SF_FORMAT_OGG | SF_FORMAT_VORBIS },
    { ".opus", SF_FORMAT_OGG | SF_FORMAT_OPUS },
    { ".aiff", SF_FORMAT_AIFF },
    { ".aif", SF_FORMAT_AIFF },
    { ".f32", SF_FORMAT_RAW | SF_FORMAT_FLOAT | SF_ENDIAN_LITTLE },
    { ".raw", SF_FORMAT_RAW | SF_ENDIAN_LITTLE },
};

static int find_format(const char *path)
{
    const char *extension = strrchr(path, '.');
    for (size_t i = 0; extension && i < sizeof formats / sizeof *formats; i++)
        if (strcasecmp(extension, formats[i].extension) == 0) return formats[i].format;
    return 0;
}

static int subtype_of(wn_audio_bits bits)
{
    return bits == WN_AUDIO_FLOAT ? SF_FORMAT_FLOAT : bits == WN_AUDIO_24 ? SF_FORMAT_PCM_24 : SF_FORMAT_PCM_16;
}

/* WAV counts bytes in 32 bits; RF64 is the same file with 64. */
static bool needs_rf64(const wn_audio_config *c)
{
    return (double)c->frames * c->channels * (c->bits ? c->bits / 8 : 2) > 4.2e9;
}

static wn_status check_config(const wn_audio_config *c, const char *path, wn_error *error)
{
    if (c->bits != WN_AUDIO_DEFAULT && c->bits != WN_AUDIO_16 && c->bits != WN_AUDIO_24 && c->bits != WN_AUDIO_FLOAT)
        return wn_fail(error, WN_ERROR_ARGUMENT, path, "16, 24 or float bits were expected");
    if (c->channels < 1 || c->channels > MAX_CHANNELS)
        return wn_fail(error, WN_ERROR_ARGUMENT, path, "%d channels; 1 to %d can be written", c->channels, MAX_CHANNELS);
    if (!(c->rate >= 1 && c->rate <= 10e6)) return wn_fail(error, WN_ERROR_ARGUMENT, path, "%g Hz is no sample rate", c->rate);
    return WN_OK;
}

/* From name and config to w->format; pipes get raw samples behind a header of our own. */
static wn_status choose_format(wn_audio_writer *w, const char *path, wn_error *error)
{
    int raw = SF_FORMAT_RAW | SF_ENDIAN_LITTLE;
    int format = w->config.raw ? raw : strcmp(path, "-") == 0 ? SF_FORMAT_WAV : find_format(path);
    if (!format)
        return wn_fail(error, WN_ERROR_ARGUMENT, path, "a name in .wav, .flac, .ogg, .opus, .aiff, .f32 or .raw was expected");
    int chosen = format & SF_FORMAT_SUBMASK;
    if (chosen && w->config.bits != WN_AUDIO_DEFAULT && !(chosen == SF_FORMAT_FLOAT && w->config.bits == WN_AUDIO_FLOAT))
        return wn_fail(error, WN_ERROR_UNSUPPORTED, path, "this kind of file has no choice of bits");
    if (!chosen) format |= subtype_of(w->config.bits);
    if ((format & SF_FORMAT_TYPEMASK) == SF_FORMAT_WAV && needs_rf64(&w->config))
        format = SF_FORMAT_RF64 | (format & SF_FORMAT_SUBMASK);
    SF_INFO info = { .samplerate = (int)lround(w->rate), .channels = w->config.channels, .format = format };
    if ((format & SF_FORMAT_SUBMASK) == SF_FORMAT_OPUS) info.samplerate = OPUS_RATE;
    if (!sf_format_check(&info))
        return wn_fail(error, WN_ERROR_UNSUPPORTED, path, "this kind of file cannot hold %d channels of %s at %d Hz",
                       info.channels, w->config.bits == WN_AUDIO_FLOAT ? "float samples" : "samples", info.samplerate);
    w->format = format;
    w->rate = info.samplerate;
    return WN_OK;
}

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

static unsigned char *put(unsigned char *at, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) *at++ = (unsigned char)(value >> 8 * i);
    return at;
}

/* A WAV header whose sizes are "until the end", as pipes need. */
static void write_open_header(wn_audio_writer *w)
{
    int bits = w->config.bits ? (int)w->config.bits : 16;
    uint32_t frame = (uint32_t)(w->config.channels * bits / 8);
    unsigned char header[44], *at = header;
    memcpy(at, "RIFF", 4);
    at = put(at + 4, 0xffffffffu, 4);
    memcpy(at, "WAVEfmt ", 8);
    at = put(at + 8, 16, 4);
    at = put(at, bits == 32 ? 3 : 1, 2);
    at = put(at, (uint32_t)w->config.channels, 2);
    at = put(at, (uint32_t)w->rate, 4);
    at = put(at, (uint32_t)w->rate * frame, 4);
    at = put(at, frame, 2);
    at = put(at, (uint32_t)bits, 2);
    memcpy(at, "data", 4);
    put(at + 4, 0xffffffffu, 4);
    byte_write(header, sizeof header, w);
}

static wn_status open_output(wn_audio_writer *w, const char *path, wn_error *error)
{
    w->streams = true;
    w->bytes = stdout;
    if (strcmp(path, "-") == 0) return WN_OK;
    wn_status status = wn_writer_open(&w->output, path, error);
    if (!status) w->bytes = wn_writer_file(w->output, &w->streams);
    return status;
}

static wn_status prepare_stream(wn_audio_writer *w, wn_error *error)
{
    int type = w->format & SF_FORMAT_TYPEMASK;
    if (type == SF_FORMAT_RAW) return WN_OK;
    if (type != SF_FORMAT_WAV && type != SF_FORMAT_RF64)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, w->path, "only WAV and raw samples can go to a device or pipe");
    write_open_header(w);
    w->format = SF_FORMAT_RAW | SF_ENDIAN_LITTLE | (w->format & SF_FORMAT_SUBMASK);
    return WN_OK;
}

static wn_status open_sndfile(wn_audio_writer *w, wn_error *error)
{
    SF_VIRTUAL_IO io = { byte_length, byte_seek, byte_read, byte_write, byte_tell };
    SF_INFO info = { .samplerate = (int)w->rate, .channels = w->config.channels, .format = w->format };
    wn_status status = w->streams ? prepare_stream(w, error) : WN_OK;
    if (status) return status;
    info.format = w->format;
    w->file = sf_open_virtual(&io, SFM_WRITE, &info, w);
    if (!w->file) return fail_write(w, error);
    sf_command(w->file, SFC_SET_ADD_PEAK_CHUNK, NULL, SF_FALSE); /* it holds the time: files would differ */
    return WN_OK;
}

static wn_status make_buffers(wn_audio_writer *w, wn_error *error)
{
    size_t n = (size_t)BLOCK * (size_t)w->config.channels;
    w->clean = calloc(n, sizeof *w->clean);
    w->resampled = calloc(n, sizeof *w->resampled);
    w->integers = calloc(n, sizeof *w->integers);
    if (!w->clean || !w->resampled || !w->integers) return wn_fail(error, WN_ERROR_MEMORY, NULL, "out of memory");
    if (w->rate == w->config.rate) return WN_OK;
    soxr_error_t wrong = NULL;
    soxr_quality_spec_t quality = soxr_quality_spec(SOXR_VHQ, 0);
    w->resampler = soxr_create(w->config.rate, w->rate, (unsigned)w->config.channels, &wrong, NULL, &quality, NULL);
    if (w->resampler && !wrong) return WN_OK;
    return wn_fail(error, WN_ERROR_UNSUPPORTED, NULL, "%g Hz cannot be resampled to %g Hz: %s", w->config.rate, w->rate,
                   wrong ? wrong : "out of memory");
}

static wn_status set_up(wn_audio_writer *w, const char *path, wn_error *error)
{
    wn_status status = choose_format(w, path, error);
    if (!status) status = open_output(w, path, error);
    if (!status) status = make_buffers(w, error);
    if (!status) status = open_sndfile(w, error);
    return status;
}

wn_status wn_audio_writer_new(wn_audio_writer **out, const char *path, const wn_audio_config *config, wn_error *error)
{
    *out = NULL;
    wn_status status = check_config(config, path, error);
    if (status) return status;
    wn_audio_writer *w = calloc(1, sizeof *w);
    if (!w) return wn_fail(error, WN_ERROR_MEMORY, path, "out of memory");
    snprintf(w->path, sizeof w->path, "%s", strcmp(path, "-") == 0 ? "standard output" : path);
    w->config = *config;
    w->rate = round(config->rate);
    w->config.rate = w->rate;
    status = set_up(w, path, error);
    if (status) wn_audio_writer_free(w);
    else *out = w;
    return status;
}

/* ---- writing -------------------------------------------------------------------------------------------------- */

static bool is_float(const wn_audio_writer *w) { return (w->format & SF_FORMAT_SUBMASK) == SF_FORMAT_FLOAT; }

static bool is_integer(const wn_audio_writer *w)
{
    int subtype = w->format & SF_FORMAT_SUBMASK;
    return subtype == SF_FORMAT_PCM_16 || subtype == SF_FORMAT_PCM_24;
}

/* Clip (but for float files), count. */
static void clean(wn_audio_writer *w, const float *pcm, size_t n)
{
    bool clip = !is_float(w);
    for (size_t i = 0; i < n; i++) {
        float x = pcm[i];
        if (!isfinite(x)) x = 0;
        w->clipped += !(fabsf(pcm[i]) <= 1);
        w->clean[i] = clip ? fminf(fmaxf(x, -1), 1) : x;
    }
}

/* To the left end of 32 bits, where libsndfile takes integers from: k / 2^15 in a file comes back as the same k. */
static void to_integers(wn_audio_writer *w, const float *pcm, size_t n)
{
    int bits = (w->format & SF_FORMAT_SUBMASK) == SF_FORMAT_PCM_24 ? 24 : 16;
    double scale = (double)(1 << (bits - 1));
    for (size_t i = 0; i < n; i++) {
        double x = fmin(fmax(nearbyint(pcm[i] * scale), -scale), scale - 1);
        w->integers[i] = (int)x * (1 << (32 - bits));
    }
}

static wn_status encode(wn_audio_writer *w, const float *pcm, size_t frames, wn_error *error)
{
    size_t n = frames * (size_t)w->config.channels;
    sf_count_t done;
    if (is_integer(w)) to_integers(w, pcm, n);
    if (is_integer(w)) done = sf_writef_int(w->file, w->integers, (sf_count_t)frames);
    else done = sf_writef_float(w->file, pcm, (sf_count_t)frames);
    return done == (sf_count_t)frames && !w->wrong ? WN_OK : fail_write(w, error);
}

/* Resample `frames` frames of w->clean and write what comes out; frames = 0 ends the signal. */
static wn_status resample(wn_audio_writer *w, size_t frames, wn_error *error)
{
    size_t used = 0, made = 1, taken = 0;
    while (taken < frames || made > 0) {
        const float *in = frames ? w->clean + taken * (size_t)w->config.channels : NULL;
        soxr_error_t wrong = soxr_process(w->resampler, in, frames - taken, &used, w->resampled, BLOCK, &made);
        if (wrong) return wn_fail(error, WN_ERROR_MEMORY, w->path, "resampling failed: %s", wrong);
        wn_status status = made ? encode(w, w->resampled, made, error) : WN_OK;
        if (status) return status;
        taken += used;
    }
    return WN_OK;
}

/* Who listens at the other end of a pipe wants each block when it is made. */
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
        clean(writer, pcm, n * channels);
        wn_status status = writer->resampler ? resample(writer, n, error) : encode(writer, writer->clean, n, error);
        if (status) return status;
        pcm += n * channels;
        frames -= (int64_t)n;
    }
    return flush_stream(writer, error);
}

wn_status wn_audio_writer_finish(wn_audio_writer *writer, wn_error *error)
{
    wn_status status = writer->resampler ? resample(writer, 0, error) : WN_OK;
    if (status) return status;
    int failed = sf_close(writer->file);
    writer->file = NULL;
    if (failed || writer->wrong) return fail_write(writer, error);
    wn_status flushed = flush_stream(writer, error);
    if (flushed) return flushed;
    wn_writer *output = writer->output;
    writer->output = NULL;
    return output ? wn_writer_commit(output, error) : WN_OK;
}

void wn_audio_writer_free(wn_audio_writer *writer)
{
    if (!writer) return;
    if (writer->file) sf_close(writer->file);
    if (writer->resampler) soxr_delete(writer->resampler);
    wn_writer_abort(writer->output);
    free(writer->clean);
    free(writer->resampled);
    free(writer->integers);
    free(writer);
}

double wn_audio_writer_rate(const wn_audio_writer *writer) { return writer->rate; }

int64_t wn_audio_writer_clipped(const wn_audio_writer *writer) { return writer->clipped; }

int wn_audio_same_file(const char *a, const char *b)
{
    struct stat s, t;
    return stat(a, &s) == 0 && stat(b, &t) == 0 && s.st_dev == t.st_dev && s.st_ino == t.st_ino;
}
