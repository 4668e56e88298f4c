/* SPDX-License-Identifier: MIT
 * fuzz_sound.c - sound files: what our reader makes of whatever libsndfile lets through.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "wavenet/audio.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wn_audio_reader *reader;
    wn_error error = {0};
    float pcm[1000];
    int64_t got = 1000;
    const char *path = fuzz_file(data, size, size % 2 ? ".wav" : ".f32");
    wn_status status =
        wn_audio_reader_new(&reader, path, &(wn_audio_reader_config){.rate = size % 3 ? 16000 : 0}, &error);
    for (int i = 0; !status && got == 1000 && i < 200; i++) {
        status = wn_audio_reader_read(reader, pcm, 1000, &got, &error);
        for (int64_t t = 0; !status && t < got; t++) fuzz_check(isfinite(pcm[t]), "a sample that is not finite");
    }
    if (status) fuzz_check(error.status == status && *error.message, "a failure without a message");
    wn_audio_reader_free(reader);
    return 0;
}

static uint8_t *put(uint8_t *at, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) *at++ = (uint8_t)(value >> 8 * i);
    return at;
}

static void seed(void (*add)(const void *data, size_t size), int kind, int channels, int rate, int bits, size_t spare)
{
    uint8_t file[1024] = "RIFF", *at = put(file + 4, 36 + 400, 4);
    memcpy(at, "WAVEfmt ", 8);
    at = put(at + 8, 16, 4);
    at = put(put(at, (uint32_t)kind, 2), (uint32_t)channels, 2);
    at = put(put(at, (uint32_t)rate, 4), (uint32_t)(rate * channels * bits / 8), 4);
    at = put(put(at, (uint32_t)(channels * bits / 8), 2), (uint32_t)bits, 2);
    memcpy(at, "data", 4);
    at = put(at + 4, 400, 4);
    for (int i = 0; i < 400; i++) at[i] = (uint8_t)(i * 37);
    add(file, (size_t)(at - file) + 400 + spare);
}

void fuzz_seeds(void (*add)(const void *data, size_t size))
{
    seed(add, 1, 1, 16000, 16, 1);
    seed(add, 1, 2, 44100, 24, 1);
    seed(add, 3, 1, 48000, 32, 1);
    seed(add, 1, 5, 8000, 8, 1);
    seed(add, 7, 1, 8000, 8, 1);
    seed(add, 1, 1, 22050, 16, 0);
}
