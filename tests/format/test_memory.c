/* SPDX-License-Identifier: MIT
 * test_memory.c - the i-th allocation fails, for every i, in everything that makes, reads or writes: no crash, no leak
 * (where a sanitizer looks), WN_ERROR_MEMORY, and no object.
 * Copyright (c) 2026 the wavenet authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "format/config_read.h"
#include "format/config_write.h"
#include "format/format.h"
#include "format/json.h"
#include "format/npy.h"
#include "format/npy_write.h"
#include "format/vocoder.h"
#include "helpers.h"
#include "model/clone.h"
#include "model/description.h"
#include "model/linear.h"

/* ---- allocations that fail: the linker sends the program's own calls here (--wrap), jansson is told ------------------- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__wrap_strdup(const char *text);

static long left = -1; /* allocations until one fails; < 0: none will */
static int failed;

static int fails(void)
{
    if (left < 0 || left-- > 0) return 0;
    failed = 1;
    return 1;
}

void *__wrap_malloc(size_t size) { return fails() ? NULL : __real_malloc(size); }
void *__wrap_calloc(size_t n, size_t size) { return fails() ? NULL : __real_calloc(n, size); }
void *__wrap_realloc(void *p, size_t size) { return fails() ? NULL : __real_realloc(p, size); }
char *__wrap_strdup(const char *text) { return fails() ? NULL : __real_strdup(text); }

/* jansson's own allocations. While it parses text they do not fail: its lexer (2.14) ignores that its buffer did not grow,
 * and ends in an assertion over the text it lost. What it builds and writes is tried like everything else. */
static bool parsing;

static void *json_malloc(size_t size) { return parsing ? __real_malloc(size) : __wrap_malloc(size); }

/* ---- what is tried ------------------------------------------------------------------------------------------------------ */

static bytes model_file, checkpoint_file, checkpoint_2018;
static wn_model *given;
static json_t *config;

static wn_status done(wn_model *model, wn_status status)
{
    assert_true(!status == (model != NULL));
    wn_model_free(model);
    return status;
}

static wn_status make_model(wn_error *error)
{
    wn_model *m = wn_model_new();
    return done(m, m ? WN_OK : WN_ERROR_MEMORY);
}

static wn_status clone_model(wn_error *error)
{
    wn_model *m = wn_model_clone(given);
    return done(m, m ? WN_OK : WN_ERROR_MEMORY);
}

static wn_status linearise_model(wn_error *error)
{
    wn_model *m = wn_model_linearised(given, WN_LINEAR_WEIGHTS);
    return done(m, m ? WN_OK : WN_ERROR_MEMORY);
}

static wn_status read_config(wn_error *error)
{
    wn_model *m;
    wn_status status = wn_config_read(&m, config, "config", error);
    return done(m, status);
}

static wn_status write_config(wn_error *error)
{
    json_t *written = wn_config_write(given);
    json_decref(written);
    return written ? WN_OK : WN_ERROR_MEMORY;
}

static wn_status load_memory(wn_error *error)
{
    wn_model *m;
    wn_status status = wn_model_load_memory(&m, model_file.data, model_file.size, "m", error);
    return done(m, status);
}

static wn_status load_file(wn_error *error)
{
    wn_model *m;
    wn_status status = wn_model_load(&m, temp_path("model.safetensors"), error);
    return done(m, status);
}

static wn_status save_file(wn_error *error)
{
    const char *path = temp_path("saved.safetensors");
    unlink(path);
    wn_status status = wn_model_save(given, path, error);
    assert_int_equal(access(path, F_OK) == 0, !status); /* complete or not there */
    return status;
}

static wn_status import_from(bytes checkpoint, const char *hparams, wn_error *error)
{
    wn_model *m;
    wn_status status =
        wn_vocoder_import_memory(&m, checkpoint.data, checkpoint.size, "c", hparams, strlen(hparams), "h", error);
    return done(m, status);
}

static wn_status import_current(wn_error *error) { return import_from(checkpoint_file, vocoder_current, error); }
static wn_status import_2018(wn_error *error) { return import_from(checkpoint_2018, vocoder_2018, error); }

static wn_status import_files(wn_error *error)
{
    wn_model *m;
    wn_status status = wn_format_import(&m, temp_path("checkpoint.safetensors"), temp_path("hparams.json"), error);
    return done(m, status);
}

static wn_status read_array(wn_error *error)
{
    wn_npy npy;
    wn_status status = wn_npy_read(&npy, temp_path("array.npy"), error);
    assert_true(!status == (npy.floats != NULL));
    wn_npy_free(&npy);
    return status;
}

static wn_status write_array(wn_error *error)
{
    static const float values[3] = {1, 2, 3};
    return wn_npy_write(temp_path("written.npy"), WN_NPY_FLOAT32, 1, (int64_t[]){3}, values, error);
}

static wn_status write_rows(wn_error *error)
{
    static const float values[3] = {1, 2, 3};
    wn_npy_writer *w;
    wn_status status = wn_npy_writer_open(&w, temp_path("rows.npy"), WN_NPY_FLOAT32, 3, error);
    assert_true(!status == (w != NULL));
    if (status) return status;
    status = wn_npy_writer_append(w, values, 1, error);
    if (!status) return wn_npy_writer_commit(w, error);
    wn_npy_writer_abort(w);
    return status;
}

/* Runs `attempt` with the first, second, third ... allocation failing, until one run needs no more. */
static void fail_each(const char *name, bool parses, wn_status (*attempt)(wn_error *error))
{
    long i = 0;
    parsing = parses;
    for (;; i++) {
        wn_error error = {0};
        failed = 0;
        left = i;
        wn_status status = attempt(&error);
        left = -1;
        if (!failed && status) fail_msg("%s: %s", name, error.message);
        if (!failed) break;
        /* The C library may do without what it asked for (a buffer, say): then all went well. */
        if (status && status != WN_ERROR_MEMORY)
            fail_msg("%s: allocation %ld: status %d, %s", name, i, status, error.message);
        if (status && error.status && error.status != status) fail_msg("%s: allocation %ld: two statuses", name, i);
        if (i > 100000) fail_msg("%s does not end", name);
    }
    assert_true(i > 0); /* something was made to fail */
    print_message("%-16s %ld allocations\n", name, i);
}

static void every_failed_allocation_is_reported(void **state)
{
    typedef struct attempt {
        const char *name;
        bool parses;
        wn_status (*run)(wn_error *error);
    } attempt;
    static const attempt attempts[] = {{"new", false, make_model},
                                       {"clone", false, clone_model},
                                       {"linearise", false, linearise_model},
                                       {"read config", false, read_config},
                                       {"write config", false, write_config},
                                       {"save", false, save_file},
                                       {"load memory", true, load_memory},
                                       {"load file", true, load_file}};
    static const attempt once[] = {{"import", true, import_current},     {"import 2018", true, import_2018},
                                   {"import files", true, import_files}, {"read npy", false, read_array},
                                   {"write npy", false, write_array},    {"write rows", false, write_rows}};
    for (int which = 0; which < n_config_texts; which++) {
        given = model_from(config_texts[which]);
        config = wn_config_write(given);
        const char *path = temp_path("model.safetensors");
        assert_int_equal(wn_model_save(given, path, NULL), WN_OK);
        model_file = read_bytes(path);
        for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
            fail_each(attempts[i].name, attempts[i].parses, attempts[i].run);
        free(model_file.data);
        json_decref(config);
        wn_model_free(given);
    }
    for (size_t i = 0; i < sizeof once / sizeof *once; i++) fail_each(once[i].name, once[i].parses, once[i].run);
}

static int prepare(void **state)
{
    checkpoint_file = vocoder_checkpoint(false, true);
    checkpoint_2018 = vocoder_checkpoint(true, false);
    write_bytes(temp_path("checkpoint.safetensors"), checkpoint_file.data, checkpoint_file.size);
    write_bytes(temp_path("hparams.json"), vocoder_current, strlen(vocoder_current));
    return wn_npy_write(temp_path("array.npy"), WN_NPY_FLOAT32, 1, (int64_t[]){2}, (float[]){1, 2}, NULL);
}

static int clean_up(void **state)
{
    free(checkpoint_file.data);
    free(checkpoint_2018.data);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_failed_allocation_is_reported)};
    json_set_alloc_funcs(json_malloc, free);
    return cmocka_run_group_tests(tests, prepare, clean_up);
}
