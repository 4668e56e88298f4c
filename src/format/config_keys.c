/* SPDX-License-Identifier: MIT
 * config_keys.c - one table of keys reads and writes a struct.
 * Copyright (c) 2026 the wavenet authors */
#include "format/config_keys.h"

#include <math.h>

#include "format/config_parts.h"

enum { MAX_KEYS = 32, MAX_NUMBERS = 1024 };

void wn_config_known_keys(wn_json *r, const json_t *object, const char *const *others, const wn_key *keys)
{
    const char *known[MAX_KEYS];
    int n = 0;
    for (; *others && n < MAX_KEYS - 1; others++) known[n++] = *others;
    for (; keys->name && n < MAX_KEYS - 1; keys++) known[n++] = keys->name;
    known[n] = NULL;
    wn_json_keys(r, object, known);
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

static void read_numbers(wn_json *r, wn_arena *arena, const json_t *object, const wn_key *key, void *out)
{
    double **numbers = (double **)((char *)out + key->offset);
    const json_t *list = wn_json_array(r, object, key->name, MAX_NUMBERS);
    int n = (int)json_array_size(list);
    if (key->required && !n) wn_json_fail(r, key->name, "is missing, expected a list of numbers");
    if (!list) return;
    *(int *)((char *)out + key->count) = n;
    *numbers = wn_config_alloc(r, arena, (size_t)n, sizeof **numbers);
    for (int i = 0; *numbers && i < n; i++) {
        const json_t *value = json_array_get(list, (size_t)i);
        if (!json_is_number(value)) wn_json_fail(r, key->name, "must be numbers");
        (*numbers)[i] = json_number_value(value);
    }
}

static void read_key(wn_json *r, wn_arena *arena, const json_t *object, const wn_key *key, void *out)
{
    void *field = (char *)out + key->offset;
    if (key->type == WN_KEY_NUMBERS) {
        read_numbers(r, arena, object, key, out);
        return;
    }
    if (key->required) wn_json_need(r, object, key->name);
    if (!wn_json_get(object, key->name) && key->type != WN_KEY_TEXT) return;
    switch (key->type) {
    case WN_KEY_INT: {
        int *x = field;
        *x = wn_json_int(r, object, key->name, *x, (int)key->min, (int)key->max);
        break;
    }
    case WN_KEY_BOOL: {
        bool *x = field;
        *x = wn_json_bool(r, object, key->name, *x);
        break;
    }
    case WN_KEY_FLOAT: {
        float *x = field;
        *x = (float)wn_json_number(r, object, key->name, (double)*x, key->min, key->max);
        break;
    }
    case WN_KEY_DOUBLE: {
        double *x = field;
        *x = wn_json_number(r, object, key->name, *x, key->min, key->max);
        break;
    }
    case WN_KEY_TEXT: {
        char **x = field;
        *x = wn_config_strdup(r, arena, wn_json_text(r, object, key->name, ""));
        break;
    }
    case WN_KEY_NUMBERS: break;
    }
}

void wn_config_read_keys(wn_json *r, wn_arena *arena, const json_t *object, const wn_key *keys, void *out)
{
    for (; keys->name; keys++) read_key(r, arena, object, keys, out);
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

/* The value of a scalar field. */
static double field_value(const wn_key *key, const void *from)
{
    const void *field = (const char *)from + key->offset;
    switch (key->type) {
    case WN_KEY_INT: return *(const int *)field;
    case WN_KEY_BOOL: return *(const bool *)field;
    case WN_KEY_FLOAT: return (double)*(const float *)field;
    case WN_KEY_DOUBLE: return *(const double *)field;
    case WN_KEY_TEXT:
    case WN_KEY_NUMBERS: break;
    }
    return 0;
}

static const char *text_value(const wn_key *key, const void *from)
{
    return *(char *const *)((const char *)from + key->offset);
}

static json_t *numbers_value(wn_out *o, const wn_key *key, const void *from)
{
    const double *numbers = *(double *const *)((const char *)from + key->offset);
    int n = *(const int *)((const char *)from + key->count);
    json_t *list = json_array();
    for (int i = 0; i < n; i++) wn_out_append(o, list, wn_out_number(numbers[i]));
    return list;
}

json_t *wn_config_key_value(wn_out *o, const wn_key *key, const void *from)
{
    if (key->type == WN_KEY_NUMBERS) return numbers_value(o, key, from);
    if (key->type == WN_KEY_TEXT) return json_string(text_value(key, from));
    double x = field_value(key, from);
    return key->type == WN_KEY_BOOL ? json_boolean(x != 0) : wn_out_number(x);
}

/* Whether the field is at its default, which for a list is none, and for a text is an empty one. */
static bool is_default(const wn_key *key, const void *from, const void *defaults)
{
    if (key->type == WN_KEY_NUMBERS) return !*(double *const *)((const char *)from + key->offset);
    if (key->type == WN_KEY_TEXT) return !text_value(key, from) || !*text_value(key, from);
    double x = field_value(key, from), fallback = field_value(key, defaults);
    return x == fallback || (isnan(x) && isnan(fallback));
}

void wn_config_write_keys(wn_out *o, json_t *object, const wn_key *keys, const void *from, const void *defaults)
{
    for (; keys->name; keys++)
        if (keys->required || !is_default(keys, from, defaults))
            wn_out_put(o, object, keys->name, wn_config_key_value(o, keys, from));
}
