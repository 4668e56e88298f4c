/* SPDX-License-Identifier: MIT
 * midi_message.c - parser of channel messages (MIDI 1.0 Detailed Specification 4.2).
 * Copyright (c) 2026 the wavenet authors */
#include "play/midi_message.h"

#include <stdbool.h>

enum { OFF = 0x8, ON = 0x9, CONTROLLER = 0xb, PROGRAM = 0xc, PRESSURE = 0xd, BEND = 0xe, SYSTEM = 0xf };

static bool is_known_controller(int controller)
{
    static const uint8_t known[] = {WN_MIDI_DATA,          WN_MIDI_VOLUME,         WN_MIDI_EXPRESSION,
                                    WN_MIDI_DATA_FINE,     WN_MIDI_SUSTAIN,        WN_MIDI_OTHER_FINE,
                                    WN_MIDI_OTHER,         WN_MIDI_PARAMETER_FINE, WN_MIDI_PARAMETER,
                                    WN_MIDI_ALL_SOUND_OFF, WN_MIDI_RESET,          WN_MIDI_ALL_NOTES_OFF};
    for (size_t i = 0; i < sizeof known; i++)
        if (known[i] == controller) return true;
    return false;
}

static bool is_well_formed(const uint8_t *bytes, size_t n)
{
    if (n < 1 || bytes[0] < 0x80) return false;
    int kind = bytes[0] >> 4;
    if (kind == SYSTEM) return true;
    if (n != (kind == PROGRAM || kind == PRESSURE ? 2 : 3)) return false;
    for (size_t i = 1; i < n; i++)
        if (bytes[i] >= 0x80) return false;
    return true;
}

static wn_midi_result event_set(wn_midi_event *event, uint8_t status, wn_midi_kind kind, int number, int value)
{
    *event = (wn_midi_event){
        .kind = (uint8_t)kind, .channel = status & 0x0f, .number = (uint8_t)number, .value = (int16_t)value};
    return WN_MIDI_ACCEPTED;
}

wn_midi_result wn_midi_message_read(wn_midi_event *event, const uint8_t *bytes, size_t n)
{
    if (!is_well_formed(bytes, n)) return WN_MIDI_MALFORMED;
    switch (bytes[0] >> 4) {
    case OFF: return event_set(event, bytes[0], WN_MIDI_NOTE_OFF, bytes[1], bytes[2]);
    case ON: return event_set(event, bytes[0], bytes[2] ? WN_MIDI_NOTE_ON : WN_MIDI_NOTE_OFF, bytes[1], bytes[2]);
    case CONTROLLER:
        return is_known_controller(bytes[1]) ? event_set(event, bytes[0], WN_MIDI_CONTROL, bytes[1], bytes[2])
                                             : WN_MIDI_IGNORED;
    case PROGRAM: return event_set(event, bytes[0], WN_MIDI_PROGRAM, 0, bytes[1]);
    case BEND: return event_set(event, bytes[0], WN_MIDI_BEND, 0, (bytes[2] << 7 | bytes[1]) - 8192);
    default: return WN_MIDI_IGNORED;
    }
}
