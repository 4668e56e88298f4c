/* SPDX-License-Identifier: MIT
 * vec.h - what a vector header must give: the kernels are written once against these names.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_VEC_H
#define WN_KERNELS_VEC_H

#include <stddef.h>
#include <stdint.h>

/* Exactly one of vec_avx512.h, vec_avx2.h, vec_neon.h, vec_simd128.h, vec_portable.h is included by a table's .c file. Each defines
 *
 *   LANES, vec, vmask
 *   v_zero() v_set1(x) v_load(p) v_store(p, a)      any alignment
 *   v_loadn(p, n) v_storen(p, a, n)                 the first n lanes, 1 <= n <= LANES; touches nothing beyond them,
 *                                                   lanes not loaded are 0
 *   v_load_bf16(p)                                  LANES upper halves of floats, the lower ones zero; any alignment
 *   v_load_bf16_pair(p, &even, &odd)                2 * LANES of them, those at even and at odd places apart: half the work
 *   v_pair(even, odd, &low, &high)                  each at its place again
 *   v_add v_sub v_mul v_div v_abs                   IEEE, one rounding each
 *   v_fma(a, b, c)                                  a*b + c, one rounding (two in the portable table and in simd128)
 *   v_min(a, b) v_max(a, b)                         a < b ? a : b and a > b ? a : b exactly: b where either is NaN
 *   v_less(a, b) v_select(mask, yes, no)            ordered compare, lane choice
 *   v_pow2(a)                                       2^n for a = POW2_ROUND + n, -126 <= n <= 127; see kinds/exp_math.h
 *   v_lane(a, i)                                    lane i in all lanes, i a constant after unrolling
 *   VEC_HALVES: defined where a vector is two halves of four lanes; then also
 *   v_halves(p, q)                                  four floats at p, four at q
 *   v_lane_of_halves(a, i)                          lane i, lane 4 + i in all lanes of their halves, i a constant after unrolling
 *   v_add_halves(a, b)                              a + lower half of b + upper half of b, in this order; of the lower half alone
 *   v_hold(a)                                       a, in a register: keeps the compiler from loading it again at each use
 *   TRANSPOSE, transpose_square(src, src_stride, dst, dst_stride)
 */

/* VEC_FN: a function whose constant arguments make a copy of it for each. UNROLL: a loop over constant bounds whose arrays must
 * end up in registers. Under a sanitizer functions stay functions and loops stay loops: every access is checked there, and
 * checks in so many copies take the compiler minutes. */
#ifdef __has_feature /* clang's way of telling */
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define WN_SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WN_SANITIZED
#endif
#ifdef WN_SANITIZED
#define VEC_FN static inline __attribute__((unused))
#define UNROLL
#else
#define VEC_FN static inline __attribute__((always_inline, unused))
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif
#endif

/* The compiler moves no load or store across. */
#define COMPILER_BARRIER __asm__ volatile("" : : : "memory")

#endif
