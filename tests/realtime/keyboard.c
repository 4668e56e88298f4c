/* SPDX-License-Identifier: MIT
 * keyboard.c - see keyboard.h.
 * Copyright (c) 2026 the wavenet authors */
#include "keyboard.h"

#include <stdio.h>
#include <stdlib.h>

enum { TURNS = 100, MESSAGES = 4 };

static void must(wn_status status)
{
    if (status == WN_OK) return;
    printf("keyboard: %s\n", wn_status_text(status));
    exit(1);
}

static void hear(void *user, double when)
{
    keyboard *k = user;
    k->received += when >= 0;
}

keyboard *keyboard_new(int index, const char *model)
{
    keyboard *k = calloc(1, sizeof *k);
    must(k ? WN_OK : WN_ERROR_MEMORY);
    k->random = (uint32_t)index + 1;
    must(wn_model_load(&k->model, model, NULL));
    wn_voice_group_config config = {.voices = index ? 5 : 1, .threads = 1, .sampling = wn_sampling_default(k->model)};
    must(wn_voice_group_new(&k->group, k->model, &config, NULL));
    must(wn_synth_new(&k->synth, k->model, k->group, 0.5, NULL));
    wn_synth_set_note_callback(k->synth, hear, k);
    must(wn_midi_queue_new(&k->queue, NULL));
    return k;
}

void keyboard_free(keyboard *k)
{
    wn_midi_queue_free(k->queue);
    wn_synth_free(k->synth);
    wn_voice_group_free(k->group);
    wn_model_free(k->model);
    free(k);
}

static uint8_t draw(keyboard *k)
{
    k->random = k->random * 1664525u + 1013904223u;
    return (uint8_t)(k->random >> 24);
}

static void receive(keyboard *k)
{
    wn_midi_event event;
    uint8_t bytes[3] = {(uint8_t)(draw(k) | 0x80), draw(k) % 130, draw(k) % 130};
    if (draw(k) % 2) bytes[0] = 0x90;
    if (wn_midi_message_read(&event, bytes, bytes[0] >> 4 == 0xc ? 2 : 3) == WN_MIDI_ACCEPTED)
        wn_midi_queue_push(k->queue, &event);
}

void keyboard_play(keyboard *k)
{
    for (int turn = 0; turn < TURNS; turn++) {
        for (int i = 0; i < MESSAGES; i++) receive(k);
        wn_synth_run_queue(k->synth, k->queue);
        if (turn % 7 == 0) wn_synth_request_release(k->synth);
        wn_synth_run(k->synth, k->out, 1 + turn % LONGEST_CHUNK);
        (void)wn_synth_get_stats(k->synth);
    }
    while (wn_midi_queue_dropped(k->queue) == 0) receive(k);
    wn_synth_run_queue(k->synth, k->queue);
    wn_synth_release(k->synth);
}
