/* SPDX-License-Identifier: MIT
 * fuzz_npy.c - arrays in .npy files.
 * Copyright (c) 2026 the wavenet authors */
#include <stdio.h>
#include <string.h>

#include "format/npy.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wn_npy npy;
    wn_error error = {0};
    wn_status status = wn_npy_parse(&npy, data, size, "input", &error);
    if (status) {
        fuzz_check(error.status == status && *error.message, "a failure without a message");
    } else {
        int64_t count = 1;
        for (int i = 0; i < npy.rank; i++) count *= npy.shape[i];
        fuzz_check(count == npy.count && (uint64_t)count * 4 <= size, "a count that the file cannot hold");
        volatile char sum = 0;
        const char *bytes = npy.floats ? (const char *)npy.floats : (const char *)npy.ints;
        for (int64_t i = 0; i < count * 4; i++) sum = (char)(sum + bytes[i]); /* all of it can be read */
    }
    wn_npy_free(&npy);
    if (!wn_npy_parse_doubles(&npy, data, size, "input", NULL)) {
        volatile double sum = 0;
        for (int64_t i = 0; i < npy.count; i++) sum = sum + npy.doubles[i];
    }
    wn_npy_free(&npy);
    return 0;
}

static void seed(void (*add)(const void *data, size_t size), int version, const char *header, size_t n)
{
    uint8_t file[512] = "\x93NUMPY";
    size_t length = strlen(header), prefix = version == 1 ? 10 : 12;
    file[6] = (uint8_t)version;
    file[8] = (uint8_t)length;
    memcpy(file + prefix, header, length);
    add(file, prefix + length + n);
}

void fuzz_seeds(void (*add)(const void *data, size_t size))
{
    seed(add, 1, "{'descr': '<f4', 'fortran_order': False, 'shape': (5,), }   \n", 20);
    seed(add, 1, "{'descr': '<i4', 'fortran_order': False, 'shape': (3, 2), }\n", 24);
    seed(add, 2, "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 1, 2), }\n", 16);
    seed(add, 3, "{\"descr\": \"<f8\", \"fortran_order\": False, \"shape\": (2L,), }\n", 16);
    seed(add, 1, "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (), }\n", 4);
}
