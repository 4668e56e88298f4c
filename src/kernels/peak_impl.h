/* SPDX-License-Identifier: MIT
 * peak_impl.h - the loops that measure a machine, written once for every vector width.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_PEAK_IMPL_H
#define WN_KERNELS_PEAK_IMPL_H

#include "elementwise_impl.h"
#include "peak_table.h"

enum { PEAK_CHAINS = 12, READ_VECS = 2 };

/* The sum of all lanes of n vectors, where no compiler can leave out how it came about. */
VEC_FN float peak_sum(const vec *a, int n)
{
    float lanes[LANES];
    vec sum = v_zero();
    for (int i = 0; i < n; i++) sum = v_add(sum, a[i]);
    v_store(lanes, sum);
    volatile float total = 0;
    for (int i = 0; i < LANES; i++) total += lanes[i];
    return total;
}

/* Chains start apart, or the compiler would make one of them. */
static double peak_spin(int rounds)
{
    const vec m = v_hold(v_set1(0.999f)), c = v_hold(v_set1(0.001f));
    vec a[PEAK_CHAINS];
    UNROLL for (int i = 0; i < PEAK_CHAINS; i++) a[i] = v_set1((float)i);
    for (int r = 0; r < rounds; r++) {
        UNROLL for (int i = 0; i < PEAK_CHAINS; i++) a[i] = v_hold(v_fma(a[i], m, c));
    }
    peak_sum(a, PEAK_CHAINS);
    return (double)rounds * PEAK_CHAINS * LANES;
}

static float peak_read(const float *x, size_t n, int passes)
{
    enum { SUMS = WN_READ_STREAMS * READ_VECS };
    const size_t stream = n / WN_READ_STREAMS;
    vec a[SUMS];
    UNROLL for (int i = 0; i < SUMS; i++) a[i] = v_zero();
    for (int pass = 0; pass < passes; pass++)
        for (size_t at = 0; at < stream; at += READ_VECS * LANES) {
            UNROLL for (int i = 0; i < SUMS; i++)
            {
                const float *from = x + (size_t)(i / READ_VECS) * stream + (size_t)(i % READ_VECS) * LANES + at;
                a[i] = v_add(a[i], v_load(from));
            }
        }
    return peak_sum(a, SUMS);
}

static double peak_chain(wn_peak_link link, const wn_fn_param *f, int links)
{
    const vec m = v_hold(v_set1(0.999f)), c = v_hold(v_set1(0.001f));
    vec a = v_hold(v_set1(0.5f));
    switch (link) {
    case WN_LINK_FMA:
        for (int i = 0; i < links; i++) a = v_hold(v_fma(a, m, c));
        break;
    case WN_LINK_ADD:
        for (int i = 0; i < links; i++) a = v_hold(v_add(a, c));
        break;
    case WN_LINK_FUNCTION:
        for (int i = 0; i < links; i++) a = v_hold(fn_any(f, a, 0, LANES));
        break;
    }
    peak_sum(&a, 1);
    return links;
}

#define PEAK_TABLE(called) \
    { \
        .name = (called), .spin = peak_spin, .read = peak_read, .chain = peak_chain \
    }

#endif
