/* SPDX-License-Identifier: MIT
 * wave_header.h - our own look at the header of a WAV file, before libsndfile sees it.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_AUDIO_WAVE_HEADER_H
#define WN_AUDIO_WAVE_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wavenet/audio.h"

enum { WN_WAVE_HEAD = 12 }; /* bytes that tell whether a file is WAV */

/* A source of bytes. */
typedef struct wn_wave_source {
    /* The next n bytes into `bytes`; false: they are not there. */
    bool (*read)(void *user, void *bytes, size_t n);
    bool (*skip)(void *user, int64_t n);
    void *user;
    int64_t size; /* bytes in all; -1: a stream */
} wn_wave_source;

enum { WN_WAVE_MAX_CHUNK = 1 << 20 }; /* bytes of metadata; a longer chunk is skipped */

typedef struct wn_wave_header {
    int tag, channels, bits, frame_bytes; /* 1: PCM, 3: float, others; a frame is a sample of each channel */
    bool is_rf64;                         /* RF64 or BW64: sizes of 64 bits */
    bool is_bw64;
    uint32_t rate;      /* Hz */
    int64_t data_at;    /* bytes from the start of the file */
    int64_t data_bytes; /* as the header says; -1: until the end */
    int64_t there;      /* bytes of samples that are there; -1: a stream */
    bool lacks_size;    /* the header says 0 bytes, but samples follow, as after a crash of the recorder */
    wn_audio_chunk chunks[WN_AUDIO_CHUNKS]; /* metadata, owned; size 0: none */
} wn_wave_header;

/* Whether the first bytes of a file are those of WAV with little-endian sizes: RIFF, RF64 or BW64. */
bool wn_wave_is_head(const unsigned char head[WN_WAVE_HEAD]);

/* Read the chunks behind `head`, those before the samples of a stream, or all of a file. What cannot be right is an error that
 * names the field. wn_wave_header_free afterwards, also after a failure. */
wn_status wn_wave_header_read(wn_wave_header *header, const unsigned char head[WN_WAVE_HEAD],
                              const wn_wave_source *source, const char *path, wn_error *error);

/* Free the metadata. Zeroed headers are allowed. */
void wn_wave_header_free(wn_wave_header *header);

#endif
