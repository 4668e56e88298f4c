/* SPDX-License-Identifier: MIT
 * format.c - models from files, whose content tells their format, and to files, whose name tells it.
 * Copyright (c) 2026 the wavenet authors */
#include "format/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "format/nam.h"
#include "format/native.h"
#include "format/pickle.h"
#include "format/vocoder.h"

/* In the order in which they are detected: a safetensors file may begin with the bytes of the formats after it. The first
 * is written where a name has no ending of the table. */
static const wn_format *const formats[] = {&wn_format_native, &wn_format_vocoder, &wn_format_nam, &wn_format_pickle};
enum { N_FORMATS = sizeof formats / sizeof *formats };

const wn_format *wn_format_at(int i) { return i >= 0 && i < N_FORMATS ? formats[i] : NULL; }

bool wn_format_is_model_name(const char *name)
{
    for (int i = 0; i < N_FORMATS; i++)
        if (formats[i]->ending && wn_file_has_ending(name, formats[i]->ending)) return name[0] != '.';
    return false;
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

/* The format of one file, or NULL. */
static const wn_format *format_of(const void *data, size_t size)
{
    for (int i = 0; i < N_FORMATS; i++)
        if (!formats[i]->sidecar && formats[i]->detect(data, size)) return formats[i];
    return NULL;
}

/* The format with a sidecar of a whole file, or NULL. */
static const wn_format *pair_format_of(const void *data, size_t size)
{
    for (int i = 0; i < N_FORMATS; i++)
        if (formats[i]->sidecar && formats[i]->detect(data, size)) return formats[i];
    return NULL;
}

/* For wn_file_read_limited. A file of no format may be as large as the smallest limit. */
static size_t size_limit(const void *head, size_t n)
{
    const wn_format *f = format_of(head, n);
    if (f) return f->max_size;
    size_t least = formats[0]->max_size;
    for (int i = 1; i < N_FORMATS; i++) least = formats[i]->max_size < least ? formats[i]->max_size : least;
    return least;
}

static wn_status fail_unknown(const wn_format_source *s, wn_error *error)
{
    char names[200] = "";
    size_t used = 0;
    for (int i = 0; i < N_FORMATS && used < sizeof names; i++)
        if (!formats[i]->refusal && !formats[i]->sidecar)
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used ? " or " : "", formats[i]->name);
    if (!s->size) return wn_fail(error, WN_ERROR_FORMAT, s->name, "is empty");
    return wn_fail(error, WN_ERROR_FORMAT, s->name, "is not a model: expected %s", names);
}

static wn_status read_source(wn_model **out, const wn_format_source *s, wn_error *error)
{
    *out = NULL;
    if (!(s->slim >= 0.0 && s->slim <= 1.0))
        return wn_fail(error, WN_ERROR_ARGUMENT, s->name, "slim is %g, expected 0 to 1", s->slim);
    const wn_format *f = format_of(s->data, s->size);
    if (!f) return fail_unknown(s, error);
    if (f->refusal) return wn_fail(error, WN_ERROR_UNSUPPORTED, s->name, "%s", f->refusal);
    if (s->slim < 1.0 && !f->can_slim)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, s->name, "cannot be slimmed: only amp captures can");
    wn_status status = f->read(out, s, error);
    const wn_format *pair = status == WN_ERROR_UNSUPPORTED ? pair_format_of(s->data, s->size) : NULL;
    if (!pair) return status;
    return wn_fail(error, status, s->name,
                   "is %s: `wavenet convert` turns it into a model with its %s, beside it or named by --config",
                   pair->name, pair->sidecar);
}

wn_status wn_model_load_memory(wn_model **out, const void *data, size_t size, const char *name, wn_error *error)
{
    return read_source(out, &(wn_format_source){.data = data, .size = size, .name = name ? name : "", .slim = 1},
                       error);
}

wn_status wn_model_load_slim(wn_model **out, const char *path, double slim, wn_error *error)
{
    void *data;
    size_t size;
    *out = NULL;
    wn_status status = wn_file_read_limited(&data, &size, path, size_limit, error);
    if (!status)
        status = read_source(out, &(wn_format_source){.data = data, .size = size, .name = path, .slim = slim}, error);
    free(data);
    return status;
}

wn_status wn_model_load(wn_model **out, const char *path, wn_error *error)
{
    return wn_model_load_slim(out, path, 1.0, error);
}

/* ---- two files ------------------------------------------------------------------------------------------------- */

enum { MAX_PATH = 4096 };

/* `name` in the folder of `path`; false if there is no such file. */
static bool find_beside(char *out, size_t size, const char *path, const char *name)
{
    const char *slash = strrchr(path, '/');
    int folder = slash ? (int)(slash - path) + 1 : 0;
    int n = snprintf(out, size, "%.*s%s", folder, path, name);
    return n > 0 && (size_t)n < size && wn_file_exists(out);
}

static wn_status read_pair(wn_model **out, const wn_format *f, wn_format_source *s, const char *sidecar,
                           wn_error *error)
{
    void *data;
    wn_status status = wn_file_read(&data, &s->sidecar_size, sidecar, f->max_sidecar, error);
    s->sidecar = data;
    s->sidecar_name = sidecar;
    if (!status) status = f->read(out, s, error);
    free(data);
    return status;
}

/* A given sidecar asks for a format that has one, even if the file is of none: its reader knows what is wrong. */
static const wn_format *any_pair_format(const wn_format_source *s)
{
    const wn_format *one = format_of(s->data, s->size), *f = pair_format_of(s->data, s->size);
    if (one && one->refusal) return NULL;
    for (int i = 0; !f && i < N_FORMATS; i++)
        if (formats[i]->sidecar) f = formats[i];
    return f;
}

static wn_status import_source(wn_model **out, wn_format_source *s, const char *sidecar, wn_error *error)
{
    char beside[MAX_PATH];
    const wn_format *f = sidecar ? any_pair_format(s) : NULL;
    if (f) return read_pair(out, f, s, sidecar, error);
    wn_status status = read_source(out, s, error);
    if (status == WN_ERROR_UNSUPPORTED) f = pair_format_of(s->data, s->size);
    if (!f || !find_beside(beside, sizeof beside, s->name, f->sidecar)) return status;
    return read_pair(out, f, s, beside, error);
}

wn_status wn_format_import(wn_model **out, const char *path, const char *sidecar, wn_error *error)
{
    void *data;
    wn_format_source s = {.name = path, .slim = 1};
    *out = NULL;
    wn_status status = wn_file_read_limited(&data, &s.size, path, size_limit, error);
    s.data = data;
    if (!status) status = import_source(out, &s, sidecar, error);
    free(data);
    return status;
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

wn_status wn_model_save(const wn_model *model, const char *path, wn_error *error)
{
    const wn_format *f = formats[0];
    for (int i = 0; i < N_FORMATS; i++)
        if (formats[i]->write && formats[i]->ending && wn_file_has_ending(path, formats[i]->ending)) f = formats[i];
    return f->write(model, path, error);
}
