/* SPDX-License-Identifier: MIT
 * likelihood.c - how likely a sample was under the network's output, in nats.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>

#include "kinds/log_sum_exp.h"
#include "model/distribution.h"
#include "model/model.h"

WN_DEFINE_LOG_SUM_EXP(log_sum_exp, float)

void wn_model_posteriors(const wn_model *m, const float *y, float *posteriors)
{
    double all = log_sum_exp(y, m->output_channels);
    for (int i = 0; i < m->output_channels; i++) posteriors[i] = (float)exp((double)y[i] - all);
}

double wn_model_nll(const wn_model *m, const float *y, float x, int32_t c)
{
    unsigned parts = wn_distributions[m->output].parts;
    if (!parts) return NAN;
    if (parts & WN_DISTRIBUTION_CLASSES)
        return c < 0 || c >= m->output_channels ? INFINITY : log_sum_exp(y, m->output_channels) - (double)y[c];
    double values[3 * WN_MAX_MIXTURES];
    for (int i = 0; i < m->output_channels; i++) values[i] = (double)y[i];
    return wn_distribution_nll(m->output, m->n_mixtures, (double)m->log_scale_min, values, (double)x, NULL);
}
