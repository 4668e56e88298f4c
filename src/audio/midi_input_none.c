/* SPDX-License-Identifier: MIT
 * midi_input_none.c - midi_input.h in a build without rtmidi: no port is listed, and none can be opened.
 * Copyright (c) 2026 the wavenet authors */
#include "audio/midi_input.h"

#include <stddef.h>

#include "base/error.h"

wn_status wn_midi_input_list_read(wn_midi_input_list *out, wn_error *error)
{
    (void)error;
    *out = (wn_midi_input_list){0};
    return WN_OK;
}

void wn_midi_input_list_free(wn_midi_input_list *ports) { *ports = (wn_midi_input_list){0}; }

wn_status wn_midi_input_open(wn_midi_input **out, const char *query, wn_error *error)
{
    (void)query;
    *out = NULL;
    return wn_fail(error, WN_ERROR_UNSUPPORTED, "MIDI", "this build has no MIDI input (meson setup -Dmidi=enabled)");
}

/* No port is ever open, so the functions below are never called; they complete the interface for the linker. */

void wn_midi_input_close(wn_midi_input *port) { (void)port; }

const char *wn_midi_input_name(const wn_midi_input *port)
{
    (void)port;
    return "";
}

const char *wn_midi_input_system(const wn_midi_input *port)
{
    (void)port;
    return "";
}

bool wn_midi_input_is_own(const wn_midi_input *port)
{
    (void)port;
    return 0;
}

wn_midi_queue *wn_midi_input_queue(wn_midi_input *port)
{
    (void)port;
    return NULL;
}

bool wn_midi_input_is_lost(wn_midi_input *port)
{
    (void)port;
    return false;
}

int64_t wn_midi_input_received(const wn_midi_input *port)
{
    (void)port;
    return 0;
}

int64_t wn_midi_input_broken(const wn_midi_input *port)
{
    (void)port;
    return 0;
}
