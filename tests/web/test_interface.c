/* SPDX-License-Identifier: MIT
 * test_interface.c - the C interface of the page, on this machine: what it refuses, and each allocation failing in turn.
 * Copyright (c) 2026 the wavenet authors
 *
 * Usage: test_interface CAPTURE INSTRUMENT. The instrument has the keys 0 to 127 and three choices of `instrument`. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/failing.h"
#include "web/amp.h"
#include "web/notes.h"
#include "web/stack.h"

typedef struct file {
    void *data;
    size_t size;
} file;

static file capture, instrument;

static file read_file(const char *path)
{
    file f = {0};
    FILE *in = fopen(path, "rb");
    if (in && fseek(in, 0, SEEK_END) == 0) f.size = (size_t)ftell(in);
    if (in) rewind(in);
    f.data = malloc(f.size + 1);
    if (!in || !f.data || fread(f.data, 1, f.size, in) != f.size) {
        perror(path);
        exit(1);
    }
    fclose(in);
    return f;
}

static wn_model *load(file f)
{
    wn_model *model = wn_web_model_load(f.data, f.size, "model");
    assert_non_null(model);
    return model;
}

/* One line that says `words`. */
static void assert_error(const char *words)
{
    assert_non_null(strstr(wn_web_error(), words));
    assert_null(strchr(wn_web_error(), '\n'));
}

static void describes_models(void **state)
{
    (void)state;
    wn_model *model = load(capture);
    assert_float_equal(wn_web_model_rate(model), 48000, 0);
    assert_false(wn_web_model_generates(model));
    assert_non_null(strstr(wn_web_model_describe(model), "48 kHz, "));
    wn_web_model_free(model);
    model = load(instrument);
    assert_true(wn_web_model_generates(model));
    wn_web_model_free(model);
    wn_web_model_free(NULL);
    assert_null(wn_web_model_load("{\"version\":", 11, "bad.nam"));
    assert_error("bad.nam: ");
}

static void knows_its_kernels(void **state)
{
    (void)state;
    wn_plan *plan;
    wn_model *model = load(capture);
    assert_int_equal(wn_plan_new(&plan, model, NULL, NULL), WN_OK);
    assert_string_equal(wn_web_kernels(), wn_plan_get_cpu(plan));
    assert_int_equal(wn_web_fuses(), strcmp(wn_web_kernels(), "portable") != 0);
    wn_plan_free(plan);
    wn_web_model_free(model);
}

static void passes_sound_without_a_model(void **state)
{
    (void)state;
    wn_web_amp *amp = wn_web_amp_new(NULL, NULL, 0, 48000);
    assert_non_null(amp);
    assert_int_equal(wn_web_amp_latency(amp), 0);
    float *in = wn_web_amp_in(amp), *out = wn_web_amp_out(amp);
    for (int t = 0; t < WN_WEB_BLOCK; t++) in[t] = t % 2 ? 0.25f : -0.5f;
    wn_web_amp_run(amp, WN_WEB_BLOCK);
    assert_memory_equal(in, out, WN_WEB_BLOCK * sizeof *in);
    assert_float_equal(wn_web_amp_take_peak(amp, false), 0.5, 0);
    assert_float_equal(wn_web_amp_take_peak(amp, true), 0.5, 0);
    assert_float_equal(wn_web_amp_take_peak(amp, true), 0, 0);
    in[0] = NAN;
    in[1] = -INFINITY;
    wn_web_amp_run(amp, 2);
    assert_float_equal(out[0], 0, 0);
    assert_float_equal(out[1], 0, 0);
    out[0] = 9;
    wn_web_amp_run(amp, -1);
    wn_web_amp_run(amp, WN_WEB_BLOCK + 1);
    assert_float_equal(out[0], 9, 0);
    wn_web_amp_free(amp);
    wn_web_amp_free(NULL);
}

/* A cabinet of one tap of 0.5 is a gain, and the output gain of +20 log10(2) dB takes it back once it has faded in. */
static void applies_cabinet_and_gains(void **state)
{
    (void)state;
    float taps[] = {0.5f};
    wn_web_amp *amp = wn_web_amp_new(NULL, taps, 1, 48000);
    float *in = wn_web_amp_in(amp), *out = wn_web_amp_out(amp);
    for (int t = 0; t < WN_WEB_BLOCK; t++) in[t] = 0.5f;
    wn_web_amp_run(amp, WN_WEB_BLOCK);
    assert_float_equal(out[WN_WEB_BLOCK - 1], 0.25f, 1e-6);
    wn_web_amp_set(amp, 0, 20 * log10(2), false, false);
    wn_web_amp_run(amp, WN_WEB_BLOCK);
    assert_float_equal(out[WN_WEB_BLOCK - 1], 0.5f, 1e-6);
    wn_web_amp_set(amp, 0, 0, true, false);
    wn_web_amp_run(amp, WN_WEB_BLOCK);
    wn_web_amp_run(amp, WN_WEB_BLOCK);
    assert_float_equal(out[WN_WEB_BLOCK - 1], 0.5f, 1e-6);
    wn_web_amp_free(amp);
}

static void refuses_what_is_no_amp(void **state)
{
    (void)state;
    float taps[] = {0.5f, NAN};
    assert_null(wn_web_amp_new(load(instrument), NULL, 0, 48000));
    assert_error("does not turn sound into sound");
    assert_null(wn_web_amp_new(load(capture), taps, 2, 48000));
    assert_true(*wn_web_error());
    assert_null(wn_web_amp_new(load(capture), NULL, 0, 44100.5));
    assert_true(*wn_web_error());
}

static void plays_notes(void **state)
{
    (void)state;
    wn_web_notes *notes = wn_web_notes_new(load(instrument), 8000, 2);
    assert_non_null(notes);
    assert_int_equal(wn_web_notes_voices(notes), 2);
    assert_true(wn_web_notes_key(notes, false) < wn_web_notes_key(notes, true));
    assert_string_equal(wn_web_notes_instrument(notes, 0), "piano");
    assert_null(wn_web_notes_instrument(notes, -1));
    assert_null(wn_web_notes_instrument(notes, 3));
    const float *out = wn_web_notes_run(notes, 100);
    for (int t = 0; t < 100; t++) assert_float_equal(out[t], 0, 0);
    wn_web_notes_send(notes, 0, 0x90, 60, 100);
    wn_web_notes_send(notes, 4, 0x90, 60, 100);
    wn_web_notes_send(notes, 3, 0x90, 200, 100);
    wn_web_notes_send(notes, 1, 0xf8, 0, 0);
    out = wn_web_notes_run(notes, 100);
    for (int t = 0; t < 100; t++) assert_float_equal(out[t], 0, 0); /* none of them was a note */
    wn_web_notes_set_instrument(notes, 1);
    wn_web_notes_set_tuning(notes, 0.5);
    wn_web_notes_send(notes, 3, 0x90, 60, 100);
    out = wn_web_notes_run(notes, WN_WEB_BLOCK);
    float peak = 0;
    for (int t = 0; t < WN_WEB_BLOCK; t++) peak = fmaxf(peak, fabsf(out[t]));
    assert_true(peak > 0 && peak < 100);
    assert_ptr_equal(wn_web_notes_run(notes, -1), out);
    assert_ptr_equal(wn_web_notes_run(notes, WN_WEB_BLOCK + 1), out);
    wn_web_notes_free(notes);
    wn_web_notes_free(NULL);
    assert_null(wn_web_notes_new(load(capture), 48000, 1));
    assert_true(*wn_web_error());
}

/* A stack of kernel 2 with dilations 1, 2, 4 is a binary tree of 8 leaves: 14 connections. */
static void traces_stacks(void **state)
{
    (void)state;
    wn_web_stack *stack = wn_web_stack_new(2, "1 2 4");
    assert_non_null(stack);
    assert_int_equal(wn_web_stack_layers(stack), 3);
    assert_string_equal(wn_web_stack_name(stack, 2), "conv2d4");
    assert_float_equal(wn_web_stack_field(stack, 2), 8, 0);
    assert_float_equal(wn_web_stack_coverage(stack, 2), 1, 0);
    assert_int_equal(wn_web_stack_lines(stack), 14);
    const float *line = wn_web_stack_line(stack);
    for (int i = 0; i < 14; i++, line += 4) {
        assert_float_equal(line[3], line[1] + 1, 0);
        assert_float_equal(line[2] - line[0], line[0] == line[2] ? 0 : (float)(1 << (int)line[1]), 0);
    }
    wn_web_stack_free(stack);
    stack = wn_web_stack_new(0, "(conv3 | conv5)");
    assert_int_equal(wn_web_stack_lines(stack), 0); /* branches have numbers only */
    wn_web_stack_free(stack);
    stack = wn_web_stack_new(2, "1 2 4 8 16 32 64 128 256 512 1024 2048 4096 8192");
    assert_int_equal(wn_web_stack_lines(stack), 0); /* too many */
    assert_float_equal(wn_web_stack_field(stack, 13), 16384, 0);
    wn_web_stack_free(stack);
    wn_web_stack_free(NULL);
    assert_null(wn_web_stack_new(0, "conv3 nonsense"));
    assert_error("layers: ");
    assert_null(wn_web_stack_new(2, "1 x"));
    assert_true(*wn_web_error());
    assert_null(wn_web_stack_new(0, ""));
}

static void *make_amp(void)
{
    static const float taps[] = {0.5f, 0.25f};
    wn_model *model = wn_web_model_load(capture.data, capture.size, "capture");
    return model ? wn_web_amp_new(model, taps, 2, 44100) : NULL;
}

static void *make_notes(void)
{
    wn_model *model = wn_web_model_load(instrument.data, instrument.size, "instrument");
    return model ? wn_web_notes_new(model, 48000, 1) : NULL;
}

static void *make_stack(void) { return wn_web_stack_new(0, "conv3 conv3d2 pool2"); }

static void free_amp(void *amp) { wn_web_amp_free(amp); }
static void free_notes(void *notes) { wn_web_notes_free(notes); }
static void free_stack(void *stack) { wn_web_stack_free(stack); }

/* Nothing is returned and nothing is left, which a sanitizer sees; without a failure, an object. */
static void survives_failing_allocations(void **state)
{
    (void)state;
    void *(*const make[])(void) = {make_amp, make_notes, make_stack};
    void (*const drop[])(void *) = {free_amp, free_notes, free_stack};
    for (size_t kind = 0; kind < sizeof make / sizeof *make; kind++) {
        int failures = 0;
        for (long n = 0, more = 1; more; n++) {
            fail_allocation(n);
            void *made = make[kind]();
            more = allocation_failed();
            fail_allocation(-1);
            assert_true((made == NULL) == (more != 0));
            failures += more != 0;
            drop[kind](made);
        }
        assert_true(failures >= 5);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(describes_models),
        cmocka_unit_test(knows_its_kernels),
        cmocka_unit_test(passes_sound_without_a_model),
        cmocka_unit_test(applies_cabinet_and_gains),
        cmocka_unit_test(refuses_what_is_no_amp),
        cmocka_unit_test(plays_notes),
        cmocka_unit_test(traces_stacks),
        cmocka_unit_test(survives_failing_allocations),
    };
    if (argc != 3) return 2;
    capture = read_file(argv[1]);
    instrument = read_file(argv[2]);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(capture.data);
    free(instrument.data);
    return failed;
}
