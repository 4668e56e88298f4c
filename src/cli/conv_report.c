/* SPDX-License-Identifier: MIT
 * conv_report.c - what wavenet conv found out: a network after its passes, and the checks of its gradients.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/conv_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/reference_shape.h"
#include "analysis/reference_window.h"
#include "base/error.h"
#include "base/text.h"

/* A matrix of 256 by 256 is the largest that a person or a spreadsheet looks at. */
#define MAX_MATRIX ((int64_t)1 << 16)

wn_status wn_conv_report_check_matrix(const wn_conv_report *r, wn_error *error)
{
    int matrices = 0;
    for (int i = 0; i < r->network->n; i++) {
        const wn_reference_layer *l = &r->network->layers[i];
        if (!wn_reference_has_weights(l)) continue;
        int64_t rows = wn_shape_count(&l->out), columns = wn_shape_count(&l->in);
        matrices++;
        if (rows > MAX_MATRIX / columns)
            return wn_fail(error, WN_ERROR_UNSUPPORTED, "--matrix",
                           "layer %d: a matrix of %lld x %lld entries; %lld are the limit", l->number, (long long)rows,
                           (long long)columns, (long long)MAX_MATRIX);
    }
    return matrices ? WN_OK : wn_fail(error, WN_ERROR_ARGUMENT, "--matrix", "no layer has weights");
}

/* A matrix under construction. */
typedef struct matrix {
    const wn_reference_layer *l;
    int64_t columns;
    double *c;
} matrix;

static void matrix_add(void *user, int64_t weight, int64_t in, int64_t out)
{
    matrix *m = user;
    m->c[out * m->columns + in] += m->l->weights[weight];
}

double *wn_conv_report_matrix(const wn_reference_layer *l)
{
    matrix m = {.l = l, .columns = wn_shape_count(&l->in)};
    m.c = calloc((size_t)(m.columns * wn_shape_count(&l->out)), sizeof *m.c);
    if (m.c) wn_reference_visit(l, matrix_add, &m);
    return m.c;
}

void wn_conv_report_source_name(char text[WN_CONV_SOURCE_NAME], const wn_reference *network, int layer)
{
    const wn_reference_layer *l = &network->layers[layer < 0 ? 0 : layer];
    if (layer < 0)
        snprintf(text, WN_CONV_SOURCE_NAME, "the input");
    else
        snprintf(text, WN_CONV_SOURCE_NAME, "%s %d", l->spec.kind == WN_SPEC_CLOSE ? "sum" : "layer", l->number);
}

wn_status wn_conv_report_differentiate(wn_conv_report *r, wn_error *error)
{
    int n = wn_reference_tensors(r->network);
    wn_status status = WN_OK;
    r->differences = calloc((size_t)n, sizeof *r->differences);
    if (!r->differences) return wn_fail_memory(error, "--check");
    r->n_differences = n;
    for (int i = 0; !status && i < n; i++)
        status = wn_reference_differentiate(&r->differences[i], r->network, i, error);
    return status;
}

/* ---- claims ------------------------------------------------------------------------------------------------------ */

/* The tensor called `name`; an array without a name is the gradient of the first layer's weights. */
static bool find_tensor(const wn_conv_report *r, const char *name, wn_reference_tensor *out)
{
    for (int i = name[0] ? 0 : 1; i < wn_reference_tensors(r->network); i++) {
        *out = wn_reference_tensor_at(r->network, i);
        if (!name[0] || strcmp(out->name, name) == 0) return true;
    }
    return false;
}

static wn_status compare_claim(wn_conv_claim *claim, double tolerance, wn_error *error)
{
    const wn_reference_tensor *t = &claim->tensor;
    claim->at = malloc((size_t)t->count * sizeof *claim->at);
    if (!claim->at) return wn_fail_memory(error, "--check");
    claim->off = wn_reference_compare(t, claim->claimed, tolerance, claim->at, t->count);
    return WN_OK;
}

wn_status wn_conv_report_claim(wn_conv_report *r, const wn_value_list *claims, wn_error *error)
{
    wn_status status = WN_OK;
    r->claims = calloc((size_t)claims->n, sizeof *r->claims);
    if (!r->claims) return wn_fail_memory(error, "--check");
    for (int i = 0; !status && i < claims->n; i++) {
        const wn_values *v = &claims->item[i];
        wn_conv_claim *claim = &r->claims[r->n_claims++];
        if (!find_tensor(r, v->name, &claim->tensor))
            return wn_fail(error, WN_ERROR_FORMAT, "--check",
                           "'%s' has no gradient here; input, or a name such as 1.weight or 1.bias expected", v->name);
        if (v->count != claim->tensor.count)
            return wn_fail(error, WN_ERROR_FORMAT, "--check", "%s: %lld number%s; %lld needed", claim->tensor.name,
                           (long long)v->count, wn_text_plural(v->count), (long long)claim->tensor.count);
        claim->claimed = v->v;
        status = compare_claim(claim, r->tolerance, error);
    }
    return status;
}

bool wn_conv_report_agrees(const wn_conv_report *r)
{
    for (int i = 0; i < r->n_differences; i++)
        if (!(r->differences[i].worst <= r->tolerance)) return false;
    for (int i = 0; i < r->n_claims; i++)
        if (r->claims[i].off) return false;
    return true;
}

void wn_conv_report_free(wn_conv_report *r)
{
    for (int i = 0; i < r->n_claims; i++) free(r->claims[i].at);
    free(r->claims);
    free(r->differences);
    *r = (wn_conv_report){0};
}
