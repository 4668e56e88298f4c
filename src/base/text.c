/* SPDX-License-Identifier: MIT
 * text.c - text that is put together piece by piece in an array of fixed size.
 * Copyright (c) 2026 the wavenet authors */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void wn_text_append(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

const char *wn_text_plural(int64_t n) { return n == 1 ? "" : "s"; }
