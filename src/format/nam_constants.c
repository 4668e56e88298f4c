/* SPDX-License-Identifier: MIT
 * nam_constants.c - NaN and Infinity, which Python writes into JSON and JSON does not have.
 * Copyright (c) 2026 the wavenet authors */
#include "format/nam_constants.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The length of the constant that begins at `text` [n]; 0: none. */
static size_t constant_length(const char *text, size_t n)
{
    static const char *const names[] = {"NaN", "Infinity", "-Infinity"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length = strlen(names[i]);
        if (n >= length && memcmp(text, names[i], length) == 0) return length;
    }
    return 0;
}

/* Copy `text` [size] to `out`, or only count where that is NULL; *n = constants that were put between quotes. */
static void copy_quoted(char *out, size_t *n, const char *text, size_t size)
{
    bool in_string = false;
    size_t to = 0;
    *n = 0;
    for (size_t i = 0; i < size;) {
        size_t length = in_string ? 0 : constant_length(text + i, size - i), taken = length ? length : 1;
        if (!length && text[i] == '"') in_string = !in_string;
        if (in_string && text[i] == '\\' && i + 1 < size) taken = 2;
        if (out && length) out[to++] = '"';
        if (out) memcpy(out + to, text + i, taken);
        to += taken;
        if (out && length) out[to++] = '"';
        *n += length > 0;
        i += taken;
    }
}

bool wn_nam_quote_constants(char **out, size_t *size, const char *text)
{
    size_t n;
    *out = NULL;
    copy_quoted(NULL, &n, text, *size);
    if (n == 0) return true;
    if (n > (SIZE_MAX - *size) / 2) return false;
    *out = malloc(*size + 2 * n);
    if (!*out) return false;
    copy_quoted(*out, &n, text, *size);
    *size += 2 * n;
    return true;
}
