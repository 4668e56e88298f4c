/* SPDX-License-Identifier: MIT
 * batch.c - the chunk of one stream in the network's layout: inputs, conditions, targets.
 * Copyright (c) 2026 the wavenet authors */
#include "train/batch.h"

#include <string.h>

#include "engine/harmonic_source.h"
#include "model/companding.h"

wn_status wn_batch_init(wn_batch *batch, const wn_tnet *net, int chunk, wn_error *error)
{
    wn_arena *a = wn_arena_new();
    size_t n = (size_t)chunk;
    *batch = (wn_batch){.arena = a};
    batch->segments = wn_arena_alloc(a, n / (size_t)net->condition.hop + 1, sizeof *batch->segments);
    batch->samples = wn_arena_alloc(a, n + 1, sizeof *batch->samples);
    batch->input = wn_arena_alloc(a, n, sizeof *batch->input);
    batch->classes = wn_arena_alloc(a, n, sizeof *batch->classes);
    batch->target_class = wn_arena_alloc(a, n, sizeof *batch->target_class);
    batch->pcm = wn_arena_alloc(a, n * (size_t)net->in_channels, sizeof *batch->pcm);
    batch->target = wn_arena_alloc(a, n * (size_t)wn_data_target_channels(net), sizeof *batch->target);
    batch->harmonic_source =
        wn_arena_alloc(a, n * (size_t)net->condition.harmonic_channels, sizeof *batch->harmonic_source);
    batch->cycles = wn_arena_alloc(a, (size_t)net->condition.harmonic_channels / 2 + 1, sizeof *batch->cycles);
    if (!batch->cycles || !batch->segments || !batch->samples || !batch->input || !batch->classes ||
        !batch->target_class || !batch->pcm || !batch->target || !batch->harmonic_source)
        return wn_fail_memory(error, NULL);
    return WN_OK;
}

void wn_batch_clear(wn_batch *batch)
{
    wn_arena_free(batch->arena);
    *batch = (wn_batch){0};
}

/* Encode the input as classes: companding, then noise in units of classes. */
static void encode_input(wn_batch *batch, const wn_model *m, int frames, double class_noise, wn_random_sequence *random)
{
    int n = m->input.n_classes;
    for (int t = 0; t < frames; t++) {
        int k = wn_compand_encode(m->input.companding, n, (double)batch->input[t]);
        if (class_noise > 0) {
            double noisy = (double)k + class_noise * wn_random_sequence_normal(random) + 0.5;
            k = noisy < 0 ? 0 : noisy >= n ? n - 1 : (int)noisy;
        }
        batch->classes[t] = k;
    }
}

void wn_batch_harmonics(const wn_harmonic_source *source, const double *cycles, double step, wn_real *column,
                        ptrdiff_t stride)
{
    for (int i = 0; i < source->n; i++) {
        double sine, cosine;
        wn_harmonic_source_at(source, i, cycles[i], step, &sine, &cosine);
        column[i * stride] = (wn_real)sine;
        column[(source->n + i) * stride] = (wn_real)cosine;
    }
}

/* Channels [frames] each of a chunk of `stride` frames from rows x [frames][channels]. */
static void take_channels(int channels, int frames, const float *x, int stride, wn_real *out)
{
    for (int t = 0; t < frames; t++)
        for (int c = 0; c < channels; c++) out[(ptrdiff_t)c * stride + t] = (wn_real)x[(ptrdiff_t)t * channels + c];
}

static void batch_add_sound(wn_batch *batch, const wn_model *m, const wn_clip *clip, const wn_piece *p)
{
    float previous = p->first > 0 ? clip->pcm[p->first - 1] : 0;
    for (int t = 0; t < p->frames; t++)
        batch->samples[1 + p->at + t] = wn_model_emphasize(m, &previous, clip->pcm[p->first + t]);
}

static void batch_add_target(wn_batch *batch, const wn_data *data, const wn_clip *clip, const wn_piece *p, int frames)
{
    int channels = data->target_channels;
    if (clip->target)
        take_channels(channels, p->frames, clip->target + p->first * channels, frames, batch->target + p->at);
    if (clip->labels)
        memcpy(batch->target_class + p->at, clip->labels + p->first, (size_t)p->frames * sizeof *clip->labels);
}

static void batch_add_piece(wn_batch *batch, const wn_tnet *net, const wn_data *data, const wn_piece *p, int frames,
                            int index)
{
    const wn_clip *clip = &data->clips[p->clip];
    const wn_harmonic_source *e = &net->model->condition.harmonic_source;
    batch->segments[index] = (wn_tsegment){.at = p->at,
                                           .frames = p->frames,
                                           .first = p->first,
                                           .rows = clip->rows,
                                           .n_rows = clip->n_rows,
                                           .speaker = clip->speaker};
    if (net->in_channels == 1)
        batch_add_sound(batch, net->model, clip, p);
    else
        take_channels(net->in_channels, p->frames, clip->pcm + p->first * net->in_channels, frames, batch->pcm + p->at);
    batch_add_target(batch, data, clip, p, frames);
    for (int t = 0; e->n && t < p->frames; t++) {
        wn_partials_at(&clip->partials, p->first + t, batch->cycles);
        double pitch = (double)clip->pitch[(p->first + t) / net->condition.hop];
        wn_batch_harmonics(e, batch->cycles + 1, pitch / net->model->sample_rate, batch->harmonic_source + p->at + t,
                           frames);
    }
}

/* The input of an autoregressive network is the previous sample, its target the current one. */
static void batch_finish_sound(wn_batch *batch, const wn_model *m, int frames, const wn_augmentation *augmentation,
                               wn_random_sequence *random, float *last)
{
    int n = m->input.n_classes;
    batch->samples[0] = *last;
    *last = batch->samples[frames];
    memcpy(batch->input, batch->samples + (m->autoregressive ? 0 : 1), (size_t)frames * sizeof *batch->input);
    for (int t = 0; m->autoregressive && t < frames; t++)
        batch->target[t] = (wn_real)wn_model_compress(m, batch->samples[1 + t]);
    bool encodes = wn_distributions[m->output].parts & WN_DISTRIBUTION_CLASSES && !m->labels.n;
    for (int t = 0; encodes && t < frames; t++)
        batch->target_class[t] = wn_compand_encode(m->input.companding, n, (double)batch->target[t]);
    double class_noise = augmentation ? wn_augment(augmentation, random, frames, batch->input) : 0;
    if (n)
        encode_input(batch, m, frames, class_noise, random);
    else
        for (int t = 0; t < frames; t++) batch->pcm[t] = (wn_real)wn_model_compress(m, batch->input[t]);
}

void wn_batch_fill(wn_batch *batch, const wn_tnet *net, const wn_data *data, const wn_piece *pieces, int n_pieces,
                   const wn_augmentation *augmentation, wn_random_sequence *random, float *last)
{
    int frames = pieces[n_pieces - 1].at + pieces[n_pieces - 1].frames;
    for (int i = 0; i < n_pieces; i++) batch_add_piece(batch, net, data, &pieces[i], frames, i);
    if (net->in_channels == 1) batch_finish_sound(batch, net->model, frames, augmentation, random, last);
    batch->chunk = (wn_tchunk){frames,        n_pieces,           batch->segments,
                               batch->pcm,    batch->classes,     batch->harmonic_source,
                               batch->target, batch->target_class};
}
