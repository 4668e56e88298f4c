/* SPDX-License-Identifier: MIT
 * render.c - runs a file through WaveNet Amp, in odd blocks, for comparison with the command.
 * Copyright (c) 2026 the wavenet authors
 *
 * Usage: render PLUGIN MODEL GAIN IN.f32 OUT.f32, all at 48000 Hz, the gain in dB */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "plugin/amp_ports.h"

enum { MOST = 777 };

int main(int argc, char **argv)
{
    static float x[MOST];
    if (argc != 6) return 2;
    FILE *in = fopen(argv[4], "rb"), *out = fopen(argv[5], "wb");
    const LV2_Descriptor *plugin = host_load(argv[1]);
    host *h = host_new(plugin, "", 48000, true);
    if (!in || !out || !h) return 1;
    for (uint32_t i = AMP_INPUT_GAIN; i < AMP_PORTS; i++) plugin->connect_port(h->instance, i, &h->controls[i]);
    plugin->connect_port(h->instance, AMP_IN, x);
    plugin->connect_port(h->instance, AMP_OUT, x);
    plugin->activate(h->instance);
    h->controls[AMP_INPUT_GAIN] = (float)atof(argv[3]);
    h->state[0] =
        (host_property){.key = host_map(h, AMP_MODEL_URI), .type = h->forge.Path, .size = strlen(argv[2]) + 1};
    strcpy(h->state[0].value, argv[2]);
    h->n_state = 1;
    if (host_restore(h)) return 1;
    for (size_t n, block = 1; (n = fread(x, sizeof *x, block, in)) > 0; block = block * 5 % MOST + 1) {
        host_run(h, (uint32_t)n);
        if (fwrite(x, sizeof *x, n, out) != n) return 1;
    }
    host_free(h);
    fclose(in);
    return fclose(out) != 0;
}
