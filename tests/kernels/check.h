/* SPDX-License-Identifier: MIT
 * check.h - what the kernel tests share: random numbers, buffers that end at a forbidden page, comparisons.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TEST_CHECK_H
#define WN_TEST_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/kernels.h"

/* u and gamma_n of error analysis (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1): a term that
 * meets n roundings on its way into a sum is wrong by at most gamma_n of its size. */
#define UNIT_ROUNDOFF 0x1p-24
static inline double gamma_n(double n) { return n * UNIT_ROUNDOFF / (1.0 - n * UNIT_ROUNDOFF); }

typedef struct checker {
    uint64_t random; /* state, printed at the start */
    long cases, failed;
    bool quick;      /* a tenth of the cases */
    bool exhaustive; /* every float, not every 997th */
} checker;

uint32_t random_bits(checker *check);
int random_int(checker *check, int low, int high); /* low..high, both included */
int random_of(checker *check, const int *list, int n);
float random_float(checker *check); /* -1..1 */
/* Mostly ordinary values; now and then zeros of both signs, denormals and large numbers (no NaN, no infinity). */
void random_fill(checker *check, float *p, size_t n);

/* `n` floats (any n >= 0) that end right at a page nobody may touch; a pattern lies before them. Multiples of 16 floats
 * are 64-byte aligned. */
typedef struct buffer {
    float *p;
    size_t n;
    void *map;
    size_t bytes;
} buffer;
buffer buffer_new(size_t n);
buffer buffer_random(checker *check, size_t n);
buffer buffer_copy(const buffer *from);
bool buffer_intact(const buffer *b); /* the pattern is whole */
void buffer_free(buffer *b);

/* Same bits; NaNs of any payload are alike. */
bool same_bits(const float *a, const float *b, size_t n);

/* Count a case; on failure print `what` and its arguments (at most 20 times). */
bool expect(checker *check, bool ok, const char *what, ...) __attribute__((format(printf, 3, 4)));

/* Tables this machine can run, numbered as wn_cpu from 2 (portable); NULL: says once why it is skipped. */
enum { FIRST_TABLE = 2, LAST_TABLE = 7 };

void test_matmul(checker *check, const wn_kernels *table);
void test_matmul_int8(checker *check, int cpu); /* of the set of that number */
void test_pack(checker *check);
void test_bf16(checker *check);
void test_planar(checker *check, const wn_kernels *table);
void test_functions(checker *check, const wn_kernels *table); /* every activation on special and ordinary values */
void test_accuracy(checker *check, const wn_kernels *table);  /* tanh and sigmoid against libm in double */
void test_elementwise(checker *check, const wn_kernels *table);
void test_gemm(checker *check, const wn_kernels *table);
void test_exp_array(checker *check, const wn_kernels *table);
void test_peak(checker *check);
void bench(const wn_kernels *table);

#endif
