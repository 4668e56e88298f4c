/* SPDX-License-Identifier: MIT
 * make_model.c - a model with small random weights from a config, for tests. Usage: make_model CONFIG.json OUT SEED
 * Copyright (c) 2026 the wavenet authors */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/config_read.h"
#include "model/tensors.h"

/* Uniform in -a..a, a chosen so that signals neither die nor blow up on the way through the layers. */
static wn_status fill(void *user, const char *name, float *data, int ndim, const int64_t *shape)
{
    uint32_t *noise = user;
    int64_t n = 1, fan_in = 1;
    for (int i = 0; i < ndim; i++) n *= shape[i];
    for (int i = 1; i < ndim; i++) fan_in *= shape[i];
    float a = strstr(name, "head") ? 2.0f : 1.0f;
    for (int64_t i = 0; i < n; i++) {
        *noise = *noise * 1664525u + 1013904223u;
        data[i] = a * ((float)(*noise >> 8) / 8388608.0f - 1.0f) / (fan_in > 4 ? 2.0f : 1.0f);
    }
    return WN_OK;
}

int main(int argc, char **argv)
{
    if (argc != 4) return 2;
    json_error_t wrong;
    json_t *config = json_load_file(argv[1], 0, &wrong);
    wn_error error = {0};
    wn_model *model = NULL;
    uint32_t noise = (uint32_t)atoi(argv[3]);
    if (!config) {
        fprintf(stderr, "%s:%d: %s\n", argv[1], wrong.line, wrong.text);
        return 1;
    }
    wn_status status = wn_config_read(&model, config, argv[1], &error);
    if (!status) status = wn_model_tensors(model, fill, &noise);
    if (!status) status = wn_model_save(model, argv[2], &error);
    if (status) fprintf(stderr, "%s: %s\n", error.where, error.message);
    wn_model_free(model);
    json_decref(config);
    return status ? 1 : 0;
}
