/* SPDX-License-Identifier: MIT
 * planes_impl.h - convolutions with frames in the lanes, written once for every vector width.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_PLANES_IMPL_H
#define WN_KERNELS_PLANES_IMPL_H

#include "elementwise_impl.h"
#include "products_impl.h"

/* The frames of a block fill whole vectors; so no lane is ever wasted on a channel that does not exist, and no vector is
 * cut. A tile of few outputs takes several vectors, so that enough sums run side by side. From the table's file:
 *   PLANE_OUTS              most outputs of a tile: 3 or 8
 *   PLANE_VECS              vectors of a tile of 2 or 3 outputs; twice as many for one
 *   PLANE_SUMS              vectors of chains that registers have room for beside the sums they are joined to */

#define EACH_OF_TILE(outs, vecs, r, v)            \
    UNROLL for (int r = 0; r < (outs); r++)       \
        UNROLL for (int v = 0; v < (vecs); v++)

/* Keeps the compiler from working out every address of an unrolled loop in advance, for which there are no registers. */
VEC_FN const float *hold_pointer(const float *p)
{
    __asm__("" : "+r"(p));
    return p;
}

/* c[q] = the chains first + q, q < n, of `all`, as `chains`, for a constant number of inputs: nothing is left of the loop. */
VEC_FN void fixed_chains(const int outs, const int vecs, const int n, const int all, const int first, const int in,
                         const operands *p, tile *c)
{
    UNROLL for (int q = 0; q < n; q++) {
        EACH_OF_TILE(outs, vecs, r, v) c[q][r][v] = v_zero();
    }
    const float *s = p->s + first * p->s_input, *x = p->v + first * p->v_input;
    UNROLL for (int i = first; i < in; i += all) {
        UNROLL for (int q = 0; q < n; q++) {
            if (i + q >= in) continue;
            vec xv[TILE_VECS_MOST];
            UNROLL for (int v = 0; v < vecs; v++) xv[v] = v_hold(v_load(x + v * LANES));
            UNROLL for (int r = 0; r < outs; r++) {
                vec sv = vecs > 1 ? v_hold(v_set1(s[r])) : v_set1(s[r]);
                UNROLL for (int v = 0; v < vecs; v++) c[q][r][v] = v_fma(sv, xv[v], c[q][r][v]);
            }
            int step = q < n - 1 ? 1 : all + 1 - n;
            s = hold_pointer(s + step * p->s_input);
            x = hold_pointer(x + step * p->v_input);
        }
    }
}

VEC_FN int chains_at_a_time(const int outs, const int vecs) { return outs * vecs * WN_CHAINS <= PLANE_SUMS ? WN_CHAINS : 2; }

/* y += product of a constant number of inputs. */
VEC_FN void add_fixed(const int outs, const int vecs, const int in, const operands *p, tile y)
{
    const int n = chains_at_a_time(outs, vecs);
    tile c[WN_CHAINS], low;
    if (in <= WN_FEW) {
        fixed_chains(outs, vecs, 1, 1, 0, in, p, c);
        EACH_OF_TILE(outs, vecs, r, v) y[r][v] = v_add(y[r][v], c[0][r][v]);
        return;
    }
    fixed_chains(outs, vecs, n, WN_CHAINS, 0, in, p, c);
    EACH_OF_TILE(outs, vecs, r, v) low[r][v] = v_hold(v_add(c[0][r][v], c[1][r][v]));
    if (n == 2) fixed_chains(outs, vecs, n, WN_CHAINS, 2, in, p, c + 2);
    EACH_OF_TILE(outs, vecs, r, v)
        y[r][v] = v_add(y[r][v], v_add(low[r][v], v_add(c[2][r][v], c[3][r][v])));
}

VEC_FN void add_term(const int outs, const int vecs, const wn_planes *p, const wn_term *t, int frame, int o, tile y)
{
    const operands at = {t->w + wn_weight_at((size_t)t->in, (size_t)o), 1,
                         (ptrdiff_t)wn_panel_width((size_t)p->out, (size_t)o), t->x + frame, t->x_stride, NULL};
    if (t->in == 1) add_fixed(outs, vecs, 1, &at, y);
    else if (t->in == outs) add_fixed(outs, vecs, outs, &at, y);
    else if (outs == 8 && t->in == 16) add_fixed(outs, vecs, 16, &at, y);
    else if (t->in <= WN_FEW) add_chain(outs, vecs, 0, t->in, at, y);
    else add_product(outs, vecs, chains_at_a_time(outs, vecs), 0, t->in, at, y);
}

/* The functions of captures are spelled out, so that those of a tile hide each other's latency; the rest are called. */
VEC_FN void activate_tile(const int outs, const int vecs, const wn_fn_param *f, int o, tile y)
{
    switch (f->fn) {
    case WN_FN_TANH: EACH_OF_TILE(outs, vecs, r, v) y[r][v] = fn_tanh(y[r][v]); break;
    case WN_FN_RELU: EACH_OF_TILE(outs, vecs, r, v) y[r][v] = v_max(v_zero(), y[r][v]); break;
    case WN_FN_LEAKY_RELU: EACH_OF_TILE(outs, vecs, r, v) y[r][v] = fn_sloped(y[r][v], v_set1(f->p[0])); break;
    case WN_FN_PRELU: EACH_OF_TILE(outs, vecs, r, v) y[r][v] = fn_sloped(y[r][v], v_set1(f->slopes[o + r])); break;
    default: EACH_OF_TILE(outs, vecs, r, v) y[r][v] = fn_any(f, y[r][v], 0, LANES); break;
    }
}

/* Outputs o.. of the frames from `frame` on. */
VEC_FN void planes_tile(const int outs, const int vecs, const wn_planes *p, int frame, int o)
{
    tile y;
    ptrdiff_t at = o * p->stride + frame;
    EACH_OF_TILE(outs, vecs, r, v)
        y[r][v] = p->start ? v_load(p->start + at + r * p->stride + v * LANES)
                  : p->bias ? v_set1(p->bias[o + r]) : v_zero();
    for (int k = 0; k < p->n_terms; k++) add_term(outs, vecs, p, &p->terms[k], frame, o, y);
    if (p->act) activate_tile(outs, vecs, p->act, o, y);
    if (p->y) EACH_OF_TILE(outs, vecs, r, v) v_store(p->y + at + r * p->stride + v * LANES, y[r][v]);
    if (p->sum)
        EACH_OF_TILE(outs, vecs, r, v) {
            float *sum = p->sum + at + r * p->stride + v * LANES;
            v_store(sum, v_mul(v_add(v_load(sum), y[r][v]), v_set1(p->sum_scale)));
        }
}

/* Outputs o.. of all frames, `vecs` vectors at a time, then one. */
#define PLANES_STRIP(outs, vecs)                                                                             \
    static void planes_strip_##outs(const wn_planes *all, int o) {                                           \
        const wn_planes local = *all, *p = &local; /* a copy that stores through y cannot change */          \
        int frame = 0;                                                                                       \
        for (; frame + (vecs) * LANES <= p->frames; frame += (vecs) * LANES) planes_tile(outs, vecs, p, frame, o); \
        for (; (vecs) > 1 && frame < p->frames; frame += LANES) planes_tile(outs, 1, p, frame, o);           \
    }
PLANES_STRIP(1, 2 * PLANE_VECS)
PLANES_STRIP(2, PLANE_VECS)
PLANES_STRIP(3, PLANE_VECS)
#if PLANE_OUTS > 3
PLANES_STRIP(4, 1)
PLANES_STRIP(8, 1)
#endif

/* Outputs o .. end - 1, of one panel of weights. */
static void planes_panel(const wn_planes *p, int o, int end)
{
#if PLANE_OUTS > 3
    for (; end - o >= 8; o += 8) planes_strip_8(p, o);
    for (; end - o >= 4; o += 4) planes_strip_4(p, o);
#endif
    for (; end - o >= 3; o += 3) planes_strip_3(p, o);
    switch (end - o) {
    case 2: planes_strip_2(p, o); break;
    case 1: planes_strip_1(p, o); break;
    default: break;
    }
}

static void planes(const wn_planes *p)
{
    for (int o = 0; o < p->out; o += WN_PANEL) planes_panel(p, o, p->out - o < WN_PANEL ? p->out : o + WN_PANEL);
}

#endif
