/* SPDX-License-Identifier: MIT
 * test_nam_write.c - models as amp captures: there and back with the same bits, and what does not fit.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format/json.h"
#include "model/receptive.h"
#include "model/tensors.h"
#include "nam_captures.h"

enum { FRAMES = 200 };

static wn_model *load(const char *path)
{
    wn_error error = {0};
    wn_model *m;
    if (wn_model_load(&m, path, &error)) fail_msg("%s: %s", error.where, error.message);
    return m;
}

static wn_model *through(const wn_model *m, const char *name)
{
    wn_error error = {0};
    if (wn_model_save(m, temp_path(name), &error)) fail_msg("%s: %s", error.where, error.message);
    return load(temp_path(name));
}

static void assert_same_sound(const wn_model *a, const wn_model *b)
{
    float *x = capture_run(a, FRAMES), *y = capture_run(b, FRAMES);
    assert_memory_equal(x, y, (size_t)(FRAMES * a->output_channels) * sizeof *x);
    free(x);
    free(y);
}

static void assert_same_words(const wn_model *a, const wn_model *b)
{
    assert_string_equal(a->name ? a->name : "", b->name ? b->name : "");
    assert_true(a->sample_rate == b->sample_rate && a->head_scale == b->head_scale);
    assert_true(isnan(a->loudness) ? isnan(b->loudness) : a->loudness == b->loudness);
    assert_true(isnan(a->input_level_dbu) ? isnan(b->input_level_dbu) : a->input_level_dbu == b->input_level_dbu);
    assert_true(isnan(a->output_level_dbu) ? isnan(b->output_level_dbu) : a->output_level_dbu == b->output_level_dbu);
}

/* Numbers that need all 24 bits of a float, some of them tiny, instead of the file's round ones. */
static wn_status draw(void *user, const char *name, float *data, int ndim, const int64_t *shape)
{
    uint32_t *state = user;
    int64_t n = 1;
    for (int i = 0; i < ndim; i++) n *= shape[i];
    for (int64_t i = 0; i < n; i++) {
        *state = *state * 1664525u + 1013904223u;
        data[i] = ldexpf((float)((*state >> 8) | 1u) - 8388608.0f, *state % 97 == 0 ? -120 : -24);
    }
    return WN_OK;
}

static void captures_come_back_the_same(void **state)
{
    static const char words[] =
        "\"sample_rate\":48000,\"notes\":\"n\",\"metadata\":{\"name\":\"N\",\"loudness\":-18.123456789012345,"
        "\"input_level_dbu\":12.1,\"output_level_dbu\":-0.1,\"gear_make\":\"G \\u00e9\"},";
    for (int i = 0; i < n_captures; i++) {
        char *text = capture_text(&captures[i], captures[i].weights, i == CAPTURE_NESTED ? "" : words);
        wn_model *m = capture_read(text, 1.0);
        uint32_t seed = (uint32_t)i + 1;
        wn_model_tensors(m, draw, &seed);
        m->head_scale = captures[i].architecture[0] == 'W' ? 0.1f : 1.0f;
        wn_model *native = through(m, "back.safetensors"), *nam = through(native, "back.nam"),
                 *again = through(nam, "again.nam");
        assert_same_weights(m, native, 0);
        assert_same_weights(m, nam, 0);
        assert_same_weights(m, again, 0);
        assert_same_sound(m, native);
        assert_same_sound(m, nam);
        assert_same_words(m, native);
        assert_same_words(m, nam);
        bytes one = read_bytes(temp_path("back.nam")), two = read_bytes(temp_path("again.nam"));
        assert_int_equal(one.size, two.size); /* written once, it is written the same for ever */
        assert_memory_equal(one.data, two.data, one.size);
        one.data[one.size] = '\0';
        assert_true(i == CAPTURE_NESTED || strstr((char *)one.data, "\"notes\":\"n\""));
        free(one.data);
        free(two.data);
        wn_model_free(again);
        wn_model_free(nam);
        wn_model_free(native);
        wn_model_free(m);
        free(text);
    }
}

static void slimmed_captures_come_back_too(void **state)
{
    char *text = capture_text(&captures[CAPTURE_SLIMMABLE], captures[CAPTURE_SLIMMABLE].weights, "");
    wn_model *m = capture_read(text, 0.0), *nam = through(m, "slim.nam"), *later;
    assert_same_weights(m, nam, 0);
    assert_same_sound(m, nam);
    assert_int_equal(wn_model_load_slim(&later, temp_path("slim.nam"), 0.0, NULL), WN_ERROR_UNSUPPORTED);
    wn_model_free(nam);
    wn_model *whole = capture_read(text, 1.0); /* one that is not yet slimmed can still be afterwards */
    nam = through(whole, "whole.nam");
    assert_int_equal(wn_model_load_slim(&later, temp_path("whole.nam"), 0.0, NULL), WN_OK);
    assert_same_sound(m, later);
    wn_model_free(later);
    wn_model_free(whole);
    wn_model_free(nam);
    wn_model_free(m);
    free(text);
}

/* ---- models of our own ---------------------------------------------------------------------------------------------------- */

/* Biases, and a condition, that the format always has are added as zeros. */
static const char *const fitting[] = {
    "{\"output\":{\"kind\":\"pcm\"},\"sample_rate\":8000,\"stacks\":[{\"channels\":3,\"rechannel\":{\"bias\":false},\"bias\":false,"
    "\"dilations\":[1,2,4],\"gating\":\"none\",\"skip\":false,\"residual_bias\":false,\"head\":{\"out\":1,\"bias\":false}}],"
    "\"head_scale\":0.5}",
    "{\"output\":{\"kind\":\"pcm\"},\"condition\":{\"source\":\"input\"},\"stacks\":[{\"channels\":4,\"rechannel\":{\"bias\":false},"
    "\"kernel\":3,\"dilations\":[1,2],\"gating\":\"gated\",\"activation\":[\"silu\",{\"kind\":\"leaky-relu\",\"slope\":0.1}],"
    "\"skip\":true,\"skip_bias\":false,\"skip_channels\":6,\"bottleneck\":2,\"film_act_post\":{\"bias\":false},"
    "\"head\":{\"out\":2,\"kernel\":3,\"dilation\":2}}],\"head\":[{\"activation\":\"tanh\",\"out\":5,\"kernel\":2},"
    "{\"activation\":\"tanh\",\"out\":1,\"bias\":false}]}",
    "{\"output\":{\"kind\":\"pcm\"},\"condition\":{\"source\":\"input\"},\"stacks\":[{\"channels\":2,\"rechannel\":{\"bias\":false},"
    "\"dilations\":[1,2,3],\"gating\":[\"none\",\"blended\",\"blended\"],\"skip\":false,"
    "\"film_residual_post\":[false,true,false],\"head\":{\"out\":1}}]}",
    "{\"output\":{\"kind\":\"pcm\"},\"stacks\":[{\"channels\":1,\"rechannel\":{\"kernel\":40,\"bias\":false},\"dilations\":[],"
    "\"plain_output\":true}]}",
};

static void models_that_fit_become_captures(void **state)
{
    for (size_t i = 0; i < sizeof fitting / sizeof *fitting; i++) {
        wn_model *m = model_from(fitting[i]), *nam = through(m, "fit.nam"), *native = through(nam, "fit.safetensors");
        uint32_t seed = 9;
        wn_model_free(nam);
        wn_model_free(native);
        wn_model_tensors(m, draw, &seed);
        nam = through(m, "fit.nam");
        native = through(nam, "fit.safetensors");
        assert_same_sound(m, nam);
        assert_same_sound(m, native);
        assert_int_equal(wn_model_receptive(m), wn_model_receptive(nam));
        wn_model_free(native);
        wn_model_free(nam);
        wn_model_free(m);
    }
}

static const char base[] =
    "{\"output\":{\"kind\":\"pcm\"},\"condition\":{\"source\":\"input\"},\"stacks\":[{\"channels\":2,\"rechannel\":{\"bias\":false},"
    "\"kernel\":[3,2],\"dilations\":[1,2],\"gating\":\"none\",\"skip\":false,\"head\":{\"out\":2}},{\"channels\":2,\"rechannel\":"
    "{\"bias\":false},\"dilations\":[4],\"gating\":\"none\",\"skip\":false,\"head\":{\"out\":1}}],\"head\":[{\"kernel\":2}]}";

static const struct {
    const char *find, *replace, *part;
} misfits[] = {
    {"\"rechannel\":{\"bias\":false},\"kernel\"", "\"kernel\"",
     "stacks.0: its first convolution is no 1x1 without bias"},
    {"\"rechannel\":{\"bias\":false},\"kernel\"", "\"rechannel\":{\"bias\":false,\"kernel\":2},\"kernel\"", "no 1x1"},
    {"\"gating\":\"none\"", "\"gating\":\"none\",\"activation\":\"identity\"",
     "stacks.0.layers.0: the format has no such activation"},
    {"\"gating\":\"none\"", "\"gating\":\"none\",\"residual_scale\":[1,0.5]",
     "stacks.0.layers.1: it scales its outputs"},
    {"\"gating\":\"none\"", "\"gating\":\"none\",\"skip_out_scale\":0.5", "stacks.0: its skip sum is scaled"},
    {"\"gating\":\"none\"", "\"gating\":\"none\",\"residual\":[true,false]",
     "stacks.0.layers.1: its skip and residual 1x1s differ"},
    {"\"gating\":\"none\"", "\"gating\":\"none\",\"groups\":[1,2]", "its groups differ"},
    {"\"gating\":\"none\"", "\"gating\":\"none\",\"film_conv_pre\":[false,true]", "its FiLM conv_pre differs"},
    {"\"gating\":\"none\"", "\"gating\":\"none\",\"film_residual_post\":true", "blended layers only"},
    {"\"skip\":false,\"head\":{\"out\":2}", "\"skip\":true,\"bottleneck\":[2,3],\"head\":{\"out\":2}",
     "its bottleneck differs"},
    {"\"skip\":false,\"head\":{\"out\":2}", "\"skip\":true,\"bottleneck\":3,\"residual\":false,\"head\":{\"out\":2}",
     "a bottleneck needs a residual"},
    {",\"head\":{\"out\":2}", "", "stacks.0: it has no head convolution"},
    {"\"head\":{\"out\":2}", "\"head\":{\"out\":2,\"groups\":2}", "no head convolution in one group"},
    {"{\"channels\":2,\"rechannel\":{\"bias\":false},\"dilations\"",
     "{\"channels\":3,\"skip_channels\":2,\"bottleneck\":2,\"rechannel\":{\"bias\":false},\"dilations\"",
     "stacks.1: it has 3 channels, expected the 2"},
    {"\"head\":[{\"kernel\":2}]", "\"head\":[{\"kernel\":2,\"dilation\":3}]", "head.0: it is dilated"},
    {"\"head\":[{\"kernel\":2}]", "\"head\":[{\"activation\":\"identity\"}]",
     "head.0: the format has no such activation"},
    {"\"head\":[{\"kernel\":2}]", "\"head\":[{\"activation\":\"tanh\"},{}]", "head.1: its activation differs"},
    {"\"head\":[{\"kernel\":2}]", "\"head\":[{\"out\":2},{\"out\":3},{}]", "head.1: its width differs"},
    {"\"source\":\"input\"", "\"source\":\"input\",\"global\":2", "conditions other than its own input"},
    {"\"kind\":\"pcm\"", "\"kind\":\"gaussian\"", "it generates"},
    {"\"kind\":\"pcm\"}", "\"kind\":\"pcm\"},\"autoregressive\":true", "it generates"},
};

static void what_does_not_fit_is_named(void **state)
{
    for (size_t i = 0; i < sizeof misfits / sizeof *misfits; i++) {
        char *text = replaced(base, misfits[i].find, misfits[i].replace);
        wn_model *m = model_from(text);
        wn_error error = {0};
        unlink(temp_path("misfit.nam"));
        assert_error(misfits[i].replace, wn_model_save(m, temp_path("misfit.nam"), &error), &error, misfits[i].part);
        assert_int_equal(error.status, WN_ERROR_UNSUPPORTED);
        assert_int_not_equal(access(temp_path("misfit.nam"), F_OK), 0);
        wn_model_free(m);
        free(text);
    }
    for (int i = 0; i < n_config_texts; i++) {
        wn_model *m = model_from(config_texts[i]);
        wn_error error = {0};
        assert_error(config_texts[i], wn_model_save(m, temp_path("misfit.nam"), &error), &error,
                     "does not fit a .nam file");
        wn_model_free(m);
    }
}

static void the_name_decides(void **state)
{
    wn_model *m = model_from(base);
    assert_int_equal(wn_model_save(m, temp_path("upper.NAM"), NULL), WN_OK);
    bytes file = read_bytes(temp_path("upper.NAM"));
    assert_memory_equal(file.data, "{\"version\":\"0.7.0\"", 17);
    free(file.data);
    wn_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(captures_come_back_the_same),
        cmocka_unit_test(slimmed_captures_come_back_too),
        cmocka_unit_test(models_that_fit_become_captures),
        cmocka_unit_test(what_does_not_fit_is_named),
        cmocka_unit_test(the_name_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
