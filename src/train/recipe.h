/* SPDX-License-Identifier: MIT
 * recipe.h - reads a recipe: a JSON file with the model, the data and the options of a training run.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_RECIPE_H
#define WN_TRAIN_RECIPE_H

#include <jansson.h>

#include "train/augmentation.h"
#include "train/loss.h"

typedef struct wn_recipe {
    json_t *json; /* the whole file, which is stored in the model's metadata */
    const char *name;
    const json_t *model; /* the model's config */
    char *manifest, *folder;
    char *dry, *wet; /* a pair of recordings instead of a manifest, else NULL */
    bool lock_phase;
    double gain;
    double slice;   /* seconds; 0: whole clips */
    int streams;    /* trained in parallel */
    int chunk;      /* samples per stream and step */
    int slots;      /* partial sums of the gradient, and so the maximum number of threads */
    int64_t steps;  /* 0: the length is `minutes` */
    double minutes; /* 0: the length is `steps` */
    char *init;     /* model file with the first weights, or NULL */
    uint64_t seed;
    double learning_rate, final_rate, clip, beta1, beta2, ema_decay, early_ema_decay;
    int64_t warmup, early_ema_steps, validate_every, validate_samples;
    double checkpoint_seconds;
    double render; /* seconds of sound at each checkpoint; 0: none */
    wn_augmentation augmentation;
    wn_tloss loss;
} wn_recipe;

/* Read a recipe. Paths in it are relative to its folder. Unknown keys are errors. Call wn_recipe_clear in any case. */
wn_status wn_recipe_read(wn_recipe *out, const char *path, wn_error *error);

/* As wn_recipe_read, from text [size]. `path` gives the folder and the name in error messages. */
wn_status wn_recipe_parse(wn_recipe *out, const char *text, size_t size, const char *path, wn_error *error);
void wn_recipe_clear(wn_recipe *recipe);

#endif
