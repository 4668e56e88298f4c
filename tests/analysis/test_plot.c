/* SPDX-License-Identifier: MIT
 * test_plot.c - plots are whole files of the right kind, show what they should, and fail cleanly.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cairo.h>
#include <cmocka.h>

#include "analysis/comparison_plot.h"
#include "analysis/plot.h"
#include "analysis/tree.h"

static char folder[] = "/tmp/wn-plot-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static wn_field field_of(const char *text, bool causal)
{
    wn_spec *layers;
    int n;
    wn_field field;
    assert_int_equal(causal ? wn_spec_causal(&layers, &n, 2, text, NULL) : wn_spec_parse(&layers, &n, text, "", NULL),
                     0);
    assert_int_equal(wn_field_layers(&field, layers, n, 0, 1, "", NULL), WN_OK);
    free(layers);
    return field;
}

static void write_plot(const char *name, const wn_field *field, const wn_influence *influence)
{
    wn_error error = {0};
    wn_plot plot = {.field = field, .influence = influence, .title = "a \x01 title \xff in bad UTF-8", .rate = 16000};
    if (wn_plot_write(path_of(name), &plot, &error)) fail_msg("%s: %s", error.where, error.message);
}

/* Pixels of about this colour. */
static int count_pixels(const char *name, int r, int g, int b)
{
    cairo_surface_t *s = cairo_image_surface_create_from_png(path_of(name));
    assert_int_equal(cairo_surface_status(s), CAIRO_STATUS_SUCCESS);
    int n = 0, stride = cairo_image_surface_get_stride(s) / 4;
    const uint32_t *pixels = (const uint32_t *)(const void *)cairo_image_surface_get_data(s);
    for (int y = 0; y < cairo_image_surface_get_height(s); y++)
        for (int x = 0; x < cairo_image_surface_get_width(s); x++) {
            uint32_t p = pixels[y * stride + x];
            int dr = (int)(p >> 16 & 255) - r, dg = (int)(p >> 8 & 255) - g, db = (int)(p & 255) - b;
            n += abs(dr) <= 2 && abs(dg) <= 2 && abs(db) <= 2;
        }
    cairo_surface_destroy(s);
    return n;
}

static void test_png(void **state)
{
    wn_field full = field_of("conv3 conv3d2 conv3d5", false), holes = field_of("conv3d2 conv3d2 conv3d2", false);
    write_plot("full.png", &full, NULL);
    write_plot("holes.png", &holes, NULL);
    /* the coverage bar is drawn in its colour for covered positions only: all of it, and 7 of 13 of it */
    int all = count_pixels("full.png", 77, 115, 153), some = count_pixels("holes.png", 77, 115, 153);
    assert_in_range(1000 * some / all, 1000 * 7 / 13 - 30, 1000 * 7 / 13 + 30);
    assert_true(count_pixels("full.png", 214, 94, 0) > 200); /* the output's dot */
    wn_field_free(&full);
    wn_field_free(&holes);
}

static void test_energy_panel(void **state)
{
    wn_field f = field_of("1 2 4 8", true);
    double energy[16];
    for (int i = 0; i < 16; i++) energy[i] = 1.0 / 16;
    wn_influence in = {.farthest = 16, .lags = 16, .energy = energy, .within = {8, 15, 16}};
    write_plot("without.png", &f, NULL);
    write_plot("with.png", &f, &in);
    /* three marks, a hundred and fifty points long and more, at two pixels a point */
    assert_true(count_pixels("with.png", 214, 94, 0) > count_pixels("without.png", 214, 94, 0) + 3 * 300);
    wn_field_free(&f);
}

static char *read_file(const char *name)
{
    FILE *file = fopen(path_of(name), "rb");
    assert_non_null(file);
    char *text = calloc(1, 1 << 24);
    assert_non_null(text);
    size_t n = fread(text, 1, (1 << 24) - 1, file);
    fclose(file);
    assert_in_range(n, 1000, (1 << 24) - 2);
    return text;
}

static void test_svg(void **state)
{
    static const char *const dilations =
        "1,2,4,8,16,32,64,128,256,512,1,2,4,8,16,32,64,128,256,512,1,2,4,8,16,32,64,128,256,512,"
        "1,2,4,8,16,32,64,128,256,512,1,2,4,8,16,32,64,128,256,512";
    wn_field f = field_of(dilations, true);
    write_plot("deep.svg", &f, NULL);
    char *text = read_file("deep.svg");
    assert_int_equal(strncmp(text, "<?xml", 5), 0);
    assert_non_null(strstr(text, "</svg>"));
    assert_in_range(strlen(text), 10000, 4 << 20); /* bands, not a line for each of 200 000 edges */
    free(text);
    wn_field_free(&f);
}

static void test_many_shapes(void **state)
{
    static const char *const specs[] = {"conv1",
                                        "conv3",
                                        "tconv4s2 tconv4s2 conv3",
                                        "pool2s2 pool2s2 conv3d100",
                                        "conv7s2p3 tconv4s2 conv3s4",
                                        "conv2d4000000",
                                        "conv16 conv16d999",
                                        "tconv1s3"};
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        wn_field f = field_of(specs[i], false);
        write_plot("shape.png", &f, NULL);
        assert_true(count_pixels("shape.png", 214, 94, 0) > 20);
        wn_field_free(&f);
    }
}

/* The input positions of a tree are those of the receptive field, also where outer taps of a transposed layer read
 * nothing. */
static void test_tree_ends(void **state)
{
    static const char *const texts[] = {"tconv4s3", "conv3s2p1 pool2s1 tconv2s2", "tconv2s3 conv3d2 tconv4s2"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        wn_field field = field_of(texts[i], false);
        wn_tree tree;
        assert_int_equal(wn_tree_make(&tree, &field, NULL), WN_OK);
        assert_int_equal(tree.levels[0].length, field.receptive_field);
        assert_int_equal(tree.levels[0].first, field.reach.first);
        wn_tree_free(&tree);
        wn_field_free(&field);
    }
}

/* The tree's input positions are exactly those the path counts know. */
static void test_tree(void **state)
{
    static const char *const specs[] = {"conv3d2 conv3d2", "conv3s2 conv2d3 conv3", "tconv4s3 conv3",
                                        "tconv3s2d2 pool2s2"};
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        wn_field f = field_of(specs[i], false);
        wn_tree tree;
        assert_int_equal(wn_tree_make(&tree, &f, NULL), WN_OK);
        for (int64_t p = -100; p < 100; p++) {
            int64_t at = p - f.reach.first;
            bool expected = at >= 0 && at < f.reach.length && f.reach.hit[at];
            assert_int_equal(wn_tree_has(&tree.levels[0], p), expected);
        }
        wn_tree_free(&tree);
        wn_field_free(&f);
    }
}

/* The error of a sine at three quarters of its level is a curve of its own; that of an exact model is at the bottom of the panel,
 * and in the close-up the exact model hides the recording. */
static void test_comparison(void **state)
{
    enum { N = 20000 };
    static float x[N], less[N];
    const wn_comparison_plot exact = {"exact", "a note", 48000, N, x, x};
    const wn_comparison_plot quiet = {"quiet", "a note", 48000, N, x, less}, one = {"short", "", 8000, 1, x, less};
    for (int t = 0; t < N; t++) less[t] = 0.75f * (x[t] = 0.8f * sinf(0.1309f * (float)t)); /* 1 kHz */
    assert_int_equal(wn_comparison_plot_write(path_of("exact.png"), &exact, NULL), WN_OK);
    assert_int_equal(wn_comparison_plot_write(path_of("quiet.png"), &quiet, NULL), WN_OK);
    assert_int_equal(wn_comparison_plot_write(path_of("quiet.svg"), &quiet, NULL), WN_OK);
    assert_int_equal(wn_comparison_plot_write(path_of("short.png"), &one, NULL), WN_OK);
    int none = count_pixels("exact.png", 191, 26, 89), some = count_pixels("quiet.png", 191, 26, 89);
    assert_true(some > none + 2000); /* twenty periods of the error, and its spectrum */
    int wave = count_pixels("exact.png", 77, 115, 153), both = count_pixels("quiet.png", 77, 115, 153);
    assert_true(both > wave / 2); /* the recording is in both, the exact model is as large */
    wn_error error = {0};
    assert_int_not_equal(wn_comparison_plot_write(path_of("no/such/folder.png"), &quiet, &error), WN_OK);
    assert_true(error.message[0] != 0);
}

static void test_failures(void **state)
{
    wn_field f = field_of("1 2 4", true);
    wn_plot plot = {.field = &f, .title = ""};
    wn_error error = {0};
    assert_int_not_equal(wn_plot_check_name("plot.jpg", &error), WN_OK);
    assert_non_null(strstr(error.message, ".png or .svg"));
    assert_int_not_equal(wn_plot_check_name(".png", &error), WN_OK);
    assert_int_equal(wn_plot_check_name("a.PNG", &error), WN_OK);
    assert_int_not_equal(wn_plot_write(path_of("no/such/folder.png"), &plot, &error), WN_OK);
    assert_true(error.message[0] != 0);
    assert_int_not_equal(access(path_of("no"), F_OK), 0);
    wn_field_free(&f);
}

static int make_folder(void **state) { return mkdtemp(folder) ? 0 : -1; }

static int remove_folder(void **state)
{
    static const char *const names[] = {"full.png",  "holes.png", "with.png",  "without.png", "deep.svg",
                                        "shape.png", "exact.png", "quiet.png", "quiet.svg",   "short.png"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) unlink(path_of(names[i]));
    return rmdir(folder); /* fails if anything else was left behind */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_png),         cmocka_unit_test(test_energy_panel), cmocka_unit_test(test_svg),
        cmocka_unit_test(test_many_shapes), cmocka_unit_test(test_tree),         cmocka_unit_test(test_tree_ends),
        cmocka_unit_test(test_comparison),  cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
