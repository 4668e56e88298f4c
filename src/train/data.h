/* SPDX-License-Identifier: MIT
 * data.h - the clips of a data set in memory.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_DATA_H
#define WN_TRAIN_DATA_H

#include "analysis/phase.h"
#include "base/thread_pool.h"
#include "train/manifest.h"
#include "train/pair.h"
#include "train/structure.h"

/* A clip: whole hops of audio, or rows of an array, with all that conditions it. */
typedef struct wn_clip {
    int64_t frames;      /* samples, or rows of the input's array; a multiple of the hop */
    int64_t lead;        /* frames of the recording before pcm[0] and target[0]; 0 where rows condition the clip */
    const float *pcm;    /* [frames][input channels] */
    const float *target; /* [frames][target channels], feed-forward models */
    const int *labels;   /* [frames] instead of a target, models with classes of their own */
    float *rows;         /* feature rows [n_rows][feature_channels] */
    int64_t n_rows;
    wn_partials partials; /* where the model has a harmonic source */
    float *pitch;         /* [frames / hop] Hz */
    int speaker;
} wn_clip;

/* A part of a training clip that a stream plays in one go. */
typedef struct wn_slice {
    uint32_t clip;
    int64_t first, frames; /* multiples of the hop */
} wn_slice;

typedef struct wn_data {
    size_t n_clips, n_train; /* the training clips come first, then those of validation */
    wn_clip *clips;
    size_t n_slices;
    wn_slice *
        slices; /* of the training clips, in their order: whole clips, or as train/slices.h says; made by wn_slices_make */
    int64_t train_frames, valid_frames;
    int resampled, mixed;             /* files that were not at the model's rate, or had more channels */
    int in_channels, target_channels; /* of clips */
    size_t n_files;
    void **files;         /* whole sounds and arrays, which clips point into */
    wn_arena *arena;      /* paths of pairs */
    wn_spool *spool;      /* pairs of input and target, which clips point into; NULL: there are none */
    wn_pair pair;         /* the last one */
    wn_findings findings; /* of all pairs */
} wn_data;

/* The recipe's demands on the data. */
typedef struct wn_data_config {
    const char *manifest, *folder; /* paths in the manifest are relative to the folder */
    const char *dry, *wet;         /* a pair instead of a manifest; NULL: none */
    const char *scratch;           /* pairs are kept in a nameless temporary file beside this file name */
    bool ignore_checks;            /* train on pairs that the checks refuse, where that is possible */
    bool lock_phase;               /* the harmonic source runs at the measured phase of each recording */
    double gain;                   /* of all audio */
    wn_thread_pool *pool;          /* who measures the clips */
} wn_data_config;

/* Read everything. Clips shorter than one hop are refused, and pairs of input and target in which the checks find a
 * fault. Of a pair without a manifest the last part, or an earlier one if that is quiet, is kept for validation. */
wn_status wn_data_new(wn_data **out, const wn_tnet *net, const wn_data_config *config, wn_error *error);
void wn_data_free(wn_data *data);

/* Values per frame that the output is compared with: its channels, or one for a distribution. */
int wn_data_target_channels(const wn_tnet *net);

#endif
