/* SPDX-License-Identifier: MIT
 * cells_impl.h - layers of narrow networks a frame at a time, written once for every vector width.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_CELLS_IMPL_H
#define WN_KERNELS_CELLS_IMPL_H

#include "cells.h"
#include "planes_impl.h"

/* A frame of a narrow layer is a few dozen FMAs behind one another: what counts is what each waits for. Only the newest tap
 * waits for the cell before; the past ones, which come first in the sum, run beside that cell as far as the processor looks
 * ahead. So a call does many cells, and there is little else between their FMAs. */

/* One convolution and where its taps lie: the newest at x, the past ones in the ring from `at` on, `step` apart. */
typedef struct cell_taps {
    int taps;
    const float *x, *w, *ring;
    ptrdiff_t at, step, end;
} cell_taps;

/* y += product of a constant number of inputs: all addresses are constant, too. */
VEC_FN void add_row_fixed(const int vecs, const int in, const float *x, const float *w, tile y)
{
    const int n = in <= WN_FEW ? 1 : WN_CHAINS;
    tile c;
    EACH_OF_TILE(n, vecs, q, v) c[q][v] = v_zero();
    UNROLL for (int i = 0; i < in; i++) {
        vec xv = v_set1(x[i]);
        UNROLL for (int v = 0; v < vecs; v++)
            c[i % n][v] = v_fma(xv, v_load(w + (i * vecs + v) * LANES), c[i % n][v]);
    }
    UNROLL for (int v = 0; v < vecs; v++) {
        vec p = n == 1 ? c[0][v] : v_add(v_add(c[0][v], c[1][v]), v_add(c[2][v], c[3][v]));
        y[0][v] = v_add(y[0][v], p);
    }
}

VEC_FN void add_row(const int vecs, int in, const float *x, const float *w, tile y)
{
    const operands o = {.s = x, .s_input = 1, .v = w, .v_input = vecs * LANES};
    if (in <= WN_FEW) add_chain(1, vecs, 0, in, o, y);
    else add_product(1, vecs, WN_CHAINS, 0, in, o, y);
}

/* All taps, oldest first. `fixed`: inputs, if constant, else 0. */
VEC_FN void add_taps(const int vecs, const int fixed, int in, const cell_taps *t, tile y)
{
    const float *w = t->w;
    ptrdiff_t at = t->at;
    for (int k = 1; k <= t->taps; k++, w += in * vecs * LANES) {
        const float *x = k < t->taps ? t->ring + at : t->x;
        if (fixed) add_row_fixed(vecs, fixed, x, w, y);
        else add_row(vecs, in, x, w, y);
        at += t->step;
        at -= at >= t->end ? t->end : 0;
    }
}

VEC_FN void add_conv(const int vecs, int in, const cell_taps *t, tile y)
{
    switch (in) {
    case 1: add_taps(vecs, 1, 1, t, y); break;
    case 2: add_taps(vecs, 2, 2, t, y); break;
    case 3: add_taps(vecs, 3, 3, t, y); break;
    case 4: add_taps(vecs, 4, 4, t, y); break;
    case 6: add_taps(vecs, 6, 6, t, y); break;
    case 8: add_taps(vecs, 8, 8, t, y); break;
    case 12: add_taps(vecs, 12, 12, t, y); break;
    case 16: add_taps(vecs, 16, 16, t, y); break;
    default: add_taps(vecs, 0, in, t, y); break;
    }
}

/* Aim the taps of voice `voice`, and put the newest frame into the ring. */
VEC_FN cell_taps aim_cell(const wn_cell_conv *c, const wn_cell_run *r, ptrdiff_t row, ptrdiff_t voice)
{
    cell_taps t = {.taps = c->taps, .x = r->buffer[c->src] + row * c->in, .w = c->w};
    if (c->ring < 0) return t;
    ptrdiff_t frame = (ptrdiff_t)r->voices * c->in, now = r->position[c->ring] * frame;
    float *ring = r->memory + c->offset + voice * c->in;
    for (int i = 0; i < c->in; i += LANES) v_store(ring + now + i, v_load(t.x + i));
    t.ring = ring;
    t.step = c->dilation * frame;
    t.end = c->frames * frame;
    t.at = now - (c->taps - 1) * t.step;
    t.at += t.at < 0 ? t.end : 0;
    return t;
}

VEC_FN void advance_cell(const wn_cell_conv *c, const wn_cell_run *r)
{
    if (c->ring < 0) return;
    int next = r->position[c->ring] + 1;
    r->position[c->ring] = next < c->frames ? next : 0;
}

VEC_FN void load_row(const int vecs, const float *p, int out, bool exact, tile y)
{
    UNROLL for (int v = 0; v < vecs; v++) {
        int n = out - v * LANES;
        if (!exact || n >= LANES) y[0][v] = v_load(p + v * LANES);
        else y[0][v] = n > 0 ? v_loadn(p + v * LANES, n) : v_zero();
    }
}

VEC_FN void store_row(const int vecs, float *p, int out, bool exact, tile y)
{
    UNROLL for (int v = 0; v < vecs; v++) {
        int n = out - v * LANES;
        if (!exact || n >= LANES) v_store(p + v * LANES, y[0][v]);
        else if (n > 0) v_storen(p + v * LANES, y[0][v], n);
    }
}

/* The sum of a cell, or of its gate. */
VEC_FN void cell_sum(const int vecs, const wn_cell *c, const wn_cell_run *r, ptrdiff_t row, const cell_taps *taps, int gate,
                     tile y)
{
    int rows = c->gate_kind == WN_CELL_PLAIN ? 1 : 2;
    if (c->start >= 0) load_row(vecs, r->buffer[c->start] + (row * rows + gate) * c->out, c->out, c->exact, y);
    else load_row(vecs, c->bias + gate * vecs * LANES, c->out, false, y);
    for (int i = 0; i < c->n_convs; i++) {
        cell_taps t = taps[i];
        t.w += (ptrdiff_t)gate * c->conv[i].taps * c->conv[i].in * vecs * LANES;
        add_conv(vecs, c->conv[i].in, &t, y);
    }
}

/* As activate_tile, but channels lie in the lanes. */
VEC_FN void activate_cell(const int vecs, const wn_fn_param *f, int out, tile y)
{
    switch (f->fn) {
    case WN_FN_IDENTITY: break;
    case WN_FN_TANH: UNROLL for (int v = 0; v < vecs; v++) y[0][v] = fn_tanh(y[0][v]); break;
    case WN_FN_SIGMOID: UNROLL for (int v = 0; v < vecs; v++) y[0][v] = fn_sigmoid(y[0][v]); break;
    case WN_FN_RELU: UNROLL for (int v = 0; v < vecs; v++) y[0][v] = v_max(v_zero(), y[0][v]); break;
    case WN_FN_LEAKY_RELU: UNROLL for (int v = 0; v < vecs; v++) y[0][v] = fn_sloped(y[0][v], v_set1(f->p[0])); break;
    default:
        UNROLL for (int v = 0; v < vecs; v++) {
            int n = out - v * LANES;
            if (n > 0) y[0][v] = fn_any(f, y[0][v], v * LANES, n < LANES ? n : LANES);
        }
    }
}

VEC_FN void finish_cell(const int vecs, const wn_cell *c, const wn_cell_run *r, ptrdiff_t row, tile y)
{
    if (c->y >= 0) store_row(vecs, r->buffer[c->y] + row * c->out, c->out, c->exact, y);
    if (c->sum < 0) return;
    tile sum;
    float *at = r->buffer[c->sum] + row * c->out;
    if (!c->sets) load_row(vecs, at, c->out, c->exact, sum);
    UNROLL for (int v = 0; v < vecs; v++)
        sum[0][v] = v_mul(c->sets ? y[0][v] : v_add(sum[0][v], y[0][v]), v_set1(c->sum_scale));
    store_row(vecs, at, c->out, c->exact, sum);
}

/* The gate of a cell, y the raw sum: the result is left in y. */
VEC_FN void gate_cell(const int vecs, const wn_cell *c, const wn_cell_run *r, ptrdiff_t row, const cell_taps *taps, tile y)
{
    tile gate, raw;
    cell_sum(vecs, c, r, row, taps, 1, gate);
    UNROLL for (int v = 0; v < vecs; v++) raw[0][v] = y[0][v];
    activate_cell(vecs, &c->act, c->out, y);
    activate_cell(vecs, &c->gate, c->out, gate);
    UNROLL for (int v = 0; v < vecs; v++)
        y[0][v] = c->gate_kind == WN_CELL_GATED ? v_mul(y[0][v], gate[0][v])
                                                : v_fma(gate[0][v], v_sub(y[0][v], raw[0][v]), raw[0][v]);
}

VEC_FN void run_cell(const int vecs, const wn_cell *c, const wn_cell_run *r, ptrdiff_t row, ptrdiff_t voice)
{
    tile y;
    cell_taps taps[2];
    for (int i = 0; i < c->n_convs; i++) taps[i] = aim_cell(&c->conv[i], r, row, voice);
    cell_sum(vecs, c, r, row, taps, 0, y);
    if (c->gate_kind == WN_CELL_PLAIN) activate_cell(vecs, &c->act, c->out, y);
    else gate_cell(vecs, c, r, row, taps, y);
    finish_cell(vecs, c, r, row, y);
    for (int i = 0; voice == r->voices - 1 && i < c->n_convs; i++) advance_cell(&c->conv[i], r);
}

#define CELLS_OF(vecs)                                                                        \
    static void cells_##vecs(const wn_cell *cells, int n, const wn_cell_run *all)             \
    {                                                                                         \
        const wn_cell_run local = *all, *r = &local; /* which stores to rows cannot change */ \
        for (int i = 0; i < n; i++)                                                           \
            for (int f = 0, row = 0; f < r->frames; f++)                                      \
                for (int v = 0; v < r->voices; v++) run_cell(vecs, &cells[i], r, row++, v);   \
    }
CELLS_OF(1)
#if CELL_VECS > 1
CELLS_OF(2)
#endif
#if CELL_VECS > 2
CELLS_OF(4)
#endif

static void cells(const wn_cell *first, int n, const wn_cell_run *r)
{
    switch (first->vecs) {
#if CELL_VECS > 2
    case 4: cells_4(first, n, r); break;
#endif
#if CELL_VECS > 1
    case 2: cells_2(first, n, r); break;
#endif
    default: cells_1(first, n, r); break;
    }
}

#endif
