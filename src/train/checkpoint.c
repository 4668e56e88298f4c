/* SPDX-License-Identifier: MIT
 * checkpoint.c - everything a later run needs to go on as if it had never stopped; and the model file.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "train/trainer.h"

/* For the machine that wrote it: native byte order. What must agree comes first. */
struct header {
    char magic[8];
    uint32_t order, real;
    uint64_t parameters, state, streams, chunk, seed, clips, frames;
};

static struct header header_of(const wn_trainer *t)
{
    return (struct header){"WNTRAIN",
                           0x01020304,
                           sizeof(wn_real),
                           t->net->params.count,
                           t->net->state,
                           (uint64_t)t->recipe.streams,
                           (uint64_t)t->recipe.chunk,
                           t->recipe.seed,
                           t->data->n_train,
                           (uint64_t)t->data->train_frames};
}

/* Call fn for every piece of memory that a checkpoint holds, in order. */
typedef wn_status piece_fn(void *user, void *data, size_t size, wn_error *error);

static wn_status each_piece(wn_trainer *t, piece_fn *fn, void *user, wn_error *error)
{
    size_t n = t->net->params.count * sizeof(wn_real);
    const struct {
        void *data;
        size_t size;
    } fixed[] = {{&t->step, sizeof t->step},
                 {&t->seconds, sizeof t->seconds},
                 {&t->valid, sizeof t->valid},
                 {&t->curve, sizeof t->curve},
                 {&t->feed.epoch, sizeof t->feed.epoch},
                 {&t->feed.next, sizeof t->feed.next},
                 {t->theta, n},
                 {t->average, n},
                 {t->m, n},
                 {t->v, n}};
    wn_status status = WN_OK;
    for (size_t i = 0; !status && i < sizeof fixed / sizeof *fixed; i++)
        status = fn(user, fixed[i].data, fixed[i].size, error);
    for (int i = 0; !status && i < t->recipe.streams; i++) {
        wn_cursor *c = &t->feed.cursors[i];
        status = fn(user, &c->clip, sizeof c->clip, error);
        if (!status) status = fn(user, &c->position, sizeof c->position, error);
        if (!status) status = fn(user, &c->last, sizeof c->last, error);
        if (!status) status = fn(user, t->states[i], t->net->state * sizeof(wn_real), error);
    }
    return status;
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

struct output {
    wn_writer *writer;
    uint64_t sum; /* FNV-1a of all bytes before */
};

static uint64_t checksum(uint64_t sum, const void *data, size_t size)
{
    const unsigned char *p = data;
    for (size_t i = 0; i < size; i++) sum = (sum ^ p[i]) * UINT64_C(0x100000001b3);
    return sum;
}

#define SUM_START UINT64_C(0xcbf29ce484222325)

static wn_status put(void *user, void *data, size_t size, wn_error *error)
{
    struct output *o = user;
    o->sum = checksum(o->sum, data, size);
    return wn_writer_write(o->writer, data, size, error);
}

wn_status wn_checkpoint_write(wn_trainer *t, wn_error *error)
{
    struct output o = {NULL, SUM_START};
    struct header head = header_of(t);
    wn_status status = wn_writer_open(&o.writer, t->config.checkpoint, error);
    if (status) return status;
    status = put(&o, &head, sizeof head, error);
    if (!status) status = each_piece(t, put, &o, error);
    uint64_t sum = o.sum;
    if (!status) status = put(&o, &sum, sizeof sum, error);
    if (!status) return wn_writer_commit(o.writer, error);
    wn_writer_abort(o.writer);
    return status;
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

struct input {
    const char *path;
    const unsigned char *at, *end;
};

static wn_status take(void *user, void *data, size_t size, wn_error *error)
{
    struct input *in = user;
    if ((size_t)(in->end - in->at) < size)
        return wn_fail(error, WN_ERROR_FORMAT, in->path, "is too short for a checkpoint");
    memcpy(data, in->at, size);
    in->at += size;
    return WN_OK;
}

static wn_status check_header(const struct header *got, const struct header *want, const char *path, wn_error *error)
{
    if (memcmp(got->magic, want->magic, sizeof got->magic) || got->order != want->order || got->real != want->real)
        return wn_fail(error, WN_ERROR_FORMAT, path, "is not a checkpoint of this program on this kind of machine");
    const struct {
        const char *what;
        uint64_t got, want;
    } all[] = {{"weights", got->parameters, want->parameters}, {"numbers of state", got->state, want->state},
               {"streams", got->streams, want->streams},       {"samples a chunk", got->chunk, want->chunk},
               {"as its seed", got->seed, want->seed},         {"training clips", got->clips, want->clips},
               {"training samples", got->frames, want->frames}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].got != all[i].want)
            return wn_fail(error, WN_ERROR_FORMAT, path,
                           "has %llu %s, the recipe makes %llu: it belongs to another run",
                           (unsigned long long)all[i].got, all[i].what, (unsigned long long)all[i].want);
    return WN_OK;
}

/* What was read must be possible, whoever wrote it. */
static wn_status check_places(const wn_trainer *t, const char *path, wn_error *error)
{
    bool good = t->step >= 0 && t->feed.next <= t->data->n_train && t->curve.n >= 0 && t->curve.n <= WN_LOSS_HISTORY_POINTS &&
                t->curve.valid_n >= 0 && t->curve.valid_n <= WN_LOSS_HISTORY_POINTS && t->curve.interval >= 0;
    for (int i = 0; good && i < t->recipe.streams; i++) {
        const wn_cursor *c = &t->feed.cursors[i];
        good = c->clip < t->data->n_train && c->position >= 0 && c->position <= t->data->clips[c->clip].frames &&
               c->position % t->net->condition.hop == 0;
    }
    return good ? WN_OK : wn_fail(error, WN_ERROR_FORMAT, path, "names a place that the data does not have");
}

static wn_status parse(wn_trainer *t, struct input *in, wn_error *error)
{
    struct header head, want = header_of(t);
    uint64_t sum = 0, expected = 0;
    wn_status status = take(in, &head, sizeof head, error);
    if (!status) status = check_header(&head, &want, in->path, error);
    if (status) return status;
    if ((size_t)(in->end - in->at) < sizeof sum)
        return wn_fail(error, WN_ERROR_FORMAT, in->path, "is too short for a checkpoint");
    in->end -= sizeof sum;
    memcpy(&expected, in->end, sizeof expected);
    sum = checksum(SUM_START, in->at - sizeof head, (size_t)(in->end - in->at) + sizeof head);
    if (sum != expected) return wn_fail(error, WN_ERROR_FORMAT, in->path, "is damaged: its checksum does not match");
    status = each_piece(t, take, in, error);
    if (!status && in->at != in->end)
        status = wn_fail(error, WN_ERROR_FORMAT, in->path, "is longer than its checkpoint");
    if (!status) status = check_places(t, in->path, error);
    if (!status) wn_data_loader_shuffle(&t->feed);
    return status;
}

wn_status wn_checkpoint_read(wn_trainer *t, wn_error *error)
{
    void *data = NULL;
    size_t size = 0;
    wn_status status = wn_file_read(&data, &size, t->config.checkpoint, (size_t)1 << 34, error);
    if (status) return status;
    struct input in = {t->config.checkpoint, data, (const unsigned char *)data + size};
    status = parse(t, &in, error);
    free(data);
    return status;
}

/* ---- the model file --------------------------------------------------------------------------------------------- */

static void add_curve(json_t *training, const wn_trainer *t)
{
    json_t *points = json_array(), *valid = json_array();
    for (int i = 0; i < t->curve.n; i++)
        json_array_append_new(points, json_real(round(t->curve.points[i] * 1e4) / 1e4));
    for (int i = 0; i < t->curve.valid_n; i++)
        json_array_append_new(valid, json_pack("[I,f]", (json_int_t)t->curve.valid_step[i], t->curve.valid[i]));
    json_object_set_new(training, "curve_steps_per_point", json_integer(t->curve.interval));
    json_object_set_new(training, "curve", points);
    json_object_set_new(training, "validation_curve", valid);
}

/* {"training": {recipe and figures}}, as text in the model's arena. */
static wn_status describe_training(wn_trainer *t, wn_error *error)
{
    double samples = (double)t->step * t->recipe.streams * t->recipe.chunk;
    json_t *training = json_pack("{s:O,s:I,s:I,s:f,s:f,s:I}", "recipe", t->recipe.json, "steps", (json_int_t)t->step,
                                 "planned_steps", (json_int_t)t->steps, "samples", samples, "seconds", t->seconds,
                                 "training_samples_in_data", (json_int_t)t->data->train_frames);
    json_t *root = json_object();
    if (training && isfinite(t->valid)) json_object_set_new(training, "validation_bits", json_real(t->valid));
    if (training) add_curve(training, t);
    char *text = NULL;
    if (training && root && !json_object_set_new(root, "training", training))
        text = json_dumps(root, JSON_REAL_PRECISION(6));
    else
        json_decref(training);
    t->model->metadata = text ? wn_arena_strdup(t->model->arena, text) : NULL;
    free(text);
    json_decref(root);
    return t->model->metadata ? WN_OK : wn_fail_memory(error, NULL);
}

wn_status wn_trainer_save(wn_trainer *t, wn_error *error)
{
    wn_status status = wn_checkpoint_write(t, error);
    if (!status) status = describe_training(t, error);
    if (status) return status;
    wn_params_write(&t->net->params, t->average);
    return wn_model_save(t->model, t->config.model, error);
}
