/* SPDX-License-Identifier: MIT
 * test_config.c - configs read back as they were written, defaults are what the document says, wrong ones are refused.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/config_read.h"
#include "format/config_write.h"
#include "format/json.h"
#include "helpers.h"
#include "model/receptive.h"

static wn_status read_text(wn_model **out, const char *text, wn_error *error)
{
    json_t *config;
    *out = NULL;
    wn_status status = wn_json_parse(&config, text, strlen(text), "config", error);
    if (!status) status = wn_config_read(out, config, "config", error);
    json_decref(config);
    return status;
}

static void written_configs_read_back(void **state)
{
    for (int i = 0; i < n_config_texts; i++) {
        wn_model *model = model_from(config_texts[i]), *again;
        json_t *config = wn_config_write(model);
        wn_error error = {0};
        assert_non_null(config);
        if (wn_config_read(&again, config, "config", &error)) fail_msg("%d: %s: %s", i, error.where, error.message);
        json_decref(config);
        draw_weights(again, 1);
        assert_same_config(model, again);
        assert_same_weights(model, again, 0.0);
        assert_int_equal(wn_model_receptive(model), wn_model_receptive(again));
        assert_int_equal(wn_model_macs(model), wn_model_macs(again));
        wn_model_free(model);
        wn_model_free(again);
    }
}

/* Nothing that is in a text may be lost: what is written holds every value that was read, up to spelling. */
static void writing_keeps_what_was_read(void **state)
{
    wn_model *model = model_from(config_texts[0]);
    json_t *was = json_loads(config_texts[0], 0, NULL), *is = wn_config_write(model);
    static const char *const same[] = {"version", "name",     "sample_rate", "input",
                                       "output",  "controls", "sampling",    "metadata"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (!json_equal(json_object_get(was, same[i]), json_object_get(is, same[i]))) fail_msg("%s differs", same[i]);
    const json_t *a = json_object_get(was, "condition"), *b = json_object_get(is, "condition");
    assert_true(json_equal(json_object_get(a, "features"), json_object_get(b, "features")));
    assert_true(json_equal(json_object_get(a, "stages"), json_object_get(b, "stages")));
    json_decref(was);
    json_decref(is);
    wn_model_free(model);
}

static void defaults_are_as_documented(void **state)
{
    wn_model *m = model_from(
        "{\"output\":{\"kind\":\"logistics\",\"mixtures\":3},\"stacks\":[{\"channels\":8,\"dilations\":[1,2]}]}");
    const wn_layer *l = &m->stacks[0].layers[1];
    assert_int_equal(l->conv.kernel, 2);
    assert_int_equal(l->conv.dilation, 2);
    assert_int_equal(l->conv.out, 16);
    assert_true(l->conv.has_bias && l->skip.has_bias && l->residual.has_bias);
    assert_int_equal(l->gating, WN_GATING_GATED);
    assert_int_equal(l->act.kind, WN_ACT_TANH);
    assert_int_equal(l->gate.kind, WN_ACT_SIGMOID);
    assert_int_equal(l->mixin.out + l->held.out, 0);
    assert_true(l->residual_scale == 1.0f && l->skip_scale == 1.0f && m->head_scale == 1.0f);
    assert_int_equal(m->stacks[0].skip_channels, 8);
    assert_int_equal(m->n_head, 2);
    assert_int_equal(m->head[0].act.kind, WN_ACT_RELU);
    assert_int_equal(m->head[0].conv.out, 8);
    assert_int_equal(m->head[1].conv.out, 9);
    assert_true(m->autoregressive && m->input.channels == 1 && m->temperature == 1.0 && m->top_p == 1.0);
    assert_true(isinf(m->log_scale_min) && m->log_scale_min < 0);
    wn_model_free(m);
    m = model_from("{\"output\":{\"kind\":\"pcm\"},\"stacks\":[{\"channels\":1,\"dilations\":[1],\"repeat\":3}]}");
    assert_true(!m->autoregressive && m->n_head == 0 && m->stacks[0].n_layers == 3);
    wn_model_free(m);
}

static void lists_give_each_layer_its_value(void **state)
{
    wn_model *m = model_from(
        "{\"output\":{\"kind\":\"pcm\"},\"stacks\":[{\"channels\":1,\"kernel\":[2,5],\"dilations\":[1,3],\"repeat\":2,"
        "\"residual\":[true,true,true,false]}]}");
    static const int kernels[] = {2, 5, 2, 5}, dilations[] = {1, 3, 1, 3};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(m->stacks[0].layers[i].conv.kernel, kernels[i]);
        assert_int_equal(m->stacks[0].layers[i].conv.dilation, dilations[i]);
        assert_int_equal(m->stacks[0].layers[i].residual.out, i < 3);
    }
    wn_model_free(m);
}

/* ---- what is refused ---------------------------------------------------------------------------------------------- */

static const char small[] =
    "{\"version\":1,\"name\":\"n\",\"sample_rate\":16000,\"input\":{\"classes\":16,\"companding\":\"mulaw-trunc\"},"
    "\"output\":{\"kind\":\"categorical\"},\"controls\":[{\"name\":\"key\",\"min\":0,\"max\":9,\"default\":1},"
    "{\"name\":\"who\",\"choices\":[\"a\",\"b\"]}],\"condition\":{\"hop\":8,"
    "\"features\":[{\"kind\":\"bumps\",\"control\":\"key\",\"n\":3,\"sigma\":1},{\"kind\":\"age-on\",\"control\":\"key\",\"taus\":[1]}],"
    "\"stages\":[{\"kind\":\"conv\",\"out\":4}],\"excitation\":{\"harmonics\":[1,2]}},"
    "\"stacks\":[{\"channels\":4,\"kernel\":2,\"dilations\":[1,2]}],\"head\":[{\"out\":16}],\"sampling\":{\"top_p\":0.5},\"metadata\":{}}";

static const struct refusal {
    const char *find, *replace, *part; /* part of the message, which names the place too */
} refusals[] = {
    {"{\"version\":1", "{\"version\":3", "version: is 3, but this program reads versions up to 2"},
    {"{\"version\":1", "{\"version\":0", "version: is 0"},
    {"\"harmonics\":[1,2]", "\"harmonics\":[1,2],\"lock\":\"fundamental\"",
     "version: is 1, but there are keys of version 2"},
    {"\"harmonics\":[1,2]", "\"harmonics\":[1,2],\"lock\":\"phase\"",
     "\"phase\", expected one of harmonics, fundamental"},
    {"\"harmonics\":[1,2]", "\"harmonics\":[1,2],\"voicing\":0", "voicing: is only for a pitch from the rows"},
    {"\"harmonics\":[1,2]", "\"harmonics\":[1,2],\"reference\":0", "reference: is only for a pitch from the rows"},
    {"\"harmonics\":[1,2]", "\"harmonics\":[1,2],\"pitch\":0,\"reference\":100",
     "excitation.pitch: needs a condition of features"},
    {"\"version\":1", "\"version\":\"1\"", "version: is a text"},
    {"\"version\":1", "\"version\":1,\"versoin\":1", "unknown key \"versoin\""},
    {"\"name\":\"n\"", "\"name\":\"n\\u001b[2J\"", "name: contains a control character"},
    {"\"name\":\"who\"", "\"name\":\"who\\n\"", "controls.1.name: contains a control character"},
    {"[\"a\",\"b\"]", "[\"a\",\"\\t\"]", "choices: contains a control character"},
    {"\"name\":\"n\"", "\"name\":7", "name: is a number, expected a text"},
    {"\"name\":\"n\"", "\"name\":\"n\",\"name\":\"n\"", "duplicate"},
    {"\"sample_rate\":16000", "\"sample_rate\":-1", "sample_rate"},
    {"\"sample_rate\":16000", "\"sample_rate\":0.25", "sample_rate"},
    {"\"sample_rate\":16000", "\"sample_rate\":1e999", "not JSON"},
    {"\"sample_rate\":16000", "\"sample_rate\":0", "needs to know the sample rate"},
    {"\"classes\":16", "\"classes\":1", "classes: is 1"},
    {"\"classes\":16", "\"classes\":2147483648", "classes: is 2147483648"},
    {"\"classes\":16", "\"classes\":16.5", "whole number"},
    {"\"classes\":16,", "", "expected input classes"},
    {",\"companding\":\"mulaw-trunc\"", "", "companding: is missing"},
    {"mulaw-trunc", "alaw", "\"alaw\", expected one of none, mulaw-trunc"},
    {"\"output\":{\"kind\":\"categorical\"}", "\"output\":[]", "output: is an array, expected an object"},
    {"\"output\":{\"kind\":\"categorical\"},", "", "output: is missing"},
    {"\"categorical\"", "\"logistics\"", "mixtures: is missing"},
    {"\"categorical\"", "\"gaussian\"", "output"},
    {"\"categorical\"", "\"softmax\"", "expected one of pcm, categorical"},
    {"\"min\":0,", "", "controls.0.min: is missing"},
    {"\"max\":9", "\"max\":-9", "expected minimum <= default <= maximum"},
    {"\"name\":\"who\"", "\"name\":\"key\"", "\"key\" is used twice"},
    {"\"name\":\"who\"", "\"name\":\"\"", "controls.1.name: is empty"},
    {"[\"a\",\"b\"]", "[\"a\",\"a\"]", "names \"a\" twice"},
    {"[\"a\",\"b\"]", "[]", "choices"},
    {"[\"a\",\"b\"]", "[1]", "choices: must be texts"},
    {"[\"a\",\"b\"]", "[\"a\"],\"default\":\"b\"", "\"b\", expected one of a"},
    {"\"hop\":8,", "", "hop: is missing"},
    {"\"hop\":8", "\"hop\":0", "hop: is 0"},
    {"\"control\":\"key\",\"n\"", "\"control\":\"quay\",\"n\"", "features.0.control: \"quay\" is none of the controls"},
    {"\"n\":3", "\"n\":100000", "features.0.n: is 100000"},
    {"\"sigma\":1", "\"sigma\":0", "sigma"},
    {"\"taus\":[1]", "\"taus\":[]", "taus: is missing"},
    {"\"harmonics\":[1,2]", "\"harmonics\":[1,2],\"leads\":[0]", "excitation.leads: has 1 numbers"},
    {"\"harmonics\":[1,2]", "\"harmonics\":[1,2],\"leads\":[0,\"a\"]", "excitation.leads: must be numbers"},
    {"\"harmonics\":[1,2]", "\"harmonics\":[1,2],\"leads\":[0,3]", "excitation.leads: must be -1 to 1"},
    {"\"taus\":[1]", "\"taus\":[-1]", "features.1.taus"},
    {"\"taus\":[1]", "\"tau\":[1]", "unknown key \"tau\""},
    {"\"bumps\"", "\"humps\"", "\"humps\", expected one of scaled"},
    {"\"kind\":\"bumps\",\"control\":\"key\",\"n\":3,\"sigma\":1", "\"kind\":\"one-hot\",\"control\":\"key\"",
     "features.0"},
    {"\"kind\":\"conv\",\"out\":4", "\"kind\":\"conv\",\"out\":0", "stages.0.out: is 0"},
    {"\"kind\":\"conv\",\"out\":4", "\"kind\":\"conv\",\"kernel\":3", "needs more frames than its own"},
    {"\"kind\":\"conv\",\"out\":4", "\"kind\":\"stretch\"", "factor: is missing"},
    {"\"kind\":\"conv\",\"out\":4", "\"kind\":\"stretch\",\"factor\":5", "turn a frame into 5, expected 8"},
    {"\"kind\":\"conv\",\"out\":4", "\"kind\":\"smooth\",\"width\":4", "needs more frames than its own"},
    {"\"kind\":\"conv\",\"out\":4", "\"kind\":\"wiggle\"", "\"wiggle\", expected one of conv"},
    {"\"kind\":\"conv\",\"out\":4}",
     "\"kind\":\"stretch\",\"factor\":1048576},{\"kind\":\"stretch\",\"factor\":1048576}", "more than 1048576"},
    {"\"harmonics\":[1,2]", "\"harmonics\":[0]", "harmonics"},
    {"\"harmonics\":[1,2]", "\"harmonics\":[1],\"bend\":\"wheel\"", "\"wheel\" is none of the controls"},
    {"\"harmonics\":[1,2]", "\"harmonics\":[1],\"limit\":0.7", "limit: is 0.7"},
    {"\"channels\":4", "\"channels\":0", "stacks.0.channels: is 0"},
    {"\"channels\":4", "\"channels\":2147483648", "stacks.0.channels"},
    {"\"channels\":4,", "", "stacks.0.channels: is missing"},
    {"\"kernel\":2", "\"kernel\":0", "layers.0.kernel: is 0"},
    {"\"kernel\":2", "\"kernel\":[2,2,2]", "lists 3 values, expected one for each of 2 layers"},
    {"\"kernel\":2", "\"kernel\":[2,\"x\"]", "layers.1.kernel: is a text"},
    {"\"kernel\":2,\"dilations\":[1,2]", "\"kernel\":60000,\"dilations\":[1,4000000]", "frames of history"},
    {"\"dilations\":[1,2]", "\"dilations\":[4194304,4194304,4194304,4194304,4194304]", "remembers more than"},
    {"\"kernel\":2", "\"kernle\":2", "stacks.0: has the unknown key \"kernle\""},
    {"\"dilations\":[1,2]", "\"dilations\":[]", "nothing to sum"},
    {"\"dilations\":[1,2]", "\"dilations\":3", "dilations: is a number, expected a list"},
    {"\"dilations\":[1,2]", "\"dilations\":[1,2],\"repeat\":4000", "repeat: makes more than 4096 layers"},
    {"\"dilations\":[1,2]", "\"dilations\":[1,2],\"gating\":\"gate\"", "expected one of none, gated, blended"},
    {"\"dilations\":[1,2]", "\"dilations\":[1,2],\"activation\":{\"kind\":\"tanh\",\"slope\":1}",
     "unknown key \"slope\""},
    {"\"dilations\":[1,2]", "\"dilations\":[1,2],\"activation\":{\"slope\":1}", "activation.kind: is missing"},
    {"\"dilations\":[1,2]", "\"dilations\":[1,2],\"activation\":{\"kind\":\"prelu\",\"slopes\":3}",
     "3 slopes, expected 1 or 4"},
    {"\"dilations\":[1,2]", "\"dilations\":[1,2],\"skip\":false,\"skip_channels\":5", "expected 5"},
    {"\"dilations\":[1,2]", "\"dilations\":[1,2],\"groups\":3", "groups"},
    {"\"dilations\":[1,2]", "\"dilations\":[1,2],\"film_skip_pre\":true", "unknown key \"film_skip_pre\""},
    {"\"dilations\":[1,2]", "\"dilations\":[1,2],\"residual\":false,\"film_residual_post\":true", "film_residual_post"},
    {"\"dilations\":[1,2]", "\"dilations\":[1,2],\"plain\":true", "plain"},
    {"\"dilations\":[1,2]", "\"dilations\":[1,2],\"plain_output\":true,\"head\":{\"out\":3}", "head"},
    {"\"dilations\":[1,2]", "\"dilations\":[1,2],\"head\":{}", "head.out: is missing"},
    {"\"dilations\":[1,2]", "\"dilations\":[1,2],\"residual_scale\":1e30", "residual_scale"},
    {"\"channels\":4", "\"channels\":16384,\"skip_channels\":16384,\"bottleneck\":16384",
     "more than 268435456 parameters"},
    {"[{\"channels\":4", "[7,{\"channels\":4", "stacks.0.channels: is missing"},
    {"\"out\":16", "\"out\":17", "needs 16 channels, but the network gives 17"},
    {"[{\"out\":16}]", "[5]", "head.0: is no object"},
    {"[{\"out\":16}]", "5", "head: is a number, expected a list"},
    {"\"top_p\":0.5", "\"top_p\":0", "top_p: is 0"},
    {"\"top_p\":0.5", "\"top_k\":-1", "top_k: is -1"},
    {"\"metadata\":{}", "\"metadata\":[]", "metadata: is an array"},
    {"\"metadata\":{}", "\"metadata\":{},\"autoregressive\":1", "expected true or false"},
    {"\"hop\":8,", "\"hop\":8,\"channels\":4,", "only for features given from outside"},
    {"\"hop\":8,", "\"hop\":8,\"source\":\"features\",", "only made from controls"},
    {"\"hop\":8,", "\"hop\":8,\"speakers\":3,", "global"},
    {"\"hop\":8,", "\"hop\":8,\"nested\":{},", "nested"},
    {"\"hop\":8,", "\"hop\":8,\"held\":false,", "expected 8"},
};

/* Of the config with every kind of stage, and of the effect with a nested model. */
static const struct refusal stage_refusals[] = {
    {"\"width\":5", "\"width\":4", "stages.2.width: is 4, expected an odd number"},
    {"\"height\":3,\"width\":5", "\"height\":2,\"width\":5", "stages.2.height: is 2, expected an odd number"},
    {"\"width\":5,", "", "stages.2.width: is missing"},
    {"\"factor\":10,", "\"factor\":30,", "kernel: is 20, expected 30"},
    {"\"trim\":5", "\"trim\":21", "trim: is 21, expected 0 to 20"},
    {"\"trim\":7", "\"trim\":-7", "trim: is -7"},
    {"\"hop\":240", "\"hop\":256", "turn a frame into 240, expected 256"},
    {"\"hop\":240", "\"hop\":240,\"held\":true", "turn a frame into 240, expected 1"},
    {"\"factor\":10,\"out\":3", "\"factor\":10,\"out\":65536", "out: is 65536"},
    {"\"mixtures\":2", "\"mixtures\":0", "mixtures: is 0"},
    {"\"mixtures\":2", "\"mixtures\":2000", "mixtures: is 2000"},
    {"\"mu\":255", "\"mu\":-1", "mu: is -1"},
    {"\"first\":0.5", "\"first\":2", "first: is 2"},
    {"\"channels\":5,", "", "input channels is 0"},
};

/* Of the config with an analysis. */
static const struct refusal analysis_refusals[] = {
    {"\"window\":64,", "", "condition.analysis.window: is missing"},
    {"\"window\":64", "\"window\":81", "condition.analysis.fft: expected an even product"},
    {"\"window\":64", "\"windwo\":64,\"window\":64", "unknown key \"windwo\""},
    {"\"fft\":80", "\"fft\":86", "condition.analysis.fft: expected an even product"},
    {"\"center\":8", "\"center\":17", "condition.analysis.center: expected 0 to hop"},
    {"\"bands\":3", "\"bands\":4", "condition.analysis.mean: expected one number, or one per band"},
    {"\"std\":[0.5]", "\"std\":[0]", "condition.analysis.std: expected"},
    {"\"norm\":\"area\"", "\"norm\":\"volume\"", "condition.analysis.norm: is \"volume\""},
    {"\"power\":1", "\"power\":3", "condition.analysis.power: is 3"},
    {"\"high\":3500", "\"high\":4500", "condition.analysis.high: expected"},
    {"\"pitch_high\":400", "\"pitch_high\":1400", "condition.analysis.pitch_high: expected"},
    {",\"pitch_low\":60,\"pitch_high\":400,\"pitch_reference\":130", "", "makes 3 channels, expected 5"},
    {"\"analysis\":{", "\"analysis\":{\"hop\":8,", "condition.analysis.hop: is 8, but the condition's is 16"},
    {"\"analysis\":{", "\"analysis\":{\"sample_rate\":16000,", "is 16000, but the model's is 8000"},
};

/* Of the config with pre-emphasis and a pitch from the rows. */
static const struct refusal speech_refusals[] = {
    {"\"version\":2", "\"version\":1", "version: is 1, but there are keys of version 2"},
    {"\"pre_emphasis\":0.85", "\"pre_emphasis\":1", "input.pre_emphasis: is 1, expected 0 to below 1"},
    {"\"pre_emphasis\":0.85", "\"pre_emphasis\":-0.1", "pre_emphasis: is -0.1"},
    {"\"gain\":1.5", "\"gain\":0", "gain: is 0"},
    {"\"sample_rate\":16000", "\"sample_rate\":16000,\"autoregressive\":false",
     "pre_emphasis: is only for autoregressive"},
    {"\"pre_emphasis\":0.85,\"gain\":1.5},\"output\":{\"kind\":\"categorical\"}",
     "\"gain\":1.5},\"autoregressive\":false,\"output\":{\"kind\":\"categorical\"}",
     "gain: is only for autoregressive"},
    {"\"pitch\":5", "\"pitch\":6", "excitation.pitch: is 6, expected 0 to 5"},
    {"\"voicing\":4", "\"voicing\":6", "excitation.voicing: is 6, expected -1 to 5"},
    {",\"reference\":130", "", "excitation.reference: is missing"},
    {"\"reference\":130", "\"reference\":0", "reference: is 0"},
    {"\"pitch\":5", "\"pitch\":5,\"key\":\"key\"", "key: and pitch exclude each other"},
    {"\"pitch\":5", "\"pitch\":5,\"bend\":\"bend\"", "bend: and pitch exclude each other"},
    {"\"pitch\":5", "\"pitch\":\"f0\"", "pitch: is a text"},
    {"\"temperature_channel\":4", "\"temperature_channel\":6", "temperature_channel: is 6, expected -1 to 5"},
    {"\"temperature_channel\":4,", "", "temperature_below: needs a temperature_channel"},
    {"\"temperature_below\":0.8", "\"temperature_below\":-1", "temperature_below: is -1"},
};

/* Of the config of a recogniser. */
static const struct refusal label_refusals[] = {
    {"\"version\":2", "\"version\":1", "version: is 1, but there are keys of version 2"},
    {"\"classes\":4", "\"classes\":1", "output.classes: is 1"},
    {"\"classes\":4", "\"classes\":5", "output.names: are 4, expected one for each of the 5 classes"},
    {"\"classes\":4,", "", "output.names: are 4, expected one for each of the 0 classes"},
    {"\"classes\":4,\"names\":[\"pau\",\"a\",\"\\\"o\\\", oo\",\"ш\"],", "",
     "output.kind: is categorical, expected input classes or classes of its own"},
    {"\"classes\":4", "\"classes\":4,\"channels\":4", "output: has the unknown key \"channels\""},
    {"\"a\",", "\"pau\",", "output.names: \"pau\" stands there twice"},
    {"\"a\",", "\"\",", "output.names: name 1 is empty"},
    {"\"a\",", "\"a\\n\",", "output.names: name 1 is empty or contains a control character"},
    {"\"a\",", "7,", "output.names: must be texts"},
    {"\"delay\":2", "\"delay\":-1", "output.delay: is -1"},
    {"\"delay\":2", "\"delay\":65537", "output.delay: is 65537"},
    {"\"sample_rate\":500", "\"sample_rate\":500,\"autoregressive\":true", "output.delay: is only for"},
    {"\"sample_rate\":500", "\"sample_rate\":8000", "sample_rate: is 8000, but the analysis makes 500 rows per second"},
    {"\"channels\":3", "\"channels\":5", "input.analysis: makes 3 channels, expected 5"},
    {"\"window\":64,", "", "input.analysis.window: is missing"},
    {"\"window\":64", "\"window\":81", "input.analysis.fft: expected an even product"},
    {"\"hop\":16,", "", "input.analysis.hop: expected 1 to 65536"},
    {"\"out\":5},{}", "\"out\":5},{\"out\":5}", "output: needs 4 channels, but the network gives 5"},
};

static const struct refusal effect_refusals[] = {
    {"\"sample_rate\":48000,\"output\":{\"kind\":\"pcm\",\"channels\":2}",
     "\"output\":{\"kind\":\"pcm\",\"channels\":2}", "nested: has sample rate 0, expected 48000"},
    {"\"head\":{\"out\":2}}]}}", "\"head\":{\"out\":3}}]}}",
     "condition.nested: output: needs 2 channels, but the network gives 3"},
    {"\"condition\":{", "\"condition\":{\"hop\":5,\"stages\":[{\"kind\":\"cut\",\"trim\":1}],",
     "expected no features and no stages"},
    {"\"condition\":{", "\"condition\":{\"source\":\"none\",", "needs the input as the source"},
    {"\"dilations\":[2]", "\"dilations\":[2],\"skip_channels\":4", "skip_channels: is 4, expected the 3 outputs"},
    {"\"channels\":3", "\"channels\":5", "skip_channels: is 5, expected the 3 outputs of the stack before"},
    {"\"dilations\":[2]", "\"dilations\":[2],\"skip_sum\":\"running\"", "only the first stack"},
    {"\"film_conv_pre\":true", "\"film_conv_pre\":{\"groups\":3}", "film_conv_pre"},
    {"\"film_act_post\":[{\"shift\":false},false]", "\"film_act_post\":[1,false]", "film_act_post: is a number"},
    {"\"film_conv_pre\":true", "\"mixin\":false,\"film_mixin_post\":true", "nothing to modulate"},
    {"\"mixin_groups\":2", "\"mixin_groups\":4", "mixin"},
    {"\"out\":3,\"kernel\":4", "\"out\":3,\"kernel\":-4", "head.kernel: is -4"},
};

/* Each replacement in the good config `text` must be refused with its message. */
static void refuse_all(const char *text, const struct refusal *all, size_t n)
{
    wn_model *model;
    wn_error error = {0};
    if (read_text(&model, text, &error)) fail_msg("%s: %s", error.where, error.message);
    wn_model_free(model);
    for (size_t i = 0; i < n; i++) {
        char *wrong = replaced(text, all[i].find, all[i].replace);
        error = (wn_error){0};
        wn_status status = read_text(&model, wrong, &error);
        free(wrong);
        assert_error(all[i].replace, status, &error, all[i].part);
        assert_null(model);
        assert_non_null(strstr(error.where, "config")); /* the file is named */
    }
    print_message("%zu malformed configs refused\n", n);
}

static void wrong_configs_are_refused(void **state)
{
    refuse_all(small, refusals, sizeof refusals / sizeof *refusals);
    refuse_all(config_texts[2], stage_refusals, sizeof stage_refusals / sizeof *stage_refusals);
    refuse_all(config_texts[6], analysis_refusals, sizeof analysis_refusals / sizeof *analysis_refusals);
    refuse_all(config_texts[7], label_refusals, sizeof label_refusals / sizeof *label_refusals);
    refuse_all(config_texts[5], speech_refusals, sizeof speech_refusals / sizeof *speech_refusals);
    refuse_all(config_texts[1], effect_refusals, sizeof effect_refusals / sizeof *effect_refusals);
}

static void nesting_has_an_end(void **state)
{
    char text[4096] = "{\"output\":{\"kind\":\"pcm\"},\"stacks\":[{\"channels\":1,\"dilations\":[1]}]}";
    wn_error error = {0};
    wn_model *model;
    wn_status status = WN_OK;
    int depth = 0;
    for (; !status && depth < 10; depth++) {
        char outer[8192];
        status = read_text(&model, text, &error);
        wn_model_free(model);
        snprintf(
            outer, sizeof outer,
            "{\"condition\":{\"nested\":%s},\"output\":{\"kind\":\"pcm\"},\"stacks\":[{\"channels\":1,\"dilations\":[1]}]}",
            text);
        assert_true(strlen(outer) < sizeof text);
        strcpy(text, outer);
    }
    assert_error("nesting", status, &error, "nested more than 4 deep");
    assert_int_equal(depth, WN_MAX_NESTING + 2);
}

static void text_that_is_not_a_config_is_refused(void **state)
{
    static const char *const texts[] = {
        "", "{", "[]", "null", "7", "\"x\"", "{}{}", "{\"a\":}", "{\"output\":{}}", "\xff\xfe"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        wn_model *model;
        wn_error error = {0};
        assert_error(texts[i], read_text(&model, texts[i], &error), &error, "config");
        assert_null(model);
    }
    char *deep = malloc(200001);
    memset(deep, '[', 200000);
    deep[200000] = '\0';
    wn_model *model;
    wn_error error = {0};
    assert_error("deep", read_text(&model, deep, &error), &error, "not JSON");
    free(deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_configs_read_back),
        cmocka_unit_test(writing_keeps_what_was_read),
        cmocka_unit_test(defaults_are_as_documented),
        cmocka_unit_test(lists_give_each_layer_its_value),
        cmocka_unit_test(wrong_configs_are_refused),
        cmocka_unit_test(nesting_has_an_end),
        cmocka_unit_test(text_that_is_not_a_config_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
