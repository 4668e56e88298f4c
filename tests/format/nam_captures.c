/* SPDX-License-Identifier: MIT
 * nam_captures.c - small amp captures made by hand, shared by the tests of their reader and writer.
 * Copyright (c) 2026 the wavenet authors */
#include "nam_captures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/nam.h"

/* Every key of a WaveNet but condition_dsp and in_channels. The first layer is gated, the second blended. */
static const char all[] =
    "{\"layers\":[{\"input_size\":1,\"condition_size\":1,\"channels\":4,\"bottleneck\":2,\"kernel_sizes\":[3,2],"
    "\"dilations\":[1,5],\"activation\":[\"Tanh\",{\"type\":\"PReLU\",\"negative_slopes\":[0.25,0.5]}],"
    "\"gating_mode\":[\"gated\",\"blended\"],\"secondary_activation\":[\"Sigmoid\",{\"type\":\"LeakyHardTanh\","
    "\"min_val\":-2,\"max_val\":3,\"min_slope\":0.125,\"max_slope\":0.0625}],"
    "\"head\":{\"out_channels\":3,\"kernel_size\":2,\"bias\":true,\"head_dilation\":4},"
    "\"layer1x1\":{\"active\":true,\"groups\":2},\"head1x1\":{\"active\":true,\"out_channels\":6,\"groups\":2},"
    "\"groups_input\":2,\"groups_input_mixin\":1,\"conv_pre_film\":{\"active\":true,\"shift\":true,\"groups\":1},"
    "\"conv_post_film\":{\"active\":true,\"shift\":false},\"input_mixin_pre_film\":{},\"input_mixin_post_film\":{},"
    "\"activation_pre_film\":{},\"activation_post_film\":{},\"layer1x1_post_film\":{},\"head1x1_post_film\":{},"
    "\"slimmable\":null},"
    "{\"input_size\":4,\"condition_size\":1,\"head_size\":2,\"channels\":3,\"kernel_size\":2,\"dilations\":[2],"
    "\"activation\":\"ReLU\",\"gated\":false,\"head_bias\":false,\"conv_pre_film\":false,"
    "\"conv_post_film\":{\"active\":false,\"shift\":true,\"groups\":1}}],"
    "\"head\":{\"channels\":3,\"out_channels\":1,\"kernel_sizes\":[2,3],\"activation\":\"SiLU\",\"in_channels\":2},"
    "\"head_scale\":0.02}";

static const char slimmable[] =
    "{\"layers\":[{\"input_size\":1,\"condition_size\":1,\"channels\":4,\"kernel_size\":2,\"dilations\":[1,2],"
    "\"activation\":\"Tanh\",\"gated\":true,\"head_size\":3,\"head_bias\":false,"
    "\"slimmable\":{\"method\":\"slice_channels_uniform\",\"kwargs\":{\"allowed_channels\":[2,4]}}},"
    "{\"input_size\":4,\"condition_size\":1,\"channels\":3,\"kernel_size\":2,\"dilations\":[4],\"activation\":"
    "{\"type\":\"PReLU\",\"negative_slopes\":[0.1,0.2,0.3]},\"gated\":false,\"head_size\":1,\"head_bias\":true,"
    "\"slimmable\":{\"method\":\"slice_channels_uniform\"}}],\"head\":null,\"head_scale\":1}";

static const char nested[] =
    "{\"condition_dsp\":{\"version\":\"0.6.0\",\"architecture\":\"WaveNet\",\"metadata\":{\"name\":\"inner\"},\"config\":"
    "{\"layers\":[{\"input_size\":1,\"condition_size\":1,\"channels\":1,\"kernel_size\":1,\"dilations\":[1],"
    "\"activation\":\"LeakyReLU\",\"head_size\":2,\"head_bias\":false}],\"head_scale\":1},"
    "\"weights\":[1,0.5,0.25,0.125,1,0.0625,0.5,0.25,2]},"
    "\"layers\":[{\"input_size\":1,\"condition_size\":2,\"channels\":1,\"kernel_size\":2,\"dilations\":[3],"
    "\"activation\":\"Hardswish\",\"head_size\":1,\"head_bias\":false}],\"head_scale\":1}";

static const char convnet[] =
    "{\"channels\":2,\"dilations\":[1,2,4],\"batchnorm\":false,\"activation\":{\"type\":\"LeakyReLU\",\"negative_slope\":0.3}}";

static const char normed[] =
    "{\"channels\":2,\"dilations\":[1,2],\"batchnorm\":true,\"activation\":\"Softsign\",\"groups\":1}";

static const char linear[] = "{\"receptive_field\":5,\"bias\":true,\"implementation\":\"fft\"}";

static const char stereo[] =
    "{\"in_channels\":2,\"layers\":[{\"input_size\":2,\"condition_size\":2,\"channels\":2,\"kernel_size\":3,\"dilations\":[1],"
    "\"activation\":\"Fasttanh\",\"gating_mode\":\"gated\",\"head\":{\"out_channels\":2,\"kernel_size\":1,\"bias\":true},"
    "\"groups_input\":2,\"groups_input_mixin\":2,\"layer1x1\":{\"active\":false,\"groups\":1}}],\"head_scale\":1}";

const capture captures[] = {{"WaveNet", all, 435},    {"WaveNet", slimmable, 269}, {"WaveNet", nested, 10},
                            {"ConvNet", convnet, 29}, {"ConvNet", normed, 33},     {"Linear", linear, 6},
                            {"WaveNet", stereo, 31}};
const int n_captures = sizeof captures / sizeof *captures;

char *capture_text(const capture *c, int weights, const char *more)
{
    size_t size = strlen(c->config) + strlen(more) + 24 * (size_t)weights + 256;
    char *text = malloc(size);
    assert_non_null(text);
    int n = snprintf(text, size, "{\"version\":\"0.7.0\",\"architecture\":\"%s\",%s\"config\":%s,\"weights\":[",
                     c->architecture, more, c->config);
    for (int i = 0; i < weights; i++)
        n += snprintf(text + n, size - (size_t)n, "%s%.17g", i ? "," : "", (i + 1) / 1024.0);
    snprintf(text + n, size - (size_t)n, "]}");
    return text;
}

char *container_text(double first, double second, const char *root)
{
    char *small = capture_text(&captures[CAPTURE_LINEAR], 6,
                               "\"sample_rate\":48000,\"metadata\":{\"loudness\":-10,\"name\":\"small\"},");
    char *large = capture_text(&captures[CAPTURE_CONVNET], 29, "\"sample_rate\":48000,");
    size_t size = strlen(small) + strlen(large) + 400;
    char *text = malloc(size);
    assert_non_null(text);
    snprintf(
        text, size,
        "{\"version\":\"0.7.0\",\"architecture\":\"SlimmableContainer\",%s\"config\":{\"submodels\":[{\"max_value\":%g,"
        "\"model\":%s},{\"max_value\":%g,\"model\":%s}]},\"weights\":[]}",
        root, first, small, second, large);
    free(small);
    free(large);
    return text;
}

char *sequence_text(const char *first, const char *root)
{
    char *second = capture_text(&captures[CAPTURE_LINEAR], 6, "\"sample_rate\":48000,");
    size_t size = strlen(first) + strlen(second) + strlen(root) + 200;
    char *text = malloc(size);
    assert_non_null(text);
    snprintf(text, size,
             "{\"version\":\"0.7.0\",\"architecture\":\"Sequential\",%s\"config\":{\"models\":[%s,%s]},\"weights\":[]}",
             root, first, second);
    free(second);
    return text;
}

wn_model *capture_read(const char *text, double slim)
{
    wn_error error = {0};
    wn_model *model;
    if (wn_nam_read(&model, text, strlen(text), "test.nam", slim, &error))
        fail_msg("%s: %s", error.where, error.message);
    return model;
}

float *capture_run(const wn_model *model, int frames)
{
    wn_model_info info = wn_model_get_info(model);
    int in = info.input_channels, out = info.output_channels;
    float *x = malloc((size_t)(frames * in) * sizeof *x), *y = calloc((size_t)(frames * out), sizeof *y);
    wn_plan *plan;
    wn_stream *stream;
    assert_non_null(x);
    assert_non_null(y);
    for (int i = 0; i < frames * in; i++) x[i] = (float)sin(0.37 * i) * (float)cos(0.011 * i * i);
    assert_int_equal(wn_plan_new(&plan, model, NULL, NULL), WN_OK);
    assert_int_equal(wn_stream_new(&stream, plan, NULL), WN_OK);
    wn_stream_run(stream, &(wn_block){.frames = frames, .pcm = x, .out = y});
    wn_stream_free(stream);
    wn_plan_free(plan);
    free(x);
    return y;
}
