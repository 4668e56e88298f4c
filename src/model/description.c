/* SPDX-License-Identifier: MIT
 * description.c - making the parts of a model's description.
 * Copyright (c) 2026 the wavenet authors */
#include "model/description.h"

#include <math.h>
#include <stdlib.h>

wn_model *wn_model_new(void)
{
    wn_arena *arena = wn_arena_new();
    wn_model *model = wn_arena_alloc(arena, 1, sizeof *model);
    if (!model) {
        wn_arena_free(arena);
        return NULL;
    }
    model->arena = arena;
    model->input.channels = 1;
    model->input.gain = 1;
    model->head_scale = 1.0f;
    model->condition.harmonic_source.limit = 0.45;
    model->condition.harmonic_source.key = model->condition.harmonic_source.bend = -1;
    model->log_scale_min = -INFINITY;
    model->temperature = model->top_p = 1.0;
    model->temperature_channel = -1;
    model->loudness = model->input_level_dbu = model->output_level_dbu = NAN;
    return model;
}

void wn_model_free(wn_model *model)
{
    if (!model) return;
    wn_model_free(model->condition.nested);
    for (int i = 0; model->chain && i < model->n_chain; i++) wn_model_free(model->chain[i]);
    wn_arena_free(model->arena);
}

wn_stack *wn_stacks_new(wn_arena *arena, int n)
{
    wn_stack *stacks = n < 0 ? NULL : wn_arena_alloc(arena, (size_t)n, sizeof *stacks);
    for (int i = 0; stacks && i < n; i++) stacks[i].skip_out_scale = 1.0f;
    return stacks;
}

wn_layer *wn_layers_new(wn_arena *arena, int n)
{
    wn_layer *layers = n < 0 ? NULL : wn_arena_alloc(arena, (size_t)n, sizeof *layers);
    for (int i = 0; layers && i < n; i++) layers[i].residual_scale = layers[i].skip_scale = 1.0f;
    return layers;
}

wn_status wn_weights_new(wn_arena *arena, float **weights, int64_t n, const char *where, wn_error *error)
{
    *weights = NULL;
    int64_t held = (int64_t)(wn_arena_bytes(arena) / sizeof(float));
    if (n < 0 || n > WN_MAX_PARAMETERS - held)
        return wn_fail(error, WN_ERROR_FORMAT, where, "the model would have more than %lld parameters",
                       (long long)WN_MAX_PARAMETERS);
    *weights = wn_arena_alloc(arena, (size_t)n, sizeof(float));
    return *weights ? WN_OK : wn_fail_memory(error, where);
}

static wn_status conv_limit(wn_error *error, const char *where, const char *what, int value, int max)
{
    if (value >= 1 && value <= max) return WN_OK;
    return wn_fail(error, WN_ERROR_FORMAT, where, "%s is %d, expected 1 to %d", what, value, max);
}

/* Class inputs are one column a class, so a width may reach WN_MAX_CLASSES. */
wn_status wn_conv_check(const wn_conv *conv, const char *where, wn_error *error)
{
    wn_status status = conv_limit(error, where, "input channels", conv->in, WN_MAX_CLASSES);
    if (!status) status = conv_limit(error, where, "output channels", conv->out, WN_MAX_CLASSES);
    if (!status) status = conv_limit(error, where, "kernel", conv->kernel, WN_MAX_KERNEL);
    if (!status) status = conv_limit(error, where, "dilation", conv->dilation, WN_MAX_DILATION);
    if (!status) status = conv_limit(error, where, "groups", conv->groups, conv->in);
    if (status) return status;
    if (conv->in % conv->groups || conv->out % conv->groups)
        return wn_fail(error, WN_ERROR_FORMAT, where, "%d groups do not divide %d inputs and %d outputs", conv->groups,
                       conv->in, conv->out);
    if (wn_conv_reach(conv) > WN_MAX_HISTORY)
        return wn_fail(error, WN_ERROR_FORMAT, where, "kernel %d at dilation %d needs more than %d frames of history",
                       conv->kernel, conv->dilation, WN_MAX_HISTORY);
    return WN_OK;
}

/* Three limits of 2^16 and less: the product stays below 2^49. */
int64_t wn_conv_weights(const wn_conv *conv)
{
    return conv->out ? (int64_t)conv->out * (conv->in / conv->groups) * conv->kernel : 0;
}

int64_t wn_conv_reach(const wn_conv *conv) { return conv->out ? (int64_t)(conv->kernel - 1) * conv->dilation : 0; }

wn_status wn_conv_init(wn_arena *arena, wn_conv *conv, int in, int out, int kernel, int dilation, int groups, bool bias,
                       const char *where, wn_error *error)
{
    wn_conv made = {in, out, kernel, dilation, groups, bias, NULL, NULL};
    wn_status status = wn_conv_check(&made, where, error);
    if (!status) status = wn_weights_new(arena, &made.weight, wn_conv_weights(&made), where, error);
    if (!status && bias) status = wn_weights_new(arena, &made.bias, out, where, error);
    *conv = status ? (wn_conv){0} : made;
    return status;
}
