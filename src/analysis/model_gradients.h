/* SPDX-License-Identifier: MIT
 * model_gradients.h - the gradients of a whole model over a short sound: plain loops in double over its operations.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_MODEL_GRADIENTS_H
#define WN_ANALYSIS_MODEL_GRADIENTS_H

#include "model/model.h"

/* A sound that begins in silence, and its conditions. Fields of conditions that the model lacks may be NULL. */
typedef struct wn_gradient_sound {
    int frames, hop;         /* frames is a multiple of the hop, which is at least 1 */
    const double *pcm;       /* [input channels][frames] */
    const int *classes;      /* [frames] input of a model of classes */
    const double *harmonics; /* [2 n][frames] of the harmonic source */
    const float *rows;       /* [n_rows][feature_channels] */
    int64_t n_rows;
    int speaker;
    const float *vector; /* [global_channels] where speakers have no embedding */
} wn_gradient_sound;

typedef struct wn_gradient_tensor {
    char name[96];
    const float *data; /* the model's, which identifies it */
    int64_t count;
    double *gradient; /* [count] in the order of the model's tensor */
} wn_gradient_tensor;

typedef struct wn_model_gradients {
    int n;
    wn_gradient_tensor *tensors; /* [n] in the order of wn_model_tensors */
    double *output;              /* [output_channels][frames] */
} wn_model_gradients;

/* Run the model's operations forward, then backward from `dy` [output_channels][frames], the gradient of a loss by the
 * output. It shares the order of the operations with the engine (engine/lower.h) and no code with the trainer.
 * WN_ERROR_UNSUPPORTED for FiLM, nested models, chains, and what does not fit into memory. Free with wn_model_gradients_free. */
wn_status wn_model_gradients_run(wn_model_gradients *out, wn_model *model, const wn_gradient_sound *sound,
                                 const double *dy, wn_error *error);

/* Accepts partial and zeroed results. */
void wn_model_gradients_free(wn_model_gradients *gradients);

#endif
