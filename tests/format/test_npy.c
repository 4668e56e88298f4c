/* SPDX-License-Identifier: MIT
 * test_npy.c - .npy files: what numpy writes is read, what is written is numpy's, everything else is refused.
 * Copyright (c) 2026 the wavenet authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "format/npy.h"
#include "format/npy_write.h"
#include "helpers.h"

enum { MAX_FILE = 1 << 16 };

/* A file of this version, header text and n bytes of data 0, 1, 2, ...; returns its size. */
static size_t make(uint8_t *file, int version, const char *header, size_t n)
{
    size_t length = strlen(header), prefix = version == 1 ? 10 : 12;
    memcpy(file, "\x93NUMPY", 6);
    file[6] = (uint8_t)version;
    file[7] = 0;
    for (size_t i = 8; i < prefix; i++) file[i] = (uint8_t)(length >> 8 * (i - 8));
    memcpy(file + prefix, header, length);
    for (size_t i = 0; i < n; i++) file[prefix + length + i] = (uint8_t)i;
    return prefix + length + n;
}

static void arrays_are_read(void **state)
{
    static const struct {
        int version;
        const char *header;
        int type, rank;
        int64_t shape[4];
    } cases[] = {
        {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }         \n", WN_NPY_FLOAT32, 1, {3}},
        {2, "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }\n", WN_NPY_INT32, 2, {2, 3}},
        {3, "{'shape': (2, 1, 3), 'fortran_order': False, 'descr': '<f4'}\n", WN_NPY_FLOAT32, 3, {2, 1, 3}},
        {1, "{\"descr\": \"<f4\", \"fortran_order\": False, \"shape\": (4L,)}", WN_NPY_FLOAT32, 1, {4}},
        {1, "{'descr':'=i4','fortran_order':False,'shape':(1,2,3,4)}", WN_NPY_INT32, 4, {1, 2, 3, 4}},
        {1, "{'descr': '<f4', 'fortran_order': True, 'shape': (5,), }", WN_NPY_FLOAT32, 1, {5}}, /* the same thing */
        {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (), }", WN_NPY_FLOAT32, 0, {0}},
        {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 7), }", WN_NPY_FLOAT32, 2, {0, 7}},
        {1, "{'descr': 'f4', 'fortran_order': False, 'shape': (2,), }", WN_NPY_FLOAT32, 1, {2}}};
    static uint8_t file[MAX_FILE];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t count = 1;
        for (int k = 0; k < cases[i].rank; k++) count *= cases[i].shape[k];
        size_t size = make(file, cases[i].version, cases[i].header, (size_t)count * 4);
        wn_npy npy;
        wn_error error = {0};
        if (wn_npy_parse(&npy, file, size, "case", &error)) fail_msg("%zu: %s", i, error.message);
        assert_int_equal(npy.type, cases[i].type);
        assert_int_equal(npy.rank, cases[i].rank);
        assert_int_equal(npy.count, count);
        for (int k = 0; k < npy.rank; k++) assert_int_equal(npy.shape[k], cases[i].shape[k]);
        assert_true((npy.floats != NULL) == (npy.type == WN_NPY_FLOAT32) &&
                    (npy.ints != NULL) == (npy.type == WN_NPY_INT32));
        if (npy.ints) assert_int_equal(npy.ints[1], 0x07060504);
        wn_npy_free(&npy);
    }
}

#define GOOD "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }"

static const struct {
    int version;
    const char *header;
    size_t data;
    const char *part;
} refusals[] = {
    {1, "{'descr': '<i2', 'fortran_order': False, 'shape': (3,), }", 6, "int16"},
    {1, "{'descr': '<f2', 'fortran_order': False, 'shape': (3,), }", 6, "float16"},
    {1, "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }", 3, "uint8"},
    {1, "{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }", 3, "bool"},
    {1, "{'descr': '<c8', 'fortran_order': False, 'shape': (3,), }", 24, "complex64"},
    {1, "{'descr': '<U4', 'fortran_order': False, 'shape': (3,), }", 48, "of type <U4"},
    {1, "{'descr': '|O', 'fortran_order': False, 'shape': (3,), }", 24, "of type |O"},
    {1, "{'descr': '', 'fortran_order': False, 'shape': (3,), }", 12, "of type"},
    {1, "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,), }", 12, "malformed header"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1, 1, 3), }", 12, "5 dimensions, expected at most 4"},
    {1, GOOD, 23, "23 bytes of data, expected 24"},
    {1, GOOD, 25, "25 bytes of data, expected 24"},
    {1, GOOD, 0, "0 bytes of data, expected 24"},
    {2, GOOD, 12, "12 bytes of data, expected 24"},
    {4, GOOD, 24, "format version 4"},
    {0, GOOD, 24, "format version 0"},
    {255, GOOD, 24, "format version 255"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2147483648, 2147483648, 2147483648), }", 12, "overflows"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }", 0, "overflows"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2147483648,), }", 12, "expected 8589934592"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", 12, "malformed header"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (-3,), }", 12, "malformed header"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3.0,), }", 12, "malformed header"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': 3, }", 12, "malformed header"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': [3], }", 12, "malformed header"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3, }", 12, "malformed header"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (,), }", 12, "malformed header"},
    {1, "{'descr': '<f4', 'fortran_order': 0, 'shape': (3,), }", 12, "malformed header"},
    {1, "{'descr': '<f4', 'fortran_order': False}", 12, "malformed header"},
    {1, "{'descr': '<f4', 'shape': (3,)}", 12, "malformed header"},
    {1, "{'fortran_order': False, 'shape': (3,)}", 12, "malformed header"},
    {1, "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", 12, "malformed header"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'more': 1}", 12, "malformed header"},
    {1, "{'descr': '<f4' 'fortran_order': False, 'shape': (3,)}", 12, "malformed header"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)} x", 12, "malformed header"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)", 12, "malformed header"},
    {1, "{'descr': '<f4, 'fortran_order': False, 'shape': (3,)}", 12, "malformed header"},
    {1, "{'descr': '<f4444444444444444444444444444444444444444', 'fortran_order': False, 'shape': (3,)}", 12,
     "malformed header"},
    {1, "", 12, "malformed header"},
    {1, "{", 12, "malformed header"},
    {1, "{}", 12, "malformed header"},
    {1, "import os", 12, "malformed header"},
    {1,
     "{'descr': '<f4', 'fortran_order': False, 'shape': (0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,"
     "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0), }",
     0, "malformed header"},
};

static void malformed_arrays_are_refused(void **state)
{
    static uint8_t file[MAX_FILE];
    size_t n = sizeof refusals / sizeof *refusals;
    for (size_t i = 0; i < n; i++) {
        size_t size = make(file, refusals[i].version, refusals[i].header, refusals[i].data);
        char *exact = malloc(size); /* so that a read past the end is seen */
        assert_non_null(exact);
        memcpy(exact, file, size);
        wn_npy npy;
        wn_error error = {0};
        wn_status status = wn_npy_parse(&npy, exact, size, "bad.npy", &error);
        assert_error(refusals[i].header, status, &error, refusals[i].part);
        assert_true(!npy.floats && !npy.ints);
        free(exact);
    }
    print_message("%zu malformed arrays refused\n", n);
}

static void every_truncation_is_refused(void **state)
{
    static uint8_t file[MAX_FILE];
    for (int version = 1; version <= 3; version++) {
        size_t size = make(file, version, GOOD "\n", 24);
        for (size_t cut = 0; cut < size; cut++) {
            uint8_t *exact = malloc(cut + 1);
            memcpy(exact, file, cut);
            wn_npy npy;
            wn_error error = {0};
            assert_error("truncated", wn_npy_parse(&npy, exact, cut, "cut.npy", &error), &error, "cut.npy");
            free(exact);
        }
    }
    size_t size = make(file, 2, GOOD, 24);
    memset(file + 8, 0xff, 4); /* a header of 4 GB */
    wn_npy npy;
    wn_error error = {0};
    assert_error("huge header", wn_npy_parse(&npy, file, size, "huge.npy", &error), &error,
                 "truncated within its header");
}

/* Any one byte changed: accepted or refused, but never a crash or a leak. */
static void damaged_bytes_do_no_harm(void **state)
{
    static uint8_t file[MAX_FILE];
    size_t size = make(file, 1, GOOD "\n", 24);
    for (size_t at = 0; at < size; at++) {
        for (int bit = 0; bit < 8; bit++) {
            uint8_t *exact = malloc(size);
            memcpy(exact, file, size);
            exact[at] ^= (uint8_t)(1 << bit);
            wn_npy npy;
            wn_error error = {0};
            if (!wn_npy_parse(&npy, exact, size, "flip.npy", &error)) assert_int_equal(npy.count * 4 <= 24, 1);
            wn_npy_free(&npy);
            free(exact);
        }
    }
}

static void files_that_cannot_be_read_are_named(void **state)
{
    wn_npy npy;
    wn_error error = {0};
    const char *path = temp_path("empty.npy");
    assert_error("missing", wn_npy_read(&npy, temp_path("missing.npy"), &error), &error,
                 "missing.npy: cannot open: No such file");
    write_bytes(path, "", 0);
    assert_error("empty", wn_npy_read(&npy, path, &error), &error, "is not a .npy file");
    assert_error("directory", wn_npy_read(&npy, "/", &error), &error, "is a directory");
    wn_npy_free(&npy);
}

static void expectations_are_spelled_out(void **state)
{
    wn_npy npy = {.type = WN_NPY_INT32, .rank = 1};
    wn_error error = {0};
    assert_int_equal(wn_npy_expect(&npy, WN_NPY_INT32, 1, "x", &error), WN_OK);
    assert_error("rank", wn_npy_expect(&npy, WN_NPY_INT32, 2, "x", &error), &error,
                 "is int32 of rank 1, expected int32 of rank 2");
    assert_error("type", wn_npy_expect(&npy, WN_NPY_FLOAT32, 1, "x", &error), &error, "expected float32 of rank 1");
}

static void what_is_written_is_read(void **state)
{
    const char *path = temp_path("rows.npy");
    float values[12];
    wn_error error = {0};
    wn_npy_writer *w;
    wn_npy npy;
    for (int i = 0; i < 12; i++) values[i] = (float)i / 3;
    assert_int_equal(wn_npy_writer_open(&w, path, WN_NPY_FLOAT32, 3, &error), WN_OK);
    assert_int_not_equal(access(path, F_OK), 0); /* nothing under the final name yet */
    assert_int_equal(wn_npy_writer_append(w, values, 1, &error), WN_OK);
    assert_int_equal(wn_npy_writer_append(w, values + 3, 3, &error), WN_OK);
    assert_int_equal(wn_npy_writer_commit(w, &error), WN_OK);
    assert_int_equal(wn_npy_read(&npy, path, &error), WN_OK);
    assert_int_equal(wn_npy_expect(&npy, WN_NPY_FLOAT32, 2, path, &error), WN_OK);
    assert_int_equal(npy.shape[0], 4);
    assert_int_equal(npy.shape[1], 3);
    assert_memory_equal(npy.floats, values, sizeof values);
    wn_npy_free(&npy);
    bytes file = read_bytes(path);
    assert_int_equal((file.size - sizeof values) % 64, 0); /* data aligned, as numpy does */
    free(file.data);
    int32_t ints[4] = {1, -2, 3, -4};
    assert_int_equal(wn_npy_write(path, WN_NPY_INT32, 1, (int64_t[]){4}, ints, &error), WN_OK);
    assert_int_equal(wn_npy_read(&npy, path, &error), WN_OK);
    assert_memory_equal(npy.ints, ints, sizeof ints);
    wn_npy_free(&npy);
}

/* Every type as doubles, without a rounding. */
static void doubles_are_read_where_asked(void **state)
{
    static uint8_t file[MAX_FILE];
    const double doubles[3] = {0.1, -1e300, 3};
    const int64_t longs[2] = {-5, (int64_t)1 << 40};
    const float floats[2] = {0.1f, -3};
    wn_npy npy;
    wn_error error = {0};
    size_t size = make(file, 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }", 24);
    memcpy(file + size - 24, doubles, 24);
    assert_int_equal(wn_npy_parse_doubles(&npy, file, size, "case", &error), WN_OK);
    assert_true(npy.type == WN_NPY_FLOAT64 && npy.count == 3 && !npy.floats && !npy.ints);
    assert_memory_equal(npy.doubles, doubles, sizeof doubles);
    wn_npy_free(&npy);
    assert_error("short", wn_npy_parse_doubles(&npy, file, size - 1, "case", &error), &error,
                 "23 bytes of data, expected 24");
    size = make(file, 1, "{'descr': '<i8', 'fortran_order': False, 'shape': (1, 2), }", 16);
    memcpy(file + size - 16, longs, 16);
    assert_int_equal(wn_npy_parse_doubles(&npy, file, size, "case", &error), WN_OK);
    assert_true(npy.rank == 2 && npy.doubles[0] == -5 && npy.doubles[1] == 0x1p40);
    wn_npy_free(&npy);
    size = make(file, 1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 8);
    memcpy(file + size - 8, floats, 8);
    assert_int_equal(wn_npy_parse_doubles(&npy, file, size, "case", &error), WN_OK);
    assert_true(npy.doubles[0] == (double)floats[0] && npy.doubles[1] == -3);
    wn_npy_free(&npy);
}

static void an_aborted_file_leaves_what_was_there(void **state)
{
    const char *path = temp_path("kept.npy");
    write_bytes(path, "old", 3);
    wn_npy_writer *w;
    float x = 1;
    assert_int_equal(wn_npy_writer_open(&w, path, WN_NPY_FLOAT32, 0, NULL), WN_OK);
    assert_int_equal(wn_npy_writer_append(w, &x, 1, NULL), WN_OK);
    wn_npy_writer_abort(w);
    wn_npy_writer_abort(NULL);
    bytes file = read_bytes(path);
    assert_int_equal(file.size, 3);
    free(file.data);
}

static void places_that_cannot_be_written_are_named(void **state)
{
    wn_error error = {0};
    static float big[1 << 16];
    assert_error("no folder", wn_npy_write("/nonexistent/x.npy", WN_NPY_FLOAT32, 1, (int64_t[]){1}, big, &error),
                 &error, "/nonexistent/x.npy: cannot write: No such file");
    assert_error("directory", wn_npy_write("/", WN_NPY_FLOAT32, 1, (int64_t[]){1}, big, &error), &error,
                 "is a directory");
    if (access("/dev/full", W_OK)) return;
    assert_error("full", wn_npy_write("/dev/full", WN_NPY_FLOAT32, 1, (int64_t[]){1 << 16}, big, &error), &error,
                 "No space left");
    assert_error("full, small", wn_npy_write("/dev/full", WN_NPY_FLOAT32, 1, (int64_t[]){1}, big, &error), &error,
                 "No space left");
    struct stat s;
    assert_int_equal(stat("/dev/full", &s), 0);
    assert_true(S_ISCHR(s.st_mode)); /* devices are written to, not replaced */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_are_read),
        cmocka_unit_test(malformed_arrays_are_refused),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(damaged_bytes_do_no_harm),
        cmocka_unit_test(files_that_cannot_be_read_are_named),
        cmocka_unit_test(expectations_are_spelled_out),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(doubles_are_read_where_asked),
        cmocka_unit_test(an_aborted_file_leaves_what_was_there),
        cmocka_unit_test(places_that_cannot_be_written_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
