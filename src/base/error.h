/* SPDX-License-Identifier: MIT
 * error.h - one-line error messages.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BASE_ERROR_H
#define WN_BASE_ERROR_H

#include "wavenet/wavenet.h"

/* Fill *error (may be NULL) and return `status`. The message is one line without a final full stop. `where` may be
 * NULL. */
wn_status wn_fail(wn_error *error, wn_status status, const char *where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* wn_fail for a failed allocation. `where` names the object or file, or is NULL. */
wn_status wn_fail_memory(wn_error *error, const char *where);

/* Replace line breaks and all characters that a terminal would interpret by '?', because messages may quote text from
 * files. */
void wn_one_line(char *text);

/* Length in bytes of the UTF-8 character at `text` if a terminal would interpret it instead of showing it, else 0.
 * These are the C0 and C1 controls, line and paragraph separators, and marks that change the writing direction. */
int wn_control_bytes(const char *text);

#endif
