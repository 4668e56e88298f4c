/* SPDX-License-Identifier: MIT
 * callback.c - see callback.h.
 * Copyright (c) 2026 the wavenet authors */
#include "callback.h"

#include <stdio.h>
#include <stdlib.h>

static void must(wn_status status)
{
    if (status == WN_OK) return;
    printf("callback: %s\n", wn_status_text(status));
    exit(1);
}

callback *callback_new(int index)
{
    static const double rates[][2] = {{48000, 48000}, {44100, 48000}, {48000, 44100}, {47999, 16000}};
    const double *r = rates[index % 4];
    chance chances = {(uint64_t)index + 1};
    callback *c = calloc(1, sizeof *c);
    must(c ? WN_OK : WN_ERROR_MEMORY);
    for (int i = 0; i < CALLBACK_UNITS; i++) {
        wn_model *models[] = {drawn_mono(&chances), drawn_mono(&chances)};
        for (int k = 0; k < 2; k++) models[k]->sample_rate = r[0];
        if (i != 1) wn_model_free(models[1]);
        must(wn_effect_unit_new(&c->units[i], models, i == 1 ? 2 : 1,
                                &(wn_effect_unit_config){.rate = r[1], .max_frames = 32}, NULL));
        c->at_hand[i] = true;
    }
    must(wn_live_new(&c->live_effect, r[1], NULL));
    for (int t = 0; t < LONGEST_CALL; t++) c->in[t] = t == 7 ? NAN : (float)(2 * chance_uniform(&chances) - 1);
    wn_live_monitor(c->live_effect, c->dry, c->wet, LONGEST_CALL);
    return c;
}

void callback_free(callback *c)
{
    wn_live_free(c->live_effect);
    wn_effect_unit_free(c->first);
    for (int i = 0; i < CALLBACK_UNITS; i++)
        if (c->at_hand[i]) wn_effect_unit_free(c->units[i]);
    free(c);
}

static void take_back(callback *c, wn_effect_unit *unit)
{
    bool known = unit == NULL;
    for (int i = 0; i < CALLBACK_UNITS; i++) {
        c->at_hand[i] |= unit == c->units[i];
        known |= unit == c->units[i];
    }
    if (!known) c->first = unit;
}

static void command(callback *c, int turn)
{
    int i = turn % CALLBACK_UNITS;
    if (turn % 3 == 0) take_back(c, wn_live_take_retired(c->live_effect));
    if (turn % 5 == 0 && c->at_hand[i]) {
        c->at_hand[i] = false;
        take_back(c, wn_live_send(c->live_effect, c->units[i]));
    }
    wn_live_set_bypass(c->live_effect, turn / 10 % 2);
    wn_live_set_gains(c->live_effect, turn % 7, -turn % 5);
    if (turn > 120) wn_live_fade_out(c->live_effect);
}

void callback_play(callback *c)
{
    for (int turn = 0; turn < 150; turn++) {
        command(c, turn);
        wn_device_block block = {.frames = turn % (LONGEST_CALL + 1), .in = turn % 20 ? c->in : NULL, .out = c->out};
        wn_live_callback(c->live_effect, &block);
        if (turn % 4) wn_live_monitor(c->live_effect, c->dry, c->wet, LONGEST_CALL);
        (void)wn_live_get_stats(c->live_effect);
    }
}
