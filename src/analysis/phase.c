/* SPDX-License-Identifier: MIT
 * phase.c - measures partials' phases: heterodyne at the nominal pitch, low-pass, reject outliers, interpolate.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/phase.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/exact_math.h"

#define HOP_SECONDS 0.005    /* distance between anchors; offsets are linear between them */
#define WINDOW_SECONDS 0.012 /* minimum length of the low-pass window ... */
#define WINDOW_PERIODS 3.0   /* ... in seconds and in periods: a Hann window of three has zeros at f0, 2 f0, 3 f0 ... */
#define MAX_CENTS 70.0       /* maximum deviation of the fundamental from the nominal pitch */
#define MIN_PEAK 1e-4        /* minimum amplitude of a partial: -80 dBFS */
#define MIN_SHARE 0.02       /* minimum share of the fundamental in the level around it */
#define MIN_PARTIAL_SHARE 0.005 /* the same for other partials; the noise of 256 mu-law classes lies below it */
#define MAX_DEVIATION 0.35      /* maximum deviation of a partial, as a share of f0, the distance to the next partial */
#define MIN_RUN 3               /* minimum number of agreeing anchors */
#define TWO_PI 6.283185307179586

/* The measured difference between a partial's phase and the nominal phase, at one time. */
typedef struct anchor {
    double offset; /* cycles */
    double reach;  /* maximum change of the offset per hop, in cycles */
    double level;  /* RMS of the recording around it */
    bool good;     /* loud enough and part of a run */
    bool jump;     /* the offset jumps to that of the next anchor instead of moving linearly */
} anchor;

typedef struct low_pass {
    double *window; /* [2 * half + 1] Hann window */
    int64_t half;
} low_pass;

static double fraction(double x)
{
    double f = x - floor(x);
    return f < 1.0 ? f : 0.0;
}

/* The same angle in -1/2 .. 1/2 cycle. */
static double wrap(double cycles) { return cycles - floor(cycles + 0.5); }

static wn_status check_pitch(const double *f0, int64_t frames, double rate, wn_error *error)
{
    if (!(rate > 0.0) || !isfinite(rate))
        return wn_fail(error, WN_ERROR_ARGUMENT, "phase", "the sample rate is %g, expected a positive number", rate);
    for (int64_t t = 0; t < frames; t++)
        if (!(f0[t] >= 0.0 && f0[t] < rate / 2))
            return wn_fail(error, WN_ERROR_ARGUMENT, "phase", "the pitch at sample %lld is %g Hz, expected 0 .. %g",
                           (long long)t, f0[t], rate / 2);
    return WN_OK;
}

/* phase [frames] in cycles: the nominal pitch integrated from 0. It stands still where unvoiced. */
static void integrate_pitch(double *phase, const double *f0, int64_t frames, double rate)
{
    double sum = 0.0;
    for (int64_t t = 0; t < frames; t++) {
        phase[t] = sum;
        sum = fraction(sum + f0[t] / rate);
    }
}

/* z [frames][2] = 2i * pcm * exp(-2 pi i h phase). A sine with h times the phase becomes a real number, its
 * amplitude. */
static void heterodyne(double *z, const double *phase, int h, const float *pcm, int64_t frames)
{
    for (int64_t t = 0; t < frames; t++) {
        double x = isfinite(pcm[t]) ? pcm[t] : 0.0, s, c;
        wn_sincos(fraction(h * phase[t]), &s, &c);
        z[2 * t] = 2 * x * s;
        z[2 * t + 1] = 2 * x * c;
    }
}

/* A part of the heterodyned recording, around one anchor after another. The whole would take 16 bytes per sample: 2.8 GB
 * for an hour at 48 kHz. */
typedef struct baseband {
    double *z; /* [capacity][2] */
    int64_t capacity;
    int64_t first, end; /* samples of the recording that z holds */
    const double *phase;
    const float *pcm;
    int64_t frames;
    int h;
} baseband;

/* Make b hold samples from .. to - 1 as far as the recording has them; `from` never decreases from call to call. */
static void baseband_move(baseband *b, int64_t from, int64_t to)
{
    from = from > 0 ? from : 0;
    to = to < b->frames ? to : b->frames;
    if (from >= b->end) {
        b->first = b->end = from;
    } else if (to - b->first > b->capacity) {
        memmove(b->z, b->z + 2 * (from - b->first), (size_t)(b->end - from) * 2 * sizeof *b->z);
        b->first = from;
    }
    if (to <= b->end) return;
    heterodyne(b->z + 2 * (b->end - b->first), b->phase + b->end, b->h, b->pcm + b->end, to - b->end);
    b->end = to;
}

static int64_t window_half(double f0, double rate)
{
    return (int64_t)ceil(rate * fmax(WINDOW_SECONDS, WINDOW_PERIODS / f0) / 2);
}

/* Set a Hann window of `half` samples on each side; recomputed only if the pitch has changed its length. */
static void set_window(low_pass *low, int64_t half)
{
    if (low->half == half) return;
    low->half = half;
    for (int64_t i = -half; i <= half; i++)
        low->window[i + half] = 0.5 + 0.5 * cos(TWO_PI / 2 * (double)i / (double)(half + 1));
}

/* Low-pass b at sample `centre`. The recording is silent beyond its ends. */
static anchor anchor_measure(const low_pass *low, const baseband *b, int64_t centre, double min_share)
{
    double re = 0, im = 0, power = 0, all = 0;
    for (int64_t i = -low->half; i <= low->half; i++) {
        int64_t t = centre + i;
        double w = low->window[i + low->half];
        all += w;
        if (t < 0 || t >= b->frames) continue;
        const double *z = b->z + 2 * (t - b->first);
        re += w * z[0];
        im += w * z[1];
        power += w * (z[0] * z[0] + z[1] * z[1]) / 4;
    }
    double peak = hypot(re, im) / all;
    anchor a = {.offset = atan2(im, re) / TWO_PI, .level = sqrt(power / all)};
    a.good = peak >= MIN_PEAK && peak >= min_share * a.level;
    return a;
}

/* Whether two neighbours can belong to one tone near the nominal pitch. */
static bool anchors_agree(const anchor *a, const anchor *b) { return fabs(wrap(b->offset - a->offset)) <= b->reach; }

/* Reject anchors outside runs of MIN_RUN agreeing neighbours, which are accidental. */
static void anchors_keep_runs(anchor *a, int64_t n)
{
    int64_t end;
    for (int64_t start = 0; start < n; start = end) {
        end = start + 1;
        if (!a[start].good) continue;
        while (end < n && a[end].good && anchors_agree(&a[end - 1], &a[end])) end++;
        for (int64_t i = start; end - start < MIN_RUN && i < end; i++) a[i].good = false;
    }
}

static int64_t find_quietest(const anchor *a, int64_t from, int64_t to)
{
    int64_t best = from;
    for (int64_t i = from; i < to; i++)
        if (a[i].level <= a[best].level) best = i;
    return best;
}

/* Set the offsets of the anchors strictly between two good ones: linear if both can belong to one tone, else constant
 * with a jump at the quietest anchor. */
static void anchors_interpolate(anchor *a, int64_t from, int64_t to)
{
    double n = (double)(to - from), step = wrap(a[to].offset - a[from].offset), reach = a[to].reach * n;
    if (fabs(step) <= reach && reach < 0.5) {
        for (int64_t i = from + 1; i < to; i++) a[i].offset = a[from].offset + step * (double)(i - from) / n;
        return;
    }
    int64_t jump = find_quietest(a, from, to);
    a[jump].jump = true;
    for (int64_t i = from + 1; i < to; i++) a[i].offset = a[i <= jump ? from : to].offset;
}

/* Set the offset of every rejected anchor from the good ones. Before the first and after the last good one it is
 * constant. */
static void anchors_fill(anchor *a, int64_t n)
{
    int64_t last = -1;
    for (int64_t i = 0; i < n; i++) {
        if (!a[i].good) continue;
        for (int64_t j = 0; last < 0 && j < i; j++) a[j].offset = a[i].offset;
        if (last >= 0) anchors_interpolate(a, last, i);
        last = i;
    }
    for (int64_t i = last + 1; i < n; i++) a[i].offset = last < 0 ? 0.0 : a[last].offset;
}

static void interpolate(double *phase, int64_t frames, const anchor *a, int64_t hop)
{
    for (int64_t t = 0; t < frames; t++) {
        const anchor *here = &a[t / hop];
        double share = here->jump ? 0.0 : (double)(t % hop) / (double)hop;
        phase[t] = fraction(phase[t] + here->offset + share * wrap(here[1].offset - here->offset));
    }
}

typedef struct scratch {
    low_pass low;
    int64_t max_half; /* a low-pass window has at most 2 * max_half + 1 samples */
    baseband b;
    anchor *a; /* [n_anchors] */
} scratch;

/* Measure the anchors of harmonic h, relative to h times the phase. */
static void measure_harmonic(const wn_partials *p, scratch *s, int h, const double *f0, double rate)
{
    double limit = exp2(MAX_CENTS / 1200) - 1, min_share = h == 1 ? MIN_SHARE : MIN_PARTIAL_SHARE;
    for (int64_t i = 0; i < p->n_anchors; i++) {
        int64_t centre = i * p->hop < p->frames ? i * p->hop : p->frames - 1;
        s->a[i] = (anchor){0};
        if (f0[centre] == 0.0) continue; /* unvoiced: rejected, and where a jump belongs */
        set_window(&s->low, window_half(f0[centre], rate));
        baseband_move(&s->b, centre - s->max_half, centre + s->max_half + 1);
        s->a[i] = anchor_measure(&s->low, &s->b, centre, min_share);
        s->a[i].reach = fmin(limit * h, MAX_DEVIATION) * f0[centre] * (double)p->hop / rate;
    }
    anchors_keep_runs(s->a, p->n_anchors);
    anchors_fill(s->a, p->n_anchors);
}

/* Of the voiced samples; infinite without any. */
static double min_pitch(const double *f0, int64_t frames)
{
    double low = INFINITY;
    for (int64_t t = 0; t < frames; t++)
        if (f0[t] > 0.0) low = fmin(low, f0[t]);
    return low;
}

void wn_partials_free(wn_partials *p)
{
    free(p->fundamental);
    free(p->difference);
    *p = (wn_partials){0};
}

/* Use the phase offsets of the model's harmonic source for all harmonics. */
static void set_nominal_offsets(wn_partials *p, const double *phase_offsets)
{
    for (int64_t i = 0; phase_offsets && i < p->n_anchors * p->n; i++)
        p->difference[i] = (float)phase_offsets[i % p->n];
}

static void store_offsets(wn_partials *p, const anchor *a, int harmonic)
{
    for (int64_t i = 0; i < p->n_anchors; i++) p->difference[i * p->n + harmonic] = (float)wrap(a[i].offset);
}

/* Measure the fundamental first, then the first `n` partials relative to it. */
static void measure_partials(wn_partials *p, scratch *s, int n, double rate, const double *f0)
{
    for (int i = -1; i < n; i++) {
        int h = i < 0 ? 1 : p->harmonics[i];
        if (i >= 0 && h == 1) continue;
        s->b.first = s->b.end = 0;
        s->b.h = h;
        measure_harmonic(p, s, h, f0, rate);
        if (i < 0)
            interpolate(p->fundamental, p->frames, s->a, p->hop);
        else
            store_offsets(p, s->a, i);
    }
}

wn_status wn_partials_measure(wn_partials *p, const wn_harmonic_source *e, bool measure, const float *pcm,
                              int64_t frames, double rate, const double *f0, wn_error *error)
{
    *p = (wn_partials){.n = e->n, .harmonics = e->harmonics};
    wn_status status = check_pitch(f0, frames, rate, error);
    if (status != WN_OK || frames <= 0) return status;
    double longest = rate * fmax(WINDOW_SECONDS, WINDOW_PERIODS / min_pitch(f0, frames));
    if (!(longest < 1e9))
        return wn_fail(error, WN_ERROR_ARGUMENT, "phase", "a pitch so low needs a window of %g samples", longest);
    if ((uint64_t)frames > SIZE_MAX / 64 / ((size_t)e->n + 1))
        return wn_fail(error, WN_ERROR_ARGUMENT, "phase", "%lld samples are too many", (long long)frames);
    p->frames = frames;
    p->hop = (int64_t)fmax(1, floor(rate * HOP_SECONDS + 0.5));
    p->n_anchors = (frames - 1) / p->hop + 2;
    p->fundamental = malloc((size_t)frames * sizeof *p->fundamental);
    p->difference = calloc((size_t)p->n_anchors * (size_t)e->n + 1, sizeof *p->difference);
    scratch s = {.low = {.window = malloc(((size_t)longest + 4) * sizeof(double)), .half = -1},
                 .max_half = (int64_t)longest / 2 + 1,
                 .a = malloc((size_t)p->n_anchors * sizeof *s.a)};
    /* Two windows, so that what is kept is moved once per window instead of once per anchor. */
    s.b = (baseband){.capacity = 4 * s.max_half + 2, .phase = p->fundamental, .pcm = pcm, .frames = frames};
    if (s.b.capacity > frames) s.b.capacity = frames;
    s.b.z = malloc((size_t)s.b.capacity * 2 * sizeof *s.b.z);
    if (p->fundamental && p->difference && s.low.window && s.b.z && s.a) {
        integrate_pitch(p->fundamental, f0, frames, rate);
        bool harmonics = measure && e->lock == WN_LOCK_HARMONICS;
        if (measure) measure_partials(p, &s, harmonics ? p->n : 0, rate, f0);
        if (!harmonics) set_nominal_offsets(p, e->phase_offsets);
    } else {
        wn_partials_free(p);
        status = wn_fail(error, WN_ERROR_MEMORY, "phase", "out of memory for %lld samples", (long long)frames);
    }
    free(s.low.window);
    free(s.b.z);
    free(s.a);
    return status;
}

void wn_partials_at(const wn_partials *p, int64_t t, double *cycles)
{
    const float *here = p->difference + t / p->hop * p->n, *next = here + p->n;
    double share = (double)(t % p->hop) / (double)p->hop, phase = p->fundamental[t];
    cycles[0] = phase;
    for (int i = 0; i < p->n; i++) {
        double lead = (double)here[i] + share * wrap((double)next[i] - (double)here[i]);
        cycles[1 + i] = fraction(p->harmonics[i] * phase + lead);
    }
}
