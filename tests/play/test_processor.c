/* SPDX-License-Identifier: MIT
 * test_processor.c - chains, channels, threads, prewarming and sample rates of a processor, against streams run by hand.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drawn.h"

enum { FRAMES = 1500, CHANNELS = 3, LONGEST = 64, TURNS = 6 };

static float *draw_sound(chance *c, int n)
{
    float *x = malloc((size_t)n * sizeof *x);
    assert_non_null(x);
    for (int i = 0; i < n; i++) x[i] = (float)(2 * chance_uniform(c) - 1);
    return x;
}

/* y = a x, at `rate` Hz. */
static wn_model *draw_linear(chance *c, double rate)
{
    wn_model *m = drawn_bare(c);
    drawn_finish(m);
    m->sample_rate = rate;
    return m;
}

/* Frames `from` .. of a whole signal in blocks of 1 .. 2 * LONGEST frames, which are longer than some parts. */
static void run_in_blocks(chance *c, wn_processor *p, int channels, const float *in, int frames, float *out)
{
    int width = wn_processor_get_output_channels(p);
    for (int t = 0, n; t < frames; t += n) {
        n = chance_int(c, 1, 2 * LONGEST);
        if (n > frames - t) n = frames - t;
        wn_processor_run(p, n, in + t * channels, out + t * width);
    }
}

/* One channel [FRAMES] through one model, in a stream of its own. */
static void run_alone(const wn_model *model, float *x)
{
    wn_plan *plan;
    wn_stream *stream;
    float *out = malloc(FRAMES * sizeof *out);
    assert_non_null(out);
    assert_int_equal(wn_plan_new(&plan, model, NULL, NULL), WN_OK);
    assert_int_equal(wn_stream_new(&stream, plan, NULL), WN_OK);
    for (int t = 0; t < FRAMES; t++) x[t] = wn_model_compress(model, x[t]);
    wn_stream_run(stream, &(wn_block){.frames = FRAMES, .pcm = x, .out = out});
    for (int t = 0; t < FRAMES; t++) x[t] = wn_model_expand(model, out[t]);
    wn_stream_free(stream);
    wn_plan_free(plan);
    free(out);
}

/* Every channel comes out of the chain as out of its models one after the other, whatever blocks and threads there are. */
static void test_chain(void **state)
{
    (void)state;
    chance c = {11};
    for (int turn = 0; turn < TURNS; turn++) {
        int n = chance_int(&c, 1, 3), channels = turn % CHANNELS + 1;
        wn_model *models[3];
        for (int i = 0; i < n; i++) {
            models[i] = drawn_mono(&c);
            models[i]->sample_rate = i % 2 ? 0 : 48000;
        }
        const wn_model *const chain[3] = {models[0], n > 1 ? models[1] : NULL, n > 2 ? models[2] : NULL};
        wn_processor *p;
        wn_processor_config config = {.channels = channels, .max_frames = LONGEST, .threads = 1 + turn % 2};
        assert_int_equal(wn_processor_new(&p, chain, n, &config, NULL), WN_OK);
        assert_int_equal(wn_processor_get_output_channels(p), channels);
        assert_true(wn_processor_get_latency(p) == 0);
        float *in = draw_sound(&c, FRAMES * channels), *out = draw_sound(&c, FRAMES * channels), want[FRAMES];
        run_in_blocks(&c, p, channels, in, FRAMES, out);
        for (int k = 0; k < channels; k++) {
            for (int t = 0; t < FRAMES; t++) want[t] = in[t * channels + k];
            for (int i = 0; i < n; i++) run_alone(models[i], want);
            for (int t = 0; t < FRAMES; t++) assert_memory_equal(&out[t * channels + k], &want[t], sizeof *want);
        }
        wn_processor_free(p);
        for (int i = 0; i < n; i++) wn_model_free(models[i]);
        free(in);
        free(out);
    }
}

/* A long impulse response behind other models, alone or as a link of a chain: the sum in double precision, without delay, also
 * after prewarming, whatever the blocks. */
static void test_long_response(void **state)
{
    (void)state;
    enum { TAPS = 5000, LENGTH = 7000 };
    static float taps[TAPS], in[LENGTH], out[LENGTH], again[LENGTH];
    chance c = {21};
    for (int k = 0; k < TAPS; k++) taps[k] = (float)(chance_uniform(&c) - 0.5) * 0.05f * (float)exp(-k / 1200.0);
    for (int t = 0; t < LENGTH; t++) in[t] = (float)(chance_uniform(&c) - 0.5);
    for (int turn = 0; turn < 3; turn++) {
        wn_model *gain = draw_linear(&c, 48000), *cabinet, *chain = NULL;
        double factor = (double)gain->stacks[0].rechannel.weight[0];
        assert_int_equal(wn_model_from_impulse_response(&cabinet, taps, TAPS, 48000, NULL), WN_OK);
        const wn_model *models[] = {gain, cabinet};
        int n = 2;
        if (turn == 1) {
            assert_int_equal(wn_model_from_chain(&chain, (wn_model *[]){gain, cabinet}, 2, NULL), WN_OK);
            models[0] = chain;
            n = 1;
        } else if (turn == 2) {
            models[0] = cabinet;
            factor = n = 1;
        }
        wn_processor *p;
        assert_int_equal(wn_processor_new(&p, models, n, &(wn_processor_config){.max_frames = LONGEST}, NULL), WN_OK);
        assert_true(wn_processor_get_latency(p) == 0 && wn_processor_get_plan(p, n - 1));
        run_in_blocks(&c, p, 1, in, LENGTH, out);
        wn_processor_prewarm(p);
        run_in_blocks(&c, p, 1, in, LENGTH, again);
        for (int t = 0; t < LENGTH; t += 13) {
            double want = 0;
            for (int k = 0; k < TAPS && k <= t; k++) want += factor * (double)taps[k] * (double)in[t - k];
            assert_true(fabs((double)out[t] - want) < 1e-6 * fmax(1, fabs(factor)));
        }
        assert_memory_equal(out, again, sizeof out);
        wn_processor_free(p);
        wn_model_free(chain);
        if (!chain) wn_model_free(gain);
        if (!chain) wn_model_free(cabinet);
    }
}

/* Prewarming leaves the state of silence that has lasted longer than all receptive fields. */
static void test_prewarm(void **state)
{
    (void)state;
    chance c = {12};
    for (int turn = 0; turn < TURNS; turn++) {
        wn_model *first = drawn_mono(&c), *second = drawn_mono(&c);
        const wn_model *const chain[] = {first, second};
        wn_processor *warm, *run;
        wn_processor_config config = {.max_frames = LONGEST};
        assert_int_equal(wn_processor_new(&warm, chain, 2, &config, NULL), WN_OK);
        assert_int_equal(wn_processor_new(&run, chain, 2, &config, NULL), WN_OK);
        int silence = (int)(wn_model_get_info(first).receptive_field + wn_model_get_info(second).receptive_field);
        float *zeros = calloc((size_t)silence, sizeof *zeros), *lost = draw_sound(&c, silence),
              *in = draw_sound(&c, FRAMES);
        float got[FRAMES], want[FRAMES];
        wn_processor_run(warm, FRAMES, in, got);
        wn_processor_prewarm(warm);
        wn_processor_run(run, silence, zeros, lost);
        wn_processor_run(warm, FRAMES, in, got);
        wn_processor_run(run, FRAMES, in, want);
        assert_memory_equal(got, want, sizeof want);
        wn_processor_free(warm);
        wn_processor_free(run);
        wn_model_free(first);
        wn_model_free(second);
        free(zeros);
        free(lost);
        free(in);
    }
}

/* A tone at another rate comes out as the model makes it, late by the latency that is stated, however it is cut. */
static void test_rate(void **state)
{
    (void)state;
    static const double rates[][2] = {{44100, 48000}, {48000, 44100}, {96000, 48000}, {16000, 48000}, {48000, 16000}};
    chance c = {13};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        double rate = rates[i][0], pi = 3.14159265358979323846;
        wn_model *model = draw_linear(&c, rates[i][1]);
        const wn_model *const chain[] = {model};
        float gain = 1;
        wn_processor *p, *whole;
        wn_plan *plan;
        wn_stream *stream;
        assert_int_equal(wn_plan_new(&plan, model, NULL, NULL), WN_OK);
        assert_int_equal(wn_stream_new(&stream, plan, NULL), WN_OK);
        wn_stream_run(stream, &(wn_block){.frames = 1, .pcm = &gain, .out = &gain});
        wn_processor_config config = {.channels = 2, .rate = rate, .max_frames = LONGEST};
        assert_int_equal(wn_processor_new(&p, chain, 1, &config, NULL), WN_OK);
        assert_int_equal(wn_processor_new(&whole, chain, 1, &config, NULL), WN_OK);
        float in[2 * FRAMES], out[2 * FRAMES], again[2 * FRAMES];
        for (int t = 0; t < FRAMES; t++) {
            in[2 * t] = (float)sin(2 * pi * 440 / rate * t);
            in[2 * t + 1] = (float)cos(2 * pi * 1000 / rate * t);
        }
        run_in_blocks(&c, p, 2, in, FRAMES, out);
        wn_processor_run(whole, FRAMES, in, again);
        assert_memory_equal(out, again, sizeof out);
        double latency = wn_processor_get_latency(p);
        assert_true(latency > 0 && latency < 0.01);
        for (int t = (int)(4 * latency * rate) + 8; t < FRAMES; t++) {
            assert_true(fabs(out[2 * t] - gain * sin(2 * pi * 440 * (t / rate - latency))) < 1e-3 * fabsf(gain));
            assert_true(fabs(out[2 * t + 1] - gain * cos(2 * pi * 1000 * (t / rate - latency))) < 1e-3 * fabsf(gain));
        }
        wn_processor_free(p);
        wn_processor_free(whole);
        wn_stream_free(stream);
        wn_plan_free(plan);
        wn_model_free(model);
    }
}

/* After any number of frames, prewarming forgets what was played before; the converters' phase stays. */
static void test_prewarm_at_another_rate(void **state)
{
    (void)state;
    chance c = {14};
    for (int turn = 0; turn < TURNS; turn++) {
        wn_model *model = drawn_mono(&c);
        model->sample_rate = 48000;
        const wn_model *const chain[] = {model};
        wn_processor *a, *b;
        wn_processor_config config = {.rate = 44100, .max_frames = LONGEST};
        assert_int_equal(wn_processor_new(&a, chain, 1, &config, NULL), WN_OK);
        assert_int_equal(wn_processor_new(&b, chain, 1, &config, NULL), WN_OK);
        int before = chance_int(&c, 1, FRAMES);
        float *one = draw_sound(&c, FRAMES), *other = draw_sound(&c, FRAMES), got[FRAMES], want[FRAMES];
        one[chance_int(&c, 0, before - 1)] = (float)NAN;
        wn_processor_run(a, before, one, got);
        wn_processor_run(b, before, other, want);
        wn_processor_prewarm(a);
        wn_processor_prewarm(b);
        wn_processor_run(a, FRAMES, other, got);
        wn_processor_run(b, FRAMES, other, want);
        assert_memory_equal(got, want, sizeof want);
        wn_processor_free(a);
        wn_processor_free(b);
        wn_model_free(model);
        free(one);
        free(other);
    }
}

/* PCM for a model of classes is encoded; its distributions come out as they are. */
static void test_classes(void **state)
{
    (void)state;
    chance c = {15};
    for (int turn = 0; turn < TURNS; turn++) {
        wn_model *model = drawn_model(&c, &(drawn_request){.classes = 1, .output = WN_OUTPUT_CATEGORICAL + 1});
        const wn_model *const chain[] = {model};
        wn_processor *from_pcm, *from_classes;
        wn_processor_config config = {.channels = 1 + turn % 2, .max_frames = LONGEST};
        int n = FRAMES / 10 * config.channels;
        assert_int_equal(wn_processor_new(&from_pcm, chain, 1, &config, NULL), WN_OK);
        assert_int_equal(wn_processor_new(&from_classes, chain, 1, &config, NULL), WN_OK);
        int width = wn_processor_get_output_channels(from_pcm);
        assert_int_equal(width, config.channels * wn_model_get_info(model).output_channels);
        float *in = draw_sound(&c, n), *got = draw_sound(&c, FRAMES / 10 * width),
              *want = draw_sound(&c, FRAMES / 10 * width);
        int32_t *classes = malloc((size_t)n * sizeof *classes);
        assert_non_null(classes);
        for (int t = 0; t < n; t++) classes[t] = wn_model_encode(model, in[t]);
        wn_processor_run(from_pcm, FRAMES / 10, in, got);
        wn_processor_run_classes(from_classes, FRAMES / 10, classes, want);
        assert_memory_equal(got, want, (size_t)(FRAMES / 10 * width) * sizeof *want);
        wn_processor_free(from_pcm);
        wn_processor_free(from_classes);
        wn_model_free(model);
        free(classes);
        free(in);
        free(got);
        free(want);
    }
}

static void expect_refusal(const wn_model *const *chain, int n, wn_processor_config config, wn_status status,
                           const char *word)
{
    wn_processor *p = (wn_processor *)&config;
    wn_error error = {0};
    assert_int_equal(wn_processor_new(&p, chain, n, &config, &error), status);
    assert_null(p);
    assert_non_null(strstr(error.message, word));
}

static void test_refusals(void **state)
{
    (void)state;
    chance c = {16};
    wn_model *mono = drawn_mono(&c), *other = drawn_mono(&c), *classes;
    classes =
        drawn_model(&c, &(drawn_request){.autoregressive = true, .classes = 1, .output = WN_OUTPUT_CATEGORICAL + 1});
    mono->sample_rate = classes->sample_rate = 48000;
    other->sample_rate = 44100;
    const wn_model *const rates[] = {mono, other}, *const kinds[] = {mono, classes};
    expect_refusal(rates, 2, (wn_processor_config){0}, WN_ERROR_UNSUPPORTED, "44100 Hz");
    expect_refusal(kinds, 2, (wn_processor_config){0}, WN_ERROR_UNSUPPORTED, "sound into sound");
    expect_refusal(kinds, 0, (wn_processor_config){0}, WN_ERROR_ARGUMENT, "0 models");
    expect_refusal(kinds, 1, (wn_processor_config){.channels = -1}, WN_ERROR_ARGUMENT, "-1 channels");
    expect_refusal(kinds, 1, (wn_processor_config){.max_frames = 1 << 20}, WN_ERROR_ARGUMENT, "1048576 frames");
    expect_refusal(kinds, 1, (wn_processor_config){.rate = 44100.5}, WN_ERROR_UNSUPPORTED, "44100.5");
    expect_refusal(kinds + 1, 1, (wn_processor_config){.rate = 44100}, WN_ERROR_UNSUPPORTED, "only sound");
    wn_model_free(mono);
    wn_model_free(other);
    wn_model_free(classes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chain),
        cmocka_unit_test(test_long_response),
        cmocka_unit_test(test_prewarm),
        cmocka_unit_test(test_rate),
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_prewarm_at_another_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
