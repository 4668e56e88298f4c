/* SPDX-License-Identifier: MIT
 * clone.c - a deep copy of a description in an arena of its own.
 * Copyright (c) 2026 the wavenet authors */
#include "model/clone.h"

#include <string.h>

#include "model/description.h"

/* A copy in progress. After a failed allocation `failed` stays set and pointers become NULL. */
struct copier {
    wn_arena *arena;
    bool failed;
};

static void *copy(struct copier *c, const void *data, int64_t n, size_t size)
{
    if (!data) return NULL;
    void *out = c->failed ? NULL : wn_arena_alloc(c->arena, (size_t)n, size);
    if (!out)
        c->failed = true;
    else
        memcpy(out, data, (size_t)n * size);
    return out;
}

static char *copy_text(struct copier *c, const char *text)
{
    return text ? copy(c, text, (int64_t)strlen(text) + 1, 1) : NULL;
}

static float *copy_floats(struct copier *c, const float *data, int64_t n) { return copy(c, data, n, sizeof(float)); }

static void clone_conv(struct copier *c, wn_conv *conv)
{
    conv->weight = copy_floats(c, conv->weight, wn_conv_weights(conv));
    conv->bias = copy_floats(c, conv->bias, conv->out);
}

static void clone_act(struct copier *c, wn_act *act) { act->slopes = copy_floats(c, act->slopes, act->n_slopes); }

static void clone_layer(struct copier *c, wn_layer *l)
{
    wn_conv *convs[] = {&l->conv, &l->mixin, &l->held, &l->skip, &l->residual};
    for (size_t i = 0; i < sizeof convs / sizeof *convs; i++) clone_conv(c, convs[i]);
    clone_act(c, &l->act);
    clone_act(c, &l->gate);
    for (int i = 0; i < WN_FILM_COUNT; i++) clone_conv(c, &l->film[i].conv);
}

static void clone_stack(struct copier *c, wn_stack *s)
{
    clone_conv(c, &s->rechannel);
    clone_conv(c, &s->head);
    s->layers = copy(c, s->layers, s->n_layers, sizeof *s->layers);
    for (int i = 0; s->layers && i < s->n_layers; i++) clone_layer(c, &s->layers[i]);
}

static void clone_stage(struct copier *c, wn_stage *s)
{
    clone_conv(c, &s->conv);
    s->kernel = copy_floats(c, s->kernel, (int64_t)s->height * s->width);
    s->bias = copy_floats(c, s->bias, 1);
    clone_act(c, &s->act);
}

static void clone_analysis(struct copier *c, wn_analysis_config *a)
{
    a->mean = copy(c, a->mean, a->n_mean, sizeof(double));
    a->std = copy(c, a->std, a->n_std, sizeof(double));
}

static void clone_condition(struct copier *c, wn_condition *d)
{
    d->features = copy(c, d->features, d->n_features, sizeof *d->features);
    for (int i = 0; d->features && i < d->n_features; i++)
        d->features[i].taus = copy(c, d->features[i].taus, d->features[i].n, sizeof(double));
    d->stages = copy(c, d->stages, d->n_stages, sizeof *d->stages);
    for (int i = 0; d->stages && i < d->n_stages; i++) clone_stage(c, &d->stages[i]);
    d->harmonic_source.harmonics = copy(c, d->harmonic_source.harmonics, d->harmonic_source.n, sizeof(int));
    if (d->harmonic_source.phase_offsets)
        d->harmonic_source.phase_offsets =
            copy(c, d->harmonic_source.phase_offsets, d->harmonic_source.n, sizeof(double));
    clone_analysis(c, &d->analysis);
    d->embedding = copy_floats(c, d->embedding, (int64_t)d->n_speakers * d->global_channels);
    if (d->nested && !(d->nested = wn_model_clone(d->nested))) c->failed = true;
}

static char **clone_texts(struct copier *c, char **texts, int n)
{
    texts = copy(c, texts, n, sizeof *texts);
    for (int i = 0; texts && i < n; i++) texts[i] = copy_text(c, texts[i]);
    return texts;
}

static void clone_control(struct copier *c, wn_model_control *control)
{
    control->name = copy_text(c, control->name);
    control->unit = copy_text(c, control->unit);
    control->choices = clone_texts(c, control->choices, control->n_choices);
}

/* Models that are not copied become NULL: freeing the copy must leave the original's alone. */
static void clone_chain(struct copier *c, wn_model *m)
{
    m->chain = copy(c, m->chain, m->n_chain, sizeof *m->chain);
    for (int i = 0; m->chain && i < m->n_chain; i++)
        if (!(m->chain[i] = wn_model_clone(m->chain[i]))) c->failed = true;
}

wn_model *wn_model_clone(const wn_model *model)
{
    wn_model *m = wn_model_new();
    if (!m) return NULL;
    struct copier c = {m->arena, false};
    *m = *model;
    m->arena = c.arena;
    clone_condition(&c, &m->condition); /* first: until here inner models are still the original's */
    clone_chain(&c, m);
    m->name = copy_text(&c, m->name);
    m->note = copy_text(&c, m->note);
    m->metadata = copy_text(&c, m->metadata);
    m->container = copy_text(&c, m->container);
    m->input.values = copy_floats(&c, m->input.values, m->input.n_classes);
    clone_analysis(&c, &m->input.analysis);
    m->labels.names = clone_texts(&c, m->labels.names, m->labels.n);
    m->controls = copy(&c, m->controls, m->n_controls, sizeof *m->controls);
    for (int i = 0; m->controls && i < m->n_controls; i++) clone_control(&c, &m->controls[i]);
    m->stacks = copy(&c, m->stacks, m->n_stacks, sizeof *m->stacks);
    for (int i = 0; m->stacks && i < m->n_stacks; i++) clone_stack(&c, &m->stacks[i]);
    m->head = copy(&c, m->head, m->n_head, sizeof *m->head);
    for (int i = 0; m->head && i < m->n_head; i++) {
        clone_act(&c, &m->head[i].act);
        clone_conv(&c, &m->head[i].conv);
    }
    if (!c.failed) return m;
    wn_model_free(m);
    return NULL;
}
