/* SPDX-License-Identifier: MIT
 * nam_reader.c - what every part of reading an amp capture uses: the note for the user, the shape of a convolution.
 * Copyright (c) 2026 the wavenet authors */
#include "format/nam_reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/description.h"

void wn_nam_note(wn_nam_reader *x, const char *format, ...)
{
    char text[200];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t used = strlen(x->note);
    if (!strstr(x->note, text)) snprintf(x->note + used, sizeof x->note - used, "%s%s", used ? "; " : "", text);
}

/* A text, or a list of texts. */
static bool is_comment(const json_t *value)
{
    bool texts = json_is_array(value);
    for (size_t i = 0; texts && i < json_array_size(value); i++) texts = json_is_string(json_array_get(value, i));
    return texts || json_is_string(value);
}

void wn_nam_keys(wn_nam_reader *x, const json_t *object, const char *const *known)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)object, key, value) {
        size_t i = 0;
        while (known[i] && strcmp(known[i], key) != 0) i++;
        if (known[i]) continue;
        if (is_comment(value))
            wn_nam_note(x, "the unknown key \"%.32s\" is left out", key);
        else
            wn_json_fail(x->r, "", "has the unknown key \"%.64s\"", key);
    }
}

void wn_nam_shape(wn_nam_reader *x, const char *key, wn_conv *conv, int in, int out, int kernel, int dilation,
                  int groups, bool bias)
{
    char where[192];
    if (x->r->status) return;
    wn_json_where(x->r, key, where, sizeof where);
    *conv = (wn_conv){in, out, kernel, dilation, groups, bias, NULL, NULL};
    x->r->status = wn_conv_check(conv, where, x->r->error);
}
