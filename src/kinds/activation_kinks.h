/* SPDX-License-Identifier: MIT
 * activation_kinks.h - where the slope of an activation, or the slope of its slope, jumps.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KINDS_ACTIVATION_KINKS_H
#define WN_KINDS_ACTIVATION_KINKS_H

#include "activation.h"

enum { WN_ACT_MAX_KINKS = 2 };

/* Write the kinks, ascending, and return their number; 0: the activation is smooth. p [WN_ACT_PARAMETERS]. A central
 * difference across a kink is not the slope. */
static inline int wn_act_kinks(wn_act_kind kind, const double *p, double kinks[WN_ACT_MAX_KINKS])
{
    double low = 0, high = 0;
    switch (kind) {
    case WN_ACT_RELU:
    case WN_ACT_LEAKY_RELU:
    case WN_ACT_PRELU:
    case WN_ACT_SOFTSIGN: /* |x| bends at 0 */
    case WN_ACT_FAST_TANH: kinks[0] = 0; return 1;
    case WN_ACT_HARD_TANH: low = -1, high = 1; break;
    case WN_ACT_LEAKY_HARD_TANH: low = p[0], high = p[1]; break;
    case WN_ACT_HARD_SWISH: low = -3, high = 3; break;
    default: return 0;
    }
    kinks[0] = low;
    kinks[1] = high;
    return 2;
}

#endif
