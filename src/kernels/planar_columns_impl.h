/* SPDX-License-Identifier: MIT
 * planar_columns_impl.h - layers of 8, 12 and 16 channels with frames in the lanes, a column of them from the products to the residual.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_PLANAR_COLUMNS_IMPL_H
#define WN_KERNELS_PLANAR_COLUMNS_IMPL_H

/* A part of planar_impl.h. A column is a vector of frames. It is done four outputs at a time: their 16 chains are what registers
 * have room for. */

/* ---- cheap functions: results stay in registers until the residual is done ------------------------------------------ */

VEC_FN void any_column(const int channels, const wn_planar *restrict p, int frame)
{
    const wn_planar *restrict then = p->then;
    vec z[16][TILE_VECS_MOST];
    UNROLL for (int four = 0; four < channels; four += 4)
    {
        tile y;
        start_tile(4, 1, p, frame, four, y);
        for (int k = 0; k < p->n_terms; k++) {
            const wn_term *t = &p->terms[k];
            if (t->in == channels)
                planar_taps(4, 1, channels, t, frame, four, y);
            else if (t->in == 1)
                planar_taps(4, 1, 1, t, frame, four, y);
            else
                call_any(4, 1, any_taps_4x1, p->out, t, frame, four, y);
        }
        if (p->act) activate_tile(4, 1, p->act, four, y);
        if (p->sum) sum_tile(4, 1, p, frame, four, y);
        UNROLL for (int r = 0; r < 4; r++) z[four + r][0] = y[r][0];
    }
    UNROLL for (int four = 0; four < channels; four += 4)
    {
        tile y;
        start_tile(4, 1, then, frame, four, y);
        add_held(4, 1, channels, then->terms[0].w + four, z, y);
        end_tile(4, 1, then, frame, four, y);
    }
}

/* ---- tanh ------------------------------------------------------------------------------------------------------------- */

/* tanh waits for itself some sixty cycles, and while four of them wait behind one another, they fill the processor's schedulers:
 * nothing else gets in. So they are done in stages between the products of the next four outputs, or of the residual. */

VEC_FN void late_result(const wn_planar *restrict p, int frame, int o, const staged *s, tile z)
{
    UNROLL for (int r = 0; r < 4; r++) z[r][0] = s->x[r];
    keep_tile(4, 1, p, frame, o, z);
}

/* tanh of s->x, with nothing to be done meanwhile. */
VEC_FN void late_alone(const wn_planar *restrict p, int frame, int o, staged *s)
{
    tile z;
    UNROLL for (int k = 0; k < TANH_STAGES; k++) stage(k, 4, tanh_constants, 1, s);
    late_result(p, frame, o, s, z);
}

/* y += product of `channels` inputs. late: meanwhile, tanh of s->x, the results o.. of p; own: which are the last inputs. */
VEC_FN void four_products(const int channels, const operands *at, tile y, const int late, const int own,
                          const wn_planar *restrict p, int frame, int o, staged *s)
{
    const int beside = own ? channels - 4 : channels, each = TANH_STAGES / beside, more = TANH_STAGES % beside;
    const float *x = at->v, *w = at->s;
    tile c[WN_CHAINS], z;
    __asm__ volatile(""
                     : "+r"(x),
                       "+r"(w)); /* a barrier: else the compiler loads and spills weights above the branch on `late` */
    UNROLL for (int q = 0; q < WN_CHAINS; q++) EACH_OF_TILE(4, 1, r, v) c[q][r][v] = v_zero();
    UNROLL for (int i = 0, k = 0; i < channels; i++, w += WN_LANE_PAD)
    {
        if (own && i == beside) late_result(p, frame, o, s, z);
        vec xv = own && i >= beside ? z[i - beside][0] : v_hold(v_load(x));
        UNROLL for (int r = 0; r < 4; r++) c[i % WN_CHAINS][r][0] = v_fma(v_set1(w[r]), xv, c[i % WN_CHAINS][r][0]);
        x = hold_pointer(x + at->v_input);
        if (late && i < beside)
            UNROLL for (int n = each + (i < more); n > 0; n--, k++) stage(k, 4, tanh_constants, 1, s);
    }
    UNROLL for (int r = 0; r < 4; r++) y[r][0] = v_add(y[r][0], joined(c[0][r][0], c[1][r][0], c[2][r][0], c[3][r][0]));
    if (late && !own) late_result(p, frame, o, s, z);
}

/* y += product of tap k of t; late: meanwhile tanh of s->x, the results before o. */
VEC_FN void four_products_of(const int channels, const wn_term *t, int k, const int late, const wn_planar *restrict p,
                             int frame, int o, staged *s, tile y)
{
    operands at = {.s = t->w + k * channels * WN_LANE_PAD + o, .v = t->x[k] + frame, .v_input = t->x_stride};
    four_products(channels, &at, y, late, 0, p, frame, late ? o - 4 : 0, s);
}

/* The sums of outputs o.. of p, whose last term has as many inputs as outputs; tanh of those before, which s holds, meanwhile. */
VEC_FN void column_sums(const int channels, const wn_planar *restrict p, int frame, int o, staged *s, tile y)
{
    const wn_term *t = p->terms, *last = t + p->n_terms - 1;
    start_tile(4, 1, p, frame, o, y);
    for (; t < last; t++) {
        if (t->in == 1)
            planar_taps(4, 1, 1, t, frame, o, y);
        else
            call_any(4, 1, any_taps_4x1, p->out, t, frame, o, y);
    }
    const bool differ = wn_chains(channels, true) != wn_chains(channels, false); /* past taps and others */
    int k = 0, past = differ ? t->past : 0;
    for (; k + 2 <= past; k += 2) add_past_taps(4, 1, channels, 2, t, k, frame, o, y);
    if (k < past) add_past_taps(4, 1, channels, 1, t, k++, frame, o, y);
    if (o > 0) four_products_of(channels, t, k++, 1, p, frame, o, s, y);
    for (; k < t->taps; k++) four_products_of(channels, t, k, 0, p, frame, o, NULL, y);
}

VEC_FN void tanh_column(const int channels, const wn_planar *restrict p, int frame)
{
    const wn_planar *restrict then = p->then;
    staged s;
    tile y;
    UNROLL for (int r = 0; r < 4; r++) s.x[r] = v_zero(); /* nobody reads it, but compilers warn */
    for (int o = 0; o < channels; o += 4) {
        __asm__ volatile("" : "+r"(p)); /* addresses are worked out for these four, not for all beforehand */
        column_sums(channels, p, frame, o, &s, y);
        UNROLL for (int r = 0; r < 4; r++) s.x[r] = y[r][0];
    }
    if (!then) {
        late_alone(p, frame, channels - 4, &s);
        return;
    }
    const wn_term *t = then->terms;
    operands at = {.s = t->w, .v = t->x[0] + frame, .v_input = t->x_stride};
    for (int o = 0; o < channels; o += 4, at.s += 4) {
        __asm__ volatile("" : "+r"(then));
        start_tile(4, 1, then, frame, o, y);
        if (o == 0)
            four_products(channels, &at, y, 1, 1, p, frame, channels - 4, &s);
        else
            four_products(channels, &at, y, 0, 0, p, frame, 0, NULL);
        keep_tile(4, 1, then, frame, o, y);
    }
}

#define COLUMN(kind, channels) \
    static __attribute__((noinline)) void kind##_##channels(const wn_planar *restrict p, int frame, int o) \
    { \
        (void)o; \
        kind(channels, p, frame); \
    }
COLUMN(any_column, 8)
COLUMN(any_column, 12)
COLUMN(any_column, 16)
COLUMN(tanh_column, 8)
COLUMN(tanh_column, 12)
COLUMN(tanh_column, 16)

/* Whether this layer of 8, 12 or 16 channels was one for columns. */
static bool planar_columns(const wn_planar *p, int channels)
{
    bool tanh = p->act && p->act->fn == WN_ACT_TANH && p->terms[p->n_terms - 1].in == channels;
    if (!tanh && !p->then) return false;
    tile_fn *one = tanh ? tanh_column_16 : any_column_16;
    if (channels == 8) one = tanh ? tanh_column_8 : any_column_8;
    if (channels == 12) one = tanh ? tanh_column_12 : any_column_12;
    planar_strip(one, 1, one, p, 0);
    return true;
}

#endif
