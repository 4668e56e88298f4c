/* SPDX-License-Identifier: MIT
 * replay.c - a fuzz target without a fuzzer: its seeds whole, cut short, and with bytes changed.
 * Copyright (c) 2026 the wavenet authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static long runs;

/* Exactly `size` bytes, so that a read past the end is seen. */
static void run(const uint8_t *data, size_t size)
{
    uint8_t *exact = malloc(size + !size);
    fuzz_check(exact != NULL, "out of memory");
    if (size) memcpy(exact, data, size);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    runs++;
}

static void replay(const void *data, size_t size)
{
    uint8_t *copy = malloc(size + !size);
    fuzz_check(copy != NULL, "out of memory");
    if (size) memcpy(copy, data, size);
    run(copy, size);
    for (size_t i = 0; i < 64; i++) run(copy, size * i / 64);
    for (size_t i = 0; size && i < 256; i++) {
        size_t at = size * i / 256;
        uint8_t was = copy[at];
        copy[at] = (uint8_t)(was ^ (1u << i % 8));
        run(copy, size);
        copy[at] = was;
    }
    free(copy);
}

int main(void)
{
    fuzz_seeds(replay);
    printf("%ld inputs\n", runs);
    return 0;
}
