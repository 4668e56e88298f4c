/* SPDX-License-Identifier: MIT
 * chain.h - models and a cabinet in series, with the gains before and behind them.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_CHAIN_H
#define WN_CLI_CHAIN_H

#include "cli/effect.h"

typedef struct wn_chain {
    int n_effects, n; /* models that were named; with the cabinet */
    wn_effect *effects;
    wn_model *cabinet;       /* NULL: none */
    const wn_model **models; /* [n] as wn_processor_new takes them */
    int input_channels;
    double rate;          /* Hz, of all */
    double db_in, db_out; /* gains before the first and behind the last */
    bool calibrated;      /* figures of the models decided the gains */
} wn_chain;

/* Load `names` [n >= 1] and the impulse response in the sound file `cabinet` (NULL: none), which is resampled to the models'
 * rate; a long one is cut to 65536 samples. The options of the input are for the first model, those of the output for the last.
 * wn_chain_free afterwards, also after a failure. */
wn_status wn_chain_load(wn_chain *chain, const char *const *names, int n, const char *cabinet,
                        const wn_effect_options *options, wn_error *error);
void wn_chain_free(wn_chain *chain);

/* Make the unit that plays the chain, with its gains, as `config` says of the rest. The unit takes over the models. */
wn_status wn_chain_make_unit(wn_chain *chain, wn_effect_unit **out, wn_effect_unit_config config, wn_error *error);

/* Notes about decisions that the user did not ask for explicitly. */
void wn_chain_note(const wn_chain *chain, const wn_cli *cli);

#endif
