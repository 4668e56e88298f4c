/* SPDX-License-Identifier: MIT
 * spec.c - parser and output sizes of the layer language.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/spec.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"

/* Parser state. */
typedef struct cursor {
    const char *text, *at;
    const char *token; /* first character of the current layer */
    int index;         /* its number, from 1 */
    const char *where;
    wn_error *error;
} cursor;

static bool is_separator(char c) { return c == ',' || isspace((unsigned char)c); }

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

static wn_status read_option(cursor *c, wn_spec *layer)
{
    char letter = *c->at++;
    switch (letter) {
    case 'd':
        if (layer->kind == WN_SPEC_POOL) return c->at--, cursor_fail(c, "a pool has no dilation");
        if (layer->dilation) return c->at--, cursor_fail(c, "a second dilation");
        if (!read_number(c, 1, WN_MAX_DILATION, &layer->dilation))
            return cursor_fail(c, "a dilation of 1 to 4194304 expected");
        return WN_OK;
    case 's':
        if (layer->stride) return c->at--, cursor_fail(c, "a second stride");
        if (!read_number(c, 1, WN_MAX_STRIDE, &layer->stride)) return cursor_fail(c, "a stride of 1 to 65536 expected");
        return WN_OK;
    case 'p':
        if (layer->padding >= 0) return c->at--, cursor_fail(c, "a second padding");
        if (!read_number(c, 0, WN_MAX_HISTORY, &layer->padding))
            return cursor_fail(c, "a padding of 0 to 67108864 expected");
        return WN_OK;
    default: return c->at--, cursor_fail(c, "d, s or p and a number, or a space or comma, expected");
    }
}

static wn_status read_layer(cursor *c, wn_spec *layer)
{
    *layer = (wn_spec){.padding = -1};
    if (read_word(c, "tconv"))
        layer->kind = WN_SPEC_TRANSPOSED;
    else if (read_word(c, "pool"))
        layer->kind = WN_SPEC_POOL;
    else if (!read_word(c, "conv"))
        return cursor_fail(c, "conv, pool or tconv expected");
    if (!read_number(c, 1, WN_MAX_KERNEL, &layer->kernel)) return cursor_fail(c, "a kernel of 1 to 65536 expected");
    while (*c->at && !is_separator(*c->at)) {
        wn_status status = read_option(c, layer);
        if (status) return status;
    }
    if (!layer->dilation) layer->dilation = 1;
    if (!layer->stride) layer->stride = layer->kind == WN_SPEC_POOL ? layer->kernel : 1;
    if (layer->padding < 0) layer->padding = 0;
    if (wn_spec_effective(layer) <= WN_MAX_HISTORY) return WN_OK;
    return cursor_fail(c, "dilation * (kernel - 1) is more than 67108863");
}

static int count_tokens(const char *text)
{
    int n = 0;
    for (const char *p = text; *p; p++) n += !is_separator(*p) && (p == text || is_separator(p[-1]));
    return n;
}

static const char *skip_separators(const char *p)
{
    while (*p && is_separator(*p)) p++;
    return p;
}

/* Allocate the layers that `text` names, 1 .. WN_MAX_LAYERS. */
static wn_status specs_allocate(wn_spec **out, int *n, const char *text, const char *where, wn_error *error)
{
    *out = NULL;
    *n = 0;
    if (strlen(text) > (size_t)1 << 20) return wn_fail(error, WN_ERROR_ARGUMENT, where, "the list is over 1 MiB long");
    int count = count_tokens(text);
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

wn_status wn_spec_parse(wn_spec **out, int *n, const char *text, const char *where, wn_error *error)
{
    wn_status status = specs_allocate(out, n, text, where, error);
    cursor c = {.text = text, .at = text, .where = where, .error = error};
    for (int i = 0; !status && i < *n; i++) {
        c.at = c.token = skip_separators(c.at);
        c.index = i + 1;
        status = read_layer(&c, &(*out)[i]);
    }
    return status ? specs_free(out, n, status) : WN_OK;
}

wn_status wn_spec_causal(wn_spec **out, int *n, int kernel, const char *dilations, wn_error *error)
{
    *out = NULL;
    *n = 0;
    if (kernel < 1 || kernel > WN_MAX_KERNEL)
        return wn_fail(error, WN_ERROR_ARGUMENT, "--kernel", "%d; a kernel of 1 to 65536 expected", kernel);
    wn_status status = specs_allocate(out, n, dilations, "--dilations", error);
    cursor c = {.text = dilations, .at = dilations, .where = "--dilations", .error = error};
    for (int i = 0; !status && i < *n; i++) {
        wn_spec *layer = &(*out)[i];
        *layer = (wn_spec){.kind = WN_SPEC_CONV, .kernel = kernel, .stride = 1, .causal = true};
        c.at = c.token = skip_separators(c.at);
        c.index = i + 1;
        if (!read_number(&c, 1, WN_MAX_DILATION, &layer->dilation) || (*c.at && !is_separator(*c.at)))
            status = cursor_fail(&c, "a dilation of 1 to 4194304 expected");
        else if (wn_spec_effective(layer) > WN_MAX_HISTORY)
            status = cursor_fail(&c, "dilation * (kernel - 1) is more than 67108863");
        else
            layer->padding = (int)(wn_spec_effective(layer) - 1);
    }
    return status ? specs_free(out, n, status) : WN_OK;
}

int64_t wn_spec_effective(const wn_spec *layer) { return (int64_t)layer->dilation * (layer->kernel - 1) + 1; }

int64_t wn_spec_size(const wn_spec *layer, int64_t n)
{
    int64_t e = wn_spec_effective(layer), pad = layer->causal ? layer->padding : 2 * (int64_t)layer->padding;
    int64_t size = layer->kind == WN_SPEC_TRANSPOSED ? (n - 1) * layer->stride + e - pad
                   : n + pad < e                     ? 0
                                                     : (n + pad - e) / layer->stride + 1;
    return size > 0 ? size : 0;
}

void wn_spec_name(char text[48], const wn_spec *layer)
{
    static const char *const kinds[] = {"conv", "pool", "tconv"};
    int used = snprintf(text, 48, "%s%d", kinds[layer->kind], layer->kernel);
    if (layer->dilation != 1) used += snprintf(text + used, 48 - (size_t)used, "d%d", layer->dilation);
    if (layer->stride != 1) used += snprintf(text + used, 48 - (size_t)used, "s%d", layer->stride);
    if (layer->padding != 0 && !layer->causal) snprintf(text + used, 48 - (size_t)used, "p%d", layer->padding);
}
