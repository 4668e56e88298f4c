/* SPDX-License-Identifier: MIT
 * nam_constants.h - NaN and Infinity, which Python writes into JSON and JSON does not have.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_NAM_CONSTANTS_H
#define WN_FORMAT_NAM_CONSTANTS_H

#include <stdbool.h>
#include <stddef.h>

/* Put the constants NaN, Infinity and -Infinity of `text` [*size] between quotes: *out [*size], to be freed. What is a number
 * elsewhere is then a text, which is refused where the sound depends on it. *out is NULL where there are none. false: memory
 * failed. */
bool wn_nam_quote_constants(char **out, size_t *size, const char *text);

#endif
