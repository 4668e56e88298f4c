/* SPDX-License-Identifier: MIT
 * nam_constants.h - what players read in a capture's text and the parser does not: NaN, Infinity and the escape \u0000.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_NAM_CONSTANTS_H
#define WN_FORMAT_NAM_CONSTANTS_H

#include <stdbool.h>
#include <stddef.h>

/* Copy `text` [*size] to *out [*size]. The constants NaN, Infinity and -Infinity, which Python writes and JSON lacks, come
 * between quotes: the parser then sees texts and refuses them where the sound depends on a number. The escape \u0000 becomes
 * \ufffd, the replacement character, because C texts end at a zero, in keys as in values. The caller frees *out, which is NULL if the text holds
 * neither. Returns false if an allocation failed. */
bool wn_nam_replace_constants(char **out, size_t *size, const char *text);

#endif
