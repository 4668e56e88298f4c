/* SPDX-License-Identifier: MIT
 * spec.c - parser and output sizes of the layer language.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/spec.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "model/model.h"

/* The parameters that a kind of layer accepts. */
enum {
    HAS_WINDOW = 1,   /* kernel, stride, padding */
    HAS_DILATION = 2, /* and a dilation */
    HAS_FILTERS = 4,  /* filters and groups */
    HAS_OUTPUT_PADDING = 8
};

static const struct {
    const char *name;
    unsigned has;
} kinds[] = {
    [WN_SPEC_CONV] = {"conv", HAS_WINDOW | HAS_DILATION | HAS_FILTERS},
    [WN_SPEC_POOL] = {"pool", HAS_WINDOW},
    [WN_SPEC_TRANSPOSED] = {"tconv", HAS_WINDOW | HAS_DILATION | HAS_FILTERS | HAS_OUTPUT_PADDING},
    [WN_SPEC_AVERAGE] = {"avgpool", HAS_WINDOW},
    [WN_SPEC_DENSE] = {"dense", 0},
    [WN_SPEC_ACTIVATION] = {NULL, 0},
    [WN_SPEC_SOFTMAX] = {"softmax", 0},
    [WN_SPEC_OPEN] = {"(", 0},
    [WN_SPEC_NEXT] = {"|", 0},
    [WN_SPEC_CLOSE] = {"sum", 0},
};
_Static_assert(sizeof kinds / sizeof *kinds == WN_SPEC_KINDS, "one row per kind");

/* Parser state. */
typedef struct cursor {
    const char *text, *at;
    const char *token; /* first character of the current layer */
    int index;         /* its number, from 1 */
    const char *where;
    wn_error *error;
} cursor;

static bool is_bracket(char c) { return c == '(' || c == '|' || c == ')'; }

static bool is_separator(char c) { return c == ',' || isspace((unsigned char)c); }

/* A layer ends at a separator or a bracket. */
static bool is_end(char c) { return !c || is_separator(c) || is_bracket(c); }

static wn_status cursor_fail(const cursor *c, const char *expected)
{
    int length = 0;
    while (c->token[length] && !is_separator(c->token[length])) length++;
    return wn_fail(c->error, WN_ERROR_ARGUMENT, c->where, "layer %d, '%.*s%s' (character %ld): %s", c->index,
                   length > 24 ? 24 : length, c->token, length > 24 ? "..." : "", (long)(c->at - c->text) + 1,
                   expected);
}

/* Read digits as a number from low to high. On failure the cursor stays where it was. */
static bool read_number(cursor *c, int64_t low, int64_t high, int *value)
{
    const char *p = c->at;
    int64_t x = 0;
    for (; isdigit((unsigned char)*p); p++)
        if (x <= high) x = 10 * x + (*p - '0');
    if (p == c->at || x < low || x > high) return false;
    *value = (int)x;
    c->at = p;
    return true;
}

static bool read_word(cursor *c, const char *word)
{
    size_t n = strlen(word);
    if (strncmp(c->at, word, n) != 0) return false;
    c->at += n;
    return true;
}

/* Read one number per axis, joined by x; a single number is for all axes. */
static bool read_axes(cursor *c, int rank, int64_t low, int64_t high, int *first, int *second)
{
    if (!read_number(c, low, high, first)) return false;
    *second = *first;
    if (rank < 2 || *c->at != 'x') return true;
    c->at++;
    return read_number(c, low, high, second);
}

/* A padding, "2" or "2:1" where its ends differ. */
static bool read_ends(cursor *c, wn_spec_axis *axis)
{
    if (!read_number(c, 0, WN_MAX_HISTORY, &axis->padding)) return false;
    axis->padding_end = axis->padding;
    if (*c->at != ':') return true;
    c->at++;
    return read_number(c, 0, WN_MAX_HISTORY, &axis->padding_end);
}

static bool read_padding(cursor *c, wn_spec *layer)
{
    if (!read_ends(c, &layer->axis[0])) return false;
    layer->axis[1].padding = layer->axis[0].padding;
    layer->axis[1].padding_end = layer->axis[0].padding_end;
    if (layer->rank < 2 || *c->at != 'x') return true;
    c->at++;
    return read_ends(c, &layer->axis[1]);
}

/* ---- options of a layer ------------------------------------------------------------------------------------------ */

static wn_status fail_twice(cursor *c, const char *what)
{
    c->at--;
    return cursor_fail(c, what);
}

static bool read_padding_word(cursor *c, wn_spec *layer)
{
    static const char *const words[] = {
        [WN_PADDING_SAME] = "same", [WN_PADDING_VALID] = "valid", [WN_PADDING_CAUSAL] = "causal"};
    for (int i = WN_PADDING_SAME; i <= WN_PADDING_CAUSAL; i++)
        if (read_word(c, words[i])) {
            layer->given = (wn_spec_padding)i;
            return true;
        }
    return false;
}

static wn_status read_option(cursor *c, wn_spec *layer)
{
    wn_spec_axis *a = layer->axis;
    unsigned has = kinds[layer->kind].has;
    const char *start = c->at;
    if (read_padding_word(c, layer)) {
        bool twice = a[0].padding >= 0;
        a[0].padding = a[1].padding = 0;
        if (twice) c->at = start;
        return twice ? cursor_fail(c, "a second padding") : WN_OK;
    }
    switch (*c->at++) {
    case 'd':
        if (!(has & HAS_DILATION)) return fail_twice(c, "a pool has no dilation");
        if (a->dilation) return fail_twice(c, "a second dilation");
        if (!read_axes(c, layer->rank, 1, WN_MAX_DILATION, &a[0].dilation, &a[1].dilation))
            return cursor_fail(c, "a dilation of 1 to 4194304 expected");
        return WN_OK;
    case 's':
        if (a->stride) return fail_twice(c, "a second stride");
        if (!read_axes(c, layer->rank, 1, WN_MAX_STRIDE, &a[0].stride, &a[1].stride))
            return cursor_fail(c, "a stride of 1 to 65536 expected");
        return WN_OK;
    case 'p':
        if (a->padding >= 0) return fail_twice(c, "a second padding");
        return read_padding(c, layer) ? WN_OK : cursor_fail(c, "a padding of 0 to 67108864 expected");
    case 'o':
        if (!(has & HAS_OUTPUT_PADDING)) return fail_twice(c, "only a tconv has an output padding");
        if (a->output_padding) return fail_twice(c, "a second output padding");
        if (!read_axes(c, layer->rank, 0, WN_MAX_STRIDE, &a[0].output_padding, &a[1].output_padding))
            return cursor_fail(c, "an output padding of 0 to 65536 expected");
        return WN_OK;
    case 'f':
        if (!(has & HAS_FILTERS)) return fail_twice(c, "a pool has no filters");
        if (layer->outputs) return fail_twice(c, "a second number of filters");
        return read_number(c, 1, WN_MAX_CHANNELS, &layer->outputs) ? WN_OK
                                                                   : cursor_fail(c, "1 to 16384 filters expected");
    case 'g':
        if (!(has & HAS_FILTERS)) return fail_twice(c, "a pool has no groups");
        if (layer->groups) return fail_twice(c, "a second number of groups");
        return read_number(c, 1, WN_MAX_CHANNELS, &layer->groups) ? WN_OK
                                                                  : cursor_fail(c, "1 to 16384 groups expected");
    default:
        return fail_twice(c,
                          "d, s or p and a number (or f, g, o), same, valid or causal, or a space or comma, expected");
    }
}

/* Values that were not given, and what only the whole layer shows. */
static wn_status complete_layer(cursor *c, wn_spec *layer)
{
    for (int i = 0; i < layer->rank; i++) {
        wn_spec_axis *a = &layer->axis[i];
        if (!a->dilation) a->dilation = 1;
        if (!a->stride) a->stride = kinds[layer->kind].has & HAS_DILATION ? 1 : a->kernel;
        if (a->padding < 0) a->padding = a->padding_end = 0;
        if (wn_spec_effective(layer, i) > WN_MAX_HISTORY)
            return cursor_fail(c, "dilation * (kernel - 1) is more than 67108863");
        if (a->output_padding && a->output_padding >= a->stride && a->output_padding >= a->dilation)
            return cursor_fail(c, "an output padding is less than the stride or the dilation");
        if (a->output_padding && layer->given != WN_PADDING_NUMBER)
            return cursor_fail(c, "an output padding goes with a padding in numbers");
    }
    if (!layer->groups) layer->groups = 1;
    if (layer->outputs % layer->groups) return cursor_fail(c, "the groups do not divide the filters");
    if (layer->given == WN_PADDING_CAUSAL && layer->rank == 2)
        return cursor_fail(c, "a causal padding has one axis, time");
    layer->causal = layer->given == WN_PADDING_CAUSAL && layer->axis[0].stride == 1 && layer->kind == WN_SPEC_CONV;
    return WN_OK;
}

static wn_status read_window(cursor *c, wn_spec *layer)
{
    wn_spec_axis *a = layer->axis;
    if (!read_axes(c, 2, 1, WN_MAX_KERNEL, &a[0].kernel, &a[1].kernel))
        return cursor_fail(c, "a kernel of 1 to 65536 expected");
    layer->rank = memchr(c->token, 'x', (size_t)(c->at - c->token)) ? 2 : 1;
    while (!is_end(*c->at)) {
        wn_status status = read_option(c, layer);
        if (status) return status;
    }
    return complete_layer(c, layer);
}

/* Read the longest kind's name that the text begins with: "pool" is not "avgpool". */
static bool read_kind(cursor *c, wn_spec *layer)
{
    for (int i = 0; i < WN_SPEC_OPEN; i++)
        if (kinds[i].name && read_word(c, kinds[i].name)) {
            layer->kind = (wn_spec_kind)i;
            return true;
        }
    return false;
}

/* The name of an activation that needs no parameter of its own, up to the end of the layer. */
static bool read_activation(cursor *c, wn_spec *layer)
{
    for (int i = 0; i < WN_ACT_COUNT; i++) {
        const char *start = c->at;
        if (!wn_spec_has_activation((wn_act_kind)i)) continue;
        if (read_word(c, wn_act_row_of((wn_act_kind)i)->name) && is_end(*c->at)) {
            layer->kind = WN_SPEC_ACTIVATION;
            layer->act = (wn_act_kind)i;
            return true;
        }
        c->at = start;
    }
    return false;
}

static wn_status read_layer(cursor *c, wn_spec *layer)
{
    *layer = (wn_spec){.axis = {{.padding = -1}, {.padding = -1}}};
    if (is_bracket(*c->at)) {
        layer->kind = *c->at == '(' ? WN_SPEC_OPEN : *c->at == '|' ? WN_SPEC_NEXT : WN_SPEC_CLOSE;
        c->at++;
        return WN_OK;
    }
    if (read_activation(c, layer)) return WN_OK;
    if (!read_kind(c, layer))
        return cursor_fail(c, "conv, tconv, pool, avgpool, dense, softmax or an activation expected");
    if (kinds[layer->kind].has & HAS_WINDOW) return read_window(c, layer);
    layer->groups = 1;
    if (layer->kind == WN_SPEC_DENSE && !read_number(c, 1, WN_MAX_CHANNELS, &layer->outputs))
        return cursor_fail(c, "1 to 16384 outputs expected");
    return is_end(*c->at) ? WN_OK : cursor_fail(c, "a space or comma expected");
}

/* ---- lists ------------------------------------------------------------------------------------------------------- */

static int count_tokens(const char *text)
{
    int n = 0;
    for (const char *p = text; *p; p++) n += is_bracket(*p) || (!is_separator(*p) && (p == text || is_end(p[-1])));
    return n;
}

static const char *skip_separators(const char *p)
{
    while (*p && is_separator(*p)) p++;
    return p;
}

/* Allocate the layers that `text` names, 1 .. WN_MAX_LAYERS. */
static wn_status specs_allocate(wn_spec **out, int *n, int count, const char *text, const char *where, wn_error *error)
{
    *out = NULL;
    *n = 0;
    if (strlen(text) > (size_t)1 << 20) return wn_fail(error, WN_ERROR_ARGUMENT, where, "the list is over 1 MiB long");
    if (count == 0) return wn_fail(error, WN_ERROR_ARGUMENT, where, "the list is empty");
    if (count > WN_MAX_LAYERS)
        return wn_fail(error, WN_ERROR_ARGUMENT, where, "%d layers; %d is the limit", count, WN_MAX_LAYERS);
    *out = calloc((size_t)count, sizeof **out);
    if (!*out) return wn_fail_memory(error, where);
    *n = count;
    return WN_OK;
}

static wn_status specs_free(wn_spec **out, int *n, wn_status status)
{
    free(*out);
    *out = NULL;
    *n = 0;
    return status;
}

/* Brackets must match; at least one layer must be a layer. */
static wn_status check_brackets(cursor *c, const wn_spec *layers, int n)
{
    int depth = 0, real = 0;
    for (int i = 0; i < n; i++) {
        wn_spec_kind kind = layers[i].kind;
        real += kind < WN_SPEC_OPEN;
        depth += kind == WN_SPEC_OPEN ? 1 : kind == WN_SPEC_CLOSE ? -1 : 0;
        if (depth < 0 || (kind == WN_SPEC_NEXT && depth == 0))
            return wn_fail(c->error, WN_ERROR_ARGUMENT, c->where, "'%s' without a '(' before it",
                           kind == WN_SPEC_NEXT ? "|" : ")");
        if (depth > WN_MAX_BRANCHES)
            return wn_fail(c->error, WN_ERROR_ARGUMENT, c->where, "branches within branches; %d is the limit",
                           WN_MAX_BRANCHES);
    }
    if (depth > 0) return wn_fail(c->error, WN_ERROR_ARGUMENT, c->where, "'(' without a ')' after it");
    return real ? WN_OK : wn_fail(c->error, WN_ERROR_ARGUMENT, c->where, "the list is empty");
}

/* ---- "kernel,stride,dilation,padding; ..." ------------------------------------------------------------------------ */

static bool read_comma(cursor *c)
{
    while (isspace((unsigned char)*c->at)) c->at++;
    if (*c->at != ',') return false;
    c->at++;
    while (isspace((unsigned char)*c->at)) c->at++;
    return true;
}

/* VALID, SAME or CAUSAL, in either case, or a number. */
static bool read_tuple_padding(cursor *c, wn_spec *layer)
{
    static const char *const words[] = {"", "SAME", "VALID", "CAUSAL"};
    for (int i = WN_PADDING_SAME; i <= WN_PADDING_CAUSAL; i++) {
        size_t n = strlen(words[i]), k = 0;
        while (k < n && toupper((unsigned char)c->at[k]) == words[i][k]) k++;
        if (k < n) continue;
        c->at += n;
        layer->given = (wn_spec_padding)i;
        layer->axis[0].padding = 0;
        return true;
    }
    return read_ends(c, &layer->axis[0]);
}

static wn_status read_tuple(cursor *c, wn_spec *layer)
{
    *layer = (wn_spec){.rank = 1, .axis = {{.padding = -1}}};
    wn_spec_axis *a = &layer->axis[0];
    if (!read_number(c, 1, WN_MAX_KERNEL, &a->kernel)) return cursor_fail(c, "a kernel of 1 to 65536 expected");
    if (!read_comma(c) || !read_number(c, 1, WN_MAX_STRIDE, &a->stride))
        return cursor_fail(c, "a comma and a stride of 1 to 65536 expected");
    if (!read_comma(c) || !read_number(c, 1, WN_MAX_DILATION, &a->dilation))
        return cursor_fail(c, "a comma and a dilation of 1 to 4194304 expected");
    if (!read_comma(c) || !read_tuple_padding(c, layer))
        return cursor_fail(c, "a comma and VALID, SAME, CAUSAL or a padding expected");
    while (isspace((unsigned char)*c->at)) c->at++;
    if (*c->at && *c->at != ';') return cursor_fail(c, "';' expected");
    return complete_layer(c, layer);
}

static int count_tuples(const char *text)
{
    int n = 0;
    bool begun = false;
    for (const char *p = text; *p; p++) {
        if (*p == ';') begun = false;
        if (*p == ';' || isspace((unsigned char)*p)) continue;
        n += !begun;
        begun = true;
    }
    return n;
}

static wn_status parse_tuples(wn_spec **out, int *n, cursor *c)
{
    wn_status status = specs_allocate(out, n, count_tuples(c->text), c->text, c->where, c->error);
    for (int i = 0; !status && i < *n; i++) {
        while (*c->at == ';' || isspace((unsigned char)*c->at)) c->at++;
        c->token = c->at;
        c->index = i + 1;
        status = read_tuple(c, &(*out)[i]);
    }
    return status;
}

/* ---- public ------------------------------------------------------------------------------------------------------ */

static wn_status parse_words(wn_spec **out, int *n, cursor *c)
{
    wn_status status = specs_allocate(out, n, count_tokens(c->text), c->text, c->where, c->error);
    for (int i = 0; !status && i < *n; i++) {
        c->at = c->token = skip_separators(c->at);
        if (!is_bracket(*c->at)) c->index++;
        status = read_layer(c, &(*out)[i]);
    }
    return status ? status : check_brackets(c, *out, *n);
}

wn_status wn_spec_parse(wn_spec **out, int *n, const char *text, const char *where, wn_error *error)
{
    cursor c = {.text = text, .at = text, .where = where, .error = error};
    wn_status status =
        isdigit((unsigned char)*skip_separators(text)) ? parse_tuples(out, n, &c) : parse_words(out, n, &c);
    return status ? specs_free(out, n, status) : WN_OK;
}

wn_status wn_spec_causal(wn_spec **out, int *n, int kernel, const char *dilations, wn_error *error)
{
    *out = NULL;
    *n = 0;
    if (kernel < 1 || kernel > WN_MAX_KERNEL)
        return wn_fail(error, WN_ERROR_ARGUMENT, "--kernel", "%d; a kernel of 1 to 65536 expected", kernel);
    wn_status status = specs_allocate(out, n, count_tokens(dilations), dilations, "--dilations", error);
    cursor c = {.text = dilations, .at = dilations, .where = "--dilations", .error = error};
    for (int i = 0; !status && i < *n; i++) {
        wn_spec *layer = &(*out)[i];
        wn_spec_axis *a = &layer->axis[0];
        *layer = (wn_spec){.kind = WN_SPEC_CONV, .rank = 1, .groups = 1, .causal = true};
        *a = (wn_spec_axis){.kernel = kernel, .stride = 1};
        c.at = c.token = skip_separators(c.at);
        c.index = i + 1;
        if (!read_number(&c, 1, WN_MAX_DILATION, &a->dilation) || (*c.at && !is_separator(*c.at)))
            status = cursor_fail(&c, "a dilation of 1 to 4194304 expected");
        else if (wn_spec_effective(layer, 0) > WN_MAX_HISTORY)
            status = cursor_fail(&c, "dilation * (kernel - 1) is more than 67108863");
        else
            a->padding = (int)(wn_spec_effective(layer, 0) - 1);
    }
    return status ? specs_free(out, n, status) : WN_OK;
}

int64_t wn_spec_effective(const wn_spec *layer, int a)
{
    return (int64_t)layer->axis[a].dilation * (layer->axis[a].kernel - 1) + 1;
}

void wn_spec_fit(wn_spec *layer, int a, int64_t n)
{
    wn_spec_axis *axis = &layer->axis[a];
    int64_t e = wn_spec_effective(layer, a), s = axis->stride, total = 0;
    bool transposed = layer->kind == WN_SPEC_TRANSPOSED;
    if (layer->given == WN_PADDING_NUMBER || layer->given == WN_PADDING_VALID) return;
    if (transposed) {
        total = e - s;
        if (total < 0) axis->output_padding = (int)-total;
    } else if (layer->given == WN_PADDING_SAME) {
        total = ((n + s - 1) / s - 1) * s + e - n;
    } else {
        total = e - 1;
    }
    if (total < 0) total = 0;
    bool whole = layer->given == WN_PADDING_CAUSAL;
    axis->padding = (int)(!whole ? total / 2 : transposed ? 0 : total);
    axis->padding_end = (int)(total - axis->padding);
}

int64_t wn_spec_size(const wn_spec *layer, int a, int64_t n)
{
    const wn_spec_axis *x = &layer->axis[a];
    int64_t e = wn_spec_effective(layer, a), pad = (int64_t)x->padding + x->padding_end;
    int64_t size = layer->kind == WN_SPEC_TRANSPOSED ? (n - 1) * x->stride + e - pad + x->output_padding
                   : n + pad < e                     ? 0
                                                     : (n + pad - e) / x->stride + 1;
    return size > 0 ? size : 0;
}

bool wn_spec_has_activation(wn_act_kind kind)
{
    return kind != WN_ACT_ONE && !(wn_act_row_of(kind)->flags & WN_ACT_PER_CHANNEL);
}

bool wn_spec_has_window(const wn_spec *layer) { return kinds[layer->kind].has & HAS_WINDOW; }

bool wn_spec_is_square(const wn_spec *layer)
{
    const wn_spec_axis *a = &layer->axis[0], *b = &layer->axis[1];
    return layer->rank < 2 ||
           (a->kernel == b->kernel && a->dilation == b->dilation && a->stride == b->stride &&
            a->padding == b->padding && a->padding_end == b->padding_end && a->output_padding == b->output_padding);
}

const char *wn_spec_kind_name(const wn_spec *layer)
{
    return layer->kind == WN_SPEC_ACTIVATION ? wn_act_row_of(layer->act)->name : kinds[layer->kind].name;
}

/* Append a letter and one number per axis, x between them where they differ. */
static void append_axes(char *text, const wn_spec *layer, const char *letter, int first, int second)
{
    wn_text_append(text, WN_SPEC_NAME, "%s%d", letter, first);
    if (layer->rank == 2 && first != second) wn_text_append(text, WN_SPEC_NAME, "x%d", second);
}

static void append_ends(char *text, const wn_spec_axis *a)
{
    wn_text_append(text, WN_SPEC_NAME, "%d", a->padding);
    if (a->padding_end != a->padding) wn_text_append(text, WN_SPEC_NAME, ":%d", a->padding_end);
}

static void append_padding(char *text, const wn_spec *layer)
{
    static const char *const words[] = {"", "same", "valid", "causal"};
    const wn_spec_axis *a = &layer->axis[0], *b = &layer->axis[1];
    bool ends = layer->rank == 2 && (a->padding != b->padding || a->padding_end != b->padding_end);
    wn_text_append(text, WN_SPEC_NAME, "%s", words[layer->given]);
    if (layer->given != WN_PADDING_NUMBER || layer->causal) return;
    if (!a->padding && !a->padding_end && !ends) return;
    wn_text_append(text, WN_SPEC_NAME, "p");
    append_ends(text, a);
    if (!ends) return;
    wn_text_append(text, WN_SPEC_NAME, "x");
    append_ends(text, b);
}

/* Whether the stride along axis a must be written; that of a pool is its kernel where it is not. */
static bool has_stride(const wn_spec *layer, int a)
{
    bool pool = !(kinds[layer->kind].has & HAS_DILATION);
    if (a >= layer->rank) return false;
    return layer->axis[a].stride != 1 || (pool && layer->axis[a].kernel != 1);
}

void wn_spec_name(char text[WN_SPEC_NAME], const wn_spec *layer)
{
    const wn_spec_axis *a = &layer->axis[0], *b = &layer->axis[1];
    text[0] = '\0';
    wn_text_append(text, WN_SPEC_NAME, "%s", wn_spec_kind_name(layer));
    if (layer->kind == WN_SPEC_DENSE) wn_text_append(text, WN_SPEC_NAME, "%d", layer->outputs);
    if (!wn_spec_has_window(layer)) return;
    wn_text_append(text, WN_SPEC_NAME, "%d", a->kernel);
    if (layer->rank == 2) wn_text_append(text, WN_SPEC_NAME, "x%d", b->kernel);
    if (a->dilation != 1 || (layer->rank == 2 && b->dilation != 1))
        append_axes(text, layer, "d", a->dilation, b->dilation);
    if (has_stride(layer, 0) || has_stride(layer, 1)) append_axes(text, layer, "s", a->stride, b->stride);
    append_padding(text, layer);
    bool output_padding = a->output_padding || (layer->rank == 2 && b->output_padding);
    if (layer->given == WN_PADDING_NUMBER && output_padding)
        append_axes(text, layer, "o", a->output_padding, b->output_padding);
    if (layer->outputs) wn_text_append(text, WN_SPEC_NAME, "f%d", layer->outputs);
    if (layer->groups > 1) wn_text_append(text, WN_SPEC_NAME, "g%d", layer->groups);
}
