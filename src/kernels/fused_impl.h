/* SPDX-License-Identifier: MIT
 * fused_impl.h - layers of narrow networks a frame at a time, written once for every vector width.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_FUSED_IMPL_H
#define WN_KERNELS_FUSED_IMPL_H

#include "fused.h"
#include "planar_impl.h"

/* A frame of a narrow layer is a few dozen FMAs, each waiting for the one before: latency is the cost. Only the newest tap
 * waits for the layer before; past taps come first in the sum and run beside that layer, as far as the processor looks ahead.
 * So one call does many layers with little between their FMAs, and a layer's result reaches the next in a register: through
 * memory it would be six to ten cycles later. */

/* The results of the layer before. */
typedef struct fused_made {
    vec y[FUSED_VECS], sum[FUSED_VECS];
} fused_made;

/* ---- matmul -------------------------------------------------------------------------------------------------------- */

/* Broadcast input i. In a tight row only the first four lanes are valid. */
VEC_FN vec row_lane(const int pitch, const vec *row, const int i)
{
#ifdef VEC_HALVES
    if (pitch == WN_TIGHT) return v_lane_of_halves(row[0], i);
#endif
    (void)pitch;
    return v_lane(row[i / LANES], i % LANES);
}

/* y += product of a constant number of inputs: all addresses are constant, too. The row lies at x, or in `reg`. */
VEC_FN void add_row_fixed(const int vecs, const int pitch, const int in, const bool past, const float *x,
                          const vec *reg, const float *w, tile y)
{
    const int n = wn_chains(in, past);
    tile c;
    EACH_OF_TILE(n, vecs, q, v) c[q][v] = v_zero();
    UNROLL for (int i = 0; i < in; i++)
    {
        vec xv = reg ? row_lane(pitch, reg, i) : v_set1(x[i]);
        UNROLL for (int v = 0; v < vecs; v++) c[i % n][v] = v_fma(xv, v_load(w + i * pitch + v * LANES), c[i % n][v]);
    }
    UNROLL for (int v = 0; v < vecs; v++)
    {
        vec p = n == 1 ? c[0][v] : joined(c[0][v], c[1][v], c[2][v], c[3][v]);
        y[0][v] = v_add(y[0][v], p);
    }
}

/* `fixed`: inputs, if constant, else 0. `pitch`: floats from one input's weights to the next. */
VEC_FN void add_row(const int vecs, const int pitch, const int fixed, int in, const bool past, const float *x,
                    const float *w, tile y)
{
    const operands o = {.s = x, .s_input = 1, .v = w, .v_input = pitch};
    if (fixed)
        add_row_fixed(vecs, pitch, fixed, past, x, NULL, w, y);
    else if (wn_chains(in, past) == 1)
        add_chain(1, vecs, 0, in, o, y);
    else
        add_product(1, vecs, WN_CHAINS, 0, in, o, y);
}

/* What packs the weights goes by the number of lanes. */
#ifdef VEC_HALVES
_Static_assert(LANES == 2 * WN_TIGHT, "two taps side by side");
#else
_Static_assert(LANES != 2 * WN_TIGHT, "two taps side by side");
#endif

/* y += two past taps of one chain each, of a constant number of inputs. A chain waits four cycles for each of its FMAs, so two
 * run side by side; of tight layers in the halves of a vector. */
VEC_FN void add_two_past(const int vecs, const int pitch, const int in, const float *older, const float *newer,
                         const float *w, tile y)
{
#ifdef VEC_HALVES
    if (pitch == WN_TIGHT) {
        vec x = v_halves(older, newer), c = v_zero();
        UNROLL for (int i = 0; i < in; i++) c = v_fma(v_lane_of_halves(x, i), v_load(w + i * LANES), c);
        y[0][0] = v_add_halves(y[0][0], c);
        return;
    }
#endif
    tile c;
    EACH_OF_TILE(2, vecs, k, v) c[k][v] = v_zero();
    UNROLL for (int i = 0; i < in; i++)
    {
        vec x[2] = {v_set1(older[i]), v_set1(newer[i])};
        EACH_OF_TILE(2, vecs, k, v) c[k][v] = v_fma(x[k], v_load(w + (k * in + i) * pitch + v * LANES), c[k][v]);
    }
    EACH_OF_TILE(2, vecs, k, v) y[0][v] = v_add(y[0][v], c[k][v]);
}

/* y += all taps but the newest, oldest first. */
VEC_FN void add_past(const int vecs, const int pitch, const int fixed, const int kind, const wn_fused_conv *c,
                     const wn_fused_run *r, ptrdiff_t voice, const float *w, const float *newest, tile y)
{
    const int in = fixed ? fixed : c->in;
    if (kind == WN_FUSED_RESIDUAL || (kind == WN_FUSED_ANY && w == newest)) return;
    ptrdiff_t step = c->ring.step, end = c->ring.end, at = wn_fifo_walk_oldest(&c->ring, r->position[c->ring.index]);
    const float *ring = r->memory + c->ring.offset + voice * in;
    if (fixed && wn_chains(fixed, true) == 1) {
        for (; newest - w >= 2 * in * pitch; w += 2 * in * pitch) {
            const float *older = ring + at;
            at = wn_fifo_walk_next(at, step, end);
            add_two_past(vecs, pitch, fixed, older, ring + at, w, y);
            at = wn_fifo_walk_next(at, step, end);
        }
        if (w == newest) return;
    }
    do {
        add_row(vecs, pitch, fixed, in, true, ring + at, w, y);
        at = wn_fifo_walk_next(at, step, end);
        w += in * pitch;
    } while (w != newest);
}

/* The 1x1 before the convolution, mostly of one input channel. */
VEC_FN void add_first(const int vecs, const int pitch, const wn_fused_layer *c, const wn_fused_run *r, ptrdiff_t row,
                      int gate, tile y)
{
    const float *x = r->buffer[c->first_src] + row * c->first_in;
    const float *w = c->first + (ptrdiff_t)gate * c->first_in * pitch;
    if (c->first_in == 1)
        add_row_fixed(vecs, pitch, 1, false, x, NULL, w, y);
    else
        add_row(vecs, pitch, 0, c->first_in, false, x, w, y);
}

/* ---- rows ---------------------------------------------------------------------------------------------------------- */

VEC_FN void load_row(const int vecs, const float *p, int out, bool exact, tile y)
{
    UNROLL for (int v = 0; v < vecs; v++)
    {
        int n = out - v * LANES;
        if (!exact || n >= LANES)
            y[0][v] = v_load(p + v * LANES);
        else
            y[0][v] = n > 0 ? v_loadn(p + v * LANES, n) : v_zero();
    }
}

VEC_FN void store_row(const int vecs, float *p, int out, bool exact, tile y)
{
    UNROLL for (int v = 0; v < vecs; v++)
    {
        int n = out - v * LANES;
        if (!exact || n >= LANES)
            v_store(p + v * LANES, y[0][v]);
        else if (n > 0)
            v_storen(p + v * LANES, y[0][v], n);
    }
}

/* The newest frame, at x or in `reg`, into the ring, which moves on with the last voice. */
VEC_FN void write_ring(const int vecs, const wn_fused_conv *c, const wn_fused_run *r, const float *x, const vec *reg,
                       ptrdiff_t voice)
{
    int *position = &r->position[c->ring.index], next = wn_fifo_walk_advance(&c->ring, *position);
    float *to = r->memory + c->ring.offset + wn_fifo_walk_newest(&c->ring, *position) + voice * c->in;
    if (reg) {
        UNROLL for (int v = 0; v < vecs; v++) v_store(to + v * LANES, reg[v]);
    } else {
        for (int i = 0; i < c->in; i += LANES) v_store(to + i, v_load(x + i));
    }
    if (voice == r->voices - 1) *position = next;
}

/* ---- layers -------------------------------------------------------------------------------------------------------- */

VEC_FN void start_layer(const int vecs, const int pitch, const int kind, const wn_fused_layer *c, const wn_fused_run *r,
                        ptrdiff_t row, int gate, tile y)
{
    if (kind || c->init < 0) {
        load_row(vecs, c->bias + gate * vecs * LANES, c->out, false, y);
    } else {
        ptrdiff_t at = c->gate_kind == WN_FUSED_PLAIN ? row : 2 * row + gate;
        load_row(vecs, r->buffer[c->init] + at * c->out, c->out, c->exact, y);
    }
    if (kind == WN_FUSED_LAYER)
        add_row_fixed(vecs, pitch, 1, false, r->buffer[c->first_src], NULL, c->first, y);
    else if (!kind && c->first)
        add_first(vecs, pitch, c, r, row, gate, y);
}

/* The sum of a layer, or of its gate. */
VEC_FN void layer_sum(const int vecs, const bool single, const int pitch, const int fixed, const int kind,
                      const wn_fused_layer *c, const wn_fused_run *r, ptrdiff_t row, ptrdiff_t voice,
                      const fused_made *before, int gate, tile y)
{
    const wn_fused_conv *conv = &c->conv;
    const int in = fixed ? fixed : conv->in, reaches = single && fixed && fixed <= vecs * LANES;
    start_layer(vecs, pitch, kind, c, r, row, gate, y);
    const ptrdiff_t half = gate ? (ptrdiff_t)conv->taps * in * pitch : 0;
    const float *w = conv->newest + half;
    add_past(vecs, pitch, fixed, kind, conv, r, voice, conv->w + half, w, y);
    if (kind)
        add_row_fixed(vecs, pitch, fixed, false, NULL, kind == WN_FUSED_LAYER ? before->sum : before->y, w, y);
    else if (reaches && conv->from == WN_FROM_SUM)
        add_row_fixed(vecs, pitch, fixed, false, NULL, before->sum, w, y);
    else if (reaches && conv->from)
        add_row_fixed(vecs, pitch, fixed, false, NULL, before->y, w, y);
    else
        add_row(vecs, pitch, fixed, in, false, r->buffer[conv->src] + row * in, w, y);
}

/* As activate_tile, but channels lie in the lanes. */
VEC_FN void activate_layer(const int vecs, const wn_fn_param *f, int out, tile y)
{
    switch (f->fn) {
    case WN_ACT_IDENTITY: break;
    case WN_ACT_TANH: UNROLL for (int v = 0; v < vecs; v++) y[0][v] = fn_tanh(y[0][v]); break;
    case WN_ACT_RELU: UNROLL for (int v = 0; v < vecs; v++) y[0][v] = v_max(v_zero(), y[0][v]); break;
    case WN_ACT_LEAKY_RELU: UNROLL for (int v = 0; v < vecs; v++) y[0][v] = fn_sloped(y[0][v], v_set1(f->p[0])); break;
    default:
        UNROLL for (int v = 0; v < vecs; v++)
        {
            int n = out - v * LANES;
            if (n > 0) y[0][v] = fn_any(f, y[0][v], v * LANES, n < LANES ? n : LANES);
        }
    }
}

/* y, the sum of a layer, becomes its gated result. */
VEC_FN void gate_layer(const int vecs, const wn_fused_layer *c, tile gate, tile y)
{
    tile raw;
    UNROLL for (int v = 0; v < vecs; v++) raw[0][v] = y[0][v];
    activate_layer(vecs, &c->act, c->out, y);
    activate_layer(vecs, &c->gate, c->out, gate);
    UNROLL for (int v = 0; v < vecs; v++) y[0][v] = c->gate_kind == WN_FUSED_GATED
                                                        ? v_mul(y[0][v], gate[0][v])
                                                        : v_fma(gate[0][v], v_sub(y[0][v], raw[0][v]), raw[0][v]);
}

/* A factor of 1 changes nothing, but would be waited for. */
VEC_FN void finish_layer(const int vecs, const int kind, const wn_fused_layer *c, const wn_fused_run *r, ptrdiff_t row,
                         tile y, fused_made *made)
{
    UNROLL for (int v = 0; v < vecs; v++) made->y[v] = y[0][v];
    if (kind) {
        float *at = r->buffer[c->sum];
        if (kind == WN_FUSED_LAYER) UNROLL for (int v = 0; v < vecs; v++) v_store(r->buffer[c->y] + v * LANES, y[0][v]);
        UNROLL for (int v = 0; v < vecs; v++) made->sum[v] = v_add(v_load(at + v * LANES), y[0][v]);
        UNROLL for (int v = 0; v < vecs; v++) v_store(at + v * LANES, made->sum[v]);
        return;
    }
    if (c->y >= 0) store_row(vecs, r->buffer[c->y] + row * c->out, c->out, c->exact, y);
    if (c->sum < 0) return;
    float *at = r->buffer[c->sum] + row * c->out;
    tile sum;
    if (c->sets) {
        UNROLL for (int v = 0; v < vecs; v++) sum[0][v] = y[0][v];
    } else {
        load_row(vecs, at, c->out, c->exact, sum);
        UNROLL for (int v = 0; v < vecs; v++) sum[0][v] = v_add(sum[0][v], y[0][v]);
    }
    if (c->sum_scale != 1.0f) UNROLL for (int v = 0; v < vecs; v++) sum[0][v] = v_mul(sum[0][v], v_set1(c->sum_scale));
    store_row(vecs, at, c->out, c->exact, sum);
    UNROLL for (int v = 0; v < vecs; v++) made->sum[v] = sum[0][v];
}

VEC_FN void run_kind(const int vecs, const bool single, const int pitch, const int fixed, const int kind,
                     const wn_fused_layer *c, const wn_fused_run *r, ptrdiff_t row, ptrdiff_t voice, fused_made *made)
{
    const wn_fused_conv *conv = &c->conv;
    tile y;
    layer_sum(vecs, single, pitch, fixed, kind, c, r, row, voice, made, 0, y);
    if (kind == WN_FUSED_LAYER || (!kind && c->gate_kind == WN_FUSED_PLAIN)) {
        activate_layer(vecs, &c->act, c->out, y);
    } else if (!kind) {
        tile gate;
        layer_sum(vecs, single, pitch, 0, kind, c, r, row, voice, made, 1, gate);
        gate_layer(vecs, c, gate, y);
    }
    if (kind == WN_FUSED_LAYER)
        write_ring(vecs, conv, r, NULL, made->sum, voice);
    else if (!kind && conv->ring.index >= 0)
        write_ring(vecs, conv, r, r->buffer[conv->src] + row * conv->in, NULL, voice);
    finish_layer(vecs, kind, c, r, row, y, made);
}

/* Without the barriers GCC loads the first 32 vectors of weights before it looks at the kind of layer, and spills 24 of them,
 * which is 20 % of the instructions of A1 standard. */
VEC_FN void run_layer(const int vecs, const bool single, const int pitch, const int fixed, const wn_fused_layer *c,
                      const wn_fused_run *r, ptrdiff_t row, ptrdiff_t voice, fused_made *made)
{
    if (single && fixed && c->kind == WN_FUSED_LAYER) {
        COMPILER_BARRIER;
        run_kind(vecs, single, pitch, fixed, WN_FUSED_LAYER, c, r, row, voice, made);
    } else if (single && fixed && c->kind == WN_FUSED_RESIDUAL) {
        COMPILER_BARRIER;
        run_kind(vecs, single, pitch, fixed, WN_FUSED_RESIDUAL, c, r, row, voice, made);
    } else {
        if (single && fixed) COMPILER_BARRIER;
        run_kind(vecs, single, pitch, fixed, WN_FUSED_ANY, c, r, row, voice, made);
    }
}

/* Run n layers with the same number of inputs. */
typedef void fused_fn(const wn_fused_layer *layers, int n, const wn_fused_run *r, fused_made *made);

/* A function for each number of inputs, so that GCC chooses the case and allocates registers outside the loop over layers. */
#define FUSED_INPUTS(name, vecs, single, pitch, fixed) \
    static __attribute__((noinline)) void fused_##name(const wn_fused_layer *layers, int n, const wn_fused_run *all, \
                                                       fused_made *last) \
    { \
        const wn_fused_run r = {all->buffer, all->memory, all->position, single ? 1 : all->frames, \
                                single ? 1 : all->voices}; \
        fused_made made = *last; /* copies, which stores to rows cannot change */ \
        for (const wn_fused_layer *c = layers, *end = c + n; c < end; c++) \
            for (int f = 0, row = 0; f < r.frames; f++) \
                for (int v = 0; v < r.voices; v++) run_layer(vecs, single, pitch, fixed, c, &r, row++, v, &made); \
        *last = made; \
    }

/* The numbers of inputs of captures are constants; what fills no row of so many vectors is not worth its code. */
#define FUSED_OF(name, vecs, single) \
    FUSED_INPUTS(name##_tight_1, vecs, single, WN_TIGHT, 1) \
    FUSED_INPUTS(name##_tight_2, vecs, single, WN_TIGHT, 2) \
    FUSED_INPUTS(name##_tight_3, vecs, single, WN_TIGHT, 3) \
    FUSED_INPUTS(name##_tight_4, vecs, single, WN_TIGHT, 4) \
    FUSED_INPUTS(name##_6, vecs, single, vecs *LANES, 6) \
    FUSED_INPUTS(name##_8, vecs, single, vecs *LANES, 8) \
    FUSED_INPUTS(name##_12, vecs, single, vecs *LANES, 12) \
    FUSED_INPUTS(name##_16, vecs, single, vecs *LANES, 16) \
    FUSED_INPUTS(name##_any, vecs, single, vecs *LANES, 0) \
    static fused_fn *fused_fn_of_##name(const wn_fused_layer *c) \
    { \
        const int in = c->conv.in, lanes = vecs * LANES; \
        if (vecs == 1 && c->tight) \
            return in == 1   ? fused_##name##_tight_1 \
                   : in == 2 ? fused_##name##_tight_2 \
                   : in == 3 ? fused_##name##_tight_3 \
                             : fused_##name##_tight_4; \
        if (lanes >= 8 && in == 6) return fused_##name##_6; \
        if (lanes >= 8 && in == 8) return fused_##name##_8; \
        if (lanes >= 16 && in == 12) return fused_##name##_12; \
        return lanes >= 16 && in == 16 ? fused_##name##_16 : fused_##name##_any; \
    } \
    static void fused_##name(const wn_fused_layer *layers, int n, const wn_fused_run *r) \
    { \
        fused_made made = {0}; \
        for (const wn_fused_layer *c = layers, *end = c + n; c < end;) { \
            int run = c->run_length < end - c ? c->run_length : (int)(end - c); \
            fused_fn_of_##name(c)(c, run, r, &made); \
            c += run; \
        } \
    }
FUSED_OF(rows_1, 1, false)
FUSED_OF(single_1, 1, true)
#if FUSED_VECS > 1
FUSED_OF(rows_2, 2, false)
FUSED_OF(single_2, 2, true)
#endif
#if FUSED_VECS > 2
FUSED_OF(rows_4, 4, false)
FUSED_OF(single_4, 4, true)
#endif

static void fused(const wn_fused_layer *first, int n, const wn_fused_run *r)
{
    bool single = r->frames * r->voices == 1;
    switch (first->vecs) {
#if FUSED_VECS > 2
    case 4: (single ? fused_single_4 : fused_rows_4)(first, n, r); break;
#endif
#if FUSED_VECS > 1
    case 2: (single ? fused_single_2 : fused_rows_2)(first, n, r); break;
#endif
    default: (single ? fused_single_1 : fused_rows_1)(first, n, r); break;
    }
}

#endif
