/* SPDX-License-Identifier: MIT
 * capture_folder.c - a folder of recordings, in pairs by their names.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/capture_folder.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/file.h"
#include "cli/folder.h"
#include "cli/interrupt.h"

typedef enum part { PART_WET, PART_DRY, PART_COMMON_DRY, PART_NONE } part;

/* A recording, and what its name says of it. */
typedef struct recording {
    const char *path, *stem; /* the file's name, without its folder, */
    int length;              /* and the bytes of it that are NAME */
    part part;
    bool used; /* by a pair */
} recording;

typedef struct listing {
    const wn_capture_folder *f;
    char **paths;
    recording *all; /* [n] */
    int n;
    wn_capture_pair *pairs; /* [n_pairs] */
    int n_pairs;
    int made, existing, failed;
} listing;

/* ---- names ----------------------------------------------------------------------------------------------------- */

/* Whether the name ends in "-WORD"; then *length is without it. */
static bool ends_in(const char *stem, int *length, const char *word)
{
    int n = *length - (int)strlen(word);
    if (n < 2 || strncasecmp(stem + n, word, strlen(word)) != 0 || !strchr("-_ ", stem[n - 1])) return false;
    *length = n - 1;
    return true;
}

static recording read_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    recording r = {.path = path, .stem = slash ? slash + 1 : path, .part = PART_NONE};
    const char *dot = strrchr(r.stem, '.');
    r.length = dot && dot != r.stem ? (int)(dot - r.stem) : (int)strlen(r.stem);
    if (r.length == 3 && strncasecmp(r.stem, "dry", 3) == 0)
        r.part = PART_COMMON_DRY;
    else if (ends_in(r.stem, &r.length, "dry"))
        r.part = PART_DRY;
    else if (ends_in(r.stem, &r.length, "wet"))
        r.part = PART_WET;
    return r;
}

static bool is_same_name(const recording *a, const recording *b)
{
    return a->length == b->length && strncmp(a->stem, b->stem, (size_t)a->length) == 0;
}

static recording *find_common_dry(const listing *l)
{
    for (int i = 0; i < l->n; i++)
        if (l->all[i].part == PART_COMMON_DRY) return &l->all[i];
    return NULL;
}

/* The dry recording of a wet one: its own, or the common one. */
static recording *find_dry(const listing *l, const recording *wet)
{
    for (int i = 0; i < l->n; i++)
        if (l->all[i].part == PART_DRY && is_same_name(&l->all[i], wet)) return &l->all[i];
    return find_common_dry(l);
}

/* ---- pairs ----------------------------------------------------------------------------------------------------- */

static wn_status add_pair(listing *l, const recording *wet, const recording *dry, wn_error *error)
{
    wn_capture_pair *pair = &l->pairs[l->n_pairs++];
    size_t size = (size_t)wet->length + sizeof ".nam";
    *pair = (wn_capture_pair){.name = malloc(size), .dry = dry->path, .wet = wet->path};
    if (!pair->name) return wn_fail_memory(error, NULL);
    snprintf(pair->name, size, "%.*s.nam", wet->length, wet->stem);
    pair->out = wn_folder_join(l->f->out, pair->name);
    pair->name[wet->length] = '\0';
    for (int i = 0; i + 1 < l->n_pairs; i++)
        if (strcasecmp(l->pairs[i].name, pair->name) == 0)
            return wn_fail(error, WN_ERROR_ARGUMENT, pair->out, "would be made of %s and of %s", l->pairs[i].wet,
                           pair->wet);
    return pair->out ? WN_OK : wn_fail_memory(error, NULL);
}

static wn_status find_pairs(listing *l, wn_error *error)
{
    bool common = find_common_dry(l) != NULL;
    for (int i = 0; i < l->n; i++) {
        recording *wet = &l->all[i], *dry;
        if (wet->part != PART_WET && !(wet->part == PART_NONE && common)) continue;
        dry = find_dry(l, wet);
        if (!dry) continue;
        wet->used = dry->used = true;
        wn_status status = add_pair(l, wet, dry, error);
        if (status) return status;
    }
    return WN_OK;
}

static wn_status read_folder(listing *l, wn_error *error)
{
    wn_status status = wn_folder_list(&l->paths, &l->n, l->f->folder, wn_folder_is_recording, error);
    if (status) return status;
    if (!l->n) return wn_fail(error, WN_ERROR_FILE, l->f->folder, "a folder without sound files");
    l->all = calloc((size_t)l->n, sizeof *l->all);
    l->pairs = calloc((size_t)l->n, sizeof *l->pairs);
    if (!l->all || !l->pairs) return wn_fail_memory(error, NULL);
    for (int i = 0; i < l->n; i++) l->all[i] = read_name(l->paths[i]);
    status = find_pairs(l, error);
    return status ? status : wn_file_make_folder(l->f->out, error);
}

/* ---- work ------------------------------------------------------------------------------------------------------ */

/* Before the work, which takes long. */
static void report_lonely(listing *l)
{
    static const char *const words[] = {
        [PART_WET] = "has no dry recording: a name that ends in -dry in place of -wet, or dry.wav",
        [PART_DRY] = "has no wet recording: a name that ends in -wet in place of -dry",
        [PART_COMMON_DRY] = "has no wet recording beside it",
        [PART_NONE] = "is of no pair: names end in -dry and -wet, or dry.wav is that of all others"};
    for (int i = 0; i < l->n; i++) {
        if (l->all[i].used) continue;
        wn_cli_fail_text(l->f->cli, "%s: %s", l->all[i].path, words[l->all[i].part]);
        l->failed++;
    }
}

static void make_pair(listing *l, int i)
{
    const wn_capture_pair *pair = &l->pairs[i];
    if (!l->f->force && wn_file_exists(pair->out)) {
        wn_cli_note(l->f->cli, "%s: exists", pair->out);
        l->existing++;
        return;
    }
    wn_cli_note(l->f->cli, "capture %d of %d: %s, of %s and %s", i + 1, l->n_pairs, pair->out, pair->dry, pair->wet);
    if (l->f->make(l->f->user, pair) == WN_EXIT_OK)
        l->made++;
    else
        l->failed++;
}

static int report(const listing *l)
{
    char more[64] = "";
    if (l->existing) snprintf(more, sizeof more, ", %d existed", l->existing);
    wn_cli_note(l->f->cli, "%s: %d of %d capture%s made%s, %d failed%s", l->f->out, l->made, l->n_pairs,
                l->n_pairs == 1 ? "" : "s", more, l->failed, wn_interrupt_requested() ? "; stopped" : "");
    return l->made + l->existing == l->n_pairs && !l->failed ? WN_EXIT_OK : WN_EXIT_FAILED;
}

int wn_capture_folder_run(const wn_capture_folder *folder)
{
    listing l = {.f = folder};
    wn_error error = {0};
    wn_interrupt_install();
    wn_status status = read_folder(&l, &error);
    if (!status) report_lonely(&l);
    for (int i = 0; i < l.n_pairs && !status && !wn_interrupt_requested(); i++) make_pair(&l, i);
    int code = status ? wn_cli_fail(folder->cli, &error) : report(&l);
    for (int i = 0; l.pairs && i < l.n_pairs; i++) {
        free(l.pairs[i].name);
        free(l.pairs[i].out);
    }
    free(l.pairs);
    free(l.all);
    wn_folder_free(l.paths, l.n);
    return code;
}
