/* SPDX-License-Identifier: MIT
 * loss.c - the loss of each kind of output, and its gradient.
 * Copyright (c) 2026 the wavenet authors */
#include "train/loss.h"

#include "model/distribution.h"
#include "train/softmax.h"

/* ---- densities -------------------------------------------------------------------------------------------------- */

/* Nats of one sample. Channel c of the output is y[c * stride], its gradient dy[c * d_stride]; dy may be NULL. */
static double density_sample(const wn_model *m, double x, const wn_real *y, ptrdiff_t stride, wn_real scale,
                             wn_real *dy, ptrdiff_t d_stride)
{
    double values[3 * WN_MAX_MIXTURES], slopes[3 * WN_MAX_MIXTURES];
    for (int c = 0; c < m->output_channels; c++) values[c] = (double)y[c * stride];
    double nats = wn_distribution_nll(m->output, m->n_mixtures, (double)m->log_scale_min, values, x, slopes);
    for (int c = 0; dy && c < m->output_channels; c++) dy[c * d_stride] = scale * (wn_real)slopes[c];
    return nats;
}

/* ---- PCM -------------------------------------------------------------------------------------------------------- */

/* Pre-emphasised error at t; the error before the chunk is 0. */
static double emphasised(double k, const wn_real *a, const wn_real *b, int t)
{
    double now = (double)a[t] - (b ? (double)b[t] : 0), before = t ? (double)a[t - 1] - (b ? (double)b[t - 1] : 0) : 0;
    return now - k * before;
}

static double pcm_row(const wn_tloss *l, int frames, const wn_real *y, const wn_real *target, wn_real scale,
                      wn_real *dy)
{
    double error = 0, k = l->pre_emphasis, weight = l->squared + (l->esr > 0 ? l->esr / l->energy : 0);
    for (int t = 0; t < frames; t++) {
        double e = emphasised(k, y, target, t);
        error += e * e;
    }
    for (int t = 0; dy && t < frames; t++) {
        double slope = emphasised(k, y, target, t) - (t + 1 < frames ? k * emphasised(k, y, target, t + 1) : 0);
        dy[t] = (wn_real)((double)scale * 2 * weight * slope);
    }
    return weight * error;
}

/* Sum of squares of the pre-emphasised difference of all channels; y.x NULL: of the target itself. */
static double pcm_energy(double k, const wn_model *m, const wn_tchunk *chunk, wn_planar_view y)
{
    double sum = 0;
    for (int c = 0; c < m->output_channels; c++) {
        const wn_real *target = chunk->target + (ptrdiff_t)c * chunk->frames, *row = y.x ? y.x + c * y.stride : target;
        for (int t = 0; t < chunk->frames; t++) {
            double x = emphasised(k, row, y.x ? target : NULL, t);
            sum += x * x;
        }
    }
    return sum;
}

double wn_tloss_energy(double pre_emphasis, const wn_model *m, const wn_tchunk *chunk)
{
    return pcm_energy(pre_emphasis, m, chunk, (wn_planar_view){0});
}

double wn_tloss_error(const wn_model *m, const wn_tchunk *chunk, wn_planar_view y)
{
    return pcm_energy(0, m, chunk, y);
}

/* ---- any -------------------------------------------------------------------------------------------------------- */

double wn_tloss_chunk(const wn_tloss *loss, const wn_model *m, const wn_tchunk *chunk, wn_planar_view y, wn_real scale,
                      wn_planar_view dy)
{
    unsigned parts = wn_distributions[m->output].parts;
    double sum = 0;
    if (parts & WN_DISTRIBUTION_CLASSES)
        return wn_softmax_loss(m->output_channels, chunk->frames, y, chunk->target_class, scale, dy);
    for (int c = 0; !parts && c < m->output_channels; c++)
        sum += pcm_row(loss, chunk->frames, y.x + c * y.stride, chunk->target + (ptrdiff_t)c * chunk->frames, scale,
                       dy.x ? dy.x + c * dy.stride : NULL);
    for (int t = 0; parts && t < chunk->frames; t++)
        sum += density_sample(m, (double)chunk->target[t], y.x + t, y.stride, scale, dy.x ? dy.x + t : NULL, dy.stride);
    return sum;
}
