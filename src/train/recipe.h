/* SPDX-License-Identifier: MIT
 * recipe.h - what to train, on what, and how: a JSON file.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_RECIPE_H
#define WN_TRAIN_RECIPE_H

#include <jansson.h>

#include "train/augmentation.h"
#include "train/loss.h"

typedef struct wn_recipe {
    json_t *json; /* the file, whole: it goes into the model */
    const char *name;
    const json_t *model; /* the model's config */
    char *manifest, *folder;
    bool lock_phase;
    double gain;
    int streams, chunk, slots;
    int64_t steps;
    uint64_t seed;
    double learning_rate, final_rate, clip, beta1, beta2, average, average_early;
    int64_t warmup, average_early_steps, validate_every, validate_samples;
    double checkpoint_seconds;
    wn_augmentation corruption;
    wn_tloss loss;
} wn_recipe;

/* Read a recipe; paths in it are relative to the folder of the file. Unknown keys are errors. Call wn_recipe_clear in
 * any case. */
wn_status wn_recipe_read(wn_recipe *out, const char *path, wn_error *error);

/* As above, from `size` bytes; `path` is used in messages and for the folder. */
wn_status wn_recipe_parse(wn_recipe *out, const char *text, size_t size, const char *path, wn_error *error);
void wn_recipe_clear(wn_recipe *recipe);

#endif
