/* SPDX-License-Identifier: MIT
 * vocoder_condition.c - local features, both upsampling networks, and speakers of a wavenet_vocoder checkpoint.
 * Copyright (c) 2026 the wavenet authors */
#include "format/vocoder_condition.h"

#include <stdio.h>
#include <string.h>

#include "format/vocoder_weights.h"
#include "kinds/analysis.h"
#include "model/check.h"
#include "model/check_condition.h"
#include "model/description.h"

enum { MAX_SCALES = 16 };

/* The hyper-parameters of upsampling. */
struct upsampling {
    const json_t *object; /* where its keys are: upsample_params, or the hyper-parameters themselves (2018) */
    int n, scales[MAX_SCALES], hop;
    int height;   /* freq_axis_kernel_size */
    int pad;      /* cin_pad */
    bool conv_in; /* ConvInUpsampleNetwork */
    wn_act act;
};

static void read_scales(wn_vocoder_reader *x, struct upsampling *u)
{
    wn_json_need(&x->r, u->object, "upsample_scales");
    const json_t *list = wn_json_array(&x->r, u->object, "upsample_scales", MAX_SCALES);
    u->n = (int)json_array_size(list);
    u->hop = 1;
    for (int i = 0; i < u->n && !x->r.status; i++) {
        const json_t *value = json_array_get(list, (size_t)i);
        json_int_t s = json_integer_value(value);
        if (!json_is_integer(value) || s < 1 || s > WN_MAX_HOP / u->hop)
            wn_json_fail(&x->r, "upsample_scales", "must be whole numbers of at least 1, with a product of at most %d",
                         WN_MAX_HOP);
        else
            u->hop *= u->scales[i] = (int)s;
    }
}

static void read_activation(wn_vocoder_reader *x, struct upsampling *u)
{
    const char *names[WN_ACT_COUNT];
    wn_act_kind kinds[WN_ACT_COUNT];
    int n = 0;
    for (int i = 0; i < WN_ACT_COUNT; i++)
        if (wn_act_row_of((wn_act_kind)i)->vocoder) {
            names[n] = wn_act_row_of((wn_act_kind)i)->vocoder;
            kinds[n++] = (wn_act_kind)i;
        }
    u->act.kind = kinds[wn_json_word(&x->r, u->object, "upsample_activation", 0, names, n)];
    const json_t *parameters = wn_json_object(&x->r, u->object, "upsample_activation_params");
    const wn_act_row *row = wn_act_row_of(u->act.kind);
    for (int i = 0; i < wn_act_parameters(row); i++) /* torch.nn's keys are those of .nam files */
        u->act.p[i] =
            (float)wn_json_number(&x->r, parameters, row->parameter[i].nam, row->parameter[i].fallback, -1e6, 1e6);
}

/* A value that may stand at the top, in upsample_params, or in both, where it must be the same. */
static int read_both(wn_vocoder_reader *x, const struct upsampling *u, const char *key, int fallback, int min, int max)
{
    int top = wn_json_int(&x->r, x->hparams, key, fallback, min, max);
    int inner = wn_json_int(&x->r, u->object, key, top, min, max);
    if (wn_json_get(x->hparams, key) && inner != top)
        wn_json_fail(&x->r, key, "is %d, but upsample_params says %d", top, inner);
    return inner;
}

static void read_current(wn_vocoder_reader *x, struct upsampling *u)
{
    static const char *const nets[] = {"ConvInUpsampleNetwork", "UpsampleNetwork"};
    wn_json_need(&x->r, x->hparams, "upsample_params");
    u->object = wn_json_object(&x->r, x->hparams, "upsample_params");
    u->conv_in = wn_json_word(&x->r, x->hparams, "upsample_net", 0, nets, 2) == 0;
    u->height = wn_json_int(&x->r, u->object, "freq_axis_kernel_size", 1, 1, WN_MAX_CHANNELS);
    u->pad = read_both(x, u, "cin_pad", 0, 0, 1024);
    read_both(x, u, "cin_channels", 0, -1, WN_MAX_CHANNELS);
    read_scales(x, u);
    read_activation(x, u);
    const char *mode = wn_json_text(&x->r, u->object, "mode", "nearest");
    if (strcmp(mode, "nearest"))
        wn_json_fail(&x->r, "upsample_params.mode", "is \"%.32s\", expected \"nearest\"", mode);
}

static void read_2018(wn_vocoder_reader *x, struct upsampling *u)
{
    u->object = x->hparams;
    u->height = wn_json_int(&x->r, x->hparams, "freq_axis_kernel_size", 3, 1, WN_MAX_CHANNELS);
    u->act.kind = WN_ACT_RELU;
    read_scales(x, u);
}

/* ---- stages ------------------------------------------------------------------------------------------------------- */

static wn_stage *add_stage(wn_vocoder_reader *x, wn_stage_kind kind)
{
    wn_condition *c = &x->model->condition;
    wn_stage *s = &c->stages[c->n_stages++];
    s->kind = kind;
    return s;
}

/* A kernel over channel and frame that all channels share: weight (1, 1, height, width). */
static void read_kernel(wn_vocoder_reader *x, wn_stage *s, int height, int width, const char *name)
{
    s->height = height;
    s->width = width;
    if (!x->r.status)
        x->r.status = wn_weights_new(x->model->arena, &s->kernel, (int64_t)height * width, name, x->r.error);
    if (!x->r.status) wn_import_weight(x, s->kernel, 4, (int64_t[]){1, 1, height, width}, name);
}

/* One scale of the 2018 line: a transposed convolution whose kernel is as wide as its stride, and ReLU. */
static void add_transposed(wn_vocoder_reader *x, const struct upsampling *u, int index)
{
    char name[64], bias[80];
    snprintf(name, sizeof name, "upsample_conv.%d", 2 * index);
    snprintf(bias, sizeof bias, "%s.bias", name);
    wn_stage *s = add_stage(x, WN_STAGE_TRANSPOSED_2D);
    s->factor = u->scales[index];
    s->act = u->act;
    read_kernel(x, s, u->height, u->scales[index], name);
    wn_conv dummy = {.out = 1};
    if (!x->r.status) x->r.status = wn_weights_new(x->model->arena, &s->bias, 1, bias, x->r.error);
    dummy.bias = s->bias;
    wn_import_bias_into(x, &dummy, "%s", bias);
}

/* One scale of the current line: repeat each frame, then smooth. */
static void add_stretch(wn_vocoder_reader *x, const struct upsampling *u, int index)
{
    char name[64];
    int step = u->act.kind == WN_ACT_IDENTITY ? 2 : 3;
    snprintf(name, sizeof name, "upsample_net.%sup_layers.%d", u->conv_in ? "upsample." : "", index * step + 1);
    add_stage(x, WN_STAGE_UPSAMPLE)->factor = u->scales[index];
    wn_stage *s = add_stage(x, WN_STAGE_CONV_2D);
    s->act = u->act;
    read_kernel(x, s, u->height, 2 * u->scales[index] + 1, name);
}

static void add_stages(wn_vocoder_reader *x, const struct upsampling *u)
{
    wn_condition *c = &x->model->condition;
    int width = c->feature_channels;
    c->stages = wn_arena_alloc(x->model->arena, 2 * MAX_SCALES + 2, sizeof *c->stages);
    if (!c->stages) {
        wn_import_memory(x);
        return;
    }
    if (u->conv_in && !x->line_2018)
        wn_import_conv(x, &add_stage(x, WN_STAGE_CONV)->conv, width, width, 2 * u->pad + 1, 1, false,
                       "upsample_net.conv_in");
    for (int i = 0; i < u->n && !x->r.status; i++) {
        if (x->line_2018)
            add_transposed(x, u, i);
        else
            add_stretch(x, u, i);
    }
    if (!u->conv_in && u->pad) add_stage(x, WN_STAGE_CROP)->trim = u->pad * u->hop;
}

static void read_upsampling(wn_vocoder_reader *x)
{
    wn_condition *c = &x->model->condition;
    struct upsampling u = {.hop = 1};
    if (x->line_2018)
        read_2018(x, &u);
    else
        read_current(x, &u);
    int hop = wn_json_int(&x->r, x->hparams, "hop_size", u.hop, 1, WN_MAX_HOP);
    if (hop != u.hop) wn_json_fail(&x->r, "hop_size", "is %d, but the upsampling scales make %d", hop, u.hop);
    if (u.height % 2 == 0) wn_json_fail(&x->r, "freq_axis_kernel_size", "is %d, expected an odd number", u.height);
    c->hop = u.hop;
    if (!x->r.status) add_stages(x, &u);
}

/* ---- all ------------------------------------------------------------------------------------------------------------ */

/* A width where 0 and -1 mean "none". */
static int width_of(wn_vocoder_reader *x, const char *key)
{
    int n = wn_json_int(&x->r, x->hparams, key, -1, -1, WN_MAX_CHANNELS);
    return n > 0 ? n : 0;
}

static void read_speakers(wn_vocoder_reader *x)
{
    wn_condition *c = &x->model->condition;
    c->global_channels = width_of(x, "gin_channels");
    if (!c->global_channels) return;
    c->n_speakers = wn_json_int(&x->r, x->hparams, "n_speakers", 0, 1, WN_MAX_SPEAKERS);
    int64_t shape[] = {c->n_speakers, c->global_channels};
    if (!c->n_speakers || x->r.status) return;
    x->r.status = wn_weights_new(x->model->arena, &c->embedding, shape[0] * shape[1], "embed_speakers", x->r.error);
    if (!x->r.status) wn_import_weight(x, c->embedding, 2, shape, "embed_speakers");
}

#define PRE_EMPHASIS 0.85 /* of the preprocessing that the hyper-parameters call "preemphasis" */

/* Mel spectra as the presets of the current line define them, before the mean and variance are normalised: magnitudes of
 * librosa's transform and filters, log10. The analysis is absent where the hyper-parameters do not name it. The 2018 line
 * made its spectra with another library. */
static void read_analysis(wn_vocoder_reader *x)
{
    wn_condition *c = &x->model->condition;
    wn_json *r = &x->r;
    const json_t *h = x->hparams;
    int bands = wn_json_int(r, h, "num_mels", 0, 0, WN_MAX_CHANNELS);
    if (r->status || x->line_2018 || !bands || bands != c->feature_channels || !wn_json_get(h, "fft_size")) return;
    wn_analysis_config a = wn_analysis_default();
    a.sample_rate = x->model->sample_rate;
    a.hop = c->hop;
    a.fft = wn_json_int(r, h, "fft_size", 0, 1, WN_ANALYSIS_MAX_FFT);
    a.window = wn_json_int(r, h, "win_length", a.fft, 1, WN_ANALYSIS_MAX_FFT);
    a.bands = bands;
    a.low = wn_json_number(r, h, "fmin", 0, 0, WN_ANALYSIS_MAX_RATE);
    a.high = wn_json_number(r, h, "fmax", a.sample_rate / 2, 0, WN_ANALYSIS_MAX_RATE);
    double gain = wn_json_number(r, h, "global_gain_scale", 0, -1, 1e6);
    a.reference = gain > 0 ? 1 / gain : 1;
    a.pre_emphasis = strcmp(wn_json_text(r, h, "preprocess", ""), "preemphasis") ? 0 : PRE_EMPHASIS;
    a.scale = WN_MEL_SLANEY;
    a.norm = WN_MEL_AREA;
    a.power = 1;
    a.log = WN_LOG_LOG10;
    a.edge = WN_EDGE_REFLECT;
    const char *expected;
    c->has_analysis = !r->status && !wn_analysis_fault(&a, &expected);
    if (c->has_analysis) c->analysis = a;
}

void wn_import_condition(wn_vocoder_reader *x)
{
    wn_condition *c = &x->model->condition;
    c->feature_channels = width_of(x, "cin_channels");
    if (c->feature_channels) c->source = WN_CONDITION_FEATURES;
    if (c->feature_channels) c->hop = 1;
    if (c->feature_channels && wn_json_bool(&x->r, x->hparams, "upsample_conditional_features", false))
        read_upsampling(x);
    read_analysis(x);
    read_speakers(x);
    wn_check check = {x->file->name, "", x->r.error};
    if (!x->r.status) x->r.status = wn_check_condition(&check, x->model);
}
