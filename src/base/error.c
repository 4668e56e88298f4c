/* SPDX-License-Identifier: MIT
 * error.c - one-line error messages.
 * Copyright (c) 2026 the wavenet authors */
#include "base/error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int wn_control_bytes(const char *characters)
{
    const unsigned char *text = (const unsigned char *)characters;
    if (text[0] < 0x20 || text[0] == 0x7f) return 1;
    if (text[0] == 0xc2 && text[1] >= 0x80 && text[1] < 0xa0) return 2;
    if (text[0] != 0xe2 || !text[1] || !text[2]) return 0;
    int last = text[2];
    bool changes_direction =
        (text[1] == 0x80 && last >= 0xa8 && last <= 0xae) || (text[1] == 0x81 && last >= 0xa6 && last <= 0xa9);
    return changes_direction ? 3 : 0;
}

void wn_one_line(char *text)
{
    for (; *text; text++)
        for (int n = wn_control_bytes(text); n > 0; n--) text[n - 1] = '?';
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

wn_status wn_fail_memory(wn_error *error, const char *where)
{
    return wn_fail(error, WN_ERROR_MEMORY, where, "out of memory");
}
