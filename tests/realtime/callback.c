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
    wn_live_config config = {.rate = r[0], .device_rate = r[1], .max_frames = 40, .fade = 0.002};
    c->model = drawn_mono(&chances);
    must(wn_plan_new(&c->plan, c->model, &(wn_plan_config){.max_frames = 32}, NULL));
    must(wn_stream_new(&c->stream, c->plan, NULL));
    must(wn_live_new(&c->live_effect, &config, NULL));
    for (int t = 0; t < LONGEST_CALL; t++) c->in[t] = t == 7 ? NAN : (float)(2 * chance_uniform(&chances) - 1);
    wn_live_monitor(c->live_effect, c->dry, c->wet, LONGEST_CALL);
    return c;
}

void callback_free(callback *c)
{
    wn_live_free(c->live_effect);
    wn_stream_free(c->stream);
    wn_plan_free(c->plan);
    wn_model_free(c->model);
    free(c);
}

static void command(callback *c, int turn)
{
    wn_stream *gone;
    if (turn % 5 == 0) wn_live_set_stream(c->live_effect, turn % 2 ? NULL : c->stream);
    if (turn % 3 == 0) wn_live_take_retired(c->live_effect, &gone);
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
