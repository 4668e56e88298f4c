/* SPDX-License-Identifier: MIT
 * notes_ports.h - the ports of WaveNet Notes.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLUGIN_NOTES_PORTS_H
#define WN_PLUGIN_NOTES_PORTS_H

#include "plugin/port.h"

#define NOTES_URI "urn:wavenet:notes"

typedef enum notes_port {
    NOTES_MIDI,
    NOTES_OUT,
    NOTES_GAIN,
    NOTES_INSTRUMENT,
    NOTES_TUNING,
    NOTES_VOICES,
    NOTES_LATENCY,
    NOTES_PORTS
} notes_port;

/* Values of the port for instruments: 0 follows the programs of MIDI, and choice n of the model's control is n + 1. A test
 * compares the labels with the model's. */
#define INSTRUMENT(value, label) "[ rdfs:label \"" label "\" ; rdf:value " value " ]"
#define INSTRUMENTS \
    INSTRUMENT("0.0", "MIDI program") \
    " , " INSTRUMENT("1.0", "piano") " , " INSTRUMENT("2.0", "guitar") " , " INSTRUMENT( \
        "3.0", "vibraphone") " , " INSTRUMENT("4.0", "flute") " , " INSTRUMENT("5.0", \
                                                                               "trumpet") " , " INSTRUMENT("6.0", \
                                                                                                           "violin")

static const wn_port notes_ports[NOTES_PORTS] = {
    [NOTES_MIDI] = {WN_PORT_EVENTS_IN, "midi", "MIDI", 0, 0, 0,
                    "atom:supports midi:MidiEvent ;\n\t\tlv2:designation lv2:control"},
    [NOTES_OUT] = {WN_PORT_AUDIO_OUT, "out", "Out", 0, 0, 0, NULL},
    [NOTES_GAIN] = {WN_PORT_CONTROL_IN, "gain", "Gain", -6, -60, 20, "units:unit units:db"},
    [NOTES_INSTRUMENT] = {WN_PORT_CONTROL_IN, "instrument", "Instrument", 0, 0, 6,
                          "lv2:portProperty lv2:enumeration , lv2:integer ;\n\t\tlv2:scalePoint " INSTRUMENTS},
    [NOTES_TUNING] = {WN_PORT_CONTROL_IN, "tuning", "Tuning", 0, -100, 100, "units:unit units:cent"},
    [NOTES_VOICES] = {WN_PORT_CONTROL_OUT, "voices", "Voices", 0, 1, 8,
                      "lv2:portProperty lv2:integer ;\n\t\trdfs:comment \"Notes at once, as measured at the start\""},
    [NOTES_LATENCY] = {WN_PORT_CONTROL_OUT, "latency", "Latency", 0, 0, 8192,
                       "lv2:designation lv2:latency ;\n\t\tlv2:portProperty lv2:reportsLatency , lv2:integer ;\n"
                       "\t\tunits:unit units:frame"},
};

#undef INSTRUMENT
#undef INSTRUMENTS

#endif
