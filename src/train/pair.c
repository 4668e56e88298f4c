/* SPDX-License-Identifier: MIT
 * pair.c - aligns two recordings of one performance, and calls the checks.
 * Copyright (c) 2026 the wavenet authors */
#include "train/pair.h"

#include <math.h>
#include <stdlib.h>

#include "train/pair_check.h"

enum { MAX_STRETCH = 1 << 19, STEP = 1 << 14 };
#define MIN_EXPLAINED 0.06 /* of two unrelated recordings of some seconds, chance explains less */
#define LOW_EXPLAINED 0.15
#define MAX_DRIFT 0.001 /* seconds by which the delay may differ between the halves */
#define LARGE_REST 0.1  /* share of the longer recording; more left out than this is likely to be a mistake */

static double energy_of(const float *x, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
    return sum;
}

/* The stretch of at most `length` samples between first and end in which both sound most. Energies are summed in steps,
 * each read once. */
static wn_status find_sound(int64_t *at, int64_t *length, const float *a, const float *b, int64_t first, int64_t end,
                            wn_spool *spool, wn_error *error)
{
    int64_t n = (end - first) / STEP, window = *length / STEP;
    *at = first;
    if (*length > end - first) *length = end - first;
    if (n <= window || window < 1) return WN_OK;
    double *energy = malloc(2 * (size_t)n * sizeof *energy), best = -1;
    if (!energy) return wn_fail_memory(error, NULL);
    for (int64_t i = 0; i < n; i++) {
        energy[2 * i] = energy_of(a + first + i * STEP, STEP);
        energy[2 * i + 1] = energy_of(b + first + i * STEP, STEP);
        if (i % 64 == 63) wn_spool_release(spool);
    }
    for (int64_t i = 0; i + window <= n; i += window / 4 + 1) {
        double sums[2] = {0, 0};
        for (int64_t k = i; k < i + window; k++) {
            sums[0] += energy[2 * k];
            sums[1] += energy[2 * k + 1];
        }
        if (sums[0] * sums[1] <= best) continue;
        best = sums[0] * sums[1];
        *at = first + i * STEP;
    }
    free(energy);
    return WN_OK;
}

/* The response in the part from first to end of a and b. */
static wn_status find_response(wn_response *response, const float *a, const float *b, int64_t first, int64_t end,
                               int64_t length, wn_spool *spool, wn_error *error)
{
    int64_t at = first;
    wn_status status = find_sound(&at, &length, a, b, first, end, spool, error);
    if (!status) status = wn_response_find(response, a + at, b + at, length, error);
    wn_spool_release(spool);
    return status;
}

static void note_response(const wn_pair *p, double rate, wn_findings *f)
{
    const wn_response *r = &p->response;
    int64_t delay = r->delay;
    if (r->explained < MIN_EXPLAINED) {
        wn_findings_fault(f, p->wet.path,
                          "does not follow from the dry recording at any delay (%.1f %% of it does): another take?",
                          100 * r->explained);
        return;
    }
    if (r->explained < LOW_EXPLAINED)
        wn_findings_note(
            f, p->wet.path,
            "only %.0f %% of it follows from the dry recording by filtering: strong distortion, or another take",
            100 * r->explained);
    if (delay)
        wn_findings_note(f, p->wet.path, "is %lld sample%s (%.2f ms) %s; it was moved to fit", (long long)llabs(delay),
                         llabs(delay) > 1 ? "s" : "", 1000 * (double)llabs(delay) / rate, delay > 0 ? "late" : "early");
    if (r->inverted)
        wn_findings_note(f, p->wet.path, "is inverted in polarity; the capture will be, too, as the equipment is");
}

/* The part that both have, and the files' own figures of what only one has. */
static void choose_common(wn_pair *p, wn_findings *f)
{
    int64_t delay = p->response.delay, dry = p->dry.frames, wet = p->wet.frames;
    p->first = delay < 0 ? -delay : 0;
    int64_t end = dry < wet - delay ? dry : wet - delay;
    p->frames = end > p->first ? end - p->first : 0;
    p->in = p->dry.pcm + p->first;
    p->out = p->wet.pcm + p->first + delay;
    int64_t longest = dry > wet ? dry : wet;
    bool large = (double)(longest - p->frames) > LARGE_REST * (double)longest;
    if (dry != wet)
        wn_findings_note(f, p->wet.path, "has %lld samples, the dry recording %lld%s; the common %lld are used%s",
                         (long long)p->wet.info.frames, (long long)p->dry.info.frames,
                         p->dry.info.rate != p->wet.info.rate ? " at its own rate" : "", (long long)p->frames,
                         large ? ": is it the right file?" : "");
}

/* A delay that grows shows two clocks, or lost samples. */
static wn_status check_drift(const wn_pair *p, double rate, wn_spool *spool, wn_findings *f, wn_error *error)
{
    wn_response halves[2] = {0};
    int64_t middle = p->frames / 2, length = MAX_STRETCH / 4;
    wn_status status = find_response(&halves[0], p->in, p->out, 0, middle, length, spool, error);
    if (!status) status = find_response(&halves[1], p->in, p->out, middle, p->frames, length, spool, error);
    if (status || halves[0].explained < LOW_EXPLAINED || halves[1].explained < LOW_EXPLAINED) return status;
    int64_t drift = halves[1].delay - halves[0].delay;
    if ((double)llabs(drift) > MAX_DRIFT * rate)
        wn_findings_fault(f, p->wet.path,
                          "its delay changes by %lld samples over the recording: two clocks, or samples were lost",
                          (long long)drift);
    return WN_OK;
}

wn_status wn_pair_read(wn_pair *pair, const char *dry, const char *wet, double rate, double gain, wn_spool *spool,
                       wn_findings *findings, wn_error *error)
{
    *pair = (wn_pair){0};
    wn_status status = wn_take_read(&pair->dry, dry, rate, gain, spool, findings, error);
    if (!status) status = wn_take_read(&pair->wet, wet, rate, gain, spool, findings, error);
    if (status || wn_findings_first_fault(findings)) return status;
    int64_t both = pair->dry.frames < pair->wet.frames ? pair->dry.frames : pair->wet.frames;
    status = find_response(&pair->response, pair->dry.pcm, pair->wet.pcm, 0, both, MAX_STRETCH, spool, error);
    if (status) return status;
    note_response(pair, rate, findings);
    choose_common(pair, findings);
    if (wn_findings_first_fault(findings) || !pair->frames) return WN_OK;
    status = check_drift(pair, rate, spool, findings, error);
    if (!status) status = wn_pair_check_level(pair, rate, spool, findings, error);
    if (!status) status = wn_pair_check_repeat(pair, rate, spool, findings, error);
    if (!status) status = wn_pair_check_hum(pair, rate, spool, findings, error);
    return status;
}
