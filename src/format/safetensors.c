/* SPDX-License-Identifier: MIT
 * safetensors.c - reading the container. Nothing in the header is believed before it is checked.
 * Copyright (c) 2026 the wavenet authors */
#include "format/safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/json.h"

static const struct {
    const char *name;
    wn_dtype dtype;
    size_t bytes;
} dtypes[] = {{"F32", WN_F32, 4},         {"F16", WN_F16, 2},         {"BF16", WN_BF16, 2},
              {"F64", WN_F64, 8},         {"I64", WN_DTYPE_OTHER, 8}, {"I32", WN_DTYPE_OTHER, 4},
              {"I16", WN_DTYPE_OTHER, 2}, {"I8", WN_DTYPE_OTHER, 1},  {"U64", WN_DTYPE_OTHER, 8},
              {"U32", WN_DTYPE_OTHER, 4}, {"U16", WN_DTYPE_OTHER, 2}, {"U8", WN_DTYPE_OTHER, 1},
              {"BOOL", WN_DTYPE_OTHER, 1}};

/* ---- the header ----------------------------------------------------------------------------------------------- */

static uint64_t header_length(const uint8_t *bytes)
{
    uint64_t n = 0;
    for (int i = 7; i >= 0; i--) n = n << 8 | bytes[i];
    return n;
}

bool wn_safetensors_detect(const void *data, size_t size)
{
    const uint8_t *bytes = data;
    return size >= 10 && bytes[8] == '{' && header_length(bytes) < (uint64_t)1 << 40;
}

static wn_status parse_header(wn_safetensors *out, const uint8_t *data, size_t size, size_t *start, wn_error *error)
{
    if (size < 8) return wn_fail(error, WN_ERROR_FORMAT, out->name, "has %zu bytes, expected a safetensors file", size);
    uint64_t length = header_length(data);
    if (length > WN_SAFETENSORS_MAX_HEADER)
        return wn_fail(error, WN_ERROR_FORMAT, out->name, "has a header of %llu bytes, expected at most %d",
                       (unsigned long long)length, WN_SAFETENSORS_MAX_HEADER);
    if (length > size - 8)
        return wn_fail(error, WN_ERROR_FORMAT, out->name, "is truncated: a header of %llu bytes in a file of %zu",
                       (unsigned long long)length, size);
    *start = 8 + (size_t)length;
    wn_status status = wn_json_parse(&out->header, (const char *)data + 8, (size_t)length, out->name, error);
    if (status) return status;
    if (!json_is_object(out->header)) return wn_fail(error, WN_ERROR_FORMAT, out->name, "has no object as its header");
    return WN_OK;
}

static void read_dtype(wn_json *r, const json_t *entry, wn_tensor *t, size_t *bytes)
{
    wn_json_need(r, entry, "dtype");
    t->dtype_name = wn_json_text(r, entry, "dtype", "");
    *bytes = 0;
    for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++) {
        if (strcmp(dtypes[i].name, t->dtype_name)) continue;
        t->dtype = dtypes[i].dtype;
        *bytes = dtypes[i].bytes;
    }
    if (!*bytes) wn_json_fail(r, "dtype", "\"%.16s\" is unknown", t->dtype_name);
}

static void read_shape(wn_json *r, const json_t *entry, wn_tensor *t)
{
    wn_json_need(r, entry, "shape");
    const json_t *shape = wn_json_array(r, entry, "shape", WN_TENSOR_MAX_RANK);
    t->rank = (int)json_array_size(shape);
    t->count = 1;
    for (int i = 0; i < t->rank; i++) {
        const json_t *value = json_array_get(shape, (size_t)i);
        int64_t n = json_integer_value(value);
        if (!json_is_integer(value) || n < 0)
            wn_json_fail(r, "shape", "must be whole numbers of 0 or more");
        else if (n && t->count > (INT64_MAX >> 4) / n)
            wn_json_fail(r, "shape", "has a product that overflows");
        if (r->status) return;
        t->shape[i] = n;
        t->count *= n;
    }
}

static void read_offsets(wn_json *r, const json_t *entry, wn_tensor *t, size_t data_size, size_t bytes)
{
    wn_json_need(r, entry, "data_offsets");
    const json_t *list = wn_json_array(r, entry, "data_offsets", 2);
    const json_t *begin = json_array_get(list, 0), *end = json_array_get(list, 1);
    int64_t b = json_integer_value(begin), e = json_integer_value(end);
    if (!json_is_integer(begin) || !json_is_integer(end) || b < 0 || e < b)
        wn_json_fail(r, "data_offsets", "must be two ascending whole numbers");
    else if ((uint64_t)e > data_size)
        wn_json_fail(r, "data_offsets", "end at byte %lld, but the file has %zu bytes of data", (long long)e,
                     data_size);
    else if (!r->status && (uint64_t)(e - b) != (uint64_t)t->count * bytes)
        wn_json_fail(r, "data_offsets", "span %lld bytes, expected %lld for the shape", (long long)(e - b),
                     (long long)((uint64_t)t->count * bytes));
    t->begin = (size_t)b;
    t->end = (size_t)e;
}

static void read_entry(wn_json *r, const char *name, const json_t *entry, const uint8_t *data, size_t data_size,
                       wn_tensor *t)
{
    static const char *const keys[] = {"dtype", "shape", "data_offsets", NULL};
    size_t bytes;
    size_t mark = wn_json_enter(r, name, -1);
    if (!json_is_object(entry)) wn_json_fail(r, "", "is no object");
    wn_json_keys(r, entry, keys);
    read_dtype(r, entry, t, &bytes);
    read_shape(r, entry, t);
    read_offsets(r, entry, t, data_size, bytes);
    t->name = name;
    t->data = data + (r->status ? 0 : t->begin);
    wn_json_leave(r, mark);
}

static void check_metadata(wn_json *r, const json_t *metadata)
{
    const char *key;
    json_t *value;
    if (!json_is_object(metadata)) wn_json_fail(r, "__metadata__", "is no object");
    json_object_foreach ((json_t *)metadata, key, value)
        if (!json_is_string(value)) wn_json_fail(r, "__metadata__", "\"%.64s\" is no text", key);
}

static void read_entries(wn_json *r, wn_safetensors *out, const uint8_t *data, size_t data_size)
{
    const char *key;
    json_t *value;
    json_object_foreach (out->header, key, value) {
        if (strcmp(key, "__metadata__"))
            read_entry(r, key, value, data, data_size, &out->tensors[out->n++]);
        else
            check_metadata(r, value);
    }
}

/* ---- the data ------------------------------------------------------------------------------------------------- */

static int by_offset(const void *a, const void *b)
{
    const wn_tensor *x = a, *y = b;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const wn_tensor *)a)->name, ((const wn_tensor *)b)->name);
}

/* Sorted by offset, each tensor must begin where the one before ends, and the last end with the file. */
static wn_status check_layout(wn_safetensors *out, size_t data_size, wn_error *error)
{
    size_t end = 0;
    qsort(out->tensors, out->n, sizeof *out->tensors, by_offset);
    for (size_t i = 0; i < out->n; i++) {
        const wn_tensor *t = &out->tensors[i];
        if (t->begin != end)
            return wn_fail(error, WN_ERROR_FORMAT, out->name, "tensor %.100s %s the tensor before it", t->name,
                           t->begin < end ? "overlaps" : "leaves a hole after");
        end = t->end;
    }
    if (end != data_size)
        return wn_fail(error, WN_ERROR_FORMAT, out->name, "has %zu bytes after its last tensor", data_size - end);
    qsort(out->tensors, out->n, sizeof *out->tensors, by_name);
    return WN_OK;
}

wn_status wn_safetensors_parse(wn_safetensors *out, const void *data, size_t size, const char *name, wn_error *error)
{
    *out = (wn_safetensors){.name = name};
    size_t start = 0;
    wn_status status = parse_header(out, data, size, &start, error);
    if (status) return status;
    out->tensors = calloc(json_object_size(out->header) + 1, sizeof *out->tensors);
    if (!out->tensors) return wn_fail_memory(error, name);
    wn_json r = {name, error, WN_OK, ""};
    read_entries(&r, out, (const uint8_t *)data + start, size - start);
    return r.status ? r.status : check_layout(out, size - start, error);
}

void wn_safetensors_free(wn_safetensors *file)
{
    json_decref(file->header);
    free(file->tensors);
    *file = (wn_safetensors){0};
}

/* ---- questions ------------------------------------------------------------------------------------------------ */

void wn_safetensors_sort(wn_safetensors *file)
{
    if (file->n) qsort(file->tensors, file->n, sizeof *file->tensors, by_name);
}

wn_tensor *wn_safetensors_find(const wn_safetensors *file, const char *name)
{
    wn_tensor key = {.name = name};
    return file->n ? bsearch(&key, file->tensors, file->n, sizeof key, by_name) : NULL;
}

const char *wn_safetensors_metadata(const wn_safetensors *file, const char *key)
{
    return json_string_value(json_object_get(json_object_get(file->header, "__metadata__"), key));
}

static void print_shape(char *text, size_t size, int rank, const int64_t *shape)
{
    size_t used = (size_t)snprintf(text, size, "[");
    for (int i = 0; i < rank && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%lld", i ? ", " : "", (long long)shape[i]);
    if (used < size) snprintf(text + used, size - used, "]");
}

wn_status wn_tensor_expect(const wn_safetensors *file, const wn_tensor *t, int rank, const int64_t *shape,
                           const char *by, wn_error *error)
{
    bool same = t->rank == rank;
    for (int i = 0; same && i < rank; i++) same = t->shape[i] == shape[i];
    if (same) return WN_OK;
    char is[96], expected[96];
    print_shape(is, sizeof is, t->rank, t->shape);
    print_shape(expected, sizeof expected, rank, shape);
    return wn_fail(error, WN_ERROR_FORMAT, file->name, "tensor %.100s has shape %s, expected %s%s", t->name, is,
                   expected, by);
}

/* ---- values --------------------------------------------------------------------------------------------------- */

static float from_bits(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Half precision. A subnormal is its mantissa times 2^-24. */
static float from_half(uint16_t h)
{
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 0x1f, mantissa = h & 0x3ff;
    if (exponent == 0x1f) return from_bits(sign | 0x7f800000 | mantissa << 13);
    if (exponent) return from_bits(sign | (exponent + 112) << 23 | mantissa << 13);
    float tiny = (float)mantissa * 0x1p-24f;
    return sign ? -tiny : tiny;
}

static double element(const wn_tensor *t, int64_t i)
{
    uint16_t h;
    double d;
    float f;
    switch (t->dtype) {
    case WN_F64: memcpy(&d, t->data + i * 8, 8); return d;
    case WN_F16: memcpy(&h, t->data + i * 2, 2); return from_half(h);
    case WN_BF16: memcpy(&h, t->data + i * 2, 2); return from_bits((uint32_t)h << 16);
    default: memcpy(&f, t->data + i * 4, 4); return f;
    }
}

static wn_status check_is_float(const wn_safetensors *file, const wn_tensor *t, wn_error *error)
{
    if (t->dtype == WN_DTYPE_OTHER)
        return wn_fail(error, WN_ERROR_FORMAT, file->name, "tensor %.100s is %s, expected F32, F16, BF16 or F64",
                       t->name, t->dtype_name);
    return WN_OK;
}

wn_status wn_tensor_floats(const wn_safetensors *file, const wn_tensor *t, float *out, wn_error *error)
{
    wn_status status = check_is_float(file, t, error);
    for (int64_t i = 0; !status && i < t->count; i++) out[i] = (float)element(t, i);
    return status;
}

wn_status wn_tensor_doubles(const wn_safetensors *file, const wn_tensor *t, double *out, wn_error *error)
{
    wn_status status = check_is_float(file, t, error);
    for (int64_t i = 0; !status && i < t->count; i++) out[i] = element(t, i);
    return status;
}
