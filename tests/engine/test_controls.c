/* SPDX-License-Identifier: MIT
 * test_controls.c - controls over time against formulas of the time since each event, sample by sample.
 * Copyright (c) 2026 the wavenet authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drawn.h"
#include "engine/features.h"
#include "model/check_model.h"

enum { KEY, VELOCITY, INSTRUMENT, GATE, BEND, CONTROLS };
enum { RATE = 8000, HOP = 7, CENTRES = 5, TAUS = 2, HARMONICS = 3, ROW = 1 + 1 + 3 + CENTRES + 2 * TAUS };

static const int harmonics[HARMONICS] = {1, 2, 9};
static const double phase_offsets[HARMONICS] = {0.25, -0.4, 1}; /* of models that have no other conditions */
static const double taus[TAUS] = {0.001, 0.05};
static const double LIMIT = 0.4;

/* ---- the model ------------------------------------------------------------------------------------------------------ */

static void add_control(wn_model *m, int i, const char *name, double lo, double hi, double fallback)
{
    m->controls[i] = (wn_model_control){.name = wn_arena_strdup(m->arena, name),
                                        .unit = wn_arena_strdup(m->arena, ""),
                                        .minimum = lo,
                                        .maximum = hi,
                                        .default_value = fallback};
}

static void add_controls(wn_model *m, double gate)
{
    static char *names[] = {"piano", "flute", "drum"};
    m->n_controls = CONTROLS;
    m->controls = wn_arena_alloc(m->arena, CONTROLS, sizeof *m->controls);
    add_control(m, KEY, "key", 0, 127, 60);
    add_control(m, VELOCITY, "velocity", 0, 127, 90);
    add_control(m, INSTRUMENT, "instrument", 0, 2, 1);
    add_control(m, GATE, "gate", 0, 1, gate);
    add_control(m, BEND, "bend", -200, 200, 0);
    m->controls[INSTRUMENT].kind = WN_CONTROL_CHOICE;
    m->controls[INSTRUMENT].n_choices = 3;
    m->controls[INSTRUMENT].choices = names;
}

static void add_features(wn_model *m)
{
    wn_condition *k = &m->condition;
    k->source = WN_CONDITION_CONTROLS;
    k->hop = HOP;
    k->feature_channels = ROW;
    k->n_features = 6;
    k->features = wn_arena_alloc(m->arena, 6, sizeof *k->features);
    k->features[0] =
        (wn_feature){.kind = WN_FEATURE_SCALED, .control = VELOCITY, .offset = 10, .scale = 0.01, .power = 1, .n = 1};
    k->features[1] = (wn_feature){
        .kind = WN_FEATURE_SCALED, .control = VELOCITY, .offset = 64, .scale = 1 / 64.0, .power = 2, .n = 1};
    k->features[2] = (wn_feature){.kind = WN_FEATURE_ONEHOT, .control = INSTRUMENT, .n = 3};
    k->features[3] =
        (wn_feature){.kind = WN_FEATURE_GAUSSIAN, .control = KEY, .n = CENTRES, .lo = 36, .hi = 96, .sigma = 9};
    k->features[4] = (wn_feature){.kind = WN_FEATURE_TIME_SINCE_ON, .control = GATE, .n = TAUS, .taus = (double *)taus};
    k->features[5] =
        (wn_feature){.kind = WN_FEATURE_TIME_SINCE_OFF, .control = GATE, .n = TAUS, .taus = (double *)taus};
}

typedef enum route { HELD, UPSAMPLED, HARMONICS_ONLY } route;

static wn_model *playable(route r, double gate)
{
    chance c = {1};
    wn_model *m = drawn_bare(&c);
    wn_condition *k = &m->condition;
    m->sample_rate = RATE;
    add_controls(m, gate);
    if (r != HARMONICS_ONLY) add_features(m);
    k->to_held = r == HELD;
    if (r == UPSAMPLED) {
        k->n_stages = 1;
        k->stages = wn_arena_alloc(m->arena, 1, sizeof *k->stages);
        k->stages[0] = (wn_stage){.kind = WN_STAGE_UPSAMPLE, .factor = HOP};
    }
    k->harmonic_source =
        (wn_harmonic_source){.n = HARMONICS, .harmonics = (int *)harmonics, .key = KEY, .bend = BEND, .limit = LIMIT};
    if (r == HARMONICS_ONLY) k->harmonic_source.phase_offsets = (double *)phase_offsets;
    drawn_finish(m);
    return m;
}

/* ---- what should come out --------------------------------------------------------------------------------------------- */

/* One voice's history in plain words. Times are samples; NEVER is never. */
static const int NEVER = -1;
typedef struct history {
    double value[CONTROLS];
    int went_on, went_off;  /* the last time each */
    long double phase;      /* cycles, not wrapped */
    bool led;               /* the model has phase offsets */
    const double *measured; /* [HARMONICS] cycles of each harmonic instead of the multiples of phase; NULL: those */
} history;

static double hertz(const history *h) { return 440 * pow(2, (h->value[KEY] + h->value[BEND] / 100 - 69) / 12); }

static history beginning(const wn_model *m)
{
    history h = {.went_on = NEVER, .went_off = NEVER, .led = m->condition.harmonic_source.phase_offsets != NULL};
    for (int i = 0; i < CONTROLS; i++) h.value[i] = m->controls[i].default_value;
    if (h.value[GATE] >= 0.5) h.went_on = 0;
    return h;
}

static void expected_row(const history *h, int t, double *row)
{
    double v = h->value[VELOCITY];
    *row++ = (v - 10) * 0.01;
    *row++ = pow((v - 64) / 64, 2);
    for (int i = 0; i < 3; i++) *row++ = (int)h->value[INSTRUMENT] == i;
    for (int i = 0; i < CENTRES; i++) *row++ = exp(-pow(h->value[KEY] - (36 + 15 * i), 2) / (2 * 9 * 9));
    for (int i = 0; i < TAUS; i++) *row++ = h->went_on == NEVER ? 0 : exp(-(double)(t - h->went_on) / RATE / taus[i]);
    bool off = h->value[GATE] < 0.5 && h->went_off != NEVER;
    for (int i = 0; i < TAUS; i++) *row++ = off ? exp(-(double)(t - h->went_off) / RATE / taus[i]) : 0;
}

static void expected_harmonics(const history *h, double *e)
{
    for (int i = 0; i < HARMONICS; i++) {
        bool received = harmonics[i] * hertz(h) < LIMIT * RATE;
        long double lead = h->led ? (long double)phase_offsets[i] : 0;
        long double cycles = h->measured ? (long double)h->measured[i] : h->phase * harmonics[i] + lead;
        long double angle = 6.283185307179586476925286766559L * fmodl(cycles, 1);
        e[i] = received ? (double)sinl(angle) : 0;
        e[HARMONICS + i] = received ? (double)cosl(angle) : 0;
    }
}

static void change(const wn_model *m, history *h, int t, int control, double value)
{
    const wn_model_control *c = &m->controls[control];
    bool was_on = h->value[GATE] >= 0.5;
    h->value[control] = isnan(value)         ? c->default_value
                        : value < c->minimum ? c->minimum
                        : value > c->maximum ? c->maximum
                                             : value;
    bool is_on = h->value[GATE] >= 0.5;
    if (is_on && !was_on) h->went_on = t;
    if (was_on && !is_on) h->went_off = t;
}

/* ---- playing it ------------------------------------------------------------------------------------------------------- */

typedef struct event {
    int time, control;
    double value;
} event;

static void expect(const float *y, const double *r, int n, const char *what, int t)
{
    for (int i = 0; i < n; i++)
        if (!(fabs((double)y[i] - r[i]) <= 1e-6)) { /* floats of about 1 */
            print_error("%s at sample %d, channel %d: %.9g, expected %.9g\n", what, t, i, (double)y[i], r[i]);
            fail();
        }
}

/* Play `events` for `frames` samples; measured phases [][1 + HARMONICS] hold for the first `measured` samples. */
static void play(const wn_model *m, wn_conditioner *k, route r, const event *events, int n, int frames,
                 const double *phase, int measured)
{
    history h = beginning(m);
    double row[ROW], e[2 * HARMONICS];
    float local[ROW + 2 * HARMONICS], held[ROW];
    for (int t = 0, next = 0; t < frames; t++) {
        for (; next < n && events[next].time == t; next++) {
            wn_conditioner_set_control(k, events[next].control, events[next].value);
            change(m, &h, t, events[next].control, events[next].value);
        }
        if (fabs(wn_conditioner_get_pitch(k) - hertz(&h)) > 1e-9 * hertz(&h))
            fail_msg("pitch %g, expected %g Hz", wn_conditioner_get_pitch(k), hertz(&h));
        if (t % HOP == 0) expected_row(&h, t, row);
        h.measured = t < measured ? phase + t * (1 + HARMONICS) + 1 : NULL;
        if (t < measured) h.phase = (long double)h.measured[-1];
        expected_harmonics(&h, e);
        h.phase += (long double)hertz(&h) / RATE;
        int fresh = wn_conditioner_next(k, local, held);
        assert_int_equal(fresh, t == 0 || (r == HELD && t % HOP == 0));
        if (r == HELD) expect(held, row, ROW, "held row", t);
        if (r == UPSAMPLED) expect(local, row, ROW, "local row", t);
        expect(local + (r == UPSAMPLED ? ROW : 0), e, 2 * HARMONICS, "excitation", t);
    }
}

static int random_events(chance *c, event *events, int most, int frames)
{
    int n = 0;
    for (int t = 0; t < frames && n < most; t += chance_percent(c, 30) ? 0 : chance_int(c, 1, 40)) {
        int control = chance_int(c, 0, CONTROLS - 1);
        static const double scale[CONTROLS] = {127, 127, 0, 1, 200};
        double value = control == INSTRUMENT ? chance_int(c, 0, 2) : scale[control] * (1.4 * chance_uniform(c) - 0.2);
        if (control == GATE) value = chance_int(c, 0, 1);
        events[n++] = (event){t, control, chance_percent(c, 3) ? NAN : value};
    }
    return n;
}

static void random_playing(void **state)
{
    (void)state;
    for (int i = 0; i < 60; i++) {
        chance c = {(uint64_t)i};
        route r = (route)(i % 3);
        wn_model *m = playable(r, i % 2);
        wn_conditioner *k;
        assert_int_equal(wn_conditioner_new(&k, m, NULL), WN_OK);
        event events[100];
        /* Not at sample 0: what a gate that is taken back before it ever sounded means has a test of its own. */
        int n = random_events(&c, events, 100, 1500);
        for (int e = 0; e < n; e++) events[e].time++;
        for (int e = 1; e < n; e++) /* nor twice at one sample */
            if (events[e].control == GATE && events[e - 1].time == events[e].time) events[e].control = VELOCITY;
        play(m, k, r, events, n, 1600, NULL, 0);
        wn_conditioner_free(k);
        wn_model_free(m);
    }
}

/* ---- particular moments ------------------------------------------------------------------------------------------------- */

static void playing(const event *events, int n, double gate, int frames)
{
    for (route r = HELD; r <= HARMONICS_ONLY; r++) {
        wn_model *m = playable(r, gate);
        wn_conditioner *k;
        assert_int_equal(wn_conditioner_new(&k, m, NULL), WN_OK);
        play(m, k, r, events, n, frames, NULL, 0);
        wn_conditioner_free(k);
        wn_model_free(m);
    }
}

static void a_note(void **state)
{
    (void)state;
    const event events[] = {{3, GATE, 1}, {3, KEY, 72}, {70, GATE, 0}, {200, KEY, 40}, {300, GATE, 1}};
    playing(events, 5, 0, 400);
}

/* A gate that stays on while the key changes does not start its age anew. */
static void legato(void **state)
{
    (void)state;
    const event events[] = {{7, GATE, 1},     {70, KEY, 62},      {70, GATE, 1}, {140, GATE, 0.8},
                            {210, GATE, 0.5}, {280, GATE, 0.499}, {350, GATE, 0}};
    playing(events, 7, 0, 420);
}

static void either_side_of_a_hop(void **state)
{
    (void)state;
    const event events[] = {
        {HOP - 1, VELOCITY, 1}, {HOP, VELOCITY, 2}, {HOP + 1, VELOCITY, 3}, {3 * HOP, GATE, 1}, {4 * HOP - 1, GATE, 0}};
    playing(events, 5, 0, 10 * HOP);
}

/* A harmonic at or above limit * rate is 0; its phase still advances. */
static void pitch_beyond_the_limit(void **state)
{
    (void)state;
    event events[128];
    for (int i = 0; i < 128; i++) events[i] = (event){5 * i, KEY, i};
    playing(events, 128, 1, 700);
}

/* A gate that is on by default but taken back before the first sample never sounded: both ages are 0. */
static void never_on(void **state)
{
    (void)state;
    wn_model *m = playable(HELD, 1);
    wn_features *f = wn_features_new(m);
    float row[ROW];
    wn_features_set(f, GATE, 0);
    wn_features_row(f, row);
    for (int i = ROW - 2 * TAUS; i < ROW; i++) assert_true(row[i] == 0);
    wn_features_set(f, GATE, 1);
    wn_features_row(f, row);
    assert_float_equal(row[ROW - 2 * TAUS], 1, 0);
    assert_float_equal(row[ROW - 1], 0, 0);
    wn_features_free(f);
    wn_model_free(m);
}

/* Off and on again within one sample is a new note. */
static void struck_again(void **state)
{
    (void)state;
    const event events[] = {{3, GATE, 1}, {77, GATE, 0}, {77, GATE, 1}, {140, GATE, 0}};
    playing(events, 4, 0, 300);
}

/* A measured phase replaces the accumulated one; where it ends, the nominal pitch goes on from it without a jump. */
static void measured_phase(void **state)
{
    (void)state;
    double phase[100 * (1 + HARMONICS)];
    for (int i = 0; i < 100; i++)
        for (int h = 0; h <= HARMONICS; h++)
            phase[i * (1 + HARMONICS) + h] =
                (h ? harmonics[h - 1] : 1) * (-3.7 + 0.031 * i + 0.1 * sin(0.05 * i)) + 0.2 * h;
    for (route r = HELD; r <= HARMONICS_ONLY; r++) {
        wn_model *m = playable(r, 1);
        wn_conditioner *k;
        assert_int_equal(wn_conditioner_new(&k, m, NULL), WN_OK);
        wn_conditioner_set_phase(k, phase, 100);
        const event events[] = {{50, KEY, 70}, {120, KEY, 50}};
        play(m, k, r, events, 2, 300, phase, 100);
        wn_conditioner_set_phase(k, NULL, 100);
        wn_conditioner_reset(k);
        for (int i = 0; i < CONTROLS; i++) wn_conditioner_set_control(k, i, m->controls[i].default_value);
        play(m, k, r, NULL, 0, 200, NULL, 0);
        wn_conditioner_free(k);
        wn_model_free(m);
    }
}

/* Reset forgets ages and phase and keeps values. */
static void reset(void **state)
{
    (void)state;
    wn_model *m = playable(HELD, 0);
    wn_conditioner *k;
    assert_int_equal(wn_conditioner_new(&k, m, NULL), WN_OK);
    const event events[] = {{3, GATE, 1}, {70, GATE, 0}};
    play(m, k, HELD, events, 2, 100, NULL, 0);
    wn_conditioner_reset(k);
    play(m, k, HELD, events, 2, 100, NULL, 0);
    wn_conditioner_set_control(k, GATE, 1);
    wn_conditioner_reset(k);
    float local[2 * HARMONICS], held[ROW];
    assert_int_equal(wn_conditioner_next(k, local, held), 1);
    assert_float_equal(held[ROW - 2 * TAUS], 1, 0);
    assert_float_equal(held[ROW - TAUS], 0, 0);
    assert_float_equal(local[0], 0, 0);
    wn_conditioner_free(k);
    wn_model_free(m);
}

/* Rows of controls come one by one, so a stage that needs its neighbours is refused. */
static void no_neighbours(void **state)
{
    (void)state;
    wn_model *m = playable(UPSAMPLED, 1);
    wn_stage *s = m->condition.stages;
    chance c = {4};
    *s = (wn_stage){.kind = WN_STAGE_TRANSPOSED, .factor = HOP};
    drawn_conv(&c, m->arena, &s->conv, ROW, 2, HOP, 1, 1, true);
    assert_int_equal(wn_model_finish(m, "", NULL), WN_OK);
    drawn_conv(&c, m->arena, &s->conv, ROW, 2, HOP + 1, 1, 1, true);
    assert_int_equal(wn_model_finish(m, "", NULL), WN_ERROR_FORMAT);
    *s = (wn_stage){.kind = WN_STAGE_UPSAMPLE, .factor = HOP, .linear = true};
    assert_int_equal(wn_model_finish(m, "", NULL), WN_ERROR_FORMAT);
    wn_model_free(m);
}

/* Phases and pitches no sane player sends do no harm to what comes after. */
static void absurd_pitch(void **state)
{
    (void)state;
    wn_model *m = playable(HARMONICS_ONLY, 1);
    m->controls[KEY].maximum = 1e300;
    wn_features *f = wn_features_new(m);
    float e[2 * HARMONICS];
    wn_features_set(f, KEY, 1e300);
    for (int i = 0; i < 10; i++) {
        wn_features_tick(f, e);
        for (int c = 0; c < 2 * HARMONICS; c++) assert_true(e[c] == 0);
    }
    wn_features_set(f, KEY, 60);
    const double phases[] = {NAN, INFINITY, -INFINITY, 1e300, -1e300, 0.25};
    for (int i = 0; i < 6; i++) {
        double cycles[1 + HARMONICS];
        for (int h = 0; h <= HARMONICS; h++)
            cycles[h] = phases[(i + (h == 2)) % 6]; /* one partial hears something else */
        wn_features_tick_at(f, cycles, e);
        for (int c = 0; c < HARMONICS; c++)
            assert_true(fabsf(e[c] * e[c] + e[HARMONICS + c] * e[HARMONICS + c] - 1) < 1e-6f);
    }
    assert_true(e[0] == 1);
    for (int i = 0; i < 10; i++) {
        wn_features_tick(f, e);
        assert_true(fabsf(e[0] * e[0] + e[HARMONICS] * e[HARMONICS] - 1) < 1e-6f);
    }
    wn_features_free(f);
    wn_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_playing), cmocka_unit_test(a_note),
        cmocka_unit_test(legato),         cmocka_unit_test(either_side_of_a_hop),
        cmocka_unit_test(never_on),       cmocka_unit_test(pitch_beyond_the_limit),
        cmocka_unit_test(struck_again),   cmocka_unit_test(measured_phase),
        cmocka_unit_test(reset),          cmocka_unit_test(absurd_pitch),
        cmocka_unit_test(no_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
