/* SPDX-License-Identifier: MIT
 * native.c - the native model file: safetensors with the config in its metadata.
 * Copyright (c) 2026 the wavenet authors */
#include "format/native.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "format/config_read.h"
#include "format/config_write.h"
#include "format/json.h"
#include "format/safetensors.h"
#include "model/check_model.h"
#include "model/tensors.h"

_Static_assert(sizeof(float) == 4 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "tensors are written as they lie in memory");

/* ---- reading ---------------------------------------------------------------------------------------------------- */

struct filling {
    wn_safetensors *file;
    wn_error *error;
};

static wn_status fill(void *user, const char *name, float *data, int ndim, const int64_t *shape)
{
    struct filling *f = user;
    wn_tensor *t = wn_safetensors_find(f->file, name);
    if (!t) return wn_fail(f->error, WN_ERROR_FORMAT, f->file->name, "tensor %.100s is missing", name);
    if (t->dtype != WN_F32)
        return wn_fail(f->error, WN_ERROR_FORMAT, f->file->name, "tensor %.100s is %s, expected F32", name,
                       t->dtype_name);
    wn_status status = wn_tensor_expect(f->file, t, ndim, shape, "", f->error);
    t->used = true;
    return status ? status : wn_tensor_floats(f->file, t, data, f->error);
}

/* Fill a model's tensors from the file, each by its role name: missing, mis-shaped and left-over ones are errors. */
static wn_status read_weights(wn_model *model, wn_safetensors *file, wn_error *error)
{
    struct filling filling = {file, error};
    wn_status status = wn_model_tensors(model, fill, &filling);
    for (size_t i = 0; !status && i < file->n; i++)
        if (!file->tensors[i].used)
            status = wn_fail(error, WN_ERROR_FORMAT, file->name,
                             "tensor %.100s is not part of the model that the config describes", file->tensors[i].name);
    return status;
}

static wn_status read_model(wn_model **out, wn_safetensors *file, wn_error *error)
{
    const char *text = wn_safetensors_metadata(file, WN_NATIVE_KEY);
    if (!text)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, file->name,
                       "holds tensors but no WaveNet config (__metadata__ \"%s\")", WN_NATIVE_KEY);
    json_t *config;
    wn_status status = wn_json_parse(&config, text, strlen(text), file->name, error);
    if (status) return status;
    wn_model *model;
    status = wn_config_read(&model, config, file->name, error);
    json_decref(config);
    if (!status) status = read_weights(model, file, error);
    if (!status) status = wn_model_finish(model, file->name, error);
    if (status)
        wn_model_free(model);
    else
        *out = model;
    return status;
}

static wn_status read_native(wn_model **out, const wn_format_source *source, wn_error *error)
{
    wn_safetensors file;
    *out = NULL;
    wn_status status = wn_safetensors_parse(&file, source->data, source->size, source->name, error);
    if (!status) status = read_model(out, &file, error);
    wn_safetensors_free(&file);
    return status;
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

/* Lists tensors in a header, each after the one before. */
struct listing {
    json_t *header;
    int64_t end; /* bytes of data so far */
};

/* A list, or NULL if memory fails. */
static json_t *integers(int n, const int64_t *values)
{
    json_t *list = json_array();
    for (int i = 0; list && i < n; i++) {
        if (!json_array_append_new(list, json_integer(values[i]))) continue;
        json_decref(list);
        list = NULL;
    }
    return list;
}

static wn_status list_tensor(void *user, const char *name, float *data, int ndim, const int64_t *shape)
{
    struct listing *l = user;
    int64_t offsets[2] = {l->end, l->end + 4};
    for (int i = 0; i < ndim; i++) offsets[1] = l->end + (offsets[1] - l->end) * shape[i];
    json_t *entry = json_object();
    bool failed = json_object_set_new(entry, "dtype", json_string("F32"));
    failed |= json_object_set_new(entry, "shape", integers(ndim, shape)) != 0;
    failed |= json_object_set_new(entry, "data_offsets", integers(2, offsets)) != 0;
    failed |= json_object_set_new(l->header, name, entry) != 0;
    l->end = offsets[1];
    return failed ? WN_ERROR_MEMORY : WN_OK;
}

/* The header as text, padded with spaces so that the data are aligned; NULL if memory fails. */
static char *make_header(const wn_model *model, size_t *size)
{
    struct listing listing = {json_object(), 0};
    json_t *config = wn_config_write(model);
    char *text = config ? json_dumps(config, JSON_COMPACT) : NULL, *header = NULL;
    json_decref(config);
    json_t *metadata = text ? json_object() : NULL;
    bool made = !json_object_set_new(listing.header, "__metadata__", metadata) &&
                !json_object_set_new(metadata, WN_NATIVE_KEY, json_string(text)) &&
                !wn_model_tensors((wn_model *)model, list_tensor, &listing);
    free(text);
    if (made) header = json_dumps(listing.header, JSON_COMPACT);
    json_decref(listing.header);
    if (!header) return NULL;
    size_t length = strlen(header), padded = (length + 8 + 63) / 64 * 64 - 8;
    char *grown = realloc(header, padded + 1);
    if (!grown)
        free(header);
    else
        memset(grown + length, ' ', padded - length);
    *size = padded;
    return grown;
}

struct writing {
    wn_writer *writer;
    wn_error *error;
};

static wn_status write_tensor(void *user, const char *name, float *data, int ndim, const int64_t *shape)
{
    struct writing *w = user;
    size_t count = 1;
    for (int i = 0; i < ndim; i++) count *= (size_t)shape[i];
    return wn_writer_write(w->writer, data, count * sizeof(float), w->error);
}

static bool has_chain(const wn_model *m) { return m && (m->n_chain || has_chain(m->condition.nested)); }

static wn_status write_native(const wn_model *model, const char *path, wn_error *error)
{
    size_t size = 0;
    if (has_chain(model))
        return wn_fail(error, WN_ERROR_UNSUPPORTED, path,
                       "a chain of models fits a .nam file only (architecture Sequential)");
    char *header = make_header(model, &size);
    if (!header) return wn_fail_memory(error, path);
    uint64_t length = size; /* little-endian, as asserted above */
    struct writing writing = {NULL, error};
    wn_status status = wn_writer_open(&writing.writer, path, error);
    if (!status) status = wn_writer_write(writing.writer, &length, sizeof length, error);
    if (!status) status = wn_writer_write(writing.writer, header, size, error);
    if (!status) status = wn_model_tensors((wn_model *)model, write_tensor, &writing);
    free(header);
    if (!status) return wn_writer_commit(writing.writer, error);
    wn_writer_abort(writing.writer);
    return status;
}

const wn_format wn_format_native = {
    .name = "a safetensors file",
    .ending = ".safetensors",
    .max_size = WN_SAFETENSORS_MAX_FILE,
    .detect = wn_safetensors_detect,
    .read = read_native,
    .write = write_native,
};
