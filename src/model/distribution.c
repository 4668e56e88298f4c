/* SPDX-License-Identifier: MIT
 * distribution.c - the kinds of output. A new kind is a row at the end of this file and an id in wavenet.h.
 * Copyright (c) 2026 the wavenet authors */
#include "model/distribution.h"

#include <math.h>
#include <stddef.h>

#include "base/exact_math.h"
#include "base/random.h"
#include "kinds/log_sum_exp.h"

#define LN_2 0.69314718055994531

/* ---- random numbers ----------------------------------------------------------------------------------------------- */

double wn_noise_uniform(const wn_noise_source *r, uint32_t n)
{
    return r->recorded ? (double)r->recorded[n] : wn_random_uniform(r->seed, r->voice, r->index, n);
}

/* Counted numbers stay off the ends, as the published implementation's do: it cuts the tails, too. */
static double clipped_uniform(const wn_noise_source *r, uint32_t n)
{
    double u = wn_noise_uniform(r, n);
    return r->recorded ? u : fmin(fmax(u, 1e-5), 1 - 1e-5);
}

/* A standard normal; recorded ones are used as they are. Box and Muller (1958), one of the pair. */
static double standard_normal(const wn_noise_source *r, uint32_t n)
{
    if (r->recorded) return (double)r->recorded[n];
    double sine, cosine, radius = sqrt(-2 * wn_log(wn_noise_uniform(r, n)));
    wn_sincos(wn_noise_uniform(r, n + 1), &sine, &cosine);
    return radius * cosine;
}

static double standard_logistic(const wn_noise_source *r, uint32_t n)
{
    double u = clipped_uniform(r, n);
    return wn_log(u) - wn_log(1 - u);
}

/* ---- densities ---------------------------------------------------------------------------------------------------- */

/* log(1 + e^x) without overflow. */
static double softplus(double x) { return x > 30 ? x : log1p(exp(x)); }

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

/* Log probability of the bin of width 2/65535 around x under a logistic (Salimans et al., PixelCNN++, section 2.1, with
 * the constants of the public vocoder): the outermost bins take the tails, tiny ones the density at their centre. */
static wn_density logistic_bin(double x, double mean, double log_scale, bool slopes)
{
    const double half = 1.0 / 65535;
    double inverse = exp(-log_scale), centred = x - mean, middle = inverse * centred;
    double upper = inverse * (centred + half), lower = inverse * (centred - half);
    wn_density d = {0};
    if (x < -0.999) {
        d.log_p = upper - softplus(upper);
        double s = slopes ? sigmoid(-upper) : 0;
        d.d_mean = -inverse * s;
        d.d_log_scale = -upper * s;
    } else if (x > 0.999) {
        d.log_p = -softplus(lower);
        double s = slopes ? sigmoid(lower) : 0;
        d.d_mean = inverse * s;
        d.d_log_scale = lower * s;
    } else {
        double su = sigmoid(upper), sl = sigmoid(lower), width = inverse * half;
        /* The same probability by two formulas. Scores keep the bits of the published one. Slopes are divided by p, so
         * training takes the one without cancellation. */
        double p = slopes ? su * sigmoid(-lower) * -expm1(-2 * width) : su - sl;
        if (p > 1e-5) {
            double by_m = 1 - su - sl, by_width = slopes ? (su * (1 - su) + sl * (1 - sl)) / p : 0;
            d.log_p = log(p);
            d.d_mean = -inverse * by_m;
            d.d_log_scale = -(middle * by_m + width * by_width);
        } else {
            double slope = slopes ? 1 - 2 * sigmoid(middle) : 0;
            d.log_p = middle - log_scale - 2 * softplus(middle) - log(65535 / 2.0);
            d.d_mean = -inverse * slope;
            d.d_log_scale = -1 - middle * slope;
        }
    }
    return d;
}

static wn_density gaussian_density(double x, double mean, double log_scale, bool slopes)
{
    double inverse = exp(-log_scale), z = (x - mean) * inverse;
    const double ln_sqrt_2_pi = 0.91893853320467274178;
    return (wn_density){-0.5 * z * z - log_scale - ln_sqrt_2_pi, z * inverse, z * z - 1};
}

/* ---- the kinds ---------------------------------------------------------------------------------------------------- */

const wn_distribution wn_distributions[] = {
    [WN_OUTPUT_PCM] = {.name = "pcm", .title = "PCM", .loss_unit = 1, .initial_gain = 1},
    [WN_OUTPUT_CATEGORICAL] = {.name = "categorical",
                               .title = "classes",
                               .parts = WN_DISTRIBUTION_CLASSES,
                               .loss_unit = LN_2,
                               .initial_gain = 0.1},
    [WN_OUTPUT_LOGISTICS] = {.name = "logistics",
                             .title = "mixture of logistics",
                             .parts = WN_DISTRIBUTION_MIXTURE,
                             .loss_unit = LN_2,
                             .initial_gain = 0.1,
                             .bins = 65536,
                             .density = logistic_bin,
                             .standard = standard_logistic},
    [WN_OUTPUT_GAUSSIANS] = {.name = "gaussians",
                             .title = "mixture of Gaussians",
                             .parts = WN_DISTRIBUTION_MIXTURE,
                             .loss_unit = LN_2,
                             .initial_gain = 0.1,
                             .density = gaussian_density,
                             .standard = standard_normal},
    [WN_OUTPUT_GAUSSIAN] = {.name = "gaussian",
                            .title = "Gaussian",
                            .parts = WN_DISTRIBUTION_DENSITY,
                            .loss_unit = LN_2,
                            .initial_gain = 0.1,
                            .density = gaussian_density,
                            .standard = standard_normal},
};
_Static_assert(sizeof wn_distributions / sizeof *wn_distributions == WN_OUTPUT_COUNT, "a row for every kind of output");

int wn_distribution_channels(wn_output_kind kind, int n_classes, int n_mixtures)
{
    unsigned parts = wn_distributions[kind].parts;
    if (parts & WN_DISTRIBUTION_CLASSES) return n_classes;
    return parts & WN_DISTRIBUTION_MIXTURE ? 3 * n_mixtures : parts & WN_DISTRIBUTION_DENSITY ? 2 : 0;
}

int wn_distribution_noise_channels(wn_output_kind kind, int n_mixtures)
{
    unsigned parts = wn_distributions[kind].parts;
    return parts & WN_DISTRIBUTION_MIXTURE ? n_mixtures + 1 : parts ? 1 : 0;
}

/* ---- likelihood --------------------------------------------------------------------------------------------------- */

WN_DEFINE_LOG_SUM_EXP(log_sum_exp, double)

static double mixture_nll(const wn_distribution *d, int n, double log_scale_min, const double *y, double x, double *dy)
{
    double terms[WN_DISTRIBUTION_MAX_MIXTURES], weights = log_sum_exp(y, n), highest = -INFINITY, total = 0;
    for (int j = 0; j < n; j++) {
        double log_scale = y[2 * n + j];
        wn_density p = d->density(x, y[n + j], fmax(log_scale, log_scale_min), dy != NULL);
        terms[j] = y[j] - weights;
        terms[j] += p.log_p;
        highest = fmax(highest, terms[j]);
        if (!dy) continue;
        dy[n + j] = -p.d_mean;
        dy[2 * n + j] = log_scale < log_scale_min ? 0 : -p.d_log_scale; /* a clamped log scale has no slope */
    }
    for (int j = 0; j < n; j++) total += exp(terms[j] - highest);
    double log_p = highest + log(total);
    for (int j = 0; dy && j < n; j++) {
        double share = exp(terms[j] - log_p);
        dy[j] = exp(y[j] - weights) - share;
        dy[n + j] *= share;
        dy[2 * n + j] *= share;
    }
    return -log_p;
}

double wn_distribution_nll(wn_output_kind kind, int n_mixtures, double log_scale_min, const double *y, double x,
                           double *dy)
{
    const wn_distribution *d = &wn_distributions[kind];
    if (d->parts & WN_DISTRIBUTION_MIXTURE) return mixture_nll(d, n_mixtures, log_scale_min, y, x, dy);
    wn_density p = d->density(x, y[0], fmax(y[1], log_scale_min), dy != NULL);
    if (dy) {
        dy[0] = -p.d_mean;
        dy[1] = y[1] < log_scale_min ? 0 : -p.d_log_scale;
    }
    return -p.log_p;
}

/* ---- sampling ----------------------------------------------------------------------------------------------------- */

/* Component by the Gumbel maximum trick. */
static int draw_component(int n, double temperature, const float *y, const wn_noise_source *r)
{
    int best = 0;
    double highest = -INFINITY;
    for (int j = 0; j < n; j++) {
        double score = (double)y[j] - temperature * wn_log(-wn_log(clipped_uniform(r, (uint32_t)j)));
        if (score > highest) {
            highest = score;
            best = j;
        }
    }
    return best;
}

double wn_distribution_draw(wn_output_kind kind, int n, double temperature, const float *y, const wn_noise_source *r)
{
    const wn_distribution *d = &wn_distributions[kind];
    if (!(d->parts & WN_DISTRIBUTION_MIXTURE))
        return (double)y[0] + (temperature ? temperature * wn_exp((double)y[1]) * d->standard(r, 0) : 0);
    int j = draw_component(n, temperature, y, r);
    double mean = (double)y[n + j], scale = temperature * wn_exp((double)y[2 * n + j]);
    return temperature == 0 ? mean : mean + scale * d->standard(r, (uint32_t)n);
}
