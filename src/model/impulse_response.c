/* SPDX-License-Identifier: MIT
 * impulse_response.c - a model that is one convolution, such as a loudspeaker cabinet's impulse response.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>

#include "base/error.h"
#include "model/check_model.h"
#include "model/description.h"

/* The description ends with the newest tap. */
static wn_status fill_model(wn_model *m, const float *taps, int n, double rate, wn_error *error)
{
    static const char where[] = "impulse response";
    m->sample_rate = rate;
    m->output = WN_OUTPUT_PCM;
    m->output_channels = 1;
    m->stacks = wn_stacks_new(m->arena, 1);
    if (!m->stacks) return wn_fail_memory(error, where);
    m->n_stacks = 1;
    m->stacks->plain_output = true;
    m->stacks->channels = 1;
    wn_conv *conv = &m->stacks->rechannel;
    wn_status status = wn_conv_init(m->arena, conv, 1, 1, n, 1, 1, false, where, error);
    for (int k = 0; k < n && !status; k++) {
        if (!isfinite(taps[k])) return wn_fail(error, WN_ERROR_ARGUMENT, where, "sample %d is not a finite number", k);
        conv->weight[n - 1 - k] = taps[k];
    }
    return status ? status : wn_model_finish(m, where, error);
}

wn_status wn_model_from_impulse_response(wn_model **out, const float *taps, int n, double rate, wn_error *error)
{
    *out = NULL;
    wn_model *m = wn_model_new();
    if (!m) return wn_fail_memory(error, NULL);
    wn_status status = fill_model(m, taps, n, rate, error);
    if (status)
        wn_model_free(m);
    else
        *out = m;
    return status;
}
