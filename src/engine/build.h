/* SPDX-License-Identifier: MIT
 * build.h - a plan under construction: what build.c asks of plan.c.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_BUILD_H
#define WN_ENGINE_BUILD_H

#include "engine/plan.h"

/* Inputs from which on a past tap is the helper's where two threads share a frame, half as many where weights are not
 * integers: to move the products of fewer from one processor to the other costs as much as to multiply. */
enum { WN_LEAST_SHARED = 96 };

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

/* Room in a stream's memory, a multiple of 16 floats; where it starts. */
size_t wn_builder_reserve(wn_builder *b, size_t floats);

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

/* Weights rows [in][out] as `products` takes them. */
const float *wn_builder_pack_rows(wn_builder *b, int in, int out, const float *rows);

/* As wn_builder_held, with the weights packed already. */
int wn_builder_held_wide(wn_builder *b, int out, const float *weight, const float *bias);

/* Append every step of `model`, from WN_BUFFER_INPUT to WN_BUFFER_OUT. */
void wn_build_network(wn_builder *b, const wn_model *model);

/* frames.c: what plans for single frames do in bulk. A convolution's past taps several frames at once, where they are all
 * known; staggered, when all steps are there. */
void wn_frames_look_ahead(wn_builder *b, wn_step *step);
void wn_frames_stagger(wn_builder *b);

/* The mixins of all layers of a stack as one product of the local condition `local`; the buffer of their rows, and the
 * first channel of each layer's part in part [n_layers], *width in all. -1: they are not alike enough. */
int wn_frames_mixins(wn_builder *b, const wn_stack *stack, int local, int *part, int *width);

/* Buffers, one after another, for the activations of a stack whose skip products can be summed at its end; -1: none. */
int wn_frames_activations(wn_builder *b, const wn_stack *stack);

/* That sum, into `dst`: biases, or NULL to start from what dst holds. */
void wn_frames_skips(wn_builder *b, const wn_stack *stack, int activations, int dst, const float *biases, bool started);

/* layout.c: the longest block of planes, or 0 where blocks are best laid out as rows; whether rows are best run as cells;
 * and which steps of a plan in planes or cells run together. */
int wn_layout_plane_frames(const wn_model *model, const wn_plan_config *config, const wn_kernels *kernels);
bool wn_layout_cells(const wn_model *model, const wn_plan_config *config, const wn_kernels *kernels);
void wn_layout_join_steps(wn_plan *plan);

/* cells.c: cells of the steps that run together, where they can. */
void wn_cells_make(wn_builder *b);

/* split.c: fill in plan->split, where the plan leaves a second thread something to do. */
void wn_split_make(wn_builder *b);

#endif
