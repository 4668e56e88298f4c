/* SPDX-License-Identifier: MIT
 * test_loudness.c - loudness and gain of captures against what third-party files state, and of a wire, which is known.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "train/loudness.h"

/* Files whose loudness their trainer measured, with another noise of the same kind. */
static const char *const files[] = {"A2.nam", "wavenet.nam", "wavenet_minimal.nam"};

static int failed;

static void check_file(const char *folder, const char *name)
{
    char path[512];
    wn_error error = {0};
    wn_model *model;
    double loudness, gain;
    snprintf(path, sizeof path, "%s/nam/%s", folder, name);
    if (wn_model_load(&model, path, &error) || wn_loudness_measure(&loudness, &gain, model, &error)) {
        printf("FAILED %s: %s\n", path, error.message);
        failed++;
        return;
    }
    double stated = wn_model_get_info(model).loudness;
    printf("%s: %.2f dB, stated %.2f; gain %.3f\n", name, loudness, stated, gain);
    if (!(fabs(loudness - stated) < 0.5)) failed++, printf("FAILED: more than 0.5 dB apart\n");
    wn_model_free(model);
}

/* A wire repeats its input: -15 dB, and the sum of its levels is that of a triangle but for the ends. */
static void check_wire(void)
{
    static const char text[] =
        "{\"version\": \"0.5.4\", \"architecture\": \"Linear\", \"config\": {\"receptive_field\": 1, "
        "\"bias\": false}, \"weights\": [1], \"sample_rate\": 48000}";
    wn_error error = {0};
    wn_model *model;
    double loudness = 0, gain = 1;
    if (wn_model_load_memory(&model, text, strlen(text), "wire.nam", &error) ||
        wn_loudness_measure(&loudness, &gain, model, &error)) {
        failed++;
        printf("FAILED wire: %s\n", error.message);
        return;
    }
    printf("wire: %.4f dB, gain %.4f\n", loudness, gain);
    if (!(fabs(loudness + 15) < 1e-3) || !(gain < 1e-3)) failed++, printf("FAILED: -15 and 0 were expected\n");
    wn_model_free(model);
}

int main(void)
{
    const char *folder = getenv("WAVENET_VECTORS");
    check_wire();
    if (failed) return 1;
    if (!folder || !*folder) {
        printf("skipped: WAVENET_VECTORS is not set; the wire alone was measured\n");
        return 77;
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) check_file(folder, files[i]);
    return failed ? 1 : 0;
}
