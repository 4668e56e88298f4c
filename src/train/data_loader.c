/* SPDX-License-Identifier: MIT
 * data_loader.c - assigns the slices of a data set to streams and cuts the streams into chunks.
 * Copyright (c) 2026 the wavenet authors */
#include "train/data_loader.h"

#include <stdlib.h>

#include "base/random.h"

enum { ORDER_STREAM = 0x6f726472 }; /* Philox stream of the shuffle; no stream of the data has this number */

void wn_data_loader_shuffle(wn_data_loader *loader)
{
    uint32_t n = (uint32_t)loader->data->n_slices;
    for (uint32_t i = 0; i < n; i++) loader->order[i] = i;
    for (uint32_t i = n; i > 1; i--) {
        uint32_t k = (uint32_t)(wn_random_uniform(loader->seed, ORDER_STREAM, loader->epoch, i) * i),
                 swapped = loader->order[i - 1];
        loader->order[i - 1] = loader->order[k];
        loader->order[k] = swapped;
    }
}

static uint32_t loader_next_slice(wn_data_loader *loader)
{
    if (loader->next == loader->data->n_slices) {
        loader->epoch++;
        loader->next = 0;
        wn_data_loader_shuffle(loader);
    }
    return loader->order[loader->next++];
}

/* If there are fewer slices than streams, streams that share a slice start at different positions; otherwise they would
 * all see the same samples. */
static void stream_start(wn_data_loader *loader, int stream)
{
    int64_t slices = (int64_t)loader->data->n_slices, round = stream / slices,
            rounds = (loader->n_streams - 1) / slices + 1;
    wn_cursor *c = &loader->cursors[stream];
    c->slice = loader_next_slice(loader);
    c->position = loader->data->slices[c->slice].frames / loader->hop * round / rounds * loader->hop;
}

wn_status wn_data_loader_init(wn_data_loader *loader, const wn_data *data, uint64_t seed, int n_streams, int chunk,
                              int hop, wn_error *error)
{
    *loader = (wn_data_loader){.data = data, .seed = seed, .n_streams = n_streams, .chunk = chunk, .hop = hop};
    loader->order = calloc(data->n_slices, sizeof *loader->order);
    loader->cursors = calloc((size_t)n_streams, sizeof *loader->cursors);
    bool failed = !loader->order || !loader->cursors;
    for (int i = 0; !failed && i < n_streams; i++) {
        loader->cursors[i].pieces = calloc((size_t)(chunk / hop), sizeof *loader->cursors[i].pieces);
        failed = !loader->cursors[i].pieces;
    }
    if (failed) return wn_fail_memory(error, NULL);
    wn_data_loader_shuffle(loader);
    for (int i = 0; i < n_streams; i++) stream_start(loader, i);
    return WN_OK;
}

void wn_data_loader_clear(wn_data_loader *loader)
{
    for (int i = 0; loader->cursors && i < loader->n_streams; i++) free(loader->cursors[i].pieces);
    free(loader->cursors);
    free(loader->order);
    *loader = (wn_data_loader){0};
}

static void stream_advance(wn_data_loader *loader, wn_cursor *c)
{
    c->n_pieces = 0;
    for (int at = 0; at < loader->chunk;) {
        const wn_slice *s = &loader->data->slices[c->slice];
        int64_t remaining = s->frames - c->position;
        if (!remaining) {
            c->slice = loader_next_slice(loader);
            c->position = 0;
            continue;
        }
        int n = remaining < loader->chunk - at ? (int)remaining : loader->chunk - at;
        c->pieces[c->n_pieces++] = (wn_piece){s->clip, at, n, s->first + c->position};
        c->position += n;
        at += n;
    }
}

void wn_data_loader_advance(wn_data_loader *loader)
{
    for (int i = 0; i < loader->n_streams; i++) stream_advance(loader, &loader->cursors[i]);
}
