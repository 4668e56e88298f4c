/* SPDX-License-Identifier: MIT
 * likelihood.c - how likely a sample was under the network's output, in nats.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>

#include "model/model.h"

static double log_sum_exp(const float *y, int n)
{
    double highest = y[0], total = 0;
    for (int i = 1; i < n; i++) highest = y[i] > highest ? y[i] : highest;
    for (int i = 0; i < n; i++) total += exp((double)y[i] - highest);
    return highest + log(total);
}

/* log(1 + e^x) without overflow. */
static double softplus(double x) { return x > 30 ? x : log1p(exp(x)); }

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

/* Log probability of the bin of width 2/65535 around x under a logistic (Salimans et al., PixelCNN++, section 2.1, with
 * the constants of the public vocoder): the outermost bins take the tails, tiny ones the density at their centre. */
static double log_logistic_bin(double x, double mean, double log_scale)
{
    const double half = 1.0 / 65535;
    double inverse = exp(-log_scale), centred = x - mean;
    double upper = inverse * (centred + half), lower = inverse * (centred - half);
    if (x < -0.999) return upper - softplus(upper);
    if (x > 0.999) return -softplus(lower);
    double p = sigmoid(upper) - sigmoid(lower);
    if (p > 1e-5) return log(p);
    double middle = inverse * centred;
    return middle - log_scale - 2 * softplus(middle) - log(65535 / 2.0);
}

static double log_gaussian(double x, double mean, double log_scale)
{
    double z = (x - mean) * exp(-log_scale);
    return -0.5 * z * z - log_scale - 0.91893853320467274178; /* ln sqrt(2 pi) */
}

static double mixture(const wn_model *m, const float *y, double x)
{
    int n = m->n_mixtures;
    double weights = log_sum_exp(y, n), highest = -INFINITY, total = 0;
    for (int pass = 0; pass < 2; pass++) /* first the largest term, then the sum relative to it: no array is needed */
        for (int j = 0; j < n; j++) {
            double log_scale = fmax((double)y[2 * n + j], (double)m->log_scale_min);
            double term = (double)y[j] - weights;
            term +=
                (m->output == WN_OUTPUT_LOGISTICS ? log_logistic_bin : log_gaussian)(x, (double)y[n + j], log_scale);
            if (pass == 0)
                highest = fmax(highest, term);
            else
                total += exp(term - highest);
        }
    return highest + log(total);
}

double wn_model_nll(const wn_model *m, const float *y, float x, int32_t c)
{
    switch (m->output) {
    case WN_OUTPUT_CATEGORICAL:
        return c < 0 || c >= m->output_channels ? INFINITY : log_sum_exp(y, m->output_channels) - (double)y[c];
    case WN_OUTPUT_LOGISTICS:
    case WN_OUTPUT_GAUSSIANS: return -mixture(m, y, (double)x);
    case WN_OUTPUT_GAUSSIAN:
        return -log_gaussian((double)x, (double)y[0], fmax((double)y[1], (double)m->log_scale_min));
    case WN_OUTPUT_PCM: break;
    }
    return NAN;
}
