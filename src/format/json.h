/* SPDX-License-Identifier: MIT
 * json.h - reading values out of JSON objects with checks, and with messages that name the place.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_JSON_H
#define WN_FORMAT_JSON_H

#include <jansson.h>

#include "model/model.h"

/* A reading in progress. The first failure is kept in `status`; everything read after it is a fallback value, so that
 * a function may read all it needs and look at the status once. */
typedef struct wn_json {
    const char *file; /* begins every place in messages; may be "" */
    wn_error *error;
    wn_status status;
    char place[128]; /* "condition.stages.2", or "" */
} wn_json;

/* Parse text; duplicate keys and anything after the value are refused. *out = NULL on failure. */
wn_status wn_json_parse(json_t **out, const char *text, size_t size, const char *file, wn_error *error);

/* As wn_json_parse, but of a duplicate key the last value counts, as in most programs; *duplicates says whether there is one. */
wn_status wn_json_parse_duplicates(json_t **out, bool *duplicates, const char *text, size_t size, const char *file,
                                   wn_error *error);

/* Step into "key" or "key.index" (index < 0: none); leave with what enter returned. */
size_t wn_json_enter(wn_json *r, const char *key, int index);
void wn_json_leave(wn_json *r, size_t mark);

/* Record a failure at `key` ("" or NULL: the place itself), if it is the first. */
void wn_json_fail(wn_json *r, const char *key, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* "file: place.key", as messages name it. */
void wn_json_where(const wn_json *r, const char *key, char *where, size_t size);

/* Record a failure of another kind than WN_ERROR_FORMAT: what is well-formed, but not something this library runs. */
void wn_json_refuse(wn_json *r, const char *key, const char *format, ...) __attribute__((format(printf, 3, 4)));
void wn_json_memory(wn_json *r);

/* Refuse keys that are not in the NULL-terminated list. */
void wn_json_keys(wn_json *r, const json_t *object, const char *const *known);

/* The value of `key`, or NULL if it is absent or null; `need` fails instead. */
const json_t *wn_json_get(const json_t *object, const char *key);
const json_t *wn_json_need(wn_json *r, const json_t *object, const char *key);

/* Values of `key`, or the fallback where it is absent or null. Numbers outside min .. max are refused. */
int wn_json_int(wn_json *r, const json_t *object, const char *key, int fallback, int min, int max);
double wn_json_number(wn_json *r, const json_t *object, const char *key, double fallback, double min, double max);
bool wn_json_bool(wn_json *r, const json_t *object, const char *key, bool fallback);
const char *wn_json_text(wn_json *r, const json_t *object, const char *key, const char *fallback);
/* Index of the text in words[n]. */
int wn_json_word(wn_json *r, const json_t *object, const char *key, int fallback, const char *const *words, int n);

/* As above of a value itself, such as an entry of a list; null is a value of the wrong type. key: its name in messages. */
int wn_json_as_int(wn_json *r, const json_t *value, const char *key, int fallback, int min, int max);
double wn_json_as_number(wn_json *r, const json_t *value, const char *key, double fallback, double min, double max);
int wn_json_as_word(wn_json *r, const json_t *value, const char *key, int fallback, const char *const *words, int n);

/* An object or array, NULL where absent. */
const json_t *wn_json_object(wn_json *r, const json_t *object, const char *key);
const json_t *wn_json_array(wn_json *r, const json_t *object, const char *key, size_t max);

#endif
