/* SPDX-License-Identifier: MIT
 * fuzz_config.c - configs: what is accepted must be written, read back and copied as the same model.
 * Copyright (c) 2026 the wavenet authors */
#include <stdlib.h>
#include <string.h>

#include "format/config_read.h"
#include "format/config_write.h"
#include "format/json.h"
#include "fuzz.h"
#include "model/clone.h"
#include "model/receptive.h"
#include "texts.h"

/* Larger models are only checked, not copied: that would measure the memory. */
enum { MAX_COPIED = 1 << 18 };

static void round_trip(const wn_model *model)
{
    json_t *config = wn_config_write(model), *again;
    wn_model *back, *copy = wn_model_clone(model);
    wn_error error = {0};
    fuzz_check(config && copy, "a model that cannot be written or copied");
    fuzz_check(wn_config_read(&back, config, "again", &error) == WN_OK, error.message);
    again = wn_config_write(back);
    fuzz_check(json_equal(config, again), "a config that reads back as another");
    fuzz_check(wn_model_parameters(back) == wn_model_parameters(model), "another number of parameters");
    fuzz_check(wn_model_receptive(back) == wn_model_receptive(copy), "another receptive field");
    json_decref(config);
    json_decref(again);
    wn_model_free(back);
    wn_model_free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *config;
    wn_model *model;
    wn_error error = {0};
    if (wn_json_parse(&config, (const char *)data, size, "input", &error)) return 0;
    wn_status status = wn_config_read(&model, config, "input", &error);
    fuzz_check(!status || (error.status == status && *error.message && !model), "a failure without a message");
    if (model) fuzz_check(wn_model_macs(model) >= 0 && wn_model_receptive(model) >= 1, "impossible figures");
    if (model && wn_model_parameters(model) <= MAX_COPIED) round_trip(model);
    wn_model_free(model);
    json_decref(config);
    return 0;
}

void fuzz_seeds(void (*add)(const void *data, size_t size))
{
    for (size_t i = 0; i < sizeof fuzz_configs / sizeof *fuzz_configs; i++)
        add(fuzz_configs[i], strlen(fuzz_configs[i]));
}
