/* SPDX-License-Identifier: MIT
 * port.h - a row of a plug-in's table of ports, which its code and its Turtle file share.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLUGIN_PORT_H
#define WN_PLUGIN_PORT_H

#include <stddef.h>

typedef enum wn_port_kind {
    WN_PORT_EVENTS_IN, /* a sequence of atoms */
    WN_PORT_EVENTS_OUT,
    WN_PORT_AUDIO_IN,
    WN_PORT_AUDIO_OUT,
    WN_PORT_CONTROL_IN, /* one float per run */
    WN_PORT_CONTROL_OUT
} wn_port_kind;

typedef struct wn_port {
    wn_port_kind kind;
    const char *symbol, *name;
    float initial, minimum, maximum; /* controls only */
    const char *turtle;              /* further statements about the port, or NULL */
} wn_port;

/* Value of the control that is connected at `data` (NULL: none): within its range, or its initial value. */
static inline float wn_port_value(const wn_port *port, const void *data)
{
    float value = data ? *(const float *)data : port->initial;
    if (value != value) return port->initial;
    return value < port->minimum ? port->minimum : value > port->maximum ? port->maximum : value;
}

#endif
