/* SPDX-License-Identifier: MIT
 * softmax.h - cross-entropy of classes over planar views of logits.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_SOFTMAX_H
#define WN_TRAIN_SOFTMAX_H

#include "train/planar.h"

/* Softmax cross-entropy of `classes` rows of logits: returns the summed nats of target[t]; dy (may be NULL) =
 * scale * (softmax - onehot). Overwrites y with scratch. */
double wn_softmax_loss(int classes, int frames, wn_planar_view y, const int *target, wn_real scale, wn_planar_view dy);

#endif
