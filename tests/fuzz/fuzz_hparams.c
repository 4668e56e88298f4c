/* SPDX-License-Identifier: MIT
 * fuzz_hparams.c - wavenet_vocoder checkpoints: "HPARAMS \0 HEADER \0 DATA".
 * Copyright (c) 2026 the wavenet authors */
#include <stdio.h>

#include "assembled.h"
#include "format/vocoder.h"
#include "model/receptive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, 0, size) : NULL;
    size_t hparams = end ? (size_t)(end - data) : size, n;
    uint8_t *file = assemble(end ? end + 1 : data, end ? size - hparams - 1 : 0, &n);
    wn_model *model;
    wn_error error = {0};
    wn_status status = wn_vocoder_import_memory(&model, file, n, "weights", data, hparams, "hparams", &error);
    fuzz_check(!status == (model != NULL), "a status that does not fit");
    fuzz_check(!status || (error.status == status && *error.message), "a failure without a message");
    if (model) fuzz_check(wn_model_receptive(model) >= 1 && wn_model_macs(model) >= 0, "impossible figures");
    wn_model_free(model);
    free(file);
    return 0;
}

/* ---- seeds: one layer of one channel, both lines --------------------------------------------------------------------- */

struct seed {
    char text[8192];
    size_t n, offset;
};

static void tensor(struct seed *s, const char *name, const char *shape, int count)
{
    s->n += (size_t)snprintf(s->text + s->n, sizeof s->text - s->n,
                             "%s\"%s\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[%zu,%zu]}",
                             s->offset ? "," : "{", name, shape, s->offset, s->offset + (size_t)count * 4);
    s->offset += (size_t)count * 4;
}

static void begin(struct seed *s, const char *hparams)
{
    s->n = strlen(hparams) + 1;
    s->offset = 0;
    memcpy(s->text, hparams, s->n);
    tensor(s, "first_conv.weight", "1,1,1", 1);
    tensor(s, "first_conv.bias", "1", 1);
    tensor(s, "conv_layers.0.conv.bias", "2", 2);
    tensor(s, "conv_layers.0.conv1x1_out.weight", "1,1,1", 1);
    tensor(s, "conv_layers.0.conv1x1_out.bias", "1", 1);
    tensor(s, "conv_layers.0.conv1x1_skip.weight", "1,1,1", 1);
    tensor(s, "conv_layers.0.conv1x1_skip.bias", "1", 1);
    tensor(s, "last_conv_layers.1.weight", "1,1,1", 1);
    tensor(s, "last_conv_layers.1.bias", "1", 1);
    tensor(s, "last_conv_layers.3.weight", "3,1,1", 3);
    tensor(s, "last_conv_layers.3.bias", "3", 3);
}

static void end(struct seed *s, void (*add)(const void *data, size_t size))
{
    s->text[s->n++] = '}';
    s->text[s->n++] = 0;
    for (size_t i = 0; i < s->offset; i++)
        s->text[s->n++] = (char)(i % 4 == 3 ? 0x3e : i % 5); /* small positive floats */
    add(s->text, s->n);
}

#define SHARED \
    "\"input_type\":\"raw\",\"out_channels\":3,\"layers\":1,\"stacks\":1,\"residual_channels\":1,\"gate_channels\":2," \
    "\"skip_out_channels\":1,\"kernel_size\":2,\"sample_rate\":8000,\"log_scale_min\":-7.0"

void fuzz_seeds(void (*add)(const void *data, size_t size))
{
    static struct seed s;
    begin(&s, "{" SHARED "}");
    tensor(&s, "conv_layers.0.conv.weight", "2,1,2", 4);
    end(&s, add);
    begin(&s, "{" SHARED ",\"output_distribution\":\"Normal\"}");
    tensor(&s, "conv_layers.0.conv.weight_g", "2,1,1", 2);
    tensor(&s, "conv_layers.0.conv.weight_v", "2,1,2", 4);
    end(&s, add);
    begin(&s,
          "{" SHARED ",\"cin_channels\":1,\"gin_channels\":1,\"n_speakers\":2,\"upsample_conditional_features\":true,"
          "\"upsample_net\":\"ConvInUpsampleNetwork\",\"upsample_params\":{\"upsample_scales\":[2],\"cin_pad\":1,"
          "\"upsample_activation\":\"LeakyReLU\",\"upsample_activation_params\":{\"negative_slope\":0.4}},\"hop_size\":"
          "2}");
    tensor(&s, "conv_layers.0.conv.weight", "2,1,2", 4);
    tensor(&s, "conv_layers.0.conv1x1c.weight", "2,1,1", 2);
    tensor(&s, "conv_layers.0.conv1x1g.weight", "2,1,1", 2);
    tensor(&s, "embed_speakers.weight", "2,1", 2);
    tensor(&s, "upsample_net.conv_in.weight", "1,1,3", 3);
    tensor(&s, "upsample_net.upsample.up_layers.1.weight", "1,1,1,5", 5);
    end(&s, add);
    begin(&s, "{" SHARED ",\"cin_channels\":1,\"upsample_conditional_features\":true,\"upsample_scales\":[2,2],"
              "\"freq_axis_kernel_size\":1,\"legacy\":true}");
    tensor(&s, "conv_layers.0.conv.weight", "2,1,2", 4);
    tensor(&s, "conv_layers.0.conv1x1c.weight", "2,1,1", 2);
    tensor(&s, "conv_layers.0.conv1x1c.bias", "2", 2);
    tensor(&s, "upsample_conv.0.weight", "1,1,1,2", 2);
    tensor(&s, "upsample_conv.0.bias", "1", 1);
    tensor(&s, "upsample_conv.2.weight", "1,1,1,2", 2);
    tensor(&s, "upsample_conv.2.bias", "1", 1);
    end(&s, add);
}
