/* SPDX-License-Identifier: MIT
 * sample.h - small networks with random weights, of every structure that changes what a network sees.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TESTS_SAMPLE_H
#define WN_TESTS_SAMPLE_H

#include "model/model.h"

enum { SAMPLE_LAYERS = 64 };

typedef struct sample_shape {
    const char *name;
    int classes;                    /* 0: PCM */
    int inputs;                     /* PCM channels, 0 = 1 */
    int channels, bottleneck, skip; /* skip 0: no 1x1, z itself */
    int kernel, n_layers;
    int dilations[SAMPLE_LAYERS];
    int kernels[SAMPLE_LAYERS];    /* of single layers; 0: kernel */
    int stacks;                    /* the same layers again; 0 = 1 */
    int first_kernel, head_kernel; /* of rechannel and the array head; 0: 1 and no head */
    int groups;                    /* 0 = 1 */
    int held;                      /* width of a global vector */
    wn_gating gating;
    wn_skip_sum skip_sum;
    bool plain;       /* h' = z */
    bool no_residual; /* h passes unchanged */
    bool from_input;  /* the audio is the condition */
    bool nested;      /* ... through a small network of its own */
    bool film;        /* FiLM before the conv and after the activation */
} sample_shape;

extern const sample_shape sample_shapes[];
extern const int n_sample_shapes;

/* Ends the test program if it fails. The caller frees the model. */
wn_model *sample_model(const sample_shape *shape);

/* The models of WAVENET_VECTORS/wavenet_vocoder: path of case `index`, or NULL after the last one. Static storage. */
const char *sample_vector(int index);

#endif
