/* SPDX-License-Identifier: MIT
 * amp.c - WaveNet Amp, an LV2 plug-in: a capture of an amplifier and a cabinet, exchanged while they play.
 * Copyright (c) 2026 the wavenet authors
 *
 * Threads: the audio thread runs amp_run. The host's worker, and the thread that restores a session, load files and send
 * units to the audio thread, one at a time. Both take `lock`, the audio thread never does. Jobs are sent to the worker one by
 * one; the audio thread counts those it has sent, and the worker those it has done. */
#include <lv2/state/state.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plugin/amp_ports.h"
#include "plugin/amp_source.h"

/* A job for the worker. Only the used part of the path is sent. */
typedef struct amp_job {
    enum { JOB_LOAD, JOB_SLIM, JOB_COLLECT } kind;
    wn_amp_file file; /* JOB_LOAD: which one to load, from `path` */
    float slim;       /* JOB_SLIM */
    char path[WN_MAX_PATH];
} amp_job;

/* Of the audio thread. */
typedef struct amp_requests {
    char paths[WN_AMP_FILES][WN_MAX_PATH]; /* to be loaded, where `waiting` */
    bool waiting[WN_AMP_FILES];
    float slim;                      /* that the worker was told last */
    unsigned sent;                   /* jobs */
    unsigned failures;               /* that the host has been told about */
    bool collecting;                 /* the worker was told to free the retired unit */
    bool asked;                      /* the host wants to know which files play */
    const wn_effect_unit *announced; /* unit whose files the host was told last */
} amp_requests;

typedef struct amp {
    wn_host host;
    wn_patch patch;
    double rate; /* Hz */
    void *ports[AMP_PORTS];
    wn_effect_crossfade *effect;
    amp_requests requests;
    /* between the threads */
    atomic_uint done, failures;
    /* all threads but the audio thread */
    pthread_mutex_t lock;
    wn_amp_source source; /* what plays, or is to play */
} amp;

static const char *const file_uris[WN_AMP_FILES] = {AMP_MODEL_URI, AMP_CABINET_URI};

/* ---- loading: the worker, and the thread that restores -------------------------------------------------------------- */

static void send_unit(amp *a, wn_effect_unit *unit, const wn_amp_source *source)
{
    a->source = *source;
    wn_effect_unit_free(wn_effect_crossfade_send(a->effect, unit));
}

/* With the lock held. On failure what plays goes on. */
static wn_status change_source(amp *a, const wn_amp_source *source)
{
    wn_error error = {0};
    wn_effect_unit *unit;
    wn_effect_unit_free(wn_effect_crossfade_take_retired(a->effect));
    wn_status status = wn_amp_source_load(&unit, source, a->rate, &error);
    if (status)
        wn_host_report(&a->host, "WaveNet Amp", &error);
    else
        send_unit(a, unit, source);
    return status;
}

/* With the lock held. */
static wn_status do_job(amp *a, const amp_job *job, size_t length)
{
    wn_amp_source source = a->source;
    if (job->kind == JOB_COLLECT) {
        wn_effect_unit_free(wn_effect_crossfade_take_retired(a->effect));
        return WN_OK;
    }
    if (job->kind == JOB_SLIM) {
        source.slim = job->slim;
        if (*source.paths[WN_AMP_MODEL]) return change_source(a, &source);
        a->source = source; /* for the next model */
        return WN_OK;
    }
    memcpy(source.paths[job->file], job->path, length);
    return change_source(a, &source);
}

static LV2_Worker_Status amp_work(LV2_Handle handle, LV2_Worker_Respond_Function respond,
                                  LV2_Worker_Respond_Handle respond_handle, uint32_t size, const void *data)
{
    (void)respond;
    (void)respond_handle;
    amp *a = handle;
    if (size < offsetof(amp_job, path) || size > sizeof(amp_job)) return LV2_WORKER_ERR_UNKNOWN;
    amp_job job;
    memcpy(&job, data, size);
    pthread_mutex_lock(&a->lock);
    wn_status status = do_job(a, &job, size - offsetof(amp_job, path));
    pthread_mutex_unlock(&a->lock);
    if (status) atomic_fetch_add(&a->failures, 1);
    atomic_fetch_add(&a->done, 1);
    return LV2_WORKER_SUCCESS;
}

static LV2_Worker_Status amp_work_response(LV2_Handle handle, uint32_t size, const void *data)
{
    (void)handle;
    (void)size;
    (void)data;
    return LV2_WORKER_SUCCESS;
}

/* ---- audio thread: requests ---------------------------------------------------------------------------------------- */

static bool is_idle(const amp *a) { return atomic_load(&a->done) == a->requests.sent; }

static bool send_job(amp *a, const amp_job *job, size_t length)
{
    if (!is_idle(a)) return false;
    a->requests.sent++;
    if (wn_host_schedule(&a->host, job, offsetof(amp_job, path) + length)) return true;
    a->requests.sent--;
    return false;
}

static void send_requests(amp *a)
{
    amp_requests *r = &a->requests;
    amp_job job;
    memset(&job, 0, offsetof(amp_job, path));
    for (int i = 0; i < WN_AMP_FILES; i++) {
        if (!r->waiting[i]) continue;
        size_t length = strlen(r->paths[i]) + 1;
        job.kind = JOB_LOAD;
        job.file = (wn_amp_file)i;
        memcpy(job.path, r->paths[i], length);
        if (send_job(a, &job, length)) r->waiting[i] = false;
    }
    float slim = wn_port_value(&amp_ports[AMP_SLIM], a->ports[AMP_SLIM]);
    job.kind = JOB_SLIM;
    job.slim = slim;
    if (slim != r->slim && send_job(a, &job, 0)) r->slim = slim;
    job.kind = JOB_COLLECT;
    bool retired = wn_effect_crossfade_has_retired(a->effect);
    r->collecting = retired && (r->collecting || send_job(a, &job, 0));
}

static void receive_request(amp *a, const wn_patch_message *message)
{
    amp_requests *r = &a->requests;
    if (message->kind == WN_PATCH_GET || (message->kind == WN_PATCH_SET && (!message->path || !a->host.worker)))
        r->asked = true; /* a request that cannot be granted is answered with what plays */
    else if (message->kind == WN_PATCH_SET) {
        strcpy(r->paths[message->parameter], message->path);
        r->waiting[message->parameter] = true;
    }
}

static void read_events(amp *a)
{
    wn_atom_cursor events = wn_events_of(a->ports[AMP_CONTROL], a->patch.forge.Sequence);
    const LV2_Atom_Event *event;
    while ((event = wn_events_next(&events))) {
        wn_patch_message message = wn_patch_read(&a->patch, event);
        receive_request(a, &message);
    }
}

/* Tell the host which files play: when it asks, after each change, and when a file could not be loaded. */
static void tell_files(amp *a)
{
    amp_requests *r = &a->requests;
    const wn_effect_unit *unit = wn_effect_crossfade_get_unit(a->effect);
    unsigned failures = atomic_load(&a->failures);
    wn_patch_begin(&a->patch, a->ports[AMP_NOTIFY]);
    if (r->asked || unit != r->announced || failures != r->failures) {
        const wn_amp_source *source = wn_effect_unit_get_user(unit);
        for (int i = 0; i < WN_AMP_FILES; i++) wn_patch_tell(&a->patch, i, source ? source->paths[i] : "");
    }
    wn_patch_end(&a->patch);
    r->asked = false;
    r->announced = unit;
    r->failures = failures;
}

/* ---- audio thread: sound -------------------------------------------------------------------------------------------- */

static float amp_value(const amp *a, amp_port port) { return wn_port_value(&amp_ports[port], a->ports[port]); }

static wn_effect_settings read_settings(const amp *a)
{
    return (wn_effect_settings){.in_db = amp_value(a, AMP_INPUT_GAIN),
                                .out_db = amp_value(a, AMP_OUTPUT_GAIN),
                                .bypassed = amp_value(a, AMP_ENABLED) <= 0,
                                .levels = {.normalizes = amp_value(a, AMP_NORMALIZE) > 0,
                                           .calibrates = amp_value(a, AMP_CALIBRATE) > 0,
                                           .dbu = amp_value(a, AMP_INPUT_LEVEL)}};
}

static void amp_run(LV2_Handle handle, uint32_t frames)
{
    amp *a = handle;
    read_events(a);
    send_requests(a);
    if (a->ports[AMP_IN] && a->ports[AMP_OUT]) {
        wn_effect_settings settings = read_settings(a);
        wn_effect_crossfade_run(a->effect, &settings, (int)frames, a->ports[AMP_IN], a->ports[AMP_OUT]);
    }
    tell_files(a);
    if (a->ports[AMP_LATENCY])
        *(float *)a->ports[AMP_LATENCY] = (float)wn_effect_unit_get_latency(wn_effect_crossfade_get_unit(a->effect));
}

/* ---- state ------------------------------------------------------------------------------------------------------------ */

static void free_path(const LV2_State_Free_Path *feature, char *path)
{
    if (feature)
        feature->free_path(feature->handle, path);
    else
        free(path);
}

static LV2_State_Status amp_save(LV2_Handle handle, LV2_State_Store_Function store, LV2_State_Handle state,
                                 uint32_t flags, const LV2_Feature *const *features)
{
    (void)flags;
    amp *a = handle;
    const LV2_State_Map_Path *map = wn_host_find(features, LV2_STATE__mapPath);
    const LV2_State_Free_Path *freeing = wn_host_find(features, LV2_STATE__freePath);
    LV2_State_Status status = LV2_STATE_SUCCESS;
    if (!map) return LV2_STATE_ERR_NO_FEATURE;
    pthread_mutex_lock(&a->lock);
    wn_amp_source source = a->source;
    pthread_mutex_unlock(&a->lock);
    for (int i = 0; i < WN_AMP_FILES && !status; i++) {
        if (!*source.paths[i]) continue;
        char *path = map->abstract_path(map->handle, source.paths[i]);
        if (!path) return LV2_STATE_ERR_UNKNOWN;
        status = store(state, a->patch.parameters[i], path, strlen(path) + 1, a->patch.forge.Path,
                       LV2_STATE_IS_POD | LV2_STATE_IS_PORTABLE);
        free_path(freeing, path);
    }
    return status;
}

/* A parameter that the state lacks has no file. */
static LV2_State_Status retrieve_path(const amp *a, LV2_State_Retrieve_Function retrieve, LV2_State_Handle state,
                                      LV2_URID key, const LV2_Feature *const *features, char *out)
{
    const LV2_State_Map_Path *map = wn_host_find(features, LV2_STATE__mapPath);
    const LV2_State_Free_Path *freeing = wn_host_find(features, LV2_STATE__freePath);
    size_t size = 0;
    uint32_t type = 0, flags = 0;
    const void *value = retrieve(state, key, &size, &type, &flags);
    *out = '\0';
    if (!value) return LV2_STATE_SUCCESS;
    if (!map) return LV2_STATE_ERR_NO_FEATURE;
    if (!wn_patch_is_path(&a->patch, type, value, size)) return LV2_STATE_ERR_BAD_TYPE;
    char *path = map->absolute_path(map->handle, value);
    size_t length = path ? strlen(path) : 0;
    if (length < WN_MAX_PATH && path) memcpy(out, path, length + 1);
    free_path(freeing, path);
    return path && length < WN_MAX_PATH ? LV2_STATE_SUCCESS : LV2_STATE_ERR_UNKNOWN;
}

/* May run beside the audio thread. A session whose files are missing keeps their paths, and the sound passes. */
static LV2_State_Status amp_restore(LV2_Handle handle, LV2_State_Retrieve_Function retrieve, LV2_State_Handle state,
                                    uint32_t flags, const LV2_Feature *const *features)
{
    (void)flags;
    amp *a = handle;
    wn_amp_source source = {.slim = 1};
    wn_effect_unit *nothing;
    for (int i = 0; i < WN_AMP_FILES; i++) {
        LV2_State_Status status = retrieve_path(a, retrieve, state, a->patch.parameters[i], features, source.paths[i]);
        if (status) return status;
    }
    pthread_mutex_lock(&a->lock);
    source.slim = a->source.slim;
    wn_status status = change_source(a, &source);
    if (status && wn_amp_source_load_nothing(&nothing, &source, a->rate, NULL) == WN_OK) send_unit(a, nothing, &source);
    pthread_mutex_unlock(&a->lock);
    return status ? LV2_STATE_ERR_UNKNOWN : LV2_STATE_SUCCESS;
}

/* ---- life ------------------------------------------------------------------------------------------------------------- */

static void amp_cleanup(LV2_Handle handle)
{
    amp *a = handle;
    wn_effect_crossfade_free(a->effect);
    pthread_mutex_destroy(&a->lock);
    free(a);
}

static LV2_Handle amp_instantiate(const LV2_Descriptor *descriptor, double rate, const char *bundle,
                                  const LV2_Feature *const *features)
{
    (void)descriptor;
    (void)bundle;
    wn_host host;
    wn_error error = {0};
    if (!wn_host_init(&host, features) || !(rate >= 1 && rate <= 768000)) return NULL;
    amp *a = calloc(1, sizeof *a);
    if (!a) return NULL;
    a->host = host;
    a->rate = rate;
    a->source.slim = a->requests.slim = amp_ports[AMP_SLIM].initial;
    atomic_init(&a->done, 0);
    atomic_init(&a->failures, 0);
    pthread_mutex_init(&a->lock, NULL);
    wn_patch_init(&a->patch, &a->host, AMP_URI, file_uris, WN_AMP_FILES);
    if (wn_effect_crossfade_new(&a->effect, rate, &error)) {
        wn_host_report(&a->host, "WaveNet Amp", &error);
        amp_cleanup(a);
        return NULL;
    }
    a->requests.announced = wn_effect_crossfade_get_unit(a->effect);
    return a;
}

static void amp_connect_port(LV2_Handle handle, uint32_t port, void *data)
{
    amp *a = handle;
    if (port < AMP_PORTS) a->ports[port] = data;
}

static void amp_activate(LV2_Handle handle)
{
    amp *a = handle;
    wn_effect_crossfade_reset(a->effect);
}

static const void *amp_extension_data(const char *uri)
{
    static const LV2_Worker_Interface worker = {amp_work, amp_work_response, NULL};
    static const LV2_State_Interface state = {amp_save, amp_restore};
    if (strcmp(uri, LV2_WORKER__interface) == 0) return &worker;
    if (strcmp(uri, LV2_STATE__interface) == 0) return &state;
    return NULL;
}

LV2_SYMBOL_EXPORT const LV2_Descriptor *lv2_descriptor(uint32_t index)
{
    static const LV2_Descriptor descriptor = {.URI = AMP_URI,
                                              .instantiate = amp_instantiate,
                                              .connect_port = amp_connect_port,
                                              .activate = amp_activate,
                                              .run = amp_run,
                                              .cleanup = amp_cleanup,
                                              .extension_data = amp_extension_data};
    return index == 0 ? &descriptor : NULL;
}
