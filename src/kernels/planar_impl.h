/* SPDX-License-Identifier: MIT
 * planar_impl.h - convolutions with frames in the lanes, written once for every vector width.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_PLANAR_IMPL_H
#define WN_KERNELS_PLANAR_IMPL_H

#include "elementwise_impl.h"
#include "matmul_impl.h"

/* The frames of a block fill whole vectors; so no lane is ever wasted on a channel that does not exist, and no vector is
 * cut. A tile of few outputs takes several vectors, so that enough sums run side by side. From the table's file:
 *   PLANAR_OUTS              most outputs of a tile: 3 or 4
 *   PLANAR_VECS              vectors of a tile of 4 outputs, where there is one: 1 or 2
 *   PLANAR_SUMS              vectors of chains that registers have room for beside the sums they are joined to
 *   PLANAR_COLUMNS           defined: layers of 8, 12 and 16 channels with a residual run in planar_columns_impl.h, capture layers of 6
 *                            in planar_narrow_impl.h, as those of 2 to 4 do in every set
 *   PLANAR_CHAINS            defined: layers of 6, 8, 12 and 16 channels run in planar_chains_impl.h. Needs PLANAR_OUTS 4 and
 *                            PLANAR_VECS 2, and no PLANAR_COLUMNS
 * A tile of outputs x vectors loads outputs + vectors operands for outputs * vectors FMAs. Where a weight takes a load of its
 * own (AVX2), tiles of 4 x 2 and 3 x 2 reach 90 % of the FMA peak, 2 x 2 75 %, 4 x 1 68 %, 1 x 4 54 %. */

/* Past taps of up to WN_SMALL_PAST_INPUT inputs that run side by side. */
enum { PAST_TAPS_MOST = 4 };

/* Four chains, as the definition says. */
VEC_FN vec joined(vec a, vec b, vec c, vec d) { return v_add(v_add(a, b), v_add(c, d)); }

#define EACH_OF_TILE(outs, vecs, r, v) UNROLL for (int r = 0; r < (outs); r++) UNROLL for (int v = 0; v < (vecs); v++)

/* Keeps the compiler from working out every address of an unrolled loop in advance, for which there are no registers. */
VEC_FN const float *hold_pointer(const float *p)
{
    __asm__("" : "+r"(p));
    return p;
}

/* c[q] = the chains first + q, q < n, of `all`, as `chains`, for a constant number of inputs and weights WN_LANE_PAD apart:
 * nothing is left of the loop, and every weight is a constant distance from the first. */
VEC_FN void fixed_chains(const int outs, const int vecs, const int n, const int all, const int first, const int in,
                         const operands *p, tile *c)
{
    UNROLL for (int q = 0; q < n; q++) { EACH_OF_TILE(outs, vecs, r, v) c[q][r][v] = v_zero(); }
    const float *x = p->v + first * p->v_input;
    UNROLL for (int i = first; i < in; i += all)
    {
        UNROLL for (int q = 0; q < n; q++)
        {
            if (i + q >= in) continue;
            vec xv[TILE_VECS_MOST];
            UNROLL for (int v = 0; v < vecs; v++) xv[v] = v_hold(v_load(x + v * LANES));
            UNROLL for (int r = 0; r < outs; r++)
            {
                const float *s = p->s + (i + q) * WN_LANE_PAD + r;
                vec sv = vecs > 1 ? v_hold(v_set1(*s)) : v_set1(*s);
                UNROLL for (int v = 0; v < vecs; v++) c[q][r][v] = v_fma(sv, xv[v], c[q][r][v]);
            }
            x = hold_pointer(x + (q < n - 1 ? 1 : all + 1 - n) * p->v_input);
        }
    }
}

VEC_FN int chains_at_a_time(const int outs, const int vecs)
{
    return outs * vecs * WN_CHAINS <= PLANAR_SUMS ? WN_CHAINS : outs * vecs * 2 <= PLANAR_SUMS ? 2 : 1;
}

/* y += product of a constant number of inputs, four chains, one after the other: two of them would not fit into registers. The
 * compiler is told to keep sums in memory; left alone, it moves them back and forth. */
VEC_FN void add_chains_in_turn(const int outs, const int vecs, const int in, const operands *p, tile y)
{
    float memory[2][TILE_MOST * TILE_VECS_MOST * LANES];
    float *low = memory[0], *high = memory[1];
    UNROLL for (int q = 0; q < WN_CHAINS; q++)
    {
        tile c;
        fixed_chains(outs, vecs, 1, WN_CHAINS, q, in, p, &c);
        __asm__("" : "+r"(low), "+r"(high) : : "memory");
        EACH_OF_TILE(outs, vecs, r, v)
        {
            float *l = low + (r * vecs + v) * LANES, *h = high + (r * vecs + v) * LANES;
            if (q == 0) v_store(l, c[r][v]);
            if (q == 1) v_store(l, v_add(v_load(l), c[r][v]));
            if (q == 2) v_store(h, c[r][v]);
            if (q == 3) y[r][v] = v_add(y[r][v], v_add(v_load(l), v_add(v_load(h), c[r][v])));
        }
    }
}

/* y += product of a constant number of inputs. */
VEC_FN void add_fixed(const int outs, const int vecs, const int in, const operands *p, tile y)
{
    const int n = chains_at_a_time(outs, vecs);
    tile c[WN_CHAINS], low;
    if (in <= WN_SMALL_INPUT) {
        fixed_chains(outs, vecs, 1, 1, 0, in, p, c);
        EACH_OF_TILE(outs, vecs, r, v) y[r][v] = v_add(y[r][v], c[0][r][v]);
        return;
    }
    if (n == 1) {
        add_chains_in_turn(outs, vecs, in, p, y);
        return;
    }
    fixed_chains(outs, vecs, n, WN_CHAINS, 0, in, p, c);
    EACH_OF_TILE(outs, vecs, r, v) low[r][v] = v_hold(v_add(c[0][r][v], c[1][r][v]));
    if (n == 2) fixed_chains(outs, vecs, n, WN_CHAINS, 2, in, p, c + 2);
    EACH_OF_TILE(outs, vecs, r, v)
    y[r][v] = v_add(y[r][v], v_add(low[r][v], v_add(c[2][r][v], c[3][r][v])));
}

/* y += the products of n past taps from tap k on, whose `in` is a constant: a chain each, side by side. */
VEC_FN void add_past_taps(const int outs, const int vecs, const int in, const int n, const wn_term *t, int k, int frame,
                          int o, tile y)
{
    tile c[PAST_TAPS_MOST];
    const float *x[PAST_TAPS_MOST], *w = t->w + k * in * WN_LANE_PAD + o;
    UNROLL for (int q = 0; q < n; q++)
    {
        x[q] = t->x[k + q] + frame;
        EACH_OF_TILE(outs, vecs, r, v) c[q][r][v] = v_zero();
    }
    UNROLL for (int i = 0; i < in; i++)
    {
        UNROLL for (int q = 0; q < n; q++)
        {
            vec xv[TILE_VECS_MOST];
            UNROLL for (int v = 0; v < vecs; v++) xv[v] = v_hold(v_load(x[q] + v * LANES));
            UNROLL for (int r = 0; r < outs; r++)
            {
                const float *s = w + (q * in + i) * WN_LANE_PAD + r;
                vec sv = vecs > 1 ? v_hold(v_set1(*s)) : v_set1(*s);
                UNROLL for (int v = 0; v < vecs; v++) c[q][r][v] = v_fma(sv, xv[v], c[q][r][v]);
            }
            x[q] = hold_pointer(x[q] + t->x_stride);
        }
    }
    UNROLL for (int q = 0; q < n; q++) EACH_OF_TILE(outs, vecs, r, v) y[r][v] = v_add(y[r][v], c[q][r][v]);
}

/* Past taps side by side, so that enough chains hide the latency of the FMA. */
VEC_FN int past_taps_at_a_time(const int outs, const int vecs)
{
    return outs * vecs >= 6 ? 1 : outs * vecs >= 3 ? 2 : PAST_TAPS_MOST;
}

/* y += the products of the past taps of t that are one chain where others are four; their number. `in` is a constant. */
VEC_FN int planar_past_taps(const int outs, const int vecs, const int in, const wn_term *t, int frame, int o, tile y)
{
    const bool differ = wn_chains(in, true) != wn_chains(in, false);
    const int n = past_taps_at_a_time(outs, vecs), past = differ ? t->past : 0;
    int k = 0;
    for (; k + n <= past; k += n) add_past_taps(outs, vecs, in, n, t, k, frame, o, y);
    if (n > 1)
        for (; k < past; k++) add_past_taps(outs, vecs, in, 1, t, k, frame, o, y);
    return past;
}

/* y += the products of all taps of t, whose `in` is a constant; at most WN_LANE_PAD outputs. */
VEC_FN void planar_taps(const int outs, const int vecs, const int in, const wn_term *t, int frame, int o, tile y)
{
    int k = planar_past_taps(outs, vecs, in, t, frame, o, y);
    operands at = {.s = t->w + k * in * WN_LANE_PAD + o, .v_input = t->x_stride};
    for (; k < t->taps; k++, at.s += in * WN_LANE_PAD) {
        at.v = t->x[k] + frame;
        add_fixed(outs, vecs, in, &at, y);
    }
}

/* The same for any number of inputs and outputs. */
VEC_FN void planar_any_taps(const int outs, const int vecs, int out, const wn_term *t, int frame, int o, tile y)
{
    size_t in = (size_t)t->in, matrix = in * wn_padded((size_t)out);
    operands at = {.s = t->w + wn_weight_at(in, (size_t)o), .s_row = 1, .v_input = t->x_stride};
    at.s_input = (ptrdiff_t)wn_panel_width((size_t)out, (size_t)o);
    for (int k = 0; k < t->taps; k++, at.s += matrix) {
        at.v = t->x[k] + frame;
        if (wn_chains(t->in, k < t->past) == 1)
            add_chain(outs, vecs, 0, t->in, at, y);
        else
            add_product(outs, vecs, chains_at_a_time(outs, vecs), 0, t->in, at, y);
    }
}

/* Rare shapes are a call: inlined, their variables would take registers from the common ones. */
#define ANY_TAPS(outs, vecs) \
    static __attribute__((noinline)) void any_taps_##outs##x##vecs(int out, const wn_term *t, int frame, int o, \
                                                                   vec *sums) \
    { \
        tile y; \
        EACH_OF_TILE(outs, vecs, r, v) y[r][v] = sums[r * (vecs) + v]; \
        planar_any_taps(outs, vecs, out, t, frame, o, y); \
        EACH_OF_TILE(outs, vecs, r, v) sums[r * (vecs) + v] = y[r][v]; \
    }
typedef void any_taps(int out, const wn_term *t, int frame, int o, vec *sums);

VEC_FN void call_any(const int outs, const int vecs, any_taps *any, int out, const wn_term *t, int frame, int o, tile y)
{
    vec sums[TILE_MOST * TILE_VECS_MOST];
    EACH_OF_TILE(outs, vecs, r, v) sums[r * vecs + v] = y[r][v];
    any(out, t, frame, o, sums);
    EACH_OF_TILE(outs, vecs, r, v) y[r][v] = sums[r * vecs + v];
}

/* Captures' numbers of inputs are spelled out. */
VEC_FN void planar_term(const int outs, const int vecs, any_taps *any, int out, const wn_term *t, int frame, int o,
                        tile y)
{
    if (out > WN_LANE_PAD)
        call_any(outs, vecs, any, out, t, frame, o, y);
    else if (t->in == 1)
        planar_taps(outs, vecs, 1, t, frame, o, y);
    else if (t->in == outs)
        planar_taps(outs, vecs, outs, t, frame, o, y);
    else if (t->in == 4)
        planar_taps(outs, vecs, 4, t, frame, o, y);
#ifdef PLANAR_COLUMNS
    else if (t->in == 6)
        planar_taps(outs, vecs, 6, t, frame, o, y);
#endif
    else if (t->in == 8)
        planar_taps(outs, vecs, 8, t, frame, o, y);
    else if (t->in == 16)
        planar_taps(outs, vecs, 16, t, frame, o, y);
    else
        call_any(outs, vecs, any, out, t, frame, o, y);
}

/* Whether f is a leaky ReLU that fn_leaky computes. */
static inline bool is_plain_leaky(const wn_fn_param *f)
{
    return f->fn == WN_ACT_LEAKY_RELU && f->p[0] > 0 && f->p[0] <= 1;
}

/* The functions of captures are spelled out, so that those of a tile hide each other's latency; the rest are called. */
VEC_FN void activate_tile(const int outs, const int vecs, const wn_fn_param *f, int o, tile y)
{
    switch (f->fn) {
    case WN_ACT_TANH: EACH_OF_TILE(outs, vecs, r, v) y[r][v] = fn_tanh(y[r][v]); break;
    case WN_ACT_RELU: EACH_OF_TILE(outs, vecs, r, v) y[r][v] = v_max(v_zero(), y[r][v]); break;
    case WN_ACT_LEAKY_RELU: EACH_OF_TILE(outs, vecs, r, v) y[r][v] = fn_sloped(y[r][v], v_set1(f->p[0])); break;
    case WN_ACT_PRELU: EACH_OF_TILE(outs, vecs, r, v) y[r][v] = fn_sloped(y[r][v], v_set1(f->slopes[o + r])); break;
    default: EACH_OF_TILE(outs, vecs, r, v) y[r][v] = fn_any(f, y[r][v], 0, LANES); break;
    }
}

/* The start of the sums of outputs o.. for the frames from `frame` on. */
VEC_FN void start_tile(const int outs, const int vecs, const wn_planar *p, int frame, int o, tile y)
{
    EACH_OF_TILE(outs, vecs, r, v)
    y[r][v] = p->init   ? v_load(p->init + (o + r) * p->stride + frame + v * LANES)
              : p->bias ? v_set1(p->bias[o + r])
                        : v_zero();
}

/* The same for a layer of a capture: `bias` and the 1x1 of a condition x of one channel, from the tile's first output and frame on. */
VEC_FN void start_capture(const int outs, const int vecs, const float *bias, const float *w, const float *x, tile y)
{
    EACH_OF_TILE(outs, vecs, r, v)
    y[r][v] = v_add(v_set1(bias[r]), v_fma(v_set1(w[r]), v_load(x + v * LANES), v_zero()));
}

/* Where results go, from one output and frame on. */
typedef struct planar_results {
    float *y;                                   /* NULL: not wanted */
    const float *old;                           /* what they are added to */
    float *sum;                                 /* NULL: there is no running sum */
    ptrdiff_t y_stride, old_stride, sum_stride; /* floats from output to output */
    float scale;
    bool scales; /* a factor of 1 changes nothing */
} planar_results;

VEC_FN planar_results results_at(const wn_planar *restrict p, int frame, int o)
{
    planar_results to = {.y_stride = p->stride, .old_stride = p->old_stride, .sum_stride = p->sum_stride};
    if (p->y) to.y = p->y + o * p->stride + frame;
    if (!p->sum) return to;
    to.old = p->old + o * p->old_stride + frame;
    to.sum = p->sum + o * p->sum_stride + frame;
    to.scale = p->sum_scale;
    to.scales = p->sum_scale != 1.0f;
    return to;
}

/* Store the results of a tile: in the buffer and in the running sum, where wanted. */
VEC_FN void keep_tile(const int outs, const int vecs, const planar_results *to, tile y)
{
    tile z;
    if (to->y) EACH_OF_TILE(outs, vecs, r, v) v_store(to->y + r * to->y_stride + v * LANES, y[r][v]);
    if (!to->sum) return;
    EACH_OF_TILE(outs, vecs, r, v) z[r][v] = v_add(v_load(to->old + r * to->old_stride + v * LANES), y[r][v]);
    if (to->scales) EACH_OF_TILE(outs, vecs, r, v) z[r][v] = v_mul(z[r][v], v_set1(to->scale));
    EACH_OF_TILE(outs, vecs, r, v) v_store(to->sum + r * to->sum_stride + v * LANES, z[r][v]);
}

VEC_FN void end_tile(const int outs, const int vecs, const wn_planar *p, int frame, int o, tile y)
{
    planar_results to = results_at(p, frame, o);
    if (p->act) activate_tile(outs, vecs, p->act, o, y);
    keep_tile(outs, vecs, &to, y);
}

/* A tile is a function: in a loop over frames the compiler works out everything it can before the first of them, and spills
 * most of it. */
#define PLANAR_TILE(outs, vecs) \
    ANY_TAPS(outs, vecs) \
    static __attribute__((noinline)) void tile_##outs##x##vecs(const wn_planar *restrict p, int frame, int o) \
    { \
        tile y; \
        start_tile(outs, (vecs), p, frame, o, y); \
        for (int k = 0; k < p->n_terms; k++) \
            planar_term(outs, vecs, any_taps_##outs##x##vecs, p->out, &p->terms[k], frame, o, y); \
        end_tile(outs, vecs, p, frame, o, y); \
    }
PLANAR_TILE(1, 1)
PLANAR_TILE(1, 4)
PLANAR_TILE(2, 1)
PLANAR_TILE(2, 2)
PLANAR_TILE(3, 1)
PLANAR_TILE(3, 2)
#if PLANAR_OUTS > 3
PLANAR_TILE(4, 1)
#if PLANAR_VECS > 1
PLANAR_TILE(4, 2)
#else
#define tile_4x2 tile_4x1
#endif
#endif

typedef void tile_fn(const wn_planar *restrict p, int frame, int o);

/* Outputs o.. of all frames, `vecs` vectors at a time, then one. */
static void planar_strip(tile_fn *several, int vecs, tile_fn *one, const wn_planar *p, int o)
{
    int frame = 0;
    for (; frame + vecs * LANES <= p->frames; frame += vecs * LANES) several(p, frame, o);
    for (; frame < p->frames; frame += LANES) one(p, frame, o);
}

/* How many of `left` outputs the next tile takes, such that few are left to small tiles. */
static int tile_outs(int left)
{
    if (left == 5 || left % 3 == 0) return 3;
    return left >= PLANAR_OUTS ? PLANAR_OUTS : left;
}

/* Outputs o .. last - 1 of all frames, of one panel of weights. */
static void planar_panel(const wn_planar *p, int o, int last)
{
    for (int outs; o < last; o += outs) {
        outs = tile_outs(last - o);
        switch (outs) {
#if PLANAR_OUTS > 3
        case 4: planar_strip(tile_4x2, PLANAR_VECS, tile_4x1, p, o); break;
#endif
        case 3: planar_strip(tile_3x2, 2, tile_3x1, p, o); break;
        case 2: planar_strip(tile_2x2, 2, tile_2x1, p, o); break;
        default: planar_strip(tile_1x4, 4, tile_1x1, p, o); break;
        }
    }
}

static void planar_panels(const wn_planar *p)
{
    for (int o = 0; o < p->out; o += WN_PANEL) planar_panel(p, o, p->out - o < WN_PANEL ? p->out : o + WN_PANEL);
}

/* ---- layers with their residual -------------------------------------------------------------------------------------- */

/* y += the 1x1 of rows that are in registers. */
VEC_FN void add_held(const int outs, const int vecs, const int in, const float *w, vec (*z)[TILE_VECS_MOST], tile y)
{
    const int n = in <= WN_SMALL_INPUT ? 1 : WN_CHAINS;
    tile c[WN_CHAINS];
    UNROLL for (int q = 0; q < n; q++) EACH_OF_TILE(outs, vecs, r, v) c[q][r][v] = v_zero();
    UNROLL for (int i = 0; i < in; i++, w += WN_LANE_PAD) EACH_OF_TILE(outs, vecs, r, v) c[i % n][r][v] =
        v_fma(v_set1(w[r]), z[i][v], c[i % n][r][v]);
    EACH_OF_TILE(outs, vecs, r, v)
    y[r][v] = v_add(y[r][v], n == 1 ? c[0][r][v] : joined(c[0][r][v], c[1][r][v], c[2][r][v], c[3][r][v]));
}

#include "planar_narrow_impl.h"
#ifdef PLANAR_COLUMNS
#include "planar_columns_impl.h"
#endif
#ifdef PLANAR_CHAINS
#include "planar_chains_impl.h"
#endif

static void planar(const wn_planar *p)
{
    if (p->capture && planar_narrow(p)) return;
#ifdef PLANAR_COLUMNS
    if (planar_columns(p)) return;
#endif
#ifdef PLANAR_CHAINS
    if (planar_chains(p)) return;
#endif
    planar_panels(p);
    if (p->then) planar_panels(p->then);
}

#endif
