/* SPDX-License-Identifier: MIT
 * test_vocoder.c - import of wavenet_vocoder checkpoints: both lines, folded and weight-normed, and contradictions.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/format.h"
#include "format/safetensors.h"
#include "format/vocoder.h"
#include "helpers.h"
#include "model/receptive.h"
#include "model/stage.h"

static wn_status import(wn_model **out, bytes weights, const char *hparams, wn_error *error)
{
    return wn_vocoder_import_memory(out, weights.data, weights.size, "ckpt", hparams, strlen(hparams), "hparams.json",
                                    error);
}

static wn_model *import_good(bool line_2018, bool normed)
{
    bytes weights = vocoder_checkpoint(line_2018, normed);
    wn_model *model;
    wn_error error = {0};
    if (import(&model, weights, line_2018 ? vocoder_2018 : vocoder_current, &error))
        fail_msg("%s: %s", error.where, error.message);
    free(weights.data);
    return model;
}

/* ---- what comes out -------------------------------------------------------------------------------------------------- */

static void the_current_line_is_described(void **state)
{
    wn_model *m = import_good(false, false);
    const wn_condition *c = &m->condition;
    assert_int_equal(m->input.n_classes, 16);
    assert_int_equal(m->input.companding, WN_MULAW_TRUNC);
    assert_int_equal(m->output, WN_OUTPUT_CATEGORICAL);
    assert_true(m->autoregressive && m->sample_rate == 16000.0);
    assert_int_equal(m->stacks[0].n_layers, 4);
    assert_int_equal(m->stacks[0].skip_sum, WN_SKIP_SUM);
    assert_true(m->stacks[0].skip_out_scale == 0.5f);
    static const int dilations[] = {1, 2, 1, 2};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(m->stacks[0].layers[i].conv.dilation, dilations[i]);
        assert_true(fabs(m->stacks[0].layers[i].residual_scale - sqrt(0.5)) < 1e-7);
    }
    static const wn_stage_kind kinds[] = {WN_STAGE_CONV, WN_STAGE_UPSAMPLE, WN_STAGE_CONV_2D, WN_STAGE_UPSAMPLE,
                                          WN_STAGE_CONV_2D};
    assert_int_equal(c->n_stages, 5);
    for (int i = 0; i < 5; i++) assert_int_equal(c->stages[i].kind, kinds[i]);
    assert_int_equal(c->hop, 6);
    assert_int_equal(wn_condition_context(c), 2);
    assert_int_equal(c->n_speakers, 3);
    assert_int_equal(c->held_channels, 2);
    assert_int_equal(c->local_channels, 2);
    assert_non_null(strstr(m->metadata, "inv_preemphasis"));
    assert_non_null(strstr(m->metadata, "\"line\":\"current\""));
    wn_model_free(m);
}

static void the_2018_line_is_described(void **state)
{
    wn_model *m = import_good(true, false);
    const wn_condition *c = &m->condition;
    assert_int_equal(m->input.n_classes, 0);
    assert_int_equal(m->output, WN_OUTPUT_LOGISTICS);
    assert_int_equal(m->n_mixtures, 2);
    assert_true(m->log_scale_min == -16.0f);
    assert_int_equal(m->stacks[0].skip_sum, WN_SKIP_RUNNING);
    assert_true(m->stacks[0].skip_out_scale == 1.0f);
    assert_int_equal(c->n_stages, 2);
    assert_int_equal(c->stages[1].kind, WN_STAGE_TRANSPOSED_2D);
    assert_int_equal(c->stages[1].width, 3);
    assert_int_equal(c->stages[1].act.kind, WN_ACT_RELU);
    assert_non_null(c->stages[1].bias);
    assert_int_equal(c->n_speakers, 0);
    assert_int_equal(c->global_channels, 2);
    wn_model_free(m);
}

/* The 2018 line has three biases a layer; they come out as one sum. */
static void conditioning_biases_are_folded(void **state)
{
    bytes weights = vocoder_checkpoint(true, false);
    wn_safetensors file;
    assert_int_equal(wn_safetensors_parse(&file, weights.data, weights.size, "ckpt", NULL), WN_OK);
    float parts[3][4];
    static const char *const names[] = {"conv_layers.1.conv.bias", "conv_layers.1.conv1x1c.bias",
                                        "conv_layers.1.conv1x1g.bias"};
    for (int i = 0; i < 3; i++) wn_tensor_floats(&file, wn_safetensors_find(&file, names[i]), parts[i], NULL);
    wn_model *m = import_good(true, false);
    for (int i = 0; i < 4; i++)
        assert_true(fabs(m->stacks[0].layers[1].conv.bias[i] - ((double)parts[0][i] + parts[1][i] + parts[2][i])) <
                    1e-6);
    wn_model_free(m);
    wn_safetensors_free(&file);
    free(weights.data);
}

/* w = g v / |v|, computed here from the file's parts. */
static void weight_norm_is_folded(void **state)
{
    bytes weights = vocoder_checkpoint(true, true);
    wn_safetensors file;
    assert_int_equal(wn_safetensors_parse(&file, weights.data, weights.size, "ckpt", NULL), WN_OK);
    float g[4], v[4 * 3 * 3];
    wn_tensor_floats(&file, wn_safetensors_find(&file, "conv_layers.2.conv.weight_g"), g, NULL);
    wn_tensor_floats(&file, wn_safetensors_find(&file, "conv_layers.2.conv.weight_v"), v, NULL);
    wn_model *m = import_good(true, true);
    for (int row = 0; row < 4; row++) {
        double norm = 0;
        for (int i = 0; i < 9; i++) norm = hypot(norm, v[row * 9 + i]);
        for (int i = 0; i < 9; i++)
            assert_true(fabs(m->stacks[0].layers[2].conv.weight[row * 9 + i] - g[row] * v[row * 9 + i] / norm) < 1e-6);
    }
    wn_model_free(m);
    wn_safetensors_free(&file);
    free(weights.data);
}

/* New PyTorch calls the two parts differently. */
static void parametrizations_are_weight_norm(void **state)
{
    bytes weights = vocoder_checkpoint(false, true);
    size_t start;
    char *header = header_of(weights, &start);
    static const char *const renames[][2] = {
        {"last_conv_layers.1.weight_v", "last_conv_layers.1.parametrizations.weight.original1"},
        {"last_conv_layers.1.weight_g", "last_conv_layers.1.parametrizations.weight.original0"}};
    for (int i = 0; i < 2; i++) {
        char *changed = replaced(header, renames[i][0], renames[i][1]);
        free(header);
        header = changed;
    }
    bytes renamed = safetensors_of(header, weights.data + start, weights.size - start);
    wn_model *m, *same = import_good(false, true);
    wn_error error = {0};
    if (import(&m, renamed, vocoder_current, &error)) fail_msg("%s: %s", error.where, error.message);
    assert_same_weights(m, same, 0.0);
    wn_model_free(m);
    wn_model_free(same);
    free(header);
    free(weights.data);
    free(renamed.data);
}

static void imports_survive_a_file(void **state)
{
    for (int i = 0; i < 4; i++) {
        wn_model *m = import_good(i & 1, i & 2), *again = NULL;
        wn_error error = {0};
        const char *path = temp_path("import.safetensors");
        if (wn_model_save(m, path, &error) || wn_model_load(&again, path, &error))
            fail_msg("%s: %s", error.where, error.message);
        assert_same_config(m, again);
        assert_same_weights(m, again, 0.0);
        wn_model_free(m);
        wn_model_free(again);
    }
}

/* Variants of the hyper-parameters that the weights allow. */
static void what_may_differ_is_accepted(void **state)
{
    static const struct {
        bool line_2018;
        const char *find, *replace;
    } cases[] = {{false, "\"hop_size\":6,", ""},
                 {false, "\"log_scale_min\":null,", ""},
                 {false, "\"cin_pad\":1,\"gin", "\"gin"},
                 {false, "\"upsample_activation\":\"none\"", "\"mode\":\"nearest\""},
                 {false, "{\"name\"", "{\"adam_beta1\":0.9,\"legacy\":true,\"name\""},
                 {true, "\"legacy\":true,", ""},
                 {true, "\"input_type\":\"raw\",\"quantize_channels\":65536",
                  "\"input_type\":\"mulaw\",\"quantize_channels\":256"},
                 {true, "\"log_scale_min\"", "\"output_distribution\":\"Normal\",\"log_scale_min\""},
                 {true, "\"hop_size\":6", "\"hop_size\":null"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes weights = vocoder_checkpoint(cases[i].line_2018, false);
        char *text = replaced(cases[i].line_2018 ? vocoder_2018 : vocoder_current, cases[i].find, cases[i].replace);
        wn_model *m;
        wn_error error = {0};
        if (import(&m, weights, text, &error)) fail_msg("%s: %s: %s", cases[i].replace, error.where, error.message);
        assert_int_equal(m->stacks[0].skip_sum,
                         cases[i].line_2018 ? WN_SKIP_RUNNING : WN_SKIP_SUM); /* the keys decide */
        if (i == 6) assert_true(m->input.mu == 255.0 && m->input.n_classes == 0);
        if (i == 7) assert_int_equal(m->output, WN_OUTPUT_GAUSSIANS);
        wn_model_free(m);
        free(text);
        free(weights.data);
    }
}

/* ---- what is refused --------------------------------------------------------------------------------------------------- */

static const struct {
    bool line_2018;
    const char *find, *replace, *part;
} refusals[] = {
    {false, "\"layers\":4", "\"layers\":3", "layers: is 3, expected a multiple of the 2 stacks"},
    {false, "\"layers\":4", "\"layers\":6", "tensor conv_layers.4.conv.weight is missing"},
    {false, "\"layers\":4", "\"layers\":2",
     "conv_layers.2.conv.bias has no place in the network that hparams.json describes"},
    {false, "\"layers\":4", "\"layers\":0", "layers: is 0"},
    {false, "\"layers\":4", "\"layers\":2147483648", "layers: is 2147483648"},
    {false, "\"layers\":4,\"stacks\":2", "\"layers\":4000,\"stacks\":1", "dilations would pass"},
    {false, "\"layers\":4", "\"layers\":\"4\"", "layers: is a text, expected a whole number"},
    {false, "\"layers\":4,", "", "layers: is missing"},
    {false, "\"stacks\":2", "\"stacks\":0", "stacks: is 0"},
    {false, "\"residual_channels\":3", "\"residual_channels\":4",
     "first_conv.weight has shape [3, 16, 1], expected [4, 16, 1] from the hyper-parameters"},
    {false, "\"residual_channels\":3", "\"residual_channels\":-3", "residual_channels: is -3"},
    {false, "\"residual_channels\":3", "\"residual_channels\":3.5", "residual_channels: is 3.5"},
    {false, "\"gate_channels\":4", "\"gate_channels\":5", "gate_channels: is 5, expected an even number"},
    {false, "\"gate_channels\":4", "\"gate_channels\":6",
     "conv_layers.0.conv.weight has shape [4, 3, 2], expected [6, 3, 2]"},
    {false, "\"skip_out_channels\":5", "\"skip_out_channels\":4",
     "conv1x1_skip.weight has shape [5, 2, 1], expected [4, 2, 1]"},
    {false, "\"kernel_size\":2", "\"kernel_size\":3", "expected [4, 3, 3]"},
    {false, "\"kernel_size\":2", "\"kernel_size\":1000000", "kernel_size: is 1000000"},
    {false, "\"cin_channels\":2,\"cin_pad\"", "\"cin_channels\":3,\"cin_pad\"",
     "cin_channels: is 3, but upsample_params says 2"},
    {false, "\"cin_channels\":2,\"cin_pad\"", "\"cin_channels\":-1,\"cin_pad\"", "has no place"},
    {false, "\"cin_pad\":1,\"gin", "\"cin_pad\":2,\"gin", "cin_pad: is 2, but upsample_params says 1"},
    {false, "\"cin_pad\":1,\"cin_channels\":2", "\"cin_pad\":-1,\"cin_channels\":2", "cin_pad: is -1"},
    {false, "\"gin_channels\":2", "\"gin_channels\":3", "embed_speakers.weight has shape [3, 2], expected [3, 3]"},
    {false, "\"gin_channels\":2", "\"gin_channels\":-1", "has no place"},
    {false, "\"n_speakers\":3", "\"n_speakers\":4", "embed_speakers.weight has shape [3, 2], expected [4, 2]"},
    {false, "\"n_speakers\":3", "\"n_speakers\":0", "n_speakers: is 0"},
    {false, "\"n_speakers\":3", "\"n_speakers\":null", "embed_speakers.weight has no place"},
    {false, "\"out_channels\":16", "\"out_channels\":30", "out_channels: is 30, but quantize_channels is 16"},
    {false, "\"quantize_channels\":16", "\"quantize_channels\":256",
     "out_channels: is 16, but quantize_channels is 256"},
    {false, "\"quantize_channels\":16,", "", "quantize_channels: is missing"},
    {false, "mulaw-quantize", "mulaw", "out_channels: is 16, expected a multiple of 3"},
    {false, "mulaw-quantize", "alaw", "input_type: is \"alaw\", expected one of raw, mulaw, mulaw-quantize"},
    {false, "\"sample_rate\":16000", "\"sample_rate\":0", "sample_rate: is 0"},
    {false, "\"sample_rate\":16000", "\"sample_rate\":\"16k\"", "sample_rate: is a text"},
    {false, "[2,3]", "[3,2]", "expected [1, 1, 1, 7]"},
    {false, "[2,3]", "[2,3,1]", "up_layers.5.weight is missing"},
    {false, "[2,3]", "[2,4]", "hop_size: is 6, but the upsampling scales make 8"},
    {false, "[2,3]", "[2,0]", "upsample_scales: must be whole numbers"},
    {false, "[2,3]", "[2,-3]", "upsample_scales: must be whole numbers"},
    {false, "[2,3]", "[2147483648,3]", "upsample_scales: must be whole numbers"},
    {false, "[2,3]", "[65536,65536]", "product of at most"},
    {false, "[2,3]", "6", "upsample_scales: is a number, expected a list"},
    {false, "\"upsample_scales\":[2,3],", "", "upsample_scales: is missing"},
    {false, "\"freq_axis_kernel_size\":1", "\"freq_axis_kernel_size\":2",
     "freq_axis_kernel_size: is 2, expected an odd number"},
    {false, "\"freq_axis_kernel_size\":1", "\"freq_axis_kernel_size\":3",
     "has shape [1, 1, 1, 5], expected [1, 1, 3, 5]"},
    {false, "\"upsample_activation\":\"none\"", "\"upsample_activation\":\"ReLU\"", "up_layers.4.weight is missing"},
    {false, "\"upsample_activation\":\"none\"", "\"upsample_activation\":\"Mish\"", "upsample_activation: is \"Mish\""},
    {false, "\"upsample_activation\":\"none\"", "\"mode\":\"bilinear\"", "\"bilinear\", expected \"nearest\""},
    {false, "ConvInUpsampleNetwork", "UpsampleNetwork", "upsample_net.up_layers.1.weight is missing"},
    {false, "ConvInUpsampleNetwork", "MelNet", "upsample_net: is \"MelNet\""},
    {false, "\"upsample_conditional_features\":true", "\"upsample_conditional_features\":false", "has no place"},
    {false, "\"upsample_conditional_features\":true", "\"upsample_conditional_features\":1", "expected true or false"},
    {false, "{\"name\"", "{\"name\":\"a\",\"name\"", "duplicate"},
    {false, "{\"name\":\"wavenet_vocoder\"", "{\"name\":[]", "name: is an array"},
    {false, "{\"name\"", "[\"name\"", "not JSON"},
    {true, "\"out_channels\":6", "\"out_channels\":7", "expected a multiple of 3 for a mixture"},
    {true, "\"out_channels\":6", "\"out_channels\":9",
     "last_conv_layers.3.weight has shape [6, 5, 1], expected [9, 5, 1]"},
    {true, "\"log_scale_min\":-16.0", "\"log_scale_min\":\"x\"", "log_scale_min: is a text"},
    {true, "\"log_scale_min\"", "\"output_distribution\":\"Laplace\",\"log_scale_min\"",
     "expected one of Logistic, Normal"},
    {true, "[2,3]", "[3,2]", "upsample_conv.0.weight has shape [1, 1, 3, 2], expected [1, 1, 3, 3]"},
    {true, "[2,3]", "[6]", "upsample_conv.0.weight has shape"},
    {true, "\"freq_axis_kernel_size\":3", "\"freq_axis_kernel_size\":5", "expected [1, 1, 5, 2]"},
    {true, "\"input_type\":\"raw\",\"quantize_channels\":65536",
     "\"input_type\":\"mulaw-quantize\",\"quantize_channels\":6",
     "first_conv.weight has shape [3, 1, 1], expected [3, 6, 1]"},
    {true, "\"n_speakers\":null", "\"n_speakers\":3", "embed_speakers.weight is missing"},
};

static void contradictions_are_refused(void **state)
{
    size_t n = sizeof refusals / sizeof *refusals;
    for (size_t i = 0; i < 2 * n; i++) {
        bool normed = i >= n;
        bytes weights = vocoder_checkpoint(refusals[i % n].line_2018, normed);
        char *text = replaced(refusals[i % n].line_2018 ? vocoder_2018 : vocoder_current, refusals[i % n].find,
                              refusals[i % n].replace);
        wn_model *m;
        wn_error error = {0};
        wn_status status = import(&m, weights, text, &error);
        free(weights.data);
        free(text);
        assert_null(m);
        const char *part = refusals[i % n].part;
        if (normed && strstr(part, "shape")) part = "shape"; /* the name then ends in weight_v */
        if (normed && strstr(part, "has no place")) part = "has no place";
        assert_error(refusals[i % n].replace, status, &error, part);
    }
    print_message("%zu contradictions refused, folded and weight-normed\n", n);
}

/* The weights' side: parts of weight norm that are missing, zero or doubled, a foreign file, NaN. */
static void broken_checkpoints_are_refused(void **state)
{
    static const struct {
        bool normed;
        const char *find, *replace, *part;
    } cases[] = {
        {true, "conv_layers.1.conv.weight_g", "conv_layers.1.conv.weight_h",
         "tensor conv_layers.1.conv.weight_g is missing"},
        {true, "conv_layers.1.conv.weight_v", "conv_layers.1.conv.weight_w",
         "tensor conv_layers.1.conv.weight is missing"},
        {true, "conv_layers.1.conv.weight_v", "conv_layers.1.conv.weight", "weight_g has no place"},
        {false, "first_conv.weight", "second_conv.weight", "no wavenet_vocoder weights"},
        {false, "conv_layers.0.conv.bias", "conv_layers.0.conv.buas", "no wavenet_vocoder weights"},
        {false, "conv_layers.3.conv1x1_out.bias", "conv_layers.3.conv1x1_out.buas",
         "conv_layers.3.conv1x1_out.bias is missing"},
        {false, "last_conv_layers.3.weight", "last_conv_layers.5.weight", "last_conv_layers.3.weight is missing"},
        {false, "\"F32\",\"shape\":[3,16,1]", "\"I32\",\"shape\":[3,16,1]",
         "first_conv.weight is I32, expected F32, F16, BF16 or F64"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes weights = vocoder_checkpoint(false, cases[i].normed);
        size_t start;
        char *header = header_of(weights, &start), *text = replaced(header, cases[i].find, cases[i].replace);
        bytes b = safetensors_of(text, weights.data + start, weights.size - start);
        wn_model *m;
        wn_error error = {0};
        assert_error(cases[i].replace, import(&m, b, vocoder_current, &error), &error, cases[i].part);
        free(b.data);
        free(text);
        free(header);
        free(weights.data);
    }
}

static void bad_values_are_refused(void **state)
{
    bytes weights = vocoder_checkpoint(false, true);
    size_t start;
    free(header_of(weights, &start));
    for (size_t at = start; at < weights.size; at += 4 * 7) {
        float was, nan = NAN;
        memcpy(&was, weights.data + at, 4);
        memcpy(weights.data + at, &nan, 4);
        wn_model *m;
        wn_error error = {0};
        assert_error("nan", import(&m, weights, vocoder_current, &error), &error, "ckpt");
        memcpy(weights.data + at, &was, 4);
    }
    memset(weights.data + start, 0, weights.size - start);
    wn_model *m;
    wn_error error = {0};
    assert_error("zero norm", import(&m, weights, vocoder_current, &error), &error, "has norm 0");
    free(weights.data);
}

/* ---- the reference cases --------------------------------------------------------------------------------------------------- */

static const char *const vectors[] = {"legacy_mol_convtranspose", "real_mol_global", "tiny_gauss_k2",
                                      "tiny_mel_upsample",        "tiny_mol_k3",     "tiny_mulaw_k2_global"};

static void vectors_import_alike_folded_or_not(void **state)
{
    const char *root = getenv("WAVENET_VECTORS");
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        char folded[512], normed[512], hparams[512], record[512];
        snprintf(folded, sizeof folded, "%s/wavenet_vocoder/%s/model.safetensors", root, vectors[i]);
        snprintf(normed, sizeof normed, "%s/wavenet_vocoder/%s/model_wn.safetensors", root, vectors[i]);
        snprintf(hparams, sizeof hparams, "%s/wavenet_vocoder/%s/hparams.json", root, vectors[i]);
        snprintf(record, sizeof record, "%s/wavenet_vocoder/%s/case.json", root, vectors[i]);
        wn_model *a, *b;
        wn_error error = {0};
        if (wn_format_import(&a, folded, hparams, &error)) fail_msg("%s: %s", error.where, error.message);
        if (wn_format_import(&b, normed, hparams, &error)) fail_msg("%s: %s", error.where, error.message);
        assert_same_weights(a, b, 1e-6);
        json_t *facts = json_load_file(record, 0, NULL);
        assert_non_null(facts);
        assert_int_equal(wn_model_receptive(a), json_integer_value(json_object_get(facts, "receptive_field")));
        /* Folding the conditioning biases of the 2018 line takes two biases of every layer away. */
        int64_t folded_away = a->stacks[0].skip_sum == WN_SKIP_RUNNING ? 2 * 16 * a->stacks[0].n_layers : 0;
        assert_int_equal(wn_model_parameters(a) + folded_away,
                         json_integer_value(json_object_get(facts, "parameters")));
        json_decref(facts);
        wn_model_free(a);
        wn_model_free(b);
    }
}

/* With an argument: the reference cases only. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_current_line_is_described),    cmocka_unit_test(the_2018_line_is_described),
        cmocka_unit_test(conditioning_biases_are_folded),   cmocka_unit_test(weight_norm_is_folded),
        cmocka_unit_test(parametrizations_are_weight_norm), cmocka_unit_test(imports_survive_a_file),
        cmocka_unit_test(what_may_differ_is_accepted),      cmocka_unit_test(contradictions_are_refused),
        cmocka_unit_test(broken_checkpoints_are_refused),   cmocka_unit_test(bad_values_are_refused),
    };
    const struct CMUnitTest reference[] = {cmocka_unit_test(vectors_import_alike_folded_or_not)};
    if (argc < 2) return cmocka_run_group_tests(tests, NULL, NULL);
    if (getenv("WAVENET_VECTORS")) return cmocka_run_group_tests(reference, NULL, NULL);
    puts("skipped: WAVENET_VECTORS does not name the folder of reference cases");
    return 77;
}
