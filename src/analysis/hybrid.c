/* SPDX-License-Identifier: MIT
 * hybrid.c - hybrid dilation: the smallest change of dilations that leaves no holes in a receptive field.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/hybrid.h"

#include <limits.h>
#include <stdlib.h>

#include "base/error.h"

/* A layer of kernel K whose taps are D input positions apart turns positions 0 .. S, all covered, into 0 .. S + (K-1) D,
 * all covered, exactly if D <= S + 1. Taken in the order of their spacing, layers leave no hole exactly if each obeys
 * that. So the search is over (layers done, S): the smallest sum of changes that leads there. */

enum { MAX_COVERED = 1 << 12, MAX_SEARCHED = 512, SCALE = 1 << 10 };

/* A layer with more than one tap. */
typedef struct item {
    int layer;   /* index */
    int taps;    /* K - 1 */
    int jump;    /* input positions per position of its input */
    int spacing; /* D = dilation * jump */
    bool fixed;  /* a pool */
} item;

typedef struct search {
    int n, goal;
    item *items; /* [n] by spacing */
    int *cost;   /* [n + 1][goal + 1] smallest sum of changes times SCALE plus layers changed; INT_MAX: no way */
    int *from;   /* [n + 1][goal + 1] the covered positions before */
    int *chosen; /* [n + 1][goal + 1] the spacing */
} search;

static int compare_items(const void *a, const void *b)
{
    const item *x = a, *y = b;
    return x->spacing != y->spacing ? (x->spacing > y->spacing) - (x->spacing < y->spacing) : x->layer - y->layer;
}

static wn_status collect_items(search *s, const wn_spec *layers, int n, const char *where, wn_error *error)
{
    int64_t jump = 1, covered = 0;
    for (int i = 0; i < n; i++) {
        const wn_spec_axis *a = &layers[i].axis[0];
        if (layers[i].kind == WN_SPEC_TRANSPOSED || layers[i].kind >= WN_SPEC_OPEN)
            return wn_fail(error, WN_ERROR_UNSUPPORTED, where,
                           "a suggestion is for convolutions and pools in series; layer %d is something else", i + 1);
        if (!wn_spec_has_window(&layers[i])) continue;
        covered += jump * a->dilation * (a->kernel - 1);
        if (covered > MAX_COVERED)
            return wn_fail(error, WN_ERROR_UNSUPPORTED, where,
                           "a suggestion is for receptive fields of up to %d positions", MAX_COVERED + 1);
        if (a->kernel > 1)
            s->items[s->n++] =
                (item){i, a->kernel - 1, (int)jump, (int)(a->dilation * jump), layers[i].kind != WN_SPEC_CONV};
        jump *= a->stride;
        if (jump > MAX_COVERED) jump = MAX_COVERED + 1;
    }
    s->goal = (int)covered;
    qsort(s->items, (size_t)s->n, sizeof *s->items, compare_items);
    return WN_OK;
}

static int *cell(const search *s, int *table, int done, int covered)
{
    return &table[(size_t)done * ((size_t)s->goal + 1) + (size_t)covered];
}

/* Use `spacing` for item number `done` after `covered` positions. */
static void try_spacing(search *s, int done, int covered, int spacing)
{
    const item *x = &s->items[done];
    int change = abs(spacing - x->spacing) / x->jump;
    int cost = *cell(s, s->cost, done, covered) + change * SCALE + (change > 0);
    int64_t reached = covered + (int64_t)x->taps * spacing;
    int to = reached < s->goal ? (int)reached : s->goal;
    if (cost >= *cell(s, s->cost, done + 1, to)) return;
    *cell(s, s->cost, done + 1, to) = cost;
    *cell(s, s->from, done + 1, to) = covered;
    *cell(s, s->chosen, done + 1, to) = spacing;
}

/* Less than the old spacing helps only where the old one leaves a hole. */
static void search_state(search *s, int done, int covered)
{
    const item *x = &s->items[done];
    int largest = (covered + 1) / x->jump * x->jump, first = x->spacing < largest ? x->spacing : largest;
    if (largest < x->jump || (x->fixed && x->spacing > largest)) return;
    for (int d = first; d <= (x->fixed ? first : largest); d += x->jump) try_spacing(s, done, covered, d);
}

static bool search_allocate(search *s)
{
    size_t cells = ((size_t)s->n + 1) * ((size_t)s->goal + 1);
    s->cost = malloc(cells * sizeof *s->cost);
    s->from = malloc(cells * sizeof *s->from);
    s->chosen = malloc(cells * sizeof *s->chosen);
    if (!s->cost || !s->from || !s->chosen) return false;
    for (size_t i = 0; i < cells; i++) s->cost[i] = INT_MAX;
    return true;
}

/* The end of the best way: the whole receptive field if there is one, otherwise the cheapest, and of those the longest. */
static int best_end(const search *s)
{
    int best = s->goal;
    for (int c = s->goal; c >= 0 && *cell(s, s->cost, s->n, s->goal) == INT_MAX; c--)
        if (*cell(s, s->cost, s->n, c) < *cell(s, s->cost, s->n, best)) best = c;
    return *cell(s, s->cost, s->n, best) == INT_MAX ? -1 : best;
}

static int apply_best(const search *s, wn_spec *layers, int end)
{
    int changed = 0;
    for (int done = s->n; done > 0; done--) {
        const item *x = &s->items[done - 1];
        int dilation = *cell(s, s->chosen, done, end) / x->jump;
        wn_spec *l = &layers[x->layer];
        if (x->fixed || dilation == l->axis[0].dilation) {
            end = *cell(s, s->from, done, end);
            continue;
        }
        for (int a = 0; a < l->rank; a++) l->axis[a].dilation = dilation;
        if (l->causal && l->given == WN_PADDING_NUMBER) l->axis[0].padding = (int)wn_spec_effective(l, 0) - 1;
        changed++;
        end = *cell(s, s->from, done, end);
    }
    return changed;
}

static wn_status search_run(search *s, wn_spec *layers, int *changed, const char *where, wn_error *error)
{
    if (s->n > MAX_SEARCHED)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, where, "a suggestion is for up to %d layers with windows",
                       MAX_SEARCHED);
    if (!search_allocate(s)) return wn_fail_memory(error, where);
    *cell(s, s->cost, 0, 0) = 0;
    for (int done = 0; done < s->n; done++)
        for (int covered = 0; covered <= s->goal; covered++)
            if (*cell(s, s->cost, done, covered) != INT_MAX) search_state(s, done, covered);
    int end = best_end(s);
    if (end < 0)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, where,
                       "no dilations close the holes: a stride is larger than what the layers before it cover");
    *changed = apply_best(s, layers, end);
    return WN_OK;
}

wn_status wn_hybrid_suggest(wn_spec *layers, int n, const wn_field *field, int *changed, const char *where,
                            wn_error *error)
{
    search s = {.items = calloc((size_t)n, sizeof *s.items)};
    *changed = 0;
    if (!s.items) return wn_fail_memory(error, where);
    bool holes = wn_span_covered(&field->reach) < field->reach.length;
    wn_status status = holes ? collect_items(&s, layers, n, where, error) : WN_OK;
    if (!status && holes) status = search_run(&s, layers, changed, where, error);
    free(s.items);
    free(s.cost);
    free(s.from);
    free(s.chosen);
    return status;
}
