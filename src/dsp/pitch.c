/* SPDX-License-Identifier: MIT
 * pitch.c - pitch tracker: normalised cross-correlation, and the best path through its maxima.
 * Copyright (c) 2026 the wavenet authors
 *
 * After Talkin, "A robust algorithm for pitch tracking (RAPT)", 1995. The path is decided a fixed number of frames late,
 * so that the tracker streams. */
#include "dsp/pitch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/exact_math.h"

enum {
    CANDIDATES = 10,         /* periods that a frame considers */
    STATES = CANDIDATES + 1, /* and unvoiced, state 0 */
    PARTIAL_SUMS = 8,        /* independent partial sums, for vectorization */
};
#define LOOKAHEAD 0.05      /* seconds from a frame to its decision */
#define WINDOW 0.025        /* seconds that are correlated */
#define MIN_PERIODS 1.5     /* of the lowest pitch in that window */
#define CUTOFF 800.0        /* Hz: higher partials only add noise */
#define FILTER 0.002        /* seconds on each side of the low-pass filter's centre */
#define QUIET 1e-7          /* mean square, -70 dB: quieter sounds correlate less */
#define MIN_CORRELATION 0.3 /* of a candidate */
#define LAG_WEIGHT 0.2      /* share of the correlation that the longest period loses, against octaves down */
#define STEP 0.01           /* seconds for which the costs of a frame were chosen */
#define UNVOICED_COST -0.09 /* added to the largest correlation */
#define SWITCH_COST 0.35    /* between voiced and unvoiced */
#define GLIDE_COST 2.0      /* per unit of ln(pitch ratio) */
#define OCTAVE_COST 0.6     /* of a jump by an octave, at most */

typedef struct state {
    double period; /* samples; 0 = unvoiced */
    double log_period;
    double cost; /* of the best path to it */
    int from;    /* state of the frame before on that path */
} state;

typedef struct frame {
    int n; /* states */
    state states[STATES];
} frame;

struct wn_pitch {
    double rate;
    int hop, center;
    int min_lag, max_lag, window;
    int taps;            /* of the low-pass filter, odd */
    int span;            /* window + max_lag + 1: samples that a frame sees */
    int lookahead;       /* frames */
    float *filter;       /* [taps] */
    float *raw;          /* [2][taps] ring of the input, stored twice */
    float *ring;         /* [2][span] ring of the filtered input, stored twice */
    float *centred;      /* [span] without its mean */
    double *energy;      /* [span + 1] running sum of squares */
    double *correlation; /* [max_lag + 2] */
    frame *frames;       /* [lookahead + 1] ring */
    int64_t pushed;      /* samples */
    int64_t due;         /* samples that complete the next frame */
    int64_t next;        /* number of the next frame */
};

/* ---- construction ------------------------------------------------------------------------------------------------ */

static void make_filter(wn_pitch *p)
{
    double sum = 0, half = (p->taps + 1) / 2;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < p->taps; i++) {
            double t = i - p->taps / 2, sine, cosine, w, unused;
            wn_sincos(t * CUTOFF / p->rate, &sine, &cosine);
            wn_sincos(t / (2 * half), &unused, &w);
            double x = (t == 0 ? 2 * 3.14159265358979323846 * CUTOFF / p->rate : sine / t) * w * w;
            if (pass)
                p->filter[i] = (float)(x / sum);
            else
                sum += x;
        }
}

wn_status wn_pitch_new(wn_pitch **out, double rate, int hop, int center, double low, double high, wn_error *error)
{
    *out = NULL;
    wn_pitch *p = calloc(1, sizeof *p);
    if (!p) return wn_fail_memory(error, NULL);
    p->rate = rate;
    p->hop = hop;
    p->center = center;
    p->min_lag = (int)floor(rate / high);
    p->max_lag = (int)ceil(rate / low);
    p->window = (int)(rate * fmax(WINDOW, MIN_PERIODS / low)) / PARTIAL_SUMS * PARTIAL_SUMS + PARTIAL_SUMS;
    p->taps = 2 * (int)(rate * FILTER) + 1;
    p->span = p->window + p->max_lag + 1;
    p->lookahead = (int)ceil(LOOKAHEAD * rate / hop);
    size_t span = (size_t)p->span, taps = (size_t)p->taps;
    p->filter = calloc(taps, sizeof *p->filter);
    p->raw = calloc(2 * taps, sizeof *p->raw);
    p->ring = calloc(2 * span, sizeof *p->ring);
    p->centred = calloc(span, sizeof *p->centred);
    p->energy = calloc(span + 1, sizeof *p->energy);
    p->correlation = calloc((size_t)p->max_lag + 2, sizeof *p->correlation);
    p->frames = calloc((size_t)p->lookahead + 1, sizeof *p->frames);
    if (!p->filter || !p->raw || !p->ring || !p->centred || !p->energy || !p->correlation || !p->frames) {
        wn_pitch_free(p);
        return wn_fail_memory(error, NULL);
    }
    make_filter(p);
    wn_pitch_reset(p);
    *out = p;
    return WN_OK;
}

void wn_pitch_free(wn_pitch *pitch)
{
    if (!pitch) return;
    free(pitch->filter);
    free(pitch->raw);
    free(pitch->ring);
    free(pitch->centred);
    free(pitch->energy);
    free(pitch->correlation);
    free(pitch->frames);
    free(pitch);
}

/* Half the filter and half the span behind the centre of frame 0. */
static int64_t first_due(const wn_pitch *p) { return p->center + p->taps / 2 + p->span / 2 + 1; }

void wn_pitch_reset(wn_pitch *p)
{
    memset(p->raw, 0, 2 * (size_t)p->taps * sizeof *p->raw);
    memset(p->ring, 0, 2 * (size_t)p->span * sizeof *p->ring);
    p->pushed = 0;
    p->next = 0;
    p->due = first_due(p);
}

int wn_pitch_get_delay(const wn_pitch *p) { return (int)first_due(p) + p->lookahead * p->hop; }

/* ---- correlation ------------------------------------------------------------------------------------------------- */

/* n is a multiple of PARTIAL_SUMS. The order of additions is fixed. */
static double dot_product(int n, const float *a, const float *b)
{
    float s[PARTIAL_SUMS] = {0};
    for (int i = 0; i < n; i += PARTIAL_SUMS)
        for (int k = 0; k < PARTIAL_SUMS; k++) s[k] += a[i + k] * b[i + k];
    return (double)(((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7])));
}

static void remove_mean(wn_pitch *p, const float *x)
{
    double sum = 0;
    for (int i = 0; i < p->span; i++) sum += (double)x[i];
    float mean = (float)(sum / p->span);
    for (int i = 0; i < p->span; i++) {
        p->centred[i] = x[i] - mean;
        p->energy[i + 1] = p->energy[i] + (double)p->centred[i] * (double)p->centred[i];
    }
}

/* Correlation of two windows that are `lag` apart and lie evenly around the centre of the span. */
static void correlate(wn_pitch *p)
{
    for (int lag = p->min_lag - 1; lag <= p->max_lag + 1; lag++) {
        int a = (p->span - p->window - lag) / 2, b = a + lag, n = p->window;
        double energy = (p->energy[a + n] - p->energy[a]) * (p->energy[b + n] - p->energy[b]);
        p->correlation[lag] = dot_product(n, p->centred + a, p->centred + b) / (sqrt(fmax(0, energy)) + n * QUIET);
    }
}

/* ---- states of a frame ------------------------------------------------------------------------------------------- */

/* The maximum of the parabola through three points, as an offset of -0.5 .. 0.5 from the middle one; its height. */
static double parabola(double left, double middle, double right, double *height)
{
    double curve = left - 2 * middle + right;
    double at = curve < 0 ? 0.5 * (left - right) / curve : 0;
    *height = middle - 0.25 * (left - right) * at;
    return at;
}

/* Keep the cheapest candidates, in order of rising cost after state 0. */
static void add_state(frame *f, double period, double cost)
{
    int i = f->n;
    if (i == STATES && cost >= f->states[STATES - 1].cost) return;
    if (i == STATES) i--;
    for (; i > 1 && f->states[i - 1].cost > cost; i--) f->states[i] = f->states[i - 1];
    f->states[i] = (state){.period = period, .log_period = wn_log(period), .cost = cost};
    if (f->n < STATES) f->n++;
}

/* States with their local costs. */
static void make_states(const wn_pitch *p, frame *f)
{
    const double *c = p->correlation;
    double largest = 0, weight = p->hop / p->rate / STEP;
    f->n = 1;
    for (int lag = p->min_lag; lag <= p->max_lag; lag++) {
        if (!(c[lag] >= c[lag - 1] && c[lag] > c[lag + 1] && c[lag] > MIN_CORRELATION)) continue;
        double height, period = lag + parabola(c[lag - 1], c[lag], c[lag + 1], &height);
        largest = fmax(largest, height);
        add_state(f, period, weight * (1 - height * (1 - LAG_WEIGHT * period / p->max_lag)));
    }
    f->states[0] = (state){.cost = weight * (UNVOICED_COST + largest)};
}

/* ---- the path ---------------------------------------------------------------------------------------------------- */

static double step_cost(const state *a, const state *b)
{
    if (a->period == 0 || b->period == 0) return a->period == b->period ? 0 : SWITCH_COST;
    double glide = fabs(a->log_period - b->log_period);
    return fmin(GLIDE_COST * glide, OCTAVE_COST);
}

/* Extend the best paths from frame `before` to frame f; costs become those of paths, the cheapest being 0. */
static void extend_paths(const frame *before, frame *f)
{
    double cheapest = INFINITY;
    for (int i = 0; i < f->n; i++) {
        double best = INFINITY;
        for (int k = 0; k < before->n; k++) {
            double cost = before->states[k].cost + step_cost(&before->states[k], &f->states[i]);
            if (cost >= best) continue;
            best = cost;
            f->states[i].from = k;
        }
        f->states[i].cost += best;
        cheapest = fmin(cheapest, f->states[i].cost);
    }
    for (int i = 0; i < f->n; i++) f->states[i].cost -= cheapest;
}

static frame *frame_at(const wn_pitch *p, int64_t t) { return &p->frames[t % (p->lookahead + 1)]; }

/* Pitch in Hz of the frame `lookahead` before frame t, on the path that is the cheapest now. */
static double trace_back(const wn_pitch *p, int64_t t)
{
    const frame *f = frame_at(p, t);
    int at = 0;
    for (int i = 1; i < f->n; i++)
        if (f->states[i].cost < f->states[at].cost) at = i;
    for (int i = 0; i < p->lookahead; i++, f = frame_at(p, --t)) at = f->states[at].from;
    return f->states[at].period > 0 ? p->rate / f->states[at].period : 0;
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

static float low_pass(wn_pitch *p, float x)
{
    int taps = p->taps, at = (int)(p->pushed % taps);
    p->raw[at] = p->raw[at + taps] = x;
    const float *oldest = p->raw + at + 1;
    float y = 0;
    for (int i = 0; i < taps; i++) y += p->filter[i] * oldest[i];
    return y;
}

bool wn_pitch_push(wn_pitch *p, float x, double *hz)
{
    float y = low_pass(p, x);
    int at = (int)(p->pushed++ % p->span);
    p->ring[at] = p->ring[at + p->span] = y;
    if (p->pushed < p->due) return false;
    frame *f = frame_at(p, p->next);
    remove_mean(p, p->ring + at + 1);
    correlate(p);
    make_states(p, f);
    if (p->next > 0) extend_paths(frame_at(p, p->next - 1), f);
    p->due += p->hop;
    if (p->next++ < p->lookahead) return false;
    *hz = trace_back(p, p->next - 1);
    return true;
}
