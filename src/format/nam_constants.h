/* SPDX-License-Identifier: MIT
 * nam_constants.h - NaN and Infinity, which Python writes into JSON and JSON does not have.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_NAM_CONSTANTS_H
#define WN_FORMAT_NAM_CONSTANTS_H

#include <stdbool.h>
#include <stddef.h>

/* Copy `text` [*size] to *out [*size] and put its constants NaN, Infinity and -Infinity between quotes, because JSON lacks
 * them. The parser then sees texts and refuses them where the sound depends on a number. The caller frees *out, which is NULL
 * if there are no such constants. Returns false if an allocation failed. */
bool wn_nam_quote_constants(char **out, size_t *size, const char *text);

#endif
