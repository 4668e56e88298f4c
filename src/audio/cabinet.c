/* SPDX-License-Identifier: MIT
 * cabinet.c - a loudspeaker cabinet: a model made of the impulse response in a sound file.
 * Copyright (c) 2026 the wavenet authors */
#include "audio/cabinet.h"

#include <stdlib.h>

#include "wavenet/audio.h"

enum { MAX_TAPS = 1 << 16 };

wn_status wn_cabinet_load(wn_model **out, const char *path, double rate, wn_error *error)
{
    float *taps;
    int64_t n;
    *out = NULL;
    wn_status status = wn_audio_read(&taps, &n, NULL, path, rate, error);
    if (status) return status;
    status = wn_model_from_impulse_response(out, taps, n < MAX_TAPS ? (int)n : MAX_TAPS, rate, error);
    free(taps);
    return status;
}
