/* SPDX-License-Identifier: MIT
 * error.h - one-line error messages.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BASE_ERROR_H
#define WN_BASE_ERROR_H

#include "wavenet/wavenet.h"

/* Fill *error (may be NULL) and return `status`. The message is one line without a final full stop. `where` may be NULL. */
wn_status wn_fail(wn_error *error, wn_status status, const char *where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* wn_fail for a failed allocation. `where` names the object or file, or is NULL. */
wn_status wn_fail_memory(wn_error *error, const char *where);

/* Text from a file may end up in a message: replace line breaks and whatever a terminal would interpret. */
void wn_one_line(char *text);

/* Bytes of the character at `text` if a terminal would interpret it instead of showing it, else 0. In UTF-8: the C0 and C1
 * controls, line and paragraph separators, and marks that change the direction of writing. */
int wn_control_bytes(const char *text);

#endif
