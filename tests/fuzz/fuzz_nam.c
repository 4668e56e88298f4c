/* SPDX-License-Identifier: MIT
 * fuzz_nam.c - amp captures: what is accepted runs, and comes back from both kinds of file as the same model.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/config_read.h"
#include "format/config_write.h"
#include "format/nam.h"
#include "format/nam_write.h"
#include "fuzz.h"
#include "model/receptive.h"
#include "model/tensors.h"

/* Larger models are only read: more would measure the memory. */
enum { MAX_COPIED = 1 << 16, MAX_HISTORY = 1 << 14, FRAMES = 40 };

struct weights {
    double sum;
    int64_t n;
};

static wn_status add(void *user, const char *name, float *data, int ndim, const int64_t *shape)
{
    struct weights *w = user;
    int64_t n = 1;
    for (int i = 0; i < ndim; i++) n *= shape[i];
    for (int64_t i = 0; i < n; i++) w->sum += (double)data[i] * (double)(++w->n % 1009); /* the order counts */
    return WN_OK;
}

static struct weights weights_of(wn_model *model)
{
    struct weights w = {0, 0};
    wn_model_tensors(model, add, &w);
    return w;
}

static bool has_chain(const wn_model *m) { return m && (m->n_chain || has_chain(m->condition.nested)); }

/* The native format has no place for a chain. */
static void config_round_trip(wn_model *model)
{
    if (has_chain(model)) return;
    json_t *config = wn_config_write(model);
    wn_model *back;
    wn_error error = {0};
    fuzz_check(config != NULL, "a model without a config");
    fuzz_check(wn_config_read(&back, config, "again", &error) == WN_OK, error.message);
    fuzz_check(wn_model_parameters(back) == wn_model_parameters(model), "another number of parameters");
    fuzz_check(wn_model_receptive(back) == wn_model_receptive(model), "another receptive field");
    json_decref(config);
    wn_model_free(back);
}

/* Zeros that the format wants may be added once; after that nothing changes. */
static void text_round_trip(wn_model *model)
{
    char *text, *again;
    wn_model *back;
    wn_error error = {0};
    wn_status status = wn_nam_text(&text, model, "text", &error);
    fuzz_check(!status || status == WN_ERROR_UNSUPPORTED, error.message);
    if (status) return;
    status = wn_nam_read(&back, text, strlen(text), "again", 1.0, &error);
    fuzz_check(status == WN_OK, error.message);
    struct weights a = weights_of(model), b = weights_of(back);
    fuzz_check(a.n == b.n && a.sum == b.sum, "other weights");
    fuzz_check(wn_nam_text(&again, back, "again", &error) == WN_OK, error.message);
    fuzz_check(strcmp(text, again) == 0, "another text the second time");
    free(text);
    free(again);
    wn_model_free(back);
}

/* In one block, and one frame at a time: the same bits. */
static void run(const wn_model *model)
{
    wn_model_info info = wn_model_get_info(model);
    size_t in = (size_t)info.input_channels, out = (size_t)info.output_channels;
    float *x = calloc(FRAMES * in, sizeof *x), *y = calloc(FRAMES * out, sizeof *y),
          *z = calloc(FRAMES * out, sizeof *z);
    wn_plan *plan = NULL;
    wn_stream *stream = NULL;
    fuzz_check(x && y && z, "out of memory");
    for (size_t i = 0; i < FRAMES * in; i++) x[i] = (float)((i * 7) % 11) / 8.0f - 0.5f;
    fuzz_check(!wn_plan_new(&plan, model, &(wn_plan_config){.max_frames = FRAMES}, NULL), "no plan");
    fuzz_check(!wn_stream_new(&stream, plan, NULL), "no stream");
    wn_stream_run(stream, &(wn_block){.frames = FRAMES, .pcm = x, .out = y});
    wn_stream_reset(stream);
    for (size_t t = 0; t < FRAMES; t++)
        wn_stream_run(stream, &(wn_block){.frames = 1, .pcm = x + t * in, .out = z + t * out});
    for (size_t i = 0; i < FRAMES * out; i++)
        fuzz_check(y[i] == z[i] || (isnan(y[i]) && isnan(z[i])), "blocks change the output");
    wn_stream_free(stream);
    wn_plan_free(plan);
    free(x);
    free(y);
    free(z);
}

static void try(const uint8_t *data, size_t size, double slim)
{
    wn_model *model;
    wn_error error = {0};
    wn_status status = wn_nam_read(&model, data, size, "input", slim, &error);
    fuzz_check(!status || (error.status == status && *error.message && !model), "a failure without a message");
    if (!model) return;
    fuzz_check(wn_model_macs(model) >= 0 && wn_model_receptive(model) >= 1, "impossible figures");
    if (wn_model_parameters(model) <= MAX_COPIED) {
        config_round_trip(model);
        text_round_trip(model);
        if (wn_model_receptive(model) <= MAX_HISTORY) run(model);
    }
    wn_model_free(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try(data, size, 1.0);
    try(data, size, 0.3);
    return 0;
}

/* ---- seeds ----------------------------------------------------------------------------------------------------------------------- */

/* Architecture, config, weights. */
static const struct {
    const char *architecture, *config;
    int weights;
} seeds[] = {
    {"WaveNet",
     "{\"layers\":[{\"input_size\":1,\"condition_size\":1,\"channels\":4,\"bottleneck\":2,\"kernel_sizes\":[3,2],\"dilations\":[1,5],"
     "\"activation\":[\"Tanh\",{\"type\":\"PReLU\",\"negative_slopes\":[0.25,0.5]}],\"gating_mode\":[\"gated\",\"blended\"],"
     "\"secondary_activation\":[\"Sigmoid\",{\"type\":\"LeakyHardTanh\",\"min_val\":-2,\"max_val\":3,\"min_slope\":0.125,\"max_slope\":0.0625}],"
     "\"head\":{\"out_channels\":3,\"kernel_size\":2,\"bias\":true,\"head_dilation\":4},\"layer1x1\":{\"active\":true,\"groups\":2},"
     "\"head1x1\":{\"active\":true,\"out_channels\":6,\"groups\":2},\"groups_input\":2,\"groups_input_mixin\":1,\"conv_pre_film\":"
     "{\"active\":true,\"shift\":true,\"groups\":1},\"conv_post_film\":{\"shift\":false},\"input_mixin_pre_film\":{},"
     "\"input_mixin_post_film\":{},\"activation_pre_film\":{},\"activation_post_film\":{},\"layer1x1_post_film\":{},"
     "\"head1x1_post_film\":{},\"slimmable\":null},{\"input_size\":4,\"condition_size\":1,\"head_size\":2,\"channels\":3,\"kernel_size\":2,"
     "\"dilations\":[2],\"activation\":\"ReLU\",\"gated\":false,\"head_bias\":false}],\"head\":{\"channels\":3,\"out_channels\":1,"
     "\"kernel_sizes\":[2,3],\"activation\":\"SiLU\",\"in_channels\":2},\"head_scale\":0.02}",
     435},
    {"WaveNet",
     "{\"in_channels\":2,\"layers\":[{\"input_size\":2,\"condition_size\":2,\"channels\":2,\"kernel_size\":3,\"dilations\":[1],"
     "\"activation\":\"Fasttanh\",\"gating_mode\":\"gated\",\"head\":{\"out_channels\":2,\"kernel_size\":1,\"bias\":true},\"groups_input\":2,"
     "\"groups_input_mixin\":2,\"layer1x1\":{\"active\":false,\"groups\":1}}],\"head_scale\":1}",
     31},
    {"WaveNet",
     "{\"layers\":[{\"input_size\":1,\"condition_size\":1,\"channels\":3,\"kernel_size\":2,\"dilations\":[4],\"activation\":"
     "{\"type\":\"LeakyReLU\",\"negative_slope\":0.1},\"gated\":true,\"head_size\":1,\"head_bias\":true,\"slimmable\":{\"method\":"
     "\"slice_channels_uniform\",\"kwargs\":{\"allowed_channels\":[1,3]}}}],\"head\":null,\"head_scale\":1}",
     68},
    {"ConvNet", "{\"channels\":2,\"dilations\":[1,2],\"batchnorm\":true,\"activation\":\"Softsign\",\"groups\":1}", 33},
    {"ConvNet", "{\"channels\":2,\"dilations\":[1,2,4],\"batchnorm\":false,\"activation\":\"Hardswish\"}", 29},
    {"Linear", "{\"receptive_field\":5,\"bias\":true,\"implementation\":\"fft\"}", 6}};
enum { N_SEEDS = sizeof seeds / sizeof *seeds };

static const char words[] =
    "\"sample_rate\":48000,\"notes\":\"n\",\"metadata\":{\"name\":\"N\",\"loudness\":-18.5,\"input_level_dbu\":12.25,"
    "\"output_level_dbu\":null,\"gear_make\":\"G\",\"date\":{\"year\":2025},\"training\":{\"validation_esr\":0.01}},";

static size_t seed_text(char *text, size_t size, int i)
{
    size_t n =
        (size_t)snprintf(text, size, "{\"version\":\"0.7.0\",\"architecture\":\"%s\",%s\"config\":%s,\"weights\":[",
                         seeds[i].architecture, words, seeds[i].config);
    for (int k = 0; k < seeds[i].weights; k++)
        n += (size_t)snprintf(text + n, size - n, "%s%g", k ? "," : "",
                              ((k * 37) % 64 + 1) / 64.0); /* batch norm has variances */
    return n + (size_t)snprintf(text + n, size - n, "]}");
}

void fuzz_seeds(void (*add_seed)(const void *data, size_t size))
{
    static char text[1 << 14], inner[1 << 14], other[1 << 14];
    for (int i = 0; i < N_SEEDS; i++) add_seed(text, seed_text(text, sizeof text, i));
    seed_text(inner, sizeof inner, N_SEEDS - 1);
    seed_text(other, sizeof other, N_SEEDS - 2);
    add_seed(text, (size_t)snprintf(
                       text, sizeof text,
                       "{\"version\":\"0.7.0\",\"architecture\":\"SlimmableContainer\",\"config\":{\"submodels\":["
                       "{\"max_value\":0.5,\"model\":%s},{\"max_value\":1.0,\"model\":%s}]},\"weights\":[]}",
                       inner, other));
    add_seed(
        text,
        (size_t)snprintf(
            text, sizeof text,
            "{\"version\":\"0.7.0\",\"architecture\":\"Sequential\",\"sample_rate\":48000,\"metadata\":{\"loudness\":-20},"
            "\"config\":{\"models\":[%s,{\"version\":\"0.7.0\",\"architecture\":\"Sequential\",\"config\":{\"models\":[%s]},"
            "\"weights\":[]}]},\"weights\":[]}",
            inner, other));
    add_seed(
        text,
        (size_t)snprintf(
            text, sizeof text,
            "{\"version\":\"0.7.0\",\"architecture\":\"SlimmableContainer\",\"config\":{\"submodels\":["
            "{\"max_value\":0.5,\"model\":{\"version\":\"0.7.0\",\"architecture\":\"LSTM\",\"config\":{},\"weights\":[1,2]}},"
            "{\"max_value\":1.0,\"model\":%s}]},\"weights\":[]}",
            other));
    add_seed(
        text,
        (size_t)snprintf(
            text, sizeof text,
            "{\"version\":\"0.6.0\",\"architecture\":\"WaveNet\",\"sample_rate\":48000,\"config\":{\"condition_dsp\":%s,"
            "\"layers\":[{\"input_size\":1,\"condition_size\":1,\"channels\":1,\"kernel_size\":2,\"dilations\":[3],"
            "\"activation\":\"Hardtanh\",\"head_size\":1,\"head_bias\":false}],\"head_scale\":1},"
            "\"weights\":[1,0.5,0.25,0.125,1,0.0625,0.5,0.25,2]}",
            other));
}
