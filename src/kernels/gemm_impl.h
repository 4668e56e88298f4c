/* SPDX-License-Identifier: MIT
 * gemm_impl.h - single-precision matrix products, written once for every vector width.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_GEMM_IMPL_H
#define WN_KERNELS_GEMM_IMPL_H

#include "dots_impl.h"
#include "kernels.h"

/* A tile of GEMM_ROWS x GEMM_VECS vectors of C stays in registers while it runs down k; both come from the table's file.
 * The GEMM_DEPTH rows of B it runs over, GEMM_WIDTH columns wide, stay in the first-level cache for all rows of A.
 * A is always read where it lies: one element at a time is broadcast, so its layout costs nothing worth a copy. */
enum {
    GEMM_WIDTH = GEMM_VECS * LANES,
    GEMM_DEPTH = WN_GEMM_WORK / GEMM_WIDTH,
    GEMM_PACK_ROWS = 96,  /* from this many rows of C on, copying a panel of B pays for itself */
    GEMM_BAD_STRIDE = 256 /* rows of B a multiple of this apart fall into few sets of the cache: always copied */
};

/* An operand read in place: element (i, j) at p[i*row + j*col]. */
typedef struct view {
    const float *p;
    ptrdiff_t row, col;
} view;

/* C[rows][vecs*LANES] (last vector: `last` columns) = (add ? C : 0) + A[rows][k] B[k][vecs*LANES]; b rows b_step apart. */
VEC_FN void gemm_tile(const int rows, const int vecs, int k, view a, const float *b, ptrdiff_t b_step, int add,
                      float *c, ptrdiff_t ldc, int last)
{
    vec sum[GEMM_ROWS][GEMM_VECS];
    UNROLL for (int r = 0; r < rows; r++) { UNROLL for (int v = 0; v < vecs; v++) sum[r][v] = v_zero(); }
    for (int i = 0; i < k; i++) {
        vec bv[GEMM_VECS];
        UNROLL for (int v = 0; v < vecs; v++) bv[v] = v_load(b + v * LANES);
        UNROLL for (int r = 0; r < rows; r++)
        {
            vec av = v_set1(a.p[r * a.row]);
            UNROLL for (int v = 0; v < vecs; v++) sum[r][v] = v_fma(av, bv[v], sum[r][v]);
        }
        a.p += a.col;
        b += b_step;
    }
    UNROLL for (int r = 0; r < rows; r++, c += ldc)
    {
        UNROLL for (int v = 0; v < vecs; v++)
        {
            float *out = c + v * LANES;
            int n = v == vecs - 1 ? last : LANES;
            if (n == LANES)
                v_store(out, add ? v_add(v_load(out), sum[r][v]) : sum[r][v]);
            else
                v_storen(out, add ? v_add(v_loadn(out, n), sum[r][v]) : sum[r][v], n);
        }
    }
}

/* One strip: up to GEMM_ROWS rows of C across a panel of `vecs` vectors; returns how many rows it did. */
VEC_FN int gemm_strip(const int vecs, int rows, int k, view a, const float *b, ptrdiff_t b_step, int add, float *c,
                      ptrdiff_t ldc, int last)
{
    if (rows >= GEMM_ROWS) {
        gemm_tile(GEMM_ROWS, vecs, k, a, b, b_step, add, c, ldc, last);
        return GEMM_ROWS;
    }
    if (GEMM_ROWS > 4 && rows >= 4) {
        gemm_tile(GEMM_ROWS > 4 ? 4 : 1, vecs, k, a, b, b_step, add, c, ldc, last);
        return 4;
    }
    if (rows >= 2) {
        gemm_tile(2, vecs, k, a, b, b_step, add, c, ldc, last);
        return 2;
    }
    gemm_tile(1, vecs, k, a, b, b_step, add, c, ldc, last);
    return 1;
}

/* All m rows of C across one panel of B, one function a panel width so that each has its own registers. */
#define GEMM_PANEL(vecs) \
    static void gemm_panel_##vecs(int m, int k, view a, const float *b, ptrdiff_t b_step, int add, float *c, \
                                  ptrdiff_t ldc, int last) \
    { \
        for (int done; m > 0; m -= done, a.p += done * a.row, c += done * ldc) \
            done = gemm_strip(vecs, m, k, a, b, b_step, add, c, ldc, last); \
    }
GEMM_PANEL(1)
GEMM_PANEL(2)
#if GEMM_VECS > 2
GEMM_PANEL(3)
#endif

static void gemm_panel(int m, int n, int k, view a, const float *b, ptrdiff_t b_step, int add, float *c, ptrdiff_t ldc)
{
    int vecs = (n + LANES - 1) / LANES, last = n - (vecs - 1) * LANES;
    if (vecs == 1)
        gemm_panel_1(m, k, a, b, b_step, add, c, ldc, last);
    else if (vecs == 2)
        gemm_panel_2(m, k, a, b, b_step, add, c, ldc, last);
#if GEMM_VECS > 2
    else
        gemm_panel_3(m, k, a, b, b_step, add, c, ldc, last);
#endif
}

/* dst[k][GEMM_WIDTH] = B[k][n] of rows ldb apart; columns up to a whole vector are zero. */
static void gemm_pack_rows(int n, int k, const float *b, ptrdiff_t ldb, float *dst)
{
    for (int i = 0; i < k; i++, b += ldb, dst += GEMM_WIDTH) {
        int j = 0;
        for (; j + LANES <= n; j += LANES) v_store(dst + j, v_load(b + j));
        if (j < n) v_store(dst + j, v_loadn(b + j, n - j));
    }
}

/* dst[k][GEMM_WIDTH] = transpose of B[n][k]. Columns from n to a whole vector are left zero. */
static void gemm_pack_columns(int n, int k, const float *b, ptrdiff_t ldb, float *dst)
{
    int n_square = n / TRANSPOSE * TRANSPOSE, k_square = k / TRANSPOSE * TRANSPOSE;
    int padded = (n + LANES - 1) / LANES * LANES;
    for (int j = 0; j < n_square; j += TRANSPOSE)
        for (int i = 0; i < k_square; i += TRANSPOSE)
            transpose_square(b + j * ldb + i, ldb, dst + (ptrdiff_t)i * GEMM_WIDTH + j, GEMM_WIDTH);
    for (int i = 0; i < k; i++)
        for (int j = i < k_square ? n_square : 0; j < padded; j++)
            dst[(ptrdiff_t)i * GEMM_WIDTH + j] = j < n ? b[j * ldb + i] : 0.0f;
}

/* C[m][n] = beta*C + A B for the k of one block; b is B(0, 0) of the block. */
static void gemm_block(int tb, int m, int n, int k, view a, const float *b, ptrdiff_t ldb, int add, float *c,
                       ptrdiff_t ldc, float *work)
{
    for (int j = 0; j < n; j += GEMM_WIDTH) {
        int width = n - j < GEMM_WIDTH ? n - j : GEMM_WIDTH;
        const float *panel = tb ? b + j * ldb : b + j;
        if (!tb && width % LANES == 0 && m < GEMM_PACK_ROWS && ldb % GEMM_BAD_STRIDE != 0) {
            gemm_panel(m, width, k, a, panel, ldb, add, c + j, ldc);
            continue;
        }
        if (tb)
            gemm_pack_columns(width, k, panel, ldb, work);
        else
            gemm_pack_rows(width, k, panel, ldb, work);
        gemm_panel(m, width, k, a, work, GEMM_WIDTH, add, c + j, ldc);
    }
}

static void gemm(int ta, int tb, int m, int n, int k, const float *a, ptrdiff_t lda, const float *b, ptrdiff_t ldb,
                 float beta, float *c, ptrdiff_t ldc, float *work)
{
    if (!ta && tb && n < DOT_MOST && k >= DOT_LEAST_DEPTH) {
        dots(m, n, k, a, lda, b, ldb, beta != 0.0f, c, ldc);
        return;
    }
    for (int i = 0; i < k; i += GEMM_DEPTH) {
        int depth = k - i < GEMM_DEPTH ? k - i : GEMM_DEPTH;
        view av = {a + (ta ? i * lda : i), ta ? 1 : lda, ta ? lda : 1};
        gemm_block(tb, m, n, depth, av, b + (tb ? i : i * ldb), ldb, i > 0 || beta != 0.0f, c, ldc, work);
    }
}

#endif
