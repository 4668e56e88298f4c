/* SPDX-License-Identifier: MIT
 * nam_fit.c - whether a model is one that the format of amp captures can say, and the parts it would leave unsaid.
 * Copyright (c) 2026 the wavenet authors */
#include "format/nam_fit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "format/nam_act.h"
#include "model/clone.h"
#include "model/description.h"
#include "model/tensors.h"

/* A copy that is being made to fit. The first misfit stays in `status`. */
struct fit {
    wn_model *m;
    const char *path;
    char place[48]; /* "stacks.0.layers.3: ", or "" */
    wn_error *error;
    wn_status status;
};

static void misfit(struct fit *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void misfit(struct fit *f, const char *format, ...)
{
    char text[200];
    va_list args;
    if (f->status) return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    f->status =
        wn_fail(f->error, WN_ERROR_UNSUPPORTED, f->path, "the model does not fit a .nam file: %s%s", f->place, text);
}

static void failed(struct fit *f, wn_status status)
{
    if (!f->status) f->status = status;
}

/* The format has a bias wherever it may have one: zeros change nothing. */
static void give_bias(struct fit *f, wn_conv *c)
{
    if (!c->out || c->has_bias || f->status) return;
    failed(f, wn_weights_new(f->m->arena, &c->bias, c->out, f->path, f->error));
    c->has_bias = true;
}

/* ---- layers ---------------------------------------------------------------------------------------------------------- */

/* A layer that does not listen to the input listens with weights of zero. */
static void give_mixin(struct fit *f, wn_layer *l)
{
    if (l->mixin.out || f->status) return;
    failed(f, wn_conv_init(f->m->arena, &l->mixin, f->m->condition.local_channels, l->conv.out, 1, 1, 1, false, f->path,
                           f->error));
}

/* Times 1, plus 0: FiLM that changes no bit. Players read it in every layer of an array. */
static void give_film(struct fit *f, wn_layer *l, int place, const wn_film *like)
{
    wn_film *film = &l->film[place];
    if (film->active || f->status) return;
    *film = *like;
    wn_conv *c = &film->conv;
    failed(f, wn_conv_init(f->m->arena, c, like->conv.in, like->conv.out, 1, 1, like->conv.groups, true, f->path,
                           f->error));
    int d = like->shift ? like->conv.out / 2 : like->conv.out;
    for (int i = 0; c->bias && i < d; i++) c->bias[i] = 1.0f;
}

static void fit_residual_film(struct fit *f, wn_stack *s)
{
    const wn_film *like = NULL;
    for (int i = 0; i < s->n_layers; i++) {
        const wn_layer *l = &s->layers[i];
        if (!l->film[WN_FILM_RESIDUAL_POST].active) continue;
        like = &l->film[WN_FILM_RESIDUAL_POST];
        if (l->gating != WN_GATING_BLENDED)
            misfit(f, "layer %d has FiLM after its residual 1x1, which players apply in blended layers only", i);
    }
    for (int i = 0; like && i < s->n_layers; i++)
        if (s->layers[i].residual.out) give_film(f, &s->layers[i], WN_FILM_RESIDUAL_POST, like);
}

static bool same_film(const wn_film *a, const wn_film *b)
{
    if (!a->active || !b->active) return a->active == b->active;
    return a->shift == b->shift && a->conv.groups == b->conv.groups;
}

/* The keys of a layer array that hold for all of its layers. */
static void check_uniform(struct fit *f, const wn_layer *a, const wn_layer *l)
{
    if (l->bottleneck != a->bottleneck) misfit(f, "its bottleneck differs from the first layer's");
    if (!l->residual.out != !a->residual.out || !l->skip.out != !a->skip.out)
        misfit(f, "its skip and residual 1x1s differ from the first layer's");
    if (l->conv.groups != a->conv.groups || l->mixin.groups != a->mixin.groups ||
        l->residual.groups != a->residual.groups || l->skip.groups != a->skip.groups)
        misfit(f, "its groups differ from the first layer's");
    for (int i = 0; i < WN_FILM_COUNT; i++)
        if (!same_film(&l->film[i], &a->film[i]))
            misfit(f, "its FiLM %s differs from the first layer's", wn_film_name(i));
}

static void fit_layer(struct fit *f, const wn_stack *s, wn_layer *l)
{
    if (l->plain) misfit(f, "it is plain");
    if (l->held.out) misfit(f, "it has a held condition");
    if (l->residual_scale != 1.0f || l->skip_scale != 1.0f) misfit(f, "it scales its outputs");
    if (!wn_nam_has_act(&l->act) || (l->gating != WN_GATING_NONE && !wn_nam_has_act(&l->gate)))
        misfit(f, "the format has no such activation");
    if (!l->residual.out && l->bottleneck != s->channels) misfit(f, "a bottleneck needs a residual 1x1");
    give_bias(f, &l->conv);
    give_bias(f, &l->residual);
    give_bias(f, &l->skip);
    give_mixin(f, l);
    for (int i = 0; i < WN_FILM_COUNT; i++) give_bias(f, &l->film[i].conv);
}

/* ---- stacks, head ------------------------------------------------------------------------------------------------------ */

static void fit_stack(struct fit *f, int index)
{
    wn_stack *s = &f->m->stacks[index];
    const wn_conv *r = &s->rechannel;
    snprintf(f->place, sizeof f->place, "stacks.%d: ", index);
    if (s->plain_output) misfit(f, "its output is not a sum of layers");
    if (s->skip_sum != WN_SKIP_SUM || s->skip_out_scale != 1.0f) misfit(f, "its skip sum is scaled");
    if (r->kernel != 1 || r->groups != 1 || r->has_bias) misfit(f, "its first convolution is no 1x1 without bias");
    if (!s->head.out || s->head.groups != 1) misfit(f, "it has no head convolution in one group");
    if (index && s->channels != f->m->stacks[index - 1].head.out)
        misfit(f, "it has %d channels, expected the %d that the stack before gives", s->channels,
               f->m->stacks[index - 1].head.out);
    fit_residual_film(f, s);
    for (int i = 0; i < s->n_layers; i++) {
        snprintf(f->place, sizeof f->place, "stacks.%d.layers.%d: ", index, i);
        fit_layer(f, s, &s->layers[i]);
        check_uniform(f, &s->layers[0], &s->layers[i]);
    }
    *f->place = '\0';
}

static bool same_act(const wn_act *a, const wn_act *b)
{
    return a->kind == b->kind && !memcmp(a->p, b->p, sizeof a->p) && a->n_slopes == b->n_slopes &&
           (!a->n_slopes || !memcmp(a->slopes, b->slopes, (size_t)a->n_slopes * sizeof *a->slopes));
}

/* One activation for the whole head, widths equal but for the last; `kernel` 0: any. */
static void fit_head(struct fit *f)
{
    wn_model *m = f->m;
    for (int i = 0; i < m->n_head; i++) {
        wn_head_layer *h = &m->head[i];
        snprintf(f->place, sizeof f->place, "head.%d: ", i);
        if (!wn_nam_has_act(&h->act)) misfit(f, "the format has no such activation");
        if (!same_act(&h->act, &m->head[0].act)) misfit(f, "its activation differs from the first one's");
        if (i + 1 < m->n_head && h->conv.out != m->head[0].conv.out)
            misfit(f, "its width differs from the first one's");
        give_bias(f, &h->conv);
    }
    *f->place = '\0';
}

static void fit_wavenet(struct fit *f)
{
    wn_model *m = f->m;
    if (m->condition.source == WN_CONDITION_NONE) {
        m->condition.source = WN_CONDITION_INPUT;
        m->condition.local_channels = m->input.channels;
    }
    for (int i = 0; i < m->n_stacks; i++) fit_stack(f, i);
    fit_head(f);
    for (int i = 0; i < m->n_head; i++)
        if (m->head[i].conv.dilation != 1 || m->head[i].conv.groups != 1)
            misfit(f, "head.%d: it is dilated or has groups", i);
}

/* ConvNet: kernels of two, then a 1x1; Linear: one convolution. */
static void fit_plain(struct fit *f)
{
    wn_model *m = f->m;
    wn_conv *first = &m->stacks->rechannel;
    if (m->condition.nested) misfit(f, "a chain of convolutions cannot have a condition");
    if (m->head_scale != 1.0f) misfit(f, "its output is scaled");
    if (first->in != 1 || m->output_channels != 1) misfit(f, "it has more than one channel in or out");
    if (!m->n_head && first->dilation != 1) misfit(f, "its convolution is dilated");
    if (!m->n_head) return;
    give_bias(f, first);
    fit_head(f);
    for (int i = 0; i < m->n_head; i++) {
        const wn_conv *c = i ? &m->head[i - 1].conv : first;
        if (c->kernel != 2 || c->groups != 1) misfit(f, "convolution %d does not have two taps in one group", i);
    }
    const wn_conv *last = &m->head[m->n_head - 1].conv;
    if (last->kernel != 1 || last->groups != 1) misfit(f, "its last convolution is no 1x1");
}

static void fit_model(struct fit *f);

static void fit_inner(struct fit *f, wn_model *m)
{
    struct fit inner = {m, f->path, "", f->error, WN_OK};
    if (f->status) return;
    fit_model(&inner);
    f->status = inner.status;
}

static void fit_model(struct fit *f)
{
    const wn_model *m = f->m;
    const wn_condition *c = &m->condition;
    if (m->container) return; /* which is written as it was read */
    for (int i = 0; i < m->n_chain; i++) fit_inner(f, m->chain[i]);
    if (m->n_chain) return;
    if (m->autoregressive || m->output != WN_OUTPUT_PCM || m->input.n_classes)
        misfit(f, "it generates, and captures only process");
    if (m->input.has_analysis || m->delay) misfit(f, "it takes rows of features, or looks ahead");
    if (m->n_controls || c->global_channels || c->harmonic_source.n || c->source == WN_CONDITION_FEATURES ||
        c->source == WN_CONDITION_CONTROLS)
        misfit(f, "it has conditions other than its own input");
    if (f->status) return;
    if (m->n_stacks == 1 && m->stacks->plain_output && !m->stacks->n_layers)
        fit_plain(f);
    else
        fit_wavenet(f);
    if (c->nested) fit_inner(f, c->nested);
}

wn_status wn_nam_fit(wn_model **out, const wn_model *model, const char *path, wn_error *error)
{
    *out = NULL;
    struct fit f = {wn_model_clone(model), path, "", error, WN_OK};
    if (!f.m) return wn_fail_memory(error, path);
    fit_model(&f);
    if (f.status)
        wn_model_free(f.m);
    else
        *out = f.m;
    return f.status;
}
