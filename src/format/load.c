/* SPDX-License-Identifier: MIT
 * load.c - models from files, whose content says what they are, and to files, whose name says what they are to be.
 * Copyright (c) 2026 the wavenet authors */
#include "format/load.h"

#include <stdlib.h>

#include "base/file.h"
#include "format/nam.h"
#include "format/native.h"

size_t wn_model_file_limit(const void *head, size_t n)
{
    return wn_safetensors_detect(head, n) ? WN_SAFETENSORS_MAX_FILE : WN_NAM_MAX_FILE; /* what is no model, too */
}

static wn_status load_native(wn_model **out, const void *data, size_t size, const char *name, wn_error *error)
{
    wn_safetensors file;
    wn_status status = wn_safetensors_parse(&file, data, size, name, error);
    if (!status) status = wn_native_read(out, &file, error);
    wn_safetensors_free(&file);
    return status;
}

static wn_status load(wn_model **out, const void *data, size_t size, const char *name, double slim, wn_error *error)
{
    *out = NULL;
    if (!name) name = "";
    if (!(slim >= 0.0 && slim <= 1.0))
        return wn_fail(error, WN_ERROR_ARGUMENT, name, "slim is %g, expected 0 to 1", slim);
    bool native = wn_safetensors_detect(data, size); /* first: its length may begin with the bytes of a '{' */
    if (!native && wn_nam_detect(data, size)) return wn_nam_read(out, data, size, name, slim, error);
    if (!native)
        return wn_fail(error, WN_ERROR_FORMAT, name,
                       size ? "is not a model: expected a safetensors file or an amp capture (.nam)" : "is empty");
    if (slim < 1.0) return wn_fail(error, WN_ERROR_UNSUPPORTED, name, "cannot be slimmed: only amp captures can");
    return load_native(out, data, size, name, error);
}

wn_status wn_model_load_memory(wn_model **out, const void *data, size_t size, const char *name, wn_error *error)
{
    return load(out, data, size, name, 1.0, error);
}

wn_status wn_model_load_slim(wn_model **out, const char *path, double slim, wn_error *error)
{
    void *data;
    size_t size;
    *out = NULL;
    wn_status status = wn_file_read_limited(&data, &size, path, wn_model_file_limit, error);
    if (!status) status = load(out, data, size, path, slim, error);
    free(data);
    return status;
}

wn_status wn_model_load(wn_model **out, const char *path, wn_error *error)
{
    return wn_model_load_slim(out, path, 1.0, error);
}

wn_status wn_model_save(const wn_model *model, const char *path, wn_error *error)
{
    return wn_file_has_ending(path, ".nam") ? wn_nam_write(model, path, error) : wn_native_write(model, path, error);
}
