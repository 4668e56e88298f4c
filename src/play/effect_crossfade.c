/* SPDX-License-Identifier: MIT
 * effect_crossfade.c - an effect whose models change while it plays: gain, unit, gain, and a bypass; every change fades.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/denormals.h"
#include "base/error.h"
#include "dsp/mix.h"
#include "wavenet/wavenet.h"

/* Frames of the part in hand, [WN_EFFECT_BLOCK] each. */
typedef struct effect_buffers {
    float dry[WN_EFFECT_BLOCK];
    float driven[WN_EFFECT_BLOCK]; /* behind the first gain */
    float wet[WN_EFFECT_BLOCK], wet_next[WN_EFFECT_BLOCK];
    float late[WN_EFFECT_BLOCK], late_next[WN_EFFECT_BLOCK]; /* dry, with the delay of each unit */
} effect_buffers;

struct wn_effect_crossfade {
    /* between the threads; NULL: empty */
    _Atomic(wn_effect_unit *) sent, retired;
    /* audio thread */
    wn_effect_unit *now, *next; /* `next` only while fading */
    bool started;               /* it has run since it was made or reset */
    int fade;                   /* frames */
    wn_smoother share;          /* of `next` */
    wn_smoother in, out;        /* gains */
    wn_smoother bypass;         /* share of the dry sound */
    effect_buffers buffers;
};

wn_status wn_effect_crossfade_new(wn_effect_crossfade **out, double rate, wn_error *error)
{
    *out = NULL;
    wn_effect_crossfade *e = calloc(1, sizeof *e);
    if (!e) return wn_fail_memory(error, NULL);
    atomic_init(&e->sent, NULL);
    atomic_init(&e->retired, NULL);
    e->fade = (int)lround(WN_EFFECT_FADE * rate);
    wn_status status = wn_effect_unit_new(&e->now, NULL, 0, &(wn_effect_unit_config){.rate = rate}, error);
    if (status)
        wn_effect_crossfade_free(e);
    else
        *out = e;
    return status;
}

void wn_effect_crossfade_free(wn_effect_crossfade *e)
{
    if (!e) return;
    wn_effect_unit_free(atomic_load(&e->sent));
    wn_effect_unit_free(atomic_load(&e->retired));
    wn_effect_unit_free(e->now);
    wn_effect_unit_free(e->next);
    free(e);
}

/* ---- other threads --------------------------------------------------------------------------------------------- */

wn_effect_unit *wn_effect_crossfade_send(wn_effect_crossfade *effect, wn_effect_unit *unit)
{
    return atomic_exchange_explicit(&effect->sent, unit, memory_order_acq_rel);
}

wn_effect_unit *wn_effect_crossfade_take_retired(wn_effect_crossfade *effect)
{
    return atomic_exchange_explicit(&effect->retired, NULL, memory_order_acq_rel);
}

void wn_effect_crossfade_reset(wn_effect_crossfade *e)
{
    if (e->next) {
        atomic_store_explicit(&e->retired, e->now, memory_order_release);
        e->now = e->next;
        e->next = NULL;
    }
    wn_effect_unit_prewarm(e->now);
    e->started = false;
}

/* ---- audio thread ---------------------------------------------------------------------------------------------- */

bool wn_effect_crossfade_has_retired(const wn_effect_crossfade *effect)
{
    return atomic_load_explicit(&effect->retired, memory_order_relaxed) != NULL;
}

const wn_effect_unit *wn_effect_crossfade_get_unit(const wn_effect_crossfade *effect)
{
    return effect->next ? effect->next : effect->now;
}

static void retire_unit(wn_effect_crossfade *e, wn_effect_unit *successor)
{
    atomic_store_explicit(&e->retired, e->now, memory_order_release);
    e->now = successor;
}

/* A fade begins only when the unit of the one before has been taken, so that `retired` is free at its end. */
static void receive_unit(wn_effect_crossfade *e)
{
    if (e->next || wn_effect_crossfade_has_retired(e)) return;
    wn_effect_unit *unit = atomic_exchange_explicit(&e->sent, NULL, memory_order_acq_rel);
    if (!unit) return;
    if (!e->started) {
        retire_unit(e, unit);
        return;
    }
    e->next = unit;
    e->share = wn_smoother_at(0);
    wn_smoother_set_target(&e->share, 1, e->fade);
}

static void follow_settings(wn_effect_crossfade *e, const wn_effect_settings *s)
{
    float in = wn_gain_from_db(s->in_db), out = wn_gain_from_db(s->out_db), bypass = s->bypassed;
    if (e->started) {
        wn_smoother_set_target(&e->in, in, e->fade);
        wn_smoother_set_target(&e->out, out, e->fade);
        wn_smoother_set_target(&e->bypass, bypass, e->fade);
        return;
    }
    e->in = wn_smoother_at(in);
    e->out = wn_smoother_at(out);
    e->bypass = wn_smoother_at(bypass);
    e->started = true;
}

/* The unit that plays into wet and late, faded to the next one where there is one. */
static void run_units(wn_effect_crossfade *e, const wn_effect_levels *levels, int frames)
{
    effect_buffers *b = &e->buffers;
    wn_effect_unit_run(e->now, levels, frames, b->driven, b->wet);
    wn_effect_unit_delay(e->now, frames, b->dry, b->late);
    if (!e->next) return;
    wn_smoother share = e->share;
    wn_effect_unit_run(e->next, levels, frames, b->driven, b->wet_next);
    wn_effect_unit_delay(e->next, frames, b->dry, b->late_next);
    wn_mix(&share, b->late_next, frames, b->late);
    wn_mix(&e->share, b->wet_next, frames, b->wet);
    if (wn_smoother_is_moving(&e->share)) return;
    retire_unit(e, e->next);
    e->next = NULL;
}

/* Returns the number of samples that were not finite. */
static int run_part(wn_effect_crossfade *e, const wn_effect_settings *settings, int frames, const float *in, float *out)
{
    effect_buffers *b = &e->buffers;
    receive_unit(e);
    follow_settings(e, settings);
    int nonfinite = wn_sanitize(in, frames, b->dry);
    memcpy(b->driven, b->dry, (size_t)frames * sizeof *b->driven);
    wn_smoother_run(&e->in, b->driven, frames);
    nonfinite += wn_sanitize(b->driven, frames, b->driven);
    run_units(e, &settings->levels, frames);
    wn_smoother_run(&e->out, b->wet, frames);
    wn_mix(&e->bypass, b->late, frames, b->wet);
    return nonfinite + wn_sanitize(b->wet, frames, out);
}

int wn_effect_crossfade_run(wn_effect_crossfade *e, const wn_effect_settings *settings, int frames, const float *in,
                            float *out)
{
    uint64_t before = wn_denormals_flush();
    int nonfinite = 0;
    for (int at = 0, n; at < frames; at += n) {
        n = frames - at < WN_EFFECT_BLOCK ? frames - at : WN_EFFECT_BLOCK;
        nonfinite += run_part(e, settings, n, in + at, out + at);
    }
    wn_denormals_restore(before);
    return nonfinite;
}
