/* SPDX-License-Identifier: MIT
 * dots_impl.h - A B^T where both matrices lie along k: rows times rows, written once for every vector width.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_DOTS_IMPL_H
#define WN_KERNELS_DOTS_IMPL_H

#include "kernels.h"

/* The gradient of a narrow layer's weights: few rows, thousands of columns. Lanes hold columns, so nothing is transposed but
 * the sums at the end. A tile is DOT_ROWS rows of A by DOT_COLS rows of B, both from the table's file; a B of one row has
 * its own. Rows that are not there repeat the last one. */
enum {
    DOT_SUMS = DOT_ROWS * DOT_COLS,
    DOT_MOST_ROWS = DOT_ROWS > DOT_ONE_ROWS ? DOT_ROWS : DOT_ONE_ROWS,
    DOT_DEPTH = 4096, /* columns after which sums are put by: the rows of a tile of B stay in a second-level cache */
    DOT_LEAST_DEPTH = 8 * LANES, /* of fewer, adding the lanes is too much of the work */
    DOT_MOST = 40 /* rows of B from which on gemm's way is faster: each row of A is then used often enough */
};

/* Rows of a matrix and how many there are. */
typedef struct dot_rows {
    const float *p;
    ptrdiff_t stride;
    int n;
} dot_rows;

VEC_FN const float *dot_row(dot_rows m, int i) { return m.p + (i < m.n ? i : m.n - 1) * m.stride; }

/* total[i] = sum of the lanes of sum[i]; n is a multiple of TRANSPOSE. */
VEC_FN void add_lanes(const int n, const float (*sum)[LANES], float *total)
{
    float turned[LANES][DOT_SUMS];
    for (int i = 0; i < n; i += TRANSPOSE)
        for (int j = 0; j < LANES; j += TRANSPOSE) transpose_square(&sum[i][j], LANES, &turned[j][i], DOT_SUMS);
    for (int i = 0; i < n; i++) total[i] = turned[0][i];
    for (int j = 1; j < LANES; j++)
        for (int i = 0; i < n; i++) total[i] += turned[j][i];
}

/* total[rows][cols] = the rows of a times those of b, over k columns. */
VEC_FN void dot_tile(const int rows, const int cols, int k, dot_rows a, dot_rows b, float *total)
{
    vec sum[DOT_MOST_ROWS][DOT_COLS];
    float lanes[DOT_SUMS][LANES];
    const float *pa[DOT_MOST_ROWS], *pb[DOT_COLS];
    UNROLL for (int r = 0; r < rows; r++) pa[r] = dot_row(a, r);
    UNROLL for (int c = 0; c < cols; c++) pb[c] = dot_row(b, c);
    UNROLL for (int r = 0; r < rows; r++) { UNROLL for (int c = 0; c < cols; c++) sum[r][c] = v_zero(); }
#define DOT_STEP(load) \
    do { \
        vec bv[DOT_COLS]; \
        UNROLL for (int c = 0; c < cols; c++) bv[c] = load(pb[c]); \
        UNROLL for (int r = 0; r < rows; r++) \
        { \
            vec av = load(pa[r]); \
            UNROLL for (int c = 0; c < cols; c++) sum[r][c] = v_fma(av, bv[c], sum[r][c]); \
        } \
    } while (0)
#define LOAD_WHOLE(p) v_load(p + i)
#define LOAD_REST(p) v_loadn(p + i, k - i)
    int i = 0;
    for (; i + LANES <= k; i += LANES) DOT_STEP(LOAD_WHOLE);
    if (i < k) DOT_STEP(LOAD_REST);
#undef LOAD_REST
#undef LOAD_WHOLE
#undef DOT_STEP
    UNROLL for (int r = 0; r < rows; r++)
    {
        UNROLL for (int c = 0; c < cols; c++) v_store(lanes[r * cols + c], sum[r][c]);
    }
    add_lanes(rows * cols, (const float(*)[LANES])lanes, total);
}

VEC_FN void dot_strip(const int rows, const int cols, int k, dot_rows a, dot_rows b, int add, float *c, ptrdiff_t ldc)
{
    float total[DOT_SUMS];
    for (; a.n > 0; a.p += rows * a.stride, a.n -= rows, c += rows * ldc) {
        dot_tile(rows, cols, k, a, b, total);
        for (int r = 0; r < rows && r < a.n; r++)
            for (int i = 0; i < cols && i < b.n; i++)
                c[r * ldc + i] = (add ? c[r * ldc + i] : 0.0f) + total[r * cols + i];
    }
}

static void dot_strip_many(int k, dot_rows a, dot_rows b, int add, float *c, ptrdiff_t ldc)
{
    dot_strip(DOT_ROWS, DOT_COLS, k, a, b, add, c, ldc);
}

static void dot_strip_one(int k, dot_rows a, dot_rows b, int add, float *c, ptrdiff_t ldc)
{
    dot_strip(DOT_ONE_ROWS, 1, k, a, b, add, c, ldc);
}

/* C = (add ? C : 0) + A B^T. */
static void dots(int m, int n, int k, const float *a, ptrdiff_t lda, const float *b, ptrdiff_t ldb, int add, float *c,
                 ptrdiff_t ldc)
{
    for (int i = 0; i < k; i += DOT_DEPTH) {
        int depth = k - i < DOT_DEPTH ? k - i : DOT_DEPTH;
        dot_rows rows = {a + i, lda, m};
        for (int j = 0; j < n; j += DOT_COLS) {
            dot_rows cols = {b + j * ldb + i, ldb, n - j};
            (cols.n == 1 ? dot_strip_one : dot_strip_many)(depth, rows, cols, add || i > 0, c + j, ldc);
        }
    }
}

#endif
