/* SPDX-License-Identifier: MIT
 * test_pitch_rows.c - a harmonic source that reads its pitch from feature rows, a temperature that follows one of them, and
 * pre-emphasis, against formulas in double and a generator that is put together by hand.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drawn.h"
#include "running.h"

enum { RATE = 8000, HOP = 16, ROWS = 40, CHANNELS = 3, PITCH = 2, VOICING = 1, HARMONICS = 3, FRAMES = ROWS * HOP };

static const double REFERENCE = 110, LIMIT = 0.4, EMPHASIS = 0.85, GAIN = 1.5;

/* ---- the model ------------------------------------------------------------------------------------------------------ */

/* Context: rows that a stage consumes on both sides together, 0 or 2. */
static wn_model *pitched(int context, bool held)
{
    chance c = {7};
    wn_model *m = drawn_bare(&c);
    wn_condition *k = &m->condition;
    m->sample_rate = RATE;
    m->input = (wn_encoding){
        .channels = 1, .n_classes = 64, .companding = WN_MULAW_MIDTREAD, .pre_emphasis = EMPHASIS, .gain = GAIN};
    m->output = WN_OUTPUT_CATEGORICAL;
    m->output_channels = 64;
    m->autoregressive = true;
    m->temperature = 0.5;
    m->temperature_channel = VOICING;
    m->temperature_below = 2;
    k->source = WN_CONDITION_FEATURES;
    k->feature_channels = CHANNELS;
    k->hop = HOP;
    k->to_held = held;
    k->n_stages = held ? 1 : 2;
    k->stages = wn_arena_alloc(m->arena, 2, sizeof *k->stages);
    k->stages[0] = (wn_stage){.kind = WN_STAGE_CONV};
    drawn_conv(&c, m->arena, &k->stages[0].conv, CHANNELS, 4, 1 + context, 1, 1, true);
    k->stages[1] = (wn_stage){.kind = WN_STAGE_UPSAMPLE, .factor = HOP};
    int *harmonics = wn_arena_alloc(m->arena, HARMONICS, sizeof *harmonics);
    for (int i = 0; i < HARMONICS; i++) harmonics[i] = i ? 4 * i : 1;
    k->harmonic_source = (wn_harmonic_source){.n = HARMONICS,
                                              .harmonics = harmonics,
                                              .key = -1,
                                              .bend = -1,
                                              .reference = REFERENCE,
                                              .pitch = PITCH,
                                              .voicing = VOICING,
                                              .lock = WN_LOCK_FUNDAMENTAL,
                                              .limit = LIMIT};
    wn_stack *s = &m->stacks[0];
    s->channels = s->skip_channels = 8;
    drawn_conv(&c, m->arena, &s->rechannel, 64, 8, 1, 1, 1, true);
    s->plain_output = false;
    s->n_layers = 1;
    s->layers = wn_arena_alloc(m->arena, 1, sizeof *s->layers);
    wn_layer *l = &s->layers[0];
    *l = (wn_layer){.bottleneck = 8, .residual_scale = 1, .skip_scale = 1, .act = {.kind = WN_ACT_TANH}};
    drawn_conv(&c, m->arena, &l->conv, 8, 8, 2, 1, 1, true);
    drawn_conv(&c, m->arena, &l->mixin, (held ? 0 : 4) + 2 * HARMONICS, 8, 1, 1, 1, false);
    if (held) drawn_conv(&c, m->arena, &l->held, 4, 8, 1, 1, 1, false);
    m->n_head = 1;
    m->head = wn_arena_alloc(m->arena, 1, sizeof *m->head);
    m->head[0].act.kind = WN_ACT_TANH;
    drawn_conv(&c, m->arena, &m->head[0].conv, 8, 64, 1, 1, 1, true);
    drawn_finish(m);
    return m;
}

/* [ROWS + context][CHANNELS]: pitch that glides beyond the limit, unvoiced every fourth run of five rows. */
static float *rows_of(int context)
{
    float *rows = calloc((size_t)(ROWS + context) * CHANNELS, sizeof *rows);
    for (int i = 0; i < ROWS + context; i++) {
        rows[i * CHANNELS] = (float)sin(0.7 * i);
        rows[i * CHANNELS + VOICING] = i / 5 % 4 == 1 ? 0.4f : 0.6f;
        rows[i * CHANNELS + PITCH] = (float)(-1 + 0.12 * i);
    }
    return rows;
}

static wn_conditioner *conditioner_of(const wn_model *m, const float *rows, int context)
{
    wn_conditioner *k;
    assert_int_equal(wn_conditioner_new(&k, m, NULL), WN_OK);
    assert_int_equal(wn_conditioner_set_features(k, rows, ROWS + context, NULL), WN_OK);
    return k;
}

/* ---- the harmonic source -------------------------------------------------------------------------------------------- */

static void pitch_comes_from_rows(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        int context = i & 2, width = i & 1 ? 0 : 4;
        wn_model *m = pitched(context, i & 1);
        float *rows = rows_of(context), local[4 + 2 * HARMONICS], held[4];
        wn_conditioner *k = conditioner_of(m, rows, context);
        for (int pass = 0; pass < 2; pass++) {
            double phase = 0;
            for (int t = 0; t < FRAMES; t++) {
                const float *row = rows + (t / HOP + context / 2) * CHANNELS;
                double f0 = row[VOICING] < 0.5f ? 0 : REFERENCE * exp2((double)row[PITCH]);
                assert_true(fabs(wn_conditioner_get_pitch(k) - f0) <= 1e-9 * f0);
                assert_true(wn_conditioner_get_feature(k, VOICING) == row[VOICING]);
                wn_conditioner_next(k, local, held);
                for (int h = 0; h < HARMONICS; h++) {
                    int n = m->condition.harmonic_source.harmonics[h];
                    bool audible = f0 > 0 && n * f0 < LIMIT * RATE;
                    double angle = 6.283185307179586 * n * phase;
                    assert_true(fabs((double)local[width + h] - (audible ? sin(angle) : 0)) < 1e-6);
                    assert_true(fabs((double)local[width + HARMONICS + h] - (audible ? cos(angle) : 0)) < 1e-6);
                }
                phase += f0 / RATE;
                phase -= floor(phase);
            }
            wn_conditioner_reset(k);
        }
        wn_conditioner_free(k);
        wn_model_free(m);
        free(rows);
    }
}

/* Rows that are not numbers are refused, and extreme ones do no harm to what comes after. */
static void absurd_rows(void **state)
{
    (void)state;
    wn_model *m = pitched(0, true);
    float rows[3 * CHANNELS] = {0, 1, 3e38f, 0, 1, -3e38f, 0, 1, 0}, local[2 * HARMONICS], held[4];
    wn_conditioner *k;
    assert_int_equal(wn_conditioner_new(&k, m, NULL), WN_OK);
    assert_true(wn_conditioner_get_pitch(k) == 0);
    assert_true(wn_conditioner_get_feature(k, VOICING) == 0);
    assert_int_equal(wn_conditioner_set_features(k, rows, 3, NULL), WN_OK);
    for (int t = 0; t < 3 * HOP; t++) {
        wn_conditioner_next(k, local, held);
        for (int i = 0; i < 2 * HARMONICS; i++) assert_true(fabsf(local[i]) <= 1);
        if (t < HOP) assert_true(local[0] == 0 && local[HARMONICS] == 0);
    }
    assert_true(fabs(hypot((double)local[0], (double)local[HARMONICS]) - 1) < 1e-6);
    assert_true(wn_conditioner_get_feature(k, -1) == 0 && wn_conditioner_get_feature(k, CHANNELS) == 0);
    wn_conditioner_free(k);
    wn_model_free(m);
}

/* ---- pre-emphasis ---------------------------------------------------------------------------------------------------- */

static void emphasis_is_the_formula(void **state)
{
    (void)state;
    wn_model *m = pitched(0, true);
    chance c = {3};
    double before = 0, back = 0;
    float previous = 0, after = 0;
    for (int t = 0; t < 1000; t++) {
        float x = (float)(2.4 * chance_uniform(&c) - 1.2); /* some are clamped */
        double clamped = fmin(fmax((double)x, -1), 1), expected = GAIN * (clamped - EMPHASIS * before);
        float y = wn_model_emphasize(m, &previous, x);
        assert_true(fabs((double)y - expected) < 1e-6);
        back = (double)y / GAIN + EMPHASIS * back;
        float z = wn_model_deemphasize(m, &after, y);
        assert_true(fabs((double)z - clamped) < 2e-6 && fabs((double)after - back) < 2e-6);
        before = clamped;
    }
    assert_true(wn_model_emphasize(m, &previous, NAN) == (float)(GAIN * -EMPHASIS * before));
    assert_true(previous == 0);
    after = 0.9f;
    assert_true(wn_model_deemphasize(m, &after, 1.4f) == 1 && after > 1); /* clamped, but not the state */
    wn_model_free(m);
    m = drawn_bare(&c);
    assert_true(wn_model_emphasize(m, &previous, 7) == 7 && wn_model_deemphasize(m, &after, -7) == -7);
    wn_model_free(m);
}

/* Voice `voice` alone: primed with prime [n_prime], then `frames` samples. */
static void by_hand(const wn_model *m, const float *rows, int voice, const float *prime, int n_prime, int frames,
                    float *pcm)
{
    wn_plan *plan;
    wn_stream *stream;
    wn_sampler *sampler;
    wn_conditioner *k = conditioner_of(m, rows, 0);
    assert_int_equal(wn_plan_new(&plan, m, &(wn_plan_config){.cpu = WN_CPU_C}, NULL), WN_OK);
    assert_int_equal(wn_stream_new(&stream, plan, NULL), WN_OK);
    wn_sampling settings[2] = {wn_sampling_default(m), wn_sampling_default(m)};
    settings[1].temperature = settings[1].temperature_below; /* another sampler altogether for unvoiced samples */
    wn_sampler *samplers[2];
    for (int i = 0; i < 2; i++) assert_int_equal(wn_sampler_new(&samplers[i], m, &settings[i], NULL), WN_OK);
    float local[4 + 2 * HARMONICS], held[4], y[64];
    double sound = 0;
    int32_t c = 32;
    for (int t = 0; t < n_prime + frames; t++) {
        sampler = samplers[rows[t / HOP * CHANNELS + VOICING] < 0.5f];
        if (wn_conditioner_next(k, local, held)) wn_stream_set_condition(stream, 0, held);
        wn_stream_run(stream, &(wn_block){.frames = 1, .classes = &c, .local = local, .out = y});
        if (t < n_prime) {
            c = wn_model_encode(m, (float)(GAIN * ((double)prime[t] - EMPHASIS * (t ? (double)prime[t - 1] : 0))));
            sound = (double)prime[t];
            continue;
        }
        float value = wn_sampler_draw(sampler, (uint32_t)voice, (uint64_t)t, NULL, y, &c);
        sound = (double)(float)((double)value / GAIN + EMPHASIS * sound);
        pcm[t - n_prime] = (float)fmin(fmax(sound, -1), 1);
    }
    for (int i = 0; i < 2; i++) wn_sampler_free(samplers[i]);
    wn_conditioner_free(k);
    wn_stream_free(stream);
    wn_plan_free(plan);
}

/* Blocks of any length, voices and recordings that come first change no bit. */
static void generators_filter_and_follow(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        wn_model *m = pitched(0, i % 2);
        float *rows = rows_of(0), prime[50], alone[FRAMES];
        int voices = 1 + i % 3, n_prime = i % 4 ? 0 : 50, frames = FRAMES - n_prime;
        float *pcm = calloc((size_t)(voices * FRAMES), sizeof *pcm);
        for (int t = 0; t < 50; t++) prime[t] = (float)(0.4 * sin(0.2 * t));
        wn_plan *plan;
        wn_generator *g;
        assert_int_equal(wn_plan_new(&plan, m, &(wn_plan_config){.voices = voices}, NULL), WN_OK);
        assert_int_equal(wn_generator_new(&g, plan, NULL, NULL), WN_OK);
        for (int v = 0; v < voices; v++)
            assert_int_equal(wn_conditioner_set_features(wn_generator_get_conditioner(g, v), rows, ROWS, NULL), WN_OK);
        if (n_prime) wn_generator_prime(g, prime, 20);
        if (n_prime) wn_generator_prime(g, prime + 20, 30);
        for (int t = 0, n; t < frames; t += n) {
            n = t + 1 + t / (1 + i) < frames ? 1 + t / (1 + i) : frames - t;
            wn_generator_run(g, n, pcm + t * voices, NULL);
        }
        for (int v = 0; v < voices; v++) {
            by_hand(m, rows, v, prime, n_prime, frames, alone);
            for (int t = 0; t < frames; t++) assert_true(pcm[t * voices + v] == alone[t]);
        }
        wn_generator_free(g);
        wn_plan_free(plan);
        wn_model_free(m);
        free(pcm);
        free(rows);
    }
}

int main(void)
{
    if (!running_is_exact()) return WN_TEST_SKIPPED;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pitch_comes_from_rows),
        cmocka_unit_test(absurd_rows),
        cmocka_unit_test(emphasis_is_the_formula),
        cmocka_unit_test(generators_filter_and_follow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
