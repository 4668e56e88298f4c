/* SPDX-License-Identifier: MIT
 * build.h - a plan under construction: what build.c asks of plan.c.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_BUILD_H
#define WN_ENGINE_BUILD_H

#include "engine/plan.h"

/* After the first failed allocation every call does nothing and returns something harmless; look at `failed` once. */
typedef struct wn_builder {
    wn_plan *plan;
    const wn_fault *fault;
    const char *prefix;     /* of step names: "" or "condition." inside a nested model */
    int stack, layer;       /* where the next step belongs; -1 = outside */
    int last_stack;         /* its last residual feeds nobody */
    int step_capacity, buffer_capacity, held_capacity;
    bool failed;
    wn_step sink;           /* takes the writes of steps that could not be made */
} wn_builder;

void *wn_builder_alloc(wn_builder *b, size_t n, size_t size);

/* A new scratch buffer; its number. */
int wn_builder_buffer(wn_builder *b, int channels);

wn_step *wn_builder_step(wn_builder *b, wn_op op, int src, int dst, const char *role);
void wn_step_name(wn_step *step, const char *prefix, const char *role);

/* Append a convolution; `bias` replaces the conv's own. Weights are multiplied by weight_scale when packed. */
wn_step *wn_builder_conv(wn_builder *b, const wn_conv *conv, const char *role, int src, int dst, wn_start start,
                         const float *bias, float weight_scale);

/* Append the look-up of one-hot classes. */
void wn_builder_embed(wn_builder *b, const wn_conv *conv, int src, int dst);

/* Add a held product; its number. */
int wn_builder_held(wn_builder *b, const wn_conv *held, const float *bias);

/* Append every step of `model`, from WN_BUFFER_INPUT to WN_BUFFER_OUT. */
void wn_build_network(wn_builder *b, const wn_model *model);

/* layout.c: the longest block of planes, or 0 where blocks are best laid out as rows; and which steps of a plan in planes
 * run together. */
int wn_layout_plane_frames(const wn_model *model, const wn_plan_config *config, const wn_kernels *kernels);
void wn_layout_join_steps(wn_plan *plan);

#endif
