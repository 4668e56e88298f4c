/* SPDX-License-Identifier: MIT
 * scalar.h - exp, tanh, sigmoid and every activation of the trainer's numbers, in the form a compiler vectorises.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_SCALAR_H
#define WN_TRAIN_SCALAR_H

#include "train/real.h"

#ifdef WN_TRAIN_DOUBLE

#define NUMBER_DOUBLE
#include "base/exp.h"
#include "kinds/number.h"

VEC_FN double fn_exp(double x) { return wn_exp_inline(x); }
VEC_FN double fn_tanh(double x) { return 1 - 2 / (1 + wn_exp_inline(2 * x)); }
VEC_FN double fn_sigmoid(double x) { return 1 / (1 + wn_exp_inline(-x)); }

#endif

#include "kinds/activation_math.h"

#endif
