/* SPDX-License-Identifier: MIT
 * host.h - a small LV2 host: numbers for URIs, a worker, states, and buffers that end where a sanitizer watches.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TESTS_PLUGIN_HOST_H
#define WN_TESTS_PLUGIN_HOST_H

#include <lv2/atom/forge.h>
#include <lv2/core/lv2.h>
#include <lv2/log/log.h>
#include <lv2/state/state.h>
#include <lv2/urid/urid.h>
#include <lv2/worker/worker.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/chance.h"

enum { MAX_URIDS = 256, MAX_JOBS = 8, JOB_BYTES = 4096, MAX_CONTROLS = 32, MAX_STATE = 8, EVENT_BYTES = 16384 };

/* Between the audio thread, which schedules, and the worker. */
typedef struct host_job {
    uint32_t size;
    char data[JOB_BYTES];
} host_job;

typedef struct host_property {
    uint32_t key, type, flags;
    size_t size;
    char value[JOB_BYTES];
} host_property;

typedef struct host {
    const LV2_Descriptor *descriptor;
    LV2_Handle instance;
    double rate;
    bool has_worker;
    /* numbers of URIs */
    char *uris[MAX_URIDS];
    uint32_t n_uris;
    /* worker */
    host_job jobs[MAX_JOBS];
    atomic_uint scheduled, worked;
    bool refuses_jobs;
    pthread_t thread;
    atomic_bool quit;
    /* state */
    host_property state[MAX_STATE];
    int n_state;
    char folder[JOB_BYTES]; /* paths in states are below it */
    bool maps_paths;
    /* ports */
    float controls[MAX_CONTROLS];
    LV2_Atom_Sequence *in, *out; /* events of the next run; of the last one, EVENT_BYTES of room */
    LV2_Atom_Forge forge;
    LV2_Atom_Forge_Frame frame;
    atomic_int reports; /* lines of the log */
    LV2_URID_Map map;
    LV2_Worker_Schedule schedule;
    LV2_Log_Log log;
    LV2_State_Map_Path map_path;
    LV2_State_Free_Path free_path;
    LV2_Feature features[5];
    const LV2_Feature *list[6];
} host;

/* The first descriptor of the plug-in at `path`. A failure ends the program. */
const LV2_Descriptor *host_load(const char *path);

/* Make an instance, with every control at NaN until the plug-in's test sets it. NULL if the plug-in refuses. */
host *host_new(const LV2_Descriptor *descriptor, const char *bundle, double rate, bool has_worker);
void host_free(host *h);

uint32_t host_map(host *h, const char *uri);

/* Work through the jobs on this thread; the number done. */
int host_work(host *h);

/* From here on a thread does so. */
void host_start_worker(host *h);
void host_stop_worker(host *h);

/* Events of the next run: begin, any number, end. */
void host_begin_events(host *h);
void host_set_path(host *h, const char *plugin, const char *parameter, const char *path);
void host_get(host *h, const char *parameter); /* NULL: all */
void host_midi(host *h, int64_t frame, const uint8_t *bytes, uint32_t size);
void host_end_events(host *h);

/* A copy of the events with up to `most` bytes changed, half of them to 0xff, which makes sizes huge; to be freed. It ends where
 * its size says; in a fifth of the cases that is before the events do. */
void *host_damage(const host *h, chance *c, int most);

/* Seconds of a clock that never goes back. */
double host_clock(void);

/* How long a test lasts that goes on and on: a minute where WN_TEST_LONG is set, else `seconds`. */
double host_duration(double seconds);

/* Run with the event ports connected, under the guard against allocations and locks; the events are cleared. */
void host_run(host *h, uint32_t frames);

/* The path that the plug-in last told in its output, or NULL. */
const char *host_told(const host *h, const char *parameter);

/* Save into h->state, and restore from it. */
LV2_State_Status host_save(host *h);
LV2_State_Status host_restore(host *h);

#endif
