/* SPDX-License-Identifier: MIT
 * planar_narrow_impl.h - layers of captures of few channels with frames in the lanes: all outputs of a tile from the products to the
 * residual, tile after tile.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_PLANAR_NARROW_IMPL_H
#define WN_KERNELS_PLANAR_NARROW_IMPL_H

/* A part of planar_impl.h. A layer of 2 to 4 channels is 20 to 70 FMAs per vector. A call per tile and tests of the layer's shape
 * would cost half as much again, so wn_planar_is_capture has tested the shape, and the loop over tiles is inside the function. */

typedef enum narrow_act { NARROW_TANH, NARROW_LEAKY, NARROW_ANY } narrow_act;

/* Store y, or old + y where there is an old sum. keep_tile, which asks for more, takes half of the gain back. */
VEC_FN void keep_narrow(const int outs, const int vecs, const float *old, ptrdiff_t old_stride, float *dst,
                        ptrdiff_t stride, int frame, tile y)
{
    if (old) {
        EACH_OF_TILE(outs, vecs, r, v)
        v_store(dst + r * stride + frame + v * LANES, v_add(v_load(old + r * old_stride + frame + v * LANES), y[r][v]));
    } else {
        EACH_OF_TILE(outs, vecs, r, v) v_store(dst + r * stride + frame + v * LANES, y[r][v]);
    }
}

/* Compute whole tiles of `vecs` vectors from `frame` on. Return the first frame that is not computed. hold_pointer keeps the
 * compiler from reading all weights before the loop, which would spill them. */
VEC_FN int narrow_frames(const int channels, const int vecs, const narrow_act act, const wn_planar *restrict p,
                         int frame)
{
    const wn_planar *restrict then = p->then;
    const wn_term *condition = &p->terms[0], *conv = &p->terms[1];
    const float *condition_x = condition->x[0], *old = p->sum ? p->old : NULL;
    float *dst = p->sum ? p->sum : p->y;
    const ptrdiff_t stride = p->sum ? p->sum_stride : p->stride;
    for (; frame + vecs * LANES <= p->frames; frame += vecs * LANES) {
        tile y, z;
        start_capture(channels, vecs, hold_pointer(p->bias), hold_pointer(condition->w), condition_x + frame, y);
        planar_taps(channels, vecs, channels, conv, frame, 0, y);
        if (act == NARROW_TANH) EACH_OF_TILE(channels, vecs, r, v) y[r][v] = fn_tanh(y[r][v]);
        if (act == NARROW_LEAKY) EACH_OF_TILE(channels, vecs, r, v) y[r][v] = fn_leaky(y[r][v], v_set1(p->act->p[0]));
        if (act == NARROW_ANY) activate_tile(channels, vecs, p->act, 0, y);
        keep_narrow(channels, vecs, old, p->old_stride, dst, stride, frame, y);
        if (!then) continue;
        const float *bias = hold_pointer(then->bias);
        EACH_OF_TILE(channels, vecs, r, v) z[r][v] = v_set1(bias[r]);
        add_held(channels, vecs, channels, hold_pointer(then->terms[0].w), y, z);
        keep_narrow(channels, vecs, then->old, then->old_stride, then->sum, then->sum_stride, frame, z);
    }
    return frame;
}

#define NARROW_LAYER(channels, vecs, name, act) \
    static __attribute__((noinline)) void narrow_##channels##name(const wn_planar *restrict p) \
    { \
        int frame = narrow_frames(channels, vecs, act, p, 0); \
        if (vecs > 1 && frame < p->frames) narrow_frames(channels, 1, act, p, frame); \
    }
#define NARROW_LAYERS(channels, vecs) \
    NARROW_LAYER(channels, vecs, _tanh, NARROW_TANH) \
    NARROW_LAYER(channels, vecs, _leaky, NARROW_LEAKY) \
    NARROW_LAYER(channels, vecs, _any, NARROW_ANY)
NARROW_LAYERS(2, 2)
#ifdef PLANAR_COLUMNS
NARROW_LAYERS(3, 4)
NARROW_LAYERS(6, 1)
#else
NARROW_LAYERS(3, 2)
#endif
#if PLANAR_OUTS > 3
NARROW_LAYERS(4, 2)
#endif

/* Whether this layer was one of those. */
static bool planar_narrow(const wn_planar *p)
{
    const bool tanh = p->act->fn == WN_ACT_TANH;
    const bool leaky = is_plain_leaky(p->act);
#define ONE_OF(channels) \
    (tanh ? narrow_##channels##_tanh : leaky ? narrow_##channels##_leaky : narrow_##channels##_any)(p)
    switch (p->out) {
    case 2: ONE_OF(2); return true;
    case 3: ONE_OF(3); return true;
#if PLANAR_OUTS > 3
    case 4: ONE_OF(4); return true;
#endif
#ifdef PLANAR_COLUMNS
    case 6: ONE_OF(6); return true;
#endif
    default: return false;
    }
#undef ONE_OF
}

#endif
