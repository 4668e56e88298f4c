/* SPDX-License-Identifier: MIT
 * model_bank.h - the chains of models at hand while one of them plays: loaded, switched, and loaded again when files change.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_MODEL_BANK_H
#define WN_CLI_MODEL_BANK_H

#include "cli/chain.h"
#include "cli/status_line.h"
#include "wavenet/audio.h"

/* All of it belongs to one thread, which commands the live. */
typedef struct wn_model_bank wn_model_bank;

enum { WN_MODEL_BANK_MAX = 64, WN_MODEL_BANK_NONE = -1 };

/* Models in series, by their names. */
typedef struct wn_model_bank_chain {
    const char *const *models; /* [n] */
    int n;                     /* 1 or more */
} wn_model_bank_chain;

typedef struct wn_model_bank_config {
    wn_status_line *status_line;       /* beside which notes are printed */
    const wn_model_bank_chain *chains; /* [n] */
    int n;                             /* 1 .. WN_MODEL_BANK_MAX */
    const char *cabinet;               /* sound file of an impulse response behind every chain; NULL: none */
    const wn_effect_options *effect;
    wn_cpu cpu;
} wn_model_bank_config;

/* Load all chains. Each must take and give one channel of sound, and all must run at one rate. The memory that `config` points
 * to must outlive the bank. */
wn_status wn_model_bank_new(wn_model_bank **out, const wn_model_bank_config *config, wn_error *error);

/* Call it when the live processor no longer runs, and before that is freed, because it frees the units that it holds. NULL is
 * allowed. */
void wn_model_bank_free(wn_model_bank *bank);

/* Hz, of all chains. */
double wn_model_bank_get_rate(const wn_model_bank *bank);

/* Make the units of all chains for `live`, which runs blocks of mostly `frames` at `rate` Hz, and send it the first. A chain that
 * cannot keep up even so is refused, with what would fit. */
wn_status wn_model_bank_start(wn_model_bank *bank, wn_live *live, double rate, int frames, wn_error *error);

/* Seconds that the chain in use delays the sound: 0 unless it is resampled. */
double wn_model_bank_get_latency(const wn_model_bank *bank);

/* Play chain `index`, or the dry signal at its own level for WN_MODEL_BANK_NONE. A number that is not there, or one that is too
 * slow, changes nothing. */
void wn_model_bank_select(wn_model_bank *bank, int index);

/* The one that plays, or is about to. */
int wn_model_bank_get_current(const wn_model_bank *bank);
int wn_model_bank_get_count(const wn_model_bank *bank);

/* The names of chain `index` without folders, such as "pedal.nam + amp.nam", one line; "dry" for WN_MODEL_BANK_NONE. */
const char *wn_model_bank_get_name(const wn_model_bank *bank, int index);

/* Another `db` on every chain's output. */
void wn_model_bank_set_trim(wn_model_bank *bank, double db);

/* Send and fetch units: several times a second. */
void wn_model_bank_poll(wn_model_bank *bank);

/* Look whether files have changed, and play what is in them now; what cannot be loaded is said, and changes nothing. Twice
 * a second or so: a file that is still being written is left alone until it rests. */
void wn_model_bank_watch(wn_model_bank *bank);

#endif
