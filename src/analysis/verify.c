/* SPDX-License-Identifier: MIT
 * verify.c - every convolution of a plan, then the whole stack.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/verify.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/verify_layer.h"
#include "analysis/verify_whole.h"
#include "engine/compile.h"

/* Products of the held condition are checked as what others start from. */
static bool is_wanted(const wn_plan *plan, int index, const char *only)
{
    const wn_op *op = &plan->ops.op[index];
    char name[WN_OP_NAME];
    if (!wn_op_convolves(op) || wn_op_is_held(&plan->ops, op)) return false;
    wn_op_name(op, name);
    return !only || strcmp(name, only) == 0;
}

static int count_wanted(const wn_plan *plan, const char *only)
{
    int n = 0;
    for (int i = 0; i < plan->ops.n; i++) n += is_wanted(plan, i, only);
    return n;
}

/* A held condition other than zero, so that its share of the starting values is part of the test. */
static wn_status hold_noise(wn_stream *stream, const wn_model *model, wn_error *error)
{
    int n = wn_model_get_held_channels(model);
    if (n == 0) return WN_OK;
    float *held = calloc((size_t)n, sizeof *held);
    if (!held) return wn_fail_memory(error, model->name);
    wn_random_sequence noise = wn_random_sequence_start(7, 0, 0);
    for (int i = 0; i < n; i++) held[i] = wn_random_sequence_signal(&noise);
    wn_stream_set_condition(stream, 0, held);
    free(held);
    return WN_OK;
}

static wn_status verify_layers(wn_verify *out, wn_stream *stream, const wn_verify_config *config, wn_error *error)
{
    const wn_plan *plan = stream->plan;
    int total = count_wanted(plan, config->only);
    if (total == 0) return wn_fail(error, WN_ERROR_ARGUMENT, config->only, "no convolution of that name");
    out->rows = calloc((size_t)total, sizeof *out->rows);
    if (!out->rows) return wn_fail_memory(error, "verify");
    out->layers_ok = true;
    for (int i = 0; i < plan->ops.n; i++) {
        if (!is_wanted(plan, i, config->only)) continue;
        wn_verify_row *row = &out->rows[out->n_rows];
        if (!wn_verify_layer(row, stream, i)) return wn_fail_memory(error, row->name);
        if (row->error_db > out->rows[out->worst].error_db) out->worst = out->n_rows;
        out->layers_ok = out->layers_ok && row->ok;
        out->n_rows++;
        if (config->progress) config->progress(config->user, out->n_rows, total + 1);
    }
    return WN_OK;
}

wn_status wn_verify_run(wn_verify *out, const wn_model *model, const wn_verify_config *config, wn_error *error)
{
    wn_plan_config plan_config = {.max_frames = WN_VERIFY_BLOCK, .cpu = config->cpu};
    wn_plan_hooks hooks = config->hooks ? *config->hooks : (wn_plan_hooks){0};
    wn_plan *plan = NULL;
    wn_stream *stream = NULL;
    *out = (wn_verify){0};
    hooks.keep_values = true;
    wn_status status = wn_plan_build(&plan, model, &plan_config, &hooks, error);
    if (!status) status = wn_stream_new(&stream, plan, error);
    if (!status) status = hold_noise(stream, model, error);
    if (!status) status = verify_layers(out, stream, config, error);
    if (!status && !config->only) status = wn_verify_whole(out, model, config->cpu, error);
    if (!status) out->cpu = wn_plan_get_cpu(plan);
    wn_stream_free(stream);
    wn_plan_free(plan);
    if (status) wn_verify_free(out);
    return status;
}

void wn_verify_free(wn_verify *verify)
{
    free(verify->rows);
    *verify = (wn_verify){0};
}
