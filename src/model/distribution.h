/* SPDX-License-Identifier: MIT
 * distribution.h - what a network's output stands for: one row per kind, with its scalar mathematics.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_MODEL_DISTRIBUTION_H
#define WN_MODEL_DISTRIBUTION_H

#include <stdbool.h>
#include <stdint.h>

#include "wavenet/wavenet.h"

/* The parameters that a kind's output consists of. A kind without any of these outputs the sample itself. */
enum {
    WN_DISTRIBUTION_CLASSES = 1, /* a logit per class */
    WN_DISTRIBUTION_DENSITY = 2, /* a mean and a log scale */
    WN_DISTRIBUTION_MIXTURE = 4  /* of M densities: M logits, M means, M log scales */
};

enum { WN_DISTRIBUTION_MAX_MIXTURES = 1024 };

/* The random numbers of one sample: recorded, or counted from (seed, voice, index). */
typedef struct wn_noise_source {
    const float *recorded; /* or NULL */
    uint64_t seed, index;
    uint32_t voice;
} wn_noise_source;

double wn_noise_uniform(const wn_noise_source *source, uint32_t n); /* number n, in (0, 1) */

/* Log density at x of a component, and its derivatives. */
typedef struct wn_density {
    double log_p, d_mean, d_log_scale;
} wn_density;

typedef struct wn_distribution {
    const char *name;    /* in config files */
    const char *title;   /* for a reader */
    unsigned parts;      /* WN_DISTRIBUTION_... */
    double loss_unit;    /* nats in one unit of the loss that is shown: ln 2 for bits, 1 */
    double initial_gain; /* of the weights of the last convolution when training starts */
    int bins;            /* values that probabilities count; 0: classes, or a density */

    /* Density or log probability at x; the derivatives are defined with `slopes` only. parts & DENSITY or MIXTURE. */
    wn_density (*density)(double x, double mean, double log_scale, bool slopes);
    /* A draw at mean 0 and scale 1, from number n of the source. Real-time safe. */
    double (*standard)(const wn_noise_source *source, uint32_t n);
} wn_distribution;

extern const wn_distribution wn_distributions[WN_OUTPUT_COUNT];

/* Channels of the output; 0 where the kind leaves it to the model. */
int wn_distribution_channels(wn_output_kind kind, int n_classes, int n_mixtures);

/* Random numbers per sample. */
int wn_distribution_noise_channels(wn_output_kind kind, int n_mixtures);

/* Negative log likelihood of x in nats under y [channels], a kind with DENSITY or MIXTURE. Log scales are at least
 * log_scale_min. dy [channels] is its gradient, or NULL. */
double wn_distribution_nll(wn_output_kind kind, int n_mixtures, double log_scale_min, const double *y, double x,
                           double *dy);

/* A draw from y [channels], a kind with DENSITY or MIXTURE; it may be beyond -1 .. 1. Temperature scales the deviation and divides the
 * logits; 0 takes the likeliest. Real-time safe. */
double wn_distribution_draw(wn_output_kind kind, int n_mixtures, double temperature, const float *y,
                            const wn_noise_source *source);

#endif
