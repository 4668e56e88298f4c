/* SPDX-License-Identifier: MIT
 * batch.c - the chunk of one stream, laid out for the network: inputs, conditions, targets.
 * Copyright (c) 2026 the wavenet authors */
#include <string.h>

#include "engine/harmonic_source.h"
#include "train/data_loader.h"

wn_status wn_batch_init(wn_batch *tray, const wn_tnet *net, int chunk, wn_error *error)
{
    wn_arena *a = wn_arena_new();
    size_t n = (size_t)chunk;
    *tray = (wn_batch){.arena = a};
    tray->segments = wn_arena_alloc(a, n / (size_t)net->condition.hop + 1, sizeof *tray->segments);
    tray->samples = wn_arena_alloc(a, n + 1, sizeof *tray->samples);
    tray->input = wn_arena_alloc(a, n, sizeof *tray->input);
    tray->classes = wn_arena_alloc(a, n, sizeof *tray->classes);
    tray->target_class = wn_arena_alloc(a, n, sizeof *tray->target_class);
    tray->pcm = wn_arena_alloc(a, n, sizeof *tray->pcm);
    tray->target = wn_arena_alloc(a, n, sizeof *tray->target);
    tray->harmonic_source =
        wn_arena_alloc(a, n * (size_t)net->condition.harmonic_channels, sizeof *tray->harmonic_source);
    tray->cycles = wn_arena_alloc(a, (size_t)net->condition.harmonic_channels / 2 + 1, sizeof *tray->cycles);
    if (!tray->cycles || !tray->segments || !tray->samples || !tray->input || !tray->classes || !tray->target_class ||
        !tray->pcm || !tray->target || !tray->harmonic_source)
        return wn_fail_memory(error, NULL);
    return WN_OK;
}

void wn_batch_clear(wn_batch *tray)
{
    wn_arena_free(tray->arena);
    *tray = (wn_batch){0};
}

/* Classes of the input: companded, then moved by noise. */
static void encode_input(wn_batch *tray, const wn_model *m, int frames, double class_noise, wn_random_sequence *draw)
{
    int n = m->input.n_classes;
    for (int t = 0; t < frames; t++) {
        int k = wn_compand_encode(m->input.companding, n, (double)tray->input[t]);
        if (class_noise > 0) {
            double moved = (double)k + class_noise * wn_random_sequence_normal(draw) + 0.5;
            k = moved < 0 ? 0 : moved >= n ? n - 1 : (int)moved;
        }
        tray->classes[t] = k;
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

static void place_piece(wn_batch *tray, const wn_tnet *net, const wn_data *data, const wn_piece *p, int frames,
                        int index)
{
    const wn_clip *clip = &data->clips[p->clip];
    const wn_harmonic_source *e = &net->model->condition.harmonic_source;
    tray->segments[index] = (wn_tsegment){.at = p->at,
                                          .frames = p->frames,
                                          .first = p->first,
                                          .rows = clip->rows,
                                          .n_rows = clip->n_rows,
                                          .speaker = clip->speaker};
    memcpy(tray->samples + 1 + p->at, clip->pcm + p->first, (size_t)p->frames * sizeof *tray->samples);
    for (int t = 0; clip->target && t < p->frames; t++) tray->target[p->at + t] = (wn_real)clip->target[p->first + t];
    for (int t = 0; e->n && t < p->frames; t++) {
        wn_partials_at(&clip->partials, p->first + t, tray->cycles);
        double pitch = (double)clip->pitch[(p->first + t) / net->condition.hop];
        wn_batch_harmonics(e, tray->cycles + 1, pitch / net->model->sample_rate, tray->harmonic_source + p->at + t,
                           frames);
    }
}

void wn_batch_fill(wn_batch *tray, const wn_tnet *net, const wn_data *data, const wn_piece *pieces, int n_pieces,
                  const wn_augmentation *how, wn_random_sequence *draw, float *last)
{
    const wn_model *m = net->model;
    int frames = pieces[n_pieces - 1].at + pieces[n_pieces - 1].frames, n = m->input.n_classes;
    for (int i = 0; i < n_pieces; i++) place_piece(tray, net, data, &pieces[i], frames, i);
    tray->samples[0] = *last;
    *last = tray->samples[frames];
    /* An autoregressive net meets the sample before and predicts this one. */
    memcpy(tray->input, tray->samples + (m->autoregressive ? 0 : 1), (size_t)frames * sizeof *tray->input);
    for (int t = 0; m->autoregressive && t < frames; t++)
        tray->target[t] = (wn_real)wn_model_compress(m, tray->samples[1 + t]);
    for (int t = 0; m->output == WN_OUTPUT_CATEGORICAL && t < frames; t++)
        tray->target_class[t] = wn_compand_encode(m->input.companding, n, (double)tray->target[t]);
    double class_noise = how ? wn_augment(how, draw, frames, tray->input) : 0;
    if (n)
        encode_input(tray, m, frames, class_noise, draw);
    else
        for (int t = 0; t < frames; t++) tray->pcm[t] = (wn_real)wn_model_compress(m, tray->input[t]);
    tray->chunk =
        (wn_tchunk){frames,       n_pieces,          tray->segments, tray->pcm, tray->classes, tray->harmonic_source,
                    tray->target, tray->target_class};
}
