/* SPDX-License-Identifier: MIT
 * assembled.h - safetensors files put together from a header and data, so that a fuzzer need not keep a length in step.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TESTS_FUZZ_ASSEMBLED_H
#define WN_TESTS_FUZZ_ASSEMBLED_H

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

/* A file from "HEADER \0 DATA" (without \0: a header alone). The caller frees it. */
static inline uint8_t *assemble(const uint8_t *data, size_t size, size_t *out_size)
{
    const uint8_t *end = size ? memchr(data, 0, size) : NULL;
    size_t header = end ? (size_t)(end - data) : size, rest = end ? size - header - 1 : 0;
    uint8_t *file = malloc(8 + header + rest);
    fuzz_check(file != NULL, "out of memory");
    for (int i = 0; i < 8; i++) file[i] = (uint8_t)((uint64_t)header >> 8 * i);
    if (header) memcpy(file + 8, data, header);
    if (rest) memcpy(file + 8 + header, end + 1, rest);
    *out_size = 8 + header + rest;
    return file;
}

#endif
