/* SPDX-License-Identifier: MIT
 * held.h - the 1x1s of the held condition: one row per voice, computed when it is set and not with every frame.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_HELD_H
#define WN_ENGINE_HELD_H

#include "engine/builder.h"

/* bias + G g */
typedef struct wn_held_product {
    int out;
    wn_weights weights;
    const float *bias; /* [out] or NULL */
    size_t row;        /* floats from the stream's memory to [voices][out] */
} wn_held_product;

typedef struct wn_held {
    const wn_plan *plan;
    int n, capacity;
    wn_held_product *product;
} wn_held;

/* Products of all operations of held rate in the segment that have a place of their own. */
void wn_held_compile(wn_held *held, wn_builder *b, const wn_segment *segment);

/* One more, of convolutions side by side from the columns `at` [n] on; its row. */
size_t wn_held_add_wide(wn_held *held, wn_builder *b, const wn_op *const *ops, const int *at, int n, int width, const float *bias);

/* Rows of `voice`: of the vector `condition`, or of the biases alone if that is NULL. */
void wn_held_set(const wn_held *held, float *memory, int voice, const float *condition);

#endif
