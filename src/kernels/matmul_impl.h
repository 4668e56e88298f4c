/* SPDX-License-Identifier: MIT
 * matmul_impl.h - the matrix products of convolutions, written once for every vector width.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_MATMUL_IMPL_H
#define WN_KERNELS_MATMUL_IMPL_H

#include "kernels.h"

/* Lanes are outputs or frames: the sums are the same, what is broadcast and what is loaded change places. A tile of rows x
 * vectors x chains stays in registers while it runs over the inputs of one tap. With few registers the four chains run
 * two at a time: the definition joins them in pairs anyway. From the table's file:
 *   TILE_CHAINS             chains at a time (2 or 4) with more than one row
 *   TILE_ROWS_1, _2         rows of a tile one and two vectors wide
 *   ROW_VECS                vectors at a time with one row (1, 2 or 4), all four chains at once
 * With one row the weights are read once and in order, and the chains of several vectors hide each other's latency. */
enum { TILE_MOST = 8, TILE_VECS_MOST = 4 };

typedef vec tile[TILE_MOST][TILE_VECS_MOST];

/* One tap's operands. Lanes are outputs: scalars x, a row a frame; vectors w. Lanes are frames: scalars w, a row an output;
 * vectors x. */
typedef struct operands {
    const float *s; /* scalar of row r and input i: s[r * s_row + i * s_input] */
    ptrdiff_t s_row, s_input;
    const float *v; /* vectors of input i: v + i * v_input */
    ptrdiff_t v_input;
    const uint16_t *h; /* instead of v, as bfloat16 */
} operands;

/* Sums of bfloat16 weights: vectors come in pairs, one with the outputs at even places and one with the others. */
VEC_FN int is_paired(const int half, const int vecs) { return half && vecs % 2 == 0; }

/* y += product, whose vectors may be paired. */
VEC_FN void add_sums(const int vecs, const int half, vec *y, const vec *product)
{
    UNROLL for (int v = 0; v < vecs; v++)
    {
        vec p = product[v];
        if (is_paired(half, vecs)) {
            vec low, high;
            v_pair(product[v / 2 * 2], product[v / 2 * 2 + 1], &low, &high);
            p = v % 2 ? high : low;
        }
        y[v] = v_add(y[v], p);
    }
}

/* c[q] += scalar * vector of input q, for q < n: one input of each of the first n chains. */
VEC_FN void chain_step(const int rows, const int vecs, const int n, const int half, const operands *p, tile *c)
{
    const float *s = p->s, *w = p->v;
    const uint16_t *h = p->h;
    UNROLL for (int q = 0; q < n; q++, s += p->s_input)
    {
        vec wv[TILE_VECS_MOST]; /* loaded once for all rows; one row is better off with loads inside its FMAs */
        UNROLL for (int v = 0; v < vecs; v++)
        {
            if (is_paired(half, vecs)) {
                if (v % 2 == 0) v_load_bf16_pair(h + v * LANES, &wv[v], &wv[v + 1]);
            } else if (half)
                wv[v] = v_load_bf16(h + v * LANES);
            else
                wv[v] = rows > 1 ? v_hold(v_load(w + v * LANES)) : v_load(w + v * LANES);
        }
        if (half)
            h += p->v_input;
        else
            w += p->v_input;
        UNROLL for (int r = 0; r < rows; r++)
        {
            vec xv = v_set1(s[r * p->s_row]);
            UNROLL for (int v = 0; v < vecs; v++) c[q][r][v] = v_fma(xv, wv[v], c[q][r][v]);
        }
    }
}

/* c[q] = the chains first + q, q < n, of one tap's product: over the inputs first + q, first + q + 4, ... */
VEC_FN void chains(const int rows, const int vecs, const int n, const int half, int first, int in, operands p, tile *c)
{
    UNROLL for (int q = 0; q < n; q++)
    {
        UNROLL for (int r = 0; r < rows; r++) { UNROLL for (int v = 0; v < vecs; v++) c[q][r][v] = v_zero(); }
    }
    p.s += first * p.s_input;
    if (half)
        p.h += first * p.v_input;
    else
        p.v += first * p.v_input;
    int left = in - first;
    for (; left >= n; left -= WN_CHAINS) {
        chain_step(rows, vecs, n, half, &p, c);
        p.s += WN_CHAINS * p.s_input;
        if (half)
            p.h += WN_CHAINS * p.v_input;
        else
            p.v += WN_CHAINS * p.v_input;
    }
    if (n > 1 && left == 1) chain_step(rows, vecs, 1, half, &p, c);
    if (n > 2 && left == 2) chain_step(rows, vecs, 2, half, &p, c);
    if (n > 3 && left == 3) chain_step(rows, vecs, 3, half, &p, c);
}

/* y += product in one chain. */
VEC_FN void add_chain(const int rows, const int vecs, const int half, int in, operands p, tile y)
{
    tile c;
    UNROLL for (int r = 0; r < rows; r++) { UNROLL for (int v = 0; v < vecs; v++) c[r][v] = v_zero(); }
    for (int i = 0; i < in; i++) {
        chain_step(rows, vecs, 1, half, &p, &c);
        p.s += p.s_input;
        if (half)
            p.h += p.v_input;
        else
            p.v += p.v_input;
    }
    UNROLL for (int r = 0; r < rows; r++) add_sums(vecs, half, y[r], c[r]);
}

/* y += product, joined as the definition says. */
VEC_FN void add_product(const int rows, const int vecs, const int n, const int half, int in, operands p, tile y)
{
    tile c[WN_CHAINS], low;
    UNROLL for (int first = 0; first < WN_CHAINS; first += n)
    {
        chains(rows, vecs, n, half, first, in, p, c + first);
        if (first + n != 2 && n != WN_CHAINS) continue;
        UNROLL for (int r = 0; r < rows; r++)
        {
            UNROLL for (int v = 0; v < vecs; v++) low[r][v] = v_add(c[0][r][v], c[1][r][v]);
        }
    }
    UNROLL for (int r = 0; r < rows; r++)
    {
        UNROLL for (int v = 0; v < vecs; v++) low[r][v] = v_add(low[r][v], v_add(c[2][r][v], c[3][r][v]));
        add_sums(vecs, half, y[r], low[r]);
    }
}

/* Rows row.. and outputs col.. of the result, of one panel; `last` lanes of the last vector exist. n chains at a time, or 1: the
 * only one of few inputs. */
VEC_FN void matmul_tile(const int rows, const int vecs, const int n, const int half, const wn_matmul *p, int row,
                        int col, int last)
{
    tile y;
    size_t matrix = (size_t)p->in * wn_padded((size_t)p->out), panel = wn_weight_at((size_t)p->in, (size_t)col);
    UNROLL for (int r = 0; r < rows; r++)
    {
        const float *start = p->init ? p->init + (row + r) * p->init_stride + col : NULL;
        UNROLL for (int v = 0; v < vecs; v++)
        {
            int count = v == vecs - 1 ? last : LANES;
            y[r][v] = !start           ? v_zero()
                      : count == LANES ? v_load(start + v * LANES)
                                       : v_loadn(start + v * LANES, count);
        }
    }
    for (int k = 0; k < p->n_partial; k++) {
        UNROLL for (int r = 0; r < rows; r++)
        {
            const float *past = p->partial + k * p->partial_next + (row + r) * p->partial_stride + col;
            UNROLL for (int v = 0; v < vecs; v++)
            {
                int count = v == vecs - 1 ? last : LANES;
                y[r][v] = v_add(y[r][v], count == LANES ? v_load(past + v * LANES) : v_loadn(past + v * LANES, count));
            }
        }
    }
    for (int k = 0; k < p->taps; k++) {
        size_t at = (size_t)k * matrix + panel;
        operands o = {.s = p->x[k] + row * p->x_stride, .s_row = p->x_stride, .s_input = 1};
        o.v_input = (ptrdiff_t)wn_panel_width((size_t)p->out, (size_t)col);
        if (half)
            o.h = p->w16 + at;
        else
            o.v = p->w + at;
        if (n == 1)
            add_chain(rows, vecs, half, p->in, o, y);
        else
            add_product(rows, vecs, n, half, p->in, o, y);
    }
    UNROLL for (int r = 0; r < rows; r++)
    {
        float *out = p->y + (row + r) * p->y_stride + col;
        UNROLL for (int v = 0; v < vecs; v++)
        {
            int count = v == vecs - 1 ? last : LANES;
            if (count == LANES)
                v_store(out + v * LANES, y[r][v]);
            else
                v_storen(out + v * LANES, y[r][v], count);
        }
    }
}

/* All rows of one column of outputs: whole tiles, then one tile of what is left. Weights stay in the first-level cache. */
VEC_FN void matmul_column(const int vecs, const int most, const int n, const int half, const wn_matmul *p, int col,
                          int last)
{
    int row = 0;
    for (; row + most <= p->rows; row += most) matmul_tile(most, vecs, n, half, p, row, col, last);
    switch (p->rows - row) {
    case 5: matmul_tile(most > 5 ? 5 : 1, vecs, n, half, p, row, col, last); break;
    case 4: matmul_tile(most > 4 ? 4 : 1, vecs, n, half, p, row, col, last); break;
    case 3: matmul_tile(most > 3 ? 3 : 1, vecs, n, half, p, row, col, last); break;
    case 2: matmul_tile(most > 2 ? 2 : 1, vecs, n, half, p, row, col, last); break;
    case 1: matmul_tile(1, vecs, n, half, p, row, col, last); break;
    default: break;
    }
}

VEC_FN void matmul_rows(const int half, const int few, const wn_matmul *p)
{
    const int n = few ? 1 : TILE_CHAINS;
    for (int col = 0; col < p->out; col += 2 * LANES) {
        int left = p->out - col;
        if (left > LANES)
            matmul_column(2, TILE_ROWS_2, n, half, p, col, left < 2 * LANES ? left - LANES : LANES);
        else
            matmul_column(1, TILE_ROWS_1, n, half, p, col, left);
    }
}

VEC_FN void matmul_row(const int half, const int few, const wn_matmul *p)
{
    const int n = few ? 1 : WN_CHAINS;
    int col = 0;
    for (; p->out - col > (ROW_VECS - 1) * LANES; col += ROW_VECS * LANES) {
        int last = p->out - col - (ROW_VECS - 1) * LANES;
        matmul_tile(1, ROW_VECS, n, half, p, 0, col, last < LANES ? last : LANES);
    }
    for (; ROW_VECS > 2 && p->out - col > LANES; col += 2 * LANES) {
        int last = p->out - col - LANES;
        matmul_tile(1, 2, n, half, p, 0, col, last < LANES ? last : LANES);
    }
    for (; col < p->out; col += LANES) {
        int last = p->out - col;
        matmul_tile(1, 1, n, half, p, 0, col, last < LANES ? last : LANES);
    }
}

/* One tap after the other: its panels are one piece of memory, which is worth more than a row of y kept in registers if the
 * panels are large. */
VEC_FN void matmul_taps(const int half, const int few, const wn_matmul *p)
{
    wn_matmul one = *p;
    if (few || p->taps == 1 || p->in < WN_PANEL) {
        matmul_row(half, few, p);
        return;
    }
    size_t matrix = (size_t)p->in * wn_padded((size_t)p->out);
    one.taps = 1;
    for (int k = 0; k < p->taps; k++) {
        matmul_row(half, few, &one);
        one.x++;
        if (half)
            one.w16 += matrix;
        else
            one.w += matrix;
        one.init = one.y;
        one.n_partial = 0;
    }
}

/* Each way a function of its own, on a copy of its arguments that stores through y cannot change. */
#define MATMUL_WAY(name, half, few) \
    static void name##_rows(const wn_matmul *p) \
    { \
        const wn_matmul all = *p; \
        matmul_rows(half, few, &all); \
    } \
    static void name##_row(const wn_matmul *p) \
    { \
        const wn_matmul all = *p; \
        matmul_taps(half, few, &all); \
    }
MATMUL_WAY(matmul_f32, 0, 0)
MATMUL_WAY(matmul_bf16, 1, 0)
MATMUL_WAY(matmul_small_f32, 0, 1)
MATMUL_WAY(matmul_small_bf16, 1, 1)

static void matmul_one_chain(const wn_matmul *p)
{
    if (p->w16)
        (p->rows == 1 ? matmul_small_bf16_row : matmul_small_bf16_rows)(p);
    else
        (p->rows == 1 ? matmul_small_f32_row : matmul_small_f32_rows)(p);
}

static void matmul_four_chains(const wn_matmul *p)
{
    if (p->w16)
        (p->rows == 1 ? matmul_bf16_row : matmul_bf16_rows)(p);
    else
        (p->rows == 1 ? matmul_f32_row : matmul_f32_rows)(p);
}

/* Past taps in one chain each, then the others on top. A choice per tap inside the tiles costs every wider layer 6 to 10 %. */
static void matmul_past_apart(const wn_matmul *p)
{
    wn_matmul part = *p;
    size_t past = (size_t)p->past * (size_t)p->in * wn_padded((size_t)p->out);
    part.taps = p->past;
    matmul_one_chain(&part);
    part.taps = p->taps - p->past;
    part.x += p->past;
    if (p->w16)
        part.w16 += past;
    else
        part.w += past;
    part.init = p->y;
    part.init_stride = p->y_stride;
    part.n_partial = 0;
    matmul_four_chains(&part);
}

static void matmul(const wn_matmul *p)
{
    int past = wn_chains(p->in, true) == 1 ? p->past : 0; /* those in one chain */
    if (wn_chains(p->in, false) == 1 || past == p->taps)
        matmul_one_chain(p);
    else if (past > 0)
        matmul_past_apart(p);
    else
        matmul_four_chains(p);
}

#endif
