/* SPDX-License-Identifier: MIT
 * structure.h - the structure of a model as the trainer runs it, and a chunk of one stream.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_STRUCTURE_H
#define WN_TRAIN_STRUCTURE_H

#include "model/model.h"
#include "train/act.h"
#include "train/conv.h"
#include "train/params.h"

/* Truncated back-propagation through time with carried state. A stream is cut into chunks. Every signal of which a
 * convolution reads the past keeps its last `history` frames from one chunk to the next; gradients stop at the chunk's
 * start. */

/* ---- the network: offsets, widths, scales. Immutable, shared by all threads. ----------------------------------- */

/* Planar activations that a convolution reads. */
typedef struct wn_tsignal {
    int channels;
    int history;  /* past frames that its reader needs */
    size_t state; /* offset of its history [channels][history] in a stream's state */
} wn_tsignal;

typedef struct wn_tlayer {
    wn_tconv conv, mixin, skip, residual;
    bool held;    /* takes the frame-rate condition */
    int held_row; /* its first row in the product of the frame-rate condition, which is shared by all layers */
    wn_gating gating;
    wn_tact act, gate;
    int bottleneck;
    bool plain;        /* non-residual: the output is z itself */
    bool has_skip;     /* z is added to the skip sum */
    bool has_residual; /* its residual convolution exists and its output is used */
    wn_real residual_scale;
    wn_real skip_gain; /* product of all factors from its skip to the final skip sum */
} wn_tlayer;

typedef struct wn_tstack {
    wn_tconv rechannel, head;
    int channels, skip_channels, n_layers;
    wn_tlayer *layers; /* [n_layers] */
    int h;             /* signals h .. h + n_layers: inputs of the layers, and the last output */
    int sum;           /* signal: the skip sum, after out_scale */
    wn_real out_scale;
    bool plain_output; /* the output is the last h instead of the skip sum */
} wn_tstack;

typedef struct wn_thead {
    wn_tact act;
    wn_tconv conv;
    int in, signal; /* channels of the input; signal of the activated input */
} wn_thead;

/* A stage of the condition pipeline. */
typedef struct wn_tstage {
    const wn_stage *shape; /* the model's: kind and numbers */
    wn_tconv conv;
    wn_tact act;
    int in, out;         /* channels */
    bool has_bias;       /* of a 2-D kernel */
    size_t kernel, bias; /* offsets in the parameters */
} wn_tstage;

typedef struct wn_tcondition {
    int feature_channels, hop;
    bool has_rows; /* feature rows enter the pipeline */
    bool to_held;  /* the pipeline's output is part of the frame-rate condition, else of the sample-rate condition */
    int n_stages;
    wn_tstage *stages; /* [n_stages] */
    int pipeline_channels, harmonic_channels, global_channels;
    bool embeds;                       /* the global vector is an embedding of the speaker */
    size_t embedding;                  /* offset of the embedding in the parameters */
    int local_channels, held_channels; /* of the sample-rate and of the frame-rate condition */
    bool from_input;                   /* the sample-rate condition is the audio input */
    bool trains;                       /* the pipeline has weights */
} wn_tcondition;

typedef struct wn_tnet {
    const wn_model *model;
    wn_arena *arena;
    wn_params params;
    int n_classes, in_channels; /* of the input */
    int in_reach;               /* past classes that the first convolution reads */
    size_t in_state;            /* offset of the past classes in a stream's state */
    int input;                  /* signal: PCM input; -1: classes */
    wn_tcondition condition;
    int n_stacks;
    wn_tstack *stacks;
    int n_head;
    wn_thead *head;
    wn_real head_scale;
    int outputs;        /* output channels */
    int held_rows;      /* rows of the product of the frame-rate condition */
    size_t held_weight; /* offset of its matrix [held_rows][held_channels] in the parameters */
    int n_signals;
    wn_tsignal *signals;
    size_t state; /* length of a stream's state in reals */
} wn_tnet;

/* ---- a chunk of one stream ------------------------------------------------------------------------------------- */

/* Successive frames of the chunk that come from one clip. */
typedef struct wn_tsegment {
    int at, frames;    /* in the chunk; multiples of the hop */
    int64_t first;     /* sample of the clip at frame `at` */
    const float *rows; /* feature rows of the clip [n_rows][feature_channels] */
    int64_t n_rows;
    int speaker;
    const float *vector; /* [global_channels] if there is no embedding */
} wn_tsegment;

/* The input, conditions and targets of a chunk. */
typedef struct wn_tchunk {
    int frames;
    int n_segments;
    const wn_tsegment *segments;
    const wn_real *pcm;             /* [channels][frames] */
    const int *classes;             /* [frames]; -1: no sample */
    const wn_real *harmonic_source; /* [harmonic_channels][frames] */
    const wn_real *target;          /* [frames], or [channels][frames] for PCM output */
    const int *target_class;        /* [frames] */
} wn_tchunk;

#endif
