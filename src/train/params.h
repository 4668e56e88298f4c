/* SPDX-License-Identifier: MIT
 * params.h - all trainable numbers of a model in one vector, for the optimiser.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_PARAMS_H
#define WN_TRAIN_PARAMS_H

#include "model/model.h"
#include "train/real.h"

/* One tensor of the model. Weights [a][b][kernel] are stored as [a][kernel][b] in the vector. */
typedef struct wn_slot {
    char name[96];
    float *data;          /* owned by the model */
    size_t offset, count; /* in the vector */
    int ndim;
    int64_t shape[3];
} wn_slot;

typedef struct wn_params {
    size_t count; /* length of the vector */
    int n_slots;
    wn_slot *slots;
} wn_params;

/* List the tensors of `model`, which must outlive the list. The layers' weights of the frame-rate condition come first
 * and are contiguous, so one matrix product serves all layers. */
wn_status wn_params_init(wn_params *params, wn_model *model, wn_error *error);

/* A zeroed *params is allowed. */
void wn_params_clear(wn_params *params);

/* Offset of the tensor whose values are at `data` in the model; SIZE_MAX: there is none. */
size_t wn_params_offset(const wn_params *params, const float *data);

/* Copy the model's tensors to vector [count]. */
void wn_params_read(const wn_params *params, wn_real *vector);

/* Copy vector [count] to the model's tensors. */
void wn_params_write(const wn_params *params, const wn_real *vector);

#endif
