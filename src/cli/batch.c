/* SPDX-License-Identifier: MIT
 * batch.c - many recordings through a chain of models, into a folder.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/batch.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/thread_pool.h"
#include "cli/folder.h"
#include "cli/interrupt.h"
#include "cli/model_places.h"

enum { MAX_TAKES = 1000000, MAX_SHARDS = 1000000 };

typedef enum take_state { TAKE_WAITING, TAKE_DONE, TAKE_SKIPPED, TAKE_FAILED } take_state;

typedef struct batch_take {
    char *path, *out;
    take_state state;
} batch_take;

typedef struct takes {
    const wn_batch *batch;
    batch_take *take; /* [n] */
    int n, capacity;
} takes;

/* ---- usage ----------------------------------------------------------------------------------------------------- */

/* "2/5" into index 1 of 5. */
static bool parse_shard(const char *text, int *index, int *count)
{
    char *end;
    *index = 0;
    *count = 1;
    if (!text) return true;
    long i = strtol(text, &end, 10);
    if (end == text || *end != '/') return false;
    const char *second = end + 1;
    long n = strtol(second, &end, 10);
    if (end == second || *end || n < 1 || n > MAX_SHARDS || i < 1 || i > n) return false;
    *index = (int)i - 1;
    *count = (int)n;
    return true;
}

const char *wn_batch_check(const wn_batch_options *o, int threads)
{
    int index, count;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (o->jobs < 1 || o->jobs > WN_BATCH_MAX_JOBS) return "--jobs is 1 to 256";
    if (o->jobs > 1 && processors > 0 && (long)o->jobs * threads > processors)
        return "--jobs times --threads is at most the number of processors";
    return parse_shard(o->shard, &index, &count) ? NULL : "--shard is I/N, with I from 1 to N";
}

/* ---- which takes ----------------------------------------------------------------------------------------------- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool can_be_written(const char *name)
{
    static const char *const endings[] = {".wav", ".flac", ".ogg", ".oga", ".opus", ".aiff", ".aif", ".f32", ".npy"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (wn_file_has_ending(name, endings[i])) return true;
    return false;
}

/* The take's name in the folder of the outputs. */
static char *output_path(const char *folder, const char *path)
{
    const char *name = base_name(path), *dot = strrchr(name, '.');
    if (can_be_written(name)) return wn_folder_join(folder, name);
    int n = dot && dot != name ? (int)(dot - name) : (int)strlen(name);
    size_t size = (size_t)n + sizeof ".wav";
    char *changed = malloc(size), *out;
    if (!changed) return NULL;
    snprintf(changed, size, "%.*s.wav", n, name);
    out = wn_folder_join(folder, changed);
    free(changed);
    return out;
}

/* Takes over `path`, which may be NULL. */
static wn_status add_take(takes *t, char *path, wn_error *error)
{
    if (t->n == MAX_TAKES) {
        free(path);
        return wn_fail(error, WN_ERROR_UNSUPPORTED, NULL, "more than %d files at once", (int)MAX_TAKES);
    }
    if (t->n == t->capacity) {
        int capacity = t->capacity ? 2 * t->capacity : 64;
        batch_take *grown = realloc(t->take, (size_t)capacity * sizeof *grown);
        if (!grown) {
            free(path);
            return wn_fail_memory(error, NULL);
        }
        t->take = grown;
        t->capacity = capacity;
    }
    char *out = path ? output_path(t->batch->folder, path) : NULL;
    t->take[t->n++] = (batch_take){.path = path, .out = out};
    return out ? WN_OK : wn_fail_memory(error, NULL);
}

/* The sound files in a folder, sorted by name; those of folders within it are left out. */
static wn_status add_folder(takes *t, const char *folder, wn_error *error)
{
    char **list;
    int n, added = 0;
    wn_status status = wn_folder_list(&list, &n, folder, wn_folder_is_recording, error);
    if (status) return status;
    if (!n) status = wn_fail(error, WN_ERROR_FILE, folder, "a folder without sound files");
    while (!status && added < n) {
        status = add_take(t, list[added], error);
        list[added++] = NULL; /* taken over */
    }
    wn_folder_free(list, n);
    return status;
}

static wn_status list_takes(takes *t, wn_error *error)
{
    const wn_batch *b = t->batch;
    wn_status status = WN_OK;
    for (int i = 0; i < b->n_sounds && !status; i++) {
        if (strcmp(b->sounds[i], "-") == 0)
            return wn_fail(error, WN_ERROR_ARGUMENT, "-", "standard input has no name in a folder of outputs");
        if (wn_file_is_folder(b->sounds[i])) {
            status = add_folder(t, b->sounds[i], error);
        } else {
            size_t size = strlen(b->sounds[i]) + 1;
            char *path = malloc(size);
            if (path) memcpy(path, b->sounds[i], size);
            status = add_take(t, path, error);
        }
    }
    return status;
}

/* ---- before work begins ---------------------------------------------------------------------------------------- */

/* Whether `folder`, or where it does not exist yet the one that it will be in, is `outer` or lies in it: one of the folders on
 * the way up is the same as `outer`. */
static bool lies_in(const char *folder, const char *outer)
{
    char path[WN_CLI_MAX_PATH];
    struct stat s, above, wanted;
    size_t n = strlen(folder);
    if (n + 2 > sizeof path || stat(outer, &wanted) != 0) return false;
    snprintf(path, sizeof path, "%s", folder);
    if (stat(path, &s) != 0) {
        while (n > 1 && path[n - 1] == '/') n--;
        while (n > 0 && path[n - 1] != '/') n--;
        snprintf(path + n, sizeof path - n, ".");
    }
    while (stat(path, &s) == 0) {
        if (s.st_dev == wanted.st_dev && s.st_ino == wanted.st_ino) return true;
        n = strlen(path);
        if (n + 4 > sizeof path) return false;
        snprintf(path + n, sizeof path - n, "/..");
        if (stat(path, &above) != 0 || (above.st_dev == s.st_dev && above.st_ino == s.st_ino)) return false;
    }
    return false;
}

/* The next run would take outputs in a folder of inputs for takes. */
static wn_status check_folder(const wn_batch *b, const char *inputs, wn_error *error)
{
    if (!lies_in(b->folder, inputs)) return WN_OK;
    return wn_fail(error, WN_ERROR_ARGUMENT, b->folder, "lies in the folder of inputs %s; another one was expected",
                   inputs);
}

static int compare_outputs(const void *a, const void *b)
{
    const batch_take *const *left = a, *const *right = b;
    int order = strcasecmp((*left)->out, (*right)->out);
    return order ? order : strcmp((*left)->path, (*right)->path);
}

/* Names that differ by case alone are one file on some systems. */
static wn_status check_collisions(const takes *t, wn_error *error)
{
    const batch_take **sorted = malloc((size_t)t->n * sizeof *sorted);
    if (!sorted) return wn_fail_memory(error, NULL);
    for (int i = 0; i < t->n; i++) sorted[i] = &t->take[i];
    qsort(sorted, (size_t)t->n, sizeof *sorted, compare_outputs);
    wn_status status = WN_OK;
    for (int i = 1; i < t->n && !status; i++)
        if (strcasecmp(sorted[i - 1]->out, sorted[i]->out) == 0)
            status = wn_fail(error, WN_ERROR_ARGUMENT, sorted[i]->out, "would be written for %s and for %s",
                             sorted[i - 1]->path, sorted[i]->path);
    free(sorted);
    return status;
}

/* An output that exists may be the take itself, by another way, or a file that the chain needs. */
static wn_status check_outputs(const takes *t, wn_error *error)
{
    const wn_batch *b = t->batch;
    for (int i = 0; i < t->n; i++) {
        const batch_take *take = &t->take[i];
        bool kept = wn_audio_is_same_file(take->path, take->out);
        for (int k = 0; k < b->n_kept && !kept; k++) kept = b->kept[k] && wn_audio_is_same_file(b->kept[k], take->out);
        if (kept) return wn_fail(error, WN_ERROR_ARGUMENT, take->out, "is an input file, too");
    }
    return WN_OK;
}

static wn_status batch_prepare(takes *t, wn_error *error)
{
    const wn_batch *b = t->batch;
    wn_status status = list_takes(t, error);
    for (int i = 0; i < b->n_sounds && !status; i++)
        if (wn_file_is_folder(b->sounds[i])) status = check_folder(b, b->sounds[i], error);
    if (!status) status = check_collisions(t, error);
    if (!status) status = check_outputs(t, error);
    return status ? status : wn_file_make_folder(b->folder, error);
}

/* ---- work ------------------------------------------------------------------------------------------------------ */

/* Every take that is begun is completed or said to have failed; after Ctrl-C no other is begun. */
static void process_take(void *user, int thread, int item)
{
    (void)thread;
    takes *t = user;
    const wn_batch *b = t->batch;
    int index, count;
    batch_take *take = &t->take[item];
    parse_shard(b->options->shard, &index, &count);
    if (item % count != index || wn_interrupt_requested()) return;
    if (b->options->skip_existing && wn_file_exists(take->out)) {
        take->state = TAKE_SKIPPED;
        wn_cli_note(b->cli, "%s: exists", take->out);
        return;
    }
    wn_error error = {0};
    wn_take one = b->take;
    one.path = take->path;
    one.out = take->out;
    one.is_one_of_many = true;
    wn_status status = wn_take_process(&one, &error);
    take->state = status ? TAKE_FAILED : TAKE_DONE;
    if (status) wn_cli_fail(b->cli, &error);
}

static int count_state(const takes *t, take_state state)
{
    int n = 0;
    for (int i = 0; i < t->n; i++) n += t->take[i].state == state;
    return n;
}

static int batch_report(const takes *t)
{
    char more[96] = "";
    int index, count, done = count_state(t, TAKE_DONE), failed = count_state(t, TAKE_FAILED);
    int skipped = count_state(t, TAKE_SKIPPED);
    parse_shard(t->batch->options->shard, &index, &count);
    int wanted = index < t->n ? (t->n - 1 - index) / count + 1 : 0;
    if (skipped) snprintf(more, sizeof more, ", %d existed", skipped);
    wn_cli_note(t->batch->cli, "%s: %d of %d file%s written%s, %d failed%s", t->batch->folder, done, wanted,
                wanted == 1 ? "" : "s", more, failed, wn_interrupt_requested() ? "; stopped" : "");
    return done + skipped == wanted ? WN_EXIT_OK : WN_EXIT_FAILED;
}

static wn_status batch_work(takes *t, wn_error *error)
{
    wn_thread_pool *pool;
    wn_status status = wn_thread_pool_new(&pool, t->batch->options->jobs, false, error);
    if (status) return status;
    wn_thread_pool_run(pool, process_take, t, t->n);
    wn_thread_pool_free(pool);
    return WN_OK;
}

int wn_batch_run(const wn_batch *batch)
{
    takes t = {.batch = batch};
    wn_error error = {0};
    wn_status status = batch_prepare(&t, &error);
    if (!status) wn_chain_note(batch->take.chain, batch->cli);
    if (!status) status = batch_work(&t, &error);
    int code = status ? wn_cli_fail(batch->cli, &error) : batch_report(&t);
    for (int i = 0; i < t.n; i++) {
        free(t.take[i].path);
        free(t.take[i].out);
    }
    free(t.take);
    return code;
}
