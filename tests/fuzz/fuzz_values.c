/* SPDX-License-Identifier: MIT
 * fuzz_values.c - arrays of numbers in text, CSV and JSON.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <string.h>

#include "cli/values.h"
#include "fuzz.h"

typedef wn_status parser(wn_value_list *out, const char *text, size_t size, const char *where, wn_error *error);

static void parse(parser *read, const char *text, size_t size)
{
    wn_value_list list;
    wn_error error = {0};
    wn_status status = read(&list, text, size, "input", &error);
    if (status) fuzz_check(error.status == status && *error.message, "a failure without a message");
    for (int i = 0; !status && i < list.n; i++) {
        const wn_values *v = &list.item[i];
        int64_t count = 1;
        fuzz_check(v->rank <= WN_VALUES_MAX_RANK && memchr(v->name, 0, sizeof v->name) != NULL, "rank or name");
        for (int k = 0; k < v->rank; k++) count *= v->shape[k];
        fuzz_check(count == v->count && count > 0, "a count that is not the product of the shape");
        for (int64_t k = 0; k < count; k++) fuzz_check(isfinite(v->v[k]), "a number that is not finite");
    }
    wn_values_free(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    parse(wn_values_parse_text, (const char *)data, size);
    parse(wn_values_parse_csv, (const char *)data, size);
    parse(wn_values_parse_json, (const char *)data, size);
    return 0;
}

void fuzz_seeds(void (*add)(const void *data, size_t size))
{
    static const char *const texts[] = {
        "1 0 1; 0 1 0; 1 0 1",
        "1 2 | 3 4 / bias .5 -1e3 / 3.weight \342\210\2221",
        "1,2\n3 4 # note\n",
        "[[1, 2.5], [3, -4e2]]",
        "{\"1.weight\": [[[1]], [[2]]], \"1.bias\": [0.5, 1], \"input\": 3}",
        "1,2,\"3\"\r\n4,5,6\r\n",
        "1 zwei; 3",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) add(texts[i], strlen(texts[i]));
}
