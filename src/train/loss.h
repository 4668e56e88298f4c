/* SPDX-License-Identifier: MIT
 * loss.h - how far the network's output is from the target, and the gradient of that.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_LOSS_H
#define WN_TRAIN_LOSS_H

#include "train/structure.h"

/* How PCM output is judged: weights of the mean squared error and of the error-to-signal ratio, both of the
 * pre-emphasised signals x[t] - pre_emphasis * x[t-1]. Distributions are judged by likelihood alone. */
typedef struct wn_tloss {
    double squared, esr, pre_emphasis;
    double energy; /* mean square of the pre-emphasised targets of the whole training part, above 0. Dividing by the
                    * energy of each chunk instead would let silence outweigh sound. */
} wn_tloss;

/* Loss of the chunk: summed nats for distributions (logistic mixtures count 65 536 bins, Gaussians give a density);
 * for PCM frames * error * (squared + esr / energy), error being the mean square. If dy.x: dy = scale times its gradient. y may be overwritten. */
double wn_tloss_chunk(const wn_tloss *loss, const wn_model *model, const wn_tchunk *chunk, wn_planar_view y,
                      wn_real scale, wn_planar_view dy);

/* Sum of squares of the chunk's targets as the loss sees them, x[t] - pre_emphasis * x[t-1]. For PCM output. */
double wn_tloss_energy(double pre_emphasis, const wn_model *model, const wn_tchunk *chunk);

/* Sum of squares of the difference between output and target, without pre-emphasis. For PCM output. */
double wn_tloss_error(const wn_model *model, const wn_tchunk *chunk, wn_planar_view y);

#endif
