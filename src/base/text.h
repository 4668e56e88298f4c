/* SPDX-License-Identifier: MIT
 * text.h - text that is put together piece by piece in an array of fixed size.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BASE_TEXT_H
#define WN_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Append to the text in text[size], which stays terminated: what does not fit is cut off. */
void wn_text_append(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* "" or "s": "1 note", "2 notes". */
const char *wn_text_plural(int64_t n);

#endif
