/* SPDX-License-Identifier: MIT
 * host.c - what an LV2 host offers to a plug-in: numbers for URIs, a worker, a log.
 * Copyright (c) 2026 the wavenet authors */
#include "plugin/host.h"

#include <string.h>

const void *wn_host_find(const LV2_Feature *const *features, const char *uri)
{
    for (; features && *features; features++)
        if (strcmp((*features)->URI, uri) == 0) return (*features)->data;
    return NULL;
}

bool wn_host_init(wn_host *host, const LV2_Feature *const *features)
{
    *host = (wn_host){.map = wn_host_find(features, LV2_URID__map),
                      .worker = wn_host_find(features, LV2_WORKER__schedule),
                      .log = wn_host_find(features, LV2_LOG__log)};
    if (!host->map) return false;
    host->log_error = wn_host_map(host, LV2_LOG__Error);
    return true;
}

LV2_URID wn_host_map(const wn_host *host, const char *uri) { return host->map->map(host->map->handle, uri); }

void wn_host_report(const wn_host *host, const char *plugin, const wn_error *error)
{
    if (!host->log) return;
    host->log->printf(host->log->handle, host->log_error, "%s: %s%s%s\n", plugin, error->where,
                      *error->where ? ": " : "", error->message);
}

bool wn_host_schedule(const wn_host *host, const void *data, size_t size)
{
    const LV2_Worker_Schedule *worker = host->worker;
    return worker && worker->schedule_work(worker->handle, (uint32_t)size, data) == LV2_WORKER_SUCCESS;
}
