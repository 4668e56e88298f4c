/* SPDX-License-Identifier: MIT
 * effect_crossfade.h - an effect whose models change while it plays: gain, unit, gain, and a bypass; every change fades.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLAY_EFFECT_CROSSFADE_H
#define WN_PLAY_EFFECT_CROSSFADE_H

#include "play/effect_unit.h"

/* The audio thread runs it. Other threads make units, send them and free those that no longer play. Neither ever waits for the
 * other. */
typedef struct wn_effect_crossfade wn_effect_crossfade;

typedef struct wn_effect_settings {
    double in_db, out_db; /* gains before and behind the unit, in dB */
    bool bypassed;        /* the dry sound plays, as late as the unit's, which keeps running */
    wn_effect_levels levels;
} wn_effect_settings;

/* For sound of `rate` Hz. At first the sound passes. */
wn_status wn_effect_crossfade_new(wn_effect_crossfade **out, double rate, wn_error *error);

/* Frees every unit it holds. No thread may use it any more. NULL is allowed. */
void wn_effect_crossfade_free(wn_effect_crossfade *effect);

/* Other threads: let `unit`, which now belongs to the effect, play next. Returns the unit that was sent before and has not
 * begun, which the caller frees, or NULL. The fade starts once the unit that was retired last has been taken. */
wn_effect_unit *wn_effect_crossfade_send(wn_effect_crossfade *effect, wn_effect_unit *unit);

/* Other threads: the unit that no longer plays, which the caller frees, or NULL. */
wn_effect_unit *wn_effect_crossfade_take_retired(wn_effect_crossfade *effect);

/* Audio thread: whether a unit waits to be taken. */
WN_REALTIME bool wn_effect_crossfade_has_retired(const wn_effect_crossfade *effect);

/* Audio thread: the unit that plays or is faded to. */
WN_REALTIME const wn_effect_unit *wn_effect_crossfade_get_unit(const wn_effect_crossfade *effect);

/* While the audio thread does not run it: end a fade and start from silence. The first run that follows takes the settings,
 * and a unit that was sent, without a fade. */
void wn_effect_crossfade_reset(wn_effect_crossfade *effect);

/* Audio thread: run `frames` >= 0 frames of `in` into `out`, which may be the same. NaN and Inf count as 0, and the output is
 * finite. */
WN_REALTIME void wn_effect_crossfade_run(wn_effect_crossfade *effect, const wn_effect_settings *settings, int frames,
                                         const float *in, float *out);

#endif
