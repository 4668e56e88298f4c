/* SPDX-License-Identifier: MIT
 * fuzz_manifest.c - lists of training clips in CSV files.
 * Copyright (c) 2026 the wavenet authors */
#include <string.h>

#include "fuzz.h"
#include "train/manifest.h"

static char *choices[] = {"piano", "flute"};
static wn_model_control controls[] = {
    {.name = "key", .unit = "", .minimum = 21, .maximum = 108, .default_value = 60},
    {.name = "who", .unit = "", .kind = WN_CONTROL_CHOICE, .maximum = 1, .n_choices = 2, .choices = choices},
};

static void check_row(const wn_row *row)
{
    fuzz_check(row->audio && *row->audio && row->split && *row->split, "a clip without audio or split");
    fuzz_check(row->offset >= 0 && row->frames >= 0 && row->speaker >= 0 && row->speaker < 3, "a number out of range");
    for (size_t i = 0; i < row->n_events; i++) {
        const wn_event *e = &row->events[i];
        fuzz_check(e->control >= 0 && e->control < 2, "no such control");
        fuzz_check(e->value >= controls[e->control].minimum && e->value <= controls[e->control].maximum,
                   "out of range");
        fuzz_check(!i || e->control != e[-1].control || e->seconds > e[-1].seconds, "times descend");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wn_model model = {.sample_rate = 16000,
                      .autoregressive = size % 3 != 0,
                      .labels.n = size % 3 == 0 ? 4 : 0,
                      .n_controls = 2,
                      .controls = controls};
    wn_manifest manifest;
    wn_error error = {0};
    model.condition.n_speakers = size % 2 ? 3 : 0;
    wn_status status = wn_manifest_parse(&manifest, (const char *)data, size, "input", &model, &error);
    if (status) fuzz_check(error.status == status && *error.message && !manifest.rows, "a failure without a message");
    for (size_t i = 0; !status && i < manifest.n_rows; i++) check_row(&manifest.rows[i]);
    wn_manifest_clear(&manifest);
    return 0;
}

void fuzz_seeds(void (*add)(const void *data, size_t size))
{
    static const char *const texts[] = {
        "audio,offset,frames,split,key,who\na.wav,0,3000,train,60,piano\na.wav,3000,,valid,0:60 0.02:72,1\n",
        "\xef\xbb\xbfsplit, audio ,speaker\r\ntrain,\"b \"\"c\"\".wav\",2\r\n\r\n# nothing\r\ntest, d.wav ,0",
        "audio,split,key\na,train,0:60;1.5:61;2e0:62.5\n",
        "audio,split,target,features\na,train,b,c\n",
        "audio,split\n",
        "audio,labels,split,offset\na.npy,b.npy,train,9\n",
        "audio,labels,split\na.npy,b.npy,valid\n ",
        "audio,labels,split\na.npy,b.npy,valid",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) add(texts[i], strlen(texts[i]));
}
