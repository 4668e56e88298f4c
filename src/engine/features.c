/* SPDX-License-Identifier: MIT
 * features.c - control values, times since note-on and note-off, and pitch phase of one voice, and the channels a model makes of them.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/features.h"

#include <math.h>
#include <stdlib.h>

#include "base/exact_math.h"
#include "engine/harmonic_source.h"

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
    if (e->n == 0) return 0;
    double bend = e->bend >= 0 ? f->control[e->bend].value : 0;
    return wn_harmonic_source_step(e, f->control[e->key].value, bend, f->model->sample_rate);
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

static void features_advance(wn_features *f)
{
    for (int i = 0; i < f->model->n_controls; i++) {
        control_state *s = &f->control[i];
        s->since_on += s->since_on >= 0;
        s->since_off += s->since_off >= 0;
    }
    f->phase += f->step;
    f->phase -= floor(f->phase);
}

/* Channels of harmonic i at a phase in cycles. */
static void put_harmonic(const wn_features *f, int i, double cycles, float *harmonics)
{
    const wn_harmonic_source *source = &f->model->condition.harmonic_source;
    double sine, cosine;
    wn_harmonic_source_at(source, i, cycles, f->step, &sine, &cosine);
    harmonics[i] = (float)sine;
    harmonics[source->n + i] = (float)cosine;
}

void wn_features_tick(wn_features *f, float *harmonics)
{
    const wn_harmonic_source *source = &f->model->condition.harmonic_source;
    for (int i = 0; harmonics && i < source->n; i++)
        put_harmonic(f, i, wn_harmonic_source_phase(source, i, f->phase), harmonics);
    features_advance(f);
}

void wn_features_tick_at(wn_features *f, const double *cycles, float *harmonics)
{
    const wn_harmonic_source *source = &f->model->condition.harmonic_source;
    f->phase = isfinite(cycles[0]) ? cycles[0] - floor(cycles[0]) : f->phase; /* where the nominal pitch continues */
    for (int i = 0; harmonics && i < source->n; i++) {
        double c = cycles[1 + i];
        put_harmonic(f, i, isfinite(c) ? c - floor(c) : wn_harmonic_source_phase(source, i, f->phase), harmonics);
    }
    features_advance(f);
}
