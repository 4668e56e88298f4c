/* SPDX-License-Identifier: MIT
 * test_midi_file.c - Standard MIDI Files made by hand: what they say, and every way they can be wrong.
 * Copyright (c) 2026 the wavenet authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/failing.h"
#include "play/midi_file.h"

#define BYTES(s) (s), sizeof(s) - 1
#define END "\x00\xff\x2f\x00"

typedef struct buffer {
    uint8_t bytes[4096];
    size_t size;
} buffer;

static void put(buffer *b, const void *bytes, size_t size)
{
    assert_true(b->size + size <= sizeof b->bytes);
    memcpy(b->bytes + b->size, bytes, size);
    b->size += size;
}

static void put_number(buffer *b, uint32_t value, int n)
{
    for (int i = n - 1; i >= 0; i--) put(b, &(uint8_t){(uint8_t)(value >> 8 * i)}, 1);
}

static void put_header(buffer *b, int format, int tracks, int division)
{
    put(b, "MThd", 4);
    put_number(b, 6, 4);
    put_number(b, (uint32_t)format, 2);
    put_number(b, (uint32_t)tracks, 2);
    put_number(b, (uint32_t)division, 2);
}

static void put_chunk(buffer *b, const char *kind, const char *bytes, size_t size)
{
    put(b, kind, 4);
    put_number(b, (uint32_t)size, 4);
    put(b, bytes, size);
}

/* ---- what they say ---------------------------------------------------------------------------------------------- */

static void expect(const buffer *b, double seconds, size_t n, const wn_midi_event *events)
{
    wn_midi_file *file;
    wn_error error = {0};
    uint8_t *exact = malloc(b->size); /* so that a read past the end is seen */
    assert_non_null(exact);
    memcpy(exact, b->bytes, b->size);
    if (wn_midi_file_parse(&file, exact, b->size, "a.mid", &error)) fail_msg("%s: %s", error.where, error.message);
    free(exact);
    assert_int_equal(file->n_events, n);
    for (size_t i = 0; i < n; i++) {
        const wn_midi_event *got = &file->events[i], *want = &events[i];
        if (got->time != want->time || got->kind != want->kind || got->channel != want->channel ||
            got->number != want->number || got->value != want->value)
            fail_msg("event %zu: %.17g s, kind %d, channel %d, number %d, value %d", i, got->time, got->kind,
                     got->channel, got->number, got->value);
    }
    assert_true(file->seconds == seconds);
    wn_midi_file_free(file);
}

/* A quarter note is 0.5 s as long as nothing says otherwise. */
static void test_messages(void **state)
{
    (void)state;
    buffer b = {0};
    put_header(&b, 0, 1, 96);
    put_chunk(&b, "MTrk",
              BYTES("\x00\xc2\x49"     /* program */
                    "\x00\x92\x3c\x40" /* on */
                    "\x60\x3e\x41"     /* running on: on */
                    "\x30\x3c\x00"     /* velocity 0: off */
                    "\x30\x82\x3e\x7f" /* off */
                    "\x00\xe2\x00\x40" /* bend, middle */
                    "\x00\x00\x00"     /* lowest */
                    "\x00\x7f\x7f"     /* highest */
                    "\x00\xb2\x40\x7f" /* pedal */
                    "\x00\x07\x64"     /* volume */
                    "\x00\x01\x64"     /* modulation: left out */
                    "\x00\x7b\x00"     /* all notes off */
                    "\x00\x78\x00"     /* all sound off */
                    "\x00\x79\x00"     /* reset */
                    "\x00\xa2\x3c\x01" /* key pressure */
                    "\x00\xd2\x7f"     /* channel pressure */
                    "\x81\x40\xff\x2f\x00" /* the end, 192 ticks later */));
    const wn_midi_event events[] = {
        {0, WN_MIDI_PROGRAM, 2, 0, 0x49},      {0, WN_MIDI_NOTE_ON, 2, 0x3c, 0x40},
        {0.5, WN_MIDI_NOTE_ON, 2, 0x3e, 0x41}, {0.75, WN_MIDI_NOTE_OFF, 2, 0x3c, 0},
        {1, WN_MIDI_NOTE_OFF, 2, 0x3e, 0x7f},  {1, WN_MIDI_BEND, 2, 0, 0},
        {1, WN_MIDI_BEND, 2, 0, -8192},        {1, WN_MIDI_BEND, 2, 0, 8191},
        {1, WN_MIDI_CONTROL, 2, 64, 127},      {1, WN_MIDI_CONTROL, 2, 7, 100},
        {1, WN_MIDI_CONTROL, 2, 123, 0},       {1, WN_MIDI_CONTROL, 2, 120, 0},
        {1, WN_MIDI_CONTROL, 2, 121, 0},
    };
    expect(&b, 2, sizeof events / sizeof *events, events);
}

static void test_nothing(void **state)
{
    (void)state;
    buffer b = {0};
    put_header(&b, 0, 1, 1);
    put_chunk(&b, "MTrk", BYTES(END));
    expect(&b, 0, 0, NULL);
}

/* What is not for voices is stepped over, however long, and ends a running status. */
static void test_stepped_over(void **state)
{
    (void)state;
    buffer b = {0}, track = {0};
    put_header(&b, 1, 1, 100);
    put(&track, BYTES("\x00\xff\x03\x04Song\x00\xff\x58\x04\x04\x02\x18\x08\x00\xff\x00\x00\x00\xff\x7f\x81\x48"));
    for (int i = 0; i < 200; i++) put(&track, "\xff", 1);
    put(&track, BYTES("\x00\xf0\x03\x43\x12\xf7\x00\xf7\x02\xf3\x01\x64\x90\x01\x01" END));
    put_chunk(&b, "XFIH", BYTES("what is this"));
    put_chunk(&b, "MTrk", (const char *)track.bytes, track.size);
    put_chunk(&b, "XFKM", BYTES(""));
    expect(&b, 0.5, 1, &(wn_midi_event){0.5, WN_MIDI_NOTE_ON, 0, 1, 1});
}

static void test_long_header(void **state)
{
    (void)state;
    buffer b = {0};
    put_chunk(&b, "MThd", BYTES("\x00\x00\x00\x01\x00\x60more"));
    put_chunk(&b, "MTrk", BYTES(END));
    expect(&b, 0, 0, NULL);
}

/* Tempos of one track hold for all; events of one time stay in the order of the file. */
static void test_tempo_map(void **state)
{
    (void)state;
    buffer b = {0};
    put_header(&b, 1, 3, 100);
    put_chunk(&b, "MTrk",
              BYTES("\x64\xff\x51\x03\x0f\x42\x40" /* after 0.5 s: 1 s a quarter */
                    "\x64\xff\x51\x03\x03\xd0\x90" /* after 1.5 s: 0.25 s */
                    "\x64\xff\x2f\x00"));
    put_chunk(&b, "MTrk", BYTES("\x32\x90\x01\x01\x64\x02\x01\x64\x03\x01\x64\x04\x01" END));
    put_chunk(&b, "MTrk", BYTES("\x32\x91\x05\x01\x00\x01\x01\x64\x06\x01" END));
    const wn_midi_event events[] = {
        {0.25, WN_MIDI_NOTE_ON, 0, 1, 1},  {0.25, WN_MIDI_NOTE_ON, 1, 5, 1}, {0.25, WN_MIDI_NOTE_ON, 1, 1, 1},
        {1, WN_MIDI_NOTE_ON, 0, 2, 1},     {1, WN_MIDI_NOTE_ON, 1, 6, 1},    {1.625, WN_MIDI_NOTE_ON, 0, 3, 1},
        {1.875, WN_MIDI_NOTE_ON, 0, 4, 1},
    };
    expect(&b, 1.875, sizeof events / sizeof *events, events);
}

/* Frames a second and ticks a frame; tempos mean nothing. */
static void test_smpte(void **state)
{
    (void)state;
    static const struct {
        int division;
        double second;
    } rates[] = {
        {0xe828, 100.0 / (24 * 40)}, {0xe728, 100.0 / (25 * 40)},  {0xe350, 100.0 * 1001 / (30000.0 * 80)},
        {0xe201, 100.0 / 30},        {0xe2ff, 100.0 / (30 * 255)},
    };
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        buffer b = {0};
        put_header(&b, 0, 1, rates[i].division);
        put_chunk(&b, "MTrk", BYTES("\x00\xff\x51\x03\x00\x00\x01\x64\x90\x3c\x40" END));
        expect(&b, rates[i].second, 1, &(wn_midi_event){rates[i].second, WN_MIDI_NOTE_ON, 0, 0x3c, 0x40});
    }
}

/* Ten thousand ticks of a third of a second: no error builds up. */
static void test_exact_times(void **state)
{
    (void)state;
    static uint8_t track[4 * 10000 + 16];
    static uint8_t all[sizeof track + 64];
    size_t n = 0, size;
    for (int i = 0; i < 10000; i++) {
        memcpy(track + n, i ? "\x01\x3c\x40" : "\x01\x90\x3c\x40", i ? 3 : 4);
        n += i ? 3 : 4;
    }
    memcpy(track + n, END, 4);
    n += 4;
    buffer b = {0};
    put_header(&b, 0, 1, 3);
    put(&b, "MTrk", 4);
    put_number(&b, (uint32_t)n, 4);
    memcpy(all, b.bytes, b.size);
    memcpy(all + b.size, track, n);
    size = b.size + n;
    wn_midi_file *file;
    assert_int_equal(wn_midi_file_parse(&file, all, size, "a.mid", NULL), WN_OK);
    assert_int_equal(file->n_events, 10000);
    for (int i = 0; i < 10000; i++) assert_true(file->events[i].time == (double)(i + 1) / 6);
    wn_midi_file_free(file);
}

/* ---- what is wrong with them ------------------------------------------------------------------------------------ */

static void refuse(const void *bytes, size_t size, const char *where, const char *words)
{
    wn_midi_file *file = (wn_midi_file *)1;
    wn_error error = {0};
    uint8_t *exact = malloc(size + !size);
    assert_non_null(exact);
    if (size) memcpy(exact, bytes, size);
    wn_status status = wn_midi_file_parse(&file, exact, size, "a.mid", &error);
    free(exact);
    if (status != WN_ERROR_FORMAT) fail_msg("'%s' at '%s' was expected, status %d", words, where, status);
    assert_null(file);
    if (strcmp(error.where, where)) fail_msg("'%s': at '%s', '%s' was expected", error.message, error.where, where);
    if (!strstr(error.message, words)) fail_msg("'%s' was expected in '%s'", words, error.message);
}

static void test_bad_files(void **state)
{
    (void)state;
#define GOOD "MTrk\0\0\0\4" END
#define HEAD(format, tracks) "MThd\0\0\0\6\0" format "\0" tracks "\0\x60"
    static const struct {
        const char *bytes;
        size_t size;
        const char *where, *words;
    } bad[] = {
        {BYTES(""), "a.mid, byte 0", "no Standard MIDI File"},
        {BYTES("MThd"), "a.mid, byte 0", "no Standard MIDI File"},
        {BYTES("MThd\0\0\0"), "a.mid, byte 0", "no Standard MIDI File"},
        {BYTES("RIFF\0\0\0\6RMIDdata"), "a.mid, byte 0", "begin with MThd"},
        {BYTES("RIFF\0\0\0\6RMIDdata\0\0\0\0"), "a.mid, byte 0", "begin with MThd"},
        {BYTES("RIFF\0\0\0\6RMIDDISP\xff\xff\xff\xff"), "a.mid, byte 0", "begin with MThd"},
        {BYTES("mthd\0\0\0\6\0\0\0\1\0\x60" GOOD), "a.mid, byte 0", "begin with MThd"},
        {BYTES("MThd\0\0\0\6"), "a.mid, byte 4", "a header of 0 bytes"},
        {BYTES("MThd\0\0\0\6\0\0\0\1\0"), "a.mid, byte 4", "a header of 5 bytes"},
        {BYTES("MThd\0\0\0\0"), "a.mid, byte 4", "a header of 0 bytes"},
        {BYTES("MThd\0\0\0\5\0\0\0\1\0" GOOD), "a.mid, byte 4", "a header of 5 bytes"},
        {BYTES(HEAD("\2", "\2") GOOD GOOD), "a.mid, byte 8", "format 2 with 2 songs"},
        {BYTES("MThd\0\0\0\6\1\0\0\1\0\x60" GOOD), "a.mid, byte 8", "format 256"},
        {BYTES("MThd\0\0\0\6\0\0\0\1\0\0" GOOD), "a.mid, byte 12", "0 ticks per quarter note"},
        {BYTES("MThd\0\0\0\6\0\0\0\1\xe8\0" GOOD), "a.mid, byte 12", "0 ticks per frame"},
        {BYTES("MThd\0\0\0\6\0\0\0\1\x80\1" GOOD), "a.mid, byte 12", "128 frames per second"},
        {BYTES("MThd\0\0\0\6\0\0\0\1\xff\1" GOOD), "a.mid, byte 12", "1 frames per second"},
        {BYTES(HEAD("\0", "\1")), "a.mid, byte 14", "ends without a track"},
        {BYTES(HEAD("\0", "\1") "MTrk"), "a.mid, byte 14", "ends without a track"},
        {BYTES(HEAD("\0", "\1") "XXXX\0\0\1\0" GOOD), "a.mid, byte 14", "ends without a track"},
        {BYTES("MThd\xff\xff\xff\xff\0\0\0\1\0\x60" GOOD), "a.mid, byte 26", "ends without a track"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) refuse(bad[i].bytes, bad[i].size, bad[i].where, bad[i].words);
}

/* ---- what is made up for ---------------------------------------------------------------------------------------- */

/* Events of the file, 0.5 s apart or at once, and the note. */
static void accept(const void *bytes, size_t size, size_t n, const char *words)
{
    wn_midi_file *file;
    wn_error error = {0};
    uint8_t *exact = malloc(size);
    assert_non_null(exact);
    memcpy(exact, bytes, size);
    wn_status status = wn_midi_file_parse(&file, exact, size, "a.mid", &error);
    free(exact);
    if (status) fail_msg("'%s': %s: %s", words, error.where, error.message);
    if (file->n_events != n) fail_msg("'%s': %zu events, %zu were expected", words, file->n_events, n);
    if (!strstr(file->note, words) || (!*words && *file->note))
        fail_msg("'%s' was expected in '%s'", words, file->note);
    wn_midi_file_free(file);
}

/* One note-on is one event. */
static void test_recovered_files(void **state)
{
    (void)state;
#define NOTE "MTrk\0\0\0\x8\x00\x90\x3c\x40" END
    static const struct {
        const char *bytes;
        size_t size, n;
        const char *words;
    } files[] = {
        {BYTES(HEAD("\2", "\1") NOTE), 1, ""},
        {BYTES(HEAD("\0", "\0") NOTE), 1, "announces 0 tracks; 1 are there"},
        {BYTES(HEAD("\1", "\5") NOTE NOTE), 2, "announces 5 tracks; 2 are there"},
        {BYTES(HEAD("\1", "\1") NOTE NOTE), 2, "announces 1 tracks; 2 are there"},
        {BYTES(HEAD("\0", "\2") NOTE NOTE), 2, "format 0 with 2 tracks"},
        {BYTES(HEAD("\0", "\1") NOTE "\0"), 1, ""},
        {BYTES(HEAD("\0", "\1") NOTE "MTrk\0\0\0"), 1, ""},
        {BYTES(HEAD("\0", "\1") "MTrk\0\0\0\xff\x00\x90\x3c\x40" END), 1, "a chunk of 255 bytes; only 8"},
        {BYTES(HEAD("\0", "\1") "MTrk\0\0\0\4\x00\x90\x3c\x40\x10\x3e\x40" END), 2, "goes on behind the length"},
        {BYTES(HEAD("\1", "\2") "MTrk\0\0\0\4\x00\x90\x3c\x40" END NOTE), 2, "goes on behind the length"},
        {BYTES(HEAD("\0", "\1") "XXXX\0\0\0\1!" NOTE), 1, ""},
        {BYTES("RIFF\x2a\0\0\0RMIDdata\x1e\0\0\0" HEAD("\0", "\1") NOTE), 1, ""},
        {BYTES("RIFF\0\0\0\0RMIDDISP\3\0\0\0abc\0data\xff\0\0\0" HEAD("\0", "\1") NOTE), 1, ""},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        accept(files[i].bytes, files[i].size, files[i].n, files[i].words);
}

/* A note-on comes first; what follows is made up for, or ends the track. */
static void test_recovered_tracks(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size, n;
        const char *words;
    } tracks[] = {
        {BYTES(""), 1, "the track has no end"},
        {BYTES("\x00\x3e\x40"), 2, "the track has no end"},
        {BYTES("\x00"), 1, "damaged and ends here: an event was expected"},
        {BYTES("\x80"), 1, "damaged and ends here: a delta time was expected"},
        {BYTES("\x81\x80\x80\x80\x00\x90\x3c\x40" END), 1, "more than four bytes"},
        {BYTES("\x00\xff\x01\x00\x00\x3e\x40" END), 2, "running status goes on after a meta"},
        {BYTES("\x00\xf0\x00\x00\x3e\x40" END), 2, "running status goes on after a meta or system exclusive"},
        {BYTES("\x00\xff\x01\x00\x00\x90\x3e\x40\x00\x3f\x40" END), 3, ""},
        {BYTES("\x00\x90\x3e"), 1, "a data byte of message 0x90"},
        {BYTES("\x00\x90\x80\x40" END), 1, "a data byte below 0x80"},
        {BYTES("\x00\xf1\x00\x00\x3e\x40" END), 2, "system message 0xf1 is left out"},
        {BYTES("\x00\xf2\x01\x02\x00\x3e\x40" END), 2, "system message 0xf2 is left out"},
        {BYTES("\x00\xf8\x00\x3e\x40" END), 2, "system message 0xf8 is left out"},
        {BYTES("\x00\xff"), 1, "the type of a meta event was expected"},
        {BYTES("\x00\xff\x80\x00\x00\x90\x3e\x40" END), 2, ""},
        {BYTES("\x00\xff\x01\x09\x00"), 1, "a meta event of 9 bytes; only 1"},
        {BYTES("\x00\xff\x51\x02\x07\xa1\x00\x90\x3e\x40" END), 2, "a tempo of 2 bytes is left out"},
        {BYTES("\x00\xff\x51\x03\x00\x00\x00\x00\x90\x3e\x40" END), 2, "a tempo of 0 microseconds"},
        {BYTES("\x00\xff\x2f\x01\x00"), 1, ""},
        {BYTES(END "\x00"), 1, "1 bytes follow the end"},
        {BYTES(END "\x00\x90\x3c\x40" END), 1, "8 bytes follow the end"},
        {BYTES("\x00\xf0\x05\x43\xf7"), 1, "a system exclusive event of 5 bytes; only 2"},
    };
    for (size_t i = 0; i < sizeof tracks / sizeof *tracks; i++) {
        buffer b = {0}, track = {0};
        put(&track, BYTES("\x00\x90\x3c\x40"));
        put(&track, tracks[i].bytes, tracks[i].size);
        put_header(&b, 0, 1, 96);
        put_chunk(&b, "MTrk", (const char *)track.bytes, track.size);
        accept(b.bytes, b.size, tracks[i].n, tracks[i].words);
    }
    buffer b = {0}; /* nothing to run on */
    put_header(&b, 0, 1, 96);
    put_chunk(&b, "MTrk", BYTES("\x00\x3c\x40" END));
    accept(b.bytes, b.size, 0, "a status byte was expected");
}

/* Longer than a day, by one step or by so many that sums of products would overflow. */
static void test_endless(void **state)
{
    (void)state;
    buffer b = {0};
    put_header(&b, 0, 1, 1);
    put_chunk(&b, "MTrk", BYTES("\x00\xff\x51\x03\xff\xff\xff\xff\xff\xff\x7f\xff\x2f\x00"));
    refuse(b.bytes, b.size, "a.mid", "more than 24 hours");
    b.size = 0;
    put_header(&b, 0, 1, 1);
    put(&b, "MTrk", 4);
    put_number(&b, 6 * 300 + 4, 4);
    for (int i = 0; i < 300; i++) put(&b, BYTES("\xff\xff\xff\x7f\xc0\x00"));
    put(&b, BYTES(END));
    refuse(b.bytes, b.size, "a.mid", "more than 24 hours");
    b.size = 0; /* 86400 s exactly may be */
    put_header(&b, 0, 1, 1);
    put_chunk(&b, "MTrk", BYTES("\x8a\xc6\x00\xff\x2f\x00")); /* 172800 quarters */
    expect(&b, 86400, 0, NULL);
    b.size = 0;
    put_header(&b, 0, 1, 1);
    put_chunk(&b, "MTrk", BYTES("\x8a\xc6\x01\xff\x2f\x00"));
    refuse(b.bytes, b.size, "a.mid", "more than 24 hours");
}

static void test_too_many(void **state)
{
    (void)state;
    size_t n = (size_t)WN_MIDI_MAX_EVENTS + 1, size = 14 + 8 + 1 + 3 * n + 4, at = 23;
    uint8_t *bytes = calloc(size, 1);
    buffer b = {0};
    assert_non_null(bytes);
    put_header(&b, 0, 1, 96);
    put(&b, "MTrk", 4);
    put_number(&b, (uint32_t)(size - 22), 4);
    memcpy(bytes, b.bytes, 22);
    memcpy(bytes + 22, "\x00\x90\x3c\x40", 4);
    for (at = 26; at < size - 4; at += 3) memcpy(bytes + at, "\x00\x3c\x40", 3);
    memcpy(bytes + at, END, 4);
    wn_error error = {0};
    wn_midi_file *file;
    assert_int_equal(wn_midi_file_parse(&file, bytes, size, "a.mid", &error), WN_ERROR_FORMAT);
    assert_non_null(strstr(error.message, "more than 1048576 events"));
    free(bytes);
}

static void test_files(void **state)
{
    (void)state;
    wn_midi_file *file = (wn_midi_file *)1;
    assert_int_equal(wn_midi_file_load(&file, "/tmp", NULL), WN_ERROR_FILE);
    assert_null(file);
    assert_int_equal(wn_midi_file_load(&file, "/nonexistent/a.mid", NULL), WN_ERROR_FILE);
    assert_int_not_equal(wn_midi_file_load(&file, "/dev/zero", NULL), WN_OK);
    wn_midi_file_free(NULL);
}

static void test_failing_allocations(void **state)
{
    (void)state;
    buffer b = {0};
    put_header(&b, 0, 1, 96);
    put(&b, "MTrk", 4);
    put_number(&b, 1 + 3 * 600 + 4, 4);
    put(&b, BYTES("\x00\x90\x3c\x40"));
    for (int i = 1; i < 600; i++) put(&b, BYTES("\x01\x3c\x40"));
    put(&b, BYTES(END));
    int failures = 0;
    for (long i = 0;; i++) {
        wn_midi_file *file;
        fail_allocation(i);
        wn_status status = wn_midi_file_parse(&file, b.bytes, b.size, "a.mid", NULL);
        int failed = allocation_failed();
        fail_allocation(-1);
        assert_int_equal(status, failed ? WN_ERROR_MEMORY : WN_OK);
        wn_midi_file_free(file);
        if (!failed) break;
        failures++;
    }
    assert_true(failures >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_stepped_over),    cmocka_unit_test(test_long_header),
        cmocka_unit_test(test_tempo_map),       cmocka_unit_test(test_smpte),
        cmocka_unit_test(test_exact_times),     cmocka_unit_test(test_bad_files),
        cmocka_unit_test(test_recovered_files), cmocka_unit_test(test_recovered_tracks),
        cmocka_unit_test(test_endless),         cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_files),           cmocka_unit_test(test_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
