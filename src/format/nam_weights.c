/* SPDX-License-Identifier: MIT
 * nam_weights.c - the flat list of weights of an amp capture: one order for counting, reading and writing.
 * Copyright (c) 2026 the wavenet authors */
#include "format/nam_weights.h"

#include <math.h>
#include <string.h>

#include "format/nam_reader.h"
#include "model/description.h"

struct walk {
    wn_nam_run_fn *fn;
    void *user;
    wn_status status;
};

static void visit(struct walk *w, float **data, int64_t n)
{
    if (!w->status && n) w->status = w->fn(w->user, data, n);
}

static void visit_conv(struct walk *w, wn_conv *c)
{
    visit(w, &c->weight, wn_conv_weights(c));
    visit(w, &c->bias, c->has_bias ? c->out : 0);
}

static void visit_layer(struct walk *w, wn_layer *l)
{
    visit_conv(w, &l->conv);
    visit_conv(w, &l->mixin);
    visit_conv(w, &l->residual);
    visit_conv(w, &l->skip);
    for (int i = 0; i < WN_FILM_COUNT; i++)
        if (l->film[i].active) visit_conv(w, &l->film[i].conv);
}

wn_status wn_nam_runs(wn_model *model, bool head_scale, wn_nam_run_fn *fn, void *user)
{
    struct walk w = {fn, user, WN_OK};
    for (int i = 0; i < model->n_stacks; i++) {
        wn_stack *s = &model->stacks[i];
        visit_conv(&w, &s->rechannel);
        for (int l = 0; l < s->n_layers; l++) visit_layer(&w, &s->layers[l]);
        visit_conv(&w, &s->head);
    }
    for (int i = 0; i < model->n_head; i++) visit_conv(&w, &model->head[i].conv);
    float *scale = &model->head_scale;
    if (head_scale) visit(&w, &scale, 1);
    return w.status;
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

/* No further than the limit, so that nothing overflows. */
static wn_status count(void *user, float **data, int64_t n)
{
    int64_t *total = user;
    *total += n;
    return *total > WN_MAX_PARAMETERS ? WN_ERROR_FORMAT : WN_OK;
}

const float *wn_nam_floats(wn_nam_reader *x, int64_t expected)
{
    if (x->r->status) return NULL;
    struct wn_nam_list *list = wn_nam_lists_find(x->lists, x->weights);
    size_t n = list ? list->n : json_array_size(x->weights);
    if ((int64_t)n != expected)
        wn_json_fail(x->r, "weights", "lists %zu values, but the config needs %lld", n, (long long)expected);
    if (!x->r->status && !list) list = wn_nam_lists_add(x->lists, x->r, x->weights);
    if (x->r->status) return NULL;
    list->used = true;
    return list->values;
}

wn_status wn_nam_take(void *cursor, float **data, int64_t n)
{
    wn_nam_cursor *c = cursor;
    wn_status status = WN_OK;
    if (!*data) status = wn_weights_new(c->x->model->arena, data, n, c->x->r->file, c->x->r->error);
    if (status) return status;
    memcpy(*data, c->next, (size_t)n * sizeof **data);
    c->next += n;
    return WN_OK;
}

/* The player that everybody hears reads these weights and never uses them; so do we, and say it. */
static void drop_unused(wn_nam_reader *x)
{
    for (int i = 0; i < x->model->n_stacks; i++)
        for (int k = 0; k < x->model->stacks[i].n_layers; k++) {
            wn_layer *l = &x->model->stacks[i].layers[k];
            if (l->gating == WN_GATING_BLENDED || !l->film[WN_FILM_RESIDUAL_POST].active) continue;
            l->film[WN_FILM_RESIDUAL_POST] = (wn_film){0};
            wn_nam_note(x, "layer1x1_post_film is ignored outside blended layers, as players do; its trainer did not");
        }
}

void wn_nam_wavenet_weights(wn_nam_reader *x)
{
    int64_t expected = 0;
    if (x->r->status) return;
    if (wn_nam_runs(x->model, true, count, &expected))
        wn_json_fail(x->r, "config", "describes more than %lld weights", (long long)WN_MAX_PARAMETERS);
    const float *list = wn_nam_floats(x, expected);
    wn_nam_cursor cursor = {x, list};
    if (list) x->r->status = wn_nam_runs(x->model, true, wn_nam_take, &cursor);
    drop_unused(x);
    double scale = (double)x->model->head_scale;
    if (!(fabs(scale) <= 1e6)) wn_json_fail(x->r, "weights", "end with the head scale %g, expected -1e6 to 1e6", scale);
}
