/* SPDX-License-Identifier: MIT
 * real.h - the trainer's number type: float, or double where its gradients are checked.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_REAL_H
#define WN_TRAIN_REAL_H

#include <stddef.h>

#ifdef WN_TRAIN_DOUBLE
#include "train/double_names.h"
typedef double wn_real;
#else
typedef float wn_real;
#endif

#endif
