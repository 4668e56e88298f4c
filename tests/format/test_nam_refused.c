/* SPDX-License-Identifier: MIT
 * test_nam_refused.c - amp captures that are refused with one clear line, numbers at the edges, and limits.
 * Copyright (c) 2026 the wavenet authors */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "format/nam.h"
#include "format/nam_lists.h"
#include "nam_captures.h"

/* ---- what is refused ------------------------------------------------------------------------------------------------------------ */

/* A change of captures[which], and what the message must contain. */
static const struct {
    int which;
    const char *find, *replace, *part;
} wrong[] = {
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
    {0, "\"weights\":[0.0009765625", "\"weights\":[NaN", "weights.0: is a text, expected a number"},
    {0, "\"weights\":[0.0009765625,", "\"weights\":[", "but the config needs"},
    {0, "\"weights\":[", "\"weights\":[1,", "but the config needs"},
    {0, "\"weights\":[", "\"weight\":[", "weights: is missing"},
    {0, "\"config\":{", "\"config\":{\"colour\":1,", "config: has the unknown key \"colour\""},
    {0, "\"layers\":[{", "\"layers\":[{\"colour\":1,", "config.layers.0: has the unknown key \"colour\""},
    {0, "\"layers\":[", "\"layers\":[7,", "config.layers.0: is no object"},
    {0, "\"input_size\":1", "\"input_size\":2", "input_size: is 2, expected the 1 channels of the input"},
    {0, "\"input_size\":4", "\"input_size\":3",
     "layers.1.input_size: is 3, expected the 4 channels of the array before"},
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
    {0, "[\"gated\",\"blended\"]", "[\"gated\",\"mixed\"]",
     "gating_mode: is \"mixed\", expected one of none, gated, blended"},
    {0, "[\"gated\",\"blended\"]", "[\"gated\"]", "gating_mode: lists 1 values"},
    {0, "[\"gated\",\"blended\"]", "true", "gating_mode: is true, expected a text"},
    {0, "\"gated\":false", "\"gated\":0", "gated: is a number, expected true or false"},
    {0, "[\"Sigmoid\",{", "[null,{", "secondary_activation: is no activation"},
    {0, "\"min_val\":-2", "\"min_val\":4", "min_val: is above max_val"},
    {0, "\"out_channels\":3,\"kernel_size\":2,\"bias\":true", "\"out_channels\":3,\"kernel_size\":2",
     "head.bias: is missing"},
    {0, "\"head_dilation\":4", "\"head_dilation\":0", "head_dilation: is 0"},
    {0, "\"head_size\":2,", "", "layers.1.head_size: is missing"},
    {0, ",\"head_bias\":false", "", "layers.1.head_bias: is missing"},
    {0, "\"out_channels\":3,\"kernel_size\"", "\"out_channels\":2,\"kernel_size\"",
     "sums 3 channels, expected the 2 that the array before gives"},
    {0, "\"layer1x1\":{\"active\":true", "\"layer1x1\":{\"active\":false",
     "expected the 4 channels where layer1x1 is not active"},
    {0, "\"layer1x1\":{\"active\":true,", "\"layer1x1\":{", "layer1x1.active: is missing"},
    {0, "\"out_channels\":6,", "", "head1x1.out_channels: is missing"},
    {0, "\"head1x1\":{\"active\":true", "\"head1x1\":{\"active\":false",
     "head1x1_post_film: is active, but what it modulates is not"},
    {0, "\"groups_input\":2", "\"groups_input\":3", "3 groups do not divide"},
    {0, "\"conv_pre_film\":{", "\"conv_pre_film\":{\"scale\":true,", "conv_pre_film: has the unknown key \"scale\""},
    {0, "\"conv_pre_film\":false", "\"conv_pre_film\":true", "conv_pre_film: is neither false nor an object"},
    {0, "\"slimmable\":null", "\"slimmable\":{\"method\":\"halve\"}", "slimmable.method: is \"halve\""},
    {0, "\"slimmable\":null",
     "\"slimmable\":{\"method\":\"slice_channels_uniform\",\"kwargs\":{\"allowed_channels\":[1,5]}}",
     "allowed_channels.1: is 5"},
    {0, "\"kernel_sizes\":[2,3]", "\"kernel_sizes\":[]", "head.kernel_sizes: is empty"},
    {0, "\"activation\":\"SiLU\",", "", "head.activation: is missing"},
    {0, "\"in_channels\":2", "\"in_channels\":3", "does not match the 2 channels"},
    {0, ",\"head_scale\":0.02", "", "head_scale: is missing"},
    {0, "\"head_scale\":0.02", "\"head_scale\":\"x\"", "head_scale: is a text, expected a number"},
    {0, "\"version\":", "\"sample_rate\":0,\"version\":", "sample_rate: is 0, expected 1 to"},
    {0, "\"version\":", "\"sample_rate\":\"48000\",\"version\":", "sample_rate: is a text, expected a number"},
    {0, "\"version\":", "\"metadata\":[],\"version\":", "metadata: is an array, expected an object"},
    {CAPTURE_LINEAR, "\"architecture\":\"Linear\"", "\"architecture\":\"Linear\\u0000\"", "architecture: is \"Linear"},
    {CAPTURE_LINEAR, "\"receptive_field\":5", "\"receptive_field\":5,\"receptive_field\":4", "but the config needs 5"},
    {CAPTURE_NESTED, "\"condition_size\":2", "\"condition_size\":1",
     "condition_size: is 1, expected the 2 channels of the condition"},
    {CAPTURE_NESTED, "0.6.0\"", "0.6.0\",\"sample_rate\":1000",
     "config.condition_dsp.sample_rate: is 1000, but the network around it has 0"},
    {CAPTURE_NESTED, "0.5,0.25,2]", "0.5,0.25]",
     "config.condition_dsp.weights: lists 8 values, but the config needs 9"},
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
    static const struct {
        const char *find, *replace, *part;
    } changes[] = {
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
    assert_refused(
        "empty",
        "{\"version\":\"0.7.0\",\"architecture\":\"SlimmableContainer\",\"config\":{\"submodels\":[]},\"weights\":[]}",
        "submodels: is empty");
}

/* A network of one channel whose condition is `inner`, or its input. A new string. */
static char *conditioned(const char *inner)
{
    static const char layers[] =
        "\"layers\":[{\"input_size\":1,\"condition_size\":1,\"channels\":1,\"kernel_size\":1,\"dilations\":[1],"
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
    if (read && (got != (float)exact || p != end))
        fail_msg("%s became %a, expected %a", text, (double)got, (double)(float)exact);
}

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 11;
}

static void numbers_are_read_to_the_last_bit(void **state)
{
    static const char *const texts[] = {"0",
                                        "-0",
                                        "0.0",
                                        "1",
                                        "-1.5",
                                        "10",
                                        "0.1",
                                        "1e0",
                                        "1E+2",
                                        "1e-2",
                                        "123456789012345678901.5",
                                        "0.00000000000000000000000000000000000000001",
                                        "1.17549435e-38",
                                        "1e-45",
                                        "7.006492321624085e-46",
                                        "7.006492321624086e-46",
                                        "1e-400",
                                        "3.4028234663852886e38",
                                        "3.4028235e38",
                                        "1e39",
                                        "-1e39",
                                        "16777217",
                                        "16777217.000000001",
                                        "16777216.99999999999999999999999",
                                        "16777219",
                                        "0e99999999999"};
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
        snprintf(text, sizeof text, "%s%.19f", i % 2 ? "-" : "",
                 (double)(next_random(&seed) % 1000000007) / 1000000007.0);
        assert_number(text);
    }
}

static void what_is_no_number_is_left_to_the_parser(void **state)
{
    static const char *const texts[] = {"",    "-", "+1",  ".5",  "1.",       "01",   "1e",
                                        "1e+", "x", "--1", "NaN", "Infinity", "1.e5", "-a"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *p = texts[i];
        float out;
        if (wn_nam_number(&p, p + strlen(p), &out)) fail_msg("%s was read", texts[i]);
    }
}

/* Lists that are no network's weights stay lists, and what stands for a list within the reader means nothing in a file. */
static void only_networks_have_weights(void **state)
{
    char *text =
        capture_text(&captures[CAPTURE_LINEAR], 6, "\"metadata\":{\"weights\":[1,2.5],\"a\":\"\\\"weights\\\":[1]\"},");
    wn_model *m = capture_read(text, 1.0);
    assert_non_null(strstr(m->metadata, "\"weights\":[1,2.5]"));
    assert_non_null(strstr(m->metadata, "\"a\":\"\\\"weights\\\":[1]\""));
    wn_model_free(m);
    free(text);
    static const char head[] =
        "{\"version\":\"0.7.0\",\"architecture\":\"Linear\",\"config\":{\"receptive_field\":1,\"bias\":false},";
    static const char *const tails[] = {"\"weights\":4000000000000000}",
                                        "\"weights\":4000000000000000,\"x\":{\"weights\":[1,2]}}",
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
    assert_int_equal(waitpid(child, NULL, 0), child);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
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
