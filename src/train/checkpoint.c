/* SPDX-License-Identifier: MIT
 * checkpoint.c - writes and reads the state of a training run.
 * Copyright (c) 2026 the wavenet authors */
#include "train/checkpoint.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

/* In native byte order, for the machine that wrote it. A resumed run must agree with all members. */
struct header {
    char magic[8];
    uint32_t order, real;
    uint64_t parameters, state, streams, chunk, seed, clips, frames;
};

static struct header make_header(const wn_trainer *t)
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

/* Called for every block of memory in a checkpoint. */
typedef wn_status block_function(void *user, void *data, size_t size, wn_error *error);

/* Call fn for every block of memory in a checkpoint, in order. */
static wn_status for_each_block(wn_trainer *t, block_function *fn, void *user, wn_error *error)
{
    size_t n = t->net->params.count * sizeof(wn_real);
    const struct {
        void *data;
        size_t size;
    } fixed[] = {{&t->step, sizeof t->step},
                 {&t->seconds, sizeof t->seconds},
                 {&t->valid, sizeof t->valid},
                 {&t->history, sizeof t->history},
                 {&t->loader.epoch, sizeof t->loader.epoch},
                 {&t->loader.next, sizeof t->loader.next},
                 {t->parameters, n},
                 {t->ema, n},
                 {t->m, n},
                 {t->v, n}};
    wn_status status = WN_OK;
    for (size_t i = 0; !status && i < sizeof fixed / sizeof *fixed; i++)
        status = fn(user, fixed[i].data, fixed[i].size, error);
    for (int i = 0; !status && i < t->recipe.streams; i++) {
        wn_cursor *c = &t->loader.cursors[i];
        status = fn(user, &c->clip, sizeof c->clip, error);
        if (!status) status = fn(user, &c->position, sizeof c->position, error);
        if (!status) status = fn(user, &c->last, sizeof c->last, error);
        if (!status) status = fn(user, t->states[i], t->net->state * sizeof(wn_real), error);
    }
    return status;
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

struct output {
    wn_writer *writer;
    uint64_t sum; /* FNV-1a of all bytes so far */
};

/* Continue the FNV-1a checksum `sum` with `size` bytes. */
static uint64_t checksum(uint64_t sum, const void *data, size_t size)
{
    const unsigned char *p = data;
    for (size_t i = 0; i < size; i++) sum = (sum ^ p[i]) * UINT64_C(0x100000001b3);
    return sum;
}

#define SUM_START UINT64_C(0xcbf29ce484222325)

static wn_status output_write(void *user, void *data, size_t size, wn_error *error)
{
    struct output *o = user;
    o->sum = checksum(o->sum, data, size);
    return wn_writer_write(o->writer, data, size, error);
}

wn_status wn_checkpoint_write(wn_trainer *t, wn_error *error)
{
    struct output o = {NULL, SUM_START};
    struct header head = make_header(t);
    wn_status status = wn_writer_open(&o.writer, t->config.checkpoint, error);
    if (status) return status;
    status = output_write(&o, &head, sizeof head, error);
    if (!status) status = for_each_block(t, output_write, &o, error);
    uint64_t sum = o.sum;
    if (!status) status = output_write(&o, &sum, sizeof sum, error);
    if (!status) return wn_writer_commit(o.writer, error);
    wn_writer_abort(o.writer);
    return status;
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

struct input {
    const char *path;
    const unsigned char *at, *end;
};

static wn_status input_read(void *user, void *data, size_t size, wn_error *error)
{
    struct input *in = user;
    if ((size_t)(in->end - in->at) < size)
        return wn_fail(error, WN_ERROR_FORMAT, in->path, "is too short for a checkpoint");
    memcpy(data, in->at, size);
    in->at += size;
    return WN_OK;
}

static wn_status check_header(const struct header *got, const struct header *expected, const char *path,
                              wn_error *error)
{
    if (memcmp(got->magic, expected->magic, sizeof got->magic) || got->order != expected->order ||
        got->real != expected->real)
        return wn_fail(error, WN_ERROR_FORMAT, path, "is not a checkpoint of this program on this kind of machine");
    const struct {
        const char *what;
        uint64_t got, expected;
    } all[] = {{"weights", got->parameters, expected->parameters}, {"numbers of state", got->state, expected->state},
               {"streams", got->streams, expected->streams},       {"samples per chunk", got->chunk, expected->chunk},
               {"as its seed", got->seed, expected->seed},         {"training clips", got->clips, expected->clips},
               {"training samples", got->frames, expected->frames}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].got != all[i].expected)
            return wn_fail(error, WN_ERROR_FORMAT, path,
                           "has %llu %s, the recipe makes %llu: it belongs to another run",
                           (unsigned long long)all[i].got, all[i].what, (unsigned long long)all[i].expected);
    return WN_OK;
}

/* The checksum does not prove that the values are valid, so all positions are checked. */
static wn_status check_positions(const wn_trainer *t, const char *path, wn_error *error)
{
    bool valid = t->step >= 0 && t->loader.next <= t->data->n_train && t->history.n >= 0 &&
                 t->history.n <= WN_MAX_LOSS_POINTS && t->history.valid_n >= 0 &&
                 t->history.valid_n <= WN_MAX_LOSS_POINTS && t->history.interval >= 0;
    for (int i = 0; valid && i < t->recipe.streams; i++) {
        const wn_cursor *c = &t->loader.cursors[i];
        valid = c->clip < t->data->n_train && c->position >= 0 && c->position <= t->data->clips[c->clip].frames &&
                c->position % t->net->condition.hop == 0;
    }
    return valid ? WN_OK : wn_fail(error, WN_ERROR_FORMAT, path, "names a place that the data does not have");
}

static wn_status input_parse(wn_trainer *t, struct input *in, wn_error *error)
{
    struct header head, expected = make_header(t);
    uint64_t sum = 0, stored_sum = 0;
    wn_status status = input_read(in, &head, sizeof head, error);
    if (!status) status = check_header(&head, &expected, in->path, error);
    if (status) return status;
    if ((size_t)(in->end - in->at) < sizeof sum)
        return wn_fail(error, WN_ERROR_FORMAT, in->path, "is too short for a checkpoint");
    in->end -= sizeof sum;
    memcpy(&stored_sum, in->end, sizeof stored_sum);
    sum = checksum(SUM_START, in->at - sizeof head, (size_t)(in->end - in->at) + sizeof head);
    if (sum != stored_sum) return wn_fail(error, WN_ERROR_FORMAT, in->path, "is damaged: its checksum does not match");
    status = for_each_block(t, input_read, in, error);
    if (!status && in->at != in->end)
        status = wn_fail(error, WN_ERROR_FORMAT, in->path, "is longer than its checkpoint");
    if (!status) status = check_positions(t, in->path, error);
    if (!status) wn_data_loader_shuffle(&t->loader);
    return status;
}

wn_status wn_checkpoint_read(wn_trainer *t, wn_error *error)
{
    void *data = NULL;
    size_t size = 0;
    wn_status status = wn_file_read(&data, &size, t->config.checkpoint, (size_t)1 << 34, error);
    if (status) return status;
    struct input in = {t->config.checkpoint, data, (const unsigned char *)data + size};
    status = input_parse(t, &in, error);
    free(data);
    return status;
}
