/* SPDX-License-Identifier: MIT
 * test_read.c - amp captures into descriptions: the order of weights, slimming, containers, metadata, and what is refused.
 * Copyright (c) 2026 the wavenet authors */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "captures.h"
#include "model/json.h"
#include "model/nam.h"
#include "model/nam_lists.h"

/* ---- the order of weights ------------------------------------------------------------------------------------------------ */

/* What the list of captures[CAPTURE_ALL] holds, written out by hand from the format: tensor, floats. "" is read and not
 * used: FiLM after the 1x1 of the first layer, which is not blended. */
static const struct { const char *name; int n; } order[] = {
    {"stacks.0.rechannel.weight", 4},
    {"stacks.0.layers.0.conv.weight", 24}, {"stacks.0.layers.0.conv.bias", 4}, {"stacks.0.layers.0.mixin.weight", 4},
    {"stacks.0.layers.0.residual.weight", 4}, {"stacks.0.layers.0.residual.bias", 4},
    {"stacks.0.layers.0.skip.weight", 6}, {"stacks.0.layers.0.skip.bias", 6},
    {"stacks.0.layers.0.film.conv_pre.weight", 8}, {"stacks.0.layers.0.film.conv_pre.bias", 8},
    {"stacks.0.layers.0.film.conv_post.weight", 4}, {"stacks.0.layers.0.film.conv_post.bias", 4},
    {"stacks.0.layers.0.film.mixin_pre.weight", 2}, {"stacks.0.layers.0.film.mixin_pre.bias", 2},
    {"stacks.0.layers.0.film.mixin_post.weight", 8}, {"stacks.0.layers.0.film.mixin_post.bias", 8},
    {"stacks.0.layers.0.film.act_pre.weight", 8}, {"stacks.0.layers.0.film.act_pre.bias", 8},
    {"stacks.0.layers.0.film.act_post.weight", 4}, {"stacks.0.layers.0.film.act_post.bias", 4},
    {"", 8}, {"", 8},
    {"stacks.0.layers.0.film.skip_post.weight", 12}, {"stacks.0.layers.0.film.skip_post.bias", 12},
    {"stacks.0.layers.1.conv.weight", 16}, {"stacks.0.layers.1.conv.bias", 4}, {"stacks.0.layers.1.mixin.weight", 4},
    {"stacks.0.layers.1.residual.weight", 4}, {"stacks.0.layers.1.residual.bias", 4},
    {"stacks.0.layers.1.skip.weight", 6}, {"stacks.0.layers.1.skip.bias", 6},
    {"stacks.0.layers.1.film.conv_pre.weight", 8}, {"stacks.0.layers.1.film.conv_pre.bias", 8},
    {"stacks.0.layers.1.film.conv_post.weight", 4}, {"stacks.0.layers.1.film.conv_post.bias", 4},
    {"stacks.0.layers.1.film.mixin_pre.weight", 2}, {"stacks.0.layers.1.film.mixin_pre.bias", 2},
    {"stacks.0.layers.1.film.mixin_post.weight", 8}, {"stacks.0.layers.1.film.mixin_post.bias", 8},
    {"stacks.0.layers.1.film.act_pre.weight", 8}, {"stacks.0.layers.1.film.act_pre.bias", 8},
    {"stacks.0.layers.1.film.act_post.weight", 4}, {"stacks.0.layers.1.film.act_post.bias", 4},
    {"stacks.0.layers.1.film.residual_post.weight", 8}, {"stacks.0.layers.1.film.residual_post.bias", 8},
    {"stacks.0.layers.1.film.skip_post.weight", 12}, {"stacks.0.layers.1.film.skip_post.bias", 12},
    {"stacks.0.head.weight", 36}, {"stacks.0.head.bias", 3},
    {"stacks.1.rechannel.weight", 12},
    {"stacks.1.layers.0.conv.weight", 18}, {"stacks.1.layers.0.conv.bias", 3}, {"stacks.1.layers.0.mixin.weight", 3},
    {"stacks.1.layers.0.residual.weight", 9}, {"stacks.1.layers.0.residual.bias", 3},
    {"stacks.1.head.weight", 6},
    {"head.0.weight", 12}, {"head.0.bias", 3}, {"head.1.weight", 9}, {"head.1.bias", 1},
};
enum { N_ORDER = sizeof order / sizeof *order };

/* Counts what it finds where it should be. */
static wn_status look_up(void *user, const char *name, float *data, int ndim, const int64_t *shape)
{
    int start = 0, n = 1;
    for (int i = 0; i < ndim; i++) n *= (int)shape[i];
    if (strstr(name, ".slopes")) return WN_OK;
    for (int i = 0; i < N_ORDER; start += order[i++].n) {
        if (strcmp(order[i].name, name)) continue;
        assert_int_equal(n, order[i].n);
        for (int k = 0; k < n; k++) assert_true(data[k] == (float)(start + k + 1) / 1024.0f);
        ++*(int *)user;
        return WN_OK;
    }
    fail_msg("%s is not in the list", name);
    return WN_OK;
}

static void weights_are_taken_in_order(void **state)
{
    int total = 1, wanted = 0, found = 0; /* the head scale is the last */
    for (int i = 0; i < N_ORDER; i++) {
        total += order[i].n;
        wanted += *order[i].name != '\0';
    }
    char *text = capture_text(&captures[CAPTURE_ALL], total, "");
    wn_model *m = capture_read(text, 1.0);
    wn_model_tensors(m, look_up, &found);
    assert_int_equal(found, wanted);
    assert_true(m->head_scale == (float)total / 1024.0f); /* and not the config's */
    assert_non_null(strstr(m->note, "layer1x1_post_film"));
    /* 1; layers 2 and 5; then the longer of the first head (4) and the second array (2), which stand side by side; head 1, 2 */
    assert_int_equal(wn_model_receptive(m), 1 + 2 + 5 + 4 + 1 + 2);
    wn_model_free(m);
    free(text);
}

static void activations_keep_their_parameters(void **state)
{
    char *text = capture_text(&captures[CAPTURE_ALL], captures[CAPTURE_ALL].weights, "");
    wn_model *m = capture_read(text, 1.0);
    const wn_layer *l = m->stacks[0].layers;
    assert_int_equal(l[0].gating, WN_GATING_GATED);
    assert_int_equal(l[0].act.kind, WN_ACT_TANH);
    assert_int_equal(l[0].gate.kind, WN_ACT_SIGMOID);
    assert_int_equal(l[1].gating, WN_GATING_BLENDED);
    assert_int_equal(l[1].act.kind, WN_ACT_PRELU);
    assert_true(l[1].act.n_slopes == 2 && l[1].act.slopes[0] == 0.25f && l[1].act.slopes[1] == 0.5f);
    assert_int_equal(l[1].gate.kind, WN_ACT_LEAKY_HARD_TANH);
    assert_true(l[1].gate.p[0] == -2 && l[1].gate.p[1] == 3 && l[1].gate.p[2] == 0.125f && l[1].gate.p[3] == 0.0625f);
    assert_int_equal(m->stacks[1].layers[0].gating, WN_GATING_NONE);
    assert_int_equal(m->head[0].act.kind, WN_ACT_SILU);
    wn_model_free(m);
    free(text);
}

/* ---- other networks -------------------------------------------------------------------------------------------------------- */

static void linear_lists_the_newest_tap_first(void **state)
{
    char *text = capture_text(&captures[CAPTURE_LINEAR], 6, "");
    wn_model *m = capture_read(text, 1.0);
    float *y = capture_run(m, 8);
    for (int t = 0; t < 8; t++) {
        double sum = 6 / 1024.0;
        for (int k = 0; k < 5 && k <= t; k++) sum += (k + 1) / 1024.0 * (double)((float)sin(0.37 * (t - k)) * (float)cos(0.011 * (t - k) * (t - k)));
        assert_true(fabs((double)y[t] - sum) < 1e-8);
    }
    assert_int_equal(wn_model_receptive(m), 5);
    free(y);
    wn_model_free(m);
    free(text);
}

/* The network computed as it is defined, in double precision, from the numbers of the list. */
static void batch_norm_is_folded(void **state)
{
    enum { T = 32, C = 2 };
    double x[T][C] = {{0}}, z[T][C], w[40];
    for (int i = 0; i < 33; i++) w[i] = (i + 1) / 1024.0;
    for (int t = 0; t < T; t++) x[t][0] = (double)((float)sin(0.37 * t) * (float)cos(0.011 * t * t));
    int at = 0;
    for (int block = 0; block < 2; block++) {
        int in = block ? C : 1, dilation = 1 << block;
        const double *norm = w + at + C * in * 2;
        for (int t = 0; t < T; t++)
            for (int o = 0; o < C; o++) {
                double sum = 0;
                for (int i = 0; i < in; i++)
                    for (int k = 0; k < 2; k++) {
                        int from = t - dilation * (1 - k);
                        if (from >= 0) sum += w[at + (o * in + i) * 2 + k] * x[from][i];
                    }
                double v = norm[2 * C + o] * (sum - norm[o]) / sqrt(norm[C + o] + norm[4 * C]) + norm[3 * C + o];
                z[t][o] = v / (1 + fabs(v));
            }
        memcpy(x, z, sizeof x);
        at += C * in * 2 + 4 * C + 1;
    }
    assert_int_equal(at, 30);
    char *text = capture_text(&captures[CAPTURE_NORMED], 33, "");
    wn_model *m = capture_read(text, 1.0);
    float *y = capture_run(m, T);
    /* the reader's history is silence before normalisation, the reference's is zeros within: equal once both are past it */
    for (int t = 3; t < T; t++)
        assert_true(fabs((double)y[t] - (w[30] * x[t][0] + w[31] * x[t][1] + w[32])) < 1e-8);
    assert_non_null(strstr(m->note, "batch norm"));
    assert_int_equal(wn_model_receptive(m), 4);
    free(y);
    wn_model_free(m);
    free(text);
}

static void a_nested_network_is_the_condition(void **state)
{
    char *text = capture_text(&captures[CAPTURE_NESTED], captures[CAPTURE_NESTED].weights, "\"sample_rate\":44100,");
    wn_model *m = capture_read(text, 1.0), *inner = m->condition.nested;
    assert_non_null(inner);
    assert_int_equal(m->condition.local_channels, 2);
    assert_string_equal(inner->name, "inner");
    assert_true(inner->sample_rate == 44100.0 && inner->head_scale == 2.0f);
    assert_int_equal(wn_model_receptive(m), 4);
    wn_model_free(m);
    free(text);
}

static char *container_text(double first, double second, const char *root)
{
    char *small = capture_text(&captures[CAPTURE_LINEAR], 6, "\"sample_rate\":48000,\"metadata\":{\"loudness\":-10,\"name\":\"small\"},");
    char *large = capture_text(&captures[CAPTURE_CONVNET], 29, "\"sample_rate\":48000,");
    size_t size = strlen(small) + strlen(large) + 400;
    char *text = malloc(size);
    assert_non_null(text);
    snprintf(text, size,
             "{\"version\":\"0.7.0\",\"architecture\":\"SlimmableContainer\",%s\"config\":{\"submodels\":[{\"max_value\":%g,"
             "\"model\":%s},{\"max_value\":%g,\"model\":%s}]},\"weights\":[]}",
             root, first, small, second, large);
    free(small);
    free(large);
    return text;
}

static void containers_hold_networks_by_size(void **state)
{
    static const struct { double slim; int64_t field; } picks[] = {{0, 5}, {0.49, 5}, {0.5, 8}, {0.99, 8}, {1, 8}};
    char *text = container_text(0.5, 1.0, "\"metadata\":{\"loudness\":-20,\"modeled_by\":\"me\"},");
    for (size_t i = 0; i < sizeof picks / sizeof *picks; i++) {
        wn_model *m = capture_read(text, picks[i].slim);
        assert_int_equal(wn_model_receptive(m), picks[i].field);
        assert_true(m->loudness == (picks[i].field == 5 ? -10 : -20)); /* its own, or else the container's */
        assert_non_null(strstr(m->metadata, "\"modeled_by\":\"me\""));
        assert_non_null(strstr(m->metadata, "\"submodels\":[0.5,1"));
        wn_model_free(m);
    }
    free(text);
}

/* ---- slimming ---------------------------------------------------------------------------------------------------------------- */

/* The slim conv holds the first rows and columns of the whole one. */
static void assert_cut(const wn_conv *slim, const wn_conv *whole, int in, int out)
{
    assert_int_equal(slim->in, in);
    assert_int_equal(slim->out, out);
    for (int o = 0; o < out; o++) {
        for (int i = 0; i < in * slim->kernel; i++)
            assert_true(slim->weight[o * in * slim->kernel + i] == whole->weight[o * whole->in * whole->kernel + i]);
        if (whole->has_bias) assert_true(slim->bias[o] == whole->bias[o]);
    }
}

static void slimming_keeps_the_first_channels(void **state)
{
    char *text = capture_text(&captures[CAPTURE_SLIMMABLE], captures[CAPTURE_SLIMMABLE].weights, "");
    wn_model *whole = capture_read(text, 1.0);
    for (double slim = 0; slim < 1; slim += 0.25) {
        wn_model *m = capture_read(text, slim);
        int c = slim < 0.5 ? 2 : 4, d = slim < 0.334 ? 1 : slim < 0.667 ? 2 : 3; /* of [2, 4], of 1..3 */
        const wn_stack *s = m->stacks, *w = whole->stacks;
        assert_cut(&s[0].rechannel, &w[0].rechannel, 1, c);
        for (int l = 0; l < 2; l++) {
            assert_cut(&s[0].layers[l].conv, &w[0].layers[l].conv, c, 2 * c);
            assert_cut(&s[0].layers[l].mixin, &w[0].layers[l].mixin, 1, 2 * c);
            assert_cut(&s[0].layers[l].residual, &w[0].layers[l].residual, c, c);
        }
        assert_cut(&s[0].head, &w[0].head, c, d);
        assert_cut(&s[1].rechannel, &w[1].rechannel, c, d);
        assert_cut(&s[1].layers[0].conv, &w[1].layers[0].conv, d, d);
        assert_cut(&s[1].head, &w[1].head, d, 1);
        assert_int_equal(s[1].layers[0].act.n_slopes, d);
        free(capture_run(m, 4));
        wn_model_free(m);
    }
    wn_model_free(whole);
    free(text);
}

static void what_cannot_be_slimmed_says_so(void **state)
{
    wn_error error = {0};
    wn_model *m;
    char *plain = capture_text(&captures[CAPTURE_ALL], captures[CAPTURE_ALL].weights, "");
    assert_error("plain", wn_nam_read(&m, plain, strlen(plain), "t", 0.5, &error), &error, "cannot be slimmed: it is no container");
    assert_int_equal(error.status, WN_ERROR_UNSUPPORTED);
    char *head = replaced(plain, "\"slimmable\":null", "\"slimmable\":{\"method\":\"slice_channels_uniform\"}");
    assert_error("head", wn_nam_read(&m, head, strlen(head), "t", 0.5, &error), &error, "cannot be slimmed");
    write_bytes(temp_path("native.safetensors"), "", 0);
    wn_model *model = capture_read(plain, 1.0);
    assert_int_equal(wn_model_save(model, temp_path("native.safetensors"), NULL), WN_OK);
    assert_error("native", wn_model_load_slim(&m, temp_path("native.safetensors"), 0.5, &error), &error, "cannot be slimmed");
    assert_error("above", wn_model_load_slim(&m, temp_path("native.safetensors"), 1.5, &error), &error, "expected 0 to 1");
    assert_error("nan", wn_model_load_slim(&m, temp_path("native.safetensors"), NAN, &error), &error, "expected 0 to 1");
    assert_int_equal(wn_model_load_slim(&m, temp_path("native.safetensors"), 1, &error), WN_OK);
    wn_model_free(m);
    wn_model_free(model);
    free(head);
    free(plain);
}

/* ---- what a file says beside the network -------------------------------------------------------------------------------------- */

static void metadata_is_kept(void **state)
{
    static const char more[] = "\"sample_rate\":48000,\"notes\":\"n\",\"metadata\":{\"name\":\"N\",\"loudness\":-18.5,"
                               "\"input_level_dbu\":12.25,\"output_level_dbu\":null,\"gear_make\":\"G\",\"date\":{\"year\":2025},"
                               "\"unheard_of\":[1,{\"a\":null}]},";
    char *text = capture_text(&captures[CAPTURE_LINEAR], 6, more);
    wn_model *m = capture_read(text, 1.0);
    wn_model_info info = wn_model_get_info(m);
    assert_string_equal(info.name, "N");
    assert_true(info.sample_rate == 48000 && info.loudness == -18.5 && info.input_level_dbu == 12.25);
    assert_true(isnan(info.output_level_dbu));
    assert_string_equal(info.note, "");
    json_t *metadata = json_loads(m->metadata, 0, NULL);
    json_t *expected = json_loads("{\"gear_make\":\"G\",\"date\":{\"year\":2025},\"unheard_of\":[1,{\"a\":null}],"
                                  "\"nam\":{\"version\":\"0.7.0\",\"architecture\":\"Linear\",\"notes\":\"n\"}}", 0, NULL);
    assert_true(json_equal(metadata, expected));
    json_decref(metadata);
    json_decref(expected);
    wn_model_free(m);
    free(text);
}

static void little_need_be_known(void **state)
{
    char *text = capture_text(&captures[CAPTURE_LINEAR], 6, "\"sample_rate\":null,\"metadata\":null,");
    wn_model *m = capture_read(text, 1.0);
    wn_model_info info = wn_model_get_info(m);
    assert_true(info.sample_rate == 0 && isnan(info.loudness) && isnan(info.input_level_dbu));
    wn_model_free(m);
    char *marked = malloc(strlen(text) + 8);
    assert_non_null(marked);
    sprintf(marked, "\xef\xbb\xbf \n%s", text);
    wn_model_free(capture_read(marked, 1.0)); /* as some editors save it */
    free(marked);
    free(text);
}

static void versions_are_read_as_numbers(void **state)
{
    static const struct { const char *version, *part; } versions[] = {
        {"0.5.0", NULL}, {"0.5.4", NULL}, {"0.6.12", NULL}, {"0.7.1", "newer"}, {"0.4.9", "reads 0.5.0"}, {"0.8.0", "reads 0.5.0"},
        {"1.5.0", "reads 0.5.0"}, {"0.5", "three numbers"}, {"0.5.0.1", "three numbers"}, {"0.5.x", "three numbers"},
        {"", "three numbers"}, {"v0.5.0", "three numbers"}, {"0.99999999999999999999.0", "reads 0.5.0"}, {"-1.5.0", "three"}};
    char *text = capture_text(&captures[CAPTURE_LINEAR], 6, "");
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        wn_error error = {0};
        wn_model *m;
        char *changed = replaced(text, "0.7.0", versions[i].version);
        wn_status status = wn_nam_read(&m, changed, strlen(changed), "t", 1, &error);
        if (!status) assert_true(!versions[i].part == !m->note);
        if (!status && m->note) assert_non_null(strstr(m->note, versions[i].part));
        if (status) assert_error(versions[i].version, status, &error, versions[i].part ? versions[i].part : "nothing");
        wn_model_free(m);
        free(changed);
    }
    free(text);
}

/* ---- what is refused ------------------------------------------------------------------------------------------------------------ */

/* A change of captures[which], and what the message must contain. */
static const struct { int which; const char *find, *replace, *part; } wrong[] = {
    {0, "\"architecture\":\"WaveNet\",", "", "architecture: is missing"},
    {0, "WaveNet", "LSTM", "recurrent"},
    {0, "WaveNet", "WaveNets", "expected one of WaveNet, ConvNet, Linear, SlimmableContainer"},
    {0, "\"architecture\":\"WaveNet\"", "\"architecture\":7", "architecture: is a number, expected a text"},
    {0, "\"version\":\"0.7.0\"", "\"version\":0.7", "version: is a number"},
    {0, "\"version\":\"0.7.0\"", "\"version\":null", "version: is missing"},
    {0, "\"weights\":[", "\"weights\":[null,", "weights: lists"},
    {0, "\"weights\":[0.0009765625", "\"weights\":[null", "weights.0: is null, expected a number"},
    {0, "\"weights\":[0.0009765625", "\"weights\":[\"1\"", "weights.0: is a text, expected a number"},
    {0, "\"weights\":[0.0009765625", "\"weights\":[1e39", "weights.0: is 1e+39"},
    {0, "\"weights\":[0.0009765625", "\"weights\":[1e999", "not JSON"},
    {0, "\"weights\":[0.0009765625", "\"weights\":[NaN", "not JSON"},
    {0, "\"weights\":[0.0009765625,", "\"weights\":[", "but the config needs"},
    {0, "\"weights\":[", "\"weights\":[1,", "but the config needs"},
    {0, "\"weights\":[", "\"weight\":[", "weights: is missing"},
    {0, "\"config\":{", "\"config\":{\"colour\":1,", "config: has the unknown key \"colour\""},
    {0, "\"layers\":[{", "\"layers\":[{\"colour\":1,", "config.layers.0: has the unknown key \"colour\""},
    {0, "\"layers\":[", "\"layers\":[7,", "config.layers.0: is no object"},
    {0, "\"input_size\":1", "\"input_size\":2", "input_size: is 2, expected the 1 channels of the input"},
    {0, "\"input_size\":4", "\"input_size\":3", "layers.1.input_size: is 3, expected the 4 channels of the array before"},
    {0, "\"condition_size\":1", "\"condition_size\":2", "condition_size: is 2, expected the 1"},
    {0, "\"channels\":4", "\"channels\":0", "channels: is 0, expected a whole number from 1"},
    {0, "\"channels\":4", "\"channels\":-4", "channels: is -4"},
    {0, "\"channels\":4", "\"channels\":4.5", "channels: is 4.5"},
    {0, "\"channels\":4", "\"channels\":1e9", "channels: is 1000000000"},
    {0, "\"channels\":4", "\"channels\":16384", "input_size: is 4, expected the 16384 channels of the array before"},
    {0, "\"channels\":4", "\"channels\":5", "2 groups do not divide 5 inputs"},
    {0, "\"bottleneck\":2", "\"bottleneck\":0", "bottleneck: is 0"},
    {0, "\"kernel_sizes\":[3,2]", "\"kernel_sizes\":[3]", "lists 1 values, expected one for each of 2 layers"},
    {0, "\"kernel_sizes\":[3,2]", "\"kernel_sizes\":[3,null]", "kernel_sizes.1: is null"},
    {0, "\"kernel_sizes\":[3,2]", "\"kernel_sizes\":3", "kernel_sizes: is a number, expected a list"},
    {0, "\"kernel_sizes\":[3,2]", "\"kernel_sizes\":[3,2],\"kernel_size\":2", "are both there"},
    {0, "\"kernel_sizes\":[3,2],", "", "kernel_size: is missing"},
    {0, "\"dilations\":[1,5]", "\"dilations\":[]", "dilations: is empty"},
    {0, "\"dilations\":[1,5]", "\"dilations\":[1,0]", "dilations.1: is 0"},
    {0, "\"dilations\":[1,5]", "\"dilations\":[1,4194305]", "dilations.1: is 4194305"},
    {0, "\"dilations\":[1,5]", "\"dilations\":[1,1e300]", "dilations.1: is 1e+300"},
    {0, "\"dilations\":[1,5]", "\"dilations\":5", "dilations: is a number, expected a list"},
    {0, "[\"Tanh\",{", "[\"Tan\",{", "activation: is \"Tan\", expected one of Tanh"},
    {0, "[\"Tanh\",{", "[null,{", "activation: is no activation"},
    {0, "\"activation\":[\"Tanh\",", "\"activation\":[", "activation: lists 1 values"},
    {0, "\"type\":\"PReLU\",", "", "activation.type: is missing"},
    {0, "\"type\":\"PReLU\",", "\"type\":\"PReLU\",\"alpha\":1,", "unknown key \"alpha\""},
    {0, "[0.25,0.5]", "[0.25,0.5,1]", "lists 3 slopes, expected one for each of 2 channels"},
    {0, "[0.25,0.5]", "[0.25,\"x\"]", "negative_slopes.1: is a text"},
    {0, "[\"gated\",\"blended\"]", "[\"gated\",\"mixed\"]", "gating_mode: is \"mixed\", expected one of none, gated, blended"},
    {0, "[\"gated\",\"blended\"]", "[\"gated\"]", "gating_mode: lists 1 values"},
    {0, "[\"gated\",\"blended\"]", "true", "gating_mode: is true, expected a text"},
    {0, "\"gated\":false", "\"gated\":0", "gated: is a number, expected true or false"},
    {0, "[\"Sigmoid\",{", "[null,{", "secondary_activation: is no activation"},
    {0, "\"min_val\":-2", "\"min_val\":4", "min_val: is above max_val"},
    {0, "\"out_channels\":3,\"kernel_size\":2,\"bias\":true", "\"out_channels\":3,\"kernel_size\":2", "head.bias: is missing"},
    {0, "\"head_dilation\":4", "\"head_dilation\":0", "head_dilation: is 0"},
    {0, "\"head_size\":2,", "", "layers.1.head_size: is missing"},
    {0, ",\"head_bias\":false", "", "layers.1.head_bias: is missing"},
    {0, "\"out_channels\":3,\"kernel_size\"", "\"out_channels\":2,\"kernel_size\"", "sums 3 channels, expected the 2 that the array before gives"},
    {0, "\"layer1x1\":{\"active\":true", "\"layer1x1\":{\"active\":false", "expected the 4 channels where layer1x1 is not active"},
    {0, "\"layer1x1\":{\"active\":true,", "\"layer1x1\":{", "layer1x1.active: is missing"},
    {0, "\"out_channels\":6,", "", "head1x1.out_channels: is missing"},
    {0, "\"head1x1\":{\"active\":true", "\"head1x1\":{\"active\":false", "head1x1_post_film: is active, but what it modulates is not"},
    {0, "\"groups_input\":2", "\"groups_input\":3", "3 groups do not divide"},
    {0, "\"conv_pre_film\":{", "\"conv_pre_film\":{\"scale\":true,", "conv_pre_film: has the unknown key \"scale\""},
    {0, "\"conv_pre_film\":false", "\"conv_pre_film\":true", "conv_pre_film: is neither false nor an object"},
    {0, "\"slimmable\":null", "\"slimmable\":{\"method\":\"halve\"}", "slimmable.method: is \"halve\""},
    {0, "\"slimmable\":null", "\"slimmable\":{\"method\":\"slice_channels_uniform\",\"kwargs\":{\"allowed_channels\":[1,5]}}", "allowed_channels.1: is 5"},
    {0, "\"kernel_sizes\":[2,3]", "\"kernel_sizes\":[]", "head.kernel_sizes: is empty"},
    {0, "\"activation\":\"SiLU\",", "", "head.activation: is missing"},
    {0, "\"in_channels\":2", "\"in_channels\":3", "does not match the 2 channels"},
    {0, ",\"head_scale\":0.02", "", "head_scale: is missing"},
    {0, "\"head_scale\":0.02", "\"head_scale\":\"x\"", "head_scale: is a text, expected a number"},
    {0, "\"version\":", "\"sample_rate\":0,\"version\":", "sample_rate: is 0, expected 1 to"},
    {0, "\"version\":", "\"sample_rate\":\"48000\",\"version\":", "sample_rate: is a text, expected a number"},
    {0, "\"version\":", "\"metadata\":[],\"version\":", "metadata: is an array, expected an object"},
    {0, "\"version\":", "\"metadata\":{\"loudness\":\"loud\"},\"version\":", "metadata.loudness: is a text"},
    {0, "\"version\":", "\"version\":\"0.7.0\",\"version\":", "duplicate"},
    {CAPTURE_NESTED, "\"condition_size\":2", "\"condition_size\":1", "condition_size: is 1, expected the 2 channels of the condition"},
    {CAPTURE_NESTED, "0.6.0\"", "0.6.0\",\"sample_rate\":1000", "config.condition_dsp.sample_rate: is 1000, but the network around it has 0"},
    {CAPTURE_NESTED, "0.5,0.25,2]", "0.5,0.25]", "config.condition_dsp.weights: lists 8 values, but the config needs 9"},
    {CAPTURE_NESTED, "\"condition_dsp\":{", "\"condition_dsp\":{\"x\":{", "not JSON"},
    {CAPTURE_CONVNET, "\"batchnorm\":false", "\"batchnorm\":1", "batchnorm: is a number"},
    {CAPTURE_CONVNET, "\"batchnorm\":false,", "", "batchnorm: is missing"},
    {CAPTURE_CONVNET, "[1,2,4]", "[]", "dilations: is empty"},
    {CAPTURE_CONVNET, "[1,2,4]", "[1,2,-4]", "dilations.2: is -4"},
    {CAPTURE_CONVNET, "\"channels\":2", "\"channels\":16384", "lists 29 values, but the config needs"},
    {CAPTURE_CONVNET, "[1,2,4]", "[1,2]", "but the config needs"},
    {CAPTURE_CONVNET, "\"batchnorm\":false", "\"batchnorm\":false,\"groups\":2", "groups is 2, expected 1 to 1"},
    {CAPTURE_LINEAR, "\"receptive_field\":5", "\"receptive_field\":4", "lists 6 values, but the config needs 5"},
    {CAPTURE_LINEAR, "\"receptive_field\":5", "\"receptive_field\":0", "receptive_field: is 0"},
    {CAPTURE_LINEAR, "\"receptive_field\":5", "\"receptive_field\":65537", "receptive_field: is 65537"},
    {CAPTURE_LINEAR, "\"bias\":true,", "", "bias: is missing"},
    {CAPTURE_LINEAR, "\"fft\"", "\"magic\"", "implementation: is \"magic\""},
};

static void assert_refused(const char *name, const char *text, const char *part)
{
    size_t size = strlen(text);
    char *exact = malloc(size + !size); /* a read past the end is seen */
    wn_error error = {0};
    wn_model *m;
    assert_non_null(exact);
    memcpy(exact, text, size);
    assert_error(name, wn_nam_read(&m, exact, size, "bad.nam", 1, &error), &error, part);
    assert_null(m);
    assert_non_null(strstr(error.where, "bad.nam"));
    free(exact);
}

static void wrong_files_are_refused_with_words(void **state)
{
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const capture *c = &captures[wrong[i].which];
        char *text = capture_text(c, c->weights, ""), *changed = replaced(text, wrong[i].find, wrong[i].replace);
        assert_refused(wrong[i].replace, changed, wrong[i].part);
        free(changed);
        free(text);
    }
}

static void wrong_containers_are_refused_with_words(void **state)
{
    static const struct { const char *find, *replace, *part; } changes[] = {
        {"\"submodels\":[", "\"submodel\":[", "config: has the unknown key"},
        {"\"max_value\":0.5", "\"max_value\":1", "submodels.1.max_value: is 1, expected more than the 1 before it"},
        {"\"max_value\":1,", "\"max_value\":0.9,", "expected 1 or more for the last"},
        {"\"max_value\":0.5,", "", "max_value: is missing"},
        {"\"model\":{", "\"model\":7,\"m\":{", "unknown key"},
        {"\"model\":{", "\"model\":[7],\"max\":{", "unknown key"},
        {"\"weights\":[]", "\"weights\":[1]", "expected none in a container"},
        {"\"weights\":[0.0009765625,", "\"weights\":[", "config.submodels.0.model.weights: lists 5 values"},
        {"\"sample_rate\":48000,", "\"sample_rate\":44100,", "expected the 44100 of the submodels before"},
        {"\"Linear\"", "\"SlimmableContainer\"", "container within a container"}};
    char *text = container_text(0.5, 1.0, "");
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        char *changed = replaced(text, changes[i].find, changes[i].replace);
        assert_refused(changes[i].replace, changed, changes[i].part);
        free(changed);
    }
    free(text);
    assert_refused("empty", "{\"version\":\"0.7.0\",\"architecture\":\"SlimmableContainer\",\"config\":{\"submodels\":[]},\"weights\":[]}",
                   "submodels: is empty");
}

/* A network of one channel whose condition is `inner`, or its input. A new string. */
static char *conditioned(const char *inner)
{
    static const char layers[] = "\"layers\":[{\"input_size\":1,\"condition_size\":1,\"channels\":1,\"kernel_size\":1,\"dilations\":[1],"
                                 "\"activation\":\"ReLU\",\"head_size\":1,\"head_bias\":false}],\"head_scale\":1}";
    char *config = malloc(strlen(inner) + sizeof layers + 32);
    assert_non_null(config);
    sprintf(config, "{%s%s%s%s", *inner ? "\"condition_dsp\":" : "", inner, *inner ? "," : "", layers);
    char *text = capture_text(&(capture){"WaveNet", config, 8}, 8, "");
    free(config);
    return text;
}

static void nesting_ends(void **state)
{
    char *text = conditioned("");
    for (int depth = 0; depth <= WN_MAX_NESTING; depth++) {
        char *outer = conditioned(text);
        wn_model *m = capture_read(text, 1.0);
        free(capture_run(m, 8));
        wn_model_free(m);
        free(text);
        text = outer;
    }
    assert_refused("nested", text, "is nested more than 4 deep");
    free(text);
    char *deep = calloc(1, 70000); /* lists in lists: the parser's own limit */
    assert_non_null(deep);
    strcpy(deep, "{\"version\":");
    memset(deep + strlen(deep), '[', 60000);
    assert_refused("deep", deep, "depth");
    free(deep);
}

/* ---- numbers ------------------------------------------------------------------------------------------------------------------ */

/* What the reader makes of `text` is what the C library does, first as double, then as float. */
static void assert_number(const char *text)
{
    const char *p = text, *end = text + strlen(text);
    float got = 0.0f;
    double exact = strtod(text, NULL);
    bool fits = fabs(exact) <= (double)FLT_MAX;
    bool read = wn_nam_number(&p, end, &got);
    if (read != fits) fail_msg("%s was %s", text, read ? "read" : "not read");
    if (read && (got != (float)exact || p != end)) fail_msg("%s became %a, expected %a", text, (double)got, (double)(float)exact);
}

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 11;
}

static void numbers_are_read_to_the_last_bit(void **state)
{
    static const char *const texts[] = {"0", "-0", "0.0", "1", "-1.5", "10", "0.1", "1e0", "1E+2", "1e-2", "123456789012345678901.5",
                                        "0.00000000000000000000000000000000000000001", "1.17549435e-38", "1e-45", "7.006492321624085e-46",
                                        "7.006492321624086e-46", "1e-400", "3.4028234663852886e38", "3.4028235e38", "1e39", "-1e39",
                                        "16777217", "16777217.000000001", "16777216.99999999999999999999999", "16777219", "0e99999999999"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) assert_number(texts[i]);
    uint64_t seed = 1;
    for (int i = 0; i < 100000; i++) {
        char text[64];
        float f, above;
        uint32_t bits = (uint32_t)next_random(&seed);
        memcpy(&f, &bits, sizeof f);
        if (!isfinite(f)) continue;
        snprintf(text, sizeof text, "%.*g", 1 + (int)(next_random(&seed) % 20), (double)f);
        if (!strchr(text, '+')) assert_number(text);
        above = nextafterf(f, INFINITY); /* half way to the next float32, and to either side of that */
        double half = ((double)f + (double)above) / 2;
        double sides[3] = {half, nextafter(half, -INFINITY), nextafter(half, INFINITY)};
        for (int k = 0; k < 3 && isfinite(above); k++) {
            snprintf(text, sizeof text, "%.17g", sides[k]);
            assert_number(text);
        }
        snprintf(text, sizeof text, "%s%.19f", i % 2 ? "-" : "", (double)(next_random(&seed) % 1000000007) / 1000000007.0);
        assert_number(text);
    }
}

static void what_is_no_number_is_left_to_the_parser(void **state)
{
    static const char *const texts[] = {"", "-", "+1", ".5", "1.", "01", "1e", "1e+", "x", "--1", "NaN", "Infinity", "1.e5", "-a"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *p = texts[i];
        float out;
        if (wn_nam_number(&p, p + strlen(p), &out)) fail_msg("%s was read", texts[i]);
    }
}

/* Lists that are no network's weights stay lists, and what stands for a list within the reader means nothing in a file. */
static void only_networks_have_weights(void **state)
{
    char *text = capture_text(&captures[CAPTURE_LINEAR], 6, "\"metadata\":{\"weights\":[1,2.5],\"a\":\"\\\"weights\\\":[1]\"},");
    wn_model *m = capture_read(text, 1.0);
    assert_non_null(strstr(m->metadata, "\"weights\":[1,2.5]"));
    assert_non_null(strstr(m->metadata, "\"a\":\"\\\"weights\\\":[1]\""));
    wn_model_free(m);
    free(text);
    static const char head[] = "{\"version\":\"0.7.0\",\"architecture\":\"Linear\",\"config\":{\"receptive_field\":1,\"bias\":false},";
    static const char *const tails[] = {"\"weights\":4000000000000000}", "\"weights\":4000000000000000,\"x\":{\"weights\":[1,2]}}",
                                        "\"weights\":{\"weights\":[1]}}", "\"weights\":true}"};
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        char all[256];
        snprintf(all, sizeof all, "%s%s", head, tails[i]);
        assert_refused(tails[i], all, "weights: ");
    }
}

/* ---- limits --------------------------------------------------------------------------------------------------------------------- */

static char *filled(size_t size, const char *start, const char *piece)
{
    char *text = malloc(size + 1);
    assert_non_null(text);
    strcpy(text, start);
    size_t n = strlen(start), m = strlen(piece);
    for (; n + m <= size; n += m) memcpy(text + n, piece, m);
    memset(text + n, ' ', size - n);
    text[size] = '\0';
    return text;
}

static void limits_hold_before_anything_is_parsed(void **state)
{
    char *large = filled(WN_NAM_MAX_FILE + 1, "{", " "), *many = filled(1 << 21, "{\"weights\":[1", ",1");
    assert_refused("large", large, "is larger than 8388608 bytes");
    assert_refused("many", many, "holds more values than 36 MB of memory");
    wn_error error = {0};
    wn_model *m;
    const char *path = temp_path("large.nam");
    write_bytes(path, large, strlen(large));
    assert_error("large", wn_model_load(&m, path, &error), &error, "is larger than 8388608 bytes");
    free(large);
    free(many);
}

/* A pipe has no size to ask for: reading stops at the limit. */
static void a_pipe_is_read_no_further_than_the_limit(void **state)
{
    int ends[2];
    wn_error error = {0};
    wn_model *m;
    assert_int_equal(pipe(ends), 0);
    fflush(stdout);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char block[65536] = "{ ";
        close(ends[0]);
        memset(block + 2, ' ', sizeof block - 2);
        for (int i = 0; i < 1024; i++)
            if (write(ends[1], block, sizeof block) < 0) break;
        _exit(0);
    }
    char path[32];
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    close(ends[1]);
    assert_error("pipe", wn_model_load(&m, path, &error), &error, "is larger than 8388608 bytes");
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_taken_in_order),
        cmocka_unit_test(activations_keep_their_parameters),
        cmocka_unit_test(linear_lists_the_newest_tap_first),
        cmocka_unit_test(batch_norm_is_folded),
        cmocka_unit_test(a_nested_network_is_the_condition),
        cmocka_unit_test(containers_hold_networks_by_size),
        cmocka_unit_test(slimming_keeps_the_first_channels),
        cmocka_unit_test(what_cannot_be_slimmed_says_so),
        cmocka_unit_test(metadata_is_kept),
        cmocka_unit_test(little_need_be_known),
        cmocka_unit_test(versions_are_read_as_numbers),
        cmocka_unit_test(wrong_files_are_refused_with_words),
        cmocka_unit_test(wrong_containers_are_refused_with_words),
        cmocka_unit_test(nesting_ends),
        cmocka_unit_test(numbers_are_read_to_the_last_bit),
        cmocka_unit_test(what_is_no_number_is_left_to_the_parser),
        cmocka_unit_test(only_networks_have_weights),
        cmocka_unit_test(limits_hold_before_anything_is_parsed),
        cmocka_unit_test(a_pipe_is_read_no_further_than_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
