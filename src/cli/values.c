/* SPDX-License-Identifier: MIT
 * values.c - named arrays of numbers from text, CSV, JSON, .npy or .safetensors.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/values.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/error.h"
#include "base/file.h"
#include "format/json.h"
#include "format/npy.h"
#include "format/safetensors.h"

enum { MAX_ARRAYS = 4096, MAX_NUMBER = 64 };
#define MAX_NUMBERS ((int64_t)1 << 24)
#define MAX_FILE ((size_t)1 << 29)

/* A list under construction. */
typedef struct reading {
    wn_value_list *list;
    const char *where;
    wn_error *error;
    int64_t capacity; /* numbers that the array in hand has room for */
    int line;         /* of the text, from 1; 0: not a file of lines */
} reading;

#define FAIL(r, ...) wn_fail((r)->error, WN_ERROR_FORMAT, (r)->where, __VA_ARGS__)

void wn_values_free(wn_value_list *list)
{
    for (int i = 0; i < list->n; i++) free(list->item[i].v);
    free(list->item);
    *list = (wn_value_list){0};
}

static wn_status begin_array(reading *r, const char *name, size_t length)
{
    wn_value_list *list = r->list;
    if (list->n == MAX_ARRAYS) return FAIL(r, "more than %d arrays", MAX_ARRAYS);
    if (length >= WN_VALUES_NAME)
        return FAIL(r, "the name '%.*s...' is too long; a name such as 1.weight expected", WN_VALUES_NAME, name);
    wn_values *grown = realloc(list->item, ((size_t)list->n + 1) * sizeof *grown);
    if (!grown) return wn_fail_memory(r->error, r->where);
    list->item = grown;
    wn_values *a = &list->item[list->n++];
    *a = (wn_values){.rank = 0};
    memcpy(a->name, name, length);
    r->capacity = 0;
    return WN_OK;
}

static wn_values *array_in_hand(const reading *r) { return &r->list->item[r->list->n - 1]; }

static wn_status add_number(reading *r, double x)
{
    wn_values *a = array_in_hand(r);
    if (!isfinite(x)) return FAIL(r, "a number that is not finite");
    if (a->count == MAX_NUMBERS) return FAIL(r, "more than %lld numbers", (long long)MAX_NUMBERS);
    if (a->count == r->capacity) {
        int64_t capacity = r->capacity ? 2 * r->capacity : 16;
        double *grown = realloc(a->v, (size_t)capacity * sizeof *grown);
        if (!grown) return wn_fail_memory(r->error, r->where);
        a->v = grown;
        r->capacity = capacity;
    }
    a->v[a->count++] = x;
    return WN_OK;
}

/* ---- text -------------------------------------------------------------------------------------------------------- */

/* The array of a text under construction: the sizes of its rows and matrices must agree. */
typedef struct layout {
    int64_t columns, rows, matrices; /* of what is complete */
    int64_t in_row, in_matrix;       /* numbers of the row, and rows of the matrix, in hand */
} layout;

static wn_status end_row(reading *r, layout *l)
{
    if (l->in_row == 0) return WN_OK;
    if (l->columns && l->in_row != l->columns)
        return FAIL(r, "row %lld has %lld number%s, the rows before it %lld", (long long)(l->in_matrix + 1),
                    (long long)l->in_row, l->in_row == 1 ? "" : "s", (long long)l->columns);
    l->columns = l->in_row;
    l->in_row = 0;
    l->in_matrix++;
    return WN_OK;
}

static wn_status end_matrix(reading *r, layout *l)
{
    wn_status status = end_row(r, l);
    if (status) return status;
    if (l->in_matrix == 0) return FAIL(r, "a matrix without numbers");
    if (l->rows && l->in_matrix != l->rows)
        return FAIL(r, "matrix %lld has %lld rows, the matrices before it %lld", (long long)(l->matrices + 1),
                    (long long)l->in_matrix, (long long)l->rows);
    l->rows = l->in_matrix;
    l->in_matrix = 0;
    l->matrices++;
    return WN_OK;
}

static void set_shape(wn_values *a, const layout *l)
{
    int64_t sizes[] = {l->matrices, l->rows, l->columns};
    int skip = l->matrices > 1 ? 0 : l->rows > 1 ? 1 : 2;
    a->rank = 3 - skip;
    for (int i = 0; i < a->rank; i++) a->shape[i] = sizes[skip + i];
}

static wn_status end_array(reading *r, layout *l)
{
    wn_values *a = array_in_hand(r);
    if (a->count == 0 && a->name[0]) return FAIL(r, "'%s' is neither a file nor followed by numbers", a->name);
    if (a->count == 0 && r->list->n == 1) return FAIL(r, "is empty; numbers expected");
    if (a->count == 0) return FAIL(r, "array %d is empty; numbers expected", r->list->n);
    wn_status status = end_matrix(r, l);
    if (!status) set_shape(a, l);
    *l = (layout){0};
    return status;
}

/* A decimal number; the typographic minus sign counts as one. Hexadecimal numbers, infinities and words are refused. */
static bool parse_number(const char *word, size_t length, double *x)
{
    static const char minus[] = "\xe2\x88\x92";
    char text[MAX_NUMBER], *end;
    size_t n = 0;
    if (length > 3 && memcmp(word, minus, 3) == 0) {
        text[n++] = '-';
        word += 3;
        length -= 3;
    }
    if (length == 0 || n + length >= sizeof text) return false;
    memcpy(text + n, word, length);
    text[n + length] = '\0';
    if (strspn(text, "0123456789+-.eE") != n + length) return false;
    *x = strtod(text, &end);
    return *end == '\0';
}

static bool is_text_break(char c) { return c == ';' || c == '|' || c == '/' || c == '\n' || c == '\r'; }

static bool is_text_space(char c) { return c == ' ' || c == '\t' || c == ','; }

/* The word of a text that begins an array and is no number. */
static bool is_name(const char *word, size_t length)
{
    bool letter = false;
    for (size_t i = 0; i < length; i++) {
        letter |= isalpha((unsigned char)word[i]) != 0;
        if (!isalnum((unsigned char)word[i]) && word[i] != '.' && word[i] != '_' && word[i] != '-') return false;
    }
    double x;
    return letter && !parse_number(word, length, &x);
}

static wn_status read_word(reading *r, layout *l, const char *word, size_t length)
{
    double x;
    wn_values *a = array_in_hand(r);
    if (a->count == 0 && !a->name[0] && is_name(word, length) && length < WN_VALUES_NAME) {
        memcpy(a->name, word, length);
        return WN_OK;
    }
    if (!parse_number(word, length, &x))
        return FAIL(r, "'%.*s%s' in row %lld is not a number", length > 24 ? 24 : (int)length, word,
                    length > 24 ? "..." : "", (long long)(l->in_matrix + 1));
    l->in_row++;
    return add_number(r, x);
}

static wn_status read_break(reading *r, layout *l, char c)
{
    if (c == '|') return end_matrix(r, l);
    if (c != '/') return end_row(r, l);
    wn_status status = end_array(r, l);
    return status ? status : begin_array(r, "", 0);
}

wn_status wn_values_parse_text(wn_value_list *out, const char *text, size_t size, const char *where, wn_error *error)
{
    reading r = {.list = out, .where = where, .error = error};
    layout l = {0};
    *out = (wn_value_list){0};
    wn_status status = begin_array(&r, "", 0);
    for (size_t i = 0; !status && i < size;) {
        size_t start = i;
        if (text[i] == '#') {
            while (i < size && text[i] != '\n') i++;
        } else if (is_text_space(text[i])) {
            i++;
        } else if (is_text_break(text[i])) {
            status = read_break(&r, &l, text[i++]);
        } else {
            while (i < size && !is_text_space(text[i]) && !is_text_break(text[i]) && text[i] != '#') i++;
            status = read_word(&r, &l, text + start, i - start);
        }
    }
    return status ? status : end_array(&r, &l);
}

/* ---- CSV --------------------------------------------------------------------------------------------------------- */

static wn_status read_csv_row(reading *r, layout *l, wn_csv *csv)
{
    while (csv->cell_due) {
        char cell[MAX_NUMBER];
        double x;
        const char *problem = wn_csv_read_cell(csv, cell, sizeof cell);
        if (problem) return FAIL(r, "line %d %s", csv->line, problem);
        if (!parse_number(cell, strlen(cell), &x)) return FAIL(r, "line %d: '%s' is not a number", csv->line, cell);
        l->in_row++;
        wn_status status = add_number(r, x);
        if (status) return status;
    }
    return end_row(r, l);
}

wn_status wn_values_parse_csv(wn_value_list *out, const char *text, size_t size, const char *where, wn_error *error)
{
    reading r = {.list = out, .where = where, .error = error};
    wn_csv csv = wn_csv_start(text, size);
    layout l = {0};
    *out = (wn_value_list){0};
    wn_status status = begin_array(&r, "", 0);
    while (!status && wn_csv_next_row(&csv)) status = read_csv_row(&r, &l, &csv);
    return status ? status : end_array(&r, &l);
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

/* Add a value at `depth` of the array in hand; lists of one depth have one length. */
static wn_status read_json_value(reading *r, const json_t *value, int depth)
{
    wn_values *a = array_in_hand(r);
    if (json_is_number(value)) {
        if (a->count && depth != a->rank) return FAIL(r, "numbers and lists side by side");
        a->rank = depth;
        return add_number(r, json_number_value(value));
    }
    if (!json_is_array(value)) return FAIL(r, "a list holds something that is neither a number nor a list");
    int64_t n = (int64_t)json_array_size(value);
    if (depth == WN_VALUES_MAX_RANK) return FAIL(r, "lists within lists, more than %d deep", WN_VALUES_MAX_RANK);
    if (n == 0) return FAIL(r, "an empty list");
    if (a->count && depth >= a->rank) return FAIL(r, "numbers and lists side by side");
    if (a->shape[depth] && a->shape[depth] != n)
        return FAIL(r, "a list of %lld beside one of %lld", (long long)n, (long long)a->shape[depth]);
    a->shape[depth] = n;
    wn_status status = WN_OK;
    for (int64_t i = 0; !status && i < n; i++) status = read_json_value(r, json_array_get(value, (size_t)i), depth + 1);
    return status;
}

static wn_status read_json_array(reading *r, const char *name, const json_t *value)
{
    wn_status status = begin_array(r, name, strlen(name));
    return status ? status : read_json_value(r, value, 0);
}

static wn_status read_json_root(reading *r, const json_t *root)
{
    if (!json_is_object(root)) return read_json_array(r, "", root);
    if (json_object_size(root) == 0) return FAIL(r, "an empty object");
    wn_status status = WN_OK;
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)root, key, value)
        if (!status) status = read_json_array(r, key, value);
    return status;
}

wn_status wn_values_parse_json(wn_value_list *out, const char *text, size_t size, const char *where, wn_error *error)
{
    reading r = {.list = out, .where = where, .error = error};
    json_t *root;
    *out = (wn_value_list){0};
    wn_status status = wn_json_parse(&root, text, size, where, error);
    if (!status) status = read_json_root(&r, root);
    json_decref(root);
    return status;
}

/* ---- binary files ------------------------------------------------------------------------------------------------ */

static wn_status set_file_shape(reading *r, int rank, const int64_t *shape, int64_t count)
{
    wn_values *a = array_in_hand(r);
    if (rank > WN_VALUES_MAX_RANK)
        return FAIL(r, "%s has %d dimensions; at most %d expected", a->name, rank, WN_VALUES_MAX_RANK);
    if (count == 0) return FAIL(r, "%s is empty", a->name[0] ? a->name : "the array");
    a->rank = rank;
    for (int i = 0; i < rank; i++) a->shape[i] = shape[i];
    return WN_OK;
}

static wn_status read_npy(reading *r, const void *data, size_t size)
{
    wn_npy npy;
    wn_status status = wn_npy_parse_doubles(&npy, data, size, r->where, r->error);
    if (!status) status = begin_array(r, "", 0);
    if (!status) status = set_file_shape(r, npy.rank, npy.shape, npy.count);
    for (int64_t i = 0; !status && i < npy.count; i++) status = add_number(r, npy.doubles[i]);
    wn_npy_free(&npy);
    return status;
}

static wn_status read_tensor(reading *r, const wn_safetensors *file, const wn_tensor *t)
{
    wn_status status = begin_array(r, t->name, strlen(t->name));
    if (!status) status = set_file_shape(r, t->rank, t->shape, t->count);
    if (status) return status;
    if (t->count > MAX_NUMBERS) return FAIL(r, "more than %lld numbers", (long long)MAX_NUMBERS);
    double *values = malloc((size_t)t->count * sizeof *values);
    if (!values) return wn_fail_memory(r->error, r->where);
    status = wn_tensor_doubles(file, t, values, r->error);
    for (int64_t i = 0; !status && i < t->count; i++) status = add_number(r, values[i]);
    free(values);
    return status;
}

static wn_status read_safetensors(reading *r, const void *data, size_t size)
{
    wn_safetensors file;
    wn_status status = wn_safetensors_parse(&file, data, size, r->where, r->error);
    if (!status && file.n == 0) status = FAIL(r, "no tensors");
    for (size_t i = 0; !status && i < file.n; i++) status = read_tensor(r, &file, &file.tensors[i]);
    wn_safetensors_free(&file);
    return status;
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static bool is_json(const char *text, size_t size)
{
    size_t i = 0;
    while (i < size && isspace((unsigned char)text[i])) i++;
    return i < size && (text[i] == '[' || text[i] == '{');
}

static wn_status parse_any_text(wn_value_list *out, const char *text, size_t size, const char *where, wn_error *error)
{
    return (is_json(text, size) ? wn_values_parse_json : wn_values_parse_text)(out, text, size, where, error);
}

static wn_status read_file(wn_value_list *out, const char *path, wn_error *error)
{
    reading r = {.list = out, .where = path, .error = error};
    void *data;
    size_t size;
    wn_status status = wn_file_read(&data, &size, path, MAX_FILE, error);
    if (status) return status;
    if (wn_file_has_ending(path, ".npy"))
        status = read_npy(&r, data, size);
    else if (wn_file_has_ending(path, ".safetensors"))
        status = read_safetensors(&r, data, size);
    else if (wn_file_has_ending(path, ".csv"))
        status = wn_values_parse_csv(out, data, size, path, error);
    else if (wn_file_has_ending(path, ".json"))
        status = wn_values_parse_json(out, data, size, path, error);
    else
        status = parse_any_text(out, data, size, path, error);
    free(data);
    return status;
}

wn_status wn_values_read(wn_value_list *out, const char *source, const char *option, wn_error *error)
{
    static const char *const endings[] = {".csv", ".json", ".npy", ".safetensors", ".txt"};
    *out = (wn_value_list){0};
    if (wn_file_is_folder(source) && source[strspn(source, "0123456789+-.eE/")])
        return wn_fail(error, WN_ERROR_FORMAT, option, "'%s' is a folder; a file or numbers expected", source);
    bool file = wn_file_exists(source);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) file |= wn_file_has_ending(source, endings[i]);
    return file ? read_file(out, source, error) : parse_any_text(out, source, strlen(source), option, error);
}
