/* SPDX-License-Identifier: MIT
 * integer.h - integer arithmetic that C lacks.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BASE_INTEGER_H
#define WN_BASE_INTEGER_H

#include <stdint.h>

/* a / b rounded towards minus infinity; b > 0. */
static inline int64_t wn_divide_floor(int64_t a, int64_t b) { return a / b - (a % b < 0); }

/* Write the low `bytes` bytes of `value`, the lowest first; the place after them. */
static inline unsigned char *wn_put_little_endian(unsigned char *at, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) *at++ = (unsigned char)(value >> 8 * i);
    return at;
}

/* The number in n <= 4 bytes, the lowest first. */
static inline uint32_t wn_get_little_endian(const unsigned char *bytes, int n)
{
    uint32_t value = 0;
    for (int i = n - 1; i >= 0; i--) value = value << 8 | bytes[i];
    return value;
}

#endif
