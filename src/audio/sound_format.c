/* SPDX-License-Identifier: MIT
 * sound_format.c - from a file name to a libsndfile format.
 * Copyright (c) 2026 the wavenet authors */
#include "audio/sound_format.h"

#include <math.h>
#include <pthread.h>
#include <sndfile.h>
#include <string.h>
#include <strings.h>

#include "base/integer.h"
#include "model/model.h"

enum { OPUS_RATE = 48000, MAX_CHANNELS = 1024 };

static pthread_mutex_t sndfile_mutex = PTHREAD_MUTEX_INITIALIZER;

void wn_sndfile_lock(void) { pthread_mutex_lock(&sndfile_mutex); }

void wn_sndfile_unlock(void) { pthread_mutex_unlock(&sndfile_mutex); }

static const struct {
    const char *extension;
    int format; /* without a subtype: 16, 24 bit or float */
} formats[] = {
    {".wav", SF_FORMAT_WAV},
    {".flac", SF_FORMAT_FLAC},
    {".ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS},
    {".oga", SF_FORMAT_OGG | SF_FORMAT_VORBIS},
    {".opus", SF_FORMAT_OGG | SF_FORMAT_OPUS},
    {".aiff", SF_FORMAT_AIFF},
    {".aif", SF_FORMAT_AIFF},
    {".f32", SF_FORMAT_RAW | SF_FORMAT_FLOAT | SF_ENDIAN_LITTLE},
    {".raw", SF_FORMAT_RAW | SF_ENDIAN_LITTLE},
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

static int bits_of(const wn_audio_writer_config *c) { return c->bits ? (int)c->bits : 16; }

/* WAV counts bytes in 32 bits; RF64 is the same file with 64. */
static bool needs_rf64(const wn_audio_writer_config *c)
{
    return (double)c->frames * c->channels * (bits_of(c) / 8) > (double)WN_WAVE_MAX_BYTES;
}

static wn_status check_config(const wn_audio_writer_config *c, const char *path, wn_error *error)
{
    if (c->bits != WN_AUDIO_DEFAULT && c->bits != WN_AUDIO_16 && c->bits != WN_AUDIO_24 && c->bits != WN_AUDIO_FLOAT)
        return wn_fail(error, WN_ERROR_ARGUMENT, path, "16, 24 or float bits were expected");
    if (c->channels < 1 || c->channels > MAX_CHANNELS)
        return wn_fail(error, WN_ERROR_ARGUMENT, path, "%d channels; 1 to %d can be written", c->channels,
                       MAX_CHANNELS);
    if (!(c->rate >= 1 && c->rate <= 10e6))
        return wn_fail(error, WN_ERROR_ARGUMENT, path, "%g Hz is no sample rate", c->rate);
    if (c->source_rate != 0 && !(c->source_rate >= 1 && c->source_rate <= 10e6))
        return wn_fail(error, WN_ERROR_ARGUMENT, path, "%g Hz is no sample rate of sound to be written",
                       c->source_rate);
    return WN_OK;
}

/* Type and subtype; 0 after an error. */
static int ask_for(const char *path, const wn_audio_writer_config *c, wn_error *error)
{
    int format = c->raw ? SF_FORMAT_RAW | SF_ENDIAN_LITTLE : strcmp(path, "-") == 0 ? SF_FORMAT_WAV : find_format(path);
    int fixed = format & SF_FORMAT_SUBMASK;
    bool contradicts = fixed && c->bits && !(fixed == SF_FORMAT_FLOAT && c->bits == WN_AUDIO_FLOAT);
    if (!format)
        wn_fail(error, WN_ERROR_ARGUMENT, path, "a name in .wav, .flac, .ogg, .opus, .aiff, .f32 or .raw was expected");
    else if (contradicts)
        wn_fail(error, WN_ERROR_UNSUPPORTED, path, "this kind of file has no choice of bits");
    if (!format || contradicts) return 0;
    if (format == SF_FORMAT_WAV && needs_rf64(c)) format = SF_FORMAT_RF64;
    return fixed ? format : format | subtype_of(c->bits);
}

wn_status wn_sound_format_choose(wn_sound_format *out, const char *path, const wn_audio_writer_config *config,
                                 wn_error *error)
{
    wn_error unused;
    error = error ? error : &unused; /* ask_for tells its status through it */
    wn_status status = check_config(config, path, error);
    if (status) return status;
    SF_INFO info = {.samplerate = (int)lround(config->rate), .channels = config->channels};
    info.format = ask_for(path, config, error);
    if (!info.format) return error->status;
    if ((info.format & SF_FORMAT_SUBMASK) == SF_FORMAT_OPUS) info.samplerate = OPUS_RATE;
    out->format = info.format;
    out->rate = info.samplerate;
    if (sf_format_check(&info)) return WN_OK;
    return wn_fail(error, WN_ERROR_UNSUPPORTED, path, "this kind of file cannot hold %d channels of %s at %d Hz",
                   info.channels, config->bits == WN_AUDIO_FLOAT ? "float samples" : "samples", info.samplerate);
}

bool wn_sound_format_is_float(int format) { return (format & SF_FORMAT_SUBMASK) == SF_FORMAT_FLOAT; }

int wn_sound_format_integer_bits(int format)
{
    int subtype = format & SF_FORMAT_SUBMASK;
    return subtype == SF_FORMAT_PCM_16 ? 16 : subtype == SF_FORMAT_PCM_24 ? 24 : 0;
}

int wn_sound_format_bits(int format)
{
    return wn_sound_format_is_float(format) ? 32 : wn_sound_format_integer_bits(format);
}

int wn_sound_format_raw(int format) { return SF_FORMAT_RAW | SF_ENDIAN_LITTLE | (format & SF_FORMAT_SUBMASK); }

void wn_sound_format_open_header(unsigned char header[44], const wn_audio_writer_config *config)
{
    uint32_t bits = (uint32_t)bits_of(config), frame = (uint32_t)config->channels * bits / 8;
    unsigned char *at = header;
    memcpy(at, "RIFF", 4);
    at = wn_put_little_endian(at + 4, 0xffffffffu, 4);
    memcpy(at, "WAVEfmt ", 8);
    at = wn_put_little_endian(at + 8, 16, 4);
    at = wn_put_little_endian(at, bits == 32 ? 3 : 1, 2);
    at = wn_put_little_endian(at, (uint32_t)config->channels, 2);
    at = wn_put_little_endian(at, (uint32_t)config->rate, 4);
    at = wn_put_little_endian(at, (uint32_t)config->rate * frame, 4);
    at = wn_put_little_endian(at, frame, 2);
    at = wn_put_little_endian(at, bits, 2);
    memcpy(at, "data", 4);
    wn_put_little_endian(at + 4, 0xffffffffu, 4);
}
