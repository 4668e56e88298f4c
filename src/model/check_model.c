/* SPDX-License-Identifier: MIT
 * check_model.c - every width meets its neighbour: what a description must satisfy before anything runs it.
 * Copyright (c) 2026 the wavenet authors */
#include "model/check_model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/check.h"
#include "model/check_condition.h"
#include "model/companding.h"
#include "model/receptive.h"
#include "model/tensors.h"

/* A 1x1: one tap. */
static wn_status check_1x1(const wn_check *check, const char *place, const wn_conv *conv, int in, int out, bool bias)
{
    wn_status status = wn_check_conv(check, place, conv, in, out);
    if (status) return status;
    if (conv->kernel != 1 || conv->dilation != 1)
        return wn_check_fail(check, place, "has kernel %d and dilation %d, expected a 1x1", conv->kernel,
                             conv->dilation);
    if (conv->has_bias && !bias) return wn_check_fail(check, place, "has a bias of its own, expected none");
    return WN_OK;
}

static wn_status check_scale(const wn_check *check, const char *place, float scale)
{
    return isfinite(scale) ? WN_OK : wn_check_fail(check, place, "is not finite");
}

/* ---- layers -------------------------------------------------------------------------------------------------- */

int wn_film_width(const wn_layer *l, int place, int local)
{
    switch (place) {
    case WN_FILM_CONV_PRE: return l->conv.in;
    case WN_FILM_MIXIN_PRE: return l->mixin.out ? local : 0;
    case WN_FILM_MIXIN_POST: return l->mixin.out;
    case WN_FILM_CONV_POST:
    case WN_FILM_ACT_PRE: return l->conv.out;
    case WN_FILM_ACT_POST: return l->bottleneck;
    case WN_FILM_RESIDUAL_POST: return l->residual.out;
    default: return l->skip.out;
    }
}

static wn_status check_film(const wn_check *check, const wn_layer *l, int local)
{
    for (int i = 0; i < WN_FILM_COUNT; i++) {
        if (!l->film[i].active) continue;
        char place[32];
        snprintf(place, sizeof place, "film.%s", wn_film_name(i));
        int width = wn_film_width(l, i, local);
        if (!local) return wn_check_fail(check, place, "needs a local condition, and the model has none");
        if (!width) return wn_check_fail(check, place, "modulates a convolution that is absent");
        wn_status status = check_1x1(check, place, &l->film[i].conv, local, width * (l->film[i].shift ? 2 : 1), true);
        if (status) return status;
    }
    return WN_OK;
}

static wn_status check_condition_1x1s(const wn_check *check, const wn_layer *l, const wn_condition *c)
{
    const struct {
        const char *name;
        const wn_conv *conv;
        int width;
    } all[] = {{"mixin", &l->mixin, c->local_channels}, {"held", &l->held, c->held_channels}};
    for (int i = 0; i < 2; i++) {
        if (!all[i].conv->out) continue;
        if (!all[i].width) return wn_check_fail(check, all[i].name, "needs a condition that the model does not have");
        wn_status status = check_1x1(check, all[i].name, all[i].conv, all[i].width, l->conv.out, false);
        if (status) return status;
    }
    return WN_OK;
}

/* The operations that read the layer's result: the skip and residual 1x1s, or the next layer itself. */
static wn_status check_outputs(const wn_check *check, const wn_layer *l, const wn_stack *s)
{
    int b = l->bottleneck;
    if (l->plain) {
        if (l->skip.out || l->residual.out)
            return wn_check_fail(check, "", "is plain, expected no skip and no residual");
        return b == s->channels
                   ? WN_OK
                   : wn_check_fail(check, "", "is plain with %d channels out, expected %d", b, s->channels);
    }
    wn_status status = WN_OK;
    if (l->residual.out) status = check_1x1(check, "residual", &l->residual, b, s->channels, true);
    if (!status && l->skip.out) status = check_1x1(check, "skip", &l->skip, b, s->skip_channels, true);
    if (!status && !l->skip.out && !s->plain_output && b != s->skip_channels)
        return wn_check_fail(check, "", "adds %d channels to the skip sum directly, expected %d", b, s->skip_channels);
    return status;
}

static wn_status check_layer(const wn_check *check, const wn_layer *l, const wn_stack *s, const wn_condition *c)
{
    if ((unsigned)l->gating > WN_GATING_BLENDED) return wn_check_fail(check, "gating", "is no gating");
    wn_status status = wn_check_range(check, "bottleneck", l->bottleneck, 1, WN_MAX_CHANNELS);
    int rows = l->bottleneck * (l->gating == WN_GATING_NONE ? 1 : 2);
    if (!status) status = wn_check_conv(check, "conv", &l->conv, s->channels, rows);
    if (!status) status = wn_check_act(check, "act", &l->act, l->bottleneck);
    if (!status && l->gating != WN_GATING_NONE) status = wn_check_act(check, "gate", &l->gate, l->bottleneck);
    if (!status) status = check_condition_1x1s(check, l, c);
    if (!status) status = check_outputs(check, l, s);
    if (!status) status = check_film(check, l, c->local_channels);
    if (!status) status = check_scale(check, "residual_scale", l->residual_scale);
    return status ? status : check_scale(check, "skip_scale", l->skip_scale);
}

/* ---- stacks, head, input, output ------------------------------------------------------------------------------ */

/* Channels that one stack passes to the next: of the residual and of the head output. */
struct flow {
    int residual, output, layers;
};

static wn_status check_stack_sum(const wn_check *check, const wn_stack *s, int index, const struct flow *flow)
{
    if (s->plain_output && s->head.out) return wn_check_fail(check, "head", "follows a plain output, expected none");
    if (s->plain_output) return WN_OK;
    if (!s->n_layers) return wn_check_fail(check, "layers", "is empty, so that the stack has nothing to sum");
    if ((unsigned)s->skip_sum > WN_SKIP_RUNNING) return wn_check_fail(check, "skip_sum", "is no skip sum");
    if (index && s->skip_sum == WN_SKIP_RUNNING)
        return wn_check_fail(check, "skip_sum", "is running, which only the first stack can be");
    if (index && flow->output != s->skip_channels)
        return wn_check_fail(check, "skip_channels", "is %d, expected the %d outputs of the stack before",
                             s->skip_channels, flow->output);
    for (int i = 0; i < s->n_layers; i++)
        if (s->layers[i].plain) return wn_check_fail(check, "layers", "contains a plain layer, which adds no skip");
    return WN_OK;
}

static wn_status check_stack(wn_check *check, const wn_model *m, int index, struct flow *flow)
{
    const wn_stack *s = &m->stacks[index];
    snprintf(check->place, sizeof check->place, "stacks.%d", index);
    flow->layers += s->n_layers;
    wn_status status = wn_check_range(check, "channels", s->channels, 1, WN_MAX_CHANNELS);
    if (!status && !s->plain_output)
        status = wn_check_range(check, "skip_channels", s->skip_channels, 1, WN_MAX_CHANNELS);
    if (!status) status = wn_check_range(check, "layers", s->n_layers, 0, WN_MAX_LAYERS - (flow->layers - s->n_layers));
    if (!status) status = wn_check_conv(check, "rechannel", &s->rechannel, flow->residual, s->channels);
    if (!status) status = check_stack_sum(check, s, index, flow);
    if (!status) status = check_scale(check, "skip_out_scale", s->skip_out_scale);
    if (!status && s->head.out) status = wn_check_conv(check, "head", &s->head, s->skip_channels, 0);
    for (int i = 0; !status && i < s->n_layers; i++) {
        snprintf(check->place, sizeof check->place, "stacks.%d.layers.%d", index, i);
        status = check_layer(check, &s->layers[i], s, &m->condition);
    }
    flow->residual = s->channels;
    flow->output = s->plain_output ? s->channels : s->head.out ? s->head.out : s->skip_channels;
    return status;
}

static wn_status check_stacks(wn_check *check, const wn_model *m)
{
    struct flow flow = {m->input.n_classes ? m->input.n_classes : m->input.channels, 0, 0};
    wn_status status = wn_check_range(check, "stacks", m->n_stacks, 1, WN_MAX_STACKS);
    for (int i = 0; !status && i < m->n_stacks; i++) status = check_stack(check, m, i, &flow);
    *check->place = '\0';
    if (!status) status = wn_check_range(check, "head", m->n_head, 0, WN_MAX_HEAD);
    int width = flow.output;
    for (int i = 0; !status && i < m->n_head; i++) {
        const wn_head_layer *h = &m->head[i];
        char place[32];
        snprintf(place, sizeof place, "head.%d", i);
        status = wn_check_act(check, place, &h->act, width);
        if (!status) status = wn_check_conv(check, place, &h->conv, width, 0);
        width = h->conv.out;
    }
    if (!status && width != m->output_channels)
        return wn_check_fail(check, "output", "needs %d channels, but the network gives %d", m->output_channels, width);
    return status ? status : check_scale(check, "head_scale", m->head_scale);
}

static wn_status check_input(const wn_check *check, const wn_encoding *e)
{
    wn_status status = wn_check_range(check, "input.channels", e->channels, 1, WN_MAX_CHANNELS);
    if (status) return status;
    if ((unsigned)e->companding >= WN_COMPANDING_COUNT) return wn_check_fail(check, "input.companding", "is unknown");
    if (!isfinite(e->mu) || e->mu < 0.0 || e->mu > 1e9)
        return wn_check_fail(check, "input.mu", "is %g, expected 0 to 1e9", e->mu);
    if (!(e->pre_emphasis >= 0.0 && e->pre_emphasis < 1.0))
        return wn_check_fail(check, "input.pre_emphasis", "is %g, expected 0 to below 1", e->pre_emphasis);
    if (!(e->gain >= 1e-6 && e->gain <= 1e6))
        return wn_check_fail(check, "input.gain", "is %g, expected 1e-6 to 1e6", e->gain);
    if (!(fabs(e->first) <= 1.0)) return wn_check_fail(check, "input.first", "is %g, expected -1 to 1", e->first);
    if (!e->n_classes)
        return e->companding ? wn_check_fail(check, "input.companding", "needs classes, expected mu for PCM values")
                             : WN_OK;
    if (e->channels != 1) return wn_check_fail(check, "input.channels", "is %d, expected 1 for classes", e->channels);
    if (!e->companding) return wn_check_fail(check, "input.companding", "is missing, expected one for classes");
    if (e->mu != 0.0) return wn_check_fail(check, "input.mu", "is for PCM values, expected none with classes");
    return wn_check_range(check, "input.classes", e->n_classes, 4, WN_MAX_CLASSES);
}

/* The channels of the input are rows of features, whose rate is the model's. */
static wn_status check_input_analysis(wn_check *check, const wn_model *m)
{
    const wn_analysis_config *a = &m->input.analysis;
    if (!m->input.has_analysis) return WN_OK;
    if (m->input.n_classes || m->autoregressive)
        return wn_check_fail(check, "input.analysis", "is only for feed-forward models without input classes");
    wn_status status = wn_check_analysis(check, "input.analysis", a, m->input.channels);
    if (status) return status;
    *check->place = '\0';
    if (!(fabs(m->sample_rate * a->hop - a->sample_rate) <= 1e-6 * a->sample_rate))
        return wn_check_fail(check, "sample_rate", "is %g, but the analysis makes %g rows per second", m->sample_rate,
                             a->sample_rate / a->hop);
    return WN_OK;
}

static wn_status check_labels(const wn_check *check, const wn_model *m)
{
    const wn_labels *l = &m->labels;
    if (!l->n) return WN_OK;
    if (!(wn_distributions[m->output].parts & WN_DISTRIBUTION_CLASSES) || m->autoregressive)
        return wn_check_fail(check, "output.classes", "are only for a categorical output that is not fed back");
    wn_status status = wn_check_range(check, "output.classes", l->n, 2, WN_MAX_CLASSES);
    if (status || !l->names) return status;
    status = wn_check_range(check, "output.names", l->n, 2, WN_MAX_CHOICES);
    for (int i = 0; !status && i < l->n; i++) {
        if (!l->names[i] || !*l->names[i] || !wn_check_printable(l->names[i]))
            return wn_check_fail(check, "output.names", "name %d is empty or contains a control character", i);
        for (int k = 0; k < i; k++)
            if (!strcmp(l->names[i], l->names[k]))
                return wn_check_fail(check, "output.names", "\"%.64s\" stands there twice", l->names[i]);
    }
    return status;
}

static wn_status check_output(const wn_check *check, const wn_model *m)
{
    int expected = m->output_channels;
    wn_status status = wn_check_range(check, "output.channels", m->output_channels, 1, WN_MAX_CLASSES);
    if (status) return status;
    if ((unsigned)m->output >= WN_OUTPUT_COUNT) return wn_check_fail(check, "output.kind", "is unknown");
    unsigned parts = wn_distributions[m->output].parts;
    if (parts & WN_DISTRIBUTION_MIXTURE)
        status = wn_check_range(check, "output.mixtures", m->n_mixtures, 1, WN_MAX_MIXTURES);
    if (parts)
        expected = wn_distribution_channels(m->output, m->labels.n ? m->labels.n : m->input.n_classes, m->n_mixtures);
    else if (m->autoregressive)
        expected = m->input.channels;
    if (status) return status;
    if (m->output_channels != expected)
        return wn_check_fail(check, "output", "has %d channels, expected %d", m->output_channels, expected);
    if (m->delay && m->autoregressive)
        return wn_check_fail(check, "output.delay", "is only for models whose output is not fed back");
    status = wn_check_range(check, "output.delay", m->delay, 0, WN_MAX_DELAY);
    if (!status) status = check_labels(check, m);
    if (status) return status;
    if (!m->labels.n && ((parts & WN_DISTRIBUTION_CLASSES) != 0) != (m->input.n_classes > 0))
        return wn_check_fail(check, "output",
                             "and input do not match: classes in need categorical out, and the reverse");
    if ((m->input.pre_emphasis != 0.0 || m->input.gain != 1.0) && !(m->autoregressive && parts))
        return wn_check_fail(check, m->input.pre_emphasis != 0.0 ? "input.pre_emphasis" : "input.gain",
                             "is only for autoregressive models whose output is a distribution");
    if (m->input.mu > 0.0 && !m->autoregressive)
        return wn_check_fail(check, "input.mu", "is only for autoregressive models");
    if (parts && !m->labels.n && m->input.channels != 1)
        return wn_check_fail(check, "input.channels", "is %d, expected 1 for a distribution", m->input.channels);
    if (isnan(m->log_scale_min) || m->log_scale_min == INFINITY)
        return wn_check_fail(check, "output.log_scale_min", "is not a number");
    return WN_OK;
}

static wn_status check_sampling(const wn_check *check, const wn_model *m)
{
    if (!(m->temperature >= 0.0 && m->temperature <= 1e6))
        return wn_check_fail(check, "sampling.temperature", "is %g, expected 0 or more", m->temperature);
    if (!(m->top_p > 0.0 && m->top_p <= 1.0))
        return wn_check_fail(check, "sampling.top_p", "is %g, expected above 0 to 1", m->top_p);
    if (!(m->temperature_below >= 0.0 && m->temperature_below <= 1e6))
        return wn_check_fail(check, "sampling.temperature_below", "is %g, expected 0 or more", m->temperature_below);
    if (m->temperature_channel < 0 && m->temperature_below != 0.0)
        return wn_check_fail(check, "sampling.temperature_below", "needs a temperature_channel");
    if (m->temperature_channel >= 0 && m->condition.source != WN_CONDITION_FEATURES)
        return wn_check_fail(check, "sampling.temperature_channel", "needs a condition of features");
    wn_status status = wn_check_range(check, "sampling.temperature_channel", m->temperature_channel, -1,
                                      m->condition.feature_channels - 1);
    return status ? status : wn_check_range(check, "sampling.top_k", m->top_k, 0, WN_MAX_CLASSES);
}

/* ---- the whole model ------------------------------------------------------------------------------------------ */

static wn_status check_finite(void *user, const char *name, float *data, int ndim, const int64_t *shape)
{
    int64_t n = 1;
    for (int i = 0; i < ndim; i++) n *= shape[i];
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(data[i]))
            return wn_check_fail(user, name, "value %lld is %s, expected finite weights", (long long)i,
                                 isnan(data[i]) ? "NaN" : "infinite");
    return WN_OK;
}

static wn_status derive_values(const wn_check *check, wn_model *m)
{
    wn_encoding *e = &m->input;
    if (!e->n_classes || e->values) return WN_OK;
    e->values = wn_arena_alloc(m->arena, (size_t)e->n_classes, sizeof(float));
    if (!e->values) return wn_fail_memory(check->error, check->path);
    for (int i = 0; i < e->n_classes; i++) e->values[i] = (float)wn_compand_decode(e->companding, e->n_classes, i);
    return WN_OK;
}

static wn_status finish(wn_model *m, wn_check *check, int depth);

/* Each model turns sound into sound, and takes what the one before gives, at one rate. */
static wn_status check_link(const wn_check *check, const wn_model *m, int index, int channels)
{
    const wn_model *link = m->chain[index];
    char place[32];
    snprintf(place, sizeof place, "chain.%d", index);
    if (link->output != WN_OUTPUT_PCM || link->autoregressive || link->delay || link->input.n_classes ||
        (link->condition.source != WN_CONDITION_NONE && link->condition.source != WN_CONDITION_INPUT) ||
        link->condition.global_channels || link->condition.harmonic_source.n)
        return wn_check_fail(check, place, "is not a plain effect: PCM in, PCM out, no conditions of its own");
    if (link->input.channels != channels)
        return wn_check_fail(check, place, "takes %d channels, expected %d", link->input.channels, channels);
    if (link->sample_rate != 0 && link->sample_rate != m->sample_rate)
        return wn_check_fail(check, place, "has sample rate %g, expected %g", link->sample_rate, m->sample_rate);
    return WN_OK;
}

static wn_status check_chain(wn_check *check, wn_model *m, int depth)
{
    wn_status status = wn_check_range(check, "chain", m->n_chain, 1, WN_MAX_CHAIN);
    if (status) return status;
    if (m->n_stacks || m->n_head || m->head_scale != 1 || m->condition.source != WN_CONDITION_NONE || m->n_controls ||
        m->input.n_classes || m->autoregressive || m->output != WN_OUTPUT_PCM || m->condition.global_channels)
        return wn_check_fail(check, "chain", "stands beside a network, or beside conditions");
    int channels = m->input.channels;
    for (int i = 0; i < m->n_chain && !status; i++) {
        status = finish(m->chain[i], check, depth + 1);
        if (!status) status = check_link(check, m, i, channels);
        channels = m->chain[i]->output_channels;
    }
    if (!status && channels != m->output_channels)
        return wn_check_fail(check, "output", "needs %d channels, but the chain gives %d", m->output_channels,
                             channels);
    return status;
}

static wn_status finish(wn_model *m, wn_check *check, int depth)
{
    if (depth > WN_MAX_NESTING)
        return wn_check_fail(check, m->n_chain ? "chain" : "condition.nested", "is nested more than %d deep",
                             WN_MAX_NESTING);
    if (m->name && !wn_check_printable(m->name)) return wn_check_fail(check, "name", "contains a control character");
    if (m->note && !wn_check_printable(m->note)) return wn_check_fail(check, "note", "contains a control character");
    if (m->sample_rate != 0.0 && !(m->sample_rate >= 1.0 && m->sample_rate <= 1e8))
        return wn_check_fail(check, "sample_rate", "is %g Hz, expected 1 to 1e8, or 0 for unknown", m->sample_rate);
    if (m->condition.nested) {
        wn_status status = finish(m->condition.nested, check, depth + 1);
        if (status) return status;
    }
    wn_status status = check_input(check, &m->input);
    if (!status) status = check_output(check, m);
    if (!status) status = check_input_analysis(check, m);
    if (!status) status = wn_check_condition(check, m);
    if (!status) status = m->n_chain ? check_chain(check, m, depth) : check_stacks(check, m);
    if (!status) status = check_sampling(check, m);
    return status ? status : derive_values(check, m);
}

wn_status wn_model_check(wn_model *model, const char *path, wn_error *error)
{
    wn_check check = {path ? path : "", "", error};
    wn_status status = finish(model, &check, 0);
    if (!status && wn_model_parameters(model) > WN_MAX_PARAMETERS)
        return wn_check_fail(&check, "", "has more than %lld parameters", (long long)WN_MAX_PARAMETERS);
    if (!status && wn_model_remembered(model) > WN_MAX_REMEMBERED)
        return wn_check_fail(&check, "", "remembers more than %lld values while it runs", (long long)WN_MAX_REMEMBERED);
    return status;
}

wn_status wn_model_finish(wn_model *model, const char *path, wn_error *error)
{
    wn_check check = {path ? path : "", "", error};
    wn_status status = wn_model_check(model, path, error);
    return status ? status : wn_model_tensors(model, check_finite, &check);
}
