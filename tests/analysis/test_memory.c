/* SPDX-License-Identifier: MIT
 * test_memory.c - every analysis with its 1st, 2nd, 3rd ... allocation failing: no crash, no leak, a clear answer.
 * Copyright (c) 2026 the wavenet authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "analysis/comparison_plot.h"
#include "analysis/hybrid.h"
#include "analysis/measure.h"
#include "analysis/plot.h"
#include "analysis/reference_check.h"
#include "analysis/speech_distance.h"
#include "analysis/stoi.h"
#include "analysis/verify.h"
#include "sample.h"

/* The linker sends the project's allocations here (--wrap); those inside FFTW and cairo are their own affair. A sanitizer
 * that is built in looks for leaks. */
static int until_failure = -1; /* allocations still to come through; negative: all */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

static bool fails(void)
{
    if (until_failure == 0) return true;
    until_failure -= until_failure > 0;
    return false;
}

void *__wrap_malloc(size_t size) { return fails() ? NULL : __real_malloc(size); }
void *__wrap_calloc(size_t n, size_t size) { return fails() ? NULL : __real_calloc(n, size); }
void *__wrap_realloc(void *old, size_t size) { return fails() ? NULL : __real_realloc(old, size); }
void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : __real_aligned_alloc(alignment, size);
}

/* Runs `work` with ever later failures until it succeeds. */
static void fail_each(wn_status (*work)(const wn_model *, wn_error *), const wn_model *model)
{
    wn_status status = WN_ERROR_MEMORY;
    int n = 0;
    for (; status; n++) {
        wn_error error = {0};
        until_failure = n;
        status = work(model, &error);
        until_failure = -1;
        if (!status) break;
        assert_int_equal(status, WN_ERROR_MEMORY);
        assert_true(error.message[0] != 0);
        assert_true(n < 100000);
    }
    assert_true(n > 0);
    print_message("  %d allocations failed one by one\n", n);
}

static wn_status layers(const wn_model *model, wn_error *error)
{
    wn_spec *list;
    int n;
    wn_field field;
    wn_status status =
        wn_spec_parse(&list, &n, "conv3d2 tconv4s3 (conv3 | tconv2s3 conv3s3 | ) conv7s2p1 pool2", "--layers", error);
    if (status) return status;
    status = wn_field_layers(&field, list, n, 64, 1, "--layers", error);
    free(list);
    if (!status) wn_field_free(&field);
    return status;
}

static wn_status suggestion(const wn_model *model, wn_error *error)
{
    wn_spec list[2] = {
        {.kind = WN_SPEC_CONV, .rank = 1, .axis = {{.kernel = 3, .dilation = 2, .stride = 1}}, .groups = 1}};
    wn_field field;
    int changed, sum;
    list[1] = list[0];
    wn_status status = wn_field_layers(&field, list, 2, 0, 1, "--layers", error);
    if (status) return status;
    status = wn_hybrid_suggest(list, 2, &field, &changed, &sum, "--suggest", error);
    wn_field_free(&field);
    return status;
}

/* A small network, its gradients and their differences. */
static wn_status reference(const wn_model *model, wn_error *error)
{
    static const double x[6] = {1, -2, 3, 4, 5, 6}, w[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    wn_spec *list;
    int n;
    wn_reference *network = NULL;
    wn_reference_difference difference;
    wn_status status = wn_spec_parse(&list, &n, "conv2f2 (relu | ) pool2s1 dense1", "--layers", error);
    if (status) return status;
    wn_shape shape = {.rank = 1, .channels = 1, .size = {1, 6}};
    wn_reference_given given[7] = {{.weights = w, .n_weights = 4, .bias = w, .n_bias = 2}, [6] = {w, NULL, 8, 0}};
    status = wn_reference_new(&network, list, n, &shape, x, given, false, "--layers", error);
    free(list);
    if (!status) status = wn_reference_set_target(network, x, 1, error);
    if (!status) wn_reference_forward(network);
    if (!status) wn_reference_backward(network);
    if (!status) status = wn_reference_differentiate(&difference, network, 1, error);
    wn_reference_free(network);
    return status;
}

static wn_status model_field(const wn_model *model, wn_error *error)
{
    wn_field field;
    wn_status status = wn_field_model(&field, model, error);
    if (!status) wn_field_free(&field);
    return status;
}

static wn_status measure(const wn_model *model, wn_error *error)
{
    wn_measure m;
    wn_status status = wn_measure_run(&m, model, WN_CPU_C, error);
    if (!status) wn_measure_free(&m);
    return status;
}

static wn_status verify(const wn_model *model, wn_error *error)
{
    wn_verify v;
    wn_status status = wn_verify_run(&v, model, &(wn_verify_config){.cpu = WN_CPU_C}, error);
    if (!status) wn_verify_free(&v);
    return status;
}

/* Half a second with a pitch, so that every part has work to do. */
static void make_sound(float *x, int n, int period)
{
    for (int t = 0; t < n; t++) x[t] = t % period ? 0 : 0.5f;
}

static wn_status speech(const wn_model *model, wn_error *error)
{
    static float x[WN_SPEECH_RATE / 2];
    wn_speech_distance distance;
    make_sound(x, WN_SPEECH_RATE / 2, 100);
    wn_status status = wn_speech_compare(&distance, x, x, WN_SPEECH_RATE / 2, error);
    if (!status) assert_true(distance.voiced_rows > 0);
    return status;
}

static wn_status stoi(const wn_model *model, wn_error *error)
{
    static float x[5000];
    double value;
    make_sound(x, 5000, 70);
    wn_status status = wn_stoi(&value, x, x, 5000, error);
    if (!status) assert_true(value > 0.99);
    return status;
}

static wn_field drawn;
static char drawn_path[] = "/tmp/wn-memory-XXXXXX/plot.svg";

static wn_status plot(const wn_model *model, wn_error *error)
{
    return wn_plot_write(drawn_path, &(wn_plot){.field = &drawn, .title = "plot", .rate = 8000}, error);
}

static void test_all(void **state)
{
    static const sample_shape shape = {.name = "small",
                                       .classes = 4,
                                       .channels = 2,
                                       .bottleneck = 2,
                                       .skip = 2,
                                       .kernel = 2,
                                       .n_layers = 2,
                                       .dilations = {1, 2},
                                       .held = 2,
                                       .gating = WN_GATING_GATED};
    wn_model *model = sample_model(&shape);
    fail_each(layers, model);
    fail_each(suggestion, model);
    fail_each(reference, model);
    fail_each(model_field, model);
    fail_each(measure, model);
    fail_each(verify, model);
    wn_model_free(model);
}

static wn_status comparison(const wn_model *model, wn_error *error)
{
    static const float x[5] = {0, 1, 0, -1, 0}, y[5] = {0};
    return wn_comparison_plot_write(drawn_path, &(wn_comparison_plot){"title", "note", 8000, 5, x, y}, error);
}

static void test_plot(void **state)
{
    char *slash = drawn_path + sizeof drawn_path - sizeof "/plot.svg";
    wn_model *model = sample_model(&sample_shapes[0]);
    *slash = 0;
    assert_non_null(mkdtemp(drawn_path));
    *slash = '/';
    assert_int_equal(wn_field_model(&drawn, model, NULL), WN_OK);
    fail_each(plot, model);
    fail_each(comparison, model);
    assert_int_equal(unlink(drawn_path), 0);
    *slash = 0;
    assert_int_equal(rmdir(drawn_path), 0);
    wn_field_free(&drawn);
    wn_model_free(model);
}

static void test_speech(void **state)
{
    wn_analysis *analysis;
    wn_error error = {0};
    if (wn_analysis_new(&analysis, &(wn_analysis_config){0}, &error) == WN_ERROR_UNSUPPORTED) skip();
    fail_each(speech, NULL);
    fail_each(stoi, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all), cmocka_unit_test(test_speech),
                                       cmocka_unit_test(test_plot)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
