/* SPDX-License-Identifier: MIT
 * sound_format.h - from a file name to a libsndfile format.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_AUDIO_SOUND_FORMAT_H
#define WN_AUDIO_SOUND_FORMAT_H

#include <stdbool.h>

#include "wavenet/audio.h"

#define WN_WAVE_MAX_BYTES INT64_C(4200000000) /* of samples in a WAV file, whose sizes have 32 bits; more become RF64 */

typedef struct wn_sound_format {
    int format;  /* of libsndfile: type and subtype */
    double rate; /* Hz of the file: the config's, except in Opus */
} wn_sound_format;

/* The format that the name and the config ask for, checked to be one that exists. */
wn_status wn_sound_format_choose(wn_sound_format *out, const char *path, const wn_audio_writer_config *config,
                                 wn_error *error);

/* Float samples, that may leave -1..1. */
bool wn_sound_format_is_float(int format);

/* Bits of integer samples; 0: none. */
int wn_sound_format_integer_bits(int format);

/* Bits of integer or float samples; 0: neither. */
int wn_sound_format_bits(int format);

/* The same samples without a header; for a pipe. */
int wn_sound_format_raw(int format);

/* A WAV header of 44 bytes whose sizes are "until the end", as pipes need. */
void wn_sound_format_open_header(unsigned char header[44], const wn_audio_writer_config *config);

/* Around a call that opens a file with libsndfile, and the text of its failure: the library keeps both in memory that all
 * threads share. */
void wn_sndfile_lock(void);
void wn_sndfile_unlock(void);

#endif
