/* SPDX-License-Identifier: MIT
 * midi_input.c - MIDI input from keyboards and other programs, through rtmidi.
 * Copyright (c) 2026 the wavenet authors */
#include "audio/midi_input.h"

#include <rtmidi_c.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "audio/device_query.h"
#include "base/clock.h"
#include "model/model.h"
#include "play/active_sensing.h"

enum { MAX_NAME = 256 };
#define CLIENT "wavenet"
#define VIRTUAL_PORT "MIDI in"       /* name of the virtual port, which follows the client's name */
#define LOOPBACK_PORT "Midi Through" /* ALSA's loopback port, which is silent unless another program uses it */

struct wn_midi_input {
    RtMidiInPtr in;
    wn_midi_queue *queue;
    char *name;
    const char *system;
    bool is_virtual;
    _Atomic int64_t received, malformed;
    wn_active_sensing sensing;
};

/* ---- MIDI thread ----------------------------------------------------------------------------------------------- */

static void midi_callback(double since, const unsigned char *message, size_t n, void *user)
{
    (void)since; /* seconds since the previous message; the time of arrival is used instead */
    wn_midi_input *p = user;
    wn_midi_event event;
    double now = wn_clock_seconds();
    if (wn_active_sensing_receive(&p->sensing, message, n, now)) return;
    wn_midi_result result = wn_midi_message_read(&event, message, n);
    atomic_fetch_add_explicit(&p->received, 1, memory_order_relaxed);
    if (result == WN_MIDI_MALFORMED) atomic_fetch_add_explicit(&p->malformed, 1, memory_order_relaxed);
    if (result != WN_MIDI_ACCEPTED) return;
    event.time = now;
    wn_midi_queue_push(p->queue, &event);
}

/* ---- systems --------------------------------------------------------------------------------------------------- */

/* The systems that rtmidi was built with, without its dummy. Returns their number. */
static int list_systems(enum RtMidiApi systems[RTMIDI_API_NUM])
{
    int n = rtmidi_get_compiled_api(systems, RTMIDI_API_NUM), kept = 0;
    for (int i = 0; i < n && i < RTMIDI_API_NUM; i++)
        if (systems[i] != RTMIDI_API_RTMIDI_DUMMY) systems[kept++] = systems[i];
    return kept;
}

/* Open a client of a MIDI system; NULL if the system does not run here. rtmidi's error messages cannot be used, because
 * rtmidi has already freed them. */
static RtMidiInPtr open_client(enum RtMidiApi system)
{
    RtMidiInPtr in = rtmidi_in_create(system, CLIENT, 1);
    if (in && in->ok) return in;
    if (in) rtmidi_in_free(in);
    return NULL;
}

/* rtmidi drops active sensing unless told not to; exclusive messages and clocks stay dropped. */
static void set_callback(wn_midi_input *p)
{
    rtmidi_in_set_callback(p->in, midi_callback, p);
    rtmidi_in_ignore_types(p->in, true, true, false);
}

static wn_status fail_midi_memory(wn_error *error) { return wn_fail_memory(error, "MIDI"); }

/* ---- listing --------------------------------------------------------------------------------------------------- */

static wn_status list_add_port(wn_midi_input_list *ports, RtMidiInPtr in, enum RtMidiApi system, unsigned index,
                               wn_error *error)
{
    char name[MAX_NAME] = "";
    int size = sizeof name;
    rtmidi_get_port_name(in, index, name, &size);
    void *grown = realloc(ports->port, ((size_t)ports->n + 1) * sizeof *ports->port);
    if (!grown) return fail_midi_memory(error);
    ports->port = grown;
    ports->port[ports->n].name = strdup(name);
    ports->port[ports->n].system = rtmidi_api_display_name(system);
    ports->port[ports->n].index = index;
    ports->port[ports->n].api = (int)system;
    return ports->port[ports->n++].name ? WN_OK : fail_midi_memory(error);
}

static wn_status list_add_system(wn_midi_input_list *ports, enum RtMidiApi system, wn_error *error)
{
    wn_status status = WN_OK;
    RtMidiInPtr in = open_client(system);
    if (!in) return WN_OK;
    unsigned n = rtmidi_get_port_count(in);
    for (unsigned i = 0; in->ok && i < n && !status; i++) status = list_add_port(ports, in, system, i, error);
    rtmidi_in_free(in);
    return status;
}

wn_status wn_midi_input_list_read(wn_midi_input_list *out, wn_error *error)
{
    enum RtMidiApi systems[RTMIDI_API_NUM];
    wn_status status = WN_OK;
    int n = list_systems(systems);
    memset(out, 0, sizeof *out);
    for (int i = 0; i < n && !status; i++) status = list_add_system(out, systems[i], error);
    return status;
}

void wn_midi_input_list_free(wn_midi_input_list *ports)
{
    for (int i = 0; i < ports->n; i++) free(ports->port[i].name);
    free(ports->port);
    memset(ports, 0, sizeof *ports);
}

/* ---- choosing -------------------------------------------------------------------------------------------------- */

/* The port named `query` or, failing that, the first whose name contains it; -1: none. */
static int find_port_by_name(const wn_midi_input_list *ports, const char *query)
{
    for (int i = 0; i < ports->n; i++)
        if (strcmp(ports->port[i].name, query) == 0) return i;
    for (int i = 0; i < ports->n; i++)
        if (wn_device_query_is_part(query, ports->port[i].name)) return i;
    return -1;
}

static int find_first_port(const wn_midi_input_list *ports)
{
    for (int i = 0; i < ports->n; i++)
        if (!wn_device_query_is_part(LOOPBACK_PORT, ports->port[i].name)) return i;
    return -1;
}

static int find_port(const wn_midi_input_list *ports, const char *query)
{
    int number = wn_device_query_number(query);
    if (number >= 0) return number < ports->n ? number : -1;
    return find_port_by_name(ports, query);
}

/* ---- opening --------------------------------------------------------------------------------------------------- */

static wn_status set_name(wn_midi_input *p, enum RtMidiApi system, const char *name, wn_error *error)
{
    p->system = rtmidi_api_display_name(system);
    p->name = strdup(name);
    return p->name ? WN_OK : fail_midi_memory(error);
}

static wn_status open_existing_port(wn_midi_input *p, const wn_midi_input_list *ports, int index, wn_error *error)
{
    enum RtMidiApi system = (enum RtMidiApi)ports->port[index].api;
    const char *name = ports->port[index].name;
    wn_status status = set_name(p, system, name, error);
    if (status) return status;
    p->in = open_client(system);
    if (p->in) set_callback(p);
    if (p->in) rtmidi_open_port(p->in, ports->port[index].index, VIRTUAL_PORT);
    return p->in && p->in->ok ? WN_OK : wn_fail(error, WN_ERROR_FILE, name, "the MIDI port cannot be opened");
}

/* Open a virtual port, in the first system that supports one. */
static wn_status open_virtual_port(wn_midi_input *p, wn_error *error)
{
    enum RtMidiApi systems[RTMIDI_API_NUM];
    int n = list_systems(systems);
    p->is_virtual = true;
    for (int i = 0; i < n; i++) {
        p->in = open_client(systems[i]);
        if (p->in) set_callback(p);
        if (p->in) rtmidi_open_virtual_port(p->in, VIRTUAL_PORT);
        if (p->in && p->in->ok) return set_name(p, systems[i], CLIENT ":" VIRTUAL_PORT, error);
        if (p->in) rtmidi_in_free(p->in);
        p->in = NULL;
    }
    return wn_fail(error, WN_ERROR_FILE, "MIDI",
                   "this machine has no MIDI: neither ALSA's sequencer nor a JACK server runs");
}

static wn_status open_port(wn_midi_input *p, const char *query, wn_error *error)
{
    wn_midi_input_list ports;
    bool named = query && *query;
    wn_status status = wn_midi_input_list_read(&ports, error);
    int index = status ? -1 : named ? find_port(&ports, query) : find_first_port(&ports);
    if (!status && index >= 0)
        status = open_existing_port(p, &ports, index, error);
    else if (!status)
        status = named ? wn_fail(error, WN_ERROR_ARGUMENT, query, "no MIDI port has this number or name")
                       : open_virtual_port(p, error);
    wn_midi_input_list_free(&ports);
    return status;
}

wn_status wn_midi_input_open(wn_midi_input **out, const char *query, wn_error *error)
{
    *out = NULL;
    wn_midi_input *p = calloc(1, sizeof *p);
    if (!p) return fail_midi_memory(error);
    wn_status status = wn_midi_queue_new(&p->queue, error);
    if (!status) status = open_port(p, query, error);
    if (status)
        wn_midi_input_close(p);
    else
        *out = p;
    return status;
}

/* The port is closed before it is freed, because rtmidi_in_free frees the callback's data before it ends the thread
 * that uses it. */
void wn_midi_input_close(wn_midi_input *port)
{
    if (!port) return;
    if (port->in) rtmidi_close_port(port->in);
    if (port->in) rtmidi_in_free(port->in);
    wn_midi_queue_free(port->queue);
    free(port->name);
    free(port);
}

const char *wn_midi_input_name(const wn_midi_input *port) { return port->name; }

const char *wn_midi_input_system(const wn_midi_input *port) { return port->system; }

bool wn_midi_input_is_own(const wn_midi_input *port) { return port->is_virtual; }

wn_midi_queue *wn_midi_input_queue(wn_midi_input *port) { return port->queue; }

bool wn_midi_input_is_lost(wn_midi_input *port)
{
    return wn_active_sensing_is_lost(&port->sensing, wn_clock_seconds());
}

int64_t wn_midi_input_received(const wn_midi_input *port)
{
    return atomic_load_explicit(&port->received, memory_order_relaxed);
}

int64_t wn_midi_input_broken(const wn_midi_input *port)
{
    return atomic_load_explicit(&port->malformed, memory_order_relaxed);
}
