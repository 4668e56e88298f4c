/* SPDX-License-Identifier: MIT
 * pair_check.c - whether the equipment of a pair stayed the same: its level, its repetition, its hum.
 * Copyright (c) 2026 the wavenet authors */
#include "train/pair_check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/fft.h"

#define PI 3.14159265358979324

/* ---- level and tone --------------------------------------------------------------------------------------------- */

enum { MAX_BANDS = 6, MAX_FEATURES = MAX_BANDS + 1, SPLITS = 8, MAX_WINDOWS = 1024, MIN_MATCHES = 8 };
#define WINDOW_SECONDS 0.05
#define MATCH_DB 6.0 /* inputs this near in every feature are alike; a fit makes up for the rest */
#define AUDIBLE_DB 20.0
#define FLOOR_DB 40.0 /* bands of the input this far below its loudest one are leakage, or without effect */
#define RANGE_DB 50.0 /* windows this far below the loudest are left out */
#define CHANGE_FAULT_DB 2.0
#define CHANGE_NOTE_DB 0.8
#define CHANGE_SIGMAS 6.0 /* times 1 + FEW_WINDOWS / windows: those of one note are no independent figures */
#define FEW_WINDOWS 60.0

/* Bands in which inputs are compared, edges in Hz. Narrow ones keep apart sounds that a tone control treats otherwise,
 * such as notes and noise of a test signal; a short pair has too few windows that are alike in them. */
static const struct bands {
    int least_windows, n;
    double edges[MAX_BANDS + 1];
} bands_of[] = {{256, 6, {40, 200, 400, 800, 1600, 3200, 8000}}, {0, 3, {40, 400, 2000, 8000}}};

/* One window, dB. The input's features are the levels of its bands and how far its strongest line is above the mean:
 * distortion makes another level of noise than of a tone whose bands are as loud. */
struct window {
    double in[MAX_FEATURES], out[MAX_BANDS];
    bool audible[MAX_BANDS]; /* the output's band is not far below its loudest one */
};

/* The windows of a pair. */
struct windows {
    const struct bands *bands;
    struct window *w;
    int n;
};

/* Levels of the bands; the strongest line above the mean. */
static double window_bands(wn_fft *fft, const struct bands *bands, const float *x, int64_t n, double rate, double *db)
{
    memset(fft->time, 0, fft->n * sizeof *fft->time);
    for (int64_t t = 0; t < n; t++) fft->time[t] = (double)x[t] * (0.5 - 0.5 * cos(2 * PI * (double)t / (double)n));
    wn_fft_forward(fft);
    double sums[MAX_BANDS] = {0}, sum = 0, strongest = 0;
    for (size_t k = 0; k < fft->bins; k++) {
        double hertz = rate * (double)k / (double)fft->n, power = pow(cabs(fft->spectrum[k]), 2);
        for (int b = 0; b < bands->n; b++)
            if (hertz >= bands->edges[b] && hertz < bands->edges[b + 1]) sums[b] += power;
        sum += power;
        strongest = fmax(strongest, power);
    }
    for (int b = 0; b < bands->n; b++) db[b] = 10 * log10(sums[b] + 1e-12);
    return 10 * log10((strongest + 1e-15) * (double)fft->bins / (sum + 1e-12));
}

static double loudest_band(const struct bands *bands, const double *db)
{
    double most = db[0];
    for (int b = 1; b < bands->n; b++) most = fmax(most, db[b]);
    return most;
}

/* Index of the window from `from` on whose input is nearest to that of `a`; -1: none is near. */
static int nearest(const struct windows *all, int from, const struct window *a)
{
    int best = -1;
    double least = MATCH_DB;
    for (int i = from; i < all->n; i++) {
        double most = 0;
        for (int f = 0; f <= all->bands->n && most < least; f++) most = fmax(most, fabs(a->in[f] - all->w[i].in[f]));
        if (most < least) {
            least = most;
            best = i;
        }
    }
    return best;
}

struct change {
    double db, at; /* share of the recording */
};

/* Solve the symmetric a [n][n] for b, both overwritten, by elimination; a ridge has made it positive definite. */
static void solve(int n, double a[MAX_FEATURES + 1][MAX_FEATURES + 1], double *b)
{
    for (int i = 0; i < n; i++)
        for (int k = i + 1; k < n; k++) {
            double factor = a[k][i] / a[i][i];
            for (int j = i; j < n; j++) a[k][j] -= factor * a[i][j];
            b[k] -= factor * b[i];
        }
    for (int i = n - 1; i >= 0; i--) {
        for (int j = i + 1; j < n; j++) b[i] -= a[i][j] * b[j];
        b[i] /= a[i][i];
    }
}

/* Leave in `out` what a linear function of the input's features, in dB, does not explain of it. */
static void subtract_fit(const struct windows *all)
{
    int features = all->bands->n + 1;
    for (int b = 0; b < all->bands->n; b++) {
        double a[MAX_FEATURES + 1][MAX_FEATURES + 1] = {{0}}, c[MAX_FEATURES + 1] = {0}, f[MAX_FEATURES + 1] = {0};
        f[features] = 1;
        for (int i = 0; i < all->n; i++) {
            memcpy(f, all->w[i].in, (size_t)features * sizeof *f);
            for (int k = 0; k <= features; k++) {
                for (int j = 0; j <= features; j++) a[k][j] += f[k] * f[j];
                c[k] += f[k] * all->w[i].out[b];
            }
        }
        for (int k = 0; k <= features; k++) a[k][k] += 1e-3;
        solve(features + 1, a, c);
        for (int i = 0; i < all->n; i++) {
            all->w[i].out[b] -= c[features];
            for (int k = 0; k < features; k++) all->w[i].out[b] -= c[k] * all->w[i].in[k];
        }
    }
}

/* The change of the output's bands at a split, where it is significant. Windows with like input are compared, because
 * the level of distorted output does not follow the input's. */
static void compare_sides(struct change *change, const struct windows *all, int split)
{
    double sum[MAX_BANDS] = {0}, squares[MAX_BANDS] = {0};
    int matches[MAX_BANDS] = {0};
    double sigmas = CHANGE_SIGMAS * (1 + FEW_WINDOWS / all->n);
    for (int i = 0; i < split; i++) {
        const struct window *a = &all->w[i];
        int k = nearest(all, split, a);
        if (k < 0) continue;
        for (int b = 0; b < all->bands->n; b++) {
            if (!a->audible[b] || !all->w[k].audible[b]) continue;
            double d = all->w[k].out[b] - a->out[b];
            matches[b]++;
            sum[b] += d;
            squares[b] += d * d;
        }
    }
    for (int b = 0; b < all->bands->n; b++) {
        if (matches[b] < MIN_MATCHES) continue;
        double mean = sum[b] / matches[b], variance = fmax(squares[b] / matches[b] - mean * mean, 1e-4);
        if (fabs(mean) < sigmas * sqrt(variance / matches[b]) || fabs(mean) <= fabs(change->db)) continue;
        *change = (struct change){mean, (double)split / all->n};
    }
}

static void measure_window(struct window *w, const struct bands *bands, wn_fft *fft, const float *in, const float *out,
                           int64_t size, double rate)
{
    w->in[bands->n] = window_bands(fft, bands, in, size, rate, w->in);
    (void)window_bands(fft, bands, out, size, rate, w->out);
    double in_db = loudest_band(bands, w->in), out_db = loudest_band(bands, w->out);
    for (int b = 0; b < bands->n; b++) {
        w->in[b] = fmax(w->in[b], in_db - FLOOR_DB);
        w->audible[b] = w->out[b] > out_db - AUDIBLE_DB;
    }
}

/* Measure the loud windows. */
static void measure_windows(struct windows *all, wn_fft *fft, const wn_pair *p, int64_t size, double rate,
                            wn_spool *spool)
{
    int64_t count = p->frames / size, stride = (count + MAX_WINDOWS - 1) / MAX_WINDOWS;
    double loudest = -200;
    int measured = 0;
    for (all->bands = bands_of; count < all->bands->least_windows;) all->bands++;
    for (int64_t i = 0; i < count && measured < MAX_WINDOWS; i += stride) {
        struct window *w = &all->w[measured];
        measure_window(w, all->bands, fft, p->in + i * size, p->out + i * size, size, rate);
        loudest = fmax(loudest, loudest_band(all->bands, w->in));
        if (++measured % 64 == 0) wn_spool_release(spool);
    }
    for (int i = 0; i < measured; i++)
        if (loudest_band(all->bands, all->w[i].in) > loudest - RANGE_DB) all->w[all->n++] = all->w[i];
}

wn_status wn_pair_check_level(const wn_pair *pair, double rate, wn_spool *spool, wn_findings *findings, wn_error *error)
{
    int64_t size = (int64_t)(WINDOW_SECONDS * rate);
    wn_fft fft;
    struct change change = {0};
    struct windows all = {.w = malloc(MAX_WINDOWS * sizeof *all.w)};
    if (!all.w || size < 16 || !wn_fft_open(&fft, (size_t)size)) {
        free(all.w);
        return size < 16 ? WN_OK : wn_fail_memory(error, NULL);
    }
    measure_windows(&all, &fft, pair, size, rate, spool);
    subtract_fit(&all);
    for (int i = 1; i < SPLITS; i++) compare_sides(&change, &all, all.n * i / SPLITS);
    wn_fft_close(&fft);
    free(all.w);
    if (fabs(change.db) < CHANGE_NOTE_DB) return WN_OK;
    double seconds = change.at * (double)pair->frames / rate;
    if (fabs(change.db) >= CHANGE_FAULT_DB)
        wn_findings_fault(findings, pair->wet.path,
                          "its level or tone changes by %.1f dB at about %.1f s, at equal input: was a knob turned?",
                          change.db, seconds);
    else
        wn_findings_note(findings, pair->wet.path,
                         "its level or tone changes by %.1f dB at about %.1f s, at equal input", change.db, seconds);
    return WN_OK;
}

/* ---- repetition ------------------------------------------------------------------------------------------------- */

enum { SEARCH = 1 << 17, MAX_PROBE = 1 << 14, STEP = 1 << 12 };
#define EQUAL_ESR 1e-5 /* inputs that repeat */
#define REPEAT_NOTE 0.01
#define REPEAT_FAULT 0.5

static double energy_of(const float *x, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
    return sum;
}

static double difference_energy(const float *a, const float *b, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    return sum;
}

static void load(wn_fft *fft, const float *x, int64_t n)
{
    memset(fft->time, 0, fft->n * sizeof *fft->time);
    for (int64_t t = 0; t < n; t++) fft->time[t] = (double)x[t];
    wn_fft_forward(fft);
}

/* The place before `end` where the probe [n] occurs in x, or -1. `probe` is its conjugated spectrum. */
static int64_t find_occurrence(wn_fft *fft, const double complex *probe, const float *x, const float *sound, int64_t n,
                               int64_t end, wn_spool *spool)
{
    int64_t found = -1, step = SEARCH - n;
    for (int64_t at = 0; at + n < end && found < 0; at += step) {
        int64_t length = end - at < SEARCH ? end - at : SEARCH, best = 0;
        load(fft, x + at, length);
        for (size_t k = 0; k < fft->bins; k++) fft->spectrum[k] *= probe[k];
        wn_fft_backward(fft);
        for (int64_t d = 1; d + n <= length; d++)
            if (fft->time[d] > fft->time[best]) best = d;
        if (best + n <= length && difference_energy(x + at + best, sound, n) < EQUAL_ESR * energy_of(sound, n))
            found = at + best;
        wn_spool_release(spool);
    }
    return found;
}

/* The length over which the input before the probe equals that behind it, and the error of the output over it. */
static void measure_repeat(wn_pair *p, int64_t at, int64_t lag, double rate, wn_spool *spool)
{
    int64_t start = at, end = at, most = (int64_t)(10 * rate);
    double energy = 0, difference = 0;
    while (end + STEP <= p->frames &&
           difference_energy(p->in + end, p->in + end - lag, STEP) <= EQUAL_ESR * energy_of(p->in + end, STEP) + 1e-9)
        end += STEP;
    while (start - STEP >= lag && end - start < most &&
           difference_energy(p->in + start - STEP, p->in + start - STEP - lag, STEP) <=
               EQUAL_ESR * energy_of(p->in + start - STEP, STEP) + 1e-9)
        start -= STEP;
    /* The equipment still responds to different sound before it, so the first step does not count. */
    for (int64_t t = start + STEP; t + STEP <= end; t += STEP) {
        energy += (energy_of(p->out + t, STEP) + energy_of(p->out + t - lag, STEP)) / 2;
        difference += difference_energy(p->out + t, p->out + t - lag, STEP);
    }
    wn_spool_release(spool);
    if (energy <= 0) return;
    p->repeat_lag = lag;
    p->repeat = end - start;
    p->repeat_esr = difference / energy;
}

/* Of the last quarter, the loudest place to look for. */
static int64_t choose_probe(const wn_pair *p, int64_t n)
{
    int64_t best = -1;
    double most = 0;
    for (int64_t at = p->frames - n; at >= p->frames * 3 / 4; at -= n) {
        double energy = energy_of(p->in + at, n);
        if (energy > most) {
            most = energy;
            best = at;
        }
    }
    return best;
}

wn_status wn_pair_check_repeat(wn_pair *pair, double rate, wn_spool *spool, wn_findings *findings, wn_error *error)
{
    int64_t n = pair->frames / 16 < MAX_PROBE ? pair->frames / 16 : MAX_PROBE,
            at = n > STEP ? choose_probe(pair, n) : -1;
    wn_fft fft;
    if (at < 0) return WN_OK;
    double complex *probe = NULL;
    bool ok = wn_fft_open(&fft, SEARCH + MAX_PROBE) && (probe = fftw_alloc_complex(fft.bins)) != NULL;
    if (ok) {
        load(&fft, pair->in + at, n);
        for (size_t k = 0; k < fft.bins; k++) probe[k] = conj(fft.spectrum[k]);
        int64_t earlier = find_occurrence(&fft, probe, pair->in, pair->in + at, n, at - n, spool);
        if (earlier >= 0) measure_repeat(pair, at, at - earlier, rate, spool);
    }
    fftw_free(probe);
    wn_fft_close(&fft);
    if (!ok) return wn_fail_memory(error, NULL);
    if (pair->repeat_esr > REPEAT_FAULT)
        wn_findings_fault(findings, pair->wet.path,
                          "%.1f s of the input repeat, but the output does not (ESR %.2g): noise, or changed settings",
                          (double)pair->repeat / rate, pair->repeat_esr);
    else if (pair->repeat_esr > REPEAT_NOTE)
        wn_findings_note(
            findings, pair->wet.path,
            "where the input repeats, the output differs (ESR %.2g): noise or modulation, which no capture learns",
            pair->repeat_esr);
    return WN_OK;
}

/* ---- hum -------------------------------------------------------------------------------------------------------- */

enum { HARMONICS = 8 };
#define HUM_SECONDS 0.4  /* 20 and 24 whole periods of the two mains frequencies */
#define QUIET_DB (-60.0) /* input that is silent, against its own level */
#define HUM_DB (-70.0)   /* against the output's level; below, nobody hears it */
#define HUM_SHARE 0.25   /* of the noise that is in the lines of the mains */
#define NOISE_NOTE_DB (-45.0)

/* Energy per sample of x [n] at multiples of `hertz`, which has whole periods in n. */
static double line_energy(const float *x, int64_t n, double hertz, double rate)
{
    double sum = 0;
    for (int h = 1; h <= HARMONICS; h++) {
        double turn = 2 * PI * hertz * h / rate, re = 0, im = 0;
        for (int64_t t = 0; t < n; t++) {
            re += (double)x[t] * cos(turn * (double)t);
            im += (double)x[t] * sin(turn * (double)t);
        }
        sum += 2 * (re * re + im * im) / ((double)n * (double)n);
    }
    return sum;
}

wn_status wn_pair_check_hum(const wn_pair *pair, double rate, wn_spool *spool, wn_findings *findings, wn_error *error)
{
    enum { MAX_QUIET = 16 };
    int64_t n = (int64_t)(HUM_SECONDS * rate);
    double quiet = pow(10, (pair->dry.level + QUIET_DB) / 10), noise = 0, lines[2] = {0};
    int windows = 0, run = 0;
    (void)error;
    for (int64_t at = 0; at + n <= pair->frames && windows < MAX_QUIET; at += n) {
        run = energy_of(pair->in + at, n) / (double)n < quiet ? run + 1 : 0;
        wn_spool_release(spool);
        if (run < 2) continue; /* the sound from before still decays */
        windows++;
        noise += energy_of(pair->out + at, n) / (double)n;
        lines[0] += line_energy(pair->out + at, n, 50, rate);
        lines[1] += line_energy(pair->out + at, n, 60, rate);
    }
    if (!windows || noise <= 0) return WN_OK;
    int mains = lines[1] > lines[0];
    double hum_db = 10 * log10(lines[mains] / windows + 1e-30) - pair->wet.level,
           noise_db = 10 * log10(noise / windows) - pair->wet.level;
    if (lines[mains] > HUM_SHARE * noise && hum_db > HUM_DB)
        wn_findings_note(findings, pair->wet.path,
                         "hums at %d Hz, %.0f dB below its level; the capture cannot learn it", mains ? 60 : 50,
                         -hum_db);
    else if (noise_db > NOISE_NOTE_DB)
        wn_findings_note(findings, pair->wet.path, "has noise %.0f dB below its level; the capture cannot learn it",
                         -noise_db);
    return WN_OK;
}
