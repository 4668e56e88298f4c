/* SPDX-License-Identifier: MIT
 * test_sampler.c - what is drawn against the distribution it is drawn from; likelihoods that must add up to one.
 * Copyright (c) 2026 the wavenet authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drawn.h"

/* ---- models and helpers ---------------------------------------------------------------------------------------------- */

/* n: classes or mixtures. */
static wn_model *model_of(wn_output_kind kind, int n)
{
    chance c = {1};
    wn_model *m = drawn_bare(&c);
    m->output = kind;
    if (kind == WN_OUTPUT_CATEGORICAL) {
        m->input.n_classes = n;
        m->input.companding = WN_MULAW_MIDTREAD;
    } else if (kind == WN_OUTPUT_LOGISTICS || kind == WN_OUTPUT_GAUSSIANS) {
        m->n_mixtures = n;
    }
    m->output_channels = kind == WN_OUTPUT_CATEGORICAL ? n : kind == WN_OUTPUT_GAUSSIAN ? 2 : 3 * n;
    m->autoregressive = true;
    m->log_scale_min = -INFINITY;
    m->stacks[0].channels = m->output_channels;
    drawn_conv(&c, m->arena, &m->stacks[0].rechannel,
               n * (kind == WN_OUTPUT_CATEGORICAL) + (kind != WN_OUTPUT_CATEGORICAL), m->output_channels, 1, 1, 1,
               false);
    drawn_finish(m);
    return m;
}

static wn_sampler *sampler_of(const wn_model *m, uint64_t seed, double temperature, int top_k, double top_p)
{
    wn_sampler *s;
    wn_sampling settings = {.seed = seed, .temperature = temperature, .top_k = top_k, .top_p = top_p};
    assert_int_equal(wn_sampler_new(&s, m, &settings, NULL), WN_OK);
    return s;
}

static void draw_logits(chance *c, float *y, int n, double spread)
{
    for (int i = 0; i < n; i++) y[i] = (float)(spread * chance_normal(c));
}

/* Probabilities of logits divided by the temperature. */
static void softmax(const float *y, int n, double temperature, double *p)
{
    long double total = 0;
    for (int i = 0; i < n; i++) total += expl((long double)y[i] / temperature);
    for (int i = 0; i < n; i++) p[i] = (double)(expl((long double)y[i] / temperature) / total);
}

/* Keep the k likeliest of p, then the smallest set of likeliest that holds `share`; ties with the last stay; normalise. */
static void truncate(double *p, int n, int k, double share)
{
    for (int pass = 0; pass < 2; pass++) {
        double total = 0, kept = 0, least = 2;
        for (int i = 0; i < n; i++) total += p[i];
        for (int count = 0; count < n; count++) {
            if (pass == 0 ? k && count >= k : kept >= share * total) break;
            double next = 0; /* the likeliest below those kept, and how many share it */
            for (int i = 0; i < n; i++)
                if (p[i] < least && p[i] > next) next = p[i];
            if (next == 0) break;
            for (int i = 0, ties = 0; i < n; i++)
                if (p[i] == next) {
                    kept += p[i];
                    count += ties++ > 0;
                }
            least = next;
        }
        for (int i = 0; i < n; i++) p[i] = p[i] >= least ? p[i] : 0;
    }
    double total = 0;
    for (int i = 0; i < n; i++) total += p[i];
    for (int i = 0; i < n; i++) p[i] /= total;
}

/* Upper point of chi-square with n degrees of freedom that chance passes once in a million (Wilson and Hilferty). */
static double chi_square_limit(int n)
{
    double h = 2.0 / (9.0 * n), z = 4.753;
    return n * pow(1 - h + z * sqrt(h), 3);
}

/* ---- classes: statistics ----------------------------------------------------------------------------------------------- */

static void frequencies(double temperature, int top_k, double top_p, uint64_t seed)
{
    enum { N = 16, DRAWS = 100000 };
    chance c = {seed};
    float y[N];
    double p[N], counts[N] = {0}, chi = 0;
    draw_logits(&c, y, N, 1.5);
    softmax(y, N, temperature, p);
    truncate(p, N, top_k, top_p);
    wn_model *m = model_of(WN_OUTPUT_CATEGORICAL, N);
    wn_sampler *s = sampler_of(m, seed, temperature, top_k, top_p);
    for (uint64_t i = 0; i < DRAWS; i++) {
        int32_t k = -1;
        float x = wn_sampler_draw(s, (uint32_t)(i % 3), i / 3, NULL, y, &k);
        assert_true(k >= 0 && k < N && x == m->input.values[k]);
        counts[k]++;
    }
    int bins = 0;
    for (int i = 0; i < N; i++) {
        if (p[i] == 0) assert_true(counts[i] == 0);
        if (p[i] * DRAWS < 5) continue;
        chi += pow(counts[i] - p[i] * DRAWS, 2) / (p[i] * DRAWS);
        bins++;
    }
    if (!(bins < 2 || chi < chi_square_limit(bins - 1)))
        fail_msg("T %g, k %d, p %g: chi-square %g in %d bins", temperature, top_k, top_p, chi, bins);
    wn_sampler_free(s);
    wn_model_free(m);
}

static void class_frequencies(void **state)
{
    (void)state;
    frequencies(1, 0, 1, 1);
    frequencies(0.5, 0, 1, 2);
    frequencies(2, 0, 1, 3);
    frequencies(1, 5, 1, 4);
    frequencies(1, 1, 1, 5);
    frequencies(1, 0, 0.7, 6);
    frequencies(0.8, 7, 0.9, 7);
    frequencies(1, 100, 1, 8);
    frequencies(1, 0, 1e-9, 9);
}

/* ---- classes: exactly which -------------------------------------------------------------------------------------------- */

static int drawn_class(wn_sampler *s, const float *y, float u)
{
    int32_t k = -1;
    wn_sampler_draw(s, 0, 0, &u, y, &k);
    return k;
}

/* The first class whose running probability exceeds u, away from the edges where rounding may decide. */
static void expect_class(wn_sampler *s, const float *y, const double *p, int n, float u)
{
    double running = 0;
    for (int i = 0; i < n; i++) {
        running += p[i];
        if (p[i] && fabs(running - (double)u) < 1e-12) return;
        if (running > (double)u) {
            assert_int_equal(drawn_class(s, y, u), i);
            return;
        }
    }
}

static void class_selection(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        chance c = {seed};
        int n = chance_int(&c, 4, 300), k = chance_percent(&c, 50) ? chance_int(&c, 1, n + 3) : 0;
        double t = 0.2 + 2 * chance_uniform(&c), share = chance_percent(&c, 60) ? chance_uniform(&c) : 1;
        float y[300];
        double p[300];
        draw_logits(&c, y, n, 3);
        for (int i = 0; chance_percent(&c, 40) && i < n; i++) /* ties */
            y[i] = roundf(y[i]);
        softmax(y, n, t, p);
        truncate(p, n, k, share);
        wn_model *m = model_of(WN_OUTPUT_CATEGORICAL, n);
        wn_sampler *s = sampler_of(m, 0, t, k, share);
        for (int i = 0; i < 50; i++) expect_class(s, y, p, n, (float)chance_uniform(&c));
        wn_sampler_free(s);
        wn_model_free(m);
    }
}

/* Where u meets an edge exactly: "exceeds", not "reaches". */
static void class_edges(void **state)
{
    (void)state;
    wn_model *m = model_of(WN_OUTPUT_CATEGORICAL, 4);
    wn_sampler *s = sampler_of(m, 0, 1, 0, 1);
    const float flat[4] = {2, 2, 2, 2}, dead[4] = {-2000, 0, -2000, 0};
    assert_int_equal(drawn_class(s, flat, 0), 0);
    assert_int_equal(drawn_class(s, flat, nextafterf(0.25f, 0)), 0);
    assert_int_equal(drawn_class(s, flat, 0.25f), 1);
    assert_int_equal(drawn_class(s, flat, 0.5f), 2);
    assert_int_equal(drawn_class(s, flat, 0.75f), 3);
    assert_int_equal(drawn_class(s, flat, 1), 3);
    assert_int_equal(drawn_class(s, dead, 0), 1);
    assert_int_equal(drawn_class(s, dead, 0.5f), 3);
    assert_int_equal(drawn_class(s, dead, 1), 3);
    const float last_dead[4] = {0, 0, -2000, -2000};
    assert_int_equal(drawn_class(s, last_dead, 1), 1);
    wn_sampler_free(s);
    s = sampler_of(m, 0, 0, 0, 1);
    const float tied[4] = {1, 3, 3, 2};
    for (int i = 0; i < 10; i++) assert_int_equal(drawn_class(s, tied, (float)i / 10), 1);
    wn_sampler_free(s);
    wn_model_free(m);
}

static void top_k_and_p_ties(void **state)
{
    (void)state;
    wn_model *m = model_of(WN_OUTPUT_CATEGORICAL, 6);
    const float y[6] = {0, 1, 1, 1, 0, -5};
    wn_sampler *s = sampler_of(m, 0, 1, 2, 1); /* the three ones tie for second place: all stay */
    assert_int_equal(drawn_class(s, y, 0), 1);
    assert_int_equal(drawn_class(s, y, 0.5f), 2);
    assert_int_equal(drawn_class(s, y, 0.99f), 3);
    wn_sampler_free(s);
    s = sampler_of(m, 0, 1, 0, 0.3); /* one of the ones holds 0.27, so two would do: all stay */
    assert_int_equal(drawn_class(s, y, 0), 1);
    assert_int_equal(drawn_class(s, y, 0.34f), 2);
    assert_int_equal(drawn_class(s, y, 0.99f), 3);
    wn_sampler_free(s);
    wn_model_free(m);
}

/* One dead class far below must not blunt the choice between the others. */
static void top_p_with_far_logits(void **state)
{
    (void)state;
    wn_model *m = model_of(WN_OUTPUT_CATEGORICAL, 4);
    const float depths[] = {-1e3f, -1e9f, -1e20f, -3e38f, -INFINITY};
    for (int i = 0; i < 5; i++) {
        const float y[4] = {0, 0.001f, -0.001f, depths[i]};
        wn_sampler *s = sampler_of(m, 0, 1, 0, 0.3); /* class 1 alone holds a third */
        for (int u = 0; u <= 10; u++) assert_int_equal(drawn_class(s, y, (float)u / 10), 1);
        wn_sampler_free(s);
    }
    wn_model_free(m);
}

/* Whatever the network says, a class comes out and a finite sample. */
static void logits_that_are_not_numbers(void **state)
{
    (void)state;
    static const float odd[] = {NAN, INFINITY, -INFINITY, 3e38f, -3e38f, 0};
    for (uint64_t seed = 1; seed <= 300; seed++) {
        chance c = {seed};
        wn_output_kind kind = (wn_output_kind)chance_int(&c, WN_OUTPUT_CATEGORICAL, WN_OUTPUT_GAUSSIAN);
        wn_model *m = model_of(kind, chance_int(&c, 4, 9));
        wn_sampler *s = sampler_of(m, seed, 2 * chance_uniform(&c) * chance_int(&c, 0, 1), chance_int(&c, 0, 3),
                                   chance_percent(&c, 50) ? 1 : 0.5);
        float y[32];
        for (int i = 0; i < 32; i++) y[i] = odd[chance_int(&c, 0, 5)];
        for (uint64_t i = 0; i < 20; i++) {
            int32_t k = 0;
            float x = wn_sampler_draw(s, 0, i, NULL, y, &k);
            assert_true(k >= 0 && k < m->output_channels && x >= -1 && x <= 1);
        }
        wn_sampler_free(s);
        wn_model_free(m);
    }
}

/* A draw that is no sound is remembered, the first of them; what is finite and below WN_MAX_SAMPLE is not. */
static void divergence(void **state)
{
    (void)state;
    const struct {
        wn_output_kind kind;
        float y[6];
        bool diverges;
        float value;
    } cases[] = {
        {WN_OUTPUT_CATEGORICAL, {0, 3e38f, -3e38f, 1, 2, 3}, false, 0},
        {WN_OUTPUT_CATEGORICAL, {0, 1, 2, 3, INFINITY, NAN}, true, INFINITY},
        {WN_OUTPUT_CATEGORICAL, {0, 1, 2, -INFINITY, 4, 5}, true, -INFINITY},
        {WN_OUTPUT_LOGISTICS, {0, 0, 999, -999, -30, -30}, false, 0},
        {WN_OUTPUT_LOGISTICS, {0, 0, 1001, 1001, -30, -30}, true, 1001},
        {WN_OUTPUT_GAUSSIANS, {0, 0, 0, -INFINITY, -30, -30}, true, -INFINITY},
        {WN_OUTPUT_GAUSSIAN, {-1000, -30}, false, 0},
        {WN_OUTPUT_GAUSSIAN, {-1500, -30}, true, -1500},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wn_model *m = model_of(cases[i].kind, cases[i].kind == WN_OUTPUT_CATEGORICAL ? 6 : 2);
        wn_sampler *s = sampler_of(m, 1, 0, 0, 1);
        const float fine[6] = {0};
        int32_t k;
        assert_int_equal(wn_sampler_get_divergence(s).index, -1);
        for (uint64_t t = 0; t < 9; t++) {
            float x = wn_sampler_draw(s, 0, t, NULL, t == 4 || t == 6 ? cases[i].y : fine, &k);
            assert_true(x >= -1 && x <= 1);
        }
        wn_divergence d = wn_sampler_get_divergence(s);
        assert_int_equal(d.index, cases[i].diverges ? 4 : -1);
        if (cases[i].diverges) assert_true(d.value == cases[i].value || fabsf(d.value - cases[i].value) < 1e-3f);
        wn_sampler_free(s);
        wn_model_free(m);
    }
}

/* ---- continuous: statistics ----------------------------------------------------------------------------------------------- */

static double logistic_cdf(double z) { return 1 / (1 + exp(-z)); }
static double normal_cdf(double z) { return 0.5 * erfc(-z * 0.70710678118654752); }

static double cdf(const wn_model *m, const float *y, double temperature, double x)
{
    if (m->output == WN_OUTPUT_GAUSSIAN) return normal_cdf((x - (double)y[0]) / (temperature * exp((double)y[1])));
    int n = m->n_mixtures;
    double p[8], total = 0;
    softmax(y, n, temperature, p);
    for (int j = 0; j < n; j++) {
        double z = (x - (double)y[n + j]) / (temperature * exp((double)y[2 * n + j]));
        total += p[j] * (m->output == WN_OUTPUT_LOGISTICS ? logistic_cdf(z) : normal_cdf(z));
    }
    return total;
}

static int ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Kolmogorov and Smirnov: sqrt(N) times the largest gap exceeds 2.7 about once in a million times. Clipped samples stand
 * at the ends, where only their number counts. */
static void distribution(wn_output_kind kind, int n, double temperature, double centre, uint64_t seed)
{
    enum { DRAWS = 60000 };
    chance c = {seed};
    wn_model *m = model_of(kind, n);
    wn_sampler *s = sampler_of(m, seed, temperature, 0, 1);
    float y[24], *x = malloc(DRAWS * sizeof *x);
    draw_logits(&c, y, 24, 1);
    int means = kind == WN_OUTPUT_GAUSSIAN ? 0 : n, count = kind == WN_OUTPUT_GAUSSIAN ? 1 : n;
    for (int j = 0; j < count; j++) {
        y[means + j] = (float)(centre + 0.3 * chance_normal(&c));
        y[means + count + j] = (float)(-3 + 0.7 * chance_normal(&c));
    }
    int32_t k = 77;
    for (uint64_t i = 0; i < DRAWS; i++) x[i] = wn_sampler_draw(s, 2, i, NULL, y, &k);
    assert_int_equal(k, 77); /* untouched */
    qsort(x, DRAWS, sizeof *x, ascending);
    assert_true(x[0] >= -1 && x[DRAWS - 1] <= 1);
    double gap = 0;
    for (int i = 0; i < DRAWS; i++) {
        double f = cdf(m, y, temperature, (double)x[i]);
        if (x[i] > -1 && x[i] < 1)
            gap = fmax(gap, fmax(fabs(f - (double)i / DRAWS), fabs(f - (double)(i + 1) / DRAWS)));
    }
    if (!(gap * sqrt(DRAWS) < 2.7))
        fail_msg("output %d, %d components, T %g: gap %g", kind, n, temperature, gap * sqrt(DRAWS));
    free(x);
    wn_sampler_free(s);
    wn_model_free(m);
}

static void continuous_distributions(void **state)
{
    (void)state;
    static const double temperatures[] = {1, 0.6, 1.5};
    for (int i = 0; i < 3; i++) {
        uint64_t seed = (uint64_t)i;
        distribution(WN_OUTPUT_GAUSSIAN, 1, temperatures[i], 0, seed + 1);
        distribution(WN_OUTPUT_GAUSSIANS, 1, temperatures[i], 0, seed + 10);
        distribution(WN_OUTPUT_GAUSSIANS, 4, temperatures[i], 0.5, seed + 20);
        distribution(WN_OUTPUT_LOGISTICS, 1, temperatures[i], 0, seed + 30);
        distribution(WN_OUTPUT_LOGISTICS, 8, temperatures[i], -0.9, seed + 40);
    }
}

/* Temperature 0: the likeliest component's mean, clipped. */
static void continuous_at_zero(void **state)
{
    (void)state;
    for (int kind = WN_OUTPUT_LOGISTICS; kind <= WN_OUTPUT_GAUSSIANS; kind++) {
        wn_model *m = model_of((wn_output_kind)kind, 3);
        wn_sampler *s = sampler_of(m, 5, 0, 0, 1);
        const float y[9] = {0.1f, 0.3f, 0.2f, -0.5f, 0.25f, 0.75f, 5, 5, 5}, far[9] = {1, 0, 0, -7, 0, 0, 0, 0, 0};
        for (uint64_t i = 0; i < 50; i++) {
            assert_true(wn_sampler_draw(s, 0, i, NULL, y, NULL) == 0.25f);
            assert_true(wn_sampler_draw(s, 0, i, NULL, far, NULL) == -1);
        }
        wn_sampler_free(s);
        wn_model_free(m);
    }
    wn_model *m = model_of(WN_OUTPUT_GAUSSIAN, 1);
    wn_sampler *s = sampler_of(m, 5, 0, 0, 1);
    const float y[2] = {0.5f, 100};
    assert_true(wn_sampler_draw(s, 0, 0, NULL, y, NULL) == 0.5f);
    wn_sampler_free(s);
    wn_model_free(m);
}

/* Recorded numbers: argmax(logit - log(-log u_j)), then mean + e^s (log u - log(1-u)) or mean + e^s z. */
static void recorded_draws(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        chance c = {seed};
        wn_output_kind kind = (wn_output_kind)chance_int(&c, WN_OUTPUT_LOGISTICS, WN_OUTPUT_GAUSSIAN);
        int n = kind == WN_OUTPUT_GAUSSIAN ? 1 : chance_int(&c, 1, 8), best = 0;
        wn_model *m = model_of(kind, n);
        wn_sampler *s = sampler_of(m, 0, 1, 0, 1);
        float y[24], u[9];
        draw_logits(&c, y, 24, 1);
        for (int i = 0; i <= n; i++) u[i] = (float)(1e-5 + (1 - 2e-5) * chance_uniform(&c));
        int numbers = wn_model_get_noise_channels(m);
        assert_int_equal(numbers, kind == WN_OUTPUT_GAUSSIAN ? 1 : n + 1);
        if (kind != WN_OUTPUT_LOGISTICS) u[numbers - 1] = (float)chance_normal(&c);
        for (int j = 1; j < n; j++)
            if (logl(-logl((long double)u[j])) - (long double)y[j] <
                logl(-logl((long double)u[best])) - (long double)y[best])
                best = j;
        long double v = (long double)u[numbers - 1];
        long double noise = kind == WN_OUTPUT_LOGISTICS ? logl(v) - log1pl(-v) : v;
        const float *mean = kind == WN_OUTPUT_GAUSSIAN ? y : y + n + best,
                    *scale = kind == WN_OUTPUT_GAUSSIAN ? y + 1 : mean + n;
        double r = (double)((long double)*mean + expl((long double)*scale) * noise);
        float x = wn_sampler_draw(s, 0, 0, u, y, NULL);
        assert_true(fabs((double)x - fmin(fmax(r, -1), 1)) < 1e-7);
        wn_sampler_free(s);
        wn_model_free(m);
    }
}

/* No state: the draw of (seed, voice, index) is the same in any order, and each of the three matters. */
static void draws_have_no_order(void **state)
{
    (void)state;
    wn_model *m = model_of(WN_OUTPUT_GAUSSIANS, 3);
    wn_sampler *s = sampler_of(m, 1, 1, 0, 1), *other = sampler_of(m, 2, 1, 0, 1);
    const float y[9] = {0, 0, 0, 0, 0, 0, -2, -2, -2};
    float first[64];
    int same_voice = 0, same_seed = 0;
    for (uint64_t i = 0; i < 64; i++) first[i] = wn_sampler_draw(s, 0, i, NULL, y, NULL);
    for (uint64_t i = 64; i-- > 0;) {
        same_voice += first[i] == wn_sampler_draw(s, 1, i, NULL, y, NULL);
        same_seed += first[i] == wn_sampler_draw(other, 0, i, NULL, y, NULL);
        assert_true(first[i] == wn_sampler_draw(s, 0, i, NULL, y, NULL));
    }
    assert_true(same_voice <= 1 && same_seed <= 1);
    wn_sampler_free(s);
    wn_sampler_free(other);
    wn_model_free(m);
}

/* ---- likelihoods ---------------------------------------------------------------------------------------------------------- */

static void class_likelihood(void **state)
{
    (void)state;
    chance c = {8};
    wn_model *m = model_of(WN_OUTPUT_CATEGORICAL, 256);
    for (int i = 0; i < 20; i++) {
        float y[256];
        double p[256], total = 0;
        draw_logits(&c, y, 256, i);
        softmax(y, 256, 1, p);
        for (int k = 0; k < 256; k++) {
            double nll = wn_model_nll(m, y, 0, k);
            assert_true(fabs(nll + log(p[k])) <= 1e-12 * fmax(1, nll));
            total += exp(-nll);
        }
        assert_true(fabs(total - 1) < 1e-12);
        assert_true(isinf(wn_model_nll(m, y, 0, -1)) && isinf(wn_model_nll(m, y, 0, 256)));
    }
    wn_model_free(m);
}

static void mixture_parameters(chance *c, float *y, int n, double centre, double log_scale)
{
    for (int j = 0; j < n; j++) {
        y[j] = (float)chance_normal(c);
        y[n + j] = (float)(centre + 0.1 * chance_normal(c));
        y[2 * n + j] = (float)(log_scale + 0.3 * chance_normal(c));
    }
}

/* 65 536 bins away from the ends, where the published formula gives each of the outermost bins the whole tail. Bins
 * below 1e-5 take the density times the width: the middle rule, exact to (width / scale)^2 / 24. */
static void logistic_bins(void **state)
{
    (void)state;
    wn_model *m = model_of(WN_OUTPUT_LOGISTICS, 4);
    static const double scales[] = {-3, -4, -5, -6, -7};
    for (int i = 0; i < 5; i++) {
        chance c = {(uint64_t)i};
        float y[12];
        mixture_parameters(&c, y, 4, 0, scales[i]);
        double total = 0;
        for (int k = 0; k < 65536; k++) total += exp(-wn_model_nll(m, y, (float)(2.0 * k / 65535 - 1), 0));
        assert_true(fabs(total - 1) < 1e-4);
    }
    wn_model_free(m);
}

/* Each bin's probability from differences of the distribution function in long double; both ends and narrow components. */
static void logistic_bin_values(void **state)
{
    (void)state;
    wn_model *m = model_of(WN_OUTPUT_LOGISTICS, 3);
    chance c = {3};
    for (int i = 0; i < 4000; i++) {
        float y[9], x = i % 8 == 0 ? -1 : i % 8 == 1 ? 1 : (float)(2 * chance_uniform(&c) - 1);
        mixture_parameters(&c, y, 3, i % 8 < 2 ? (double)x : 0.3 * chance_normal(&c), -1 - 7 * chance_uniform(&c));
        double p[3];
        long double total = 0, half = 1.0L / 65535;
        softmax(y, 3, 1, p);
        for (int j = 0; j < 3; j++) {
            long double inverse = expl(-(long double)y[6 + j]), z = ((long double)x - (long double)y[3 + j]) * inverse;
            long double upper = 1 / (1 + expl(-z - half * inverse)), lower = 1 / (1 + expl(-z + half * inverse));
            long double bin = x < -0.999f ? upper : x > 0.999f ? 1 / (1 + expl(z - half * inverse)) : upper - lower;
            if (x >= -0.999f && x <= 0.999f && bin <= 1e-5L) /* the density, of a bin 2/65535 wide */
                bin = 2 * half * inverse * expl(-z) / powl(1 + expl(-z), 2);
            total += (long double)p[j] * bin;
        }
        double nll = wn_model_nll(m, y, x, 0), r = (double)-logl(total);
        if (!isfinite(r)) /* beyond what even long double holds; the logarithms still hold it */
            continue;
        if (!(fabs(nll - r) < 1e-6 * fmax(1, fabs(r)))) fail_msg("x %g: %g, expected %g", (double)x, nll, r);
    }
    wn_model_free(m);
}

/* Densities integrate to one (Simpson's rule over +-10 standard deviations and more). */
static void gaussian_densities(void **state)
{
    (void)state;
    chance c = {4};
    for (int kind = WN_OUTPUT_GAUSSIANS; kind <= WN_OUTPUT_GAUSSIAN; kind++) {
        wn_model *m = model_of((wn_output_kind)kind, 3);
        for (int i = 0; i < 5; i++) {
            float y[9];
            if (kind == WN_OUTPUT_GAUSSIAN) {
                y[0] = (float)chance_normal(&c);
                y[1] = (float)(-2 + chance_normal(&c));
            } else {
                mixture_parameters(&c, y, 3, 0, -2);
            }
            enum { STEPS = 65536 };
            double total = 0, width = 32.0 / STEPS; /* exact in float */
            for (int k = 0; k <= STEPS; k++)
                total += exp(-wn_model_nll(m, y, (float)(-16 + k * width), 0)) * (k == 0 || k == STEPS ? 1
                                                                                  : k % 2              ? 4
                                                                                                       : 2);
            assert_true(fabs(total * width / 3 - 1) < 1e-6);
        }
        wn_model_free(m);
    }
}

/* Log scales are clamped in likelihoods, and only there. */
static void clamped_scales(void **state)
{
    (void)state;
    const float narrow[3] = {0, 0.1f, -20}, clamped[3] = {0, 0.1f, -7}, one[2] = {0.1f, -20},
                one_clamped[2] = {0.1f, -7};
    for (int kind = WN_OUTPUT_LOGISTICS; kind <= WN_OUTPUT_GAUSSIAN; kind++) {
        wn_model *m = model_of((wn_output_kind)kind, 1);
        bool single = kind == WN_OUTPUT_GAUSSIAN;
        m->log_scale_min = -7;
        double a = wn_model_nll(m, single ? one : narrow, 0.11f, 0),
               b = wn_model_nll(m, single ? one_clamped : clamped, 0.11f, 0);
        assert_true(isfinite(a) && a == b);
        wn_sampler *s = sampler_of(m, 1, 1, 0, 1);
        assert_true(fabsf(wn_sampler_draw(s, 0, 0, NULL, single ? one : narrow, NULL) - 0.1f) < 1e-6f);
        wn_sampler_free(s);
        wn_model_free(m);
    }
    wn_model *pcm = model_of(WN_OUTPUT_CATEGORICAL, 4);
    pcm->output = WN_OUTPUT_PCM;
    assert_true(isnan(wn_model_nll(pcm, one, 0, 0)));
    assert_int_equal(wn_model_get_noise_channels(pcm), 0);
    wn_model_free(pcm);
}

/* ---- settings -------------------------------------------------------------------------------------------------------------- */

static void refused_settings(void **state)
{
    (void)state;
    wn_model *m = model_of(WN_OUTPUT_CATEGORICAL, 4);
    const wn_sampling bad[] = {{.temperature = -1, .top_p = 1},       {.temperature = NAN, .top_p = 1},
                               {.temperature = INFINITY, .top_p = 1}, {.temperature = 1, .top_k = -1, .top_p = 1},
                               {.temperature = 1, .top_p = 0},        {.temperature = 1, .top_p = 1.5},
                               {.temperature = 1, .top_p = NAN}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        wn_sampler *s = (wn_sampler *)(void *)m;
        wn_error error = {0};
        assert_int_equal(wn_sampler_new(&s, m, &bad[i], &error), WN_ERROR_ARGUMENT);
        assert_null(s);
        assert_int_equal(error.status, WN_ERROR_ARGUMENT);
        assert_true(error.where[0] && error.message[0]);
    }
    m->temperature = 0.7;
    m->top_k = 3;
    m->top_p = 0.9;
    wn_sampling d = wn_sampling_default(m);
    assert_true(d.temperature == 0.7 && d.top_k == 3 && d.top_p == 0.9 && d.seed == 0);
    wn_sampler_free(NULL);
    wn_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(class_frequencies),
        cmocka_unit_test(class_selection),
        cmocka_unit_test(class_edges),
        cmocka_unit_test(top_k_and_p_ties),
        cmocka_unit_test(top_p_with_far_logits),
        cmocka_unit_test(logits_that_are_not_numbers),
        cmocka_unit_test(divergence),
        cmocka_unit_test(continuous_distributions),
        cmocka_unit_test(continuous_at_zero),
        cmocka_unit_test(recorded_draws),
        cmocka_unit_test(draws_have_no_order),
        cmocka_unit_test(class_likelihood),
        cmocka_unit_test(logistic_bins),
        cmocka_unit_test(logistic_bin_values),
        cmocka_unit_test(gaussian_densities),
        cmocka_unit_test(clamped_scales),
        cmocka_unit_test(refused_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
