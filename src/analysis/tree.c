/* SPDX-License-Identifier: MIT
 * tree.c - traces the positions that one output depends on, from the output back to the input.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/integer.h"
#include "model/model.h"

/* Maximum number of positions of all levels. A drawing of more would take gigabytes and show nothing. */
#define MAX_POSITIONS ((int64_t)1 << 28)

bool wn_tree_tap(const wn_tree *tree, int i, int64_t m, int k, int64_t *source)
{
    const wn_spec *l = &tree->layers[i].spec;
    if (l->kind != WN_SPEC_TRANSPOSED) {
        *source = m * l->axis[0].stride - l->axis[0].padding + (int64_t)k * l->axis[0].dilation;
        return true;
    }
    int64_t at = m + l->axis[0].padding - (int64_t)k * l->axis[0].dilation;
    *source = wn_divide_floor(at, l->axis[0].stride);
    return at % l->axis[0].stride == 0;
}

/* Set the time of the positions of level i+1: for causal layers that of the newest tap, for others that of the middle
 * tap. */
static void place_level(wn_tree *tree, int i)
{
    const wn_spec *l = &tree->layers[i].spec;
    const wn_tree_level *below = &tree->levels[i];
    wn_tree_level *level = &tree->levels[i + 1];
    double middle = (double)(l->axis[0].kernel - 1) * l->axis[0].dilation / (l->causal ? 1 : 2);
    if (l->kind == WN_SPEC_TRANSPOSED) {
        level->scale = below->scale / l->axis[0].stride;
        level->offset = below->offset + level->scale * (l->axis[0].padding - middle);
    } else {
        level->scale = below->scale * l->axis[0].stride;
        level->offset = below->offset + below->scale * (middle - l->axis[0].padding);
    }
}

static wn_status fail_memory(wn_error *error) { return wn_fail_memory(error, "plot"); }

/* First and last position of level i that the positions of level i+1 read. */
static void find_level_span(const wn_tree *tree, int i, int64_t *first, int64_t *last)
{
    const wn_tree_level *above = &tree->levels[i + 1];
    int oldest = 0, newest = tree->layers[i].spec.axis[0].kernel - 1;
    if (tree->layers[i].spec.kind == WN_SPEC_TRANSPOSED) {
        oldest = newest;
        newest = 0;
    }
    wn_tree_tap(tree, i, above->first, oldest, first);
    wn_tree_tap(tree, i, above->first + above->length - 1, newest, last);
}

/* The outermost taps of a transposed layer may read nothing, which leaves positions at the ends that the output does not
 * depend on. */
static void trim_level(wn_tree_level *level)
{
    int64_t skip = 0;
    while (skip < level->length && !level->hit[skip]) skip++;
    if (skip == level->length) return;
    while (!level->hit[level->length - 1]) level->length--;
    level->first += skip;
    level->length -= skip;
    memmove(level->hit, level->hit + skip, (size_t)level->length);
}

/* Compute level i from level i+1. */
static wn_status trace_level(wn_tree *tree, int i, int64_t *budget, wn_error *error)
{
    int kernel = tree->layers[i].spec.axis[0].kernel;
    const wn_tree_level *above = &tree->levels[i + 1];
    wn_tree_level *level = &tree->levels[i];
    int64_t last, source;
    find_level_span(tree, i, &level->first, &last);
    level->length = last - level->first + 1;
    *budget -= level->length + above->length * kernel / 16;
    if (*budget < 0) return wn_fail(error, WN_ERROR_UNSUPPORTED, "plot", "too many positions to draw");
    level->hit = calloc((size_t)level->length, 1);
    if (!level->hit) return fail_memory(error);
    for (int64_t m = above->first; m < above->first + above->length; m++)
        for (int k = 0; wn_tree_has(above, m) && k < kernel; k++)
            if (wn_tree_tap(tree, i, m, k, &source)) level->hit[source - level->first] = 1;
    trim_level(level);
    return WN_OK;
}

/* Set the top level to the one output. */
static wn_status init_output_level(wn_tree *tree, int64_t output, wn_error *error)
{
    wn_tree_level *top = &tree->levels[tree->n_layers];
    top->first = output;
    top->length = 1;
    top->hit = calloc(1, 1);
    if (!top->hit) return fail_memory(error);
    top->hit[0] = 1;
    return WN_OK;
}

static void find_extent(wn_tree *tree)
{
    tree->low = INFINITY;
    tree->high = -INFINITY;
    for (int i = 0; i <= tree->n_layers; i++) {
        const wn_tree_level *l = &tree->levels[i];
        for (int64_t m = l->first; m < l->first + l->length; m++) {
            if (!wn_tree_has(l, m)) continue;
            tree->low = fmin(tree->low, wn_tree_time(l, m));
            tree->high = fmax(tree->high, wn_tree_time(l, m));
        }
    }
}

wn_status wn_tree_make(wn_tree *tree, const wn_field *field, wn_error *error)
{
    int64_t budget = MAX_POSITIONS;
    *tree = (wn_tree){.n_layers = field->n_rows, .layers = field->rows};
    tree->levels = calloc((size_t)field->n_rows + 1, sizeof *tree->levels);
    if (!tree->levels) return fail_memory(error);
    tree->levels[0].scale = 1;
    for (int i = 0; i < tree->n_layers; i++) place_level(tree, i);
    wn_status status = init_output_level(tree, field->output, error);
    for (int i = tree->n_layers; !status && i-- > 0;) status = trace_level(tree, i, &budget, error);
    if (status)
        wn_tree_free(tree);
    else
        find_extent(tree);
    return status;
}

void wn_tree_free(wn_tree *tree)
{
    for (int i = 0; tree->levels && i <= tree->n_layers; i++) free(tree->levels[i].hit);
    free(tree->levels);
    *tree = (wn_tree){0};
}
