/* SPDX-License-Identifier: MIT
 * vocoder_weights.c - tensors of a wavenet_vocoder checkpoint, plain or weight-normed.
 * Copyright (c) 2026 the wavenet authors */
#include "format/vocoder_weights.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/description.h"

static const char by[] = " from the hyper-parameters";

int wn_import_need(wn_vocoder_reader *x, const char *key, int max)
{
    wn_json_need(&x->r, x->hparams, key);
    return wn_json_int(&x->r, x->hparams, key, 1, 1, max);
}

void wn_import_memory(wn_vocoder_reader *x)
{
    if (!x->r.status) x->r.status = wn_fail(x->r.error, WN_ERROR_MEMORY, x->file->name, "out of memory");
}

/* The floats of tensor NAME.PART if it is there; false if it is not, or after a failure. */
static bool take(wn_vocoder_reader *x, float *dst, int rank, const int64_t *shape, const char *name, const char *part)
{
    char full[160];
    snprintf(full, sizeof full, "%s%s", name, part);
    wn_tensor *t = x->r.status ? NULL : wn_safetensors_find(x->file, full);
    if (!t) return false;
    t->used = true;
    x->r.status = wn_tensor_expect(x->file, t, rank, shape, by, x->r.error);
    if (!x->r.status) x->r.status = wn_tensor_floats(x->file, t, dst, x->r.error);
    return !x->r.status;
}

static void missing(wn_vocoder_reader *x, const char *name, const char *part)
{
    if (!x->r.status)
        x->r.status = wn_fail(x->r.error, WN_ERROR_FORMAT, x->file->name, "tensor %s%s is missing", name, part);
}

/* w = g v / |v|, the norm over all axes but the first, in double. v: [rows][columns], in place. */
static void fold(wn_vocoder_reader *x, float *v, const float *g, int64_t rows, int64_t columns, const char *name)
{
    for (int64_t row = 0; row < rows; row++) {
        float *w = v + row * columns;
        double sum = 0.0;
        for (int64_t i = 0; i < columns; i++) sum += (double)w[i] * w[i];
        if (!(sum > 0.0 && isfinite(sum)) && !x->r.status)
            x->r.status = wn_fail(x->r.error, WN_ERROR_FORMAT, x->file->name,
                                  "tensor %s.weight_v: row %lld has norm %g, which cannot be divided by", name,
                                  (long long)row, sqrt(sum));
        for (int64_t i = 0; i < columns; i++) w[i] = (float)(w[i] * (g[row] / sqrt(sum)));
    }
}

void wn_import_weight(wn_vocoder_reader *x, float *dst, int rank, const int64_t *shape, const char *name)
{
    /* weight_norm of old and of new PyTorch: the norms, then the directions. */
    static const char *const parts[2][2] = {
        {".weight_g", ".weight_v"}, {".parametrizations.weight.original0", ".parametrizations.weight.original1"}};
    int64_t columns = 1, norms[4] = {shape[0], 1, 1, 1};
    for (int i = 1; i < rank; i++) columns *= shape[i];
    if (take(x, dst, rank, shape, name, ".weight") || x->r.status) return;
    float *g = malloc((size_t)shape[0] * sizeof *g);
    if (!g) wn_import_memory(x);
    for (int i = 0; i < 2 && !x->r.status; i++) {
        if (!take(x, dst, rank, shape, name, parts[i][1])) continue;
        if (take(x, g, rank, norms, name, parts[i][0]))
            fold(x, dst, g, shape[0], columns, name);
        else
            missing(x, name, parts[i][0]);
        free(g);
        return;
    }
    free(g);
    missing(x, name, ".weight");
}

void wn_import_conv(wn_vocoder_reader *x, wn_conv *conv, int in, int out, int kernel, int dilation, bool bias,
                    const char *format, ...)
{
    char name[128];
    va_list args;
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    if (x->r.status) return;
    x->r.status = wn_conv_init(x->model->arena, conv, in, out, kernel, dilation, 1, bias, name, x->r.error);
    if (x->r.status) return;
    wn_import_weight(x, conv->weight, 3, (int64_t[]){out, in, kernel}, name);
    if (bias && !take(x, conv->bias, 1, (int64_t[]){out}, name, ".bias")) missing(x, name, ".bias");
}

void wn_import_bias_into(wn_vocoder_reader *x, wn_conv *conv, const char *format, ...)
{
    char name[128];
    va_list args;
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    if (x->r.status || !wn_safetensors_find(x->file, name)) return;
    float *more = malloc((size_t)conv->out * sizeof *more);
    if (!more)
        wn_import_memory(x);
    else if (take(x, more, 1, (int64_t[]){conv->out}, name, ""))
        for (int i = 0; i < conv->out; i++) conv->bias[i] += more[i];
    free(more);
}
