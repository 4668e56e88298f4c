/* SPDX-License-Identifier: MIT
 * take.h - the recordings of a pair: mono, at the model's rate, with what is wrong with them.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_TAKE_H
#define WN_TRAIN_TAKE_H

#include "analysis/response.h"
#include "train/findings.h"
#include "train/spool.h"
#include "wavenet/audio.h"

typedef struct wn_take {
    const char *path;
    wn_audio_info info;
    const float *pcm; /* [frames] at the model's rate, in the spool */
    int64_t frames;
    double level;        /* RMS, dB of full scale */
    double clipped;      /* share of samples that stand at full scale, three or more in a row */
    double peak;         /* largest absolute value */
    int channel;         /* taken alone, from 0; -1: mono, or the mean of all */
    double silent_by_db; /* how much quieter the mean of the channels is than `channel` */
} wn_take;

/* Two recordings of one performance, before and after equipment. */
typedef struct wn_pair {
    wn_take dry, wet;
    wn_response response;
    const float *in, *out; /* [frames] the common part, out without the delay */
    int64_t first;         /* sample of dry that in[0] is */
    int64_t frames;
    int64_t repeat_lag; /* the end of `in` repeats what was this many samples before; 0: it does not */
    int64_t repeat;     /* samples that repeat */
    double repeat_esr;  /* energy of the difference of the two outputs over their energy */
} wn_pair;

/* Read a sound file into the spool, at `rate` Hz and multiplied by `gain`, and note silence, clipping, a channel that
 * stands alone, and a converted rate. `path` must outlive the take. */
wn_status wn_take_read(wn_take *take, const char *path, double rate, double gain, wn_spool *spool,
                       wn_findings *findings, wn_error *error);

#endif
