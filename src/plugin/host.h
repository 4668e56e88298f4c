/* SPDX-License-Identifier: MIT
 * host.h - what an LV2 host offers to a plug-in: numbers for URIs, a worker, a log.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLUGIN_HOST_H
#define WN_PLUGIN_HOST_H

#include <lv2/core/lv2.h>
#include <lv2/log/log.h>
#include <lv2/urid/urid.h>
#include <lv2/worker/worker.h>
#include <stdbool.h>

#include "wavenet/wavenet.h"

typedef struct wn_host {
    const LV2_URID_Map *map;
    const LV2_Worker_Schedule *worker; /* NULL: none */
    const LV2_Log_Log *log;            /* NULL: none */
    LV2_URID log_error;
} wn_host;

/* Data of the feature `uri`, or NULL. */
const void *wn_host_find(const LV2_Feature *const *features, const char *uri);

/* False if the host cannot map URIs, without which no plug-in can talk to it. */
bool wn_host_init(wn_host *host, const LV2_Feature *const *features);

LV2_URID wn_host_map(const wn_host *host, const char *uri);

/* Any thread but the audio thread: write a line into the host's log, if there is one. */
void wn_host_report(const wn_host *host, const char *plugin, const wn_error *error);

/* Audio thread: ask the worker to call work() with `data` [size]. False if there is no worker, or no room now. */
WN_REALTIME bool wn_host_schedule(const wn_host *host, const void *data, size_t size);

#endif
