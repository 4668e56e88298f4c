/* SPDX-License-Identifier: MIT
 * loss.c - the loss of each kind of output, and its gradient.
 * Copyright (c) 2026 the wavenet authors */
#include "train/loss.h"

#include <math.h>

/* ---- one component at x: log probability, and its derivatives by mean and log scale ----------------------------- */

struct component {
    double log_p, d_mean, d_scale;
};

static double softplus(double x) { return x > 30 ? x : log1p(exp(x)); }

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

/* The bin of width 2/65535 around x under a logistic; the outermost bins take the tails, tiny ones the density at their
 * centre (Salimans et al., PixelCNN++, section 2.1). */
static struct component logistic(double x, double mean, double log_scale)
{
    const double half = 1.0 / 65535;
    double inverse = exp(-log_scale), a = inverse * (x - mean + half), b = inverse * (x - mean - half);
    if (x < -0.999) return (struct component){a - softplus(a), -inverse * sigmoid(-a), -a * sigmoid(-a)};
    if (x > 0.999) return (struct component){-softplus(b), inverse * sigmoid(b), b * sigmoid(b)};
    /* sigmoid(a) - sigmoid(b) without cancellation, and its slopes: by m at fixed width, and by the width. */
    double sa = sigmoid(a), sb = sigmoid(b), width = inverse * half;
    double p = sa * sigmoid(-b) * -expm1(-2 * width);
    if (p > 1e-5) {
        double by_m = 1 - sa - sb, by_width = (sa * (1 - sa) + sb * (1 - sb)) / p;
        return (struct component){log(p), -inverse * by_m, -(inverse * (x - mean) * by_m + width * by_width)};
    }
    double m = inverse * (x - mean), slope = 1 - 2 * sigmoid(m);
    return (struct component){m - log_scale - 2 * softplus(m) - log(65535 / 2.0), -inverse * slope, -1 - m * slope};
}

static struct component gaussian(double x, double mean, double log_scale)
{
    double inverse = exp(-log_scale), z = (x - mean) * inverse;
    return (struct component){-0.5 * z * z - log_scale - 0.91893853320467274178, z * inverse, z * z - 1};
}

/* A clamped log scale has no slope below the clamp. */
static struct component component(const wn_model *m, double x, double mean, double log_scale)
{
    bool clamped = log_scale < (double)m->log_scale_min;
    if (clamped) log_scale = (double)m->log_scale_min;
    struct component c = (m->output == WN_OUTPUT_LOGISTICS ? logistic : gaussian)(x, mean, log_scale);
    if (clamped) c.d_scale = 0;
    return c;
}

/* ---- mixtures --------------------------------------------------------------------------------------------------- */

static double log_sum(int n, const double *x)
{
    double top = x[0], sum = 0;
    for (int i = 1; i < n; i++) top = x[i] > top ? x[i] : top;
    for (int i = 0; i < n; i++) sum += exp(x[i] - top);
    return top + log(sum);
}

/* Nats of one sample; y and dy are columns of rows `stride` apart. */
static double mixture_sample(const wn_model *m, double x, const wn_real *y, ptrdiff_t stride, wn_real scale,
                             wn_real *dy, ptrdiff_t d_stride)
{
    int n = m->n_mixtures > 1 ? m->n_mixtures : 1;
    double logits[WN_MAX_MIXTURES], terms[WN_MAX_MIXTURES];
    struct component parts[WN_MAX_MIXTURES];
    for (int j = 0; j < n; j++) {
        parts[j] = component(m, x, (double)y[(n + j) * stride], (double)y[(2 * n + j) * stride]);
        logits[j] = (double)y[j * stride];
        terms[j] = logits[j] + parts[j].log_p;
    }
    double weights = log_sum(n, logits), total = log_sum(n, terms);
    for (int j = 0; dy && j < n; j++) {
        double share = exp(terms[j] - total);
        dy[j * d_stride] = scale * (wn_real)(exp(logits[j] - weights) - share);
        dy[(n + j) * d_stride] = scale * (wn_real)(-share * parts[j].d_mean);
        dy[(2 * n + j) * d_stride] = scale * (wn_real)(-share * parts[j].d_scale);
    }
    return weights - total;
}

static double gaussian_sample(const wn_model *m, double x, const wn_real *y, ptrdiff_t stride, wn_real scale,
                              wn_real *dy, ptrdiff_t d_stride)
{
    struct component c = component(m, x, (double)y[0], (double)y[stride]);
    if (dy) {
        dy[0] = scale * (wn_real)-c.d_mean;
        dy[d_stride] = scale * (wn_real)-c.d_scale;
    }
    return -c.log_p;
}

/* ---- PCM -------------------------------------------------------------------------------------------------------- */

/* Pre-emphasised error of row c at t; the frame before the chunk counts as equal. */
static double emphasised(double k, const wn_real *a, const wn_real *b, int t)
{
    double now = (double)a[t] - (b ? (double)b[t] : 0), before = t ? (double)a[t - 1] - (b ? (double)b[t - 1] : 0) : 0;
    return now - k * before;
}

static double pcm_row(const wn_tloss *l, int frames, const wn_real *y, const wn_real *target, wn_real scale,
                      wn_real *dy)
{
    double error = 0, energy = 1e-8 * frames, k = l->pre_emphasis;
    for (int t = 0; t < frames; t++) {
        double e = emphasised(k, y, target, t), x = emphasised(k, target, NULL, t);
        error += e * e;
        energy += x * x;
    }
    double weight = l->squared / frames + l->esr / energy;
    for (int t = 0; dy && t < frames; t++) {
        double slope = emphasised(k, y, target, t) - (t + 1 < frames ? k * emphasised(k, y, target, t + 1) : 0);
        dy[t] = (wn_real)((double)scale * frames * 2 * weight * slope);
    }
    return frames * weight * error;
}

/* ---- any -------------------------------------------------------------------------------------------------------- */

double wn_tloss_chunk(const wn_tloss *loss, const wn_model *m, const wn_tchunk *chunk, wn_rows y, wn_real scale,
                      wn_rows dy)
{
    double sum = 0;
    if (m->output == WN_OUTPUT_CATEGORICAL)
        return wn_softmax_loss(m->output_channels, chunk->frames, y, chunk->target_class, scale, dy);
    if (m->output == WN_OUTPUT_PCM) {
        for (int c = 0; c < m->output_channels; c++)
            sum += pcm_row(loss, chunk->frames, y.x + c * y.stride, chunk->target + (ptrdiff_t)c * chunk->frames, scale,
                           dy.x ? dy.x + c * dy.stride : NULL);
        return sum;
    }
    for (int t = 0; t < chunk->frames; t++) {
        double x = (double)chunk->target[t];
        wn_real *d = dy.x ? dy.x + t : NULL;
        if (m->output == WN_OUTPUT_GAUSSIAN)
            sum += gaussian_sample(m, x, y.x + t, y.stride, scale, d, dy.stride);
        else
            sum += mixture_sample(m, x, y.x + t, y.stride, scale, d, dy.stride);
    }
    return sum;
}
