/* SPDX-License-Identifier: MIT
 * stack.c - the receptive field of layers that a reader types, ready to be drawn in the browser.
 * Copyright (c) 2026 the wavenet authors */
#include "web/stack.h"

#include <stdlib.h>

#include "analysis/tree.h"
#include "base/error.h"

struct wn_web_stack {
    wn_field field;
    int n_lines;
    float (*lines)[4]; /* [n_lines], as wn_web_stack_line has them */
};

/* Connections of the tree, written to `lines` if that is not NULL. Stops beyond the limit. */
static int list_lines(const wn_tree *tree, float (*lines)[4])
{
    int n = 0;
    for (int i = 0; i < tree->n_layers; i++) {
        const wn_tree_level *from = &tree->levels[i], *to = &tree->levels[i + 1];
        for (int64_t m = to->first; m < to->first + to->length; m++) {
            for (int k = 0; wn_tree_has(to, m) && k < tree->layers[i].spec.axis[0].kernel; k++) {
                int64_t source;
                if (!wn_tree_tap(tree, i, m, k, &source) || !wn_tree_has(from, source)) continue;
                if (n == WN_WEB_MAX_LINES) return n + 1;
                if (lines) {
                    lines[n][0] = (float)wn_tree_time(from, source);
                    lines[n][1] = (float)i;
                    lines[n][2] = (float)wn_tree_time(to, m);
                    lines[n][3] = (float)(i + 1);
                }
                n++;
            }
        }
    }
    return n;
}

/* What is too large to be drawn still has its numbers. */
static wn_status make_lines(wn_web_stack *stack, wn_error *error)
{
    wn_tree tree;
    if (stack->field.has_branches) return WN_OK;
    wn_status status = wn_tree_make(&tree, &stack->field, error);
    if (status) return status == WN_ERROR_UNSUPPORTED ? WN_OK : status;
    int n = list_lines(&tree, NULL);
    if (n <= WN_WEB_MAX_LINES) {
        stack->lines = calloc((size_t)n + 1, sizeof *stack->lines);
        if (stack->lines)
            stack->n_lines = list_lines(&tree, stack->lines);
        else
            status = wn_fail_memory(error, NULL);
    }
    wn_tree_free(&tree);
    return status;
}

wn_web_stack *wn_web_stack_new(int kernel, const char *text)
{
    wn_error *error = wn_web_failure();
    wn_spec *layers = NULL;
    int n = 0;
    wn_web_stack *stack = calloc(1, sizeof *stack);
    wn_status status = stack ? WN_OK : wn_fail_memory(error, NULL);
    if (!status)
        status = kernel > 0 ? wn_spec_causal(&layers, &n, kernel, text, error)
                            : wn_spec_parse(&layers, &n, text, "layers", error);
    if (!status) status = wn_field_layers(&stack->field, layers, n, 0, 1, "layers", error);
    if (!status) status = make_lines(stack, error);
    free(layers);
    if (!status) return stack;
    wn_web_stack_free(stack);
    return NULL;
}

void wn_web_stack_free(wn_web_stack *stack)
{
    if (!stack) return;
    wn_field_free(&stack->field);
    free(stack->lines);
    free(stack);
}

int wn_web_stack_layers(const wn_web_stack *stack) { return stack->field.n_rows; }

const char *wn_web_stack_name(const wn_web_stack *stack, int layer)
{
    static char name[WN_SPEC_NAME];
    wn_spec_name(name, &stack->field.rows[layer].spec);
    return name;
}

double wn_web_stack_field(const wn_web_stack *stack, int layer)
{
    return (double)stack->field.rows[layer].receptive_field;
}

double wn_web_stack_coverage(const wn_web_stack *stack, int layer) { return stack->field.rows[layer].coverage; }

int wn_web_stack_lines(const wn_web_stack *stack) { return stack->n_lines; }

const float *wn_web_stack_line(const wn_web_stack *stack) { return stack->lines ? stack->lines[0] : NULL; }
