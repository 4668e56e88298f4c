/* SPDX-License-Identifier: MIT
 * rig.c - see rig.h.
 * Copyright (c) 2026 the wavenet authors */
#include <stdlib.h>

#include "rig.h"

enum { BLOCK = 37 };

static const drawn_request wishes[] = {
    {.autoregressive = true, .classes = 1, .held = 1},
    {.autoregressive = true, .classes = 1, .source = WN_CONDITION_FEATURES + 1},
    {.autoregressive = true, .classes = -1, .output = WN_OUTPUT_LOGISTICS + 1},
    {.autoregressive = true,
     .classes = -1,
     .output = WN_OUTPUT_GAUSSIANS + 1,
     .film = 1 + WN_FILM_ACT_PRE,
     .source = 2},
    {.autoregressive = true, .classes = -1, .output = WN_OUTPUT_GAUSSIAN + 1, .kernel = 40, .dilation = 3},
    {.classes = -1, .output = WN_OUTPUT_PCM + 1, .nested = 1},
    {.classes = -1, .output = WN_OUTPUT_PCM + 1, .plain = 1},
    {0},
};
enum { N_WISHES = sizeof wishes / sizeof *wishes };
_Static_assert(RIGS == 8 * N_WISHES, "each wish with one and with more voices, on two sets, in blocks and in frames");

static void must(wn_status status)
{
    if (status) abort();
}

static float *floats(int n)
{
    float *x = calloc((size_t)n + 1, sizeof *x);
    if (!x) abort();
    return x;
}

static void make_processors(rig *r)
{
    static const float taps[5000] = {1, 0.5f};
    must(wn_model_from_impulse_response(&r->cabinet, taps, 5000, 48000, NULL));
    const wn_model *const one[] = {r->m}, *const two[] = {r->mono, r->cabinet};
    wn_processor_config config = {.max_frames = 16}, chain = {.max_frames = 16, .channels = 2, .rate = 44100};
    r->mono->sample_rate = 48000;
    must(wn_processor_new(&r->processor, one, 1, &config, NULL));
    must(wn_processor_new(&r->chain, two, 2, &chain, NULL));
    r->sound = floats(4 * BLOCK);
    if (r->m->condition.source == WN_CONDITION_FEATURES)
        must(wn_conditioner_set_features(wn_processor_get_conditioner(r->processor, 0, 0), r->features, FRAMES, NULL));
}

rig rig_new(int index)
{
    chance c = {(uint64_t)index + 1};
    drawn_request request = wishes[index % N_WISHES];
    /* The second time with the reference, which lays narrow models out in planes whatever the machine's vectors hold. */
    wn_plan_config plan = {.cpu = index / N_WISHES % 4 < 2 ? WN_CPU_AUTO : WN_CPU_C,
                           .voices = 1 + index / N_WISHES % MOST_VOICES,
                           .max_frames = 16};
    if (index >= RIGS / 2) { /* single frames, in fewer bits */
        plan.max_frames = 1;
        plan.threads = 2;
        plan.precision = index % 2 ? WN_PRECISION_INT8 : WN_PRECISION_BF16;
        request.width = 20;
    }
    rig r = {.m = drawn_model(&c, &request), .voices = plan.voices};
    const wn_condition *k = &r.m->condition;
    wn_sampling s = {.seed = 1, .temperature = 1, .top_k = index % 3 ? 0 : 3, .top_p = index % 2 ? 0.8 : 1};
    must(wn_plan_new(&r.plan, r.m, &plan, NULL));
    must(wn_stream_new(&r.stream, r.plan, NULL));
    must(wn_conditioner_new(&r.conditioner, r.m, NULL));
    must(wn_sampler_new(&r.sampler, r.m, &s, NULL));
    r.signal = drawn_signal_new(&c, r.m, r.voices * FRAMES);
    r.out = floats(r.voices * FRAMES * (r.m->output_channels + 1));
    r.rows = floats(k->local_channels);
    r.held = floats(k->held_channels);
    r.features = floats(FRAMES * k->feature_channels);
    r.noise = floats(FRAMES * wn_model_get_noise_channels(r.m));
    wn_generator_config generator = {.sampling = &s, .noise = r.noise, .noise_frames = 50};
    if (r.m->autoregressive) must(wn_generator_new(&r.generator, r.plan, &generator, NULL));
    for (int v = 0; r.generator && v < r.voices && k->source == WN_CONDITION_FEATURES; v++)
        must(wn_conditioner_set_features(wn_generator_get_conditioner(r.generator, v), r.features, FRAMES, NULL));
    if (k->source == WN_CONDITION_FEATURES) must(wn_conditioner_set_features(r.conditioner, r.features, FRAMES, NULL));
    r.mono = drawn_bare(&c);
    drawn_finish(r.mono);
    make_processors(&r);
    return r;
}

void rig_free(rig *r)
{
    wn_generator_free(r->generator);
    wn_sampler_free(r->sampler);
    wn_conditioner_free(r->conditioner);
    wn_stream_free(r->stream);
    wn_plan_free(r->plan);
    wn_processor_free(r->processor);
    wn_processor_free(r->chain);
    wn_model_free(r->m);
    wn_model_free(r->mono);
    wn_model_free(r->cabinet);
    free(r->sound);
    drawn_signal_free(r->signal);
    free(r->out);
    free(r->rows);
    free(r->held);
    free(r->features);
    free(r->noise);
}

void rig_play(rig *r)
{
    const wn_model *m = r->m;
    for (int t = 0, n; t < FRAMES; t += n) {
        n = BLOCK < FRAMES - t ? BLOCK : FRAMES - t;
        int row = t * r->voices;
        wn_block b = {.frames = n, .out = r->out + row * m->output_channels};
        if (m->input.n_classes)
            b.classes = r->signal->classes + row;
        else
            b.pcm = r->signal->pcm + row * m->input.channels;
        if (wn_model_get_local_channels(m)) b.local = r->signal->local + row * m->condition.local_channels;
        if (m->condition.held_channels) wn_stream_set_condition(r->stream, t % r->voices, r->signal->held);
        wn_stream_run(r->stream, &b);
    }
    for (int t = 0; t < FRAMES; t++) {
        int32_t c;
        wn_conditioner_set_control(r->conditioner, 0, t % 7); /* out of place, and nothing, where there are none */
        wn_conditioner_next(r->conditioner, r->rows, r->held);
        wn_sampler_draw(r->sampler, 0, (uint64_t)t, NULL, r->out + t * m->output_channels, &c);
        wn_model_nll(m, r->out, 0, 0);
    }
    wn_stream_prewarm(r->stream);
    (void)wn_stream_get_nonfinite_samples(r->stream);
    if (m->input.n_classes) wn_processor_run_classes(r->processor, FRAMES, r->signal->classes, r->out);
    wn_processor_run(r->processor, FRAMES, r->signal->pcm, r->out);
    for (int i = 0; i < 8; i++) wn_processor_run(r->chain, BLOCK, r->sound, r->sound + 2 * BLOCK);
    if (!r->generator) return;
    wn_generator_prime(r->generator, r->signal->pcm, 60);
    wn_generator_run(r->generator, 150, r->out, r->signal->classes);
}
