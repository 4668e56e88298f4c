/* SPDX-License-Identifier: MIT
 * matmul_int8.h - the products of convolutions in 8-bit integers: a quarter of the bytes, exact sums.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_MATMUL_INT8_H
#define WN_KERNELS_MATMUL_INT8_H

#include "kernels.h"

/* A quantised matrix: weight [i][o] of tap k is about q * scale[o], q = -127 .. 127, one scale an output. A row x of inputs
 * is quantised where it is used: q_x = round(x * 127 / largest |x|), halves to even. Then
 *
 *   product8(x, w)[o] = (float)(sum over i of q_x[i] * q_w[i][o]) * (scale_x * scale_w[o]),  scale_x = largest |x| / 127
 *   y[o]              = init[o] + partial sums in order + product8 of each tap in order
 *
 * The sum is one of integers, so its order is free; the rest is a multiplication and an addition, each rounded. So every
 * set of instructions gives the same bits, those without FMA too. Rows whose largest value is below 1e-30 count as zeros;
 * not finite ones give anything. */
struct wn_int8_weights {
    const int8_t *w;     /* [taps] panels [wn_x4(in)][width][4]: as those of floats, four inputs side by side */
    const float *scale;  /* [taps][wn_padded(out)] */
    const int32_t *sums; /* [taps][wn_padded(out)]: 128 times the sum of an output's weights, for unsigned inputs */
};

/* Inputs in fours; the excess is zero. */
static inline size_t wn_x4(size_t in) { return (in + 3) / 4; }

enum { WN_INT8_ROWS = 8 }; /* rows quantised at a time */

/* Floats of scratch that `matmul_int8` needs, 64-byte aligned. */
static inline size_t wn_int8_scratch(size_t in, size_t taps) { return WN_INT8_ROWS * taps * (wn_x4(in) + 1); }

/* The type of `matmul_int8` in a table. */
typedef void wn_matmul_int8(const wn_matmul *p, const wn_int8_weights *w8, float *work);

/* Quantise packed weights: w [taps][wn_x4(in) * wn_padded(out) * 4], the rest as above. */
void wn_int8_pack(int out, int in, int taps, const float *packed, int8_t *w, float *scale, int32_t *sums);

/* The reference, and what the x86 tables name: the fastest function of this CPU with their instructions. Having AVX-512 does
 * not imply having its dot products, and not every compiler knows them. */
wn_matmul_int8 wn_matmul_int8_c, wn_matmul_int8_x86_256, wn_matmul_int8_x86_512;

/* The functions themselves, which exist in some builds only. */
wn_matmul_int8 wn_matmul_int8_avx2, wn_matmul_int8_avx512;

#endif
