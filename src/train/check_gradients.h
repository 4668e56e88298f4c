/* SPDX-License-Identifier: MIT
 * check_gradients.h - the trainer's backward pass, compiled in double, against plain loops over the model's operations.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_CHECK_GRADIENTS_H
#define WN_TRAIN_CHECK_GRADIENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/model.h"

/* Both compute in double. Weights of a stack's skips are summed in float by the engine's operations, which costs 1e-8. */
#define WN_GRADIENT_LIMIT 1e-6

/* One tensor of the model. */
typedef struct wn_gradient_row {
    char name[96];
    int64_t count;
    double largest; /* absolute gradient */
    double error;   /* largest difference, relative to `largest`; where that is 0, absolute */
    bool ok;
} wn_gradient_row;

typedef struct wn_gradient_check {
    int n;
    wn_gradient_row *rows; /* [n] from the conditions through the layers to the head */
    int frames;            /* of the sound */
    double loss;           /* nats, or the error of PCM output */
    double output_error;   /* of the forward passes, relative to the largest output */
    int worst;             /* row of the largest error */
    int culprit;           /* the row nearest to the output that is off; -1: none */
    bool ok;
} wn_gradient_check;

/* A short sound of noise with noise for its conditions runs through both. `edit` (NULL outside tests) changes the
 * trainer's network, a wn_tnet in double, between its forward and its backward pass. WN_ERROR_UNSUPPORTED for models that
 * cannot be trained. WN_OK says that the comparison was made. Free with wn_gradient_check_free. */
wn_status wn_gradient_check_run(wn_gradient_check *out, wn_model *model, void (*edit)(void *net, void *user),
                                void *user, wn_error *error);

/* Accepts partial and zeroed results. */
void wn_gradient_check_free(wn_gradient_check *result);

#endif
