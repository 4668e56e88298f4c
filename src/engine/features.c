/* SPDX-License-Identifier: MIT
 * features.c - control values, gate ages and pitch phase of one voice, and the channels a model makes of them.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/features.h"

#include <math.h>
#include <stdlib.h>

#include "base/exact_math.h"

typedef struct control_state {
    double value;
    int64_t since_on, since_off; /* samples since the gate last went on, off; -1 = it never did */
} control_state;

struct wn_features {
    const wn_model *model;
    control_state *control; /* [n_controls] */
    double phase;           /* cycles, 0..1 */
    double step;            /* cycles a sample at the present pitch */
};

static bool is_on(double value) { return value >= 0.5; }

static double cycles_per_sample(const wn_features *f)
{
    const wn_harmonic_source *e = &f->model->condition.harmonic_source;
    if (e->n == 0 || f->model->sample_rate <= 0) return 0;
    double semitones = f->control[e->key].value - 69;
    if (e->bend >= 0) semitones += f->control[e->bend].value / 100;
    double step = 440 * wn_exp(semitones * (0.6931471805599453 / 12)) / f->model->sample_rate;
    return fmin(step, 1e6); /* silent long before; an infinite step would leave no phase to come back to */
}

wn_features *wn_features_new(const wn_model *model)
{
    wn_features *f = calloc(1, sizeof *f);
    if (!f) return NULL;
    f->model = model;
    f->control = calloc((size_t)model->n_controls + 1, sizeof *f->control);
    if (!f->control) {
        wn_features_free(f);
        return NULL;
    }
    for (int i = 0; i < model->n_controls; i++) f->control[i].value = model->controls[i].default_value;
    wn_features_reset(f);
    return f;
}

void wn_features_free(wn_features *features)
{
    if (!features) return;
    free(features->control);
    free(features);
}

void wn_features_reset(wn_features *f)
{
    for (int i = 0; i < f->model->n_controls; i++) {
        f->control[i].since_on = is_on(f->control[i].value) ? 0 : -1;
        f->control[i].since_off = -1;
    }
    f->phase = 0;
    f->step = cycles_per_sample(f);
}

void wn_features_set(wn_features *f, int control, double value)
{
    if (control < 0 || control >= f->model->n_controls) return;
    const wn_model_control *c = &f->model->controls[control];
    control_state *s = &f->control[control];
    bool was_on = is_on(s->value);
    s->value = value != value ? c->default_value : fmin(fmax(value, c->minimum), c->maximum);
    if (!was_on && is_on(s->value))
        s->since_on = 0;
    else if (was_on && !is_on(s->value) && s->since_on > 0)
        s->since_off = 0;
    else if (was_on && !is_on(s->value) && s->since_off < 0)
        s->since_on = -1; /* on by default and taken back before it was heard: it never was on */
    f->step = cycles_per_sample(f);
}

static void time_since(const wn_feature *feature, int64_t samples, double rate, float *row)
{
    for (int i = 0; i < feature->n; i++)
        row[i] = samples < 0 ? 0 : (float)wn_exp(-(double)samples / rate / feature->taus[i]);
}

static void gaussian(const wn_feature *feature, double value, float *row)
{
    double gap = feature->n > 1 ? (feature->hi - feature->lo) / (feature->n - 1) : 0;
    for (int i = 0; i < feature->n; i++) {
        double z = (value - (feature->lo + i * gap)) / feature->sigma;
        row[i] = (float)wn_exp(-0.5 * z * z);
    }
}

static void channels(const wn_feature *feature, const control_state *s, double rate, float *row)
{
    double scaled = (s->value - feature->offset) * feature->scale;
    switch (feature->kind) {
    case WN_FEATURE_SCALED: row[0] = (float)(feature->power == 2 ? scaled * scaled : scaled); break;
    case WN_FEATURE_ONEHOT:
        for (int i = 0; i < feature->n; i++) row[i] = i == (int)(s->value + 0.5);
        break;
    case WN_FEATURE_GAUSSIAN: gaussian(feature, s->value, row); break;
    case WN_FEATURE_TIME_SINCE_ON: time_since(feature, s->since_on, rate, row); break;
    case WN_FEATURE_TIME_SINCE_OFF: time_since(feature, is_on(s->value) ? -1 : s->since_off, rate, row); break;
    }
}

void wn_features_row(const wn_features *f, float *row)
{
    const wn_condition *c = &f->model->condition;
    for (int i = 0; i < c->n_features; i++) {
        channels(&c->features[i], &f->control[c->features[i].control], f->model->sample_rate, row);
        row += c->features[i].n;
    }
}

double wn_features_pitch(const wn_features *f) { return f->step * f->model->sample_rate; }

static void advance(wn_features *f)
{
    for (int i = 0; i < f->model->n_controls; i++) {
        control_state *s = &f->control[i];
        s->since_on += s->since_on >= 0;
        s->since_off += s->since_off >= 0;
    }
    f->phase += f->step;
    f->phase -= floor(f->phase);
}

/* The phase of harmonic i, from that of the fundamental. */
static double harmonic_phase(const wn_features *f, int i)
{
    const wn_harmonic_source *e = &f->model->condition.harmonic_source;
    return e->harmonics[i] * f->phase + (e->phase_offsets ? e->phase_offsets[i] : 0);
}

/* Channels of harmonic i at a phase in cycles. */
static void excite(const wn_features *f, int i, double cycles, float *harmonic_source)
{
    const wn_harmonic_source *e = &f->model->condition.harmonic_source;
    double s = 0, c = 0;
    if (e->harmonics[i] * f->step < e->limit) wn_sincos(cycles, &s, &c);
    harmonic_source[i] = (float)s;
    harmonic_source[e->n + i] = (float)c;
}

void wn_features_tick(wn_features *f, float *harmonic_source)
{
    const wn_harmonic_source *e = &f->model->condition.harmonic_source;
    for (int i = 0; harmonic_source && i < e->n; i++) excite(f, i, harmonic_phase(f, i), harmonic_source);
    advance(f);
}

void wn_features_tick_at(wn_features *f, const double *cycles, float *harmonic_source)
{
    const wn_harmonic_source *e = &f->model->condition.harmonic_source;
    f->phase = isfinite(cycles[0]) ? cycles[0] - floor(cycles[0]) : f->phase; /* where the nominal pitch would go on */
    for (int i = 0; harmonic_source && i < e->n; i++) {
        double c = cycles[1 + i];
        excite(f, i, isfinite(c) ? c - floor(c) : harmonic_phase(f, i), harmonic_source);
    }
    advance(f);
}
