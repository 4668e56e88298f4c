/* SPDX-License-Identifier: MIT
 * net.h - a model as the trainer runs it: forward over a chunk of one stream, and backward.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_NET_H
#define WN_TRAIN_NET_H

#include "model/model.h"
#include "train/conv.h"
#include "train/params.h"

/* Truncated back-propagation with carried state: a stream is cut into chunks; every signal that a convolution looks
 * back into keeps its last `history` frames from one chunk to the next, and gradients stop at the chunk's edge. */

/* ---- the network: offsets, widths, scales. Immutable, shared by all threads. ------------------------------------ */

/* Rows of activations that some convolution reads, with what it needs of the past. */
typedef struct wn_tsignal {
    int channels, history;
    size_t state; /* where its history is in a stream's state: [channels][history] */
} wn_tsignal;

typedef struct wn_tlayer {
    wn_tconv conv, mixin, skip, residual;
    bool held;    /* takes the held condition */
    int held_row; /* its first row in the product that serves all layers */
    wn_gating gating;
    wn_tact act, gate;
    int bottleneck;
    bool plain;
    bool sums;  /* its z reaches the skip sum */
    bool moves; /* its residual is present and somebody uses it */
    wn_real residual_scale;
    wn_real skip_gain; /* all that multiplies its skip on the way to the sum */
} wn_tlayer;

typedef struct wn_tstack {
    wn_tconv rechannel, head;
    int channels, skip_channels, n_layers;
    wn_tlayer *layers;
    int h;   /* signals h .. h + n_layers: inputs of the layers, and the last output */
    int sum; /* signal: the skip sum, after out_scale */
    wn_real out_scale;
    bool plain_output;
} wn_tstack;

typedef struct wn_thead {
    wn_tact act;
    wn_tconv conv;
    int in, signal; /* channels; the activated input */
} wn_thead;

/* A stage of the condition pipeline. */
typedef struct wn_tstage {
    const wn_stage *shape; /* the model's: kind and numbers */
    wn_tconv conv;
    wn_tact act;
    int in, out; /* channels */
    bool has_bias;         /* of a 2-D kernel */
    size_t kernel, bias;   /* offsets in the parameters */
} wn_tstage;

typedef struct wn_tcondition {
    int feature_channels, hop;
    bool has_rows; /* feature rows enter the pipeline */
    bool to_held;
    int n_stages;
    wn_tstage *stages;
    int pipeline_channels, harmonic_channels, global_channels;
    bool embeds;
    size_t embedding;
    int local_channels, held_channels;
    bool from_input; /* the local condition is the audio input */
    bool trains;     /* the pipeline has weights */
} wn_tcondition;

typedef struct wn_tnet {
    const wn_model *model;
    wn_arena *arena;
    wn_params params;
    int n_classes, in_channels, in_reach; /* input: history of classes, where it is classes */
    size_t in_state;                      /* where the history of classes is in a stream's state */
    int input;                            /* signal: PCM input; -1 = classes */
    wn_tcondition condition;
    int n_stacks;
    wn_tstack *stacks;
    int n_head;
    wn_thead *head;
    wn_real head_scale;
    int outputs;
    int held_rows;      /* rows of the joined held product */
    size_t held_weight; /* its matrix [held_rows][held_channels] */
    int n_signals;
    wn_tsignal *signals;
    size_t state; /* reals that one stream carries */
} wn_tnet;

/* Describe `model` for training; it must outlive the net. Says what cannot be trained. On failure *out is NULL. */
wn_status wn_tnet_new(wn_tnet **out, wn_model *model, wn_error *error);
void wn_tnet_free(wn_tnet *net);

/* ---- a chunk of one stream -------------------------------------------------------------------------------------- */

/* A run of the chunk's frames that come from one clip. */
typedef struct wn_tsegment {
    int at, frames;    /* in the chunk; multiples of the hop */
    int64_t first;     /* sample of the clip that frame `at` is */
    const float *rows; /* the clip's feature rows [n_rows][feature_channels] */
    int64_t n_rows;
    int speaker;
    const float *vector; /* [global_channels] where there is no embedding */
} wn_tsegment;

typedef struct wn_tchunk {
    int frames;
    int n_segments;
    const wn_tsegment *segments;
    const wn_real *pcm;        /* [channels][frames] */
    const int *classes;        /* [frames]; -1 = nothing was there */
    const wn_real *harmonic_source; /* [excitation_channels][frames] */
    const wn_real *target;     /* [frames], or [channels][frames] for PCM output */
    const int *target_class;   /* [frames] */
} wn_tchunk;

/* ---- one thread's activations ----------------------------------------------------------------------------------- */

typedef struct wn_twork {
    const wn_tnet *net;
    wn_arena *arena;
    wn_math math;
    int max_frames;
    wn_rows *signals;                   /* [n_signals], first frame after the history */
    int *classes;                       /* [in_reach + max_frames], first after the history */
    wn_rows **u, **z;                   /* [n_stacks][n_layers] */
    wn_rows *out;                       /* [n_stacks] output of each stack */
    wn_rows *head;                      /* [n_head] input of each head layer, before its activation */
    wn_rows y, dy;                      /* network output and its gradient */
    wn_rows local, dlocal;              /* condition at sample rate */
    wn_rows held, dheld;                /* held condition [held_channels][frames / hop] */
    wn_rows joined, djoined;            /* its product for all layers [held_rows][frames / hop] */
    wn_rows dh, ds, du, dz, temp, dout; /* scratch of the backward pass */
    struct wn_tpipe *pipe;              /* scratch of the condition pipeline */
} wn_twork;

wn_status wn_twork_new(wn_twork **out, const wn_tnet *net, int max_frames, const wn_kernels *kernels, wn_error *error);
void wn_twork_free(wn_twork *work);

/* Network output for the chunk into work->y; `state` [net->state] is that of the stream, updated. */
void wn_tnet_forward(wn_twork *work, const wn_real *theta, const wn_tchunk *chunk, wn_real *state);

/* After a forward, with work->dy filled: adds the gradient to grad [params.count]. */
void wn_tnet_backward(wn_twork *work, const wn_real *theta, const wn_tchunk *chunk, wn_real *grad);

/* Channels a stack gives. */
int wn_tstack_outputs(const wn_tstack *stack);

/* Samples that `rows` feature rows last, after the whole pipeline. */
int64_t wn_tcondition_length(const wn_tcondition *condition, int64_t rows);

/* ---- pieces of the two passes ----------------------------------------------------------------------------------- */

void wn_tstack_forward(wn_twork *work, const wn_real *theta, int stack, int frames);
/* work->dout holds the gradient of the stack's output, work->dh that of its last h; those of the stack before are left. */
void wn_tstack_backward(wn_twork *work, const wn_real *theta, int stack, const wn_tchunk *chunk, wn_real *grad);

wn_status wn_tpipe_init(struct wn_tpipe **out, wn_arena *arena, const wn_tnet *net, int max_frames, wn_error *error);
void wn_tpipe_forward(wn_twork *work, const wn_real *theta, const wn_tchunk *chunk);
void wn_tpipe_backward(wn_twork *work, const wn_real *theta, const wn_tchunk *chunk, wn_real *grad);

#endif
