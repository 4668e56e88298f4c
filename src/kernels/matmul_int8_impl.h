/* SPDX-License-Identifier: MIT
 * matmul_int8_impl.h - products in 8-bit integers, written once for every instruction that multiplies bytes.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_MATMUL_INT8_IMPL_H
#define WN_KERNELS_MATMUL_INT8_IMPL_H

/* From the file that includes this, after its vec header:
 *   sums              vector of LANES 32-bit sums; s_zero(), s_load(p), s_sub(a, b), s_float(a)
 *   x4                four inputs for every lane: x4_of(four bytes)
 *   s_dot(sum, x, w)  + the products of four inputs an output; w points to LANES x 4 weights
 *   bytes_of(v, p)    LANES rounded values of v as signed bytes
 *   largest_lane(v)   of v, whose lanes are not negative
 *   UNSIGNED_INPUTS   1: x4 holds inputs + 128, and the sums of the weights are taken off again
 *   CHUNK_1, CHUNK_N  vectors of outputs at a time for one row, for several; INT8_TILE_ROWS rows at a time */
#include <stdint.h>
#include <string.h>

#include "matmul_int8.h"
#include "quantise.h"

enum { MOST_CHUNK = 8, MOST_ROWS = 4, PANEL_VECS = WN_PANEL / LANES };

/* The rows of all taps as bytes, and what they are worth. */
typedef struct quantised {
    int8_t *q;    /* [taps][rows][4 * x4s] */
    float *scale; /* [taps][rows] */
    size_t x4s;
} quantised;

VEC_FN float largest_of(int n, const float *x)
{
    vec m = v_zero();
    int i = 0;
    for (; i + LANES <= n; i += LANES) m = v_max(m, v_abs(v_load(x + i)));
    if (i < n) m = v_max(m, v_abs(v_loadn(x + i, n - i)));
    return largest_lane(m);
}

static float quantise_row(int n, const float *x, size_t x4s, int8_t *q)
{
    wn_quantiser z = wn_quantiser_of(largest_of(n, x));
    vec factor = v_set1(z.factor);
    int i = 0;
    for (; i + LANES <= n; i += LANES) bytes_of(v_mul(v_load(x + i), factor), q + i);
    if (i < n) {
        int8_t last[LANES];
        bytes_of(v_mul(v_loadn(x + i, n - i), factor), last);
        memcpy(q + i, last, x4s * 4 - (size_t)i); /* behind the inputs are zeros */
    }
    return z.scale;
}

static void quantise_rows(const wn_matmul *p, int row, int rows, quantised *x)
{
    for (int k = 0; k < p->taps; k++)
        for (int r = 0; r < rows; r++) {
            int at = k * rows + r;
            x->scale[at] =
                quantise_row(p->in, p->x[k] + (row + r) * p->x_stride, x->x4s, x->q + (size_t)at * x->x4s * 4);
        }
}

/* Sums of one tap: rows x vectors, for LANES x vectors outputs from w on, through as many whole panels as that takes. */
VEC_FN void dots(const int rows, const int vecs, const int8_t *q, size_t x4s, const int8_t *w, size_t width,
                 sums s[MOST_ROWS][MOST_CHUNK])
{
    UNROLL for (int r = 0; r < rows; r++) { UNROLL for (int v = 0; v < vecs; v++) s[r][v] = s_zero(); }
    for (size_t i = 0; i < x4s; i++, w += width * 4, q += 4) {
        x4 x[MOST_ROWS];
        UNROLL for (int r = 0; r < rows; r++)
        {
            uint32_t four;
            memcpy(&four, q + (size_t)r * x4s * 4, sizeof four);
            x[r] = x4_of(four);
        }
        UNROLL for (int v = 0; v < vecs; v++)
        {
            const int8_t *at = w + ((size_t)(v / PANEL_VECS) * x4s * WN_PANEL + (size_t)(v % PANEL_VECS * LANES)) * 4;
            UNROLL for (int r = 0; r < rows; r++) s[r][v] = s_dot(s[r][v], x[r], at);
        }
    }
}

/* Rows row .. row + rows - 1 of those quantised from row `first` of the call on, `all` in number; outputs from `col` on, of
 * which `last` of the last vector exist. */
VEC_FN void int8_tile(const int rows, const int vecs, const wn_matmul *p, const wn_int8_weights *w8, const quantised *x,
                      int first, int all, int row, int col, int last)
{
    size_t padded = wn_padded((size_t)p->out);
    vec y[MOST_ROWS][MOST_CHUNK];
    UNROLL for (int r = 0; r < rows; r++)
    {
        ptrdiff_t at = first + row + r;
        UNROLL for (int v = 0; v < vecs; v++)
        {
            int count = v == vecs - 1 ? last : LANES, o = col + v * LANES;
            y[r][v] = p->init ? v_loadn(p->init + at * p->init_stride + o, count) : v_zero();
            for (int k = 0; k < p->n_partial; k++)
                y[r][v] = v_add(y[r][v], v_loadn(p->partial + k * p->partial_next + at * p->partial_stride + o, count));
        }
    }
    for (int k = 0; k < p->taps; k++) {
        sums s[MOST_ROWS][MOST_CHUNK];
        size_t from = (size_t)(k * all + row), column = (size_t)k * padded + (size_t)col;
        const int8_t *w = w8->w + ((size_t)k * x->x4s * padded + wn_weight_at(x->x4s, (size_t)col)) * 4;
        dots(rows, vecs, x->q + from * x->x4s * 4, x->x4s, w, wn_panel_width((size_t)p->out, (size_t)col), s);
        UNROLL for (int r = 0; r < rows; r++)
        {
            vec scale_x = v_set1(x->scale[from + (size_t)r]);
            UNROLL for (int v = 0; v < vecs; v++)
            {
                sums d = UNSIGNED_INPUTS ? s_sub(s[r][v], s_load(w8->sums + column + (size_t)(v * LANES))) : s[r][v];
                vec scale = v_mul(scale_x, v_load(w8->scale + column + (size_t)(v * LANES)));
                y[r][v] = v_add(y[r][v], v_mul(s_float(d), scale));
            }
        }
    }
    UNROLL for (int r = 0; r < rows; r++)
    {
        float *out = p->y + (ptrdiff_t)(first + row + r) * p->y_stride + col;
        UNROLL for (int v = 0; v < vecs; v++) v_storen(out + v * LANES, y[r][v], v == vecs - 1 ? last : LANES);
    }
}

/* All rows of one chunk of outputs. */
#define INT8_CHUNK(vecs, rows_most) \
    static void int8_chunk_##vecs(const wn_matmul *p, const wn_int8_weights *w8, const quantised *x, int first, \
                                  int all, int col, int last) \
    { \
        int row = 0; \
        for (; row + (rows_most) <= all; row += (rows_most)) \
            int8_tile(rows_most, vecs, p, w8, x, first, all, row, col, last); \
        for (; row < all; row++) int8_tile(1, vecs, p, w8, x, first, all, row, col, last); \
    }
INT8_CHUNK(1, INT8_TILE_ROWS)
INT8_CHUNK(2, INT8_TILE_ROWS)
INT8_CHUNK(4, INT8_TILE_ROWS)

/* One row, eight vectors: the more, the rarer does the reading of weights come to a halt. */
static void int8_chunk_8(const wn_matmul *p, const wn_int8_weights *w8, const quantised *x, int col)
{
    int8_tile(1, 8, p, w8, x, 0, 1, 0, col, LANES);
}

static void int8_rows(const wn_matmul *p, const wn_int8_weights *w8, const quantised *x, int first, int all)
{
    int col = 0;
    for (; p->rows == 1 && p->out - col >= 8 * LANES; col += 8 * LANES) int8_chunk_8(p, w8, x, col);
    for (; p->out - col > 3 * LANES; col += 4 * LANES)
        int8_chunk_4(p, w8, x, first, all, col, p->out - col < 4 * LANES ? p->out - col - 3 * LANES : LANES);
    for (; p->out - col > LANES; col += 2 * LANES)
        int8_chunk_2(p, w8, x, first, all, col, p->out - col < 2 * LANES ? p->out - col - LANES : LANES);
    for (; col < p->out; col += LANES)
        int8_chunk_1(p, w8, x, first, all, col, p->out - col < LANES ? p->out - col : LANES);
}

static void matmul_int8(const wn_matmul *p, const wn_int8_weights *w8, float *work)
{
    size_t x4s = wn_x4((size_t)p->in);
    quantised x = {.q = (int8_t *)work, .scale = work + WN_INT8_ROWS * (size_t)p->taps * x4s, .x4s = x4s};
    for (int first = 0; first < p->rows; first += WN_INT8_ROWS) {
        int all = p->rows - first < WN_INT8_ROWS ? p->rows - first : WN_INT8_ROWS;
        quantise_rows(p, first, all, &x);
        int8_rows(p, w8, &x, first, all);
    }
}

#endif
