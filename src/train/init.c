/* SPDX-License-Identifier: MIT
 * init.c - the weights that training starts from.
 * Copyright (c) 2026 the wavenet authors */
#include "train/init.h"

#include <math.h>
#include <string.h>

#include "base/random_sequence.h"
#include "model/stage.h"
#include "model/tensors.h"
#include "train/augmentation.h"
#include "train/params.h"

enum { STREAM = 0x696e6974 }; /* keeps these draws apart from those of training */

struct init {
    wn_model *model;
    wn_random_sequence draw;
};

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), k = strlen(end);
    return n >= k && !strcmp(name + n - k, end);
}

static void normals(wn_random_sequence *d, float *data, int64_t n, double deviation)
{
    for (int64_t i = 0; i < n; i++) data[i] = (float)(deviation * wn_random_sequence_normal(d));
}

/* Smooth in the class: a little of its value, of its companded place, a few sines, and noise. Neighbouring classes then
 * begin alike, and are free to part. */
static void smooth_classes(wn_random_sequence *d, const wn_model *m, float *data, const int64_t *shape)
{
    enum { SINES = 4 };
    int n = (int)shape[1];
    for (int64_t row = 0; row < shape[0]; row++) {
        double value = wn_random_sequence_normal(d), place = wn_random_sequence_normal(d), size[SINES], at[SINES];
        for (int i = 0; i < SINES; i++)
            size[i] = 0.5 * wn_random_sequence_normal(d), at[i] = 6.2831853 * wn_random_sequence_uniform(d);
        for (int c = 0; c < n; c++) {
            double x = 2.0 * (c + 0.5) / n - 1, sum = value * (double)m->input.values[c] + place * x;
            for (int i = 0; i < SINES; i++) sum += size[i] * sin(3.14159265 * (i + 1) * x + at[i]);
            sum += 0.05 * wn_random_sequence_normal(d);
            for (int64_t k = 0; k < shape[2]; k++) data[(row * n + c) * shape[2] + k] = (float)(sum / (double)shape[2]);
        }
    }
}

/* A smoothing kernel begins as a mean over time, a two-dimensional transposed one as repetition. */
static void smooth_kernel(const wn_stage *s)
{
    double value = wn_stage_has(s, WN_STAGE_HAS_FACTOR) ? 1 : 1.0 / s->width;
    for (int j = 0; j < s->width; j++) s->kernel[s->height / 2 * s->width + j] = (float)value;
}

static bool init_kernel(const wn_model *m, const float *data)
{
    for (int i = 0; i < m->condition.n_stages; i++) {
        if (m->condition.stages[i].kernel != data) continue;
        smooth_kernel(&m->condition.stages[i]);
        return true;
    }
    return false;
}

static const wn_stage *transposed_stage(const wn_model *m, const float *data)
{
    for (int i = 0; i < m->condition.n_stages; i++)
        if (wn_stage_has(&m->condition.stages[i], WN_STAGE_HAS_TRANSPOSED) &&
            m->condition.stages[i].conv.weight == data)
            return &m->condition.stages[i];
    return NULL;
}

/* The weights of the last convolution before the output. */
static const float *last_weights(const wn_model *m)
{
    const wn_stack *s = &m->stacks[m->n_stacks - 1];
    return m->n_head ? m->head[m->n_head - 1].conv.weight : s->head.out ? s->head.weight : NULL;
}

static wn_status init_tensor(void *user, const char *name, float *data, int ndim, const int64_t *shape)
{
    struct init *s = user;
    const wn_model *m = s->model;
    int64_t n = 1;
    for (int i = 0; i < ndim; i++) n *= shape[i];
    if (ends_with(name, ".slopes")) return WN_OK; /* the recipe's */
    memset(data, 0, (size_t)n * sizeof *data);
    if (ends_with(name, ".bias") || init_kernel(m, data)) return WN_OK;
    const wn_stage *transposed = transposed_stage(m, data);
    if (ends_with(name, "embedding")) {
        normals(&s->draw, data, n, 0.3);
    } else if (m->input.n_classes && data == m->stacks[0].rechannel.weight) {
        smooth_classes(&s->draw, m, data, shape);
    } else if (transposed) {
        normals(&s->draw, data, n, sqrt((double)transposed->factor / ((double)shape[0] * (double)shape[2])));
    } else if (ndim == 3) {
        double gain = data == last_weights(m) ? wn_distributions[m->output].initial_gain : 1;
        normals(&s->draw, data, n, gain / sqrt((double)shape[1] * (double)shape[2]));
    }
    return WN_OK;
}

/* ---- from another model ----------------------------------------------------------------------------------------- */

/* Copies tensors of another model. Both list theirs in one order, so a search starts after the last one found. */
struct copying {
    wn_params other;
    int next, shared, all;
};

static bool same_slot(const wn_slot *s, const char *name, int ndim, const int64_t *shape)
{
    return s->ndim == ndim && !memcmp(s->shape, shape, (size_t)ndim * sizeof *shape) && !strcmp(s->name, name);
}

static wn_status copy_tensor(void *user, const char *name, float *data, int ndim, const int64_t *shape)
{
    struct copying *c = user;
    c->all++;
    for (int i = 0; i < c->other.n_slots; i++) {
        const wn_slot *s = &c->other.slots[(c->next + i) % c->other.n_slots];
        if (!same_slot(s, name, ndim, shape)) continue;
        memcpy(data, s->data, s->count * sizeof *data);
        c->next = (c->next + i + 1) % c->other.n_slots;
        c->shared++;
        break;
    }
    return WN_OK;
}

wn_status wn_init_copy(wn_model *model, const char *path, int *shared, int *all, wn_error *error)
{
    wn_model *other;
    wn_status status = wn_model_load(&other, path, error);
    if (status) return status;
    struct copying c = {0};
    status = wn_params_init(&c.other, other, error);
    if (!status) status = wn_model_tensors(model, copy_tensor, &c);
    if (!status && !c.shared)
        status = wn_fail(error, WN_ERROR_FORMAT, path, "shares no tensor with the recipe's model, by name and shape");
    *shared = c.shared;
    *all = c.all;
    wn_params_clear(&c.other);
    wn_model_free(other);
    return status;
}

/* ---- by chance -------------------------------------------------------------------------------------------------- */

wn_status wn_init_weights(wn_model *model, uint64_t seed)
{
    struct init s = {model, wn_random_sequence_start(seed, STREAM, 0)};
    return wn_model_tensors(model, init_tensor, &s);
}
