/* SPDX-License-Identifier: MIT
 * tensors.c - the one list of a model's tensors: names, shapes, memory.
 * Copyright (c) 2026 the wavenet authors */
#include "model/tensors.h"

#include <stdarg.h>
#include <stdio.h>

#include "model/stage.h"

/* A walk over the tensors; `prefix` names the inner model it is in. Once status is not OK nothing more is called. */
struct walk {
    wn_tensor_fn *fn;
    void *user;
    char prefix[128];
    wn_status status;
};

static void emit(struct walk *w, float *data, int ndim, const int64_t *shape, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

static void emit(struct walk *w, float *data, int ndim, const int64_t *shape, const char *format, ...)
{
    if (w->status || !data) return;
    char role[128], name[256];
    va_list args;
    va_start(args, format);
    vsnprintf(role, sizeof role, format, args);
    va_end(args);
    snprintf(name, sizeof name, "%s%s", w->prefix, role);
    w->status = w->fn(w->user, name, data, ndim, shape);
}

static void conv_tensors(struct walk *w, const wn_conv *c, const char *role)
{
    if (!c->out) return;
    emit(w, c->weight, 3, (int64_t[]){c->out, c->in / c->groups, c->kernel}, "%s.weight", role);
    if (c->has_bias) emit(w, c->bias, 1, (int64_t[]){c->out}, "%s.bias", role);
}

static void act_tensors(struct walk *w, const wn_act *a, const char *role)
{
    if (wn_act_row_of(a->kind)->flags & WN_ACT_PER_CHANNEL)
        emit(w, a->slopes, 1, (int64_t[]){a->n_slopes}, "%s.slopes", role);
}

const char *wn_film_name(int place)
{
    static const char *const names[WN_FILM_COUNT] = {"conv_pre", "conv_post", "mixin_pre",     "mixin_post",
                                                     "act_pre",  "act_post",  "residual_post", "skip_post"};
    return names[place];
}

static void layer_tensors(struct walk *w, const wn_layer *l, int stack, int layer)
{
    char role[128];
    const struct {
        const char *name;
        const wn_conv *conv;
    } convs[] = {
        {"conv", &l->conv}, {"mixin", &l->mixin}, {"held", &l->held}, {"skip", &l->skip}, {"residual", &l->residual}};
    for (size_t i = 0; i < sizeof convs / sizeof *convs; i++) {
        snprintf(role, sizeof role, "stacks.%d.layers.%d.%s", stack, layer, convs[i].name);
        conv_tensors(w, convs[i].conv, role);
    }
    snprintf(role, sizeof role, "stacks.%d.layers.%d.act", stack, layer);
    act_tensors(w, &l->act, role);
    snprintf(role, sizeof role, "stacks.%d.layers.%d.gate", stack, layer);
    act_tensors(w, &l->gate, role);
    for (int i = 0; i < WN_FILM_COUNT; i++) {
        snprintf(role, sizeof role, "stacks.%d.layers.%d.film.%s", stack, layer, wn_film_name(i));
        if (l->film[i].active) conv_tensors(w, &l->film[i].conv, role);
    }
}

static void stack_tensors(struct walk *w, const wn_stack *s, int stack)
{
    char role[128];
    snprintf(role, sizeof role, "stacks.%d.rechannel", stack);
    conv_tensors(w, &s->rechannel, role);
    for (int i = 0; i < s->n_layers; i++) layer_tensors(w, &s->layers[i], stack, i);
    snprintf(role, sizeof role, "stacks.%d.head", stack);
    conv_tensors(w, &s->head, role);
}

static void stage_tensors(struct walk *w, const wn_stage *s, int stage)
{
    char role[128];
    snprintf(role, sizeof role, "condition.stages.%d", stage);
    const wn_conv *c = &s->conv;
    if (wn_stage_has(s, WN_STAGE_HAS_TRANSPOSED)) {
        emit(w, c->weight, 3, (int64_t[]){c->in, c->out, c->kernel}, "%s.weight", role);
        if (c->has_bias) emit(w, c->bias, 1, (int64_t[]){c->out}, "%s.bias", role);
    } else if (wn_stage_has(s, WN_STAGE_HAS_CONV)) {
        conv_tensors(w, c, role);
    } else if (wn_stage_has(s, WN_STAGE_HAS_KERNEL_2D)) {
        emit(w, s->kernel, 2, (int64_t[]){s->height, s->width}, "%s.weight", role);
        emit(w, s->bias, 1, (int64_t[]){1}, "%s.bias", role);
    }
    snprintf(role, sizeof role, "condition.stages.%d.act", stage);
    act_tensors(w, &s->act, role);
}

static void head_tensors(struct walk *w, const wn_head_layer *h, int index)
{
    char role[128];
    snprintf(role, sizeof role, "head.%d", index);
    conv_tensors(w, &h->conv, role);
    snprintf(role, sizeof role, "head.%d.act", index);
    act_tensors(w, &h->act, role);
}

static wn_status walk_model(struct walk *w, wn_model *m);

static void inner_tensors(struct walk *w, wn_model *m, const char *role)
{
    if (!m || w->status) return;
    struct walk inner = {w->fn, w->user, "", WN_OK};
    snprintf(inner.prefix, sizeof inner.prefix, "%.100s%.24s.", w->prefix, role);
    w->status = walk_model(&inner, m);
}

static wn_status walk_model(struct walk *w, wn_model *m)
{
    wn_condition *c = &m->condition;
    emit(w, c->embedding, 2, (int64_t[]){c->n_speakers, c->global_channels}, "condition.embedding");
    for (int i = 0; i < c->n_stages; i++) stage_tensors(w, &c->stages[i], i);
    for (int i = 0; i < m->n_stacks; i++) stack_tensors(w, &m->stacks[i], i);
    for (int i = 0; i < m->n_head; i++) head_tensors(w, &m->head[i], i);
    inner_tensors(w, c->nested, "condition.nested");
    for (int i = 0; i < m->n_chain; i++) {
        char role[24];
        snprintf(role, sizeof role, "chain.%d", i);
        inner_tensors(w, m->chain[i], role);
    }
    return w->status;
}

wn_status wn_model_tensors(wn_model *model, wn_tensor_fn *fn, void *user)
{
    struct walk walk = {fn, user, "", WN_OK};
    return walk_model(&walk, model);
}
