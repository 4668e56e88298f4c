/* SPDX-License-Identifier: MIT
 * adam.c - the optimiser (Kingma and Ba, "Adam", algorithm 1).
 * Copyright (c) 2026 the wavenet authors */
#include "train/adam.h"

#include <math.h>

#include "train/rows.h"

double wn_learning_rate(double peak, double last, int64_t warmup, int64_t steps, int64_t step)
{
    if (step < warmup) return peak * (double)(step + 1) / (double)warmup;
    if (steps <= warmup) return peak;
    double way = fmin((double)(step - warmup) / (double)(steps - warmup), 1);
    return peak * (last + (1 - last) * 0.5 * (1 + cos(3.14159265358979324 * way)));
}

WN_WIDE static void add_to(size_t n, const wn_real *x, wn_real *y)
{
    for (size_t i = 0; i < n; i++) y[i] += x[i];
}

double wn_gradient_sum(size_t n, int n_slots, wn_real *const *slots)
{
    double sum = 0;
    for (int i = 1; i < n_slots; i++) add_to(n, slots[i], slots[0]);
    for (size_t i = 0; i < n; i++) sum += (double)slots[0][i] * (double)slots[0][i];
    return sqrt(sum);
}

#ifdef WN_TRAIN_DOUBLE
static inline wn_real root_of(wn_real x) { return sqrt(x); }
#else
static inline wn_real root_of(wn_real x) { return sqrtf(x); }
#endif

/* Everything of one step that does not depend on the weight. */
struct factors {
    wn_real scale, keep1, take1, keep2, take2, rate, root, keep, take;
};

WN_WIDE static void update(size_t n, const struct factors *f, const wn_real *grad, wn_real *theta, wn_real *m,
                           wn_real *v, wn_real *average)
{
    const struct factors k = *f;
    for (size_t i = 0; i < n; i++) {
        wn_real g = k.scale * grad[i];
        m[i] = k.keep1 * m[i] + k.take1 * g;
        v[i] = k.keep2 * v[i] + k.take2 * g * g;
        theta[i] -= k.rate * m[i] / (root_of(v[i]) * k.root + (wn_real)1e-8);
        average[i] = k.keep * average[i] + k.take * theta[i];
    }
}

void wn_adam_step(const wn_adam *a, int64_t step, size_t n, const wn_real *grad, double norm, wn_real *theta,
                  wn_real *m, wn_real *v, wn_real *average)
{
    double t = (double)(step + 1), first = 1 - pow(a->beta1, t), second = 1 - pow(a->beta2, t);
    /* An average that kept its first, untrained weights would be no average of trained ones. */
    double keep = step ? a->average : 0;
    struct factors f = {.scale = (wn_real)(norm > a->clip ? a->clip / norm : 1),
                        .keep1 = (wn_real)a->beta1,
                        .take1 = (wn_real)(1 - a->beta1),
                        .keep2 = (wn_real)a->beta2,
                        .take2 = (wn_real)(1 - a->beta2),
                        .rate = (wn_real)(a->rate / first),
                        .root = (wn_real)(1 / sqrt(second)),
                        .keep = (wn_real)keep,
                        .take = (wn_real)(1 - keep)};
    update(n, &f, grad, theta, m, v, average);
}
