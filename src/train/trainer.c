/* SPDX-License-Identifier: MIT
 * trainer.c - trains a model by a recipe: steps, validation and the model file.
 * Copyright (c) 2026 the wavenet authors */
#include "train/trainer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "format/config_read.h"
#include "model/receptive.h"
#include "train/adam.h"
#include "train/build.h"
#include "train/checkpoint.h"
#include "train/init.h"
#include "train/loudness.h"
#include "train/net.h"
#include "train/render.h"
#include "train/slices.h"

enum { RELEASE_STEPS = 16 }; /* steps between giving back the memory of recordings: mapping them again costs time */
#define MAX_STATE ((size_t)1 << 34) /* bytes of all streams' states */

/* ---- construction ---------------------------------------------------------------------------------------------- */

/* n zeroed numbers, 64-byte aligned. */
static wn_real *alloc_reals(size_t n)
{
    void *p = NULL;
    if (n > SIZE_MAX / sizeof(wn_real) - 64 || posix_memalign(&p, 64, n * sizeof(wn_real) + 64)) return NULL;
    memset(p, 0, n * sizeof(wn_real));
    return p;
}

/* [rows][n] zeroed numbers, to be freed with free_rows. */
static wn_real **alloc_rows(int rows, size_t n)
{
    wn_real **out = calloc((size_t)rows + 1, sizeof *out);
    bool failed = !out;
    for (int i = 0; !failed && i < rows; i++) failed = !(out[i] = alloc_reals(n));
    if (!failed) return out;
    for (int i = 0; out && i < rows; i++) free(out[i]);
    free(out);
    return NULL;
}

static void free_rows(wn_real **rows, int n)
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

static wn_status init_model(wn_trainer *t, wn_error *error)
{
    const char *recipe = t->config.recipe;
    char where[192];
    snprintf(where, sizeof where, "%.160s: model", recipe);
    const char *text = t->config.text;
    wn_status status = text ? wn_recipe_parse(&t->recipe, text, strlen(text), recipe, error)
                            : wn_recipe_read(&t->recipe, recipe, error);
    if (!status) status = wn_config_read(&t->model, t->recipe.model, where, error);
    if (!status) status = wn_tnet_new(&t->net, t->model, error);
    if (status) return status;
    t->steps = t->config.steps > 0 ? t->config.steps : t->recipe.steps;
    t->planned = t->steps ? 0 : 60 * t->recipe.minutes;
    bool channels = t->model->input.channels > 1 || (!wn_distributions[t->model->output].parts && t->net->outputs > 1);
    if (channels && (t->model->autoregressive || t->recipe.dry))
        return wn_fail(error, WN_ERROR_UNSUPPORTED, recipe,
                       "model has more than one audio channel, training takes one");
    if (t->model->input.channels > 1 && t->recipe.augmentation.share > 0)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, recipe, "train.corruption is for one channel of sound");
    if (t->recipe.dry && (t->model->labels.n || t->model->delay))
        return wn_fail(error, WN_ERROR_UNSUPPORTED, recipe,
                       "model has classes of its own or a delay, which need a manifest");
    if (t->model->condition.global_channels && !t->model->condition.n_speakers)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, recipe,
                       "model takes a global vector without speakers, which a manifest "
                       "cannot give");
    if (t->net->state > MAX_STATE / sizeof(wn_real) / (size_t)t->recipe.streams)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, recipe,
                       "too much memory for the states of %d streams of %zu numbers each", t->recipe.streams,
                       t->net->state);
    if (t->recipe.render > 0 && (status = wn_render_check(t->model, recipe, error)) != WN_OK) return status;
    if (t->recipe.chunk % t->net->condition.hop)
        return wn_fail(error, WN_ERROR_FORMAT, recipe, "train.chunk is %d, expected a multiple of the hop of %d",
                       t->recipe.chunk, t->net->condition.hop);
    status = wn_init_weights(t->model, t->recipe.seed);
    if (status || !t->recipe.init) return status;
    return wn_init_copy(t->model, t->recipe.init, &t->init_shared, &t->init_all, error);
}

static wn_status init_threads(wn_trainer *t, wn_error *error)
{
    t->works = calloc((size_t)t->threads, sizeof *t->works);
    t->batches = calloc((size_t)t->threads, sizeof *t->batches);
    wn_status status = t->works && t->batches ? WN_OK : wn_fail_memory(error, NULL);
    for (int i = 0; !status && i < t->threads; i++) {
        status = wn_twork_new(&t->works[i], t->net, t->recipe.chunk, t->kernels, error);
        if (!status) status = wn_batch_init(&t->batches[i], t->net, t->recipe.chunk, error);
    }
    return status;
}

static wn_status init_vectors(wn_trainer *t, wn_error *error)
{
    size_t n = t->net->params.count;
    t->parameters = alloc_reals(n);
    t->ema = alloc_reals(n);
    t->best = alloc_reals(n);
    t->m = alloc_reals(n);
    t->v = alloc_reals(n);
    t->gradients = alloc_rows(t->recipe.slots, n);
    t->states = alloc_rows(t->recipe.streams, t->net->state);
    t->validation_states = alloc_rows(t->threads, t->net->state);
    size_t max_losses = t->data->n_clips > (size_t)t->recipe.streams ? t->data->n_clips : (size_t)t->recipe.streams;
    t->nats = calloc(max_losses, sizeof *t->nats);
    t->energies = calloc(max_losses, sizeof *t->energies);
    t->validation_clips = calloc(t->data->n_clips, sizeof *t->validation_clips);
    if (!t->parameters || !t->ema || !t->best || !t->energies || !t->m || !t->v || !t->gradients || !t->states ||
        !t->validation_states || !t->nats || !t->validation_clips)
        return wn_fail_memory(error, NULL);
    wn_params_read(&t->net->params, t->parameters);
    memcpy(t->ema, t->parameters, n * sizeof *t->parameters);
    return WN_OK;
}

/* Choose validation clips, evenly spaced over the list, with about as many samples as the recipe allows. */
static void choose_validation(wn_trainer *t)
{
    int64_t limit = t->recipe.validate_samples, all = t->data->valid_frames;
    size_t n = t->data->n_clips - t->data->n_train;
    double stride = limit > 0 && all > limit ? (double)all / (double)limit : 1;
    for (double at = 0; at < (double)n; at += stride)
        t->validation_clips[t->n_validation++] = (uint32_t)(t->data->n_train + (size_t)at);
}

/* Whether the output is PCM, which is judged by its error instead of a likelihood. */
static bool is_pcm(const wn_trainer *t) { return !wn_distributions[t->model->output].parts; }

/* Called for each chunk of a clip. lead: the chunk stands before the clip, to give the network its past. */
typedef void chunk_function(void *user, wn_tchunk *chunk, bool lead);

/* Call visit for each chunk of a clip, in order, after chunks that hold `lead` samples before it. */
static void for_each_chunk(wn_trainer *t, int thread, uint32_t clip_index, int64_t lead, chunk_function *visit,
                           void *user)
{
    const wn_clip *clip = &t->data->clips[clip_index];
    wn_batch *batch = &t->batches[thread];
    float last = 0;
    for (int64_t at = -lead, n; at < clip->frames; at += n) {
        n = (at < 0 ? 0 : clip->frames) - at;
        if (n > t->recipe.chunk) n = t->recipe.chunk;
        wn_piece piece = {clip_index, 0, (int)n, at};
        wn_batch_fill(batch, t->net, t->data, &piece, 1, NULL, NULL, &last);
        visit(user, &batch->chunk, at < 0);
    }
}

static void add_energy(void *user, wn_tchunk *chunk, bool lead)
{
    (void)lead;
    wn_trainer *t = user;
    t->recipe.loss.energy += wn_tloss_energy(t->recipe.loss.pre_emphasis, t->model, chunk);
    wn_spool_release(t->data->spool);
}

/* The mean energy of the training targets, which the ratios of the loss refer to. */
static wn_status init_loss(wn_trainer *t, wn_error *error)
{
    if (!is_pcm(t)) return WN_OK;
    for (size_t i = 0; i < t->data->n_train; i++) for_each_chunk(t, 0, (uint32_t)i, 0, add_energy, t);
    t->recipe.loss.energy /= (double)t->data->train_frames;
    return t->recipe.loss.energy > 0 ? WN_OK
                                     : wn_fail(error, WN_ERROR_FORMAT, t->config.recipe,
                                               "the targets to train on are silent; there is nothing to learn");
}

/* Fails early if a file cannot be written, rather than after hours of training. */
static wn_status check_writable(const char *path, wn_error *error)
{
    wn_writer *writer;
    wn_status status = wn_writer_open(&writer, path, error);
    if (!status) wn_writer_abort(writer);
    return status;
}

static wn_status check_render(const wn_trainer *t, wn_error *error)
{
    return !(t->recipe.render > 0) || t->n_validation
               ? WN_OK
               : wn_fail(error, WN_ERROR_FORMAT, t->config.recipe, "train.render needs clips to validate with");
}

static wn_status trainer_init(wn_trainer *t, wn_error *error)
{
    wn_status status = choose_kernels(t, error);
    if (!status) status = init_model(t, error);
    if (!status) status = check_writable(t->config.model, error);
    if (!status && t->config.checkpoint) status = check_writable(t->config.checkpoint, error);
    if (status) return status;
    t->threads = t->config.threads > 0 ? t->config.threads : 1;
    if (t->threads > t->recipe.slots) t->threads = t->recipe.slots;
    status = wn_thread_pool_new(&t->pool, t->threads, false, error);
    if (status) return status;
    wn_data_config data = {.manifest = t->recipe.manifest,
                           .folder = t->recipe.folder,
                           .dry = t->recipe.dry,
                           .wet = t->recipe.wet,
                           .scratch = t->config.model,
                           .ignore_checks = t->config.ignore_checks,
                           .lock_phase = t->recipe.lock_phase,
                           .gain = t->recipe.gain,
                           .pool = t->pool};
    status = wn_data_new(&t->data, t->net, &data, error);
    if (!status) status = wn_slices_make(t->data, t->recipe.slice, t->model->sample_rate, t->net->condition.hop, error);
    if (!status)
        status = wn_data_loader_init(&t->loader, t->data, t->recipe.seed, t->recipe.streams, t->recipe.chunk,
                                     t->net->condition.hop, error);
    if (!status) status = init_threads(t, error);
    if (!status) status = init_vectors(t, error);
    if (!status) status = init_loss(t, error);
    if (!status) choose_validation(t);
    if (!status) status = check_render(t, error);
    if (!status && t->config.checkpoint) t->data_checksum = wn_checkpoint_checksum(t->data);
    if (!status && t->config.resume) status = wn_checkpoint_read(t, error);
    return status;
}

wn_status wn_trainer_new(wn_trainer **out, const wn_train_config *config, wn_error *error)
{
    *out = NULL;
    wn_trainer *t = calloc(1, sizeof *t);
    if (!t) return wn_fail_memory(error, NULL);
    t->config = *config;
    t->valid = t->best_valid = t->rendered = NAN;
    wn_status status = trainer_init(t, error);
    if (status)
        wn_trainer_free(t);
    else
        *out = t;
    return status;
}

void wn_trainer_free(wn_trainer *t)
{
    if (!t) return;
    wn_thread_pool_free(t->pool);
    for (int i = 0; t->works && i < t->threads; i++) wn_twork_free(t->works[i]);
    for (int i = 0; t->batches && i < t->threads; i++) wn_batch_clear(&t->batches[i]);
    free(t->works);
    free(t->batches);
    free_rows(t->gradients, t->recipe.slots);
    free_rows(t->states, t->recipe.streams);
    free_rows(t->validation_states, t->threads);
    free(t->parameters);
    free(t->ema);
    free(t->best);
    free(t->energies);
    free(t->m);
    free(t->v);
    free(t->nats);
    free(t->validation_clips);
    wn_data_loader_clear(&t->loader);
    wn_data_free(t->data);
    wn_tnet_free(t->net);
    wn_model_free(t->model);
    wn_recipe_clear(&t->recipe);
    free(t);
}

/* ---- steps ----------------------------------------------------------------------------------------------------- */

/* Run the forward and backward pass of one stream and add its gradient to `gradient`. */
static void train_stream(wn_trainer *t, int thread, int stream, wn_real *gradient)
{
    wn_twork *w = t->works[thread];
    wn_batch *batch = &t->batches[thread];
    wn_cursor *c = &t->loader.cursors[stream];
    wn_random_sequence draw = wn_random_sequence_start(t->recipe.seed, (uint32_t)stream, (uint64_t)t->step);
    wn_real scale = (wn_real)(1 / ((double)t->recipe.streams * t->recipe.chunk));
    wn_batch_fill(batch, t->net, t->data, c->pieces, c->n_pieces, &t->recipe.augmentation, &draw, &c->last);
    wn_tnet_forward(w, t->parameters, &batch->chunk, t->states[stream]);
    t->nats[stream] = wn_tloss_chunk(&t->recipe.loss, t->model, &batch->chunk, w->y, scale, w->dy);
    wn_tnet_backward(w, t->parameters, &batch->chunk, gradient);
}

/* Train the streams of a slot one after the other, so the order of its sum does not depend on the threads. */
static void train_slot(void *user, int thread, int slot)
{
    wn_trainer *t = user;
    memset(t->gradients[slot], 0, t->net->params.count * sizeof **t->gradients);
    for (int s = slot; s < t->recipe.streams; s += t->recipe.slots) train_stream(t, thread, s, t->gradients[slot]);
}

/* Convert a sum of nats over samples to bits per sample; the loss of PCM output is only averaged. */
static double reported_loss(const wn_trainer *t, double sum, double samples)
{
    return sum / samples / wn_distributions[t->model->output].loss_unit;
}

bool wn_trainer_finished(const wn_trainer *t)
{
    return t->planned > 0 ? t->seconds >= t->planned : t->step >= t->steps;
}

double wn_trainer_samples(const wn_trainer *t) { return (double)t->step * t->recipe.streams * t->recipe.chunk; }

static double scheduled_rate(const wn_trainer *t)
{
    const wn_recipe *r = &t->recipe;
    if (t->planned > 0 && t->step >= r->warmup)
        return wn_cosine_rate(r->learning_rate, r->final_rate, t->seconds / t->planned);
    return wn_learning_rate(r->learning_rate, r->final_rate, r->warmup, t->steps, t->step);
}

/* The average must not lag behind weights that still improve fast: it spans at most a tenth of the steps so far. */
static double ema_decay(const wn_recipe *r, int64_t step)
{
    double most = step < r->early_ema_steps ? r->early_ema_decay : r->ema_decay;
    return fmin(most, (1 + (double)step) / (10 + (double)step));
}

wn_status wn_trainer_step(wn_trainer *t, double *bits, wn_error *error)
{
    const wn_recipe *r = &t->recipe;
    wn_data_loader_advance(&t->loader);
    wn_thread_pool_run(t->pool, train_slot, t, r->slots);
    if (t->step % RELEASE_STEPS == 0) wn_spool_release(t->data->spool);
    double sum = 0, norm = wn_gradient_sum(t->net->params.count, r->slots, t->gradients);
    for (int i = 0; i < r->streams; i++) sum += t->nats[i];
    *bits = reported_loss(t, sum, (double)r->streams * r->chunk);
    if (!isfinite(sum) || !isfinite(norm))
        return wn_fail(error, WN_ERROR_ARGUMENT, r->name,
                       "the %s is not a finite number at step %lld; a lower "
                       "learning_rate or clip may help",
                       isfinite(sum) ? "gradient" : "loss", (long long)t->step);
    wn_adam adam = {r->beta1, r->beta2, r->clip, ema_decay(r, t->step), scheduled_rate(t)};
    wn_adam_step(&adam, t->step, t->net->params.count, t->gradients[0], norm, t->parameters, t->m, t->v, t->ema);
    t->step++;
    wn_loss_history_add(&t->history, *bits);
    return WN_OK;
}

/* ---- validation ------------------------------------------------------------------------------------------------ */

/* A validation clip in progress. */
struct validation {
    wn_trainer *t;
    const wn_real *parameters;
    int thread, item;
};

static void validate_chunk(void *user, wn_tchunk *chunk, bool lead)
{
    const struct validation *v = user;
    wn_trainer *t = v->t;
    wn_twork *w = t->works[v->thread];
    wn_tnet_forward(w, v->parameters, chunk, t->validation_states[v->thread]);
    if (lead) return;
    if (is_pcm(t)) {
        t->nats[v->item] += wn_tloss_error(t->model, chunk, w->y);
        t->energies[v->item] += wn_tloss_energy(0, t->model, chunk);
    } else {
        t->nats[v->item] += wn_tloss_chunk(&t->recipe.loss, t->model, chunk, w->y, 1, (wn_planar_view){0});
    }
}

static void validate_clip(void *user, int thread, int item)
{
    struct validation v = *(const struct validation *)user;
    uint32_t clip = v.t->validation_clips[item];
    int64_t lead = v.t->data->clips[clip].lead, field = wn_model_receptive(v.t->model);
    v.thread = thread;
    v.item = item;
    memset(v.t->validation_states[thread], 0, v.t->net->state * sizeof **v.t->validation_states);
    v.t->nats[item] = v.t->energies[item] = 0;
    for_each_chunk(v.t, thread, clip, lead < field ? lead : field, validate_chunk, &v);
}

/* Bits per sample, or for PCM output the error-to-signal ratio of all validation clips together. A mean of the ratios
 * of chunks would be the ratio of the quietest ones. */
static double validate_parameters(wn_trainer *t, const wn_real *parameters)
{
    double sum = 0, samples = 0, energy = 0;
    wn_thread_pool_run(t->pool, validate_clip, &(struct validation){.t = t, .parameters = parameters},
                       (int)t->n_validation);
    for (size_t i = 0; i < t->n_validation; i++) {
        sum += t->nats[i];
        energy += t->energies[i];
        samples += (double)t->data->clips[t->validation_clips[i]].frames;
    }
    if (!is_pcm(t)) return reported_loss(t, sum, samples);
    return energy > 0 ? sum / energy : (double)NAN;
}

void wn_trainer_validate(wn_trainer *t)
{
    if (!t->n_validation) return;
    double last = validate_parameters(t, t->parameters), average = validate_parameters(t, t->ema);
    bool average_wins = average <= last;
    t->valid = average_wins ? average : last;
    wn_loss_history_add_valid(&t->history, t->step, t->valid);
    if (!(t->valid < t->best_valid) && !isnan(t->best_valid)) return;
    t->best_valid = t->valid;
    t->best_step = t->step;
    memcpy(t->best, average_wins ? t->ema : t->parameters, t->net->params.count * sizeof *t->best);
}

/* ---- the model file -------------------------------------------------------------------------------------------- */

static void add_history(json_t *training, const wn_trainer *t)
{
    json_t *points = json_array(), *valid = json_array();
    for (int i = 0; i < t->history.n; i++)
        json_array_append_new(points, json_real(round(t->history.points[i] * 1e4) / 1e4));
    for (int i = 0; i < t->history.valid_n; i++)
        json_array_append_new(valid, json_pack("[I,f]", (json_int_t)t->history.valid_step[i], t->history.valid[i]));
    json_object_set_new(training, "curve_steps_per_point", json_integer(t->history.interval));
    json_object_set_new(training, "curve", points);
    json_object_set_new(training, "validation_curve", valid);
}

/* The results of the checks of a pair, for files that record them. */
static json_t *pair_info(const wn_trainer *t)
{
    const wn_data *d = t->data;
    json_t *notes = json_array();
    for (int i = 0; i < d->findings.n; i++) json_array_append_new(notes, json_string(d->findings.all[i].text));
    return json_pack("{s:I, s:b, s:b, s:o}", "delay", (json_int_t)d->pair.response.delay, "inverted",
                     d->pair.response.inverted, "passed", !wn_findings_first_fault(&d->findings), "notes", notes);
}

/* {recipe and results} */
static json_t *training_info(const wn_trainer *t)
{
    json_t *training = json_pack("{s:O,s:I,s:I,s:f,s:f,s:I}", "recipe", t->recipe.json, "steps", (json_int_t)t->step,
                                 "planned_steps", (json_int_t)t->steps, "samples", wn_trainer_samples(t), "seconds",
                                 t->seconds, "training_samples_in_data", (json_int_t)t->data->train_frames);
    if (!training) return NULL;
    if (t->planned > 0) {
        json_object_del(training, "planned_steps");
        json_object_set_new(training, "planned_seconds", json_real(t->planned));
    }
    if (isfinite(t->rendered)) json_object_set_new(training, "render_log_mel_db", json_real(t->rendered));
    if (isfinite(t->best_valid))
        json_object_set_new(training, is_pcm(t) ? "validation_esr" : "validation_bits", json_real(t->best_valid));
    if (t->data->pair.in) json_object_set_new(training, "pair", pair_info(t));
    if (t->config.ignore_checks) json_object_set_new(training, "ignore_checks", json_true());
    add_history(training, t);
    return training;
}

/* Set the model's metadata to {"training": …, labels}, as text in its arena. gain: NAN where it has none. */
static wn_status add_metadata(wn_trainer *t, double gain, wn_error *error)
{
    json_t *training = training_info(t), *root = json_object();
    char *text = NULL;
    if (training && root && !json_object_set_new(root, "training", training)) {
        if (isfinite(gain)) json_object_set_new(root, "gain", json_real(gain));
        if (!t->config.labels || !json_object_update(root, (json_t *)t->config.labels))
            text = json_dumps(root, JSON_REAL_PRECISION(6));
    } else {
        json_decref(training);
    }
    t->model->metadata = text ? wn_arena_strdup(t->model->arena, text) : NULL;
    free(text);
    json_decref(root);
    return t->model->metadata ? WN_OK : wn_fail_memory(error, NULL);
}

/* Whether the model is an effect with one channel and no controls, whose loudness players ask for. */
static bool is_effect(const wn_model *m)
{
    return !m->autoregressive && m->output == WN_OUTPUT_PCM && m->input.channels == 1 && !m->input.n_classes &&
           m->output_channels == 1 && m->condition.source == WN_CONDITION_INPUT;
}

char *wn_trainer_render_name(const wn_trainer *t)
{
    static const char ending[] = "-render.wav";
    const char *model = t->config.model, *slash = strrchr(model, '/'), *dot = strrchr(slash ? slash : model, '.');
    size_t n = dot ? (size_t)(dot - model) : strlen(model);
    char *name = malloc(n + sizeof ending);
    if (!name) return NULL;
    memcpy(name, model, n);
    memcpy(name + n, ending, sizeof ending);
    return name;
}

/* Of the weights in the model. */
static wn_status render(wn_trainer *t, wn_error *error)
{
    wn_render_config config = {
        .seconds = t->recipe.render, .clips = t->validation_clips, .n_clips = t->n_validation, .cpu = t->config.cpu};
    char *name = wn_trainer_render_name(t);
    wn_status status =
        name ? wn_render_write(&t->rendered, t->model, t->data, &config, name, error) : wn_fail_memory(error, NULL);
    free(name);
    return status;
}

wn_status wn_trainer_save(wn_trainer *t, wn_error *error)
{
    double gain = NAN;
    wn_status status = t->config.checkpoint ? wn_checkpoint_write(t, error) : WN_OK;
    if (status) return status;
    wn_params_write(&t->net->params, isfinite(t->best_valid) ? t->best : t->ema);
    if (is_effect(t->model)) status = wn_loudness_measure(&t->model->loudness, &gain, t->model, error);
    if (t->config.input_level_dbu) t->model->input_level_dbu = *t->config.input_level_dbu;
    if (t->config.output_level_dbu) t->model->output_level_dbu = *t->config.output_level_dbu;
    wn_status rendering = !status && t->recipe.render > 0 ? render(t, error) : WN_OK;
    if (!status) status = add_metadata(t, gain, error);
    if (!status) status = wn_model_save(t->model, t->config.model, rendering ? NULL : error);
    return rendering ? rendering : status; /* the model is saved even if the disk has no room for its sound */
}
