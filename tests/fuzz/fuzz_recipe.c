/* SPDX-License-Identifier: MIT
 * fuzz_recipe.c - training recipes, and the model they describe.
 * Copyright (c) 2026 the wavenet authors */
#include <string.h>

#include "format/config_read.h"
#include "fuzz.h"
#include "model/receptive.h"
#include "train/build.h"
#include "train/recipe.h"

/* What the trainer makes of the model: offsets and widths, no activations. */
static void describe(const wn_recipe *recipe)
{
    wn_model *model;
    wn_tnet *net;
    wn_error error = {0};
    if (wn_config_read(&model, recipe->model, "input", &error)) return;
    wn_status status = wn_model_parameters(model) < 1 << 20 ? wn_tnet_new(&net, model, &error) : WN_ERROR_UNSUPPORTED;
    if (!status) {
        fuzz_check(net->params.count == (size_t)wn_model_parameters(model), "weights were lost or found");
        wn_tnet_free(net);
    }
    wn_model_free(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wn_recipe recipe;
    wn_error error = {0};
    wn_status status = wn_recipe_parse(&recipe, (const char *)data, size, "folder/input.json", &error);
    if (status) fuzz_check(error.status == status && *error.message, "a failure without a message");
    if (!status) {
        fuzz_check(recipe.steps > 0 && recipe.streams > 0 && recipe.chunk > 0 && recipe.slots > 0, "nothing to do");
        fuzz_check(recipe.manifest && recipe.folder, "no data");
        describe(&recipe);
    }
    wn_recipe_clear(&recipe);
    return 0;
}

void fuzz_seeds(void (*add)(const void *data, size_t size))
{
    static const char *const texts[] = {
        "{\"model\":{\"sample_rate\":16000,\"input\":{\"classes\":8,\"companding\":\"mulaw-midtread\"},\"output\":{"
        "\"kind\":"
        "\"categorical\"},\"controls\":[{\"name\":\"key\",\"min\":21,\"max\":108,\"default\":60}],\"condition\":{"
        "\"hop\":8,"
        "\"features\":[{\"kind\":\"scaled\",\"control\":\"key\"}],\"stages\":[{\"kind\":\"conv\",\"out\":3}],"
        "\"excitation\":"
        "{\"harmonics\":[1,2]},\"global\":2,\"speakers\":2},\"stacks\":[{\"channels\":2,\"dilations\":[1,2],\"repeat\":"
        "2}],"
        "\"head\":[{\"out\":3},{}]},\"data\":{\"manifest\":\"a.csv\",\"folder\":\"..\",\"lock_phase\":false,\"gain\":0."
        "5},"
        "\"train\":{\"streams\":3,\"chunk\":80,\"slots\":2,\"steps\":10,\"seed\":7,\"learning_rate\":1e-3,\"warmup\":2,"
        "\"final\":0.1,\"betas\":[0.8,0.99],\"clip\":2,\"average\":0.9,\"average_early\":0.5,\"average_early_steps\":3,"
        "\"validate_every\":5,\"validate_samples\":100,\"checkpoint_every_seconds\":1,\"corruption\":{\"share\":0.5,"
        "\"remove\":0.1,\"remove_noise\":0.5,\"remove_noise_log10\":[-4,-1],\"gain\":0.2,\"slope\":0.5,\"class_noise\":"
        "8,"
        "\"noise\":0.4,\"noise_log10\":[-4,-2]},\"comment\":\"\"}}",
        "{\"model\":{\"output\":{\"kind\":\"pcm\"},\"stacks\":[{\"channels\":2,\"dilations\":[1]}],\"head\":[{}]},"
        "\"data\":"
        "{\"manifest\":\"/x\"},\"train\":{\"samples\":1e6,\"loss\":{\"squared\":1,\"esr\":0.5,\"pre_emphasis\":0.85}}}",
        "{\"model\":{},\"data\":{\"manifest\":\"\"},\"train\":{\"steps\":1,\"samples\":1}}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) add(texts[i], strlen(texts[i]));
}
