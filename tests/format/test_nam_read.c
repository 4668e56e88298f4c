/* SPDX-License-Identifier: MIT
 * test_nam_read.c - amp captures into descriptions: the order of weights, slimming, containers, metadata, versions.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/json.h"
#include "format/nam.h"
#include "model/receptive.h"
#include "model/tensors.h"
#include "nam_captures.h"

/* ---- the order of weights ------------------------------------------------------------------------------------------------ */

/* What the list of captures[CAPTURE_ALL] holds, written out by hand from the format: tensor, floats. "" is read and not
 * used: FiLM after the 1x1 of the first layer, which is not blended. */
static const struct {
    const char *name;
    int n;
} order[] = {
    {"stacks.0.rechannel.weight", 4},
    {"stacks.0.layers.0.conv.weight", 24},
    {"stacks.0.layers.0.conv.bias", 4},
    {"stacks.0.layers.0.mixin.weight", 4},
    {"stacks.0.layers.0.residual.weight", 4},
    {"stacks.0.layers.0.residual.bias", 4},
    {"stacks.0.layers.0.skip.weight", 6},
    {"stacks.0.layers.0.skip.bias", 6},
    {"stacks.0.layers.0.film.conv_pre.weight", 8},
    {"stacks.0.layers.0.film.conv_pre.bias", 8},
    {"stacks.0.layers.0.film.conv_post.weight", 4},
    {"stacks.0.layers.0.film.conv_post.bias", 4},
    {"stacks.0.layers.0.film.mixin_pre.weight", 2},
    {"stacks.0.layers.0.film.mixin_pre.bias", 2},
    {"stacks.0.layers.0.film.mixin_post.weight", 8},
    {"stacks.0.layers.0.film.mixin_post.bias", 8},
    {"stacks.0.layers.0.film.act_pre.weight", 8},
    {"stacks.0.layers.0.film.act_pre.bias", 8},
    {"stacks.0.layers.0.film.act_post.weight", 4},
    {"stacks.0.layers.0.film.act_post.bias", 4},
    {"", 8},
    {"", 8},
    {"stacks.0.layers.0.film.skip_post.weight", 12},
    {"stacks.0.layers.0.film.skip_post.bias", 12},
    {"stacks.0.layers.1.conv.weight", 16},
    {"stacks.0.layers.1.conv.bias", 4},
    {"stacks.0.layers.1.mixin.weight", 4},
    {"stacks.0.layers.1.residual.weight", 4},
    {"stacks.0.layers.1.residual.bias", 4},
    {"stacks.0.layers.1.skip.weight", 6},
    {"stacks.0.layers.1.skip.bias", 6},
    {"stacks.0.layers.1.film.conv_pre.weight", 8},
    {"stacks.0.layers.1.film.conv_pre.bias", 8},
    {"stacks.0.layers.1.film.conv_post.weight", 4},
    {"stacks.0.layers.1.film.conv_post.bias", 4},
    {"stacks.0.layers.1.film.mixin_pre.weight", 2},
    {"stacks.0.layers.1.film.mixin_pre.bias", 2},
    {"stacks.0.layers.1.film.mixin_post.weight", 8},
    {"stacks.0.layers.1.film.mixin_post.bias", 8},
    {"stacks.0.layers.1.film.act_pre.weight", 8},
    {"stacks.0.layers.1.film.act_pre.bias", 8},
    {"stacks.0.layers.1.film.act_post.weight", 4},
    {"stacks.0.layers.1.film.act_post.bias", 4},
    {"stacks.0.layers.1.film.residual_post.weight", 8},
    {"stacks.0.layers.1.film.residual_post.bias", 8},
    {"stacks.0.layers.1.film.skip_post.weight", 12},
    {"stacks.0.layers.1.film.skip_post.bias", 12},
    {"stacks.0.head.weight", 36},
    {"stacks.0.head.bias", 3},
    {"stacks.1.rechannel.weight", 12},
    {"stacks.1.layers.0.conv.weight", 18},
    {"stacks.1.layers.0.conv.bias", 3},
    {"stacks.1.layers.0.mixin.weight", 3},
    {"stacks.1.layers.0.residual.weight", 9},
    {"stacks.1.layers.0.residual.bias", 3},
    {"stacks.1.head.weight", 6},
    {"head.0.weight", 12},
    {"head.0.bias", 3},
    {"head.1.weight", 9},
    {"head.1.bias", 1},
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
        for (int k = 0; k < 5 && k <= t; k++)
            sum += (k + 1) / 1024.0 * (double)((float)sin(0.37 * (t - k)) * (float)cos(0.011 * (t - k) * (t - k)));
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
    for (int t = 3; t < T; t++) assert_true(fabs((double)y[t] - (w[30] * x[t][0] + w[31] * x[t][1] + w[32])) < 1e-8);
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

static void containers_hold_networks_by_size(void **state)
{
    static const struct {
        double slim;
        int64_t field;
    } picks[] = {{0, 5}, {0.49, 5}, {0.5, 8}, {0.99, 8}, {1, 8}};
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

/* Models in series: the file's own figures, and those of all of them. */
static void sequences_hold_models_in_series(void **state)
{
    (void)state;
    char *container = container_text(0.5, 1.0, "\"metadata\":{\"loudness\":-20},");
    char *text = sequence_text(container, "\"metadata\":{\"loudness\":-13,\"name\":\"both\"},");
    wn_model *m = capture_read(text, 1.0);
    assert_int_equal(m->n_chain, 2);
    assert_int_equal(m->n_stacks, 0);
    assert_true(m->sample_rate == 48000 && m->loudness == -13 && m->chain[0]->loudness == -20);
    assert_string_equal(m->name, "both");
    assert_int_equal(wn_model_receptive(m), 8 + 5 - 1);
    assert_int_equal(wn_model_parameters(m), 29 + 6);
    assert_int_equal(wn_model_macs(m), wn_model_macs(m->chain[0]) + wn_model_macs(m->chain[1]));
    assert_null(m->container);
    assert_non_null(m->chain[0]->container);
    float *whole = capture_run(m, 100), *x = capture_run(m->chain[0], 100);
    wn_plan *plan;
    wn_stream *stream;
    assert_int_equal(wn_plan_new(&plan, m->chain[1], NULL, NULL), WN_OK);
    assert_int_equal(wn_stream_new(&stream, plan, NULL), WN_OK);
    float y[100];
    wn_stream_run(stream, &(wn_block){.frames = 100, .pcm = x, .out = y});
    assert_memory_equal(y, whole, sizeof y);
    wn_stream_free(stream);
    wn_plan_free(plan);
    wn_model_free(m);
    free(whole);
    free(x);
    free(text);
    free(container);
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
    assert_error("plain", wn_nam_read(&m, plain, strlen(plain), "t", 0.5, &error), &error,
                 "cannot be slimmed: it is no container");
    assert_int_equal(error.status, WN_ERROR_UNSUPPORTED);
    char *head = replaced(plain, "\"slimmable\":null", "\"slimmable\":{\"method\":\"slice_channels_uniform\"}");
    assert_error("head", wn_nam_read(&m, head, strlen(head), "t", 0.5, &error), &error, "cannot be slimmed");
    write_bytes(temp_path("native.safetensors"), "", 0);
    wn_model *model = capture_read(plain, 1.0);
    assert_int_equal(wn_model_save(model, temp_path("native.safetensors"), NULL), WN_OK);
    assert_error("native", wn_model_load_slim(&m, temp_path("native.safetensors"), 0.5, &error), &error,
                 "cannot be slimmed");
    assert_error("above", wn_model_load_slim(&m, temp_path("native.safetensors"), 1.5, &error), &error,
                 "expected 0 to 1");
    assert_error("nan", wn_model_load_slim(&m, temp_path("native.safetensors"), NAN, &error), &error,
                 "expected 0 to 1");
    assert_int_equal(wn_model_load_slim(&m, temp_path("native.safetensors"), 1, &error), WN_OK);
    wn_model_free(m);
    wn_model_free(model);
    free(head);
    free(plain);
}

/* ---- what a file says beside the network -------------------------------------------------------------------------------------- */

static void metadata_is_kept(void **state)
{
    static const char more[] =
        "\"sample_rate\":48000,\"notes\":\"n\",\"metadata\":{\"name\":\"N\",\"loudness\":-18.5,"
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
                                  "\"nam\":{\"version\":\"0.7.0\",\"architecture\":\"Linear\",\"notes\":\"n\"}}",
                                  0, NULL);
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
    static const struct {
        const char *version, *part;
    } versions[] = {{"0.5.0", NULL},
                    {"0.5.4", NULL},
                    {"0.6.12", NULL},
                    {"0.7.1", "newer"},
                    {"0.4.9", "reads 0.5.0"},
                    {"0.8.0", "reads 0.5.0"},
                    {"1.5.0", "reads 0.5.0"},
                    {"0.5", "three numbers"},
                    {"0.5.0.1", "three numbers"},
                    {"0.5.x", "three numbers"},
                    {"", "three numbers"},
                    {"v0.5.0", "three numbers"},
                    {"0.99999999999999999999.0", "reads 0.5.0"},
                    {"-1.5.0", "three"}};
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_taken_in_order),
        cmocka_unit_test(activations_keep_their_parameters),
        cmocka_unit_test(linear_lists_the_newest_tap_first),
        cmocka_unit_test(batch_norm_is_folded),
        cmocka_unit_test(a_nested_network_is_the_condition),
        cmocka_unit_test(containers_hold_networks_by_size),
        cmocka_unit_test(sequences_hold_models_in_series),
        cmocka_unit_test(slimming_keeps_the_first_channels),
        cmocka_unit_test(what_cannot_be_slimmed_says_so),
        cmocka_unit_test(metadata_is_kept),
        cmocka_unit_test(little_need_be_known),
        cmocka_unit_test(versions_are_read_as_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
