/* SPDX-License-Identifier: MIT
 * amp_ports.h - the ports and parameters of WaveNet Amp.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLUGIN_AMP_PORTS_H
#define WN_PLUGIN_AMP_PORTS_H

#include "plugin/port.h"

#define AMP_URI "urn:wavenet:amp"
#define AMP_MODEL_URI AMP_URI "#model"
#define AMP_CABINET_URI AMP_URI "#cabinet"

typedef enum amp_port {
    AMP_CONTROL,
    AMP_NOTIFY,
    AMP_IN,
    AMP_OUT,
    AMP_INPUT_GAIN,
    AMP_OUTPUT_GAIN,
    AMP_ENABLED,
    AMP_NORMALIZE,
    AMP_CALIBRATE,
    AMP_INPUT_LEVEL,
    AMP_SLIM,
    AMP_LATENCY,
    AMP_PORTS
} amp_port;

#define DECIBELS "units:unit units:db"
#define SWITCH "lv2:portProperty lv2:toggled"

static const wn_port amp_ports[AMP_PORTS] = {
    [AMP_CONTROL] = {WN_PORT_EVENTS_IN, "control", "Control", 0, 0, 0,
                     "atom:supports patch:Message ;\n\t\tlv2:designation lv2:control"},
    [AMP_NOTIFY] = {WN_PORT_EVENTS_OUT, "notify", "Notify", 0, 0, 0,
                    "atom:supports patch:Message ;\n\t\tlv2:designation lv2:control ;\n\t\trsz:minimumSize 8192"},
    [AMP_IN] = {WN_PORT_AUDIO_IN, "in", "In", 0, 0, 0, NULL},
    [AMP_OUT] = {WN_PORT_AUDIO_OUT, "out", "Out", 0, 0, 0, NULL},
    [AMP_INPUT_GAIN] = {WN_PORT_CONTROL_IN, "input_gain", "Input gain", 0, -40, 40, DECIBELS},
    [AMP_OUTPUT_GAIN] = {WN_PORT_CONTROL_IN, "output_gain", "Output gain", 0, -40, 40, DECIBELS},
    [AMP_ENABLED] = {WN_PORT_CONTROL_IN, "enabled", "Enabled", 1, 0, 1, SWITCH " ;\n\t\tlv2:designation lv2:enabled"},
    [AMP_NORMALIZE] = {WN_PORT_CONTROL_IN, "normalize", "Normalize", 0, 0, 1,
                       SWITCH
                       " ;\n\t\trdfs:comment \"Bring the output to -18 dB, if the model file states its loudness\""},
    [AMP_CALIBRATE] = {WN_PORT_CONTROL_IN, "calibrate", "Calibrate", 0, 0, 1,
                       SWITCH
                       " ;\n\t\trdfs:comment \"Give the model the level that its file states, if it states one\""},
    [AMP_INPUT_LEVEL] = {WN_PORT_CONTROL_IN, "input_level", "Interface level", 12, -20, 40,
                         "rdfs:comment \"Level in dBu at the interface's input that gives full scale\""},
    [AMP_SLIM] = {WN_PORT_CONTROL_IN, "slim", "Slim", 1, 0, 1,
                  "rdfs:comment \"Share of a slimmable model to use; a smaller share is faster\""},
    [AMP_LATENCY] =
        {WN_PORT_CONTROL_OUT, "latency", "Latency", 0, 0, 8192,
         "lv2:designation lv2:latency ;\n\t\tlv2:portProperty lv2:reportsLatency , lv2:integer ;\n\t\tunits:unit "
         "units:frame"},
};

#undef DECIBELS
#undef SWITCH

#endif
