/* SPDX-License-Identifier: MIT
 * events.h - the events of a host's sequence and the properties of an object, none of them trusted.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLUGIN_EVENTS_H
#define WN_PLUGIN_EVENTS_H

#include <lv2/atom/atom.h>
#include <lv2/urid/urid.h>
#include <stddef.h>
#include <stdint.h>

#include "wavenet/wavenet.h"

/* What is left of a sequence or of an object: bytes at .. end. */
typedef struct wn_atom_cursor {
    const uint8_t *at, *end;
} wn_atom_cursor;

/* The events of `sequence` (NULL: none); none if its type is not `type`. */
WN_REALTIME wn_atom_cursor wn_events_of(const LV2_Atom_Sequence *sequence, LV2_URID type);

/* The next event whose body ends within the sequence, or NULL. */
WN_REALTIME const LV2_Atom_Event *wn_events_next(wn_atom_cursor *events);

/* The value of property `key` of the object `atom`, whose type the caller has checked; NULL if it is missing or reaches beyond
 * the object. */
WN_REALTIME const LV2_Atom *wn_object_get(const LV2_Atom *atom, LV2_URID key);

/* The class of an object, 0 if it is too short to have one. */
WN_REALTIME LV2_URID wn_object_class(const LV2_Atom *atom);

#endif
