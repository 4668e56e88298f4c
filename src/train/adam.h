/* SPDX-License-Identifier: MIT
 * adam.h - the optimiser: Adam with gradient clipping, a learning-rate schedule and an average of the parameters.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_ADAM_H
#define WN_TRAIN_ADAM_H

#include <stdint.h>

#include "train/real.h"

typedef struct wn_adam {
    double beta1, beta2;
    double clip;      /* maximum Euclidean norm of the gradient */
    double ema_decay; /* per step */
    double rate;      /* learning rate of this step */
} wn_adam;

/* From `peak` at progress 0 along a cosine to last * peak at progress 1 and after it. */
double wn_cosine_rate(double peak, double last, double progress);

/* Learning rate of step `step`, from 0: it rises linearly over `warmup` steps to `peak`, then falls along a cosine to
 * last * peak at step `steps`. */
double wn_learning_rate(double peak, double last, int64_t warmup, int64_t steps, int64_t step);

/* Add the gradients slots [n_slots][n] in their order into slots[0]. Returns the Euclidean norm of the sum. */
double wn_gradient_sum(size_t n, int n_slots, wn_real *const *slots);

/* Update parameters [n], the moments m [n] and v [n], and the average ema [n] with grad [n], whose Euclidean norm is
 * `norm`. `step` counts from 0. */
void wn_adam_step(const wn_adam *adam, int64_t step, size_t n, const wn_real *grad, double norm, wn_real *parameters,
                  wn_real *m, wn_real *v, wn_real *ema);

#endif
