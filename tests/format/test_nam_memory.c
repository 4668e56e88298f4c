/* SPDX-License-Identifier: MIT
 * test_nam_memory.c - the i-th allocation fails, for every i, while amp captures are read and written: WN_ERROR_MEMORY, no object,
 * no leak (where a sanitizer looks), no file.
 * Copyright (c) 2026 the wavenet authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format/json.h"
#include "format/nam.h"
#include "nam_captures.h"

/* ---- allocations that fail: the linker sends the program's own calls here (--wrap), jansson is told ----------------------- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
char *__real_strdup(const char *text);
json_t *__real_json_loads(const char *input, size_t flags, json_error_t *error);
json_t *__real_json_loadb(const char *buffer, size_t size, size_t flags, json_error_t *error);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__wrap_strdup(const char *text);
json_t *__wrap_json_loads(const char *input, size_t flags, json_error_t *error);
json_t *__wrap_json_loadb(const char *buffer, size_t size, size_t flags, json_error_t *error);

static long left = -1; /* allocations until one fails; < 0: none will */
static bool failed, parsing;

static bool fails(void)
{
    if (left < 0 || left-- > 0) return false;
    return failed = true;
}

void *__wrap_malloc(size_t size) { return fails() ? NULL : __real_malloc(size); }
void *__wrap_calloc(size_t n, size_t size) { return fails() ? NULL : __real_calloc(n, size); }
void *__wrap_realloc(void *p, size_t size) { return fails() ? NULL : __real_realloc(p, size); }
char *__wrap_strdup(const char *text) { return fails() ? NULL : __real_strdup(text); }

/* While jansson (2.14) parses text its allocations do not fail: its lexer ignores that its buffer did not grow, and ends in an
 * assertion. What it copies, builds and writes is tried like everything else. */
static void *json_malloc(size_t size) { return parsing ? __real_malloc(size) : __wrap_malloc(size); }

json_t *__wrap_json_loads(const char *input, size_t flags, json_error_t *error)
{
    parsing = true;
    json_t *value = __real_json_loads(input, flags, error);
    parsing = false;
    return value;
}

json_t *__wrap_json_loadb(const char *buffer, size_t size, size_t flags, json_error_t *error)
{
    parsing = true;
    json_t *value = __real_json_loadb(buffer, size, flags, error);
    parsing = false;
    return value;
}

/* ---- what is tried ------------------------------------------------------------------------------------------------------------ */

static const char *text;
static wn_model *given;
static double slim;

static wn_status read_text(wn_error *error)
{
    wn_model *m;
    wn_status status = wn_nam_read(&m, text, strlen(text), "t.nam", slim, error);
    assert_true(!status == (m != NULL));
    wn_model_free(m);
    return status;
}

static wn_status write_file(wn_error *error)
{
    const char *path = temp_path("written.nam");
    unlink(path);
    wn_status status = wn_model_save(given, path, error);
    assert_int_equal(access(path, F_OK) == 0, !status);
    return status;
}

static wn_status make_chain(wn_error *error)
{
    const float taps[] = {1, 0.5f};
    wn_model *models[2] = {NULL, NULL}, *chain = NULL;
    wn_status status = wn_model_from_impulse_response(&models[0], taps, 2, 48000, error);
    if (!status) status = wn_model_from_impulse_response(&models[1], taps, 1, 48000, error);
    if (status) {
        wn_model_free(models[0]);
        return status;
    }
    status = wn_model_from_chain(&chain, models, 2, error);
    assert_true(!status == (chain != NULL));
    wn_model_free(chain);
    return status;
}

static void fail_each(const char *name, wn_status (*attempt)(wn_error *error))
{
    long i = 0;
    for (;; i++) {
        wn_error error = {0};
        failed = false;
        left = i;
        wn_status status = attempt(&error);
        left = -1;
        if (!failed && status) fail_msg("%s: %s", name, error.message);
        if (!failed) break;
        if (status && status != WN_ERROR_MEMORY)
            fail_msg("%s: allocation %ld: status %d, %s: %s", name, i, status, error.where, error.message);
        if (status && error.status != status) fail_msg("%s: allocation %ld: two statuses", name, i);
        assert_true(i < 100000);
    }
    assert_true(i > 5);
    print_message("%-24s %ld allocations\n", name, i);
}

static void every_failed_allocation_is_reported(void **state)
{
    static const char words[] = "\"x\":[1],\"metadata\":{\"name\":\"N\",\"loudness\":-18.5,\"gear_make\":\"G\"},";
    for (int i = 0; i < n_captures; i++) {
        char *made = capture_text(&captures[i], captures[i].weights, words);
        text = made;
        slim = 1.0;
        given = capture_read(text, slim);
        fail_each(captures[i].architecture, read_text);
        fail_each("written", write_file);
        slim = 0.0;
        if (i == CAPTURE_SLIMMABLE) fail_each("slimmed", read_text);
        wn_model_free(given);
        free(made);
    }
}

/* Networks within a file: a container, and models in series, one of them a container. */
static void every_failed_allocation_of_inner_networks_is_reported(void **state)
{
    (void)state;
    char *container = container_text(0.5, 1.0, "\"metadata\":{\"loudness\":-20},");
    char *sequence = sequence_text(container, "\"metadata\":{\"name\":\"N\"},");
    char *const texts[] = {container, sequence};
    fail_each("chain", make_chain);
    for (int i = 0; i < 2; i++) {
        text = texts[i];
        slim = 1.0;
        given = capture_read(text, slim);
        fail_each(i ? "sequence" : "container", read_text);
        fail_each("written", write_file);
        wn_model_free(given);
        free(texts[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_failed_allocation_is_reported),
                                       cmocka_unit_test(every_failed_allocation_of_inner_networks_is_reported)};
    json_set_alloc_funcs(json_malloc, free);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
