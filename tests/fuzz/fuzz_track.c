/* SPDX-License-Identifier: MIT
 * fuzz_track.c - control tracks in CSV files.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <string.h>

#include "fuzz.h"
#include "model/model.h"
#include "wavenet/audio.h"

static char *choices[] = {"piano", "flute"};
static wn_model_control controls[] = {
    {.name = "key", .unit = "", .minimum = 21, .maximum = 108, .default_value = 60},
    {.name = "gate", .unit = "", .minimum = 0, .maximum = 1, .default_value = 1},
    {.name = "who", .unit = "", .kind = WN_CONTROL_CHOICE, .maximum = 1, .n_choices = 2, .choices = choices},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wn_model model = {.sample_rate = 16000, .n_controls = 3, .controls = controls};
    wn_track *track;
    wn_error error = {0};
    wn_status status = wn_track_parse(&track, (const char *)data, size, "input", &model, &error);
    if (status) fuzz_check(!track && error.status == status && *error.message, "a failure without a message");
    for (size_t i = 0; !status && i < track->n_events; i++) {
        const wn_track_event *e = &track->events[i];
        fuzz_check(e->frame >= (i ? e[-1].frame : 0), "frames descend");
        fuzz_check(e->control >= 0 && e->control < 3, "no such control");
        fuzz_check(e->value >= controls[e->control].minimum && e->value <= controls[e->control].maximum,
                   "out of range");
    }
    wn_track_free(track);
    return 0;
}

void fuzz_seeds(void (*add)(const void *data, size_t size))
{
    static const char *const texts[] = {
        "time,key,gate,who\n0,60,1,piano\n0.5,,0,\n1,61.5,1,flute\n1.25,,0,1\n",
        "\xef\xbb\xbf# notes\r\nwho , time\r\nflute , 0.001\r\n\r\n , 2e1\r\npiano,3e1",
        "time\n0\n",
        "time,key\n1,60\n0.5,61\n",
        "time,key\n0,1e400\nnan,60\n0x10,60,\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) add(texts[i], strlen(texts[i]));
}
