/* SPDX-License-Identifier: MIT
 * trainer.c - the training loop's pieces: making it, a step, a validation.
 * Copyright (c) 2026 the wavenet authors */
#include "train/trainer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/config.h"
#include "base/file.h"
#include "train/adam.h"
#include "train/init.h"

#define MAX_STATE ((size_t)1 << 34) /* bytes of all streams */

/* ---- making ----------------------------------------------------------------------------------------------------- */

static wn_real *reals(size_t n)
{
    void *p = NULL;
    if (n > SIZE_MAX / sizeof(wn_real) - 64 || posix_memalign(&p, 64, n * sizeof(wn_real) + 64)) return NULL;
    memset(p, 0, n * sizeof(wn_real));
    return p;
}

static wn_real **tables(int rows, size_t n)
{
    wn_real **out = calloc((size_t)rows + 1, sizeof *out);
    bool failed = !out;
    for (int i = 0; !failed && i < rows; i++) failed = !(out[i] = reals(n));
    if (!failed) return out;
    for (int i = 0; out && i < rows; i++) free(out[i]);
    free(out);
    return NULL;
}

static void free_tables(wn_real **rows, int n)
{
    for (int i = 0; rows && i < n; i++) free(rows[i]);
    free(rows);
}

static wn_status choose_kernels(wn_trainer *t, wn_error *error)
{
    t->kernels = wn_kernels_get((int)t->config.cpu);
    return t->kernels ? WN_OK
                      : wn_fail(error, WN_ERROR_UNSUPPORTED, NULL, "this machine does not have the kernels asked for");
}

static wn_status make_model(wn_trainer *t, wn_error *error)
{
    const char *recipe = t->config.recipe;
    char where[192];
    snprintf(where, sizeof where, "%.160s: model", recipe);
    wn_status status = wn_recipe_read(&t->recipe, recipe, error);
    if (!status) status = wn_config_read(&t->model, t->recipe.model, where, error);
    if (!status) status = wn_tnet_new(&t->net, t->model, error);
    if (status) return status;
    t->steps = t->config.steps > 0 ? t->config.steps : t->recipe.steps;
    if (t->model->input.channels > 1 || (t->model->output == WN_OUTPUT_PCM && t->model->output_channels > 1))
        return wn_fail(error, WN_ERROR_UNSUPPORTED, recipe,
                       "model has more than one audio channel, training takes one");
    if (t->model->condition.global_channels && !t->model->condition.n_speakers)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, recipe,
                       "model takes a global vector without speakers, which a manifest "
                       "cannot give");
    if (t->net->state > MAX_STATE / sizeof(wn_real) / (size_t)t->recipe.streams)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, recipe, "%d streams would have to remember %zu numbers each",
                       t->recipe.streams, t->net->state);
    if (t->recipe.chunk % t->net->condition.hop)
        return wn_fail(error, WN_ERROR_FORMAT, recipe, "train.chunk is %d, expected a multiple of the hop of %d",
                       t->recipe.chunk, t->net->condition.hop);
    return wn_init_weights(t->model, t->recipe.seed);
}

static wn_status make_workers(wn_trainer *t, wn_error *error)
{
    t->works = calloc((size_t)t->threads, sizeof *t->works);
    t->trays = calloc((size_t)t->threads, sizeof *t->trays);
    wn_status status = t->works && t->trays ? WN_OK : wn_fail_memory(error, NULL);
    for (int i = 0; !status && i < t->threads; i++) {
        status = wn_twork_new(&t->works[i], t->net, t->recipe.chunk, t->kernels, error);
        if (!status) status = wn_batch_init(&t->trays[i], t->net, t->recipe.chunk, error);
    }
    return status;
}

static wn_status make_vectors(wn_trainer *t, wn_error *error)
{
    size_t n = t->net->params.count;
    t->theta = reals(n);
    t->average = reals(n);
    t->m = reals(n);
    t->v = reals(n);
    t->gradients = tables(t->recipe.slots, n);
    t->states = tables(t->recipe.streams, t->net->state);
    t->idle = tables(t->threads, t->net->state);
    size_t most = t->data->n_clips > (size_t)t->recipe.streams ? t->data->n_clips : (size_t)t->recipe.streams;
    t->nats = calloc(most, sizeof *t->nats);
    t->chosen = calloc(t->data->n_clips, sizeof *t->chosen);
    if (!t->theta || !t->average || !t->m || !t->v || !t->gradients || !t->states || !t->idle || !t->nats || !t->chosen)
        return wn_fail_memory(error, NULL);
    wn_params_read(&t->net->params, t->theta);
    memcpy(t->average, t->theta, n * sizeof *t->theta);
    return WN_OK;
}

/* Validation clips, evenly spaced over the list, with about as many samples as the recipe allows. */
static void choose_validation(wn_trainer *t)
{
    int64_t limit = t->recipe.validate_samples, all = t->data->valid_frames;
    size_t n = t->data->n_clips - t->data->n_train;
    double stride = limit > 0 && all > limit ? (double)all / (double)limit : 1;
    for (double at = 0; at < (double)n; at += stride)
        t->chosen[t->n_chosen++] = (uint32_t)(t->data->n_train + (size_t)at);
}

/* Hours of training should not end at a folder that is not there. */
static wn_status check_writable(const char *path, wn_error *error)
{
    wn_writer *writer;
    wn_status status = wn_writer_open(&writer, path, error);
    if (!status) wn_writer_abort(writer);
    return status;
}

static wn_status make_all(wn_trainer *t, wn_error *error)
{
    wn_status status = choose_kernels(t, error);
    if (!status) status = make_model(t, error);
    if (!status) status = check_writable(t->config.model, error);
    if (!status) status = check_writable(t->config.checkpoint, error);
    if (status) return status;
    t->threads = t->config.threads > 0 ? t->config.threads : 1;
    if (t->threads > t->recipe.slots) t->threads = t->recipe.slots;
    status = wn_thread_pool_new(&t->crew, t->threads, false, error);
    if (status) return status;
    wn_data_config data = {t->recipe.manifest, t->recipe.folder, t->recipe.lock_phase, t->recipe.gain,
                           t->crew};
    status = wn_data_new(&t->data, t->net, &data, error);
    if (!status)
        status = wn_data_loader_init(&t->feed, t->data, t->recipe.seed, t->recipe.streams, t->recipe.chunk,
                              t->net->condition.hop, error);
    if (!status) status = make_workers(t, error);
    if (!status) status = make_vectors(t, error);
    if (!status) choose_validation(t);
    if (!status && t->config.resume) status = wn_checkpoint_read(t, error);
    return status;
}

wn_status wn_trainer_new(wn_trainer **out, const wn_train_config *config, wn_error *error)
{
    *out = NULL;
    wn_trainer *t = calloc(1, sizeof *t);
    if (!t) return wn_fail_memory(error, NULL);
    t->config = *config;
    t->valid = NAN;
    wn_status status = make_all(t, error);
    if (status)
        wn_trainer_free(t);
    else
        *out = t;
    return status;
}

void wn_trainer_free(wn_trainer *t)
{
    if (!t) return;
    wn_thread_pool_free(t->crew);
    for (int i = 0; t->works && i < t->threads; i++) wn_twork_free(t->works[i]);
    for (int i = 0; t->trays && i < t->threads; i++) wn_batch_clear(&t->trays[i]);
    free(t->works);
    free(t->trays);
    free_tables(t->gradients, t->recipe.slots);
    free_tables(t->states, t->recipe.streams);
    free_tables(t->idle, t->threads);
    free(t->theta);
    free(t->average);
    free(t->m);
    free(t->v);
    free(t->nats);
    free(t->chosen);
    wn_data_loader_clear(&t->feed);
    wn_data_free(t->data);
    wn_tnet_free(t->net);
    wn_model_free(t->model);
    wn_recipe_clear(&t->recipe);
    free(t);
}

/* ---- a step ----------------------------------------------------------------------------------------------------- */

/* Forward and backward of one stream; its gradient joins those of its slot. */
static void train_stream(wn_trainer *t, int thread, int stream, wn_real *gradient)
{
    wn_twork *w = t->works[thread];
    wn_batch *tray = &t->trays[thread];
    wn_cursor *c = &t->feed.cursors[stream];
    wn_random_sequence draw = wn_random_sequence_start(t->recipe.seed, (uint32_t)stream, (uint64_t)t->step);
    wn_real scale = (wn_real)(1 / ((double)t->recipe.streams * t->recipe.chunk));
    wn_batch_fill(tray, t->net, t->data, c->pieces, c->n_pieces, &t->recipe.corruption, &draw, &c->last);
    wn_tnet_forward(w, t->theta, &tray->chunk, t->states[stream]);
    t->nats[stream] = wn_tloss_chunk(&t->recipe.loss, t->model, &tray->chunk, w->y, scale, w->dy);
    wn_tnet_backward(w, t->theta, &tray->chunk, gradient);
}

/* The streams of a slot, one after the other: a slot's sum has one order, whatever thread works on it. */
static void train_slot(void *user, int thread, int slot)
{
    wn_trainer *t = user;
    memset(t->gradients[slot], 0, t->net->params.count * sizeof **t->gradients);
    for (int s = slot; s < t->recipe.streams; s += t->recipe.slots) train_stream(t, thread, s, t->gradients[slot]);
}

/* Nats summed over samples -> what is shown. */
static double shown_loss(const wn_trainer *t, double sum, double samples)
{
    return sum / samples / (t->model->output == WN_OUTPUT_PCM ? 1 : 0.69314718055994531);
}

wn_status wn_trainer_step(wn_trainer *t, double *bits, wn_error *error)
{
    const wn_recipe *r = &t->recipe;
    wn_data_loader_advance(&t->feed);
    wn_thread_pool_run(t->crew, train_slot, t, r->slots);
    double sum = 0, norm = wn_gradient_sum(t->net->params.count, r->slots, t->gradients);
    for (int i = 0; i < r->streams; i++) sum += t->nats[i];
    *bits = shown_loss(t, sum, (double)r->streams * r->chunk);
    if (!isfinite(sum) || !isfinite(norm))
        return wn_fail(error, WN_ERROR_ARGUMENT, r->name,
                       "the %s is not a finite number at step %lld; a lower "
                       "learning_rate or clip may help",
                       isfinite(sum) ? "gradient" : "loss", (long long)t->step);
    wn_adam adam = {r->beta1, r->beta2, r->clip, t->step < r->average_early_steps ? r->average_early : r->average,
                    wn_learning_rate(r->learning_rate, r->final_rate, r->warmup, t->steps, t->step)};
    wn_adam_step(&adam, t->step, t->net->params.count, t->gradients[0], norm, t->theta, t->m, t->v, t->average);
    t->step++;
    wn_loss_history_add(&t->curve, *bits);
    return WN_OK;
}

/* ---- validation ------------------------------------------------------------------------------------------------- */

static void validate_clip(void *user, int thread, int item)
{
    wn_trainer *t = user;
    wn_twork *w = t->works[thread];
    const wn_clip *clip = &t->data->clips[t->chosen[item]];
    float last = 0;
    memset(t->idle[thread], 0, t->net->state * sizeof **t->idle);
    t->nats[item] = 0;
    for (int64_t at = 0; at < clip->frames; at += t->recipe.chunk) {
        int64_t left = clip->frames - at;
        wn_piece piece = {t->chosen[item], 0, left < t->recipe.chunk ? (int)left : t->recipe.chunk, at};
        wn_batch_fill(&t->trays[thread], t->net, t->data, &piece, 1, NULL, NULL, &last);
        wn_tnet_forward(w, t->average, &t->trays[thread].chunk, t->idle[thread]);
        t->nats[item] += wn_tloss_chunk(&t->recipe.loss, t->model, &t->trays[thread].chunk, w->y, 1, (wn_rows){0});
    }
}

void wn_trainer_validate(wn_trainer *t)
{
    double sum = 0, samples = 0;
    if (!t->n_chosen) return;
    wn_thread_pool_run(t->crew, validate_clip, t, (int)t->n_chosen);
    for (size_t i = 0; i < t->n_chosen; i++) {
        sum += t->nats[i];
        samples += (double)t->data->clips[t->chosen[i]].frames;
    }
    t->valid = shown_loss(t, sum, samples);
    wn_loss_history_add_valid(&t->curve, t->step, t->valid);
}
