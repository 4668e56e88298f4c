/* SPDX-License-Identifier: MIT
 * params.c - copies a model's tensors to one vector and back.
 * Copyright (c) 2026 the wavenet authors */
#include "train/params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/tensors.h"

static wn_status visit_count(void *user, const char *name, float *data, int ndim, const int64_t *shape)
{
    ((wn_params *)user)->n_slots++;
    return WN_OK;
}

static wn_status visit_add(void *user, const char *name, float *data, int ndim, const int64_t *shape)
{
    wn_params *p = user;
    wn_slot *s = &p->slots[p->n_slots++];
    snprintf(s->name, sizeof s->name, "%s", name);
    s->data = data;
    s->ndim = ndim;
    s->count = 1;
    for (int i = 0; i < ndim; i++) {
        s->shape[i] = shape[i];
        s->count *= (size_t)shape[i];
    }
    return WN_OK;
}

static bool is_frame_rate(const wn_slot *s) { return strstr(s->name, ".held.weight") != NULL; }

/* Append the slots that are, or are not, weights of the frame-rate condition. */
static void assign_offsets(wn_params *p, bool frame_rate)
{
    for (int i = 0; i < p->n_slots; i++) {
        if (is_frame_rate(&p->slots[i]) != frame_rate) continue;
        p->slots[i].offset = p->count;
        p->count += p->slots[i].count;
    }
}

wn_status wn_params_init(wn_params *params, wn_model *model, wn_error *error)
{
    *params = (wn_params){0};
    wn_model_tensors(model, visit_count, params);
    params->slots = calloc((size_t)params->n_slots + 1, sizeof *params->slots);
    if (!params->slots) return wn_fail(error, WN_ERROR_MEMORY, NULL, "out of memory for %d tensors", params->n_slots);
    params->n_slots = 0;
    wn_model_tensors(model, visit_add, params);
    assign_offsets(params, true);
    assign_offsets(params, false);
    return WN_OK;
}

void wn_params_clear(wn_params *params)
{
    free(params->slots);
    *params = (wn_params){0};
}

size_t wn_params_offset(const wn_params *params, const float *data)
{
    for (int i = 0; i < params->n_slots; i++)
        if (params->slots[i].data == data) return params->slots[i].offset;
    return SIZE_MAX;
}

/* Index in the vector's layout [a][kernel][b] of element i of the model's layout [a][b][kernel]. */
static size_t transposed_index(const wn_slot *s, size_t i)
{
    if (s->ndim != 3 || s->shape[2] == 1) return i;
    size_t inner = (size_t)s->shape[1], kernel = (size_t)s->shape[2];
    size_t k = i % kernel, b = i / kernel % inner, a = i / kernel / inner;
    return (a * kernel + k) * inner + b;
}

void wn_params_read(const wn_params *params, wn_real *vector)
{
    for (int i = 0; i < params->n_slots; i++) {
        const wn_slot *s = &params->slots[i];
        for (size_t j = 0; j < s->count; j++) vector[s->offset + transposed_index(s, j)] = s->data[j];
    }
}

void wn_params_write(const wn_params *params, const wn_real *vector)
{
    for (int i = 0; i < params->n_slots; i++) {
        const wn_slot *s = &params->slots[i];
        for (size_t j = 0; j < s->count; j++) s->data[j] = (float)vector[s->offset + transposed_index(s, j)];
    }
}
