/* SPDX-License-Identifier: MIT
 * shape.c - models by the name of their shape: from the name to a config, and random weights for it.
 * Copyright (c) 2026 the wavenet authors */
#include "bench/shape.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "format/config_read.h"
#include "model/check_model.h"
#include "model/tensors.h"

static wn_status no_memory(wn_error *error) { return wn_fail_memory(error, "--shape"); }

/* n dilations, 1 .. 2^(cycle-1) over and over, beginning with 2^first. */
static json_t *doubling(int n, int first, int cycle)
{
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        if (json_array_append_new(list, json_integer(1 << (first + i) % cycle))) {
            json_decref(list);
            return NULL;
        }
    return list;
}

/* ---- captures ----------------------------------------------------------------------------------------------------- */

/* Two stacks in series of `layers` layers each, the second half as wide. */
typedef struct a1 {
    const char *name;
    int channels, layers[2], first[2]; /* exponent of the first dilation */
} a1;

static const a1 first_kind[] = {
    {"a1-standard", 16, {10, 10}, {0, 0}},
    {"a1-lite", 12, {7, 13}, {0, 7}},
    {"a1-feather", 8, {7, 13}, {0, 7}},
    {"a1-nano", 4, {7, 13}, {0, 7}},
};

static const struct {
    const char *name;
    int channels;
} second_kind[] = {{"a2-full", 8}, {"a2-lite", 3}};

enum { N_A1 = sizeof first_kind / sizeof *first_kind, N_A2 = sizeof second_kind / sizeof *second_kind };

/* A stack of a capture; takes `dilations` and `kernels` over. */
static json_t *capture_stack(int channels, json_t *dilations, json_t *kernels, json_t *act, json_t *head)
{
    return json_pack("{s:i, s:i, s:o, s:o, s:o, s:s, s:b, s:{s:b}, s:o}", "channels", channels, "skip_channels",
                     channels, "dilations", dilations, "kernel", kernels, "activation", act, "gating", "none", "skip",
                     0, "rechannel", "bias", 0, "head", head);
}

/* Takes `stacks` over. */
static json_t *capture(const char *name, double head_scale, json_t *stacks)
{
    return json_pack("{s:s, s:i, s:{s:s}, s:{s:s}, s:f, s:o}", "name", name, "sample_rate", 48000, "output", "kind",
                     "pcm", "condition", "source", "input", "head_scale", head_scale, "stacks", stacks);
}

static json_t *capture_a1(const a1 *a)
{
    json_t *stacks = json_array();
    for (int i = 0, channels = a->channels; i < 2; i++, channels /= 2) {
        json_t *head = json_pack("{s:i, s:b}", "out", i ? 1 : channels / 2, "bias", i);
        json_t *dilations = doubling(a->layers[i], a->first[i], 10);
        json_array_append_new(stacks, capture_stack(channels, dilations, json_integer(3), json_string("tanh"), head));
    }
    if (json_array_size(stacks) == 2) return capture(a->name, 0.02, stacks);
    json_decref(stacks);
    return NULL;
}

static json_t *integers(int n, const int *values)
{
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        if (json_array_append_new(list, json_integer(values[i]))) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static json_t *capture_a2(const char *name, int channels)
{
    static const int dilations[] = {1,   3,   7, 17, 41, 101, 239, 1,  3,  7,   17, 41,
                                    101, 239, 1, 13, 1,  3,   7,   17, 41, 101, 239};
    enum { LAYERS = sizeof dilations / sizeof *dilations };
    int kernels[LAYERS];
    for (int i = 0; i < LAYERS; i++) kernels[i] = i == 14 || i == 15 ? 15 : 6;
    json_t *act = json_pack("{s:s, s:f}", "kind", "leaky-relu", "slope", 0.01);
    json_t *head = json_pack("{s:i, s:i, s:b}", "out", 1, "kernel", 16, "bias", 1);
    json_t *stack = capture_stack(channels, integers(LAYERS, dilations), integers(LAYERS, kernels), act, head);
    return stack ? capture(name, 0.01, json_pack("[o]", stack)) : NULL;
}

/* ---- fields ------------------------------------------------------------------------------------------------------- */

enum { LAYERS, RESIDUAL, GATE, SKIP, KERNEL, MOL, CLASSES, GAUSS, MEL, UP, HIDDEN, FIELDS };

typedef struct field {
    const char *letters;
    int least, fallback; /* fallback: the value where letters stand alone; -1: a number must follow, 0: none may */
} field;

static const field fields[FIELDS] = {
    [LAYERS] = {"l", 1, -1}, [RESIDUAL] = {"r", 1, -1}, [GATE] = {"g", 2, -1},    [SKIP] = {"s", 1, -1},
    [KERNEL] = {"k", 1, -1}, [MOL] = {"mol", 1, 10},    [CLASSES] = {"c", 4, -1}, [GAUSS] = {"gauss", 0, 0},
    [MEL] = {"mel", 1, -1},  [HIDDEN] = {"h", 1, -1},   [UP] = {"up", 0, 0},
};

static wn_status bad_name(const char *name, wn_error *error, const char *what)
{
    return wn_fail(error, WN_ERROR_ARGUMENT, "--shape", "'%.100s': %s", name, what);
}

/* The value of one field, `text` [length], into values[FIELDS], where -1 is not given. */
static bool read_field(const char *text, size_t length, int *values)
{
    size_t letters = 0, digits = 0;
    while (letters < length && islower((unsigned char)text[letters])) letters++;
    while (letters + digits < length && isdigit((unsigned char)text[letters + digits])) digits++;
    int i = 0, number = 0;
    while (i < FIELDS && (strlen(fields[i].letters) != letters || memcmp(fields[i].letters, text, letters))) i++;
    if (i == FIELDS || values[i] >= 0 || letters + digits != length || digits > 5) return false;
    for (size_t d = letters; d < length; d++) number = 10 * number + (text[d] - '0');
    values[i] = digits ? number : fields[i].fallback;
    return digits ? fields[i].fallback && number >= fields[i].least : fields[i].fallback >= 0;
}

static wn_status read_fields(const char *name, int *values, wn_error *error)
{
    for (int i = 0; i < FIELDS; i++) values[i] = -1;
    for (const char *at = name; at; at = strchr(at, '-') ? strchr(at, '-') + 1 : NULL) {
        size_t length = strcspn(at, "-");
        if (read_field(at, length, values)) continue;
        return wn_fail(error, WN_ERROR_ARGUMENT, "--shape",
                       "'%.100s' has no such field as '%.*s', or not twice; "
                       "try --shape list",
                       name, (int)(length < 40 ? length : 40), at);
    }
    for (int i = LAYERS; i <= KERNEL; i++)
        if (values[i] < 0) return bad_name(name, error, "expected lN, rN, gN, sN and kN; try --shape list");
    if ((values[MOL] > 0) + (values[CLASSES] > 0) + (values[GAUSS] >= 0) != 1)
        return bad_name(name, error, "expected one of mol, cN and gauss");
    if (values[GATE] % 2) return bad_name(name, error, "an odd number of gate channels");
    if (values[UP] >= 0 && values[MEL] < 0) return bad_name(name, error, "up without melN");
    if (values[LAYERS] > WN_MAX_LAYERS) return bad_name(name, error, "too many layers");
    return WN_OK;
}

static json_t *output(const int *v)
{
    if (v[CLASSES] > 0) return json_pack("{s:s}", "kind", "categorical");
    if (v[MOL] > 0) return json_pack("{s:s, s:i}", "kind", "logistics", "mixtures", v[MOL]);
    return json_pack("{s:s}", "kind", "gaussian");
}

/* Unconditioned networks of classes widen to the classes in the first layer of their head, vocoders in the last. */
static int hidden(const int *v)
{
    if (v[HIDDEN] > 0) return v[HIDDEN];
    return v[CLASSES] > 0 && v[MEL] < 0 ? v[CLASSES] : v[SKIP];
}

/* Rows held for 256 samples each, or stretched to a row a sample. */
static json_t *condition(const int *v)
{
    json_t *stretch = json_pack("{s:s, s:i, s:b}", "kind", "stretch", "factor", 256, "linear", 1);
    if (v[UP] >= 0) return json_pack("{s:s, s:i, s:[o]}", "source", "features", "channels", v[MEL], "stages", stretch);
    json_decref(stretch);
    return json_pack("{s:s, s:i, s:i, s:b}", "source", "features", "channels", v[MEL], "hop", 256, "held", 1);
}

/* 0, or -1 if memory fails. */
static int put_optional(json_t *config, const int *v)
{
    json_t *input = json_pack("{s:i, s:s}", "classes", v[CLASSES], "companding", "mulaw-round");
    int failed = v[CLASSES] > 0 ? json_object_set(config, "input", input) : 0;
    json_decref(input);
    return v[MEL] > 0 ? failed | json_object_set_new(config, "condition", condition(v)) : failed;
}

static json_t *from_fields(const char *name, const int *v)
{
    json_t *config = json_pack("{s:s, s:i, s:o, s:[{s:i, s:i, s:i, s:i, s:o}], s:[{s:i}, {}]}", "name", name,
                               "sample_rate", v[MEL] > 0 ? 22050 : 16000, "output", output(v), "stacks", "channels",
                               v[RESIDUAL], "skip_channels", v[SKIP], "bottleneck", v[GATE] / 2, "kernel", v[KERNEL],
                               "dilations", doubling(v[LAYERS], 0, 10), "head", "out", hidden(v));
    if (!config || !put_optional(config, v)) return config;
    json_decref(config);
    return NULL;
}

/* ---- a model ------------------------------------------------------------------------------------------------------ */

typedef struct filling {
    const wn_model *model;
    uint32_t noise;
} filling;

/* Uniform, variance 1 / fan-in: signals then neither die nor blow up on the way through the layers. */
static wn_status fill(void *user, const char *name, float *data, int ndim, const int64_t *shape)
{
    filling *f = user;
    int64_t n = 1, fan_in = 1;
    for (int i = 0; i < ndim; i++) n *= shape[i];
    for (int i = 1; i < ndim; i++) fan_in *= shape[i];
    if (f->model->input.n_classes && data == f->model->stacks[0].rechannel.weight) fan_in = shape[2]; /* one column */
    float most = ndim == 1 ? 0.1f : sqrtf(3.0f / (float)fan_in);
    for (int64_t i = 0; i < n; i++) {
        f->noise = f->noise * 1664525u + 1013904223u;
        data[i] = most * ((float)(f->noise >> 8) / 8388608.0f - 1.0f);
    }
    return WN_OK;
}

wn_status wn_shape_config(json_t **out, const char *name, wn_error *error)
{
    *out = NULL;
    int values[FIELDS];
    for (int i = 0; i < N_A1; i++)
        if (!strcmp(first_kind[i].name, name)) *out = capture_a1(&first_kind[i]);
    for (int i = 0; i < N_A2; i++)
        if (!strcmp(second_kind[i].name, name)) *out = capture_a2(name, second_kind[i].channels);
    bool listed = false;
    for (int i = 0; i < N_A1 + N_A2; i++) listed |= !strcmp(wn_shape_name(i), name);
    wn_status status = listed ? WN_OK : read_fields(name, values, error);
    if (status) return status;
    if (!listed) *out = from_fields(name, values);
    return *out ? WN_OK : no_memory(error);
}

wn_status wn_shape_model(wn_model **out, const char *name, wn_error *error)
{
    wn_model *model = NULL;
    json_t *config = NULL;
    *out = NULL;
    wn_status status = wn_shape_config(&config, name, error);
    if (!status) status = wn_config_read(&model, config, name, error);
    json_decref(config);
    filling f = {.model = model, .noise = 1};
    if (!status) status = wn_model_tensors(model, fill, &f);
    if (!status) status = wn_model_finish(model, name, error);
    if (status)
        wn_model_free(model);
    else
        *out = model;
    return status;
}

const char *wn_shape_name(int index)
{
    static const char *const examples[] = {"l24-r128-g256-s128-k3-mol-mel80", "l30-r128-g256-s128-k3-c256-mel80",
                                           "l16-r64-g128-s256-k2-c256", "l20-r32-g64-s128-k2-c256"};
    if (index < N_A1) return first_kind[index].name;
    if (index < N_A1 + N_A2) return second_kind[index - N_A1].name;
    index -= N_A1 + N_A2;
    return index < (int)(sizeof examples / sizeof *examples) ? examples[index] : NULL;
}
