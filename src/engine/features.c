/* SPDX-License-Identifier: MIT
 * features.c - control values, times since note-on and note-off, and pitch phase of one voice, and the channels a model makes of them.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/features.h"

#include <math.h>
#include <stdlib.h>

#include "engine/harmonic_source.h"
#include "model/feature.h"

struct wn_features {
    const wn_model *model;
    wn_control_state *control; /* [n_controls] */
    double phase;              /* cycles, 0..1 */
    double step;               /* cycles a sample at the present pitch */
};

static double cycles_per_sample(const wn_features *f)
{
    const wn_harmonic_source *e = &f->model->condition.harmonic_source;
    if (e->n == 0 || e->reference != 0) return 0;
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
        f->control[i].since_on = wn_gate_is_on(f->control[i].value) ? 0 : -1;
        f->control[i].since_off = -1;
    }
    f->phase = 0;
    f->step = cycles_per_sample(f);
}

void wn_features_set(wn_features *f, int control, double value)
{
    if (control < 0 || control >= f->model->n_controls) return;
    const wn_model_control *c = &f->model->controls[control];
    wn_control_state *s = &f->control[control];
    bool was_on = wn_gate_is_on(s->value);
    s->value = value != value ? c->default_value : fmin(fmax(value, c->minimum), c->maximum);
    if (!was_on && wn_gate_is_on(s->value))
        s->since_on = 0;
    else if (was_on && !wn_gate_is_on(s->value) && s->since_on > 0)
        s->since_off = 0;
    else if (was_on && !wn_gate_is_on(s->value) && s->since_off < 0)
        s->since_on = -1; /* on by default and taken back before it was heard: it never was on */
    if (f->model->condition.harmonic_source.reference == 0) f->step = cycles_per_sample(f);
}

void wn_features_set_step(wn_features *f, double step) { f->step = step; }

void wn_features_row(const wn_features *f, float *row)
{
    const wn_condition *c = &f->model->condition;
    for (int i = 0; i < c->n_features; i++) {
        const wn_feature *feature = &c->features[i];
        wn_feature_types[feature->kind].value(feature, &f->control[feature->control], f->model->sample_rate, row);
        row += feature->n;
    }
}

double wn_features_pitch(const wn_features *f) { return f->step * f->model->sample_rate; }

static void features_advance(wn_features *f)
{
    for (int i = 0; i < f->model->n_controls; i++) {
        wn_control_state *s = &f->control[i];
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
