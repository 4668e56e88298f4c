/* SPDX-License-Identifier: MIT
 * fuzz.h - what a fuzz target is: fuzz_NAME.c with these two functions, and one line in meson.build.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TESTS_FUZZ_H
#define WN_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Read `size` bytes as the reader under test does, and use what comes out. Anything may be refused; nothing may crash,
 * leak or hang. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Call add with every seed: small good files, from which the fuzzer starts. */
void fuzz_seeds(void (*add)(const void *data, size_t size));

/* For readers that want a file: a path that holds these bytes until the next call. suffix: ".wav". */
const char *fuzz_file(const uint8_t *data, size_t size, const char *suffix);

/* Abort with a message unless `good`: a property of what was read does not hold. */
void fuzz_check(int good, const char *message);

#endif
