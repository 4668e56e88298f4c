/* SPDX-License-Identifier: MIT
 * checkpoint.c - writes and reads the state of a training run.
 * Copyright (c) 2026 the wavenet authors */
#include "train/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

/* In native byte order, for the machine that wrote it. A resumed run must agree with all members. */
struct header {
    char magic[8];
    uint32_t order, real;
    uint64_t parameters, state, streams, chunk, seed, clips, frames;
    uint64_t data; /* checksum of inputs and targets of all clips */
    double sample_rate, learning_rate, final_rate, squared, esr, pre_emphasis;
    char recipe[WN_MAX_CHECKPOINT_NAME], model[WN_MAX_CHECKPOINT_NAME]; /* absolute; "" if too long */
};

/* Continue the FNV-1a checksum `sum` with n 32-bit words. */
static uint64_t checksum_words(uint64_t sum, const void *x, int64_t n)
{
    for (int64_t i = 0; x && i < n; i++) {
        uint32_t word;
        memcpy(&word, (const char *)x + i * (int64_t)sizeof word, sizeof word);
        sum = (sum ^ word) * UINT64_C(0x100000001b3);
    }
    return sum;
}

static uint64_t checksum_data(const wn_data *data)
{
    enum { PART = 1 << 18 };
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < data->n_train; i++) {
        const wn_clip *clip = &data->clips[i];
        for (int64_t at = 0; at < clip->frames; at += PART) {
            int64_t n = clip->frames - at < PART ? clip->frames - at : PART;
            int in = data->in_channels, target = data->target_channels;
            sum = checksum_words(sum, clip->pcm + at * in, n * in);
            if (clip->target) sum = checksum_words(sum, clip->target + at * target, n * target);
            if (clip->labels) sum = checksum_words(sum, clip->labels + at, n);
            wn_spool_release(data->spool);
        }
    }
    for (size_t i = 0; i < data->n_slices; i++)
        if (data->slices[i].first) sum = checksum_words(sum, &data->slices[i].first, 2);
    return sum;
}

/* The name in full, so that a run can be continued from another folder; "" if it is too long. */
static void absolute_name(char *out, const char *path)
{
    char folder[WN_MAX_CHECKPOINT_NAME] = "";
    if (*path != '/' && !getcwd(folder, sizeof folder)) return;
    int n = snprintf(out, WN_MAX_CHECKPOINT_NAME, "%s%s%s", folder, *path == '/' ? "" : "/", path);
    if (n < 0 || n >= WN_MAX_CHECKPOINT_NAME) *out = '\0';
}

static struct header make_header(const wn_trainer *t)
{
    const wn_recipe *r = &t->recipe;
    struct header head;
    memset(&head, 0, sizeof head); /* with its padding, which is written */
    memcpy(head.magic, "WNTRAI2", sizeof head.magic);
    head.order = 0x01020304;
    head.real = sizeof(wn_real);
    head.parameters = t->net->params.count;
    head.state = t->net->state;
    head.streams = (uint64_t)r->streams;
    head.chunk = (uint64_t)r->chunk;
    head.seed = r->seed;
    head.clips = t->data->n_slices;
    head.frames = (uint64_t)t->data->train_frames;
    head.data = t->data_checksum;
    head.sample_rate = t->model->sample_rate;
    head.learning_rate = r->learning_rate;
    head.final_rate = r->final_rate;
    head.squared = r->loss.squared;
    head.esr = r->loss.esr;
    head.pre_emphasis = r->loss.pre_emphasis;
    absolute_name(head.recipe, t->config.recipe);
    absolute_name(head.model, t->config.model);
    return head;
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
                 {&t->best_valid, sizeof t->best_valid},
                 {&t->best_step, sizeof t->best_step},
                 {&t->history, sizeof t->history},
                 {&t->loader.epoch, sizeof t->loader.epoch},
                 {&t->loader.next, sizeof t->loader.next},
                 {t->parameters, n},
                 {t->ema, n},
                 {t->best, n},
                 {t->m, n},
                 {t->v, n}};
    wn_status status = WN_OK;
    for (size_t i = 0; !status && i < sizeof fixed / sizeof *fixed; i++)
        status = fn(user, fixed[i].data, fixed[i].size, error);
    for (int i = 0; !status && i < t->recipe.streams; i++) {
        wn_cursor *c = &t->loader.cursors[i];
        status = fn(user, &c->slice, sizeof c->slice, error);
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
    } all[] = {
        {"weights", got->parameters, expected->parameters}, {"numbers of state", got->state, expected->state},
        {"streams", got->streams, expected->streams},       {"samples per chunk", got->chunk, expected->chunk},
        {"as its seed", got->seed, expected->seed},         {"training clips or slices", got->clips, expected->clips},
        {"training samples", got->frames, expected->frames}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].got != all[i].expected)
            return wn_fail(error, WN_ERROR_FORMAT, path,
                           "has %llu %s, the recipe makes %llu: it belongs to another run",
                           (unsigned long long)all[i].got, all[i].what, (unsigned long long)all[i].expected);
    if (got->data != expected->data)
        return wn_fail(error, WN_ERROR_FORMAT, path, "was trained on other sound of the same length: another run");
    const struct {
        const char *what;
        double got, expected;
    } numbers[] = {{"sample rate", got->sample_rate, expected->sample_rate},
                   {"learning_rate", got->learning_rate, expected->learning_rate},
                   {"final", got->final_rate, expected->final_rate},
                   {"loss.squared", got->squared, expected->squared},
                   {"loss.esr", got->esr, expected->esr},
                   {"loss.pre_emphasis", got->pre_emphasis, expected->pre_emphasis}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (memcmp(&numbers[i].got, &numbers[i].expected, sizeof numbers[i].got) != 0)
            return wn_fail(error, WN_ERROR_FORMAT, path, "was trained with %s %g, the recipe has %g: another run",
                           numbers[i].what, numbers[i].got, numbers[i].expected);
    return WN_OK;
}

/* The checksum does not prove that the values are valid, so all positions are checked. */
static wn_status check_positions(const wn_trainer *t, const char *path, wn_error *error)
{
    bool valid = t->step >= 0 && t->loader.next <= t->data->n_slices && t->history.n >= 0 &&
                 t->history.n <= WN_MAX_LOSS_POINTS && t->history.valid_n >= 0 &&
                 t->history.valid_n <= WN_MAX_LOSS_POINTS && t->history.interval >= 0;
    for (int i = 0; valid && i < t->recipe.streams; i++) {
        const wn_cursor *c = &t->loader.cursors[i];
        valid = c->slice < t->data->n_slices && c->position >= 0 && c->position <= t->data->slices[c->slice].frames &&
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

uint64_t wn_checkpoint_checksum(const wn_data *data) { return checksum_data(data); }

static bool read_header(struct header *head, const char *path)
{
    FILE *file = wn_file_exists(path) ? fopen(path, "rb") : NULL;
    if (!file) return false;
    bool whole = fread(head, sizeof *head, 1, file) == 1 && !memcmp(head->magic, "WNTRAI2", sizeof head->magic);
    fclose(file);
    return whole && memchr(head->recipe, 0, sizeof head->recipe) && memchr(head->model, 0, sizeof head->model);
}

bool wn_checkpoint_is(const char *path)
{
    struct header head;
    return read_header(&head, path);
}

wn_status wn_checkpoint_read_names(const char *path, char recipe[WN_MAX_CHECKPOINT_NAME],
                                   char model[WN_MAX_CHECKPOINT_NAME], wn_error *error)
{
    struct header head;
    if (!read_header(&head, path)) return wn_fail(error, WN_ERROR_FORMAT, path, "is not a checkpoint of this program");
    if (!*head.recipe || !*head.model)
        return wn_fail(error, WN_ERROR_FORMAT, path, "does not name its recipe; give the recipe and --checkpoint");
    strcpy(recipe, head.recipe);
    strcpy(model, head.model);
    return WN_OK;
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
