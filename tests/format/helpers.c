/* SPDX-License-Identifier: MIT
 * helpers.c - shared by the tests of models and their files.
 * Copyright (c) 2026 the wavenet authors */
#include "helpers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format/config_read.h"
#include "format/config_write.h"
#include "format/json.h"
#include "model/tensors.h"

/* ---- configs ---------------------------------------------------------------------------------------------------- */

static const char instrument[] =
    "{\"version\":1,\"name\":\"instrument\",\"sample_rate\":16000,"
    "\"input\":{\"classes\":16,\"companding\":\"mulaw-midtread\"},\"output\":{\"kind\":\"categorical\"},"
    "\"controls\":[{\"name\":\"key\",\"unit\":\"semitones\",\"min\":21,\"max\":108,\"default\":60.5},"
    "{\"name\":\"gate\",\"min\":0,\"max\":1,\"default\":1},{\"name\":\"bend\",\"unit\":\"cents\",\"min\":-200,\"max\":"
    "200,\"default\":0},"
    "{\"name\":\"kind\",\"choices\":[\"piano\",\"flute\",\"trumpet\"],\"default\":\"flute\"}],"
    "\"condition\":{\"hop\":80,\"features\":[{\"kind\":\"bumps\",\"control\":\"key\",\"n\":3,\"lo\":30,\"hi\":90,"
    "\"sigma\":5},"
    "{\"kind\":\"one-hot\",\"control\":\"kind\"},{\"kind\":\"scaled\",\"control\":\"key\",\"offset\":60,\"scale\":0.1,"
    "\"power\":2},"
    "{\"kind\":\"age-on\",\"control\":\"gate\",\"taus\":[0.01,0.1]},{\"kind\":\"age-off\",\"control\":\"gate\","
    "\"taus\":[0.5]}],"
    "\"stages\":[{\"kind\":\"conv\",\"out\":5,\"activation\":\"tanh\"}],"
    "\"excitation\":{\"harmonics\":[1,2,3],\"leads\":[0,-0.25,0.5],\"bend\":\"bend\",\"limit\":0.4},\"global\":2,\"speakers\":3},"
    "\"stacks\":[{\"channels\":4,\"skip_channels\":6,\"dilations\":[1,2,4],\"repeat\":2,\"residual_scale\":0.5}],"
    "\"sampling\":{\"temperature\":0.1,\"top_k\":5,\"top_p\":0.9},\"metadata\":{\"licence\":\"CC0\",\"steps\":[1,2.5,"
    "null,true]}}";

static const char effect[] =
    "{\"version\":1,\"sample_rate\":48000,\"output\":{\"kind\":\"pcm\"},\"head_scale\":0.02,\"loudness\":-18.5,"
    "\"input_level_dbu\":12,\"output_level_dbu\":-0.1,\"note\":\"as read\","
    "\"condition\":{\"nested\":{\"sample_rate\":48000,\"output\":{\"kind\":\"pcm\",\"channels\":2},"
    "\"stacks\":[{\"channels\":2,\"dilations\":[1],\"gating\":\"none\",\"head\":{\"out\":2}}]}},"
    "\"stacks\":[{\"channels\":4,\"bottleneck\":2,\"skip_channels\":6,\"rechannel\":{\"bias\":false},\"kernel\":[3,2],"
    "\"dilations\":[1,7],\"gating\":[\"gated\",\"blended\"],\"activation\":[{\"kind\":\"prelu\"},\"hard-swish\"],"
    "\"gate\":[\"hard-tanh\",{\"kind\":\"leaky-hard-tanh\",\"below\":0.25}],\"groups\":2,\"mixin_groups\":2,"
    "\"film_conv_pre\":true,\"film_act_post\":[{\"shift\":false},false],\"film_skip_post\":{\"groups\":2,\"bias\":"
    "false},"
    "\"skip_bias\":false,\"head\":{\"out\":3,\"kernel\":4,\"dilation\":2,\"bias\":false}},"
    "{\"channels\":3,\"dilations\":[2],\"gating\":\"none\",\"activation\":{\"kind\":\"leaky-relu\",\"slope\":0.2},"
    "\"skip\":false,"
    "\"residual\":false,\"head\":{\"out\":2}}],"
    "\"head\":[{\"activation\":{\"kind\":\"prelu\",\"slopes\":1},\"out\":4,\"kernel\":3},{\"activation\":\"silu\","
    "\"bias\":false}]}";

static const char vocoder[] =
    "{\"version\":1,\"name\":\"voc\",\"sample_rate\":22050,\"output\":{\"kind\":\"logistics\",\"mixtures\":2,\"log_"
    "scale_min\":-7.5},"
    "\"input\":{\"mu\":255,\"first\":0.5},\"condition\":{\"channels\":5,\"hop\":240,\"stages\":[{\"kind\":\"conv\","
    "\"kernel\":3,\"bias\":false},"
    "{\"kind\":\"stretch\",\"factor\":2},{\"kind\":\"smooth\",\"height\":3,\"width\":5,\"activation\":{\"kind\":"
    "\"leaky-relu\",\"slope\":0.4}},"
    "{\"kind\":\"stretch\",\"factor\":3,\"linear\":true},{\"kind\":\"transposed-2d\",\"factor\":4,\"height\":3,"
    "\"bias\":true,\"activation\":\"relu\"},"
    "{\"kind\":\"transposed\",\"factor\":10,\"out\":3,\"kernel\":20,\"trim\":5},{\"kind\":\"cut\",\"trim\":7}],"
    "\"global\":2},"
    "\"stacks\":[{\"channels\":4,\"kernel\":3,\"dilations\":[1,2],\"skip_sum\":\"running\"}]}";

static const char plain[] = "{\"version\":1,\"output\":{\"kind\":\"pcm\"},\"input\":{\"channels\":2},\"stacks\":[{"
                            "\"channels\":3,\"plain\":[true,false],"
                            "\"dilations\":[1,5],\"gating\":\"none\",\"activation\":\"softsign\",\"plain_output\":true}"
                            "],\"head\":[{\"activation\":\"identity\"}]}";

static const char gaussian[] =
    "{\"version\":1,\"sample_rate\":8000,\"output\":{\"kind\":\"gaussian\"},\"condition\":{\"channels\":3,\"hop\":16},"
    "\"stacks\":[{\"channels\":4,\"dilations\":[1,2],\"skip_out_scale\":0.25,\"skip_scale\":[0.5,2]}],\"head\":[{"
    "\"kernel\":2}]}";

static const char speech[] =
    "{\"version\":2,\"sample_rate\":16000,\"input\":{\"classes\":256,\"companding\":\"mulaw-midtread\",\"pre_emphasis\":"
    "0.85,\"gain\":1.5},\"output\":{\"kind\":\"categorical\"},\"condition\":{\"channels\":6,\"hop\":80,\"stages\":[{\"kind\":"
    "\"conv\",\"out\":4,\"activation\":\"tanh\"}],\"excitation\":{\"harmonics\":[1,2],\"pitch\":5,\"voicing\":4,"
    "\"reference\":130,\"lock\":\"fundamental\"}},\"stacks\":[{\"channels\":4,\"dilations\":[1,2]}],\"sampling\":{"
    "\"temperature\":0.6,\"temperature_channel\":4,\"temperature_below\":0.8}}";

static const char analysed[] =
    "{\"version\":2,\"sample_rate\":8000,\"output\":{\"kind\":\"gaussian\"},\"condition\":{\"channels\":5,\"hop\":16,"
    "\"analysis\":{\"window\":64,\"fft\":80,\"center\":8,\"pre_emphasis\":0.5,\"bands\":3,\"low\":100,\"high\":3500,"
    "\"scale\":\"slaney\",\"norm\":\"area\",\"power\":1,\"reference\":16,\"floor\":0.001,\"ceiling\":2,\"log\":\"ln\","
    "\"mean\":[-1,-2,-3],\"std\":[0.5],\"edge\":\"reflect\",\"pitch_low\":60,\"pitch_high\":400,\"pitch_reference\":130}},"
    "\"stacks\":[{\"channels\":4,\"dilations\":[1,2],\"skip_out_scale\":0.25,\"skip_scale\":[0.5,2]}],\"head\":[{"
    "\"kernel\":2}]}";

static const char recogniser[] =
    "{\"version\":2,\"sample_rate\":500,\"input\":{\"channels\":3,\"analysis\":{\"sample_rate\":8000,\"hop\":16,"
    "\"window\":64,\"fft\":80,\"center\":8,\"bands\":3,\"low\":100,\"high\":3500,\"mean\":[-1,-2,-3]}},\"output\":{"
    "\"kind\":\"categorical\",\"classes\":4,\"names\":[\"pau\",\"a\",\"\\\"o\\\", oo\",\"\u0448\"],\"delay\":2},"
    "\"stacks\":[{\"channels\":4,\"dilations\":[1,2]}],\"head\":[{\"out\":5},{}]}";

const char *const config_texts[] = {instrument, effect, vocoder, plain, gaussian, speech, analysed, recogniser};
const int n_config_texts = sizeof config_texts / sizeof *config_texts;

/* ---- models ------------------------------------------------------------------------------------------------------ */

struct drawing {
    uint32_t state;
};

static float draw(struct drawing *d)
{
    d->state = d->state * 1664525u + 1013904223u;
    return (float)((double)(d->state >> 8) / (1 << 24) - 0.5);
}

static wn_status draw_tensor(void *user, const char *name, float *data, int ndim, const int64_t *shape)
{
    int64_t n = 1;
    for (int i = 0; i < ndim; i++) n *= shape[i];
    for (int64_t i = 0; i < n; i++) data[i] = draw(user);
    return WN_OK;
}

void draw_weights(wn_model *model, unsigned seed)
{
    struct drawing drawing = {seed};
    wn_model_tensors(model, draw_tensor, &drawing);
}

wn_model *model_from(const char *text)
{
    wn_error error = {0};
    json_t *config = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(config);
    wn_model *model;
    if (wn_config_read(&model, config, "config", &error)) fail_msg("%s: %s", error.where, error.message);
    json_decref(config);
    draw_weights(model, 1);
    return model;
}

/* ---- files and texts --------------------------------------------------------------------------------------------- */

char *replaced(const char *text, const char *find, const char *replace)
{
    const char *at = strstr(text, find);
    if (!at) fail_msg("no \"%s\" to replace", find);
    size_t before = (size_t)(at - text), size = strlen(text) + strlen(replace) + 1;
    char *out = malloc(size);
    assert_non_null(out);
    snprintf(out, size, "%.*s%s%s", (int)before, text, replace, at + strlen(find));
    return out;
}

/* The folder for temporary files, and what is in it; all goes when the program ends. */
static char folder[400], made[64][512];
static int n_made;

static void remove_all(void)
{
    for (int i = 0; i < n_made; i++) remove(made[i]);
    rmdir(folder);
}

const char *temp_path(const char *name)
{
    if (!*folder) {
        const char *root = getenv("TMPDIR");
        snprintf(folder, sizeof folder, "%s/wavenet-XXXXXX", root ? root : "/tmp");
        assert_non_null(mkdtemp(folder));
        atexit(remove_all);
    }
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    for (int i = 0; i < n_made; i++)
        if (!strcmp(made[i], path)) return made[i];
    assert_true(n_made < 64);
    return strcpy(made[n_made++], path);
}

bytes read_bytes(const char *path)
{
    bytes b = {malloc(1 << 20), 0};
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_non_null(b.data);
    b.size = fread(b.data, 1, 1 << 20, f);
    fclose(f);
    return b;
}

void write_bytes(const char *path, const void *data, size_t size)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

bytes safetensors_of(const char *header, const void *data, size_t n)
{
    size_t length = strlen(header);
    bytes b = {malloc(8 + length + n + 1), 8 + length + n};
    assert_non_null(b.data);
    for (int i = 0; i < 8; i++) b.data[i] = (uint8_t)((uint64_t)length >> 8 * i);
    memcpy(b.data + 8, header, length);
    if (n) memcpy(b.data + 8 + length, data, n);
    return b;
}

char *header_of(bytes file, size_t *start)
{
    size_t length = 0;
    for (int i = 7; i >= 0; i--) length = length << 8 | file.data[i];
    char *text = calloc(1, length + 1);
    assert_non_null(text);
    memcpy(text, file.data + 8, length);
    *start = 8 + length;
    return text;
}

/* ---- comparing --------------------------------------------------------------------------------------------------- */

/* Every tensor of a model, in order. */
struct listing {
    int n;
    struct {
        char name[128];
        float *data;
        int ndim;
        int64_t shape[4], count;
    } all[512];
};

static wn_status list(void *user, const char *name, float *data, int ndim, const int64_t *shape)
{
    struct listing *l = user;
    assert_true(l->n < 512);
    snprintf(l->all[l->n].name, sizeof l->all[0].name, "%s", name);
    l->all[l->n].data = data;
    l->all[l->n].ndim = ndim;
    l->all[l->n].count = 1;
    for (int i = 0; i < ndim; i++) l->all[l->n].count *= l->all[l->n].shape[i] = shape[i];
    l->n++;
    return WN_OK;
}

void assert_same_weights(wn_model *a, wn_model *b, double tolerance)
{
    static struct listing x, y;
    x.n = y.n = 0;
    wn_model_tensors(a, list, &x);
    wn_model_tensors(b, list, &y);
    assert_int_equal(x.n, y.n);
    for (int i = 0; i < x.n; i++) {
        assert_string_equal(x.all[i].name, y.all[i].name);
        assert_int_equal(x.all[i].ndim, y.all[i].ndim);
        for (int k = 0; k < x.all[i].ndim; k++) assert_int_equal(x.all[i].shape[k], y.all[i].shape[k]);
        for (int64_t k = 0; k < x.all[i].count; k++) {
            double difference = fabs((double)x.all[i].data[k] - (double)y.all[i].data[k]);
            if (!(difference <= tolerance)) fail_msg("%s[%lld] differs by %g", x.all[i].name, (long long)k, difference);
        }
    }
}

void assert_same_config(const wn_model *a, const wn_model *b)
{
    json_t *x = wn_config_write(a), *y = wn_config_write(b);
    char *left = json_dumps(x, JSON_SORT_KEYS), *right = json_dumps(y, JSON_SORT_KEYS);
    assert_non_null(left);
    assert_non_null(right);
    assert_string_equal(left, right);
    free(left);
    free(right);
    json_decref(x);
    json_decref(y);
}

void assert_error(const char *name, wn_status status, const wn_error *error, const char *part)
{
    if (!status) fail_msg("%s: was accepted", name);
    if (error->status != status) fail_msg("%s: status %d, but the error says %d", name, status, error->status);
    if (!*error->where || !*error->message) fail_msg("%s: no place or no message", name);
    char all[600];
    snprintf(all, sizeof all, "%s: %s", error->where, error->message);
    for (const char *c = all; *c; c++)
        if ((unsigned char)*c < 0x20) fail_msg("%s: not one line: %s", name, all);
    if (all[strlen(all) - 1] == '.') fail_msg("%s: ends with a full stop: %s", name, all);
    if (!strstr(all, part)) fail_msg("%s: expected \"%s\" in: %s", name, part, all);
    if (getenv("WN_TEST_VERBOSE")) printf("  %-28s %s\n", name, all);
}

/* ---- wavenet_vocoder checkpoints ----------------------------------------------------------------------------------- */

const char vocoder_current[] =
    "{\"name\":\"wavenet_vocoder\",\"input_type\":\"mulaw-quantize\",\"quantize_channels\":16,\"sample_rate\":16000,"
    "\"output_distribution\":\"Logistic\",\"log_scale_min\":null,\"out_channels\":16,\"layers\":4,\"stacks\":2,"
    "\"residual_channels\":3,\"gate_channels\":4,\"skip_out_channels\":5,\"kernel_size\":2,\"cin_channels\":2,\"cin_"
    "pad\":1,"
    "\"gin_channels\":2,\"n_speakers\":3,\"dropout\":0.05,\"upsample_conditional_features\":true,"
    "\"upsample_net\":\"ConvInUpsampleNetwork\",\"upsample_params\":{\"upsample_scales\":[2,3],\"cin_pad\":1,\"cin_"
    "channels\":2,"
    "\"freq_axis_kernel_size\":1,\"upsample_activation\":\"none\"},\"hop_size\":6,\"postprocess\":\"inv_preemphasis\"}";

const char vocoder_2018[] =
    "{\"input_type\":\"raw\",\"quantize_channels\":65536,\"sample_rate\":22050,\"log_scale_min\":-16.0,\"out_"
    "channels\":6,"
    "\"layers\":4,\"stacks\":2,\"residual_channels\":3,\"gate_channels\":4,\"skip_out_channels\":5,\"kernel_size\":3,"
    "\"cin_channels\":2,\"gin_channels\":2,\"n_speakers\":null,\"upsample_conditional_features\":true,"
    "\"upsample_scales\":[2,3],\"freq_axis_kernel_size\":3,\"legacy\":true,\"hop_size\":6}";

/* A file being put together. */
struct checkpoint {
    json_t *header;
    float data[8192];
    size_t n; /* floats */
    struct drawing drawing;
    bool normed;
};

static void add(struct checkpoint *c, const char *name, int rank, const int *shape)
{
    json_t *sizes = json_array();
    size_t begin = c->n * 4;
    int count = 1;
    for (int i = 0; i < rank; i++) {
        json_array_append_new(sizes, json_integer(shape[i]));
        count *= shape[i];
    }
    assert_true(c->n + (size_t)count < 8192);
    for (int i = 0; i < count; i++) c->data[c->n++] = draw(&c->drawing);
    json_object_set_new(
        c->header, name,
        json_pack("{s:s,s:o,s:[i,i]}", "dtype", "F32", "shape", sizes, "data_offsets", (int)begin, (int)(c->n * 4)));
}

/* NAME.weight, or its two parts; and NAME.bias. */
static void add_conv(struct checkpoint *c, const char *name, bool may_norm, bool bias, int rank, const int *shape)
{
    char full[128];
    int norms[4] = {shape[0], 1, 1, 1};
    bool normed = c->normed && may_norm;
    snprintf(full, sizeof full, "%s.weight%s", name, normed ? "_v" : "");
    add(c, full, rank, shape);
    snprintf(full, sizeof full, "%s.weight_g", name);
    if (normed) add(c, full, rank, norms);
    snprintf(full, sizeof full, "%s.bias", name);
    if (bias) add(c, full, 1, shape);
}

static void add_layer(struct checkpoint *c, bool line_2018, int i)
{
    char name[64];
    int kernel = line_2018 ? 3 : 2;
    const struct {
        const char *name;
        bool bias;
        int shape[3];
    } convs[] = {{"conv", true, {4, 3, kernel}},
                 {"conv1x1c", line_2018, {4, 2, 1}},
                 {"conv1x1g", line_2018, {4, 2, 1}},
                 {"conv1x1_out", true, {3, 2, 1}},
                 {"conv1x1_skip", true, {5, 2, 1}}};
    for (int k = 0; k < 5; k++) {
        snprintf(name, sizeof name, "conv_layers.%d.%s", i, convs[k].name);
        add_conv(c, name, true, convs[k].bias, 3, convs[k].shape);
    }
}

bytes vocoder_checkpoint(bool line_2018, bool normed)
{
    static struct checkpoint c;
    c = (struct checkpoint){.header = json_object(), .drawing = {7}, .normed = normed};
    int in = line_2018 ? 1 : 16, out = line_2018 ? 6 : 16;
    json_object_set_new(c.header, "__metadata__", json_pack("{s:s}", "source", "test"));
    add_conv(&c, "first_conv", true, true, 3, (int[]){3, in, 1});
    for (int i = 0; i < 4; i++) add_layer(&c, line_2018, i);
    add_conv(&c, "last_conv_layers.1", true, true, 3, (int[]){5, 5, 1});
    add_conv(&c, "last_conv_layers.3", true, true, 3, (int[]){out, 5, 1});
    if (line_2018) {
        add_conv(&c, "upsample_conv.0", true, true, 4, (int[]){1, 1, 3, 2});
        add_conv(&c, "upsample_conv.2", true, true, 4, (int[]){1, 1, 3, 3});
    } else {
        add(&c, "embed_speakers.weight", 2, (int[]){3, 2});
        add_conv(&c, "upsample_net.conv_in", false, false, 3, (int[]){2, 2, 3});
        add_conv(&c, "upsample_net.upsample.up_layers.1", true, false, 4, (int[]){1, 1, 1, 5});
        add_conv(&c, "upsample_net.upsample.up_layers.3", true, false, 4, (int[]){1, 1, 1, 7});
    }
    char *header = json_dumps(c.header, JSON_COMPACT);
    bytes b = safetensors_of(header, c.data, c.n * 4);
    free(header);
    json_decref(c.header);
    return b;
}
