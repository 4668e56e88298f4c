/* SPDX-License-Identifier: MIT
 * data_loader.c - which clip each stream plays, and when.
 * Copyright (c) 2026 the wavenet authors */
#include "train/data_loader.h"

#include <stdlib.h>

#include "base/random.h"

enum { ORDER_STREAM = 0x6f726472 }; /* keeps the draws of the order apart from those of the streams */

void wn_data_loader_shuffle(wn_data_loader *feed)
{
    uint32_t n = (uint32_t)feed->data->n_train;
    for (uint32_t i = 0; i < n; i++) feed->order[i] = i;
    for (uint32_t i = n; i > 1; i--) {
        uint32_t k = (uint32_t)(wn_random_uniform(feed->seed, ORDER_STREAM, feed->epoch, i) * i),
                 held = feed->order[i - 1];
        feed->order[i - 1] = feed->order[k];
        feed->order[k] = held;
    }
}

static uint32_t next_clip(wn_data_loader *feed)
{
    if (feed->next == feed->data->n_train) {
        feed->epoch++;
        feed->next = 0;
        wn_data_loader_shuffle(feed);
    }
    return feed->order[feed->next++];
}

/* Streams that share a clip, of which there are few, begin at different places of it: all would learn the same otherwise. */
static void start_stream(wn_data_loader *feed, int stream)
{
    int64_t clips = (int64_t)feed->data->n_train, round = stream / clips, rounds = (feed->n_streams - 1) / clips + 1;
    wn_cursor *c = &feed->cursors[stream];
    c->clip = next_clip(feed);
    c->position = feed->data->clips[c->clip].frames / feed->hop * round / rounds * feed->hop;
}

wn_status wn_data_loader_init(wn_data_loader *feed, const wn_data *data, uint64_t seed, int n_streams, int chunk, int hop,
                       wn_error *error)
{
    *feed = (wn_data_loader){.data = data, .seed = seed, .n_streams = n_streams, .chunk = chunk, .hop = hop};
    feed->order = calloc(data->n_train, sizeof *feed->order);
    feed->cursors = calloc((size_t)n_streams, sizeof *feed->cursors);
    bool failed = !feed->order || !feed->cursors;
    for (int i = 0; !failed && i < n_streams; i++) {
        feed->cursors[i].pieces = calloc((size_t)(chunk / hop), sizeof *feed->cursors[i].pieces);
        failed = !feed->cursors[i].pieces;
    }
    if (failed) return wn_fail_memory(error, NULL);
    wn_data_loader_shuffle(feed);
    for (int i = 0; i < n_streams; i++) start_stream(feed, i);
    return WN_OK;
}

void wn_data_loader_clear(wn_data_loader *feed)
{
    for (int i = 0; feed->cursors && i < feed->n_streams; i++) free(feed->cursors[i].pieces);
    free(feed->cursors);
    free(feed->order);
    *feed = (wn_data_loader){0};
}

static void advance_stream(wn_data_loader *feed, wn_cursor *c)
{
    c->n_pieces = 0;
    for (int at = 0; at < feed->chunk;) {
        int64_t left = feed->data->clips[c->clip].frames - c->position;
        if (!left) {
            c->clip = next_clip(feed);
            c->position = 0;
            continue;
        }
        int n = left < feed->chunk - at ? (int)left : feed->chunk - at;
        c->pieces[c->n_pieces++] = (wn_piece){c->clip, at, n, c->position};
        c->position += n;
        at += n;
    }
}

void wn_data_loader_advance(wn_data_loader *feed)
{
    for (int i = 0; i < feed->n_streams; i++) advance_stream(feed, &feed->cursors[i]);
}
