/* SPDX-License-Identifier: MIT
 * error.c - one clear line about what failed.
 * Copyright (c) 2026 the wavenet authors */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/model.h"

void wn_one_line(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f) *text = '?';
}

wn_status wn_fail(wn_error *error, wn_status status, const char *where, const char *format, ...)
{
    if (!error) return status;
    va_list args;
    va_start(args, format);
    char message[sizeof error->message]; /* the arguments may point into *error */
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    char place[sizeof error->where];
    snprintf(place, sizeof place, "%s", where ? where : "");
    wn_one_line(message);
    wn_one_line(place);
    error->status = status;
    memcpy(error->message, message, sizeof message);
    memcpy(error->where, place, sizeof place);
    return status;
}

const char *wn_status_text(wn_status status)
{
    switch (status) {
    case WN_OK: return "ok";
    case WN_ERROR_MEMORY: return "out of memory";
    case WN_ERROR_FILE: return "file error";
    case WN_ERROR_FORMAT: return "malformed file";
    case WN_ERROR_UNSUPPORTED: return "unsupported";
    case WN_ERROR_ARGUMENT: return "bad argument";
    }
    return "unknown status";
}
