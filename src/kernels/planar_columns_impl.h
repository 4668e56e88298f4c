/* SPDX-License-Identifier: MIT
 * planar_columns_impl.h - layers of 8, 12 and 16 channels with frames in the lanes, a column of them from the products to the residual.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_PLANAR_COLUMNS_IMPL_H
#define WN_KERNELS_PLANAR_COLUMNS_IMPL_H

/* A part of planar_impl.h. A column is a vector of frames. It is done four outputs at a time: their 16 chains are what registers
 * have room for. */

/* The sums of four outputs before the convolution. A capture's are known to be bias and condition, which is 1 to 2 % faster. */
VEC_FN void start_column(const wn_planar *restrict p, const wn_term *conv, int frame, int four, tile y)
{
    if (p->capture) {
        start_capture(4, 1, p->bias + four, p->terms[0].w + four, p->terms[0].x[0] + frame, y);
        return;
    }
    start_tile(4, 1, p, frame, four, y);
    for (const wn_term *t = p->terms; t < conv; t++) {
        if (t->in == 1)
            planar_taps(4, 1, 1, t, frame, four, y);
        else
            call_any(4, 1, any_taps_4x1, p->out, t, frame, four, y);
    }
}

/* Results stay in registers until the residual is done. */
VEC_FN void column_layer(const int channels, const wn_planar *restrict p, int frame)
{
    const wn_planar *restrict then = p->then;
    const wn_term *conv = &p->terms[p->n_terms - 1];
    vec z[16][TILE_VECS_MOST];
    UNROLL for (int four = 0; four < channels; four += 4)
    {
        tile y;
        start_column(p, conv, frame, four, y);
        if (conv->in == channels)
            planar_taps(4, 1, channels, conv, frame, four, y);
        else
            call_any(4, 1, any_taps_4x1, p->out, conv, frame, four, y);
        if (p->act) activate_tile(4, 1, p->act, four, y);
        planar_results to = results_at(p, frame, four);
        to.y = NULL;
        keep_tile(4, 1, &to, y);
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

#define COLUMN(channels) \
    static __attribute__((noinline)) void column_##channels(const wn_planar *restrict p, int frame, int o) \
    { \
        (void)o; \
        column_layer(channels, p, frame); \
    }
COLUMN(8)
COLUMN(12)
COLUMN(16)

/* Whether this layer was one of those: it has a residual, and as many channels before as after. */
static bool planar_columns(const wn_planar *p)
{
    if (!p->then || p->then->out != p->out) return false;
    switch (p->out) {
    case 8: planar_strip(column_8, 1, column_8, p, 0); return true;
    case 12: planar_strip(column_12, 1, column_12, p, 0); return true;
    case 16: planar_strip(column_16, 1, column_16, p, 0); return true;
    default: return false;
    }
}

#endif
