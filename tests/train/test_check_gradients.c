/* SPDX-License-Identifier: MIT
 * test_check_gradients.c - the check of a whole model's gradients passes on models of every kind, and names a fault that is
 * planted between the trainer's forward and its backward pass, in each kind of layer.
 * Copyright (c) 2026 the wavenet authors */
#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "common/failing.h"
#include "train/check_gradients.h"

enum { DRAWN = 40 };

static int failed;

static void check_passes(wn_model *model, const char *name, int *passed, int *refused)
{
    wn_gradient_check check;
    wn_error error = {0};
    wn_status status = wn_gradient_check_run(&check, model, NULL, NULL, &error);
    *refused += status == WN_ERROR_UNSUPPORTED;
    *passed += !status && check.ok;
    if (status && status != WN_ERROR_UNSUPPORTED) test_stop(&error);
    if (!status && !check.ok) {
        int row = check.culprit < 0 ? check.worst : check.culprit;
        printf("FAILED %s: %s at %.3g, outputs %.3g\n", name, check.rows[row].name, check.rows[row].error,
               check.output_error);
        failed++;
    }
    if (!status) wn_gradient_check_free(&check);
}

/* ---- faults ------------------------------------------------------------------------------------------------------ */

static wn_tlayer *layer(void *net, int i) { return &((wn_tnet *)net)->stacks[0].layers[i]; }

static void fault_conv(void *net, void *user) { layer(net, 1)->conv.dilation = 1; }
static void fault_activation(void *net, void *user) { layer(net, 1)->act.kind = WN_ACT_RELU; }
static void fault_gate(void *net, void *user) { layer(net, 1)->gate.kind = WN_ACT_TANH; }
static void fault_skip(void *net, void *user) { layer(net, 1)->skip_gain *= 1.5; }
static void fault_residual(void *net, void *user) { layer(net, 0)->residual_scale *= 0.5; }
static void fault_stack_scale(void *net, void *user) { ((wn_tnet *)net)->stacks[0].out_scale *= 2; }
static void fault_rechannel(void *net, void *user) { ((wn_tnet *)net)->stacks[0].rechannel.has_bias = 0; }
static void fault_head(void *net, void *user) { ((wn_tnet *)net)->head[1].conv.has_bias = 0; }
static void fault_head_activation(void *net, void *user) { ((wn_tnet *)net)->head[1].act.kind = WN_ACT_TANH; }
static void fault_head_scale(void *net, void *user) { ((wn_tnet *)net)->head_scale *= 1.25; }
static void fault_stage(void *net, void *user) { ((wn_tnet *)net)->condition.stages[0].conv.has_bias = 0; }
static void fault_stage_activation(void *net, void *user)
{
    ((wn_tnet *)net)->condition.stages[0].act.kind = WN_ACT_IDENTITY;
}
static void fault_smoothing(void *net, void *user) { ((wn_tnet *)net)->condition.stages[1].act.kind = WN_ACT_IDENTITY; }
static void fault_embedding(void *net, void *user) { ((wn_tnet *)net)->condition.embeds = false; }

/* The gradient of one layer's condition goes to another. */
static void fault_mixin(void *net, void *user)
{
    size_t kept = layer(net, 0)->mixin.weight;
    layer(net, 0)->mixin.weight = layer(net, 1)->mixin.weight;
    layer(net, 1)->mixin.weight = kept;
}

static void fault_held(void *net, void *user)
{
    int kept = layer(net, 0)->held_row;
    layer(net, 0)->held_row = layer(net, 1)->held_row;
    layer(net, 1)->held_row = kept;
}

static const struct {
    const char *config;
    void (*edit)(void *net, void *user);
    const char *name, *culprit;
} faults[] = {
    {"held hidden layer and excitation", fault_conv, "convolution", "stacks.0.layers.1.conv.weight"},
    {"held hidden layer and excitation", fault_activation, "activation", "stacks.0.layers.1."},
    {"held hidden layer and excitation", fault_gate, "gate", "stacks.0.layers.1."},
    {"held hidden layer and excitation", fault_skip, "skip", "stacks.0.layers.1.skip."},
    {"held hidden layer and excitation", fault_residual, "residual", "stacks.0.layers.0.residual."},
    {"held hidden layer and excitation", fault_mixin, "mixin", "stacks.0.layers.1.mixin.weight"},
    {"held hidden layer and excitation", fault_held, "frame-rate condition", "stacks.0.layers.1.held.weight"},
    {"held hidden layer and excitation", fault_stack_scale, "scale of the skips", "stacks.0.layers.2.skip."},
    {"held hidden layer and excitation", fault_rechannel, "rechannel", "stacks.0.rechannel.bias"},
    {"held hidden layer and excitation", fault_head, "head", "head.1.bias"},
    {"held hidden layer and excitation", fault_head_activation, "activation of the head", "head.0."},
    {"held hidden layer and excitation", fault_head_scale, "scale of the head", "stacks.0.layers.2.skip."},
    {"held hidden layer and excitation", fault_stage, "condition stage", "condition.stages.0.bias"},
    {"transposed", fault_stage_activation, "transposed stage", "condition.stages.0."},
    {"two-dimensional transposed", fault_stage_activation, "transposed stage in two dimensions", "condition.stages.0."},
    {"smoothing", fault_smoothing, "smoothing stage", "condition.stages.1."},
    {"held hidden layer and excitation", fault_stage_activation, "activation of a stage", "condition.stages.0."},
    {"speakers", fault_embedding, "embedding", "condition.embedding"},
};

static const char *config_of(const char *name)
{
    for (size_t i = 0; i < test_n_configs; i++)
        if (strcmp(test_configs[i].name, name) == 0) return test_configs[i].json;
    return NULL;
}

static void check_fault(chance *c, size_t i)
{
    wn_model *model = test_model(c, config_of(faults[i].config));
    wn_gradient_check check;
    wn_error error = {0};
    if (wn_gradient_check_run(&check, model, faults[i].edit, NULL, &error)) test_stop(&error);
    const char *named = check.culprit < 0 ? "nothing" : check.rows[check.culprit].name;
    bool good = !check.ok && strncmp(named, faults[i].culprit, strlen(faults[i].culprit)) == 0;
    printf("%s fault in the %s: named %s\n", good ? "ok" : "FAILED", faults[i].name, named);
    failed += !good;
    wn_gradient_check_free(&check);
    wn_model_free(model);
}

/* Every allocation fails once: an error that says so, or no failure at all. */
static void check_memory(chance *c)
{
    wn_model *model = test_model(c, test_configs[0].json);
    long i = 0;
    for (bool more = true; more; i++) {
        wn_gradient_check check;
        wn_error error = {0};
        fail_allocation(i);
        wn_status status = wn_gradient_check_run(&check, model, NULL, NULL, &error);
        more = allocation_failed();
        fail_allocation(-1);
        bool good = more ? status == WN_ERROR_MEMORY && *error.message : !status && check.ok;
        if (!good) printf("FAILED: allocation %ld: status %d, '%s'\n", i, (int)status, error.message);
        failed += !good;
        if (!status) wn_gradient_check_free(&check);
    }
    printf("%ld allocations failed, one at a time\n", i - 1);
    failed += i < 50;
    wn_model_free(model);
}

int main(void)
{
    chance c = {20160912};
    int passed = 0, refused = 0;
    for (size_t i = 0; i < test_n_configs; i++) {
        wn_model *model = test_model(&c, test_configs[i].json);
        check_passes(model, test_configs[i].name, &passed, &refused);
        wn_model_free(model);
    }
    failed += refused > 0 || passed != (int)test_n_configs;
    for (int i = 0; i < DRAWN; i++) {
        drawn_request request = {.film = -1, .autoregressive = i % 2};
        wn_model *model = drawn_model(&c, &request);
        char name[32];
        snprintf(name, sizeof name, "drawn %d", i);
        check_passes(model, name, &passed, &refused);
        wn_model_free(model);
    }
    printf("%s %d models, %d refused\n", failed ? "FAILED" : "ok", passed, refused);
    failed += passed < DRAWN / 4;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) check_fault(&c, i);
    check_memory(&c);
    return failed ? 1 : 0;
}
