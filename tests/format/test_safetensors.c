/* SPDX-License-Identifier: MIT
 * test_safetensors.c - the container and the native model file: round trips, and refusal of everything malformed.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "format/safetensors.h"
#include "helpers.h"

/* ---- the container ------------------------------------------------------------------------------------------------- */

static void values_of_all_float_types_are_read(void **state)
{
    /* 1, -2.5, 0.1 (rounded to the type), the smallest subnormal, in each type. */
    static const uint16_t half[4] = {0x3c00, 0xc100, 0x2e66, 0x0001}, brain[4] = {0x3f80, 0xc020, 0x3dcd, 0x0001};
    static const double wide[4] = {1, -2.5, 0.1, 0x1p-149};
    static const float single[4] = {1, -2.5f, 0.1f, 0x1p-149f};
    static const float expected[4][4] = {{1, -2.5f, 0.0999755859375f, 0x1p-24f},
                                         {1, -2.5f, 0.10009765625f, 0x1p-133f},
                                         {1, -2.5f, 0.1f, 0x1p-149f},
                                         {1, -2.5f, 0.1f, 0x1p-149f}};
    uint8_t data[64];
    memcpy(data, half, 8);
    memcpy(data + 8, brain, 8);
    memcpy(data + 16, wide, 32);
    memcpy(data + 48, single, 16);
    bytes b = safetensors_of("{\"a\":{\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[0,8]},"
                             "\"b\":{\"dtype\":\"BF16\",\"shape\":[2,2],\"data_offsets\":[8,16]},"
                             "\"c\":{\"dtype\":\"F64\",\"shape\":[4,1],\"data_offsets\":[16,48]},"
                             "\"d\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[48,64]}}",
                             data, 64);
    wn_safetensors file;
    wn_error error = {0};
    if (wn_safetensors_parse(&file, b.data, b.size, "f", &error)) fail_msg("%s", error.message);
    static const char *const names[] = {"a", "b", "c", "d"};
    for (int i = 0; i < 4; i++) {
        float out[4];
        wn_tensor *t = wn_safetensors_find(&file, names[i]);
        assert_non_null(t);
        assert_int_equal(wn_tensor_floats(&file, t, out, &error), WN_OK);
        assert_memory_equal(out, expected[i], sizeof out);
    }
    assert_null(wn_safetensors_find(&file, "e"));
    wn_safetensors_free(&file);
    free(b.data);
}

#define T(dtype, shape, from, to) \
    "{\"t\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":[" from "," to "]}}"
#define TWO(from, to) \
    "{\"t\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"u\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[" from \
    "," to "]}}"

static const struct {
    const char *header;
    size_t data;
    const char *part;
} containers[] = {
    {T("F32", "[2]", "0", "8"), 7, "end at byte 8, but the file has 7"},
    {T("F32", "[2]", "0", "8"), 9, "1 bytes after its last tensor"},
    {T("F32", "[2]", "0", "8"), 0, "end at byte 8, but the file has 0"},
    {T("F32", "[3]", "0", "8"), 8, "span 8 bytes, expected 12"},
    {T("F32", "[2]", "4", "12"), 12, "leaves a hole"},
    {T("F32", "[2]", "8", "0"), 8, "ascending"},
    {T("F32", "[2]", "-8", "0"), 8, "ascending"},
    {T("F32", "[2]", "0.0", "8"), 8, "whole numbers"},
    {T("F32", "[2]", "0", "9223372036854775807"), 8, "end at byte"},
    {T("F32", "[2]", "0", "9223372036854775808"), 8, "not JSON"},
    {T("F33", "[2]", "0", "8"), 8, "\"F33\" is unknown"},
    {T("", "[2]", "0", "8"), 8, "is unknown"},
    {T("F64", "[2]", "0", "8"), 8, "span 8 bytes, expected 16"},
    {T("F32", "[-2]", "0", "8"), 8, "shape: must be whole numbers"},
    {T("F32", "[2.0]", "0", "8"), 8, "shape: must be whole numbers"},
    {T("F32", "[\"2\"]", "0", "8"), 8, "shape: must be whole numbers"},
    {T("F32", "2", "0", "8"), 8, "shape: is a number, expected a list"},
    {T("F32", "[2147483648,2147483648,4]", "0", "8"), 8, "product that overflows"},
    {T("F32", "[4611686018427387904]", "0", "8"), 8, "product that overflows"},
    {T("F32", "[0,4611686018427387904,4611686018427387904]", "0", "8"), 8, "expected 0"},
    {T("F32", "[2147483648]", "0", "8"), 8, "expected 8589934592"},
    {T("F32", "[1,1,1,1,1,1,1,1,2]", "0", "8"), 8, "9 entries, expected at most 8"},
    {TWO("0", "8"), 8, "overlaps"},
    {TWO("4", "12"), 12, "overlaps"},
    {TWO("12", "20"), 20, "leaves a hole"},
    {TWO("8", "20"), 20, "span 12 bytes, expected 8"},
    {"{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
     4, "duplicate"},
    {"{\"t\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "duplicate"},
    {"{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"more\":1}}", 4, "unknown key \"more\""},
    {"{\"t\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "t.dtype: is missing"},
    {"{\"t\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, "t.shape: is missing"},
    {"{\"t\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "t.data_offsets: is missing"},
    {"{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4, "data_offsets"},
    {"{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", 4, "data_offsets: has 3 entries"},
    {"{\"t\":{\"dtype\":7,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "dtype: is a number"},
    {"{\"t\":[]}", 4, "t: is no object"},
    {"{\"__metadata__\":[]}", 0, "__metadata__: is no object"},
    {"{\"__metadata__\":{\"a\":1}}", 0, "\"a\" is no text"},
    {"{}", 4, "4 bytes after its last tensor"},
    {"{} {}", 0, "not JSON"},
    {"[]", 0, "no object as its header"},
    {"{", 0, "not JSON"},
    {"{\"\xff\":1}", 0, "not JSON"},
    {"{\"t\\u0000u\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "the character \\u0000"},
    {"", 0, "not JSON"},
};

/* Bytes at the exact end of an allocation, so that a read past them is seen. */
static wn_status parse_exact(const void *data, size_t size, wn_error *error)
{
    uint8_t *exact = malloc(size + !size);
    assert_non_null(exact);
    if (size) memcpy(exact, data, size);
    wn_safetensors file;
    wn_status status = wn_safetensors_parse(&file, exact, size, "bad.safetensors", error);
    wn_safetensors_free(&file);
    free(exact);
    return status;
}

static void malformed_containers_are_refused(void **state)
{
    static const uint8_t zeros[64];
    size_t n = sizeof containers / sizeof *containers;
    for (size_t i = 0; i < n; i++) {
        bytes b = safetensors_of(containers[i].header, zeros, containers[i].data);
        wn_error error = {0};
        assert_error(containers[i].header, parse_exact(b.data, b.size, &error), &error, containers[i].part);
        free(b.data);
    }
    static const struct {
        uint64_t length;
        const char *part;
    } lengths[] = {{3, "truncated"},
                   {1 << 20, "truncated"},
                   {(uint64_t)1 << 26, "expected at most"},
                   {UINT64_MAX, "expected at most"},
                   {(uint64_t)1 << 63, "expected at most"}};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        uint8_t file[10] = {0};
        for (int k = 0; k < 8; k++) file[k] = (uint8_t)(lengths[i].length >> 8 * k);
        wn_error error = {0};
        assert_error("length", parse_exact(file, sizeof file, &error), &error, lengths[i].part);
    }
    for (size_t size = 0; size < 8; size++) {
        wn_error error = {0};
        assert_error("short", parse_exact(zeros, size, &error), &error, "expected a safetensors file");
    }
    print_message("%zu malformed containers refused\n", n + sizeof lengths / sizeof *lengths + 8);
}

/* ---- the native file ------------------------------------------------------------------------------------------------ */

static bytes saved(const wn_model *model)
{
    wn_error error = {0};
    const char *path = temp_path("model.safetensors");
    if (wn_model_save(model, path, &error)) fail_msg("%s: %s", error.where, error.message);
    return read_bytes(path);
}

static void models_survive_a_file(void **state)
{
    for (int i = 0; i < n_config_texts; i++) {
        wn_model *model = model_from(config_texts[i]), *again;
        wn_error error = {0};
        bytes file = saved(model), twice;
        if (wn_model_load(&again, temp_path("model.safetensors"), &error))
            fail_msg("%s: %s", error.where, error.message);
        assert_same_config(model, again);
        assert_same_weights(model, again, 0.0);
        twice = saved(again);
        assert_int_equal(file.size, twice.size);
        assert_memory_equal(file.data, twice.data, file.size); /* one model, one file */
        size_t start;
        free(header_of(file, &start));
        assert_int_equal(start % 64, 0); /* tensors can be mapped */
        wn_model_free(model);
        wn_model_free(again);
        free(file.data);
        free(twice.data);
    }
}

static wn_status load_exact(const void *data, size_t size, wn_error *error)
{
    uint8_t *exact = malloc(size + !size);
    assert_non_null(exact);
    if (size) memcpy(exact, data, size);
    wn_model *model;
    wn_status status = wn_model_load_memory(&model, exact, size, "bad.safetensors", error);
    assert_true(!status == (model != NULL));
    wn_model_free(model);
    free(exact);
    return status;
}

/* The header of the last model of config_texts, changed; the config within it is a text, hence the quotes. */
static const struct {
    const char *find, *replace, *part;
} headers[] = {
    {"stacks.0.layers.1.conv.weight", "stacks.0.layers.9.conv.weight",
     "tensor stacks.0.layers.1.conv.weight is missing"},
    {"stacks.0.rechannel.bias", "stacks.0.rechannel.vias", "tensor stacks.0.rechannel.bias is missing"},
    {"\"head.0.weight\"", "\"head.0.weights\"", "tensor head.0.weight is missing"},
    {"\"shape\":[4,1,1]", "\"shape\":[1,4,1]",
     "tensor stacks.0.rechannel.weight has shape [1, 4, 1], expected [4, 1, 1]"},
    {"\"shape\":[4,1,1]", "\"shape\":[4]", "has shape [4], expected [4, 1, 1]"},
    {"\"F32\",\"shape\":[4,1,1]", "\"I32\",\"shape\":[4,1,1]", "rechannel.weight is I32, expected F32"},
    {"\"F32\",\"shape\":[4,1,1]", "\"F16\",\"shape\":[4,1,2]", "is F16, expected F32"},
    {"\"wavenet\":", "\"wavelet\":", "holds tensors but no WaveNet config"},
    {"{\\\"version\\\":1", "{\\\"version\\\":7", "version: is 7"},
    {"{\\\"version\\\":1", "[\\\"version\\\":1", "not JSON"},
    {"{\\\"version\\\":1", "{\\\"version\\\":1,\\\"version\\\":1", "duplicate"},
    {"\\\"channels\\\":4", "\\\"channels\\\":5", "expected [5, 1, 1]"},
    {"\\\"channels\\\":4", "\\\"channels\\\":2147483648", "channels"},
    {"\\\"dilations\\\":[1,2]", "\\\"dilations\\\":[1,2,4]", "lists 2 values, expected one for each of 3 layers"},
    {"\\\"dilations\\\":[1,2]", "\\\"dilations\\\":[1]", "skip_scale"},
    {"\\\"dilations\\\":[1,2],", "\\\"dilations\\\":[1,2],\\\"skip_bias\\\":false,",
     "tensor stacks.0.layers.0.skip.bias is not part of the model"},
    {"\\\"gaussian\\\"", "\\\"pcm\\\"", "output: needs 1 channels, but the network gives 2"},
    {"\\\"channels\\\":3,", "\\\"channels\\\":16384,", "has shape [8, 3, 1], expected [8, 16384, 1]"},
    {"{\\\"version\\\":1", "{\\\"version\\\":1,\\\"colour\\\":1", "unknown key \"colour\""},
};

static void malformed_models_are_refused(void **state)
{
    wn_model *model = model_from(config_texts[4]);
    bytes file = saved(model);
    size_t start, n = sizeof headers / sizeof *headers;
    char *header = header_of(file, &start);
    wn_model_free(model);
    for (size_t i = 0; i < n; i++) {
        char *text = replaced(header, headers[i].find, headers[i].replace);
        bytes b = safetensors_of(text, file.data + start, file.size - start);
        wn_error error = {0};
        assert_error(headers[i].replace, load_exact(b.data, b.size, &error), &error, headers[i].part);
        free(b.data);
        free(text);
    }
    print_message("%zu malformed models refused\n", n);
    free(header);
    free(file.data);
}

static void bad_weights_are_refused(void **state)
{
    wn_model *model = model_from(config_texts[4]);
    bytes file = saved(model);
    size_t start;
    free(header_of(file, &start));
    static const struct {
        float value;
        const char *part;
    } bad[] = {{NAN, "is NaN"}, {INFINITY, "is infinite"}, {-INFINITY, "is infinite"}};
    for (size_t at = start; at < file.size; at += 4) {
        float was;
        memcpy(&was, file.data + at, 4);
        size_t which = at / 4 % 3;
        memcpy(file.data + at, &bad[which].value, 4);
        wn_error error = {0};
        assert_error("weights", load_exact(file.data, file.size, &error), &error, bad[which].part);
        memcpy(file.data + at, &was, 4);
    }
    wn_model_free(model);
    free(file.data);
}

static void truncations_and_damage_do_no_harm(void **state)
{
    wn_model *model = model_from(config_texts[3]);
    bytes file = saved(model);
    for (size_t cut = 0; cut < file.size; cut++) {
        wn_error error = {0};
        assert_error("truncated", load_exact(file.data, cut, &error), &error, "bad.safetensors");
    }
    for (size_t at = 0; at < file.size; at++) {
        uint8_t was = file.data[at];
        wn_error error = {0};
        file.data[at] = (uint8_t)(was ^ 1 << at % 8);
        load_exact(file.data, file.size, &error); /* a weight may be anything finite; nothing may crash */
        file.data[at] = was;
    }
    wn_model_free(model);
    free(file.data);
}

static void other_files_are_named_for_what_they_are(void **state)
{
    static const struct {
        const char *content, *part;
    } files[] = {{"", "is empty"},
                 {"RIFF....WAVEfmt ", "expected a safetensors file"},
                 {"PK\3\4........", "is a PyTorch pickle"},
                 {"{\"version\": \"0.5.4\"}", "is missing, expected in every .nam model"}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        wn_error error = {0};
        assert_error(files[i].content, load_exact(files[i].content, strlen(files[i].content), &error), &error,
                     files[i].part);
    }
    wn_model *model;
    wn_error error = {0};
    assert_error("missing", wn_model_load(&model, temp_path("none"), &error), &error, "No such file");
    assert_error("directory", wn_model_load(&model, "/", &error), &error, "is a directory");
    bytes checkpoint = vocoder_checkpoint(false, false);
    assert_error("checkpoint", load_exact(checkpoint.data, checkpoint.size, &error), &error, "wavenet convert");
    free(checkpoint.data);
}

/* ---- writing ---------------------------------------------------------------------------------------------------------- */

static void what_cannot_be_written_leaves_nothing(void **state)
{
    wn_model *model = model_from(config_texts[0]);
    wn_error error = {0};
    assert_error("no folder", wn_model_save(model, "/nonexistent/m.safetensors", &error), &error, "No such file");
    assert_error("directory", wn_model_save(model, "/", &error), &error, "is a directory");
    if (!access("/dev/full", W_OK))
        assert_error("full", wn_model_save(model, "/dev/full", &error), &error, "No space left");
    wn_model_free(model);
}

/* A file size limit stands for a full disk that fills while a file is written: nothing may be left, the old file stays. */
static void a_full_disk_keeps_the_old_file(void **state)
{
    const char *path = temp_path("kept.safetensors");
    write_bytes(path, "old", 3);
    struct rlimit was, small = {1024, 1024};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    small.rlim_max = was.rlim_max;
    wn_model *model = model_from(config_texts[0]);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    wn_error error = {0};
    wn_status status = wn_model_save(model, path, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
    assert_error("full", status, &error, "cannot write: File too large");
    bytes file = read_bytes(path);
    assert_int_equal(file.size, 3);
    free(file.data);
    wn_model_free(model);
}

static void links_stay_links_and_umask_counts(void **state)
{
    const char *target = temp_path("target.safetensors"), *link = temp_path("link.safetensors");
    wn_model *model = model_from(config_texts[3]);
    write_bytes(target, "old", 3);
    assert_int_equal(symlink(target, link), 0);
    mode_t was = umask(027);
    assert_int_equal(wn_model_save(model, link, NULL), WN_OK);
    umask(was);
    struct stat s;
    assert_int_equal(lstat(link, &s), 0);
    assert_true(S_ISLNK(s.st_mode));
    assert_int_equal(stat(target, &s), 0);
    assert_true(s.st_size > 3);
    assert_int_equal(s.st_mode & 0777, 0640);
    wn_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_all_float_types_are_read),
        cmocka_unit_test(malformed_containers_are_refused),
        cmocka_unit_test(models_survive_a_file),
        cmocka_unit_test(malformed_models_are_refused),
        cmocka_unit_test(bad_weights_are_refused),
        cmocka_unit_test(truncations_and_damage_do_no_harm),
        cmocka_unit_test(other_files_are_named_for_what_they_are),
        cmocka_unit_test(what_cannot_be_written_leaves_nothing),
        cmocka_unit_test(a_full_disk_keeps_the_old_file),
        cmocka_unit_test(links_stay_links_and_umask_counts),
    };
    signal(SIGXFSZ, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
