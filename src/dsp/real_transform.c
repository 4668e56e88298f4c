/* SPDX-License-Identifier: MIT
 * real_transform.c - Fourier transforms of real numbers by kissfft, in memory of our own.
 * Copyright (c) 2026 the wavenet authors */
#include "dsp/real_transform.h"

#include <kiss_fftr.h>
#include <stdlib.h>

struct kiss_fftr_state *wn_real_transform_new(int n, bool inverse)
{
    size_t bytes = 0;
    kiss_fftr_alloc(n, inverse, NULL, &bytes); /* asks for the size only */
    void *memory = calloc(1, bytes);
    return memory ? kiss_fftr_alloc(n, inverse, memory, &bytes) : NULL;
}
