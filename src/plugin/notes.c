/* SPDX-License-Identifier: MIT
 * notes.c - WaveNet Notes, an LV2 plug-in: the model of its bundle as an instrument.
 * Copyright (c) 2026 the wavenet authors
 *
 * run() generates the sound itself, on the host's thread: no other thread could be waited for. So the number of voices is what
 * this machine generates in half the time that it has, measured when the plug-in is instantiated. */
#include <lv2/midi/midi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "dsp/mix.h"
#include "play/instrument.h"
#include "plugin/events.h"
#include "plugin/host.h"
#include "plugin/notes_ports.h"

#define MARGIN 2.0 /* times real time that the voices must reach: half of a core is left to other plug-ins */
#define FADE 0.02  /* seconds of a change of gain */

typedef struct notes {
    wn_host host;
    LV2_URID sequence, midi_event;
    void *ports[NOTES_PORTS];
    wn_model *model;
    wn_instrument *instrument;
    int fade;     /* frames */
    bool started; /* the gain has its first value */
    wn_smoother gain;
    int choice;   /* instrument that was set */
    float tuning; /* cents that were set */
} notes;

/* ---- audio thread ------------------------------------------------------------------------------------------------- */

static float notes_value(const notes *n, notes_port port) { return wn_port_value(&notes_ports[port], n->ports[port]); }

static void follow_controls(notes *n)
{
    wn_synth *synth = wn_instrument_get_synth(n->instrument);
    float gain = wn_gain_from_db(notes_value(n, NOTES_GAIN)), tuning = notes_value(n, NOTES_TUNING);
    int choice = (int)notes_value(n, NOTES_INSTRUMENT) - 1;
    if (choice != n->choice) wn_synth_set_instrument(synth, choice);
    if (tuning != n->tuning) wn_synth_set_tuning(synth, tuning / 100);
    n->choice = choice;
    n->tuning = tuning;
    if (!n->started) n->gain = wn_smoother_at(gain);
    wn_smoother_set_target(&n->gain, gain, n->fade);
    n->started = true;
}

/* Frames from `done` to `to` into the output, which may be missing. */
static void notes_generate(notes *n, int done, int to)
{
    float *out = n->ports[NOTES_OUT];
    if (!out || to <= done) return;
    wn_instrument_run(n->instrument, to - done, out + done);
    wn_smoother_run(&n->gain, out + done, to - done);
}

/* Every message at its frame; one that claims to be earlier than those before it comes with them. */
static void notes_run(LV2_Handle handle, uint32_t frames)
{
    notes *n = handle;
    wn_atom_cursor events = wn_events_of(n->ports[NOTES_MIDI], n->sequence);
    const LV2_Atom_Event *event;
    int done = 0;
    follow_controls(n);
    while ((event = wn_events_next(&events))) {
        wn_midi_event message;
        if (event->body.type != n->midi_event) continue;
        if (wn_midi_message_read(&message, (const uint8_t *)(event + 1), event->body.size) != WN_MIDI_ACCEPTED)
            continue;
        int64_t at = event->time.frames < (int64_t)frames ? event->time.frames : (int64_t)frames;
        if (at > done) {
            notes_generate(n, done, (int)at);
            done = (int)at;
        }
        wn_synth_event(wn_instrument_get_synth(n->instrument), &message);
    }
    notes_generate(n, done, (int)frames);
    if (n->ports[NOTES_VOICES]) *(float *)n->ports[NOTES_VOICES] = (float)wn_instrument_get_voices(n->instrument);
    if (n->ports[NOTES_LATENCY]) *(float *)n->ports[NOTES_LATENCY] = (float)wn_instrument_get_latency(n->instrument);
}

/* ---- life ------------------------------------------------------------------------------------------------------------ */

static void notes_cleanup(LV2_Handle handle)
{
    notes *n = handle;
    wn_instrument_free(n->instrument);
    wn_model_free(n->model);
    free(n);
}

static wn_status notes_load(notes *n, const char *bundle, double rate, wn_error *error)
{
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/notes.safetensors", bundle);
    if (length < 0 || (size_t)length >= sizeof path)
        return wn_fail(error, WN_ERROR_ARGUMENT, NULL, "the name of the bundle is too long");
    wn_status status = wn_model_load(&n->model, path, error);
    return status ? status : wn_instrument_new(&n->instrument, n->model, rate, 0, MARGIN, error);
}

static LV2_Handle notes_instantiate(const LV2_Descriptor *descriptor, double rate, const char *bundle,
                                    const LV2_Feature *const *features)
{
    (void)descriptor;
    wn_host host;
    wn_error error = {0};
    if (!wn_host_init(&host, features) || !(rate >= 1 && rate <= 768000)) return NULL;
    notes *n = calloc(1, sizeof *n);
    if (!n) return NULL;
    n->host = host;
    n->choice = -1;
    n->fade = (int)(FADE * rate);
    n->sequence = wn_host_map(&host, LV2_ATOM__Sequence);
    n->midi_event = wn_host_map(&host, LV2_MIDI__MidiEvent);
    if (notes_load(n, bundle, rate, &error) == WN_OK) return n;
    wn_host_report(&host, "WaveNet Notes", &error);
    notes_cleanup(n);
    return NULL;
}

static void notes_connect_port(LV2_Handle handle, uint32_t port, void *data)
{
    notes *n = handle;
    if (port < NOTES_PORTS) n->ports[port] = data;
}

/* No note of the time before plays on. */
static void notes_activate(LV2_Handle handle)
{
    notes *n = handle;
    wn_synth_release(wn_instrument_get_synth(n->instrument));
    n->started = false;
}

static const void *notes_extension_data(const char *uri)
{
    (void)uri;
    return NULL;
}

LV2_SYMBOL_EXPORT const LV2_Descriptor *lv2_descriptor(uint32_t index)
{
    static const LV2_Descriptor descriptor = {.URI = NOTES_URI,
                                              .instantiate = notes_instantiate,
                                              .connect_port = notes_connect_port,
                                              .activate = notes_activate,
                                              .run = notes_run,
                                              .cleanup = notes_cleanup,
                                              .extension_data = notes_extension_data};
    return index == 0 ? &descriptor : NULL;
}
