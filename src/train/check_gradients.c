/* SPDX-License-Identifier: MIT
 * check_gradients.c - the trainer's backward pass, compiled in double, against plain loops over the model's operations.
 * Copyright (c) 2026 the wavenet authors */
#include "train/check_gradients.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/model_gradients.h"
#include "base/random_sequence.h"
#include "train/build.h"
#include "train/loss.h"
#include "train/net.h"
#include "train/pipe.h"

/* Frames of the sound beyond the longest reach, so that every tap meets sound; a longer reach is cut to MAX_FRAMES. */
enum { MORE_FRAMES = 64, MAX_FRAMES = 4096, MAX_ROWS = 1 << 16 };

/* The sound, and the trainer's side. */
typedef struct check {
    wn_model *model;
    wn_tnet *net;
    wn_twork *work;
    wn_tchunk chunk;
    wn_tsegment segment;
    wn_gradient_sound sound;
    double *pcm, *harmonics, *target, *parameters, *gradient, *state, *dy, *y;
    float *rows, *vector;
    int *classes, *target_classes;
} check;

static int frames_needed(const wn_tnet *net)
{
    int reach = net->in_reach, hop = net->condition.hop;
    for (int i = 0; i < net->n_signals; i++) reach = net->signals[i].history > reach ? net->signals[i].history : reach;
    if (reach > MAX_FRAMES - MORE_FRAMES) reach = MAX_FRAMES - MORE_FRAMES;
    return (reach + MORE_FRAMES + hop - 1) / hop * hop;
}

static double *new_doubles(size_t n) { return calloc(n + 1, sizeof(double)); }

static double *noise_doubles(wn_random_sequence *noise, size_t n, double scale)
{
    double *x = new_doubles(n);
    for (size_t i = 0; x && i < n; i++) x[i] = scale * (double)wn_random_sequence_signal(noise);
    return x;
}

static float *noise_floats(wn_random_sequence *noise, size_t n)
{
    float *x = calloc(n + 1, sizeof *x);
    for (size_t i = 0; x && i < n; i++) x[i] = wn_random_sequence_signal(noise);
    return x;
}

static int *noise_classes(wn_random_sequence *noise, size_t n, int classes)
{
    int *x = calloc(n + 1, sizeof *x);
    for (size_t i = 0; x && classes && i < n; i++) x[i] = wn_random_sequence_below(noise, classes);
    return x;
}

/* Feature rows that last for the whole sound. */
static wn_status count_rows(check *c, wn_error *error)
{
    const wn_tcondition *k = &c->net->condition;
    int64_t n = 0;
    while (k->has_rows && n < MAX_ROWS && wn_tcondition_length(k, n) < c->sound.frames) n++;
    c->sound.n_rows = n;
    return n < MAX_ROWS ? WN_OK
                        : wn_fail(error, WN_ERROR_UNSUPPORTED, c->model->name, "its conditions need more than %d rows",
                                  MAX_ROWS);
}

static wn_status draw_sound(check *c, wn_error *error)
{
    const wn_tnet *net = c->net;
    const wn_tcondition *k = &net->condition;
    wn_random_sequence noise = wn_random_sequence_start(17, 0, 0);
    size_t frames = (size_t)c->sound.frames;
    bool categorical = c->model->output == WN_OUTPUT_CATEGORICAL;
    wn_status status = count_rows(c, error);
    if (status) return status;
    c->pcm = noise_doubles(&noise, frames * (size_t)net->in_channels, 0.5);
    c->classes = noise_classes(&noise, frames, net->n_classes);
    c->harmonics = noise_doubles(&noise, frames * (size_t)k->harmonic_channels, 1);
    c->target = noise_doubles(&noise, frames * (size_t)net->outputs, 0.5);
    c->target_classes = noise_classes(&noise, frames, categorical ? net->outputs : 0);
    c->rows = noise_floats(&noise, (size_t)c->sound.n_rows * (size_t)k->feature_channels);
    c->vector = noise_floats(&noise, (size_t)k->global_channels);
    if (!c->pcm || !c->classes || !c->harmonics || !c->target || !c->target_classes || !c->rows || !c->vector)
        return wn_fail_memory(error, c->model->name);
    c->sound.pcm = c->pcm;
    c->sound.classes = c->classes;
    c->sound.harmonics = c->harmonics;
    c->sound.rows = c->rows;
    c->sound.vector = c->vector;
    return WN_OK;
}

static void fill_chunk(check *c)
{
    const wn_gradient_sound *s = &c->sound;
    c->segment = (wn_tsegment){.frames = s->frames, .rows = s->rows, .n_rows = s->n_rows, .vector = s->vector};
    c->chunk = (wn_tchunk){.frames = s->frames,
                           .n_segments = 1,
                           .segments = &c->segment,
                           .pcm = c->pcm,
                           .classes = c->classes,
                           .harmonic_source = c->harmonics,
                           .target = c->target,
                           .target_class = c->target_classes};
}

static void copy_plane(const check *c, wn_planar_view from, double *to)
{
    for (int o = 0; o < c->net->outputs; o++)
        memcpy(to + (ptrdiff_t)o * c->sound.frames, from.x + o * from.stride, (size_t)c->sound.frames * sizeof *to);
}

/* The trainer's forward pass, its loss and its backward pass. */
static wn_status run_trainer(check *c, wn_gradient_check *out, void (*edit)(void *net, void *user), void *user,
                             wn_error *error)
{
    size_t outputs = (size_t)c->net->outputs * (size_t)c->sound.frames, n = c->net->params.count;
    wn_tloss loss = {.squared = 1, .esr = 1, .pre_emphasis = 0.85, .energy = 0.2};
    wn_status status = wn_twork_new(&c->work, c->net, c->sound.frames, NULL, error);
    if (status) return status;
    c->parameters = new_doubles(n);
    c->gradient = new_doubles(n);
    c->state = new_doubles(c->net->state);
    c->y = new_doubles(outputs);
    c->dy = new_doubles(outputs);
    if (!c->parameters || !c->gradient || !c->state || !c->y || !c->dy) return wn_fail_memory(error, c->model->name);
    wn_params_read(&c->net->params, c->parameters);
    wn_tnet_forward(c->work, c->parameters, &c->chunk, c->state);
    copy_plane(c, c->work->y, c->y);
    out->loss = wn_tloss_chunk(&loss, c->model, &c->chunk, c->work->y, 1, c->work->dy);
    copy_plane(c, c->work->dy, c->dy);
    if (edit) edit(c->net, user);
    wn_tnet_backward(c->work, c->parameters, &c->chunk, c->gradient);
    return WN_OK;
}

/* ---- comparison -------------------------------------------------------------------------------------------------- */

/* Index in the trainer's order [a][kernel][b] of element i of the model's [a][b][kernel]. */
static size_t trainer_index(const wn_slot *s, size_t i)
{
    if (s->ndim != 3) return i;
    size_t inner = (size_t)s->shape[1], kernel = (size_t)s->shape[2];
    return (i / kernel / inner * kernel + i % kernel) * inner + i / kernel % inner;
}

static void compare_tensor(wn_gradient_row *row, const wn_slot *slot, const double *trained, const double *exact)
{
    double largest = 0, difference = 0;
    snprintf(row->name, sizeof row->name, "%s", slot->name);
    row->count = (int64_t)slot->count;
    for (size_t i = 0; i < slot->count; i++) {
        double d = fabs(trained[slot->offset + trainer_index(slot, i)] - exact[i]);
        largest = fmax(largest, fabs(exact[i]));
        if (!(d <= difference)) difference = d; /* NaN stays */
    }
    row->largest = largest;
    row->error = largest > 0 ? difference / largest : difference;
    row->ok = row->error <= WN_GRADIENT_LIMIT;
}

static double compare_outputs(const check *c, const double *exact)
{
    double largest = 0, difference = 0;
    for (size_t i = 0; i < (size_t)c->net->outputs * (size_t)c->sound.frames; i++) {
        double d = fabs(c->y[i] - exact[i]);
        largest = fmax(largest, fabs(exact[i]));
        if (!(d <= difference)) difference = d;
    }
    return largest > 0 ? difference / largest : difference;
}

static wn_status compare_all(check *c, wn_gradient_check *out, wn_error *error)
{
    wn_model_gradients exact;
    wn_status status = wn_model_gradients_run(&exact, c->model, &c->sound, c->dy, error);
    if (status) return status;
    const wn_params *p = &c->net->params;
    out->rows = calloc((size_t)p->n_slots + 1, sizeof *out->rows);
    if (!out->rows) status = wn_fail_memory(error, c->model->name);
    out->output_error = compare_outputs(c, exact.output);
    out->ok = out->output_error <= WN_GRADIENT_LIMIT;
    out->culprit = -1;
    for (int i = 0; !status && i < p->n_slots; i++) {
        wn_gradient_row *row = &out->rows[out->n++];
        compare_tensor(row, &p->slots[i], c->gradient, exact.tensors[i].gradient);
        if (!row->ok) out->culprit = i;
        out->ok = out->ok && row->ok;
        if (!(row->error <= out->rows[out->worst].error)) out->worst = i;
    }
    wn_model_gradients_free(&exact);
    return status;
}

static void check_free(check *c)
{
    wn_twork_free(c->work);
    wn_tnet_free(c->net);
    double *doubles[] = {c->pcm, c->harmonics, c->target, c->parameters, c->gradient, c->state, c->dy, c->y};
    for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++) free(doubles[i]);
    free(c->rows);
    free(c->vector);
    free(c->classes);
    free(c->target_classes);
}

wn_status wn_gradient_check_run(wn_gradient_check *out, wn_model *model, void (*edit)(void *net, void *user),
                                void *user, wn_error *error)
{
    check c = {.model = model};
    *out = (wn_gradient_check){0};
    wn_status status = wn_tnet_new(&c.net, model, error);
    if (!status) {
        c.sound.hop = c.net->condition.hop;
        out->frames = c.sound.frames = frames_needed(c.net);
        status = draw_sound(&c, error);
    }
    if (!status) fill_chunk(&c);
    if (!status) status = run_trainer(&c, out, edit, user, error);
    if (!status) status = compare_all(&c, out, error);
    check_free(&c);
    if (status) wn_gradient_check_free(out);
    return status;
}

void wn_gradient_check_free(wn_gradient_check *result)
{
    free(result->rows);
    *result = (wn_gradient_check){0};
}
