/* SPDX-License-Identifier: MIT
 * json.c - reading values out of JSON objects with checks, and with messages that name the place.
 * Copyright (c) 2026 the wavenet authors */
#include "format/json.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What is JSON and still no model file, in words: a reader of the text would not know which of two values counts, and C texts
 * end at a zero. */
static wn_status fail_parse(const json_error_t *e, const char *file, wn_error *error)
{
    const char *near = strstr(e->text, " near '");
    switch (json_error_code(e)) {
    case json_error_out_of_memory: return wn_fail_memory(error, file);
    case json_error_duplicate_key:
        return wn_fail(error, WN_ERROR_FORMAT, file,
                       "line %d, column %d: a duplicate key%s; every key of an object stands once", e->line, e->column,
                       near ? near : "");
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return wn_fail(error, WN_ERROR_FORMAT, file,
                       "line %d, column %d: the character \\u0000%s; a text without it expected", e->line, e->column,
                       near ? near : "");
    default:
        return wn_fail(error, WN_ERROR_FORMAT, file, "is not JSON: line %d, column %d: %s", e->line, e->column,
                       e->text);
    }
}

/* *e is empty if the parser never saw the text. */
static wn_status parse(json_t **out, json_error_t *e, int flags, const char *text, size_t size, const char *file,
                       wn_error *error)
{
    const char *zero = size ? memchr(text, 0, size) : NULL; /* jansson overlooks one behind a number */
    *out = NULL;
    *e = (json_error_t){0};
    if (zero) return wn_fail(error, WN_ERROR_FORMAT, file, "is not JSON: byte %zu is zero", (size_t)(zero - text) + 1);
    *out = json_loadb(text, size, (size_t)flags, e);
    if (*out) return WN_OK;
    if (!*e->text) return wn_fail_memory(error, file); /* jansson mostly says nothing when memory fails */
    return fail_parse(e, file, error);
}

wn_status wn_json_parse(json_t **out, const char *text, size_t size, const char *file, wn_error *error)
{
    json_error_t e;
    return parse(out, &e, JSON_REJECT_DUPLICATES, text, size, file, error);
}

wn_status wn_json_parse_duplicates(json_t **out, bool *duplicates, const char *text, size_t size, const char *file,
                                   wn_error *error)
{
    json_error_t e;
    wn_status status = parse(out, &e, JSON_REJECT_DUPLICATES, text, size, file, error);
    *duplicates = *e.text && json_error_code(&e) == json_error_duplicate_key;
    return *duplicates ? parse(out, &e, 0, text, size, file, error) : status;
}

size_t wn_json_enter(wn_json *r, const char *key, int index)
{
    size_t mark = strlen(r->place), left = sizeof r->place - mark;
    int n = snprintf(r->place + mark, left, "%s%s", mark ? "." : "", key);
    if (index >= 0 && n >= 0 && (size_t)n < left) snprintf(r->place + mark + n, left - (size_t)n, ".%d", index);
    return mark;
}

void wn_json_leave(wn_json *r, size_t mark) { r->place[mark] = '\0'; }

void wn_json_where(const wn_json *r, const char *key, char *where, size_t size)
{
    if (!key) key = "";
    const char *colon = *r->file && (*r->place || *key) ? ": " : "", *dot = *r->place && *key ? "." : "";
    snprintf(where, size, "%s%s%s%s%s", r->file, colon, r->place, dot, key);
}

static void record(wn_json *r, wn_status status, const char *key, const char *format, va_list args)
{
    if (r->status) return;
    char message[320], where[192];
    vsnprintf(message, sizeof message, format, args);
    wn_json_where(r, key, where, sizeof where);
    r->status = wn_fail(r->error, status, where, "%s", message);
}

void wn_json_fail(wn_json *r, const char *key, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    record(r, WN_ERROR_FORMAT, key, format, args);
    va_end(args);
}

void wn_json_refuse(wn_json *r, const char *key, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    record(r, WN_ERROR_UNSUPPORTED, key, format, args);
    va_end(args);
}

void wn_json_memory(wn_json *r)
{
    if (!r->status) r->status = wn_fail_memory(r->error, r->file);
}

void wn_json_keys(wn_json *r, const json_t *object, const char *const *known)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)object, key, value) {
        size_t i = 0;
        while (known[i] && strcmp(known[i], key)) i++;
        if (!known[i]) wn_json_fail(r, "", "has the unknown key \"%.64s\"", key);
    }
}

const json_t *wn_json_get(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_null(value) ? NULL : value;
}

const json_t *wn_json_need(wn_json *r, const json_t *object, const char *key)
{
    const json_t *value = wn_json_get(object, key);
    if (!value) wn_json_fail(r, key, "is missing");
    return value;
}

static const char *type_name(const json_t *value)
{
    if (!value) return "missing";
    static const char *const names[] = {"an object", "an array", "a text", "a number",
                                        "a number",  "true",     "false",  "null"};
    return names[json_typeof(value)];
}

static void wrong_type(wn_json *r, const char *key, const json_t *value, const char *expected)
{
    wn_json_fail(r, key, "is %s, expected %s", type_name(value), expected);
}

int wn_json_as_int(wn_json *r, const json_t *value, const char *key, int fallback, int min, int max)
{
    double x = json_number_value(value);
    if (!json_is_number(value))
        wrong_type(r, key, value, "a whole number");
    else if (x != floor(x) || !(x >= min && x <= max))
        wn_json_fail(r, key, "is %.10g, expected a whole number from %d to %d", x, min, max);
    else
        return (int)x;
    return fallback;
}

int wn_json_int(wn_json *r, const json_t *object, const char *key, int fallback, int min, int max)
{
    const json_t *value = wn_json_get(object, key);
    return value ? wn_json_as_int(r, value, key, fallback, min, max) : fallback;
}

double wn_json_as_number(wn_json *r, const json_t *value, const char *key, double fallback, double min, double max)
{
    double x = json_number_value(value);
    if (!json_is_number(value))
        wrong_type(r, key, value, "a number");
    else if (!(x >= min && x <= max))
        wn_json_fail(r, key, "is %.10g, expected %.10g to %.10g", x, min, max);
    else
        return x;
    return fallback;
}

double wn_json_number(wn_json *r, const json_t *object, const char *key, double fallback, double min, double max)
{
    const json_t *value = wn_json_get(object, key);
    return value ? wn_json_as_number(r, value, key, fallback, min, max) : fallback;
}

bool wn_json_bool(wn_json *r, const json_t *object, const char *key, bool fallback)
{
    const json_t *value = wn_json_get(object, key);
    if (!value) return fallback;
    if (!json_is_boolean(value)) wrong_type(r, key, value, "true or false");
    return json_is_boolean(value) ? json_boolean_value(value) : fallback;
}

const char *wn_json_text(wn_json *r, const json_t *object, const char *key, const char *fallback)
{
    const json_t *value = wn_json_get(object, key);
    if (!value) return fallback;
    if (!json_is_string(value)) wrong_type(r, key, value, "a text");
    return json_is_string(value) ? json_string_value(value) : fallback;
}

/* "none, gated, blended" for a message. */
static void join(char *text, size_t size, const char *const *words, int n)
{
    size_t used = 0;
    *text = '\0';
    for (int i = 0; i < n && used < size; i++) {
        int more = snprintf(text + used, size - used, "%s%s", i ? ", " : "", words[i]);
        used += more > 0 ? (size_t)more : size;
    }
}

int wn_json_word(wn_json *r, const json_t *object, const char *key, int fallback, const char *const *words, int n)
{
    const json_t *value = wn_json_get(object, key);
    return value ? wn_json_as_word(r, value, key, fallback, words, n) : fallback;
}

int wn_json_as_word(wn_json *r, const json_t *value, const char *key, int fallback, const char *const *words, int n)
{
    const char *text = json_string_value(value);
    if (!text) {
        wrong_type(r, key, value, "a text");
        return fallback;
    }
    for (int i = 0; i < n; i++)
        if (!strcmp(text, words[i])) return i;
    char all[220];
    join(all, sizeof all, words, n);
    wn_json_fail(r, key, "is \"%.32s\", expected one of %s", text, all);
    return fallback;
}

const json_t *wn_json_object(wn_json *r, const json_t *object, const char *key)
{
    const json_t *value = wn_json_get(object, key);
    if (!value || json_is_object(value)) return value;
    wrong_type(r, key, value, "an object");
    return NULL;
}

const json_t *wn_json_array(wn_json *r, const json_t *object, const char *key, size_t max)
{
    const json_t *value = wn_json_get(object, key);
    if (!value) return NULL;
    if (!json_is_array(value))
        wrong_type(r, key, value, "a list");
    else if (json_array_size(value) > max)
        wn_json_fail(r, key, "has %zu entries, expected at most %zu", json_array_size(value), max);
    else
        return value;
    return NULL;
}
