/* SPDX-License-Identifier: MIT
 * slices.c - the parts of training clips that streams play in one go, cut at pauses.
 * Copyright (c) 2026 the wavenet authors */
#include "train/slices.h"

#include <math.h>
#include <stdlib.h>

#define WINDOW_SECONDS 0.05 /* whose energy tells how quiet a place is */

/* Of all clips: hop, longest slice and window in samples. */
struct cutting {
    wn_data *data;
    size_t capacity;
    int64_t hop, longest, window;
};

static wn_status add_slice(struct cutting *c, uint32_t clip, int64_t first, int64_t frames, wn_error *error)
{
    wn_data *d = c->data;
    if (d->n_slices == c->capacity) {
        size_t capacity = c->capacity ? 2 * c->capacity : 64;
        wn_slice *grown = realloc(d->slices, capacity * sizeof *grown);
        if (!grown) return wn_fail_memory(error, NULL);
        d->slices = grown;
        c->capacity = capacity;
    }
    if (d->n_slices == UINT32_MAX) return wn_fail(error, WN_ERROR_FORMAT, NULL, "more slices than a run can shuffle");
    d->slices[d->n_slices++] = (wn_slice){clip, first, frames};
    return WN_OK;
}

static double window_energy(const struct cutting *c, const wn_clip *clip, int64_t middle)
{
    int64_t from = middle - c->window / 2, to = from + c->window;
    double energy = 0;
    if (from < 0) from = 0;
    if (to > clip->frames) to = clip->frames;
    for (int64_t t = from; t < to; t++) energy += (double)clip->pcm[t] * (double)clip->pcm[t];
    return energy;
}

/* The quietest place in [from, to], whole hops; the last of several. */
static int64_t quietest(const struct cutting *c, const wn_clip *clip, int64_t from, int64_t to)
{
    int64_t best = from;
    double least = INFINITY;
    for (int64_t at = from; at <= to; at += c->hop) {
        double energy = window_energy(c, clip, at);
        if (energy > least) continue;
        least = energy;
        best = at;
    }
    return best;
}

/* Both parts of every cut are at least half of the longest slice long, so there is a place for the next one. */
static wn_status cut_clip(struct cutting *c, uint32_t index, wn_error *error)
{
    const wn_clip *clip = &c->data->clips[index];
    int64_t first = 0, least = (c->longest / c->hop + 1) / 2 * c->hop;
    wn_status status = WN_OK;
    while (!status && c->longest && clip->frames - first > c->longest) {
        int64_t to = first + c->longest < clip->frames - least ? first + c->longest : clip->frames - least;
        int64_t at = quietest(c, clip, first + least, to);
        status = add_slice(c, index, first, at - first, error);
        first = at;
    }
    return status ? status : add_slice(c, index, first, clip->frames - first, error);
}

wn_status wn_slices_make(wn_data *data, double seconds, double rate, int hop, wn_error *error)
{
    struct cutting c = {data, 0, hop, (int64_t)(seconds * rate) / hop * hop, (int64_t)(WINDOW_SECONDS * rate)};
    wn_status status = WN_OK;
    if (seconds > 0 && !(rate > 0))
        return wn_fail(error, WN_ERROR_FORMAT, NULL, "data.slice needs a model with a sample rate");
    if (seconds > 0 && c.longest < 2 * (int64_t)hop)
        return wn_fail(error, WN_ERROR_FORMAT, NULL,
                       "data.slice is %g s, shorter than two frames of %d samples at %g Hz", seconds, hop, rate);
    if (seconds > 0 && data->in_channels > 1)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, NULL, "data.slice is for sound, not for rows of %d channels",
                       data->in_channels);
    for (size_t i = 0; i < data->n_train && !status; i++) {
        status = cut_clip(&c, (uint32_t)i, error);
        wn_spool_release(data->spool);
    }
    return status;
}
