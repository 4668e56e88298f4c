/* SPDX-License-Identifier: MIT
 * nam_constants.c - what players read in a capture's text and the parser does not: NaN, Infinity and the escape \u0000.
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

enum { ESCAPE = 6 }; /* length of \u0000 */

static bool is_zero_escape(const char *text, size_t n) { return n >= ESCAPE && memcmp(text, "\\u0000", ESCAPE) == 0; }

/* Numbers of replacements. */
struct replaced {
    size_t constants, zeros;
};

/* Copy `text` [size] to `out`, or only count where that is NULL. */
static struct replaced copy_replaced(char *out, const char *text, size_t size)
{
    struct replaced n = {0};
    bool in_string = false;
    size_t to = 0;
    for (size_t i = 0; i < size;) {
        size_t length = in_string ? 0 : constant_length(text + i, size - i), taken = length ? length : 1;
        if (!length && text[i] == '"') in_string = !in_string;
        if (in_string && text[i] == '\\' && i + 1 < size) taken = 2;
        bool zero = taken == 2 && is_zero_escape(text + i, size - i);
        if (zero) taken = ESCAPE;
        if (out && length) out[to++] = '"';
        if (out) memcpy(out + to, zero ? "\\ufffd" : text + i, taken);
        to += taken;
        if (out && length) out[to++] = '"';
        n.constants += length > 0;
        n.zeros += zero;
        i += taken;
    }
    return n;
}

bool wn_nam_replace_constants(char **out, size_t *size, const char *text)
{
    struct replaced n = copy_replaced(NULL, text, *size);
    *out = NULL;
    if (!n.constants && !n.zeros) return true;
    if (n.constants > (SIZE_MAX - *size) / 2) return false;
    *out = malloc(*size + 2 * n.constants);
    if (!*out) return false;
    copy_replaced(*out, text, *size);
    *size += 2 * n.constants;
    return true;
}
