/* SPDX-License-Identifier: MIT
 * test_document.c - the example in models/FORMAT.md is a model with the tensors listed there, and every key of a config is
 * named in the document. Argument: the document.
 * Copyright (c) 2026 the wavenet authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/config_parts.h"
#include "format/json.h"
#include "helpers.h"
#include "model/companding.h"
#include "model/feature.h"
#include "model/receptive.h"
#include "model/stage.h"
#include "model/tensors.h"

static const char *document;
static char *text;

/* The block between ```NAME and ```, a new string. */
static char *block(const char *name)
{
    char fence[32];
    snprintf(fence, sizeof fence, "\n```%s\n", name);
    const char *start = strstr(text, fence);
    assert_non_null(start);
    start += strlen(fence);
    const char *end = strstr(start, "```");
    assert_non_null(end);
    char *out = calloc(1, (size_t)(end - start) + 1);
    assert_non_null(out);
    return memcpy(out, start, (size_t)(end - start));
}

static wn_status list(void *user, const char *name, float *data, int ndim, const int64_t *shape)
{
    char *out = user;
    size_t n = strlen(out);
    n += (size_t)sprintf(out + n, "%s ", name);
    for (int i = 0; i < ndim; i++) n += (size_t)sprintf(out + n, "[%lld]", (long long)shape[i]);
    strcpy(out + n, "\n");
    return WN_OK;
}

static void the_example_is_a_model(void **state)
{
    char *config = block("json"), *tensors = block("tensors"), *is = calloc(1, 1 << 16);
    wn_model *model = model_from(config);
    wn_model_tensors(model, list, is);
    assert_string_equal(is, tensors);
    assert_int_equal(wn_model_receptive(model), 9);
    wn_model_free(model);
    free(config);
    free(tensors);
    free(is);
}

/* Every key that the test configs and a written config use appears in the document between backquotes. */
static void check_keys(const json_t *value, bool named)
{
    const char *key;
    json_t *child;
    size_t i;
    json_object_foreach ((json_t *)value, key, child) {
        char quoted[80];
        bool film = strncmp(key, "film_", 5) == 0;
        snprintf(quoted, sizeof quoted, film ? "%s" : "`%s`", key);
        char inside[80];
        snprintf(inside, sizeof inside, "\"%s\"", key); /* parameters are shown within an object */
        if (named && !strstr(text, quoted) && !strstr(text, inside)) fail_msg("the document does not name %s", key);
        check_keys(child, named && strcmp(key, "metadata") != 0);
    }
    json_array_foreach ((json_t *)value, i, child) check_keys(child, named);
}

static void every_key_is_named(void **state)
{
    for (int i = 0; i < n_config_texts; i++) {
        json_t *config = json_loads(config_texts[i], 0, NULL);
        check_keys(config, true);
        json_decref(config);
    }
    for (int i = 0; i < WN_ACT_COUNT; i++) assert_non_null(strstr(text, wn_act_names[i]));
    for (int i = 0; i < WN_STAGE_COUNT; i++) assert_non_null(strstr(text, wn_stage_types[i].name));
    for (int i = 0; i < WN_FEATURE_COUNT; i++) assert_non_null(strstr(text, wn_feature_types[i].name));
    for (int i = 1; i < WN_COMPANDING_COUNT; i++) assert_non_null(strstr(text, wn_companding_name((wn_companding)i)));
}

static int read_document(void **state)
{
    bytes file = read_bytes(document);
    text = (char *)file.data;
    text[file.size] = '\0';
    return 0;
}

static int free_document(void **state)
{
    free(text);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_example_is_a_model), cmocka_unit_test(every_key_is_named)};
    if (argc != 2) return 2;
    document = argv[1];
    return cmocka_run_group_tests(tests, read_document, free_document);
}
