/* SPDX-License-Identifier: MIT
 * sound_source.h - opens a sound for libsndfile, after our own look at its header.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_AUDIO_SOUND_SOURCE_H
#define WN_AUDIO_SOUND_SOURCE_H

#include <sndfile.h>

#include "audio/wave_header.h"

typedef struct wn_sound_source {
    SNDFILE *file;
    SF_INFO info;
    bool is_stream;        /* its length may be unknown */
    int64_t frames;        /* 0: unknown */
    int64_t left;          /* frames that may still be read: the file's samples end there */
    wn_wave_header header; /* of WAV; channels 0: another format */
    char note[128];        /* what was made up for, or "" */
    int fd;                /* of a file whose samples are read without its header; -1: none */
    int64_t position;      /* in its samples, bytes */
} wn_sound_source;

/* Open the file or pipe at `path`, "-" for standard input; `name` is for messages. WAV is read from a pipe block by block; other
 * formats, which cannot be, are copied to a temporary file first. wn_sound_source_close afterwards, also after a failure; the source may not
 * move in between. */
wn_status wn_sound_source_open(wn_sound_source *source, const char *path, const char *name, wn_error *error);

/* As wn_sound_source_open, for bytes without a header in `format` of libsndfile. */
wn_status wn_sound_source_open_raw(wn_sound_source *source, const char *path, const char *name, const SF_INFO *format,
                                   wn_error *error);
void wn_sound_source_close(wn_sound_source *source);

/* An error of libsndfile as ours; `file` may be NULL. */
wn_status wn_sound_source_fail(wn_error *error, const char *name, SNDFILE *file);

#endif
