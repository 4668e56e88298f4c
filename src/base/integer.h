/* SPDX-License-Identifier: MIT
 * integer.h - integer arithmetic that C lacks.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BASE_INTEGER_H
#define WN_BASE_INTEGER_H

#include <stdint.h>

/* a / b rounded towards minus infinity; b > 0. */
static inline int64_t wn_divide_floor(int64_t a, int64_t b) { return a / b - (a % b < 0); }

#endif
