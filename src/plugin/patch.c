/* SPDX-License-Identifier: MIT
 * patch.c - parameters that are paths of files, set and queried by messages of the patch extension.
 * Copyright (c) 2026 the wavenet authors */
#include "plugin/patch.h"

#include <lv2/patch/patch.h>
#include <string.h>

/* Bytes of a message without its path: event, object, subject, property, value, and padding. */
enum { MESSAGE_BYTES = sizeof(LV2_Atom_Event) + sizeof(LV2_Atom_Object_Body) + 3 * 24 + 8 };

void wn_patch_init(wn_patch *p, const wn_host *host, const char *plugin, const char *const *parameters, int n)
{
    *p = (wn_patch){.n_parameters = n};
    LV2_URID_Map map = *host->map;
    lv2_atom_forge_init(&p->forge, &map);
    p->plugin = wn_host_map(host, plugin);
    for (int i = 0; i < n; i++) p->parameters[i] = wn_host_map(host, parameters[i]);
    p->get = wn_host_map(host, LV2_PATCH__Get);
    p->set = wn_host_map(host, LV2_PATCH__Set);
    p->subject = wn_host_map(host, LV2_PATCH__subject);
    p->property = wn_host_map(host, LV2_PATCH__property);
    p->value = wn_host_map(host, LV2_PATCH__value);
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

/* The URID in an atom; 0 where it is none. */
static LV2_URID read_urid(const wn_patch *p, const LV2_Atom *atom)
{
    if (!atom || atom->type != p->forge.URID || atom->size != sizeof(LV2_URID)) return 0;
    return ((const LV2_Atom_URID *)(const void *)atom)->body;
}

static int find_parameter(const wn_patch *p, LV2_URID property)
{
    for (int i = 0; i < p->n_parameters; i++)
        if (property && p->parameters[i] == property) return i;
    return -1;
}

bool wn_patch_is_path(const wn_patch *p, LV2_URID type, const void *value, size_t size)
{
    return (type == p->forge.Path || type == p->forge.String) && size <= WN_MAX_PATH && memchr(value, 0, size);
}

wn_patch_message wn_patch_read(const wn_patch *p, const LV2_Atom_Event *event)
{
    wn_patch_message message = {.kind = WN_PATCH_OTHER, .parameter = -1};
    const LV2_Atom *object = &event->body;
    if (!lv2_atom_forge_is_object_type(&p->forge, object->type)) return message;
    const LV2_Atom *subject = wn_object_get(object, p->subject), *property = wn_object_get(object, p->property);
    if (subject && read_urid(p, subject) != p->plugin) return message;
    LV2_URID class = wn_object_class(object);
    message.parameter = find_parameter(p, read_urid(p, property));
    if (class == p->get && (!property || message.parameter >= 0)) message.kind = WN_PATCH_GET;
    if (class != p->set || message.parameter < 0) return message;
    message.kind = WN_PATCH_SET;
    const LV2_Atom *value = wn_object_get(object, p->value);
    if (value && wn_patch_is_path(p, value->type, value + 1, value->size)) message.path = (const char *)(value + 1);
    return message;
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

void wn_patch_begin(wn_patch *p, LV2_Atom_Sequence *out)
{
    p->room = 0;
    if (!out || out->atom.size < sizeof out->body) return;
    p->room = out->atom.size - (uint32_t)sizeof out->body;
    lv2_atom_forge_set_buffer(&p->forge, (uint8_t *)out, sizeof out->atom + out->atom.size);
    lv2_atom_forge_sequence_head(&p->forge, &p->sequence, 0);
}

void wn_patch_end(wn_patch *p)
{
    if (p->forge.stack) lv2_atom_forge_pop(&p->forge, &p->sequence);
}

void wn_patch_tell(wn_patch *p, int parameter, const char *path)
{
    LV2_Atom_Forge_Frame object;
    uint32_t length = (uint32_t)strlen(path), needed = MESSAGE_BYTES + length;
    if (needed > p->room) return;
    p->room -= needed;
    lv2_atom_forge_frame_time(&p->forge, 0);
    lv2_atom_forge_object(&p->forge, &object, 0, p->set);
    lv2_atom_forge_key(&p->forge, p->subject);
    lv2_atom_forge_urid(&p->forge, p->plugin);
    lv2_atom_forge_key(&p->forge, p->property);
    lv2_atom_forge_urid(&p->forge, p->parameters[parameter]);
    lv2_atom_forge_key(&p->forge, p->value);
    lv2_atom_forge_path(&p->forge, path, length);
    lv2_atom_forge_pop(&p->forge, &object);
}
