/* SPDX-License-Identifier: MIT
 * planar_chains_impl.h - layers of 6, 8, 12 and 16 channels with frames in the lanes, where 16 registers cannot hold the four
 * chains of a tile: one or two chains of all outputs after the other.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_PLANAR_CHAINS_IMPL_H
#define WN_KERNELS_PLANAR_CHAINS_IMPL_H

/* A part of planar_impl.h. The inputs of one chain or two, up to 4 of them for two vectors of frames, stay in registers while the
 * sums of all outputs pass: a weight is loaded for two FMAs, an input once per product. A tile of 4 outputs x 2 vectors loads
 * its inputs anew for every four outputs and every chain. 16 inputs and outputs: 43 GMAC/s instead of 32, of a peak of 57 (Zen
 * 5, AVX2). */

enum {
    CHAINS_OUTS = 16,
    CHAINS_VECS = 2,
    CHAINS_INPUTS = 4
}; /* at most: outputs, vectors of frames, inputs of a chain */

/* The sums of all outputs, [outputs][vecs * LANES]: y accumulates, `low` is chain 0 or the sum of chains 0 and 1, `high` is chain
 * 2 where chains pass one at a time. */
typedef struct chain_sums {
    float y[CHAINS_OUTS * CHAINS_VECS * LANES], low[CHAINS_OUTS * CHAINS_VECS * LANES],
        high[CHAINS_OUTS * CHAINS_VECS * LANES];
} chain_sums;

/* Loops whose iterations the compiler must neither merge with others nor unroll: it would run out of registers. */
#define ROLLED _Pragma("GCC unroll 1")

/* On to the results of the next outputs. */
VEC_FN void next_rows(const int rows, planar_results *to)
{
    if (to->y) to->y += rows * to->y_stride;
    if (!to->sum) return;
    to->old += rows * to->old_stride;
    to->sum += rows * to->sum_stride;
}

/* What a product is added to. With 12 and 16 channels a capture's first product adds bias and condition in its own loop, which makes
 * A1 standard and lite 1 to 2 % faster. */
typedef struct chain_start {
    const float *bias;  /* [channels]; NULL: chain_sums.y */
    const float *w, *x; /* a 1x1 of one input, added to the bias; NULL: none */
} chain_start;

/* The start of the sums of outputs o..; y: theirs in chain_sums. */
VEC_FN void load_start(const int rows, const int vecs, chain_start start, int o, const float *y, tile before)
{
    if (start.x) {
        start_capture(rows, vecs, start.bias + o, start.w + o, start.x, before);
        return;
    }
    EACH_OF_TILE(rows, vecs, r, v)
    before[r][v] = start.bias ? v_set1(start.bias[o + r]) : v_load(y + (r * vecs + v) * LANES);
}

/* What the last chains of a product do with the sums. */
typedef enum chain_end {
    CHAIN_ACCUMULATE, /* leave them in chain_sums.y */
    CHAIN_STORE,      /* store them as results */
    CHAIN_LEAKY_STORE /* leaky ReLU, then store */
} chain_end;

/* Compute chains first .. first + n - 1, n 1 or 2, for all outputs. The last call of a product adds (c0 + c1) + (c2 + c3) to y,
 * the order that kernels.h defines, where y is `start`. Leaky ReLU and stores are in the loop of the last product: a loop of their
 * own makes A2 full (8 channels) 5 % slower. tanh has a loop of its own: in this one it runs out of registers, A1 5 % slower. */
VEC_FN void add_some_chains(const int channels, const int vecs, const int n, const int first, const chain_end end,
                            const operands *p, chain_sums *sums, chain_start start, planar_results to, float slope)
{
    vec x[2 * CHAINS_INPUTS][TILE_VECS_MOST];
    const int inputs = channels - first;
    const bool last = first + n == WN_CHAINS;
#define EACH_INPUT UNROLL for (int i = 0, k = 0; i < inputs; i++) if (i % WN_CHAINS < n)
    EACH_INPUT
    {
        UNROLL for (int v = 0; v < vecs; v++) x[k][v] = v_hold(v_load(p->v + (first + i) * p->v_input + v * LANES));
        k++;
    }
    const int rows = n == 1 ? 2 : 1; /* outputs at a time */
    const float *s = p->s + first * WN_LANE_PAD;
    float *y = sums->y, *low = sums->low, *high = sums->high;
    ROLLED for (int o = 0; o < channels; o += rows, s += rows)
    {
        vec c[2][2][TILE_VECS_MOST], sv[2];
        tile before, done;
        UNROLL for (int q = 0; q < n; q++) { EACH_OF_TILE(rows, vecs, r, v) c[q][r][v] = v_zero(); }
        EACH_INPUT
        {
            const int q = i % WN_CHAINS;
            UNROLL for (int r = 0; r < rows; r++) sv[r] = v_hold(v_set1(s[i * WN_LANE_PAD + r]));
            EACH_OF_TILE(rows, vecs, r, v) c[q][r][v] = v_fma(sv[r], x[k][v], c[q][r][v]);
            k++;
        }
        if (last) load_start(rows, vecs, start, o, y, before);
        EACH_OF_TILE(rows, vecs, r, v)
        {
            const int at = (r * vecs + v) * LANES;
            vec sum = n == 2 ? v_add(c[0][r][v], c[1][r][v]) : c[0][r][v];
            if (first == 0) v_store(low + at, sum);
            if (first == 1) v_store(low + at, v_add(v_load(low + at), sum));
            if (first == 2 && n == 1) v_store(high + at, sum);
            if (first == 3) sum = v_add(v_load(high + at), sum);
            if (last) done[r][v] = v_add(before[r][v], v_add(v_load(low + at), sum));
            if (last && end == CHAIN_LEAKY_STORE) done[r][v] = fn_leaky(done[r][v], v_set1(slope));
            if (last && end == CHAIN_ACCUMULATE) v_store(y + at, done[r][v]);
        }
        if (last && end != CHAIN_ACCUMULATE) {
            keep_tile(rows, vecs, &to, done);
            next_rows(rows, &to);
        }
        y += rows * vecs * LANES;
        low += rows * vecs * LANES;
        high += rows * vecs * LANES;
    }
#undef EACH_INPUT
    COMPILER_BARRIER; /* the next chains begin after these */
}

/* As many chains at a time as registers have room for their inputs. */
VEC_FN void add_all_chains(const int channels, const int vecs, const chain_end end, const operands *p, chain_sums *sums,
                           chain_start start, planar_results to, float slope)
{
    const int n = channels * vecs <= 16 ? 2 : 1;
    UNROLL for (int q = 0; q < WN_CHAINS; q += n) add_some_chains(channels, vecs, n, q, end, p, sums, start, to, slope);
}

/* Compute all sums up to the first product of four chains, in tiles of `outs` outputs: bias or init, the terms before the last,
 * past taps of one chain. */
VEC_FN void start_sums(const int channels, const int outs, const int vecs, any_taps *any, const wn_planar *restrict p,
                       int frame, chain_sums *sums)
{
    ROLLED for (int o = 0; o < channels; o += outs)
    {
        tile y;
        const wn_term *t = p->terms, *last = t + p->n_terms - 1;
        start_tile(outs, vecs, p, frame, o, y);
        for (; t < last; t++) {
            if (t->in == 1)
                planar_taps(outs, vecs, 1, t, frame, o, y);
            else
                call_any(outs, vecs, any, p->out, t, frame, o, y);
        }
        planar_past_taps(outs, vecs, channels, t, frame, o, y);
        EACH_OF_TILE(outs, vecs, r, v) v_store(sums->y + ((o + r) * vecs + v) * LANES, y[r][v]);
    }
}

/* Apply the activation to the sums and store the results. */
VEC_FN void end_sums(const int channels, const int vecs, const wn_planar *restrict p, chain_sums *sums,
                     planar_results to)
{
    ROLLED for (int o = 0; o < channels; o += 2)
    {
        tile y;
        EACH_OF_TILE(2, vecs, r, v) y[r][v] = v_load(sums->y + ((o + r) * vecs + v) * LANES);
        activate_tile(2, vecs, p->act, o, y);
        keep_tile(2, vecs, &to, y);
        next_rows(2, &to);
    }
}

/* Add the last product to `start`, apply the activation and store the results. */
VEC_FN void end_layer(const int channels, const int vecs, const wn_planar *restrict p, const operands *product,
                      chain_sums *sums, chain_start start, planar_results to)
{
    if (!p->act) {
        add_all_chains(channels, vecs, CHAIN_STORE, product, sums, start, to, 0);
    } else if (is_plain_leaky(p->act)) {
        add_all_chains(channels, vecs, CHAIN_LEAKY_STORE, product, sums, start, to, p->act->p[0]);
    } else {
        add_all_chains(channels, vecs, CHAIN_ACCUMULATE, product, sums, start, to, 0);
        end_sums(channels, vecs, p, sums, to);
    }
}

VEC_FN void chains_layer(const int channels, const int outs, const int vecs, any_taps *any, const wn_planar *restrict p,
                         int frame)
{
    const wn_planar *restrict then = p->then;
    const wn_term *t = &p->terms[p->n_terms - 1];
    chain_sums sums;
    float kept[CHAINS_OUTS * CHAINS_VECS * LANES]; /* [channels][vecs * LANES]: what the residual reads */
    const bool past_in_one_chain = wn_chains(channels, true) == 1; /* start_sums adds them */
    chain_start start = {0};
    if (p->capture && !past_in_one_chain)
        start = (chain_start){p->bias, p->terms[0].w, p->terms[0].x[0] + frame};
    else
        start_sums(channels, outs, vecs, any, p, frame, &sums);
    int k = past_in_one_chain ? t->past : 0;
    operands at = {.s = t->w + k * channels * WN_LANE_PAD, .v_input = t->x_stride};
    ROLLED for (; k < t->taps - 1; k++, at.s += channels * WN_LANE_PAD)
    {
        at.v = t->x[k] + frame;
        add_all_chains(channels, vecs, CHAIN_ACCUMULATE, &at, &sums, start, (planar_results){0}, 0);
        start = (chain_start){0};
    }
    at.v = t->x[k] + frame;
    planar_results to = results_at(p, frame, 0);
    if (then) {
        to.y = kept;
        to.y_stride = vecs * LANES;
    }
    end_layer(channels, vecs, p, &at, &sums, start, to);
    if (!then) return;
    static const float no_bias[CHAINS_OUTS];
    operands z = {.s = then->terms[0].w, .v = kept, .v_input = vecs * LANES};
    start = (chain_start){.bias = then->bias ? then->bias : no_bias};
    add_all_chains(channels, vecs, CHAIN_STORE, &z, &sums, start, results_at(then, frame, 0), 0);
}

#define CHAINS_LAYER(channels, outs, vecs) \
    static __attribute__((noinline)) void chains_##channels##x##vecs(const wn_planar *restrict p, int frame, int o) \
    { \
        (void)o; \
        chains_layer(channels, outs, vecs, any_taps_##outs##x##vecs, p, frame); \
    }
CHAINS_LAYER(6, 3, 1)
CHAINS_LAYER(6, 3, 2)
CHAINS_LAYER(8, 4, 1)
CHAINS_LAYER(8, 4, 2)
CHAINS_LAYER(12, 4, 1)
CHAINS_LAYER(12, 4, 2)
CHAINS_LAYER(16, 4, 1)
CHAINS_LAYER(16, 4, 2)

/* Whether this layer was one of those. */
static bool planar_chains(const wn_planar *p)
{
    if (p->terms[p->n_terms - 1].in != p->out || (p->then && p->then->out != p->out)) return false;
    switch (p->out) {
    case 6: planar_strip(chains_6x2, 2, chains_6x1, p, 0); return true;
    case 8: planar_strip(chains_8x2, 2, chains_8x1, p, 0); return true;
    case 12: planar_strip(chains_12x2, 2, chains_12x1, p, 0); return true;
    case 16: planar_strip(chains_16x2, 2, chains_16x1, p, 0); return true;
    default: return false;
    }
}

#endif
