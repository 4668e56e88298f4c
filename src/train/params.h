/* SPDX-License-Identifier: MIT
 * params.h - all trainable numbers of a model in one vector, so that an optimiser needs to know nothing else.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_PARAMS_H
#define WN_TRAIN_PARAMS_H

#include "model/model.h"
#include "train/real.h"

/* One tensor of the model and its place in the vector. Weights [a][b][kernel] are kept there as [a][kernel][b]. */
typedef struct wn_slot {
    char name[96];
    float *data;
    size_t offset, count;
    int ndim;
    int64_t shape[3];
} wn_slot;

typedef struct wn_params {
    size_t count; /* numbers in all */
    int n_slots;
    wn_slot *slots;
} wn_params;

/* List the tensors of `model`, which must outlive the list. Slots of layers' held convs come first and touch, so that
 * one product serves all layers of a model. */
wn_status wn_params_init(wn_params *params, wn_model *model, wn_error *error);
void wn_params_clear(wn_params *params);

/* Offset of the tensor whose values are at `data` in the model. */
size_t wn_params_offset(const wn_params *params, const float *data);

/* Between the model's tensors and the vector [count]. */
void wn_params_read(const wn_params *params, wn_real *vector);
void wn_params_write(const wn_params *params, const wn_real *vector);

#endif
