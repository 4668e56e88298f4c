/* SPDX-License-Identifier: MIT
 * fuzz_layers.c - lists of layers: parsed, written and parsed again, traced, and run on a small image.
 * Copyright (c) 2026 the wavenet authors */
#include <stdlib.h>
#include <string.h>

#include "analysis/field.h"
#include "analysis/reference.h"
#include "fuzz.h"

/* What a layer is called must mean the layer. */
static void check_name(const wn_spec *layer)
{
    char name[WN_SPEC_NAME];
    wn_spec *again;
    int n;
    wn_error error = {0};
    if (layer->kind >= WN_SPEC_OPEN) return;
    wn_spec_name(name, layer);
    fuzz_check(!wn_spec_parse(&again, &n, name, "name", &error) && n == 1, "a name that is no layer");
    fuzz_check(again->kind == layer->kind && again->rank == layer->rank && again->outputs == layer->outputs &&
                   again->groups == layer->groups && again->given == layer->given && again->act == layer->act,
               "a name of another layer");
    for (int a = 0; a < layer->rank; a++)
        fuzz_check(memcmp(&again->axis[a], &layer->axis[a], sizeof layer->axis[a]) == 0, "a name of another window");
    free(again);
}

static void trace(const wn_spec *layers, int n, int64_t size)
{
    wn_field field;
    wn_error error = {0};
    wn_status status = wn_field_layers(&field, layers, n, size, 1, "input", &error);
    if (status) {
        fuzz_check(error.status == status && *error.message, "a failure without a message");
        return;
    }
    fuzz_check(field.n_rows > 0 && field.receptive_field >= 0, "a field without rows");
    wn_field_free(&field);
}

/* The network on 5 by 6 positions, every weight 1 as far as 64 of them go. */
static void run_network(const wn_spec *layers, int n)
{
    static double ones[64], x[60];
    wn_shape shape = {.rank = layers[0].rank == 2 ? 2 : 1, .channels = 2, .size = {layers[0].rank == 2 ? 5 : 1, 6}};
    wn_reference_given *given = calloc((size_t)n, sizeof *given);
    wn_reference *network;
    wn_error error = {0};
    if (!given) return;
    for (int i = 0; i < 64; i++) ones[i] = 1;
    for (int i = 0; i < n; i++)
        if (layers[i].kind == WN_SPEC_CONV || layers[i].kind == WN_SPEC_TRANSPOSED || layers[i].kind == WN_SPEC_DENSE) {
            int64_t taps = layers[i].rank ? (int64_t)layers[i].axis[0].kernel *
                                                (layers[i].rank == 2 ? layers[i].axis[1].kernel : 1)
                                          : 1;
            given[i].weights = ones;
            given[i].n_weights = taps <= 16 ? 64 / taps * taps : 64;
        }
    wn_status status = wn_reference_new(&network, layers, n, &shape, x, given, n % 2, "input", &error);
    if (status)
        fuzz_check(error.status == status && *error.message, "a failure without a message");
    else if (wn_reference_products(network) < 1e5) {
        wn_reference_forward(network);
        wn_reference_backward(network);
    }
    wn_reference_free(network);
    free(given);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[512];
    wn_spec *layers;
    int n;
    wn_error error = {0};
    if (size >= sizeof text) return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    wn_status status = wn_spec_parse(&layers, &n, text, "input", &error);
    if (status) {
        fuzz_check(!layers && error.status == status && *error.message, "a failure without a message");
        return 0;
    }
    int64_t work = 1;
    for (int i = 0; i < n; i++) {
        check_name(&layers[i]);
        for (int a = 0; a < layers[i].rank; a++)
            work += (int64_t)layers[i].axis[a].kernel * layers[i].axis[a].dilation + layers[i].axis[a].stride;
    }
    if (work < 500 && n < 20) { /* the limits of larger fields take seconds to reach */
        trace(layers, n, 0);
        trace(layers, n, 100);
    }
    run_network(layers, n);
    free(layers);
    return 0;
}

void fuzz_seeds(void (*add)(const void *data, size_t size))
{
    static const char *const texts[] = {
        "conv3 conv3d2 conv7s2p1 pool2s2 tconv4s3",
        "conv3x3s2x1p1:0x2f4g2 relu avgpool2x2s1 dense4 softmax",
        "(conv3d6same | conv3d12same | ) tconv4s3o1 conv5causal leaky-relu",
        "3,1,2,VALID; 3,2,1,SAME; 2,1,1,1:0",
        "conv2valid,conv2same tconv3s2same",
        "conv0 pool2d3 (",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) add(texts[i], strlen(texts[i]));
}
