/* SPDX-License-Identifier: MIT
 * log_sum_exp.h - the normaliser of classes and of mixture weights.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KINDS_LOG_SUM_EXP_H
#define WN_KINDS_LOG_SUM_EXP_H

#include <math.h>

/* Defines double name(const type *x, int n): log(e^x[0] + ... + e^x[n - 1]) without overflow. The sum is in double, with the
 * exp of the C library: the bits of scores. */
#define WN_DEFINE_LOG_SUM_EXP(name, type) \
    static double name(const type *x, int n) \
    { \
        double highest = (double)x[0], total = 0; \
        for (int i = 1; i < n; i++) highest = (double)x[i] > highest ? (double)x[i] : highest; \
        for (int i = 0; i < n; i++) total += exp((double)x[i] - highest); \
        return highest + log(total); \
    }

#endif
