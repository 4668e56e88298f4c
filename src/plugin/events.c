/* SPDX-License-Identifier: MIT
 * events.c - the events of a host's sequence and the properties of an object, none of them trusted.
 * Copyright (c) 2026 the wavenet authors */
#include "plugin/events.h"

/* Sizes are multiples of this, in bytes, as the atom specification says. */
enum { ALIGNMENT = 8 };

/* The next record with a header of `header` bytes, which ends with the atom of its body; NULL at the end, and where the body
 * would reach beyond it. */
static const uint8_t *cursor_next(wn_atom_cursor *c, size_t header)
{
    size_t left = (size_t)(c->end - c->at);
    const uint8_t *record = c->at;
    if (left < header) return NULL;
    const LV2_Atom *body = (const LV2_Atom *)(const void *)(record + header - sizeof *body);
    if (body->size > left - header) return NULL;
    size_t size = (header + body->size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    c->at += size < left ? size : left;
    return record;
}

wn_atom_cursor wn_events_of(const LV2_Atom_Sequence *sequence, LV2_URID type)
{
    if (!sequence || sequence->atom.type != type || sequence->atom.size < sizeof sequence->body)
        return (wn_atom_cursor){0};
    const uint8_t *body = (const uint8_t *)&sequence->body;
    return (wn_atom_cursor){body + sizeof sequence->body, body + sequence->atom.size};
}

const LV2_Atom_Event *wn_events_next(wn_atom_cursor *events)
{
    return (const LV2_Atom_Event *)(const void *)cursor_next(events, sizeof(LV2_Atom_Event));
}

const LV2_Atom *wn_object_get(const LV2_Atom *atom, LV2_URID key)
{
    const uint8_t *body = (const uint8_t *)(atom + 1), *record;
    if (atom->size < sizeof(LV2_Atom_Object_Body)) return NULL;
    wn_atom_cursor c = {body + sizeof(LV2_Atom_Object_Body), body + atom->size};
    while ((record = cursor_next(&c, sizeof(LV2_Atom_Property_Body)))) {
        const LV2_Atom_Property_Body *property = (const LV2_Atom_Property_Body *)(const void *)record;
        if (property->key == key) return &property->value;
    }
    return NULL;
}

LV2_URID wn_object_class(const LV2_Atom *atom)
{
    return atom->size < sizeof(LV2_Atom_Object_Body) ? 0 : ((const LV2_Atom_Object *)(const void *)atom)->body.otype;
}
