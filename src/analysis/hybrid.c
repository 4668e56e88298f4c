/* SPDX-License-Identifier: MIT
 * hybrid.c - hybrid dilation: the smallest change of dilations that leaves no holes in a receptive field.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/hybrid.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* A layer of kernel K whose taps are D input positions apart turns positions 0 .. S, all covered, into 0 .. S + (K-1) D,
 * all covered, exactly if D <= S + 1. Taken in the order of their spacing D, layers leave no hole exactly if each obeys
 * that. The search moves t from 1 to the widest spacing. At each t a layer of that old spacing stays, or leaves its
 * place; and layers that have left a place, or will leave one, can take t as their new spacing. Layers of one kernel and
 * one jump are alike, so that the search needs only their balance: places taken minus places left. In each step of t
 * every unit of balance is a change by one, because the k-th place left belongs to the k-th place taken. */

enum { MAX_COVERED = 1 << 12, MAX_SEARCHED = 512, MAX_ALIKE = 8, MAX_STATES = 1 << 24, NO_NODE = -1 };

/* Layers that differ in their dilations alone. */
typedef struct alike {
    int taps; /* K - 1 */
    int jump; /* input positions per position of their input */
} alike;

/* A layer with more than one tap. */
typedef struct item {
    int layer;   /* index */
    int kind;    /* index into alike */
    int spacing; /* D = dilation * jump */
    bool fixed;  /* a pool */
} item;

/* A place left or taken, with those before it. */
typedef struct node {
    int before; /* index; NO_NODE: none */
    int kind, spacing;
    bool taken;
} node;

typedef struct state {
    int16_t balance[MAX_ALIKE];
    int covered; /* S, up to the goal */
    int changed, sum;
    int last; /* node */
} state;

typedef struct search {
    int n, n_alike, goal, widest;
    item *items; /* [n] by spacing */
    alike alike[MAX_ALIKE];
    int limit; /* layers that may change */
    state *states;
    node *nodes;
    int n_states, n_nodes, states_capacity, nodes_capacity;
    int64_t made; /* states so far */
    bool ok;      /* false: memory failed */
} search;

/* ---- layers ------------------------------------------------------------------------------------------------------ */

static int compare_items(const void *a, const void *b)
{
    const item *x = a, *y = b;
    return x->spacing != y->spacing ? (x->spacing > y->spacing) - (x->spacing < y->spacing) : x->layer - y->layer;
}

/* The index of layers with these numbers; -1 if there are too many kinds. */
static int find_alike(search *s, int taps, int jump)
{
    for (int i = 0; i < s->n_alike; i++)
        if (s->alike[i].taps == taps && s->alike[i].jump == jump) return i;
    if (s->n_alike == MAX_ALIKE) return -1;
    s->alike[s->n_alike] = (alike){taps, jump};
    return s->n_alike++;
}

static wn_status check_series(const wn_spec *layers, int n, const char *where, wn_error *error)
{
    for (int i = 0, number = 1; i < n; number += layers[i++].kind < WN_SPEC_OPEN) {
        if (layers[i].kind >= WN_SPEC_OPEN)
            return wn_fail(
                error, WN_ERROR_UNSUPPORTED, where,
                "the list has branches, whose positions overlap, so the spacing of one layer does not decide "
                "what is covered; ask for each branch by a list of its own");
        if (layers[i].kind == WN_SPEC_TRANSPOSED)
            return wn_fail(
                error, WN_ERROR_UNSUPPORTED, where,
                "layer %d is transposed: its outputs see different positions; convolutions and pools in series "
                "expected",
                number);
    }
    return WN_OK;
}

static wn_status collect_items(search *s, const wn_spec *layers, int n, const char *where, wn_error *error)
{
    int64_t jump = 1, covered = 0;
    for (int i = 0; i < n; i++) {
        const wn_spec_axis *a = &layers[i].axis[0];
        if (!wn_spec_has_window(&layers[i])) continue;
        covered += jump * a->dilation * (a->kernel - 1);
        if (covered > MAX_COVERED)
            return wn_fail(error, WN_ERROR_UNSUPPORTED, where,
                           "a suggestion is for receptive fields of up to %d positions", MAX_COVERED + 1);
        if (a->kernel > 1) {
            item x = {.layer = i, .spacing = (int)(a->dilation * jump), .fixed = layers[i].kind != WN_SPEC_CONV};
            x.kind = find_alike(s, a->kernel - 1, (int)jump);
            if (x.kind < 0)
                return wn_fail(error, WN_ERROR_UNSUPPORTED, where,
                               "a suggestion is for up to %d pairs of kernel size and jump", MAX_ALIKE);
            s->items[s->n++] = x;
            s->widest = x.spacing > s->widest ? x.spacing : s->widest;
        }
        jump *= a->stride;
        if (jump > MAX_COVERED) jump = MAX_COVERED + 1;
    }
    s->goal = (int)covered;
    qsort(s->items, (size_t)s->n, sizeof *s->items, compare_items);
    if (s->n <= MAX_SEARCHED) return WN_OK;
    return wn_fail(error, WN_ERROR_UNSUPPORTED, where, "a suggestion is for up to %d layers with windows",
                   MAX_SEARCHED);
}

/* Whether any dilations close the holes: each layer in turn, as wide as it may be, until none fits. */
static bool can_be_closed(const search *s)
{
    bool used[MAX_SEARCHED] = {false}, found = true;
    int64_t covered = 0;
    int left = s->n;
    while (found && left > 0) {
        found = false;
        for (int i = 0; i < s->n; i++) {
            const item *x = &s->items[i];
            const alike *a = &s->alike[x->kind];
            int64_t spacing = x->fixed ? x->spacing : (covered + 1) / a->jump * a->jump;
            if (used[i] || spacing < 1 || spacing > covered + 1) continue;
            used[i] = found = true;
            left--;
            covered += a->taps * spacing;
            if (covered > MAX_COVERED) covered = MAX_COVERED;
        }
    }
    return left == 0;
}

/* ---- states ------------------------------------------------------------------------------------------------------ */

static bool search_grow(void **array, int *capacity, int n, size_t size)
{
    if (n < *capacity) return true;
    int more = *capacity ? 2 * *capacity : 256;
    void *grown = realloc(*array, (size_t)more * size);
    if (!grown) return false;
    *array = grown;
    *capacity = more;
    return true;
}

/* Places that must still be left pay for those taken too early. */
static bool is_within_limit(const search *s, const state *x)
{
    int changed = x->changed;
    for (int i = 0; i < s->n_alike; i++) changed += x->balance[i] > 0 ? x->balance[i] : 0;
    return changed <= s->limit;
}

static void add_state(search *s, const state *x)
{
    s->ok = s->ok && search_grow((void **)&s->states, &s->states_capacity, s->n_states, sizeof *s->states);
    if (!s->ok) return;
    s->states[s->n_states++] = *x;
    s->made++;
}

static void cover(const search *s, state *x, int kind, int spacing)
{
    int64_t covered = x->covered + (int64_t)s->alike[kind].taps * spacing;
    x->covered = covered < s->goal ? (int)covered : s->goal;
}

/* Add state `x` after one more place is taken or left. */
static void add_move(search *s, state x, int kind, int spacing, bool taken)
{
    x.balance[kind] = (int16_t)(x.balance[kind] + (taken ? 1 : -1));
    x.changed += taken ? 0 : 1;
    if (taken) cover(s, &x, kind, spacing);
    if (!is_within_limit(s, &x)) return;
    s->ok = s->ok && search_grow((void **)&s->nodes, &s->nodes_capacity, s->n_nodes, sizeof *s->nodes);
    if (!s->ok) return;
    s->nodes[s->n_nodes] = (node){x.last, kind, spacing, taken};
    x.last = s->n_nodes++;
    add_state(s, &x);
}

static int compare_costs(const state *x, const state *y)
{
    return x->changed != y->changed ? x->changed - y->changed : x->sum - y->sum;
}

/* By balance, then the largest cover first, then the lowest cost. */
static int compare_states(const void *a, const void *b)
{
    const state *x = a, *y = b;
    int order = memcmp(x->balance, y->balance, sizeof x->balance);
    if (order) return order;
    return x->covered != y->covered ? y->covered - x->covered : compare_costs(x, y);
}

/* A state that covers less than another of its balance must cost less. */
static void drop_dominated(search *s)
{
    int kept = 0;
    if (s->n_states > 1) qsort(s->states, (size_t)s->n_states, sizeof *s->states, compare_states);
    for (int i = 0; i < s->n_states; i++) {
        const state *x = &s->states[i], *best = kept ? &s->states[kept - 1] : NULL;
        bool same = best && memcmp(best->balance, x->balance, sizeof x->balance) == 0;
        if (!same || compare_costs(x, best) < 0) s->states[kept++] = *x;
    }
    s->n_states = kept;
}

/* ---- search ------------------------------------------------------------------------------------------------------ */

static void charge_balance(search *s, int t)
{
    for (int i = 0; i < s->n_states; i++)
        for (int k = 0; k < s->n_alike; k++)
            if (t % s->alike[k].jump == 0) s->states[i].sum += abs(s->states[i].balance[k]);
}

/* A layer whose old spacing is t stays, if nothing is missing before it, or leaves its place. */
static void search_item(search *s, const item *x, int t)
{
    int n = s->n_states, kept = 0;
    for (int i = 0; i < n; i++)
        if (!x->fixed) add_move(s, s->states[i], x->kind, t, false);
    for (int i = 0; i < n; i++) {
        state stays = s->states[i];
        if (t > stays.covered + 1) continue;
        cover(s, &stays, x->kind, t);
        s->states[kept++] = stays;
    }
    memmove(s->states + kept, s->states + n, (size_t)(s->n_states - n) * sizeof *s->states);
    s->n_states -= n - kept;
    drop_dominated(s);
}

/* Any number of layers take t; added states are looked at in their turn. */
static void search_places(search *s, int t)
{
    int n = s->n_states;
    for (int i = 0; i < s->n_states && s->made < MAX_STATES; i++)
        for (int k = 0; k < s->n_alike; k++)
            if (t % s->alike[k].jump == 0 && t <= s->states[i].covered + 1) add_move(s, s->states[i], k, t, true);
    if (s->n_states > n) drop_dominated(s);
}

/* The best state of all whose places taken and left agree; NULL: there is none with `limit` changed layers. */
static const state *search_run(search *s)
{
    int next = 0;
    const state *best = NULL;
    s->n_states = s->n_nodes = 0;
    add_state(s, &(state){.last = NO_NODE});
    for (int t = 1; t <= s->widest && s->ok && s->made < MAX_STATES; t++) {
        charge_balance(s, t);
        for (; next < s->n && s->items[next].spacing == t && s->ok; next++) search_item(s, &s->items[next], t);
        search_places(s, t);
    }
    for (int i = 0; i < s->n_states; i++) {
        const state *x = &s->states[i];
        bool even = true;
        for (int k = 0; k < s->n_alike; k++) even = even && x->balance[k] == 0;
        if (even && (!best || compare_costs(x, best) < 0)) best = x;
    }
    return best;
}

/* ---- result ------------------------------------------------------------------------------------------------------ */

/* The places of one kind that were left (or taken), the widest first. Returns their number. */
static int collect_places(const search *s, int last, int kind, bool taken, int *spacings)
{
    int n = 0;
    for (int i = last; i != NO_NODE; i = s->nodes[i].before)
        if (s->nodes[i].kind == kind && s->nodes[i].taken == taken) spacings[n++] = s->nodes[i].spacing;
    return n;
}

/* Give the first unused layer of a kind that had spacing `old` another one. */
static void move_layer(search *s, wn_spec *layers, int kind, int old, int spacing)
{
    int i = 0;
    while (s->items[i].kind != kind || s->items[i].fixed || s->items[i].spacing != old) i++;
    wn_spec *l = &layers[s->items[i].layer];
    for (int a = 0; a < l->rank; a++) l->axis[a].dilation = spacing / s->alike[kind].jump;
    if (l->causal && l->given == WN_PADDING_NUMBER) l->axis[0].padding = (int)wn_spec_effective(l, 0) - 1;
    s->items[i].spacing = 0;
}

static void apply_best(search *s, wn_spec *layers, int last)
{
    int left[MAX_SEARCHED], taken[MAX_SEARCHED];
    for (int kind = 0; kind < s->n_alike; kind++) {
        int n = collect_places(s, last, kind, false, left);
        collect_places(s, last, kind, true, taken);
        while (n-- > 0) move_layer(s, layers, kind, left[n], taken[n]);
    }
}

/* With ever more layers that may change, so that the states of the first success are few. */
static wn_status search_all(search *s, wn_spec *layers, int *changed, int *sum, const char *where, wn_error *error)
{
    const state *best = NULL;
    if (!can_be_closed(s))
        return wn_fail(error, WN_ERROR_UNSUPPORTED, where,
                       "no dilations close the holes: a stride is larger than what the layers before it cover");
    for (s->limit = 1; !best && s->ok && s->made < MAX_STATES && s->limit <= s->n; s->limit++) best = search_run(s);
    if (!s->ok) return wn_fail_memory(error, where);
    if (s->made >= MAX_STATES || !best)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, where,
                       "over %d combinations of %d changed layers; a shorter list expected", MAX_STATES, s->limit - 1);
    *changed = best->changed;
    *sum = best->sum;
    apply_best(s, layers, best->last);
    return WN_OK;
}

wn_status wn_hybrid_suggest(wn_spec *layers, int n, const wn_field *field, int *changed, int *sum, const char *where,
                            wn_error *error)
{
    search s = {.items = calloc((size_t)n, sizeof *s.items), .ok = true};
    *changed = *sum = 0;
    if (!s.items) return wn_fail_memory(error, where);
    wn_status status = check_series(layers, n, where, error);
    bool holes = wn_span_covered(&field->reach) < field->reach.length;
    if (!status && holes) status = collect_items(&s, layers, n, where, error);
    if (!status && holes) status = search_all(&s, layers, changed, sum, where, error);
    free(s.items);
    free(s.states);
    free(s.nodes);
    return status;
}
