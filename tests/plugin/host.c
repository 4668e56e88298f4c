/* SPDX-License-Identifier: MIT
 * host.c - a small LV2 host: numbers for URIs, a worker, states, and buffers that end where a sanitizer watches.
 * Copyright (c) 2026 the wavenet authors */
#include "host.h"

#include <dlfcn.h>
#include <lv2/midi/midi.h>
#include <lv2/patch/patch.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../realtime/guard.h"

static void must(bool good, const char *what)
{
    if (good) return;
    printf("host: %s\n", what);
    exit(1);
}

/* ---- features ------------------------------------------------------------------------------------------------------ */

static LV2_URID map_uri(LV2_URID_Map_Handle handle, const char *uri)
{
    host *h = handle;
    for (uint32_t i = 0; i < h->n_uris; i++)
        if (strcmp(h->uris[i], uri) == 0) return i + 1;
    must(h->n_uris < MAX_URIDS, "too many URIs");
    h->uris[h->n_uris] = strdup(uri);
    return ++h->n_uris;
}

uint32_t host_map(host *h, const char *uri) { return map_uri(h, uri); }

static LV2_Worker_Status schedule_work(LV2_Worker_Schedule_Handle handle, uint32_t size, const void *data)
{
    host *h = handle;
    unsigned n = atomic_load_explicit(&h->scheduled, memory_order_relaxed);
    if (h->refuses_jobs || size > JOB_BYTES || n - atomic_load(&h->worked) == MAX_JOBS) return LV2_WORKER_ERR_NO_SPACE;
    h->jobs[n % MAX_JOBS].size = size;
    memcpy(h->jobs[n % MAX_JOBS].data, data, size);
    atomic_store(&h->scheduled, n + 1);
    return LV2_WORKER_SUCCESS;
}

static int log_vprintf(LV2_Log_Handle handle, LV2_URID type, const char *format, va_list arguments)
{
    (void)type;
    (void)format;
    (void)arguments;
    atomic_fetch_add(&((host *)handle)->reports, 1);
    return 0;
}

static int log_printf(LV2_Log_Handle handle, LV2_URID type, const char *format, ...)
{
    (void)type;
    (void)format;
    atomic_fetch_add(&((host *)handle)->reports, 1);
    return 0;
}

/* Paths below the session's folder are stored without it. */
static char *abstract_path(LV2_State_Map_Path_Handle handle, const char *path)
{
    host *h = handle;
    size_t n = strlen(h->folder);
    return strdup(n && strncmp(path, h->folder, n) == 0 ? path + n : path);
}

static char *absolute_path(LV2_State_Map_Path_Handle handle, const char *path)
{
    host *h = handle;
    char *out = malloc(strlen(h->folder) + strlen(path) + 1);
    if (out) sprintf(out, "%s%s", *path == '/' ? "" : h->folder, path);
    return out;
}

static void free_path(LV2_State_Free_Path_Handle handle, char *path)
{
    (void)handle;
    free(path);
}

static void make_features(host *h)
{
    int n = 0;
    h->map = (LV2_URID_Map){h, map_uri};
    h->schedule = (LV2_Worker_Schedule){h, schedule_work};
    h->log = (LV2_Log_Log){h, log_printf, log_vprintf};
    h->map_path = (LV2_State_Map_Path){h, abstract_path, absolute_path};
    h->free_path = (LV2_State_Free_Path){h, free_path};
    h->features[n++] = (LV2_Feature){LV2_URID__map, &h->map};
    h->features[n++] = (LV2_Feature){LV2_LOG__log, &h->log};
    if (h->has_worker) h->features[n++] = (LV2_Feature){LV2_WORKER__schedule, &h->schedule};
    for (int i = 0; i < n; i++) h->list[i] = &h->features[i];
}

/* ---- life ---------------------------------------------------------------------------------------------------------- */

const LV2_Descriptor *host_load(const char *path)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) printf("%s\n", dlerror());
    must(library != NULL, "no plug-in");
    LV2_Descriptor_Function describe;
    *(void **)&describe = dlsym(library, "lv2_descriptor");
    must(describe && describe(0) && !describe(1), "not one plug-in");
    return describe(0);
}

host *host_new(const LV2_Descriptor *descriptor, const char *bundle, double rate, bool has_worker)
{
    host *h = calloc(1, sizeof *h);
    must(h != NULL, "memory");
    h->descriptor = descriptor;
    h->rate = rate;
    h->has_worker = has_worker;
    h->maps_paths = true;
    make_features(h);
    lv2_atom_forge_init(&h->forge, &h->map);
    h->in = calloc(1, EVENT_BYTES);
    h->out = calloc(1, EVENT_BYTES);
    must(h->in && h->out, "memory");
    for (int i = 0; i < MAX_CONTROLS; i++) h->controls[i] = NAN;
    h->instance = descriptor->instantiate(descriptor, rate, bundle, h->list);
    if (h->instance) {
        host_begin_events(h);
        host_end_events(h);
        return h;
    }
    host_free(h);
    return NULL;
}

void host_free(host *h)
{
    if (h->instance) h->descriptor->cleanup(h->instance);
    for (uint32_t i = 0; i < h->n_uris; i++) free(h->uris[i]);
    free(h->in);
    free(h->out);
    free(h);
}

/* ---- worker -------------------------------------------------------------------------------------------------------- */

static LV2_Worker_Status respond(LV2_Worker_Respond_Handle handle, uint32_t size, const void *data)
{
    (void)handle;
    (void)size;
    (void)data;
    return LV2_WORKER_SUCCESS;
}

int host_work(host *h)
{
    const LV2_Worker_Interface *worker = h->descriptor->extension_data(LV2_WORKER__interface);
    int done = 0;
    for (unsigned n = atomic_load(&h->worked); n != atomic_load(&h->scheduled); n = atomic_load(&h->worked), done++) {
        host_job *job = &h->jobs[n % MAX_JOBS];
        worker->work(h->instance, respond, h, job->size, job->data);
        atomic_store(&h->worked, n + 1);
    }
    return done;
}

static void *worker_main(void *user)
{
    host *h = user;
    while (!atomic_load(&h->quit)) {
        host_work(h);
        nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    }
    return NULL;
}

void host_start_worker(host *h)
{
    atomic_store(&h->quit, false);
    must(pthread_create(&h->thread, NULL, worker_main, h) == 0, "no thread");
}

void host_stop_worker(host *h)
{
    atomic_store(&h->quit, true);
    pthread_join(h->thread, NULL);
}

/* ---- events -------------------------------------------------------------------------------------------------------- */

void host_begin_events(host *h)
{
    lv2_atom_forge_set_buffer(&h->forge, (uint8_t *)h->in, EVENT_BYTES);
    lv2_atom_forge_sequence_head(&h->forge, &h->frame, 0);
}

void host_end_events(host *h) { lv2_atom_forge_pop(&h->forge, &h->frame); }

void host_set_path(host *h, const char *plugin, const char *parameter, const char *path)
{
    LV2_Atom_Forge_Frame object;
    lv2_atom_forge_frame_time(&h->forge, 0);
    lv2_atom_forge_object(&h->forge, &object, 0, host_map(h, LV2_PATCH__Set));
    if (plugin) {
        lv2_atom_forge_key(&h->forge, host_map(h, LV2_PATCH__subject));
        lv2_atom_forge_urid(&h->forge, host_map(h, plugin));
    }
    lv2_atom_forge_key(&h->forge, host_map(h, LV2_PATCH__property));
    lv2_atom_forge_urid(&h->forge, host_map(h, parameter));
    lv2_atom_forge_key(&h->forge, host_map(h, LV2_PATCH__value));
    lv2_atom_forge_path(&h->forge, path, (uint32_t)strlen(path));
    lv2_atom_forge_pop(&h->forge, &object);
}

void host_get(host *h, const char *parameter)
{
    LV2_Atom_Forge_Frame object;
    lv2_atom_forge_frame_time(&h->forge, 0);
    lv2_atom_forge_object(&h->forge, &object, 0, host_map(h, LV2_PATCH__Get));
    if (parameter) {
        lv2_atom_forge_key(&h->forge, host_map(h, LV2_PATCH__property));
        lv2_atom_forge_urid(&h->forge, host_map(h, parameter));
    }
    lv2_atom_forge_pop(&h->forge, &object);
}

void host_midi(host *h, int64_t frame, const uint8_t *bytes, uint32_t size)
{
    lv2_atom_forge_frame_time(&h->forge, frame);
    lv2_atom_forge_atom(&h->forge, size, host_map(h, LV2_MIDI__MidiEvent));
    lv2_atom_forge_write(&h->forge, bytes, size);
}

void *host_damage(const host *h, chance *c, int most)
{
    size_t size = sizeof(LV2_Atom) + h->in->atom.size;
    if (chance_percent(c, 20)) size = (size_t)chance_int(c, sizeof(LV2_Atom), (int)size);
    uint8_t *damaged = malloc(size);
    must(damaged != NULL, "out of memory");
    memcpy(damaged, h->in, size);
    ((LV2_Atom *)(void *)damaged)->size = (uint32_t)(size - sizeof(LV2_Atom));
    for (int n = chance_int(c, 0, most); n > 0 && size > sizeof(LV2_Atom); n--) {
        size_t at = (size_t)chance_int(c, sizeof(uint32_t), (int)size - 1);
        damaged[at] = chance_percent(c, 50) ? 0xff : (uint8_t)chance_int(c, 0, 255);
    }
    return damaged;
}

double host_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double host_duration(double seconds) { return getenv("WN_TEST_LONG") ? 60 : seconds; }

void host_run(host *h, uint32_t frames)
{
    if (h->out) {
        h->out->atom.type = h->forge.Chunk;
        h->out->atom.size = EVENT_BYTES - sizeof(LV2_Atom);
    }
    guard_begin();
    h->descriptor->run(h->instance, frames);
    int calls = guard_end();
    must(calls == 0, "run() called the allocator or took a lock");
    host_begin_events(h);
    host_end_events(h);
}

const char *host_told(const host *h, const char *parameter)
{
    host *map = (host *)h; /* URIs are numbered at their first use */
    uint32_t wanted = host_map(map, parameter), property = host_map(map, LV2_PATCH__property),
             value = host_map(map, LV2_PATCH__value);
    const char *path = NULL;
    LV2_ATOM_SEQUENCE_FOREACH(h->out, event)
    {
        const LV2_Atom_Object *object = (const LV2_Atom_Object *)&event->body;
        bool ours = false;
        LV2_ATOM_OBJECT_FOREACH(object, p)
        {
            if (p->key == property) ours = ((const LV2_Atom_URID *)&p->value)->body == wanted;
            if (p->key == value && ours) path = (const char *)(&p->value + 1);
        }
    }
    return path;
}

/* ---- state ----------------------------------------------------------------------------------------------------------- */

static LV2_State_Status store_property(LV2_State_Handle handle, uint32_t key, const void *value, size_t size,
                                       uint32_t type, uint32_t flags)
{
    host *h = handle;
    must(h->n_state < MAX_STATE && size <= JOB_BYTES, "a large state");
    host_property *p = &h->state[h->n_state++];
    *p = (host_property){.key = key, .type = type, .flags = flags, .size = size};
    memcpy(p->value, value, size);
    return LV2_STATE_SUCCESS;
}

static const void *retrieve_property(LV2_State_Handle handle, uint32_t key, size_t *size, uint32_t *type,
                                     uint32_t *flags)
{
    const host *h = handle;
    for (int i = 0; i < h->n_state; i++)
        if (h->state[i].key == key) {
            *size = h->state[i].size;
            *type = h->state[i].type;
            *flags = h->state[i].flags;
            return h->state[i].value;
        }
    return NULL;
}

static const LV2_State_Interface *state_of(const host *h)
{
    return h->descriptor->extension_data(LV2_STATE__interface);
}

LV2_State_Status host_save(host *h)
{
    const LV2_Feature map = {LV2_STATE__mapPath, &h->map_path}, freeing = {LV2_STATE__freePath, &h->free_path};
    const LV2_Feature *features[] = {h->maps_paths ? &map : NULL, &freeing, NULL};
    h->n_state = 0;
    return state_of(h)->save(h->instance, store_property, h, 0, features);
}

LV2_State_Status host_restore(host *h)
{
    const LV2_Feature map = {LV2_STATE__mapPath, &h->map_path};
    const LV2_Feature *features[] = {h->maps_paths ? &map : NULL, NULL};
    return state_of(h)->restore(h->instance, retrieve_property, h, 0, features);
}
