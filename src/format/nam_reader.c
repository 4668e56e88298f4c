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

void wn_nam_shape(wn_nam_reader *x, const char *key, wn_conv *conv, int in, int out, int kernel, int dilation,
                  int groups, bool bias)
{
    char where[192];
    if (x->r->status) return;
    wn_json_where(x->r, key, where, sizeof where);
    *conv = (wn_conv){in, out, kernel, dilation, groups, bias, NULL, NULL};
    x->r->status = wn_conv_check(conv, where, x->r->error);
}
