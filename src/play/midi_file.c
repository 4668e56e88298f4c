/* SPDX-License-Identifier: MIT
 * midi_file.c - Standard MIDI Files (RP-001, version 1.0), and what is left of damaged ones.
 * Copyright (c) 2026 the wavenet authors */
#include "play/midi_file.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"

enum {
    CHUNK_HEADER = 8,      /* bytes: a name and a length */
    HEADER_LENGTH = 6,     /* bytes of the MThd chunk */
    HEADER_TRACKS = 10,    /* byte of the number of tracks */
    DEFAULT_TEMPO = 500000 /* microseconds per quarter note: 120 quarter notes per minute */
};
enum { META_END = 0x2f, META_TEMPO = 0x51 };

/* An event or a tempo change, at its tick. */
typedef struct item {
    uint64_t tick;
    uint32_t order; /* position in the file, which breaks ties between equal ticks */
    uint32_t tempo; /* microseconds per quarter note; 0: an event */
    wn_midi_event event;
} item;

/* Reads bytes below `end`, the end of the current chunk. */
typedef struct reader {
    const uint8_t *data;
    size_t at, end, size;
    const char *name;
    int format, n_tracks, division;
    int track;        /* current track, from 1; 0: the header, or between tracks */
    uint8_t running;  /* running status; 0: none */
    bool interrupted; /* a meta or system exclusive event followed, which ends a running status */
    bool ended;       /* the end-of-track event was read */
    bool fatal;       /* a limit was passed: no fault to be made up for */
    uint64_t tick, last_tick;
    item *items; /* [capacity] */
    size_t n_items, capacity;
    wn_error *error;
    char *note; /* [WN_MIDI_NOTE] the first fault that was made up for */
} reader;

static const char *reader_place(const reader *r, size_t at, char *text, size_t size)
{
    if (r->track)
        snprintf(text, size, "%s, track %d, byte %zu", r->name, r->track, at);
    else
        snprintf(text, size, "%s, byte %zu", r->name, at);
    return text;
}

#define FAIL_AT(r, at, ...) wn_fail((r)->error, WN_ERROR_FORMAT, reader_place(r, at, (char[192]){0}, 192), __VA_ARGS__)

/* Faults that players make up for are told once: the first one. */
static void reader_note(reader *r, size_t at, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void reader_note(reader *r, size_t at, const char *format, ...)
{
    char text[WN_MIDI_NOTE / 2];
    va_list args;
    if (*r->note) return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (r->track)
        snprintf(r->note, WN_MIDI_NOTE, "track %d, byte %zu: %s", r->track, at, text);
    else
        snprintf(r->note, WN_MIDI_NOTE, "byte %zu: %s", at, text);
}

/* ---- numbers --------------------------------------------------------------------------------------------------- */

static size_t reader_remaining(const reader *r) { return r->end - r->at; }

static uint32_t read_big_endian(const uint8_t *bytes, int n)
{
    uint32_t value = 0;
    for (int i = 0; i < n; i++) value = value << 8 | bytes[i];
    return value;
}

/* Read a number of up to 28 bits, seven per byte, highest first. All bytes but the last have their top bit set. */
static wn_status read_variable_length(reader *r, uint32_t *value, const char *what)
{
    size_t from = r->at;
    *value = 0;
    for (int i = 0; i < 4; i++) {
        if (reader_remaining(r) == 0)
            return FAIL_AT(r, r->at, "%s was expected, but the track's chunk ends here", what);
        uint8_t byte = r->data[r->at++];
        *value = *value << 7 | (byte & 0x7f);
        if (byte < 0x80) return WN_OK;
    }
    return FAIL_AT(r, from, "%s of more than four bytes", what);
}

/* ---- events ---------------------------------------------------------------------------------------------------- */

static wn_status items_add(reader *r, uint32_t tempo, wn_midi_event event)
{
    r->fatal = r->n_items == WN_MIDI_MAX_EVENTS;
    if (r->fatal) return FAIL_AT(r, r->at, "more than %d events, the limit", (int)WN_MIDI_MAX_EVENTS);
    if (r->n_items == r->capacity) {
        size_t capacity = r->capacity ? 2 * r->capacity : 256;
        item *grown = realloc(r->items, capacity * sizeof *grown);
        if (!grown) return wn_fail_memory(r->error, r->name);
        r->items = grown;
        r->capacity = capacity;
    }
    r->items[r->n_items] = (item){.tick = r->tick, .order = (uint32_t)r->n_items, .tempo = tempo, .event = event};
    r->n_items++;
    return WN_OK;
}

/* Read the data bytes of a channel message. `status` is the byte just read, or the running status. */
static wn_status read_message(reader *r, uint8_t status)
{
    wn_midi_event event;
    uint8_t message[3] = {status};
    size_t n = status >> 4 == 0xc || status >> 4 == 0xd ? 2 : 3;
    for (size_t i = 1; i < n; i++) {
        if (reader_remaining(r) == 0)
            return FAIL_AT(r, r->at, "a data byte of message 0x%02x was expected, but the track's chunk ends here",
                           status);
        message[i] = r->data[r->at];
        if (message[i] >= 0x80)
            return FAIL_AT(r, r->at, "0x%02x; a data byte below 0x80 of message 0x%02x was expected", message[i],
                           status);
        r->at++;
    }
    r->running = status;
    r->interrupted = false;
    return wn_midi_message_read(&event, message, n) == WN_MIDI_ACCEPTED ? items_add(r, 0, event) : WN_OK;
}

/* Read a length and point *bytes at the `*length` bytes that follow it. */
static wn_status read_block(reader *r, const uint8_t **bytes, uint32_t *length, const char *what)
{
    size_t from = r->at;
    wn_status status = read_variable_length(r, length, what);
    if (status) return status;
    if (*length > reader_remaining(r))
        return FAIL_AT(r, from, "%s of %u bytes; only %zu are left in the track's chunk", what, (unsigned)*length,
                       reader_remaining(r));
    *bytes = r->data + r->at;
    r->at += *length;
    return WN_OK;
}

static wn_status read_tempo(reader *r, size_t from, const uint8_t *bytes, uint32_t length)
{
    uint32_t tempo = length == 3 ? read_big_endian(bytes, 3) : 0;
    if (length != 3)
        reader_note(r, from, "a tempo of %u bytes is left out; 3 were expected", (unsigned)length);
    else if (tempo == 0)
        reader_note(r, from, "a tempo of 0 microseconds per quarter note is left out");
    return tempo ? items_add(r, tempo, (wn_midi_event){0}) : WN_OK;
}

static wn_status read_meta(reader *r)
{
    size_t from = r->at;
    const uint8_t *bytes = NULL;
    uint32_t length;
    if (reader_remaining(r) == 0)
        return FAIL_AT(r, r->at, "the type of a meta event was expected, but the track's chunk ends here");
    uint8_t type = r->data[r->at++];
    wn_status status = read_block(r, &bytes, &length, "a meta event");
    if (!status && type == META_TEMPO) status = read_tempo(r, from, bytes, length);
    r->ended = type == META_END;
    return status;
}

/* Messages between devices, which files cannot hold. */
static wn_status skip_system_message(reader *r, uint8_t byte)
{
    size_t data = byte == 0xf2 ? 2 : byte == 0xf1 || byte == 0xf3 ? 1 : 0;
    reader_note(r, r->at - 1, "system message 0x%02x is left out", byte);
    while (data-- && reader_remaining(r) && r->data[r->at] < 0x80) r->at++;
    return WN_OK;
}

static wn_status read_event(reader *r)
{
    uint32_t delta;
    wn_status status = read_variable_length(r, &delta, "a delta time");
    if (status) return status;
    r->tick += delta;
    if (reader_remaining(r) == 0) return FAIL_AT(r, r->at, "an event was expected, but the track's chunk ends here");
    size_t from = r->at;
    uint8_t byte = r->data[from];
    if (byte < 0x80 && !r->running)
        return FAIL_AT(r, from, "0x%02x; a status byte was expected, as there is no running status", byte);
    if (byte < 0x80 && r->interrupted)
        reader_note(r, from, "running status goes on after a meta or system exclusive event");
    if (byte < 0x80) return read_message(r, r->running);
    r->at++;
    if (byte < 0xf0) return read_message(r, byte);
    if (byte != 0xff && byte != 0xf0 && byte != 0xf7) return skip_system_message(r, byte);
    r->interrupted = true;
    if (byte == 0xff) return read_meta(r);
    const uint8_t *bytes;
    return read_block(r, &bytes, &delta, "a system exclusive event");
}

/* ---- chunks ---------------------------------------------------------------------------------------------------- */

static bool is_chunk(const reader *r, size_t at)
{
    return r->size - at >= CHUNK_HEADER && memcmp(r->data + at, "MTrk", 4) == 0;
}

/* A length that is too small ends a track before its last event. What follows up to the next track belongs to it. */
static void extend_track(reader *r)
{
    if (r->end == r->size || is_chunk(r, r->end)) return;
    reader_note(r, r->end, "the track goes on behind the length that its chunk says");
    while (r->end < r->size && !is_chunk(r, r->end)) r->end++;
}

/* A track with a fault that nobody can make up for ends there. */
static wn_status read_events(reader *r)
{
    wn_error fault = {0}, *error = r->error;
    wn_status status = WN_OK;
    r->error = &fault;
    while (!status && !r->ended && reader_remaining(r)) {
        status = read_event(r);
        if (!status && !r->ended && reader_remaining(r) == 0) extend_track(r);
    }
    r->error = error;
    if (status == WN_ERROR_FORMAT && !r->fatal) {
        reader_note(r, r->at, "the track is damaged and ends here: %s", fault.message);
        return WN_OK;
    }
    if (status && error) *error = fault;
    return status;
}

static wn_status read_track(reader *r)
{
    r->tick = 0;
    r->running = 0;
    r->ended = r->interrupted = false;
    wn_status status = read_events(r);
    if (status) return status;
    if (!r->ended) reader_note(r, r->at, "the track has no end; it ends with its chunk");
    if (r->ended && reader_remaining(r))
        reader_note(r, r->at, "%zu bytes follow the end of the track and are left out", reader_remaining(r));
    if (r->tick > r->last_tick) r->last_tick = r->tick;
    return WN_OK;
}

/* Read the eight bytes before a chunk and set r->end to the end of the chunk, at most that of the file. */
static void open_chunk(reader *r, bool *is_track)
{
    size_t from = r->at;
    uint32_t length = read_big_endian(r->data + from + 4, 4);
    *is_track = memcmp(r->data + from, "MTrk", 4) == 0;
    r->at += CHUNK_HEADER;
    if (length > r->size - r->at)
        reader_note(r, from, "a chunk of %u bytes; only %zu are left in the file", (unsigned)length, r->size - r->at);
    r->end = length > r->size - r->at ? r->size : r->at + length;
}

/* Read all tracks, however many the header announces. Chunks of other types may stand between them; they are skipped, and so
 * are a few bytes behind the last. */
static wn_status read_chunks(reader *r)
{
    wn_status status = WN_OK;
    int tracks = 0;
    size_t header = r->at;
    for (; !status && r->size - r->at >= CHUNK_HEADER; r->track = 0) {
        bool is_track = false;
        open_chunk(r, &is_track);
        if (is_track) {
            r->track = ++tracks;
            status = read_track(r);
        }
        r->at = r->end;
    }
    if (status) return status;
    if (tracks == 0) return FAIL_AT(r, header, "the file ends without a track");
    if (tracks != r->n_tracks)
        reader_note(r, (size_t)HEADER_TRACKS, "the header announces %d tracks; %d are there", r->n_tracks, tracks);
    else if (r->format == 0 && tracks > 1)
        reader_note(r, (size_t)HEADER_TRACKS, "format 0 with %d tracks; all are played together", tracks);
    if (r->format == 2 && tracks > 1)
        return FAIL_AT(r, (size_t)CHUNK_HEADER, "format 2 with %d songs; format 0 or 1 was expected", tracks);
    return WN_OK;
}

/* The division is ticks per quarter note or, with its top bit set, minus the frames per second and the ticks per
 * frame. */
static wn_status check_division(const reader *r, size_t at)
{
    int frames = 256 - (r->division >> 8);
    if (r->division == 0) return FAIL_AT(r, at, "0 ticks per quarter note; 1 or more were expected");
    if (r->division < 0x8000) return WN_OK;
    if (frames != 24 && frames != 25 && frames != 29 && frames != 30)
        return FAIL_AT(r, at, "%d frames per second; 24, 25, 29 or 30 were expected", frames);
    if ((r->division & 0xff) == 0) return FAIL_AT(r, at, "0 ticks per frame; 1 or more were expected");
    return WN_OK;
}

/* The song within a RIFF file of type RMID: its first chunk called data. */
static void open_rmid(reader *r)
{
    if (r->size < 20 || memcmp(r->data, "RIFF", 4) != 0 || memcmp(r->data + 8, "RMID", 4) != 0) return;
    for (size_t at = 12; r->size - at >= CHUNK_HEADER;) {
        const uint8_t *length = r->data + at + 4;
        size_t n = length[0] | (size_t)length[1] << 8 | (size_t)length[2] << 16 | (size_t)length[3] << 24;
        size_t left = r->size - at - CHUNK_HEADER;
        if (memcmp(r->data + at, "data", 4) == 0) {
            r->data += at + CHUNK_HEADER;
            r->size = n < left ? n : left;
            r->end = r->size;
            return;
        }
        if (n + n % 2 > left) return;
        at += CHUNK_HEADER + n + n % 2;
    }
}

static wn_status read_header(reader *r)
{
    bool is_track;
    open_rmid(r);
    if (r->size < CHUNK_HEADER || memcmp(r->data, "MThd", 4) != 0)
        return FAIL_AT(r, (size_t)0, "no Standard MIDI File: it does not begin with MThd");
    open_chunk(r, &is_track);
    if (reader_remaining(r) < HEADER_LENGTH)
        return FAIL_AT(r, (size_t)4, "a header of %zu bytes; 6 were expected", reader_remaining(r));
    const uint8_t *bytes = r->data + r->at;
    r->format = (int)read_big_endian(bytes, 2);
    r->n_tracks = (int)read_big_endian(bytes + 2, 2);
    r->division = (int)read_big_endian(bytes + 4, 2);
    if (r->format > 2) return FAIL_AT(r, r->at, "format %d; 0 or 1 was expected", r->format);
    wn_status status = check_division(r, r->at + 4);
    r->at = r->end; /* later versions of the format may have a longer header */
    return status;
}

/* ---- time ------------------------------------------------------------------------------------------------------ */

/* Converts ticks to seconds = units / per_second, where units is the sum of ticks x unit. All are whole numbers below
 * 2^53, so rounding errors do not accumulate. */
typedef struct timeline {
    uint64_t tick, units, unit, per_second;
    bool follows_tempo;
} timeline;

static timeline timeline_new(const reader *r)
{
    uint64_t frames = (uint64_t)(256 - (r->division >> 8)), ticks = (uint64_t)r->division & 0xff;
    if (r->division < 0x8000)
        return (timeline){.unit = DEFAULT_TEMPO, .per_second = (uint64_t)r->division * 1000000, .follows_tempo = true};
    if (frames == 29)
        return (timeline){.unit = 1001, .per_second = 30000 * ticks}; /* drop frame: 29.97 frames per second */
    return (timeline){.unit = 1, .per_second = frames * ticks};
}

/* *seconds = the time of `tick`, which is not below the tick of the last call. */
static wn_status timeline_advance(timeline *c, double *seconds, uint64_t tick, const reader *r)
{
    uint64_t max_units = c->per_second * WN_MIDI_MAX_SECONDS;
    if (tick - c->tick > (max_units - c->units) / c->unit)
        return wn_fail(r->error, WN_ERROR_FORMAT, r->name, "lasts for more than %d hours, the limit",
                       WN_MIDI_MAX_SECONDS / 3600);
    c->units += (tick - c->tick) * c->unit;
    c->tick = tick;
    *seconds = (double)c->units / (double)c->per_second;
    return WN_OK;
}

static int compare_items(const void *left_item, const void *right_item)
{
    const item *a = left_item, *b = right_item;
    if (a->tick != b->tick) return a->tick < b->tick ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

/* Sort the items of all tracks by time and convert them into events with times. */
static wn_status merge_tracks(wn_midi_file *file, const reader *r)
{
    wn_status status = WN_OK;
    timeline c = timeline_new(r);
    file->events = calloc(r->n_items + 1, sizeof *file->events);
    if (!file->events) return wn_fail_memory(r->error, r->name);
    if (r->n_items) qsort(r->items, r->n_items, sizeof *r->items, compare_items);
    for (size_t i = 0; i < r->n_items && !status; i++) {
        const item *next = &r->items[i];
        wn_midi_event event = next->event;
        status = timeline_advance(&c, &event.time, next->tick, r);
        if (!status && next->tempo == 0) file->events[file->n_events++] = event;
        if (next->tempo && c.follows_tempo) c.unit = next->tempo;
    }
    return status ? status : timeline_advance(&c, &file->seconds, r->last_tick, r);
}

/* ---- files ----------------------------------------------------------------------------------------------------- */

wn_status wn_midi_file_parse(wn_midi_file **out, const void *data, size_t size, const char *name, wn_error *error)
{
    *out = NULL;
    wn_midi_file *file = calloc(1, sizeof *file);
    if (!file) return wn_fail_memory(error, name);
    reader r = {.data = data, .size = size, .end = size, .name = name, .error = error, .note = file->note};
    wn_status status = read_header(&r);
    if (!status) status = read_chunks(&r);
    if (!status) status = merge_tracks(file, &r);
    free(r.items);
    if (status)
        wn_midi_file_free(file);
    else
        *out = file;
    return status;
}

wn_status wn_midi_file_load(wn_midi_file **out, const char *path, wn_error *error)
{
    *out = NULL;
    void *data = NULL;
    size_t size = 0;
    wn_status status = wn_file_read(&data, &size, path, WN_MIDI_MAX_BYTES, error);
    if (!status) status = wn_midi_file_parse(out, data, size, path, error);
    free(data);
    return status;
}

void wn_midi_file_free(wn_midi_file *file)
{
    if (!file) return;
    free(file->events);
    free(file);
}
