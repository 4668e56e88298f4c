/* SPDX-License-Identifier: MIT
 * wave_header.c - our own look at the header of a WAV file, before libsndfile sees it.
 * Copyright (c) 2026 the wavenet authors
 *
 * libsndfile 1.2 reads some headers as something they are not: packed samples where frames are padded, a stream of RF64 from 8
 * bytes too late. What comes out then is noise at full scale. So the fields are checked here, and named where they are wrong. */
#include "audio/wave_header.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/integer.h"

enum { TAG_PCM = 1, TAG_FLOAT = 3, TAG_EXTENSIBLE = 0xfffe, FORMAT = 16, EXTENSIBLE = 40, MAX_CHUNKS = 100000 };
#define UNKNOWN_SIZE 0xffffffffu
#define OPEN_SIZE 0x7ffff000 /* some programs write this much where they cannot know */

typedef struct chunk_reader {
    wn_wave_header *h;
    const wn_wave_source *source;
    const char *path;
    wn_error *error;
    int64_t at;     /* bytes from the start of the file */
    int64_t data64; /* of an RF64's ds64; -1: none */
    bool has_format, has_data;
} chunk_reader;

bool wn_wave_is_head(const unsigned char head[WN_WAVE_HEAD])
{
    return (!memcmp(head, "RIFF", 4) || !memcmp(head, "RF64", 4) || !memcmp(head, "BW64", 4)) &&
           !memcmp(head + 8, "WAVE", 4);
}

static wn_status fail_short(const chunk_reader *r)
{
    return wn_fail(r->error, WN_ERROR_FORMAT, r->path, "not a readable sound file: the WAV header ends at byte %lld",
                   (long long)r->at);
}

static bool read_bytes(chunk_reader *r, void *bytes, size_t n)
{
    if (!r->source->read(r->source->user, bytes, n)) return false;
    r->at += (int64_t)n;
    return true;
}

static bool skip_bytes(chunk_reader *r, int64_t n)
{
    if (n && !r->source->skip(r->source->user, n)) return false;
    r->at += n;
    return true;
}

/* ---- chunks ---------------------------------------------------------------------------------------------------- */

static wn_status check_format(const chunk_reader *r)
{
    const wn_wave_header *h = r->h;
    if (h->channels == 0) return wn_fail(r->error, WN_ERROR_FORMAT, r->path, "the WAV header says 0 channels");
    if (h->rate == 0) return wn_fail(r->error, WN_ERROR_FORMAT, r->path, "the WAV header says a sample rate of 0 Hz");
    if (h->tag != TAG_PCM && h->tag != TAG_FLOAT) return WN_OK; /* libsndfile knows whether it decodes it */
    bool known = h->tag == TAG_PCM ? h->bits >= 1 && h->bits <= 32 : h->bits == 32 || h->bits == 64;
    if (!known) return wn_fail(r->error, WN_ERROR_FORMAT, r->path, "the WAV header says %d bits per sample", h->bits);
    int expected = h->channels * ((h->bits + 7) / 8);
    if (h->frame_bytes != expected)
        return wn_fail(r->error, WN_ERROR_FORMAT, r->path,
                       "the WAV header says %d bits per sample in frames of %d bytes (block align); %d were expected",
                       h->bits, h->frame_bytes, expected);
    return WN_OK;
}

static wn_status read_format(chunk_reader *r, uint32_t size)
{
    unsigned char f[EXTENSIBLE] = {0};
    uint32_t n = size < EXTENSIBLE ? size : EXTENSIBLE;
    if (size < FORMAT)
        return wn_fail(r->error, WN_ERROR_FORMAT, r->path, "a WAV format of %u bytes; 16 or more were expected",
                       (unsigned)size);
    if (r->has_format)
        return wn_fail(r->error, WN_ERROR_FORMAT, r->path, "two WAV formats (chunks 'fmt '); one was expected");
    if (!read_bytes(r, f, n) || !skip_bytes(r, (int64_t)size - n + size % 2)) return fail_short(r);
    wn_wave_header *h = r->h;
    h->tag = (int)wn_get_little_endian(f, 2);
    h->channels = (int)wn_get_little_endian(f + 2, 2);
    h->rate = wn_get_little_endian(f + 4, 4);
    h->frame_bytes = (int)wn_get_little_endian(f + 12, 2);
    h->bits = (int)wn_get_little_endian(f + 14, 2);
    if (h->tag == TAG_EXTENSIBLE && size >= EXTENSIBLE) h->tag = (int)wn_get_little_endian(f + 24, 2);
    r->has_format = true;
    return check_format(r);
}

/* Sizes of 64 bits: of the file, of the samples, of frames. */
static wn_status read_sizes(chunk_reader *r, uint32_t size)
{
    unsigned char s[16];
    if (size < sizeof s || !read_bytes(r, s, sizeof s)) return fail_short(r);
    uint32_t high = wn_get_little_endian(s + 12, 4);
    if (high >= 0x7fffffff)
        return wn_fail(r->error, WN_ERROR_FORMAT, r->path, "the WAV header says 2^63 bytes or more");
    r->data64 = (int64_t)high << 32 | wn_get_little_endian(s + 8, 4);
    return skip_bytes(r, (int64_t)size - (int64_t)sizeof s + size % 2) ? WN_OK : fail_short(r);
}

/* Kinds of metadata that are kept: about the recording (EBU Tech 3285), and of the production. */
static const char *const kept[WN_AUDIO_CHUNKS] = {"bext", "iXML"};

/* The content of a chunk of metadata; of a kind that is there twice, the first. *left: bytes of it that are still to be
 * skipped. */
static wn_status keep_chunk(chunk_reader *r, const char *name, uint32_t size, int64_t *left)
{
    *left = (int64_t)size + size % 2;
    for (int i = 0; i < WN_AUDIO_CHUNKS; i++) {
        wn_audio_chunk *c = &r->h->chunks[i];
        if (memcmp(name, kept[i], 4) != 0 || c->size || size == 0 || size > WN_WAVE_MAX_CHUNK) continue;
        c->bytes = malloc(size);
        if (!c->bytes) return wn_fail_memory(r->error, r->path);
        memcpy(c->name, name, 4);
        c->size = size;
        *left = size % 2;
        if (read_bytes(r, c->bytes, size)) return WN_OK;
        free(c->bytes);
        *c = (wn_audio_chunk){.size = 0};
        return r->has_data ? WN_OK : fail_short(r);
    }
    return WN_OK;
}

void wn_wave_header_free(wn_wave_header *header)
{
    for (int i = 0; i < WN_AUDIO_CHUNKS; i++) {
        free(header->chunks[i].bytes);
        header->chunks[i] = (wn_audio_chunk){.size = 0};
    }
}

/* Whether what is left from here is whole chunks with printable names: so an empty data chunk is really empty. */
static bool is_chunks(const chunk_reader *r, const unsigned char *next, int64_t left)
{
    for (int i = 0; i < 4; i++)
        if (next[i] < 0x20 || next[i] > 0x7e) return false;
    return (int64_t)wn_get_little_endian(next + 4, 4) <= left - 8 && r->at >= 0;
}

/* Samples follow; r->at is where. *ends: nothing behind them is to be looked at. */
static wn_status begin_data(chunk_reader *r, uint32_t size, bool *ends)
{
    wn_wave_header *h = r->h;
    if (!r->has_format) return wn_fail(r->error, WN_ERROR_FORMAT, r->path, "WAV samples before their format");
    if (r->has_data)
        return wn_fail(r->error, WN_ERROR_FORMAT, r->path,
                       "two parts of samples (chunks 'data') in a WAV file; one was expected");
    r->has_data = true;
    int64_t left = r->source->size < 0 ? -1 : r->source->size - r->at;
    h->data_at = r->at;
    h->data_bytes = size;
    if (h->is_rf64 && size == UNKNOWN_SIZE && r->data64 > 0) h->data_bytes = r->data64;
    if (h->data_bytes >= OPEN_SIZE && !(h->is_rf64 && r->data64 > 0)) h->data_bytes = -1;
    if (left < 0 && h->data_bytes == 0) h->data_bytes = -1;
    h->there = left >= 0 && (h->data_bytes < 0 || h->data_bytes > left) ? left : h->data_bytes;
    if (left < 0) h->there = -1;
    *ends = left < 0 || h->data_bytes < 0 || h->data_bytes >= left;
    return WN_OK;
}

/* A recorder that died leaves a size of 0 before its samples. */
static wn_status check_empty(chunk_reader *r, bool *ends)
{
    unsigned char next[8];
    wn_wave_header *h = r->h;
    int64_t left = r->source->size - r->at;
    if (h->data_bytes != 0 || left < (h->frame_bytes > 8 ? h->frame_bytes : 8)) return WN_OK;
    if (!read_bytes(r, next, sizeof next)) return fail_short(r);
    if (!is_chunks(r, next, left)) {
        h->lacks_size = true;
        h->there = left;
    }
    *ends = true;
    return WN_OK;
}

/* Set *ends behind the last chunk. */
static wn_status read_chunk(chunk_reader *r, bool *ends)
{
    unsigned char name[8];
    *ends = r->has_data && r->source->size - r->at < (int64_t)sizeof name;
    if (*ends) return WN_OK;
    if (!read_bytes(r, name, sizeof name)) return fail_short(r);
    uint32_t size = wn_get_little_endian(name + 4, 4);
    if (!memcmp(name, "fmt ", 4)) return read_format(r, size);
    if (!memcmp(name, "ds64", 4) && r->h->is_rf64) return read_sizes(r, size);
    if (!memcmp(name, "data", 4)) {
        wn_status status = begin_data(r, size, ends);
        if (!status && !*ends) status = check_empty(r, ends);
        if (!status && !*ends && !skip_bytes(r, r->h->data_bytes + r->h->data_bytes % 2)) *ends = true;
        return status;
    }
    int64_t left;
    wn_status status = keep_chunk(r, (const char *)name, size, &left);
    if (status) return status;
    bool skipped = skip_bytes(r, left);
    *ends = r->has_data && !skipped;
    return skipped || r->has_data ? WN_OK : fail_short(r);
}

wn_status wn_wave_header_read(wn_wave_header *h, const unsigned char head[WN_WAVE_HEAD], const wn_wave_source *source,
                              const char *path, wn_error *error)
{
    chunk_reader r = {.h = h, .source = source, .path = path, .error = error, .at = WN_WAVE_HEAD, .data64 = -1};
    bool ends = false;
    *h = (wn_wave_header){.is_rf64 = memcmp(head, "RIFF", 4) != 0, .is_bw64 = memcmp(head, "BW64", 4) == 0};
    wn_status status = WN_OK;
    for (int i = 0; !status && !ends; i++) {
        if (i == MAX_CHUNKS)
            return wn_fail(error, WN_ERROR_FORMAT, path, "more than %d chunks in a WAV file", (int)MAX_CHUNKS);
        status = read_chunk(&r, &ends);
    }
    return status;
}
