/* SPDX-License-Identifier: MIT
 * sampler.c - from the network's output to a sample: classes here, densities in model/distribution.c.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/kernels.h"
#include "model/distribution.h"
#include "model/model.h"

struct wn_sampler {
    const wn_model *model;
    const wn_kernels *kernels; /* of whichever set: what is used of it gives the same bits in all */
    wn_sampling settings;
    double temperature; /* of the next draw */
    double *weight;     /* [n_classes] unnormalised probabilities */
    float *largest;     /* [n_classes] scratch of the selection */
    wn_divergence divergence;
};

static bool has_classes(const wn_model *model)
{
    return wn_distributions[model->output].parts & WN_DISTRIBUTION_CLASSES;
}

wn_sampling wn_sampling_default(const wn_model *model)
{
    return (wn_sampling){.temperature = model->temperature,
                         .top_k = model->top_k,
                         .top_p = model->top_p,
                         .temperature_below = model->temperature_below};
}

int wn_model_get_noise_channels(const wn_model *model)
{
    return wn_distribution_noise_channels(model->output, model->n_mixtures);
}

static wn_status check(const wn_sampling *s, wn_error *error)
{
    if (!(s->temperature_below >= 0) || s->temperature_below > 1e6)
        return wn_fail(error, WN_ERROR_ARGUMENT, "temperature_below", "%g, expected 0 to 1e6", s->temperature_below);
    if (!(s->temperature >= 0) || s->temperature > 1e6)
        return wn_fail(error, WN_ERROR_ARGUMENT, "temperature", "%g, expected 0 to 1e6", s->temperature);
    if (s->top_k < 0)
        return wn_fail(error, WN_ERROR_ARGUMENT, "top_k", "%d, expected 0 (all classes) or more", s->top_k);
    if (!(s->top_p > 0 && s->top_p <= 1))
        return wn_fail(error, WN_ERROR_ARGUMENT, "top_p", "%g, expected above 0 and up to 1", s->top_p);
    return WN_OK;
}

wn_status wn_sampler_new(wn_sampler **out, const wn_model *model, const wn_sampling *sampling, wn_error *error)
{
    *out = NULL;
    wn_sampling recommended = wn_sampling_default(model);
    if (!sampling) sampling = &recommended;
    wn_status status = check(sampling, error);
    if (status) return status;
    wn_sampler *s = calloc(1, sizeof *s);
    if (s) {
        size_t n = has_classes(model) ? (size_t)model->output_channels : 1;
        s->model = model;
        s->kernels = wn_kernels_get(0);
        s->settings = *sampling;
        s->temperature = sampling->temperature;
        s->divergence.index = -1;
        s->weight = calloc(n, sizeof *s->weight);
        s->largest = calloc(n, sizeof *s->largest);
    }
    if (!s || !s->weight || !s->largest) {
        wn_sampler_free(s);
        return wn_fail_memory(error, "sampler");
    }
    *out = s;
    return WN_OK;
}

void wn_sampler_free(wn_sampler *sampler)
{
    if (!sampler) return;
    free(sampler->weight);
    free(sampler->largest);
    free(sampler);
}

/* ---- classes --------------------------------------------------------------------------------------------------- */

enum { SIDE_BY_SIDE = 16 }; /* so many chains, that none waits for itself and compilers find their vectors */

/* The first of the largest; 0 where y[0] is none. */
static int most_likely(const float *y, int n)
{
    float best[SIDE_BY_SIDE], most = y[0];
    int i = 0;
    for (int j = 0; j < SIDE_BY_SIDE; j++) best[j] = y[0];
    for (; i + SIDE_BY_SIDE <= n; i += SIDE_BY_SIDE)
        for (int j = 0; j < SIDE_BY_SIDE; j++) best[j] = y[i + j] > best[j] ? y[i + j] : best[j];
    for (int j = 0; i < n; i++, j++) best[j] = y[i] > best[j] ? y[i] : best[j];
    for (int j = 0; j < SIDE_BY_SIDE; j++) most = best[j] > most ? best[j] : most;
    for (i = 0; i < n; i++)
        if (y[i] == most) return i;
    return 0;
}

/* The k-th largest of x[0..n), which is reordered (Hoare's selection). */
static float select_largest(float *x, int n, int k)
{
    int lo = 0, hi = n - 1;
    while (lo < hi) {
        float pivot = x[lo + (hi - lo) / 2];
        int i = lo, j = hi;
        while (i <= j) {
            while (x[i] > pivot) i++;
            while (x[j] < pivot) j--;
            if (i <= j) {
                float swap = x[i];
                x[i++] = x[j];
                x[j--] = swap;
            }
        }
        if (k <= j)
            hi = j;
        else if (k >= i)
            lo = i;
        else
            break;
    }
    return x[k];
}

/* Drop every class but the k likeliest; ties with the last are kept. */
static void keep_top_k(wn_sampler *s, const float *y, int n)
{
    if (s->settings.top_k == 0 || s->settings.top_k >= n) return;
    memcpy(s->largest, y, (size_t)n * sizeof *y);
    float least = select_largest(s->largest, n, s->settings.top_k - 1);
    for (int i = 0; i < n; i++)
        if (y[i] < least) s->weight[i] = 0;
}

static double sum(const double *x, int n)
{
    double part[SIDE_BY_SIDE] = {0}, total = 0;
    int i = 0;
    for (; i + SIDE_BY_SIDE <= n; i += SIDE_BY_SIDE)
        for (int j = 0; j < SIDE_BY_SIDE; j++) part[j] += x[i + j];
    for (int j = 0; i < n; i++, j++) part[j] += x[i];
    for (int j = 0; j < SIDE_BY_SIDE; j++) total += part[j];
    return total;
}

/* A number that orders as floats do, and counts them: neighbours differ by one. */
static int64_t rank(float x)
{
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits < 0 ? -(int64_t)(bits & INT32_MAX) : bits;
}

/* Weight of the classes whose logit ranks at least `least`. */
static double weight_above(const wn_sampler *s, const float *y, int n, int64_t least)
{
    double total = 0;
    for (int i = 0; i < n; i++) total += rank(y[i]) >= least ? s->weight[i] : 0;
    return total;
}

/* Drop all but the smallest set of likeliest classes that holds top_p; ties with the last are kept. Bisection over the
 * ranks of the logits needs no sorting and ends after 33 passes at most, whatever the logits are. */
static void keep_top_p(wn_sampler *s, const float *y, int n)
{
    if (s->settings.top_p >= 1) return;
    double wanted = s->settings.top_p * sum(s->weight, n);
    int64_t low = rank(y[0]), high = low; /* {rank >= low} holds enough, {rank >= high} does not */
    for (int i = 1; i < n; i++) {
        low = rank(y[i]) < low ? rank(y[i]) : low;
        high = rank(y[i]) > high ? rank(y[i]) : high;
    }
    for (high++; high - low > 1;) {
        int64_t middle = low + (high - low) / 2;
        if (weight_above(s, y, n, middle) >= wanted)
            low = middle;
        else
            high = middle;
    }
    for (int i = 0; i < n; i++)
        if (rank(y[i]) < low) s->weight[i] = 0;
}

/* Classes so much less likely than the best are never drawn: e^-50, less than a uniform number's last bit. */
static const double LEAST_WEIGHT = 1.9287498479639178e-22;

/* The first class whose running probability exceeds u. */
static int draw_class(wn_sampler *s, const float *y, double u)
{
    int n = s->model->output_channels, best = most_likely(y, n), last = best;
    double temperature = s->temperature;
    if (temperature == 0) return best;
    for (int i = 0; i < n; i++) s->weight[i] = (double)y[i] - (double)y[best];
    for (int i = 0; i < n && temperature != 1; i++) s->weight[i] /= temperature;
    s->kernels->exp_array(n, s->weight);
    for (int i = 0; i < n; i++) s->weight[i] = s->weight[i] > LEAST_WEIGHT ? s->weight[i] : 0;
    keep_top_k(s, y, n);
    keep_top_p(s, y, n);
    double total = sum(s->weight, n), running = 0;
    for (int i = 0; i < n; i++) {
        running += s->weight[i] / total;
        if (running > u) return i;
        if (s->weight[i] > 0) last = i;
    }
    return last;
}

/* ---- any ------------------------------------------------------------------------------------------------------- */

void wn_sampler_set_feature(wn_sampler *s, float value)
{
    bool below = value < 0.5f && s->settings.temperature_below > 0;
    s->temperature = below ? s->settings.temperature_below : s->settings.temperature;
}

wn_divergence wn_sampler_get_divergence(const wn_sampler *s) { return s->divergence; }

static void note_divergence(wn_sampler *s, uint64_t index, double value)
{
    if (s->divergence.index < 0) s->divergence = (wn_divergence){(int64_t)index, (float)value};
}

/* Finite numbers have another exponent than 255. Without a branch in the loop, compilers find their vectors. */
static void check_finite(wn_sampler *s, uint64_t index, const float *y, int n)
{
    uint32_t found = 0;
    for (int i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &y[i], sizeof bits);
        found |= (bits & 0x7f800000) == 0x7f800000;
    }
    for (int i = 0; found && i < n; i++)
        if (!isfinite(y[i])) note_divergence(s, index, y[i]);
}

/* The sample that x stands for; of what is not a number, silence. */
static float clip_sample(wn_sampler *s, uint64_t index, double x)
{
    if (!(fabs(x) <= WN_MAX_SAMPLE)) note_divergence(s, index, x);
    return (float)(x < -1 ? -1 : x > 1 ? 1 : x == x ? x : 0);
}

float wn_sampler_draw(wn_sampler *s, uint32_t voice, uint64_t index, const float *noise, const float *y, int32_t *c)
{
    const wn_model *m = s->model;
    wn_noise_source source = {.recorded = noise, .seed = s->settings.seed, .index = index, .voice = voice};
    check_finite(s, index, y, m->output_channels);
    if (has_classes(m)) {
        *c = draw_class(s, y, wn_noise_uniform(&source, 0));
        return m->input.values[*c];
    }
    if (!wn_distributions[m->output].parts) return clip_sample(s, index, y[0]);
    return clip_sample(s, index, wn_distribution_draw(m->output, m->n_mixtures, s->temperature, y, &source));
}
