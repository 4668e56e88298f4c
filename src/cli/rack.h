/* SPDX-License-Identifier: MIT
 * rack.h - the effects at hand while one of them plays: loaded, switched, and loaded again when their files change.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_RACK_H
#define WN_CLI_RACK_H

#include "cli/effect.h"
#include "cli/meter.h"
#include "wavenet/audio.h"

/* All of it belongs to one thread, which commands the duplex. */
typedef struct wn_rack wn_rack;

enum { WN_RACK_MOST = 64, WN_RACK_NONE = -1 };

typedef struct wn_rack_config {
    wn_meter *meter; /* beside which notes are printed */
    const char *const *models; /* [n] */
    int n;                     /* 1 .. WN_RACK_MOST */
    const wn_effect_options *effect;
    wn_cpu cpu;
} wn_rack_config;

/* Load all models: each from one channel of sound to one, with no conditions, all at one rate. The config must outlive it,
 * but for the struct itself. */
wn_status wn_rack_new(wn_rack **out, const wn_rack_config *config, wn_error *error);

/* When the duplex no longer runs. NULL is allowed. */
void wn_rack_free(wn_rack *rack);

/* Hz, of all models. */
double wn_rack_rate(const wn_rack *rack);

/* Make their streams for `duplex`, which runs blocks of mostly `frames` at the models' rate, and send it the first; one
 * that cannot keep up even so is refused, with what would fit. */
wn_status wn_rack_begin(wn_rack *rack, wn_live *duplex, int frames, wn_error *error);

/* Play model `index`, or the dry signal at its own level for WN_RACK_NONE. A number that is not there, or one that is too
 * slow, changes nothing. */
void wn_rack_choose(wn_rack *rack, int index);

/* The one that plays, or is about to. */
int wn_rack_chosen(const wn_rack *rack);
int wn_rack_count(const wn_rack *rack);

/* The name of model `index` without its folder, one line; "dry" for WN_RACK_NONE. */
const char *wn_rack_name(const wn_rack *rack, int index);

/* Another `db` on every model's output. */
void wn_rack_trim(wn_rack *rack, double db);

/* Send and fetch streams: several times a second. */
void wn_rack_tend(wn_rack *rack);

/* Look whether files have changed, and play what is in them now; what cannot be loaded is said, and changes nothing. Twice
 * a second or so: a file that is still being written is left alone until it rests. */
void wn_rack_watch(wn_rack *rack);

#endif
