/* SPDX-License-Identifier: MIT
 * chain.c - a model that is several models in series.
 * Copyright (c) 2026 the wavenet authors */
#include "base/error.h"
#include "model/check_model.h"
#include "model/description.h"

/* The chain owns the models from here on. Without memory for their list they are freed at once. */
static wn_model *take_models(wn_model *const *models, int n)
{
    wn_model *m = wn_model_new();
    if (m) m->chain = wn_arena_alloc(m->arena, (size_t)n + 1, sizeof(wn_model *));
    for (int i = 0; i < n; i++) {
        if (m && m->chain)
            m->chain[m->n_chain++] = models[i];
        else
            wn_model_free(models[i]);
    }
    if (m && m->chain) return m;
    wn_model_free(m);
    return NULL;
}

wn_status wn_model_from_chain(wn_model **out, wn_model *const *models, int n, wn_error *error)
{
    *out = NULL;
    wn_model *m = take_models(models, n > 0 ? n : 0);
    if (!m) return wn_fail_memory(error, NULL);
    m->output = WN_OUTPUT_PCM;
    for (int i = 0; i < n && m->sample_rate == 0; i++) m->sample_rate = models[i]->sample_rate;
    if (n > 0) {
        m->input.channels = models[0]->input.channels;
        m->output_channels = models[n - 1]->output_channels;
        m->input_level_dbu = models[0]->input_level_dbu;
        m->output_level_dbu = models[n - 1]->output_level_dbu;
    }
    wn_status status = n > 0 ? wn_model_finish(m, "", error)
                             : wn_fail(error, WN_ERROR_ARGUMENT, NULL, "a chain of %d models, expected 1 or more", n);
    if (status)
        wn_model_free(m);
    else
        *out = m;
    return status;
}
