/* SPDX-License-Identifier: MIT
 * fuzz_midi.c - Standard MIDI Files.
 * Copyright (c) 2026 the wavenet authors */
#include <string.h>

#include "fuzz.h"
#include "play/midi_file.h"

static void check_event(const wn_midi_event *e)
{
    int bend = e->kind == WN_MIDI_BEND;
    fuzz_check(e->kind <= WN_MIDI_BEND && e->channel < 16 && e->number < 128, "no such event");
    fuzz_check(e->value >= (bend ? -8192 : e->kind == WN_MIDI_NOTE_ON) && e->value <= (bend ? 8191 : 127),
               "out of range");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wn_midi_file *file;
    wn_error error = {0};
    wn_status status = wn_midi_file_parse(&file, data, size, "input", &error);
    if (status) {
        fuzz_check(!file && error.status == status && *error.message && *error.where, "a failure without a message");
        return 0;
    }
    double last = 0;
    fuzz_check(file->n_events <= size / 2, "more events than the file can hold");
    for (size_t i = 0; i < file->n_events; i++) {
        check_event(&file->events[i]);
        fuzz_check(file->events[i].time >= last, "times descend");
        last = file->events[i].time;
    }
    fuzz_check(file->seconds >= last && file->seconds <= WN_MIDI_MAX_SECONDS, "no such end");
    wn_midi_file_free(file);
    return 0;
}

#define SEED(add, s) (add)((s), sizeof(s) - 1)
#define END "\x00\xff\x2f\x00"

void fuzz_seeds(void (*add)(const void *data, size_t size))
{
    SEED(add,
         "MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0\x1c\x00\xc0\x49\x00\x90\x3c\x40\x60\x3e\x41\x30\x3c\x00\x30\x80\x3e\x7f"
         "\x00\xe0\x00\x40\x00\x7f\x7f" END);
    SEED(add, "MThd\0\0\0\6\0\1\0\2\0\x60MTrk\0\0\0\x0b\x64\xff\x51\x03\x0f\x42\x40" END
              "MTrk\0\0\0\x10\x83\x00\x99\x24\x7f\x00\xb9\x40\x7f\x81\x00\x7b\x00" END);
    SEED(add,
         "MThd\0\0\0\6\0\0\0\1\xe3\x50MTrk\0\0\0\x15\x00\xff\x03\x01X\x00\xf0\x02\x43\xf7\x8f\xff\x7f\x90\x00\x01" END);
    SEED(add, "MThd\0\0\0\x8\0\0\0\1\xe8\x28xxXFIH\0\0\0\3abcMTrk\0\0\0\4" END);
    SEED(add, "MThd\0\0\0\6\0\0\0\1\0\1MTrk\0\0\0\xe\x00\xff\x51\x03\xff\xff\xff\xff\xff\xff\x7f\xff\x2f\x00");
}
