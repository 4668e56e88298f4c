/* SPDX-License-Identifier: MIT
 * fuzz_safetensors.c - native model files: raw, or (first byte '+') with the header's length made to fit.
 * Copyright (c) 2026 the wavenet authors */
#include <stdio.h>

#include "assembled.h"
#include "base/file.h"
#include "format/config_read.h"
#include "format/json.h"
#include "model/receptive.h"
#include "texts.h"

static void load(const uint8_t *data, size_t size)
{
    wn_model *model;
    wn_error error = {0};
    wn_status status = wn_model_load_memory(&model, data, size, "input", &error);
    fuzz_check(!status == (model != NULL), "a status that does not fit");
    fuzz_check(!status || (error.status == status && *error.message), "a failure without a message");
    if (model) fuzz_check((uint64_t)wn_model_parameters(model) * 4 <= size, "more parameters than bytes");
    wn_model_free(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size || data[0] != '+') {
        load(data, size);
        return 0;
    }
    size_t n;
    uint8_t *file = assemble(data + 1, size - 1, &n);
    load(file, n);
    free(file);
    return 0;
}

/* A saved model, as it is and in the form with '+'. */
static void seed(void (*add)(const void *data, size_t size), const char *text)
{
    json_t *config;
    wn_model *model;
    void *file = NULL;
    size_t size = 0;
    const char *path = fuzz_file(NULL, 0, ".safetensors");
    fuzz_check(!wn_json_parse(&config, text, strlen(text), "seed", NULL), text);
    fuzz_check(!wn_config_read(&model, config, "seed", NULL), text);
    fuzz_check(!wn_model_save(model, path, NULL) && !wn_file_read(&file, &size, path, 1 << 20, NULL), path);
    wn_model_free(model);
    json_decref(config);
    add(file, size);
    size_t header = 0;
    for (int i = 7; i >= 0; i--) header = header << 8 | ((uint8_t *)file)[i];
    uint8_t *form = malloc(size);
    fuzz_check(form && header + 8 <= size, "seed");
    form[0] = '+';
    memcpy(form + 1, (uint8_t *)file + 8, header);
    form[1 + header] = 0;
    memcpy(form + 2 + header, (uint8_t *)file + 8 + header, size - 8 - header);
    add(form, size - 6);
    free(form);
    free(file);
}

void fuzz_seeds(void (*add)(const void *data, size_t size))
{
    static const char tensor[] = "+{\"t\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]}}\0aaaabbbb";
    for (size_t i = 0; i < sizeof fuzz_configs / sizeof *fuzz_configs; i++) seed(add, fuzz_configs[i]);
    add(tensor, sizeof tensor - 1);
}
