/* SPDX-License-Identifier: MIT
 * jack_tap.c - a sound device made of files: a JACK client that plays one, records another and sends timed MIDI.
 * Copyright (c) 2026 the wavenet authors
 *
 *   jack_tap NAME SECONDS [-i IN.f32] [-o OUT.f32] [-m EVENTS]      without files: waits for a server, no more
 *
 * NAME:out plays IN.f32, then silence; NAME:in is recorded, sample for sample; NAME:midi sends the lines of EVENTS, "FRAME
 * BYTE...", in hexadecimal bytes. The clock of all three starts in the first cycle in which each of them is connected, so
 * what it records at frame n answers what it sent at earlier frames. PortAudio takes the client for a device called NAME.
 * Says "ready" once others can connect; ends when asked to (SIGTERM), when SECONDS are recorded or when the server goes,
 * with one line of JSON. */
#include <jack/jack.h>
#include <jack/midiport.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOST_BYTES = 3, LINE = 128 };

typedef struct event {
    long frame;
    size_t size;
    jack_midi_data_t bytes[MOST_BYTES];
} event;

typedef struct tap {
    jack_client_t *client;
    jack_port_t *in, *out, *midi; /* NULL: not wanted */
    float *record, *play;         /* [room], [length] */
    event *events;                /* [n_events], by time */
    long room, length, n_events;
    /* of the process callback, until the client is closed */
    long clock, sent, late; /* frames since the start; events sent; and events that the port had no room for */
    long skipped;           /* frames that the server counted without calling */
    jack_nframes_t next;    /* where the server's clock should be */
    atomic_int begun, full, xruns, gone;
} tap;

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

static int connected(jack_port_t *port) { return !port || jack_port_connected(port); }

static void send_events(tap *t, long frames)
{
    void *buffer = jack_port_get_buffer(t->midi, (jack_nframes_t)frames);
    jack_midi_clear_buffer(buffer);
    if (!atomic_load(&t->begun)) return;
    for (; t->sent < t->n_events && t->events[t->sent].frame < t->clock + frames; t->sent++) {
        const event *e = &t->events[t->sent];
        long at = e->frame > t->clock ? e->frame - t->clock : 0;
        t->late += jack_midi_event_write(buffer, (jack_nframes_t)at, e->bytes, e->size) != 0;
    }
}

static void play(tap *t, long frames)
{
    float *y = jack_port_get_buffer(t->out, (jack_nframes_t)frames);
    memset(y, 0, (size_t)frames * sizeof *y);
    long n = t->length - t->clock < frames ? t->length - t->clock : frames;
    if (atomic_load(&t->begun) && n > 0) memcpy(y, t->play + t->clock, (size_t)n * sizeof *y);
}

static void record(tap *t, long frames)
{
    const float *x = jack_port_get_buffer(t->in, (jack_nframes_t)frames);
    long n = t->room - t->clock < frames ? t->room - t->clock : frames;
    if (n > 0) memcpy(t->record + t->clock, x, (size_t)n * sizeof *x);
}

static int process(jack_nframes_t frames, void *user)
{
    tap *t = user;
    jack_nframes_t now = jack_last_frame_time(t->client);
    if (!atomic_load(&t->begun) && connected(t->in) && connected(t->out) && connected(t->midi)) {
        t->next = now;
        atomic_store(&t->begun, 1);
    }
    if (t->out) play(t, (long)frames);
    if (t->midi) send_events(t, (long)frames);
    if (!atomic_load(&t->begun)) return 0;
    t->skipped += (int32_t)(now - t->next);
    t->next = now + frames;
    if (t->in) record(t, (long)frames);
    t->clock += (long)frames;
    if (t->clock >= t->room) atomic_store(&t->full, 1);
    return 0;
}

static int on_xrun(void *user)
{
    atomic_fetch_add(&((tap *)user)->xruns, 1);
    return 0;
}

static void on_shutdown(void *user) { atomic_store(&((tap *)user)->gone, 1); }

/* As a sound card would state it: a block on the way in, a block on the way out. Where it plays and records, a graph that
 * leads back to it would make the server add up delays for ever. */
static void on_latency(jack_latency_callback_mode_t mode, void *user)
{
    tap *t = user;
    jack_nframes_t block = jack_get_buffer_size(t->client);
    jack_latency_range_t range = {block, block};
    if (mode == JackCaptureLatency && t->out) jack_port_set_latency_range(t->out, mode, &range);
    if (mode == JackPlaybackLatency && t->in) jack_port_set_latency_range(t->in, mode, &range);
}

/* ---- files ------------------------------------------------------------------------------------------------------------ */

static FILE *opened(const char *name, const char *how)
{
    FILE *f = fopen(name, how);
    if (f) return f;
    perror(name);
    exit(1);
}

static void *memory(size_t n, size_t size)
{
    void *x = calloc(n + 1, size);
    if (!x) exit(1);
    memset(x, 0, (n + 1) * size); /* pages are there before the clock starts */
    return x;
}

static void read_sound(tap *t, const char *name)
{
    FILE *f = opened(name, "rb");
    fseek(f, 0, SEEK_END);
    t->length = ftell(f) / (long)sizeof *t->play;
    rewind(f);
    t->play = memory((size_t)t->length, sizeof *t->play);
    t->length = (long)fread(t->play, sizeof *t->play, (size_t)t->length, f);
    fclose(f);
}

static void write_sound(const tap *t, const char *name)
{
    FILE *f = opened(name, "wb");
    size_t n = (size_t)(t->clock < t->room ? t->clock : t->room);
    if (fwrite(t->record, sizeof *t->record, n, f) != n || fclose(f)) exit(1);
}

/* false: a line that says nothing, or too much. */
static int parse_event(event *e, const char *line)
{
    char *rest;
    e->frame = strtol(line, &rest, 10);
    for (e->size = 0; e->size <= MOST_BYTES; e->size++) {
        char *from = rest;
        unsigned long byte = strtoul(from, &rest, 16);
        if (rest == from) break;
        if (e->size < MOST_BYTES) e->bytes[e->size] = (jack_midi_data_t)byte;
    }
    return e->size > 0 && e->size <= MOST_BYTES;
}

static void read_events(tap *t, const char *name)
{
    char line[LINE];
    FILE *f = opened(name, "r");
    long room = 0;
    while (fgets(line, sizeof line, f)) room++;
    rewind(f);
    t->events = memory((size_t)room, sizeof *t->events);
    while (t->n_events < room && fgets(line, sizeof line, f)) t->n_events += parse_event(&t->events[t->n_events], line);
    fclose(f);
}

/* ---- the client --------------------------------------------------------------------------------------------------------- */

static jack_port_t *port(tap *t, const char *name, const char *type, unsigned long flags)
{
    jack_port_t *p = jack_port_register(t->client, name, type, flags, 0);
    if (!p) exit(1);
    return p;
}

static void open_client(tap *t, const char *name)
{
    enum { TRIES = 100 };
    for (int i = 0; i < TRIES && !t->client && !stop; i++) {
        if (i) nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
        t->client = jack_client_open(name, JackNoStartServer | JackUseExactName, NULL);
    }
    if (t->client) return;
    fprintf(stderr, "jack_tap: no server, or it has a client called %s\n", name);
    exit(1);
}

static void start(tap *t, double seconds, const char *in, const char *out, const char *midi)
{
    t->room = (long)(seconds * jack_get_sample_rate(t->client));
    if (in) {
        read_sound(t, in);
        t->out = port(t, "out", JACK_DEFAULT_AUDIO_TYPE, JackPortIsOutput | JackPortIsPhysical);
    }
    if (out) {
        t->record = memory((size_t)t->room, sizeof *t->record);
        t->in = port(t, "in", JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput | JackPortIsPhysical);
    }
    if (midi) {
        read_events(t, midi);
        t->midi = port(t, "midi", JACK_DEFAULT_MIDI_TYPE, JackPortIsOutput);
    }
    jack_set_process_callback(t->client, process, t);
    jack_set_xrun_callback(t->client, on_xrun, t);
    jack_set_latency_callback(t->client, on_latency, t);
    jack_on_shutdown(t->client, on_shutdown, t);
    if (jack_activate(t->client)) exit(1);
}

int main(int argc, char **argv)
{
    static tap t;
    const char *in = NULL, *out = NULL, *midi = NULL;
    for (int i = 3; i + 1 < argc; i += 2) {
        const char **file = strcmp(argv[i], "-i") == 0 ? &in : strcmp(argv[i], "-o") == 0 ? &out : &midi;
        *file = argv[i + 1];
    }
    if (argc < 3 || argc % 2 == 0) return fprintf(stderr, "usage: jack_tap NAME SECONDS [-i F] [-o F] [-m F]\n"), 2;
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    open_client(&t, argv[1]);
    if (argc == 3) return jack_client_close(t.client);
    start(&t, atof(argv[2]), in, out, midi);
    printf("ready\n");
    fflush(stdout);
    while (!stop && !atomic_load(&t.full) && !atomic_load(&t.gone))
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    if (!atomic_load(&t.gone)) jack_client_close(t.client);
    if (out) write_sound(&t, out);
    printf("{\"frames\": %ld, \"skipped\": %ld, \"xruns\": %d, \"sent\": %ld, \"unsent\": %ld, \"gone\": %d}\n",
           t.clock, t.skipped, atomic_load(&t.xruns), t.sent, t.late, atomic_load(&t.gone));
    return 0;
}
