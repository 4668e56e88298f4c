/* SPDX-License-Identifier: MIT
 * weights.c - the precisions: what each takes, how it is packed and multiplied. A new one is a row here.
 * Copyright (c) 2026 the wavenet authors */
#include "weights.h"

#include <stdio.h>

#include "matmul_int8.h"

enum {
    MIN_ROUNDED = 16,     /* inputs and outputs: narrow layers read little and round much */
    MIN_ROUNDED_LAST = 64 /* outputs of the last layer: the few numbers of a mixture gain nothing */
};

static bool is_wide(int in, int out) { return in >= MIN_ROUNDED && out >= MIN_ROUNDED; }
static size_t matrix_size(int in, int out) { return (size_t)in * wn_padded((size_t)out); }
static size_t no_scratch(int in, int taps) { return (void)in, (void)taps, 0; }

/* ---- float32 -------------------------------------------------------------------------------------------------- */

static bool f32_takes(int in, int out, bool last) { return (void)in, (void)out, (void)last, true; }
static size_t f32_size(int in, int out, int matrices)
{
    return (size_t)matrices * matrix_size(in, out) * sizeof(float);
}

static void f32_pack(int in, int out, int matrices, const float *panels, void *data)
{
    memcpy(data, panels, f32_size(in, out, matrices));
}

static void f32_multiply(const wn_weights *w, const wn_kernels *k, size_t matrix, size_t first, wn_matmul *p,
                         float *scratch)
{
    (void)scratch;
    p->w = (const float *)w->data + (matrix * wn_padded((size_t)w->out) + first) * (size_t)w->in;
    k->matmul(p);
}

/* ---- bfloat16: widened and multiplied as floats ------------------------------------------------------------------ */

static bool bf16_takes(int in, int out, bool last) { return is_wide(in, out) && (!last || out >= MIN_ROUNDED_LAST); }
static size_t bf16_size(int in, int out, int matrices)
{
    return (size_t)matrices * matrix_size(in, out) * sizeof(uint16_t);
}

static void bf16_pack(int in, int out, int matrices, const float *panels, void *data)
{
    uint16_t *w = data;
    for (size_t i = 0; i < (size_t)matrices * matrix_size(in, out); i++) w[i] = wn_bf16(panels[i]);
}

static void bf16_multiply(const wn_weights *w, const wn_kernels *k, size_t matrix, size_t first, wn_matmul *p,
                          float *scratch)
{
    (void)scratch;
    p->w16 = (const uint16_t *)w->data + (matrix * wn_padded((size_t)w->out) + first) * (size_t)w->in;
    k->matmul(p);
}

/* ---- 8-bit integers ---------------------------------------------------------------------------------------------- */

/* Not the last layer: what it rounds goes straight into the distribution. With a network of 30 layers and 256 classes, int8
 * there costs 0.45 % of the bits per sample, where all other layers together cost 0.07 %, and bfloat16 0.001 %. */
static bool int8_takes(int in, int out, bool last) { return is_wide(in, out) && !last; }

/* All bytes, then all scales, then all sums; each a multiple of 64 bytes. */
static size_t int8_columns(int out, int matrices) { return (size_t)matrices * wn_padded((size_t)out); }
static size_t int8_bytes(int in, int out, int matrices) { return int8_columns(out, matrices) * wn_x4((size_t)in) * 4; }

static size_t int8_size(int in, int out, int matrices)
{
    return int8_bytes(in, out, matrices) + int8_columns(out, matrices) * (sizeof(float) + sizeof(int32_t));
}

static void int8_pack(int in, int out, int matrices, const float *panels, void *data)
{
    int8_t *w = data;
    float *scale = (float *)(void *)(w + int8_bytes(in, out, matrices));
    wn_int8_pack(out, in, matrices, panels, w, scale, (int32_t *)(void *)(scale + int8_columns(out, matrices)));
}

static size_t int8_scratch(int in, int taps) { return wn_padded(wn_int8_scratch((size_t)in, (size_t)taps)); }

static void int8_multiply(const wn_weights *w, const wn_kernels *k, size_t matrix, size_t first, wn_matmul *p,
                          float *scratch)
{
    const int8_t *bytes = w->data;
    const float *scale = (const float *)(const void *)(bytes + int8_bytes(w->in, w->out, w->matrices));
    const int32_t *sums = (const int32_t *)(const void *)(scale + int8_columns(w->out, w->matrices));
    size_t column = matrix * wn_padded((size_t)w->out) + first;
    wn_int8_weights w8 = {bytes + column * wn_x4((size_t)w->in) * 4, scale + column, sums + column};
    k->matmul_int8(p, &w8, scratch);
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

const wn_weight_format wn_weight_formats[] = {
    {"f32", 4, false, 48, f32_takes, f32_size, f32_pack, no_scratch, f32_multiply},
    {"bf16", 2, false, 48, bf16_takes, bf16_size, bf16_pack, no_scratch, bf16_multiply},
    {"int8", 1, true, 96, int8_takes, int8_size, int8_pack, int8_scratch, int8_multiply},
};

const int wn_weight_format_count = sizeof wn_weight_formats / sizeof *wn_weight_formats;

void wn_weight_format_names(char *text, size_t size)
{
    size_t used = 0;
    for (int i = 0; i < wn_weight_format_count && used < size; i++) {
        const char *before = i == 0 ? "" : i < wn_weight_format_count - 1 ? ", " : " or ";
        used += (size_t)snprintf(text + used, size - used, "%s%s", before, wn_weight_formats[i].name);
    }
}

const wn_weight_format *wn_weight_format_for(int most, int in, int out, bool last)
{
    while (!wn_weight_formats[most].takes(in, out, last)) most--;
    return &wn_weight_formats[most];
}

/* ---- views ------------------------------------------------------------------------------------------------------- */

/* Outputs o .. of one panel of one tap: written from end to end, read from as many places as it has columns. */
static void place_panel(const wn_weight_view *v, int tap, int o, int columns, int in, int out, float *matrix)
{
    size_t to = (size_t)(v->first_out + o), width = wn_panel_width((size_t)out, to);
    float *dst = matrix + wn_weight_at((size_t)in, to) + (size_t)v->first_in * width;
    const float *src = v->weight + o * v->stride + tap;
    for (int i = 0; i < v->in; i++, dst += width, src += v->taps)
        for (int c = 0; c < columns; c++) dst[c] = v->scale == 1 ? src[c * v->stride] : src[c * v->stride] * v->scale;
}

void wn_weight_view_place(const wn_weight_view *v, int in, int out, float *panels)
{
    panels += (size_t)v->first_matrix * matrix_size(in, out);
    for (int k = 0; k < v->taps; k++, panels += matrix_size(in, out))
        for (int o = 0, n; o < v->out; o += n) {
            n = WN_PANEL - (v->first_out + o) % WN_PANEL;
            n = v->out - o < n ? v->out - o : n;
            place_panel(v, k, o, n, in, out, panels);
        }
}
