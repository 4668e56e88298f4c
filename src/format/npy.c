/* SPDX-License-Identifier: MIT
 * npy.c - reading .npy files; the header is a Python dictionary, read here by a grammar of exactly what numpy writes.
 * Copyright (c) 2026 the wavenet authors */
#include "format/npy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

_Static_assert(sizeof(float) == 4 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "arrays are copied as they lie in the file");

enum { MAX_HEADER = 1 << 16, MAX_WORD = 32 };

/* Text not yet read of the header. Its end is always '\0'. */
struct cursor {
    const char *at;
};

static void skip_space(struct cursor *c)
{
    while (*c->at == ' ' || *c->at == '\n' || *c->at == '\t') c->at++;
}

static bool take(struct cursor *c, char wanted)
{
    skip_space(c);
    if (*c->at != wanted) return false;
    c->at++;
    return true;
}

/* A quoted string without escapes. */
static bool take_string(struct cursor *c, char word[MAX_WORD])
{
    skip_space(c);
    char quote = *c->at;
    if (quote != '\'' && quote != '"') return false;
    const char *end = strchr(c->at + 1, quote);
    size_t n = end ? (size_t)(end - c->at - 1) : MAX_WORD;
    if (n >= MAX_WORD) return false;
    memcpy(word, c->at + 1, n);
    word[n] = '\0';
    c->at = end + 1;
    return true;
}

static bool take_word(struct cursor *c, const char *word)
{
    skip_space(c);
    size_t n = strlen(word);
    if (strncmp(c->at, word, n)) return false;
    c->at += n;
    return true;
}

/* A size; numpy of Python 2 wrote an L after long ones. */
static bool take_size(struct cursor *c, int64_t *size)
{
    skip_space(c);
    if (*c->at < '0' || *c->at > '9') return false;
    for (*size = 0; *c->at >= '0' && *c->at <= '9'; c->at++) {
        if (*size > (INT64_MAX - 9) / 10) return false;
        *size = *size * 10 + (*c->at - '0');
    }
    if (*c->at == 'L') c->at++;
    return true;
}

/* The fields of the header. */
struct header {
    char descr[MAX_WORD];
    bool fortran;
    int rank; /* may exceed WN_NPY_MAX_RANK: then only the first sizes are kept */
    int64_t shape[WN_NPY_MAX_RANK];
};

static bool take_shape(struct cursor *c, struct header *h)
{
    if (!take(c, '(')) return false;
    for (h->rank = 0; !take(c, ')'); h->rank++) {
        int64_t size;
        if (h->rank > 64 || !take_size(c, &size)) return false;
        if (h->rank < WN_NPY_MAX_RANK) h->shape[h->rank] = size;
        if (!take(c, ',')) {
            if (!take(c, ')')) return false;
            h->rank++;
            break;
        }
    }
    return true;
}

static bool take_value(struct cursor *c, const char *key, struct header *h)
{
    if (!strcmp(key, "descr")) return take_string(c, h->descr);
    if (!strcmp(key, "shape")) return take_shape(c, h);
    h->fortran = take_word(c, "True");
    return h->fortran || take_word(c, "False");
}

/* {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } in any order, each key once. */
static bool parse_header(const char *text, struct header *h)
{
    static const char *const keys[] = {"descr", "fortran_order", "shape"};
    struct cursor c = {text};
    unsigned seen = 0;
    if (!take(&c, '{')) return false;
    while (!take(&c, '}')) {
        char key[MAX_WORD];
        unsigned which = 0;
        if (!take_string(&c, key) || !take(&c, ':')) return false;
        while (which < 3 && strcmp(key, keys[which])) which++;
        if (which == 3 || seen & 1u << which || !take_value(&c, key, h)) return false;
        seen |= 1u << which;
        if (!take(&c, ',')) {
            if (!take(&c, '}')) return false;
            break;
        }
    }
    skip_space(&c);
    return seen == 7 && *c.at == '\0';
}

/* The order and the type of the elements in the file. */
struct layout {
    int width; /* bytes of an element */
    bool is_float, big_endian, fortran;
};

static wn_status check_descr(struct layout *out, const char *descr, const char *name, wn_error *error)
{
    static const struct {
        const char *code, *name;
    } others[] = {{"f2", "float16"}, {"i2", "int16"},  {"i1", "int8"}, {"u1", "uint8"},     {"u2", "uint16"},
                  {"u4", "uint32"},  {"u8", "uint64"}, {"b1", "bool"}, {"c8", "complex64"}, {"c16", "complex128"}};
    const char *code = descr + (*descr && strchr("<>=|", *descr) ? 1 : 0), *is = descr;
    bool is_float = code[0] == 'f',
         known = (is_float || code[0] == 'i') && (code[1] == '4' || code[1] == '8') && !code[2];
    if (known) *out = (struct layout){.width = code[1] - '0', .is_float = is_float, .big_endian = *descr == '>'};
    if (known) return WN_OK;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!strcmp(code, others[i].code)) is = others[i].name;
    return wn_fail(error, WN_ERROR_FORMAT, name, "holds values of type %s, expected float32 or int32", is);
}

/* Type, order and sizes; *bytes = length of the data they ask for. */
static wn_status check_header(wn_npy *out, struct layout *layout, const struct header *h, size_t *bytes,
                              const char *name, wn_error *error)
{
    wn_status status = check_descr(layout, h->descr, name, error);
    if (status) return status;
    if (h->rank > WN_NPY_MAX_RANK)
        return wn_fail(error, WN_ERROR_FORMAT, name, "has %d dimensions, expected at most %d", h->rank,
                       WN_NPY_MAX_RANK);
    layout->fortran = h->fortran && h->rank > 1;
    out->type = layout->is_float ? WN_NPY_FLOAT32 : WN_NPY_INT32;
    out->rank = h->rank;
    out->count = 1;
    for (int i = 0; i < h->rank; i++) {
        out->shape[i] = h->shape[i];
        if (h->shape[i] && out->count > (int64_t)(SIZE_MAX / 16) / h->shape[i])
            return wn_fail(error, WN_ERROR_FORMAT, name, "has a shape whose product overflows");
        out->count *= h->shape[i];
    }
    *bytes = (size_t)out->count * (size_t)layout->width;
    return WN_OK;
}

/* Find and parse the header; *start = where the data begin. */
static wn_status read_header(struct header *h, size_t *start, const uint8_t *data, size_t size, const char *name,
                             wn_error *error)
{
    if (size < 10 || memcmp(data, "\x93NUMPY", 6)) return wn_fail(error, WN_ERROR_FORMAT, name, "is not a .npy file");
    int version = data[6];
    if (version < 1 || version > 3)
        return wn_fail(error, WN_ERROR_FORMAT, name, "has format version %d, expected 1, 2 or 3", version);
    size_t prefix = version == 1 ? 10 : 12;
    size_t length = data[8] | (size_t)data[9] << 8;
    if (version > 1 && size >= prefix) length |= (size_t)data[10] << 16 | (size_t)data[11] << 24;
    if (size < prefix || length > size - prefix)
        return wn_fail(error, WN_ERROR_FORMAT, name, "is truncated within its header");
    if (length > MAX_HEADER)
        return wn_fail(error, WN_ERROR_FORMAT, name, "has a header of more than %d bytes", MAX_HEADER);
    char *text = malloc(length + 1);
    if (!text) return wn_fail_memory(error, name);
    memcpy(text, data + prefix, length);
    text[length] = '\0';
    bool good = strlen(text) == length && parse_header(text, h);
    free(text);
    *start = prefix + length;
    return good ? WN_OK
                : wn_fail(error, WN_ERROR_FORMAT, name,
                          "has a malformed header, expected descr, fortran_order and shape");
}

/* ---- elements -------------------------------------------------------------------------------------------------- */

static uint64_t read_bits(const uint8_t *bytes, const struct layout *l)
{
    uint64_t bits = 0;
    for (int i = 0; i < l->width; i++) bits |= (uint64_t)bytes[l->big_endian ? l->width - 1 - i : i] << 8 * i;
    return bits;
}

static double read_double(const uint8_t *bytes, const struct layout *l)
{
    uint64_t bits = read_bits(bytes, l);
    uint32_t half = (uint32_t)bits;
    double wide;
    float narrow;
    memcpy(&wide, &bits, sizeof wide);
    memcpy(&narrow, &half, sizeof narrow);
    return l->width == 8 ? wide : (double)narrow;
}

/* The nearest float; the value of a float64 beyond the largest float is infinite, which readers refuse. */
static float read_float(const uint8_t *bytes, const struct layout *l) { return (float)read_double(bytes, l); }

static int64_t read_integer(const uint8_t *bytes, const struct layout *l)
{
    uint64_t bits = read_bits(bytes, l);
    return l->width == 8 ? (int64_t)bits : (int32_t)(uint32_t)bits;
}

/* The index in Fortran order, in which the first index changes fastest, of element i of C order. */
static int64_t fortran_index(const wn_npy *a, int64_t i)
{
    int64_t index[WN_NPY_MAX_RANK], at = 0;
    for (int k = a->rank - 1; k >= 0; k--) {
        index[k] = i % a->shape[k];
        i /= a->shape[k];
    }
    for (int k = a->rank - 1; k >= 0; k--) at = at * a->shape[k] + index[k];
    return at;
}

/* Elements that are not as they are to be in memory, one by one. */
static wn_status convert_elements(wn_npy *out, const uint8_t *data, const struct layout *l, const char *name,
                                  wn_error *error)
{
    for (int64_t i = 0; i < out->count; i++) {
        const uint8_t *bytes = data + (l->fortran ? fortran_index(out, i) : i) * l->width;
        if (out->doubles) {
            out->doubles[i] = l->is_float ? read_double(bytes, l) : (double)read_integer(bytes, l);
            continue;
        }
        if (l->is_float) {
            out->floats[i] = read_float(bytes, l);
            continue;
        }
        int64_t value = read_integer(bytes, l);
        if (value < INT32_MIN || value > INT32_MAX)
            return wn_fail(error, WN_ERROR_FORMAT, name, "element %lld is %lld, expected a number of 32 bits",
                           (long long)i, (long long)value);
        out->ints[i] = (int32_t)value;
    }
    return WN_OK;
}

static wn_status npy_parse(wn_npy *out, const void *data, size_t size, bool doubles, const char *name, wn_error *error)
{
    struct header h = {0};
    struct layout layout = {0};
    size_t start = 0, bytes = 0;
    *out = (wn_npy){0};
    wn_status status = read_header(&h, &start, data, size, name, error);
    if (!status) status = check_header(out, &layout, &h, &bytes, name, error);
    if (status) return status;
    if (bytes != size - start)
        return wn_fail(error, WN_ERROR_FORMAT, name, "holds %zu bytes of data, expected %zu for its shape",
                       size - start, bytes);
    if (doubles) out->type = WN_NPY_FLOAT64;
    void *values = malloc(out->count ? (size_t)out->count * (doubles ? 8 : 4) : 1);
    if (!values) return wn_fail_memory(error, name);
    if (doubles)
        out->doubles = values;
    else if (out->type == WN_NPY_FLOAT32)
        out->floats = values;
    else
        out->ints = values;
    if (doubles || layout.width != 4 || layout.big_endian || layout.fortran) {
        status = convert_elements(out, (const uint8_t *)data + start, &layout, name, error);
        if (status) wn_npy_free(out);
        return status;
    }
    memcpy(values, (const char *)data + start, bytes);
    return WN_OK;
}

wn_status wn_npy_parse(wn_npy *out, const void *data, size_t size, const char *name, wn_error *error)
{
    return npy_parse(out, data, size, false, name, error);
}

wn_status wn_npy_parse_doubles(wn_npy *out, const void *data, size_t size, const char *name, wn_error *error)
{
    return npy_parse(out, data, size, true, name, error);
}

wn_status wn_npy_read(wn_npy *out, const char *path, wn_error *error)
{
    *out = (wn_npy){0};
    void *data;
    size_t size;
    wn_status status = wn_file_read(&data, &size, path, SIZE_MAX / 4, error);
    if (!status) status = wn_npy_parse(out, data, size, path, error);
    free(data);
    return status;
}

void wn_npy_free(wn_npy *npy)
{
    free(npy->floats);
    free(npy->ints);
    free(npy->doubles);
    *npy = (wn_npy){0};
}

/* A batch of one is what it holds. */
static void drop_batch_axis(wn_npy *npy, int rank)
{
    if (npy->rank != rank + 1 || npy->shape[0] != 1) return;
    npy->rank = rank;
    memmove(npy->shape, npy->shape + 1, (size_t)rank * sizeof *npy->shape);
}

wn_status wn_npy_expect(wn_npy *npy, wn_npy_type type, int rank, const char *where, wn_error *error)
{
    static const char *const types[] = {"float32", "int32", "float64"};
    drop_batch_axis(npy, rank);
    if (npy->type == type && npy->rank == rank) return WN_OK;
    return wn_fail(error, WN_ERROR_FORMAT, where, "is %s of rank %d, expected %s of rank %d", types[npy->type],
                   npy->rank, types[type], rank);
}
