/* SPDX-License-Identifier: MIT
 * nam_wavenet.c - the config of a WaveNet capture: condition, layer arrays in series, post-stack head.
 * Copyright (c) 2026 the wavenet authors */
#include "format/nam_wavenet.h"

#include "format/nam_act.h"
#include "format/nam_layers.h"
#include "format/nam_reader.h"
#include "model/description.h"

/* condition_dsp: a whole capture, whose output is the condition. */
static void read_condition(wn_nam_reader *x, const json_t *config)
{
    wn_json *r = x->r;
    wn_model *m = x->model;
    const json_t *object = wn_json_object(r, config, "condition_dsp");
    m->condition.source = WN_CONDITION_INPUT;
    m->condition.local_channels = m->input.channels;
    if (!object || r->status) return;
    size_t mark = wn_json_enter(r, "condition_dsp", -1);
    wn_model *nested = m->condition.nested = x->nested(r, x->lists, object, 1.0, x->depth + 1);
    if (nested && nested->input.channels != m->input.channels)
        wn_json_fail(r, "", "takes %d channels, expected the %d of the network around it", nested->input.channels,
                     m->input.channels);
    if (nested && nested->sample_rate == 0.0) nested->sample_rate = m->sample_rate;
    if (nested && nested->sample_rate != m->sample_rate)
        wn_json_fail(r, "sample_rate", "is %g, but the network around it has %g (0: none given)", nested->sample_rate,
                     m->sample_rate);
    if (nested) m->condition.local_channels = nested->output_channels;
    if (nested && nested->note) wn_nam_note(x, "condition_dsp: %s", nested->note);
    wn_json_leave(r, mark);
}

static int array_output(const wn_stack *s) { return s->head.out; }

static void read_arrays(wn_nam_reader *x, const json_t *config)
{
    wn_model *m = x->model;
    wn_json_need(x->r, config, "layers");
    const json_t *list = wn_json_array(x->r, config, "layers", WN_MAX_STACKS);
    if (!json_array_size(list)) wn_json_fail(x->r, "layers", "is empty, expected at least one layer array");
    if (x->r->status) return;
    m->n_stacks = (int)json_array_size(list);
    m->stacks = wn_stacks_new(m->arena, m->n_stacks);
    if (!m->stacks) wn_json_memory(x->r);
    for (int i = 0; !x->r->status && i < m->n_stacks; i++) {
        size_t mark = wn_json_enter(x->r, "layers", i);
        wn_nam_layers(x, json_array_get(list, (size_t)i), &m->stacks[i], i,
                      i ? m->stacks[i - 1].channels : m->input.channels);
        if (!x->r->status && i && m->stacks[i].skip_channels != array_output(&m->stacks[i - 1]))
            wn_json_fail(x->r, m->stacks[i].layers[0].skip.out ? "head1x1.out_channels" : "bottleneck",
                         "sums %d channels, expected the %d that the array before gives", m->stacks[i].skip_channels,
                         array_output(&m->stacks[i - 1]));
        wn_json_leave(x->r, mark);
    }
}

/* ---- post-stack head --------------------------------------------------------------------------------------------- */

static void read_head_layer(wn_nam_reader *x, const json_t *object, const json_t *kernels, int index, int in, int out)
{
    wn_head_layer *h = &x->model->head[index];
    wn_nam_read_act(x, wn_json_get(object, "activation"), "activation", in, &h->act);
    size_t mark = wn_json_enter(x->r, "kernel_sizes", index);
    int kernel = wn_json_as_int(x->r, json_array_get(kernels, (size_t)index), "", 1, 1, WN_MAX_KERNEL);
    wn_nam_shape(x, "", &h->conv, in, out, kernel, 1, 1, true);
    wn_json_leave(x->r, mark);
}

static void read_head_layers(wn_nam_reader *x, const json_t *object, int in)
{
    static const char *const keys[] = {"channels", "out_channels", "kernel_sizes", "activation", "in_channels", NULL};
    wn_json *r = x->r;
    wn_model *m = x->model;
    wn_nam_keys(x, object, keys);
    for (int i = 0; i < 4; i++) wn_json_need(r, object, keys[i]);
    int channels = wn_json_int(r, object, "channels", 1, 1, WN_MAX_CHANNELS);
    int out = wn_json_int(r, object, "out_channels", 1, 1, WN_MAX_CHANNELS);
    if (wn_json_int(r, object, "in_channels", in, 1, WN_MAX_CHANNELS) != in)
        wn_json_fail(r, "in_channels", "does not match the %d channels of the last layer array", in);
    const json_t *kernels = wn_json_array(r, object, "kernel_sizes", WN_MAX_HEAD);
    int n = (int)json_array_size(kernels);
    if (!n) wn_json_fail(r, "kernel_sizes", "is empty");
    if (r->status) return;
    m->head = wn_arena_alloc(m->arena, (size_t)n, sizeof *m->head);
    if (!m->head) wn_json_memory(r);
    for (int i = 0; !r->status && i < n; i++) {
        m->n_head = i + 1;
        m->output_channels = i == n - 1 ? out : channels;
        read_head_layer(x, object, kernels, i, i ? channels : in, m->output_channels);
    }
}

static void read_head(wn_nam_reader *x, const json_t *config)
{
    if (x->r->status) return;
    int in = array_output(&x->model->stacks[x->model->n_stacks - 1]);
    x->model->output_channels = in;
    const json_t *object = wn_json_object(x->r, config, "head");
    size_t mark = wn_json_enter(x->r, "head", -1);
    if (object) read_head_layers(x, object, in);
    wn_json_leave(x->r, mark);
}

void wn_nam_wavenet(wn_nam_reader *x, const json_t *config)
{
    static const char *const keys[] = {"layers", "head", "head_scale", "in_channels", "condition_dsp", NULL};
    wn_nam_keys(x, config, keys);
    wn_json_need(x->r, config, "head_scale"); /* what is used is the last weight */
    wn_json_number(x->r, config, "head_scale", 1.0, -1e6, 1e6);
    x->model->input.channels = wn_json_int(x->r, config, "in_channels", 1, 1, WN_MAX_CHANNELS);
    read_condition(x, config);
    read_arrays(x, config);
    read_head(x, config);
}
