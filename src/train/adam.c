/* SPDX-License-Identifier: MIT
 * adam.c - the optimiser: Adam (Kingma and Ba, "Adam: A Method for Stochastic Optimization", algorithm 1).
 * Copyright (c) 2026 the wavenet authors */
#include "train/adam.h"

#include <math.h>

#include "train/planar.h"

double wn_cosine_rate(double peak, double last, double progress)
{
    return peak * (last + (1 - last) * 0.5 * (1 + cos(3.14159265358979324 * fmin(progress, 1))));
}

double wn_learning_rate(double peak, double last, int64_t warmup, int64_t steps, int64_t step)
{
    if (step < warmup) return peak * (double)(step + 1) / (double)warmup;
    if (steps <= warmup) return peak;
    return wn_cosine_rate(peak, last, (double)(step - warmup) / (double)(steps - warmup));
}

WN_WIDE static void vector_add(size_t n, const wn_real *x, wn_real *y)
{
    for (size_t i = 0; i < n; i++) y[i] += x[i];
}

double wn_gradient_sum(size_t n, int n_slots, wn_real *const *slots)
{
    double sum = 0;
    for (int i = 1; i < n_slots; i++) vector_add(n, slots[i], slots[0]);
    for (size_t i = 0; i < n; i++) sum += (double)slots[0][i] * (double)slots[0][i];
    return sqrt(sum);
}

#ifdef WN_TRAIN_DOUBLE
static inline wn_real square_root(wn_real x) { return sqrt(x); }
#else
static inline wn_real square_root(wn_real x) { return sqrtf(x); }
#endif

/* Factors of one step that are equal for all weights. */
struct factors {
    wn_real scale;               /* of the gradient, for clipping */
    wn_real decay1, gain1;       /* of the first moment m: beta1 and 1 - beta1 */
    wn_real decay2, gain2;       /* of the second moment v: beta2 and 1 - beta2 */
    wn_real rate;                /* learning rate with the bias correction of m */
    wn_real v_scale;             /* bias correction of sqrt(v) */
    wn_real ema_decay, ema_gain; /* of the average */
};

WN_WIDE static void weights_update(size_t n, const struct factors *f, const wn_real *grad, wn_real *parameters,
                                   wn_real *m, wn_real *v, wn_real *ema)
{
    const struct factors k = *f;
    for (size_t i = 0; i < n; i++) {
        wn_real g = k.scale * grad[i];
        m[i] = k.decay1 * m[i] + k.gain1 * g;
        v[i] = k.decay2 * v[i] + k.gain2 * g * g;
        parameters[i] -= k.rate * m[i] / (square_root(v[i]) * k.v_scale + (wn_real)1e-8);
        ema[i] = k.ema_decay * ema[i] + k.ema_gain * parameters[i];
    }
}

void wn_adam_step(const wn_adam *a, int64_t step, size_t n, const wn_real *grad, double norm, wn_real *parameters,
                  wn_real *m, wn_real *v, wn_real *ema)
{
    double t = (double)(step + 1), correction1 = 1 - pow(a->beta1, t), correction2 = 1 - pow(a->beta2, t);
    /* The average starts with the weights after the first step, because untrained weights would bias it. */
    double ema_decay = step ? a->ema_decay : 0;
    struct factors f = {.scale = (wn_real)(norm > a->clip ? a->clip / norm : 1),
                        .decay1 = (wn_real)a->beta1,
                        .gain1 = (wn_real)(1 - a->beta1),
                        .decay2 = (wn_real)a->beta2,
                        .gain2 = (wn_real)(1 - a->beta2),
                        .rate = (wn_real)(a->rate / correction1),
                        .v_scale = (wn_real)(1 / sqrt(correction2)),
                        .ema_decay = (wn_real)ema_decay,
                        .ema_gain = (wn_real)(1 - ema_decay)};
    weights_update(n, &f, grad, parameters, m, v, ema);
}
