/* SPDX-License-Identifier: MIT
 * vocoder.c - wavenet_vocoder checkpoints become models: what the hyper-parameters say, checked against the weights.
 * Copyright (c) 2026 the wavenet authors */
#include "format/vocoder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "format/vocoder_condition.h"
#include "format/vocoder_weights.h"
#include "model/check_model.h"
#include "model/description.h"

/* Whether the tensors are named as that program names them. */
static bool has_vocoder_names(const wn_safetensors *file)
{
    static const char *const firsts[] = {"first_conv.weight", "first_conv.weight_v",
                                         "first_conv.parametrizations.weight.original1"};
    bool first = false;
    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) first = first || wn_safetensors_find(file, firsts[i]);
    return first && wn_safetensors_find(file, "conv_layers.0.conv.bias");
}

/* Training programs put words before the names: "module.", "model.", "state_dict.". Those of the network lose theirs. */
static void drop_prefix(wn_safetensors *file)
{
    static const char known[] = "conv_layers.0.conv.bias";
    size_t n = 0;
    for (size_t i = 0; i < file->n && !n; i++) {
        size_t length = strlen(file->tensors[i].name);
        if (length < sizeof known || strcmp(file->tensors[i].name + length - (sizeof known - 1), known) != 0) continue;
        n = length - (sizeof known - 1);
        if (file->tensors[i].name[n - 1] != '.') n = 0;
    }
    if (!n) return;
    const char *prefix = NULL;
    for (size_t i = 0; i < file->n && !prefix; i++)
        if (strlen(file->tensors[i].name) > n && strcmp(file->tensors[i].name + n, known) == 0)
            prefix = file->tensors[i].name;
    for (size_t i = 0; i < file->n; i++)
        if (strncmp(file->tensors[i].name, prefix, n) == 0) file->tensors[i].name += n;
    wn_safetensors_sort(file);
}

/* The 2018 line has transposed convolutions or conditioning biases, the current one upsample_net; where the weights do
 * not tell, the hyper-parameters do. */
static bool is_2018(wn_vocoder_reader *x)
{
    const wn_safetensors *f = x->file;
    bool current = false;
    for (size_t i = 0; i < f->n; i++) {
        if (!strncmp(f->tensors[i].name, "upsample_conv.", 14)) return true;
        if (!strncmp(f->tensors[i].name, "upsample_net.", 13)) current = true;
    }
    if (wn_safetensors_find(f, "conv_layers.0.conv1x1c.bias") || wn_safetensors_find(f, "conv_layers.0.conv1x1g.bias"))
        return true;
    return !current && wn_json_bool(&x->r, x->hparams, "legacy", false);
}

/* ---- input and output ------------------------------------------------------------------------------------------- */

static void read_input(wn_vocoder_reader *x)
{
    static const char *const kinds[] = {"raw", "mulaw", "mulaw-quantize"};
    wn_model *m = x->model;
    int kind = wn_json_word(&x->r, x->hparams, "input_type", 0, kinds, 3);
    if (kind == 0) return;
    wn_json_need(&x->r, x->hparams, "quantize_channels");
    int n = wn_json_int(&x->r, x->hparams, "quantize_channels", 256, 4, WN_MAX_CLASSES);
    if (kind == 1) m->input.mu = n - 1;
    if (kind != 2) return;
    m->input.n_classes = n;
    m->input.companding = WN_MULAW_TRUNC;
}

static void read_distribution(wn_vocoder_reader *x)
{
    static const char *const kinds[] = {"Logistic", "Normal"};
    wn_model *m = x->model;
    int n = m->output_channels, kind = wn_json_word(&x->r, x->hparams, "output_distribution", 0, kinds, 2);
    if (kind == 1 && n == 2) {
        m->output = WN_OUTPUT_GAUSSIAN;
    } else {
        m->output = kind ? WN_OUTPUT_GAUSSIANS : WN_OUTPUT_LOGISTICS;
        m->n_mixtures = n / 3;
        if (n % 3) wn_json_fail(&x->r, "out_channels", "is %d, expected a multiple of 3 for a mixture", n);
    }
    if (wn_json_get(x->hparams, "log_scale_min"))
        m->log_scale_min = (float)wn_json_number(&x->r, x->hparams, "log_scale_min", 0.0, -1e6, 1e6);
}

static void read_output(wn_vocoder_reader *x)
{
    wn_model *m = x->model;
    m->output_channels = wn_import_need(x, "out_channels", WN_MAX_CLASSES);
    if (!m->input.n_classes) {
        read_distribution(x);
        return;
    }
    m->output = WN_OUTPUT_CATEGORICAL;
    if (m->output_channels != m->input.n_classes)
        wn_json_fail(&x->r, "out_channels", "is %d, but quantize_channels is %d: classes in need as many out",
                     m->output_channels, m->input.n_classes);
}

/* ---- layers ----------------------------------------------------------------------------------------------------- */

/* Widths that the hyper-parameters name. */
struct widths {
    int layers, stacks, residual, gate, skip, kernel;
};

static struct widths read_widths(wn_vocoder_reader *x)
{
    struct widths w = {
        .layers = wn_import_need(x, "layers", WN_MAX_LAYERS),
        .stacks = wn_import_need(x, "stacks", WN_MAX_LAYERS),
        .residual = wn_import_need(x, "residual_channels", WN_MAX_CHANNELS),
        .gate = wn_import_need(x, "gate_channels", 2 * WN_MAX_CHANNELS),
        .skip = wn_import_need(x, "skip_out_channels", WN_MAX_CHANNELS),
        .kernel = wn_import_need(x, "kernel_size", WN_MAX_KERNEL),
    };
    if (x->r.status) return w;
    if (w.layers % w.stacks)
        wn_json_fail(&x->r, "layers", "is %d, expected a multiple of the %d stacks", w.layers, w.stacks);
    else if (w.layers / w.stacks > 22)
        wn_json_fail(&x->r, "stacks", "is %d for %d layers: dilations would pass 2^21", w.stacks, w.layers);
    else if (w.gate % 2)
        wn_json_fail(&x->r, "gate_channels", "is %d, expected an even number", w.gate);
    return w;
}

static void read_layer(wn_vocoder_reader *x, const struct widths *w, int index, wn_layer *l)
{
    const wn_condition *c = &x->model->condition;
    int local = c->local_channels, global = c->global_channels, dilation = 1 << index % (w->layers / w->stacks);
    l->gating = WN_GATING_GATED;
    l->act.kind = WN_ACT_TANH;
    l->gate.kind = WN_ACT_SIGMOID;
    l->bottleneck = w->gate / 2;
    l->residual_scale = (float)sqrt(0.5);
    wn_import_conv(x, &l->conv, w->residual, w->gate, w->kernel, dilation, true, "conv_layers.%d.conv", index);
    if (local) wn_import_conv(x, &l->mixin, local, w->gate, 1, 1, false, "conv_layers.%d.conv1x1c", index);
    if (global) wn_import_conv(x, &l->held, global, w->gate, 1, 1, false, "conv_layers.%d.conv1x1g", index);
    if (local) wn_import_bias_into(x, &l->conv, "conv_layers.%d.conv1x1c.bias", index);
    if (global) wn_import_bias_into(x, &l->conv, "conv_layers.%d.conv1x1g.bias", index);
    wn_import_conv(x, &l->residual, l->bottleneck, w->residual, 1, 1, true, "conv_layers.%d.conv1x1_out", index);
    wn_import_conv(x, &l->skip, l->bottleneck, w->skip, 1, 1, true, "conv_layers.%d.conv1x1_skip", index);
}

static void read_stack(wn_vocoder_reader *x, const struct widths *w)
{
    wn_model *m = x->model;
    m->n_stacks = 1;
    m->stacks = wn_stacks_new(m->arena, 1);
    wn_stack *s = m->stacks;
    if (s) s->layers = wn_layers_new(m->arena, w->layers);
    if (!s || !s->layers) {
        wn_import_memory(x);
        return;
    }
    s->channels = w->residual;
    s->skip_channels = w->skip;
    s->n_layers = w->layers;
    s->skip_sum = x->line_2018 ? WN_SKIP_RUNNING : WN_SKIP_SUM;
    s->skip_out_scale = x->line_2018 ? 1.0f : (float)sqrt(1.0 / w->layers);
    int in = m->input.n_classes ? m->input.n_classes : 1;
    wn_import_conv(x, &s->rechannel, in, w->residual, 1, 1, true, "first_conv");
    for (int i = 0; !x->r.status && i < w->layers; i++) read_layer(x, w, i, &s->layers[i]);
}

static void read_head(wn_vocoder_reader *x, const struct widths *w)
{
    wn_model *m = x->model;
    if (x->r.status) return;
    m->n_head = 2;
    m->head = wn_arena_alloc(m->arena, 2, sizeof *m->head);
    if (!m->head) {
        wn_import_memory(x);
        return;
    }
    m->head[0].act.kind = m->head[1].act.kind = WN_ACT_RELU;
    wn_import_conv(x, &m->head[0].conv, w->skip, w->skip, 1, 1, true, "last_conv_layers.1");
    wn_import_conv(x, &m->head[1].conv, w->skip, m->output_channels, 1, 1, true, "last_conv_layers.3");
}

/* ---- all ---------------------------------------------------------------------------------------------------------- */

/* Counters of steps and of batches are no weights. */
static bool is_counter(const wn_tensor *t) { return t->dtype == WN_DTYPE_OTHER; }

static void note_counters(wn_vocoder_reader *x)
{
    char text[200];
    int n = 0;
    const char *first = NULL;
    for (size_t i = 0; i < x->file->n; i++) {
        const wn_tensor *t = &x->file->tensors[i];
        if (t->used || !is_counter(t)) continue;
        if (!n++) first = t->name;
    }
    if (x->r.status || !n) return;
    snprintf(text, sizeof text, "%d tensor%s of integers left out, such as %.100s", n, n > 1 ? "s" : "", first);
    wn_one_line(text);
    x->model->note = wn_arena_strdup(x->model->arena, text);
    if (!x->model->note) wn_import_memory(x);
}

static void check_left_over(wn_vocoder_reader *x)
{
    for (size_t i = 0; !x->r.status && i < x->file->n; i++)
        if (!x->file->tensors[i].used && !is_counter(&x->file->tensors[i]))
            x->r.status = wn_fail(x->r.error, WN_ERROR_FORMAT, x->file->name,
                                  "tensor %.100s has no place in the network that %s describes",
                                  x->file->tensors[i].name, x->r.file);
}

/* Where the model came from, and all the hyper-parameters: they also say how the training data were made (gain,
 * pre-emphasis, mel analysis), which a player of this model may have to undo. */
static void keep_metadata(wn_vocoder_reader *x)
{
    if (x->r.status) return;
    json_t *all = json_object();
    const json_t *checkpoint = json_object_get(x->file->header, "__metadata__");
    bool failed = json_object_set_new(all, "format", json_string("wavenet_vocoder"));
    failed |= json_object_set_new(all, "line", json_string(x->line_2018 ? "2018" : "current")) != 0;
    if (checkpoint) failed |= json_object_set_new(all, "checkpoint", json_incref((json_t *)checkpoint)) != 0;
    failed |= json_object_set_new(all, "hparams", json_incref((json_t *)x->hparams)) != 0;
    json_t *outer = json_object();
    failed |= json_object_set_new(outer, "imported", all) != 0;
    char *text = failed ? NULL : json_dumps(outer, JSON_COMPACT);
    x->model->metadata = wn_arena_strdup(x->model->arena, text);
    if (!x->model->metadata) wn_import_memory(x);
    free(text);
    json_decref(outer);
}

static void read_model(wn_vocoder_reader *x)
{
    wn_model *m = x->model;
    x->line_2018 = is_2018(x);
    m->autoregressive = true;
    const char *name = wn_json_text(&x->r, x->hparams, "name", "");
    m->name = wn_arena_strdup(m->arena, name);
    if (!m->name) wn_import_memory(x);
    m->sample_rate = wn_json_number(&x->r, x->hparams, "sample_rate", 0.0, 1.0, 1e8);
    read_input(x);
    read_output(x);
    struct widths widths = read_widths(x);
    wn_import_condition(x);
    if (!x->r.status) read_stack(x, &widths);
    read_head(x, &widths);
    check_left_over(x);
    note_counters(x);
    keep_metadata(x);
    if (!x->r.status) x->r.status = wn_model_finish(m, x->file->name, x->r.error);
}

/* The model of a parsed checkpoint, weight norm folded; hparams is the object of the JSON file `hparams_path`. */
static wn_status read_parsed(wn_model **out, wn_safetensors *file, const json_t *hparams, const char *hparams_path,
                             wn_error *error)
{
    *out = NULL;
    drop_prefix(file);
    if (!has_vocoder_names(file))
        return wn_fail(error, WN_ERROR_FORMAT, file->name,
                       "holds no wavenet_vocoder weights (no first_conv, no conv_layers)");
    if (!json_is_object(hparams))
        return wn_fail(error, WN_ERROR_FORMAT, hparams_path, "is no object of hyper-parameters");
    wn_vocoder_reader x = {{hparams_path ? hparams_path : "", error, WN_OK, ""}, file, hparams, wn_model_new(), false};
    if (!x.model) return wn_fail_memory(error, file->name);
    read_model(&x);
    if (x.r.status)
        wn_model_free(x.model);
    else
        *out = x.model;
    return x.r.status;
}

wn_status wn_vocoder_import_memory(wn_model **out, const void *weights, size_t weights_size, const char *name,
                                   const void *hparams, size_t hparams_size, const char *hparams_name, wn_error *error)
{
    *out = NULL;
    json_t *json;
    wn_status status = wn_json_parse(&json, hparams, hparams_size, hparams_name, error);
    if (status) return status;
    wn_safetensors file;
    status = wn_safetensors_parse(&file, weights, weights_size, name, error);
    if (!status) status = read_parsed(out, &file, json, hparams_name, error);
    wn_safetensors_free(&file);
    json_decref(json);
    return status;
}

static bool detect_checkpoint(const void *data, size_t size)
{
    wn_safetensors file;
    bool found = !wn_safetensors_parse(&file, data, size, "", NULL);
    if (found) drop_prefix(&file);
    found = found && has_vocoder_names(&file);
    wn_safetensors_free(&file);
    return found;
}

static wn_status read_checkpoint(wn_model **out, const wn_format_source *s, wn_error *error)
{
    return wn_vocoder_import_memory(out, s->data, s->size, s->name, s->sidecar, s->sidecar_size, s->sidecar_name,
                                    error);
}

const wn_format wn_format_vocoder = {
    .name = "a wavenet_vocoder checkpoint",
    .ending = ".safetensors",
    .max_size = WN_SAFETENSORS_MAX_FILE,
    .sidecar = "hparams.json",
    .max_sidecar = 1 << 24,
    .detect = detect_checkpoint,
    .read = read_checkpoint,
};
