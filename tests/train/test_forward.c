/* SPDX-License-Identifier: MIT
 * test_forward.c - the trainer's teacher-forced forward pass gives what the engine gives: training and generation hear
 * the same network. Chunks of one length there, blocks of another here.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "engine/features.h"
#include "train/batch.h"

enum { DRAWN = 60, CHUNKS = 3 };

/* One timeline: inputs by frame, as the engine takes them. */
struct line {
    int frames;
    float *pcm;               /* [frames][channels] */
    int32_t *classes;         /* [frames] */
    wn_real *harmonic_source; /* [channels][frames] */
};

static float *engine_output(const wn_model *m, const struct line *line, const test_clip *clip, bool controls)
{
    wn_plan *plan;
    wn_stream *stream;
    wn_conditioner *conditioner;
    wn_error error = {0};
    int n = m->output_channels, local = m->condition.local_channels, held = m->condition.held_channels;
    float *out = calloc((size_t)line->frames * (size_t)n, sizeof *out),
          *held_now = calloc((size_t)held + 1, sizeof *held_now);
    float *row = calloc((size_t)local + 1, sizeof *row);
    if (!out || !held_now || !row) abort();
    if (wn_plan_new(&plan, m, &(wn_plan_config){.max_frames = 1}, &error)) test_stop(&error);
    if (wn_stream_new(&stream, plan, &error) || wn_conditioner_new(&conditioner, m, &error)) test_stop(&error);
    bool rows = m->condition.source == WN_CONDITION_FEATURES;
    if (rows && wn_conditioner_set_features(conditioner, clip->rows, clip->n_rows, &error)) test_stop(&error);
    if (m->condition.n_speakers && wn_conditioner_set_speaker(conditioner, clip->speaker, &error)) test_stop(&error);
    if (!m->condition.n_speakers && m->condition.global_channels &&
        wn_conditioner_set_global(conditioner, clip->vector, m->condition.global_channels, &error))
        test_stop(&error);
    for (int t = 0; t < line->frames; t++) {
        if (controls && t == 0) wn_conditioner_set_control(conditioner, 0, 55.5);
        if (controls && t == 40) wn_conditioner_set_control(conditioner, 0, 71.25);
        if (wn_conditioner_next(conditioner, row, held_now)) wn_stream_set_condition(stream, 0, held_now);
        wn_block block = {1, line->pcm + (ptrdiff_t)t * m->input.channels, line->classes + t, row,
                          out + (ptrdiff_t)t * n};
        if (m->input.n_classes) block.pcm = NULL;
        wn_stream_run(stream, &block);
    }
    wn_conditioner_free(conditioner);
    wn_stream_free(stream);
    wn_plan_free(plan);
    free(held_now), free(row);
    return out;
}

/* Feature rows and harmonic source of the controls that engine_output sets. */
static void run_controls(const wn_model *m, const wn_tnet *net, struct line *line, test_clip *clip)
{
    wn_features *f = wn_features_new(m);
    int hop = net->condition.hop, width = net->condition.feature_channels;
    const wn_harmonic_source *e = &m->condition.harmonic_source;
    double cycles = 0, at[64];
    if (!f || e->n > 64) abort();
    free(clip->rows);
    clip->n_rows = line->frames / hop;
    clip->rows = calloc((size_t)(clip->n_rows * width), sizeof *clip->rows);
    if (!clip->rows) abort();
    wn_features_set(f, 0, 55.5);
    for (int t = 0; t < line->frames; t++) {
        if (t == 40) wn_features_set(f, 0, 71.25);
        if (t % hop == 0) wn_features_row(f, clip->rows + t / hop * width);
        for (int i = 0; i < e->n; i++) at[i] = e->harmonics[i] * cycles - floor(e->harmonics[i] * cycles);
        wn_batch_harmonics(e, at, wn_features_pitch(f) / m->sample_rate, line->harmonic_source + t, line->frames);
        cycles += wn_features_pitch(f) / m->sample_rate;
        cycles -= floor(cycles);
        wn_features_tick(f, NULL);
    }
    wn_features_free(f);
}

/* The larger size; NaN is the worst there is (fmax would pass over it). */
static double worse(double worst, double x) { return isnan(worst) || worst >= fabs(x) ? worst : fabs(x); }

/* Largest difference from the engine, in units of 1e-5 + 1e-5 * max|output|. */
static double trainer_difference(const wn_tnet *net, const struct line *line, const test_clip *clip,
                                 const wn_kernels *kernels, const float *want)
{
    wn_twork *work;
    wn_error error = {0};
    int frames = line->frames / CHUNKS, channels = net->in_channels, n = net->outputs;
    int harmonic_channels = net->condition.harmonic_channels;
    wn_real *theta = test_reals(net->params.count), *state = test_reals(net->state);
    wn_real *pcm = test_reals((size_t)(frames * channels)),
            *harmonic_source = test_reals((size_t)(frames * harmonic_channels));
    double worst = 0, peak = 0;
    if (wn_twork_new(&work, net, frames, kernels, &error)) test_stop(&error);
    wn_params_read(&net->params, theta);
    for (int i = 0; i < line->frames * n; i++) peak = worse(peak, (double)want[i]);
    for (int k = 0; k < CHUNKS; k++) {
        int first = k * frames;
        for (int t = 0; t < frames; t++) {
            for (int c = 0; c < channels; c++) pcm[c * frames + t] = line->pcm[(first + t) * channels + c];
            for (int c = 0; c < harmonic_channels; c++)
                harmonic_source[c * frames + t] = line->harmonic_source[c * line->frames + first + t];
        }
        wn_tsegment segment = {.frames = frames,
                               .first = first,
                               .rows = clip->rows,
                               .n_rows = clip->n_rows,
                               .speaker = clip->speaker,
                               .vector = clip->vector};
        wn_tchunk chunk = {.frames = frames,
                           .n_segments = 1,
                           .segments = &segment,
                           .pcm = pcm,
                           .harmonic_source = harmonic_source,
                           .classes = line->classes + first};
        wn_tnet_forward(work, theta, &chunk, state);
        for (int t = 0; t < frames; t++)
            for (int c = 0; c < n; c++)
                worst = worse(worst, (double)work->y.x[c * work->y.stride + t] - (double)want[(first + t) * n + c]);
    }
    wn_twork_free(work);
    free(theta), free(state), free(pcm), free(harmonic_source);
    return worst / (1e-5 + 1e-5 * peak);
}

static void fill_line(chance *c, const wn_tnet *net, struct line *line)
{
    line->frames = CHUNKS * test_frames(net);
    line->pcm = calloc((size_t)(line->frames * net->in_channels), sizeof *line->pcm);
    line->classes = calloc((size_t)line->frames, sizeof *line->classes);
    line->harmonic_source = test_reals((size_t)(line->frames * net->condition.harmonic_channels));
    if (!line->pcm || !line->classes) abort();
    for (int i = 0; i < line->frames * net->in_channels; i++) line->pcm[i] = (float)(0.4 * chance_normal(c));
    for (int t = 0; net->n_classes && t < line->frames; t++) line->classes[t] = chance_int(c, 0, net->n_classes - 1);
}

/* Returns the worst of all kernel sets this machine has; *refused counts models that cannot be trained. */
static double compare(chance *c, wn_model *m, int *refused)
{
    wn_tnet *net;
    wn_error error = {0};
    double worst = 0;
    if (wn_tnet_new(&net, m, &error)) {
        ++*refused;
        return 0;
    }
    struct line line;
    fill_line(c, net, &line);
    test_clip clip = test_clip_of(c, net, line.frames);
    bool controls = m->condition.source == WN_CONDITION_CONTROLS;
    if (controls) run_controls(m, net, &line, &clip);
    float *want = engine_output(m, &line, &clip, controls);
    for (int cpu = WN_CPU_PORTABLE; cpu <= WN_CPU_NEON; cpu++)
        if (wn_kernels_get(cpu)) worst = worse(worst, trainer_difference(net, &line, &clip, wn_kernels_get(cpu), want));
    test_clip_free(&clip);
    free(line.pcm), free(line.classes), free(line.harmonic_source), free(want);
    wn_tnet_free(net);
    return worst;
}

static int report(const char *what, int models, int refused, double worst)
{
    bool good = worst <= 1 && refused < models;
    printf("%s %s: %d models, %d of them refused, worst difference %.2g of what is allowed\n", good ? "ok" : "FAILED",
           what, models, refused, worst);
    return !good;
}

int main(int argc, char **argv)
{
    chance c = {argc > 1 ? (uint64_t)atoll(argv[1]) : 20160913};
    int failed = 0, refused = 0;
    double worst = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("seed %llu\n", (unsigned long long)c.state);
    for (size_t i = 0; i < test_n_configs; i++) {
        wn_model *m = test_model(&c, test_configs[i].json);
        refused = 0;
        worst = compare(&c, m, &refused);
        failed += report(test_configs[i].name, 1, refused, worst);
        wn_model_free(m);
    }
    worst = refused = 0;
    for (int i = 0; i < DRAWN; i++) {
        wn_model *m = drawn_model(&c, &(drawn_request){.film = -1});
        worst = worse(worst, compare(&c, m, &refused));
        wn_model_free(m);
    }
    failed += report("drawn models", DRAWN, refused, worst);
    return failed ? 1 : 0;
}
