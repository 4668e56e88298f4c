/* SPDX-License-Identifier: MIT
 * adam.h - the optimiser: Adam with clipping of the global norm, warm-up and cosine, and an average of the weights.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_ADAM_H
#define WN_TRAIN_ADAM_H

#include <stdint.h>

#include "train/real.h"

typedef struct wn_adam {
    double beta1, beta2, clip;
    double average; /* share that the average keeps of itself */
    double rate;    /* of this step */
} wn_adam;

/* Rate of step 0 ..: rises over `warmup` steps to `peak`, then falls along a cosine to last * peak at `steps`. */
double wn_learning_rate(double peak, double last, int64_t warmup, int64_t steps, int64_t step);

/* Sum of the slots' gradients, added in their order, into slots[0]; returns its Euclidean norm. */
double wn_gradient_sum(size_t n, int n_slots, wn_real *const *slots);

/* One update of theta [n] by grad, of Euclidean norm `norm`; `step` counts from 0. */
void wn_adam_step(const wn_adam *adam, int64_t step, size_t n, const wn_real *grad, double norm, wn_real *theta,
                  wn_real *m, wn_real *v, wn_real *average);

#endif
