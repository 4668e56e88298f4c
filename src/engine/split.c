/* SPDX-License-Identifier: MIT
 * split.c - who does what of a frame that two threads share, and who waits for whom.
 * Copyright (c) 2026 the wavenet authors
 *
 * What waits for the frame before stays with the leader: from one layer to the next there is no hand-off. The helper gets
 * what no layer waits for: skips, a few layers at a time as their activations come in, and past taps. Both work on layers of
 * the head that are worth two hand-offs. All tasks stand in one list first, in an order that a single thread could take; each
 * thread then does its own in this order. */
#include "engine/split.h"

#include "engine/build.h"

enum {
    SKIPS = 2,          /* layers whose skips are one task */
    LAST = 3,           /* layers whose skips are the leader's: while it gets to them, the sum of the others gets to it */
    SOON = 3,           /* layers before an activation is written that its memory is sent for */
    WORTH = 48 << 10    /* bytes of weights, read while two hand-offs are on their way */
};

typedef struct sharing {
    wn_builder *b;
    const wn_plan *plan;
    struct entry {
        wn_task task;
        int who;
    } *list;
    int n, room;
    int last_layer; /* last step of a layer; the head follows */
} sharing;

static void add(sharing *s, int who, wn_task_kind kind, int step, int from, int to)
{
    if (s->n == s->room) return;
    s->list[s->n++] = (struct entry){{.kind = kind, .step = step, .from = from, .to = to, .soon = -1}, who};
}

/* ---- skips ------------------------------------------------------------------------------------------------------- */

/* The last step before `until` that writes `buffer`; -1: none. */
static int writer(const wn_plan *p, int buffer, int until)
{
    int i = until - 1;
    while (i >= 0 && p->steps[i].dst != buffer) i--;
    return i;
}

/* The skips that gather what step `i` writes, and as which tap; NULL: none. */
static const wn_step *gatherer(const wn_plan *p, int i, int *tap)
{
    for (int j = i + 1; j < p->n_steps; j++) {
        const wn_step *skips = &p->steps[j];
        *tap = p->steps[i].dst - skips->src;
        if (skips->gathers && *tap >= 0 && *tap < skips->taps) return skips;
    }
    return NULL;
}

/* The first of the last taps, which are the leader's. */
static int own_taps(int taps) { return taps - (taps / 2 < LAST ? taps / 2 : LAST); }

static bool ends_task(int tap, int taps)
{
    int own = own_taps(taps);
    return tap == own - 1 || tap == taps - 1 || (tap < own && tap % SKIPS == SKIPS - 1);
}

/* Skips whose last activation step `i` has written. */
static void add_skips(sharing *s, int i)
{
    const wn_plan *p = s->plan;
    int tap, from;
    const wn_step *skips = gatherer(p, i, &tap);
    if (!skips) return;
    int j = (int)(skips - p->steps);
    if (writer(p, p->steps[i].dst, j) != i || !ends_task(tap, skips->taps)) return;
    for (from = tap; from > 0 && !ends_task(from - 1, skips->taps);) from--;
    add(s, from < own_taps(skips->taps) ? WN_HELPER : WN_LEADER, WN_TASK_TAPS, j, from, tap + 1);
}

/* ---- past taps --------------------------------------------------------------------------------------------------- */

/* They have until the next frame comes to their layer: those of the first half of the layers are worked out half a frame
 * later, those of the second while the next frame begins. */
static bool has_shared_past(const wn_step *t) { return t->ahead && t->in * (t->w8 ? 1 : 2) >= WN_LEAST_SHARED; }

static void add_past(sharing *s, int first, int end)
{
    for (int i = first; i < end; i++)
        if (has_shared_past(&s->plan->steps[i])) add(s, WN_HELPER, WN_TASK_PAST, i, 0, 0);
}

/* ---- head -------------------------------------------------------------------------------------------------------- */

static int half(int outputs) { return outputs / 2 / WN_PANEL * WN_PANEL; }

static double bytes_of(const wn_step *t) { return (double)t->in * t->out * (t->w8 ? 1 : t->w16 ? 2 : sizeof(float)); }

static bool is_split(const wn_step *t)
{
    return t->op == WN_OP_CONV && t->taps == 1 && t->ring < 0 && t->groups == 1 && half(t->out) && bytes_of(t) >= WORTH;
}

static void add_halves(sharing *s, int i, int at, int n)
{
    add(s, WN_LEADER, WN_TASK_OUTPUTS, i, 0, at);
    add(s, WN_HELPER, WN_TASK_OUTPUTS, i, at, n);
}

/* What made the input of a step of the head that takes one value after another; NULL: it does not. */
static const wn_step *source(const sharing *s, const wn_step *t)
{
    bool simple = (t->op == WN_OP_ACT && !t->act.slopes) || t->op == WN_OP_SCALE;
    int from = simple ? writer(s->plan, t->src, (int)(t - s->plan->steps)) : -1;
    return from > s->last_layer ? &s->plan->steps[from] : NULL;
}

/* Who has made an output has its function, too. */
static void add_head(sharing *s, int i)
{
    const wn_step *t = &s->plan->steps[i], *maker = t;
    for (const wn_step *next; (next = source(s, maker));) maker = next;
    if (is_split(maker))
        add_halves(s, i, half(maker->out), maker == t ? t->out : t->channels);
    else
        add(s, WN_LEADER, WN_TASK_STEP, i, 0, 0);
}

/* ---- the list ---------------------------------------------------------------------------------------------------- */

/* The step that writes the activation some layers after that of step `i`; -1: step i writes none that is gathered. */
static int later_activation(const wn_plan *p, int i)
{
    int tap;
    const wn_step *skips = gatherer(p, i, &tap);
    if (!skips) return -1;
    return writer(p, skips->src + (tap + SOON) % skips->taps, (int)(skips - p->steps));
}

static void add_step(sharing *s, int i)
{
    const wn_step *t = &s->plan->steps[i];
    if (i > s->last_layer) {
        add_head(s, i);
        return;
    }
    add(s, WN_LEADER, has_shared_past(t) ? WN_TASK_NEWEST : WN_TASK_STEP, i, 0, 0);
    s->list[s->n - 1].task.soon = later_activation(s->plan, i);
}

static void add_all(sharing *s)
{
    const wn_plan *p = s->plan;
    int middle = s->last_layer / 2;
    add(s, WN_LEADER, WN_TASK_BEGIN, 0, 0, 0);
    for (int i = 0; i < p->n_steps; i++) {
        if (!p->steps[i].gathers) add_step(s, i);
        add_skips(s, i);
        if (i == middle) add_past(s, 0, middle);
    }
    add(s, WN_LEADER, WN_TASK_END, 0, 0, 0);
    add_past(s, middle, p->n_steps);
}

/* ---- who waits for whom ------------------------------------------------------------------------------------------ */

/* Outputs or channels that a task writes. */
static void written(const wn_plan *p, const wn_task *t, int *buffer, int *from, int *to)
{
    const wn_step *step = &p->steps[t->step];
    bool writes = t->kind != WN_TASK_BEGIN && t->kind != WN_TASK_PAST && t->kind != WN_TASK_END;
    *buffer = writes ? step->dst : -1;
    *from = t->kind == WN_TASK_OUTPUTS ? t->from : 0;
    *to = t->kind == WN_TASK_OUTPUTS ? t->to : p->buffer_channels[step->dst];
}

/* Does task t read or write what stands there? */
static bool touches(const wn_plan *p, const wn_task *t, int buffer, int from, int to)
{
    const wn_step *step = &p->steps[t->step];
    int own, first, end;
    if (t->kind == WN_TASK_END) return buffer == WN_BUFFER_OUT;
    written(p, t, &own, &first, &end);
    if (own < 0) return false;
    if (own == buffer && first < to && from < end) return true;
    if (step->second == buffer && (step->op == WN_OP_FILM || step->start == WN_START_PART)) return true;
    if (t->kind == WN_TASK_TAPS) return buffer >= step->src + t->from && buffer < step->src + t->to;
    bool elementwise = t->kind == WN_TASK_OUTPUTS && step->op != WN_OP_CONV;
    return step->src == buffer && (!elementwise || (t->from < to && from < t->to));
}

static bool writes_what(const wn_plan *p, const wn_task *a, const wn_task *b)
{
    int buffer, from, to;
    written(p, a, &buffer, &from, &to);
    return buffer >= 0 && touches(p, b, buffer, from, to);
}

static bool meet(const wn_plan *p, const wn_task *a, const wn_task *b)
{
    bool same_ring = a->step == b->step && p->steps[a->step].ring >= 0;
    return same_ring || writes_what(p, a, b) || writes_what(p, b, a);
}

/* The last task of the other's list that comes before `e` in a frame and has to do with it; or else of the frame before. */
static int after(const sharing *s, const struct entry *e)
{
    int index = 0, here = 0, before = 0;
    for (const struct entry *o = s->list; o < s->list + s->n; o++) {
        if (o->who == e->who) continue;
        index++;
        if (!meet(s->plan, &e->task, &o->task)) continue;
        if (o < e) here = index;
        else before = index;
    }
    return here ? here : before - s->plan->split->n[!e->who];
}

/* Only waits that are news: a list is done in order, and what the thread has seen done stays done. */
static void keep_news(wn_split *split, int who, int none)
{
    int others = split->n[!who], seen = none;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < split->n[who]; i++) {
            wn_task *t = &split->tasks[who][i];
            if (round && t->after <= seen) t->after = none;
            if (t->after > seen) seen = t->after;
        }
        seen -= others;
    }
}

static void mark_told(wn_split *split, int who, int none)
{
    for (int i = 0; i < split->n[who]; i++) {
        int n = split->n[!who], index = split->tasks[who][i].after;
        if (index > none) split->tasks[!who][index > 0 ? index - 1 : n + index - 1].tells = true;
    }
}

static wn_split *make_lists(sharing *s)
{
    wn_split *split = wn_builder_alloc(s->b, 1, sizeof *split);
    if (!split) return NULL;
    for (const struct entry *e = s->list; e < s->list + s->n; e++) split->n[e->who]++;
    for (int who = 0; who < 2; who++)
        split->tasks[who] = wn_builder_alloc(s->b, (size_t)split->n[who] + 1, sizeof *split->tasks[who]);
    return s->b->failed ? NULL : split;
}

static void wait_for_each_other(sharing *s, wn_split *split)
{
    int n[2] = {0}, none[2] = {-split->n[WN_HELPER], -split->n[WN_LEADER]};
    for (struct entry *e = s->list; e < s->list + s->n; e++) {
        e->task.after = after(s, e);
        split->tasks[e->who][n[e->who]++] = e->task;
    }
    for (int who = 0; who < 2; who++) keep_news(split, who, none[who]);
    for (int who = 0; who < 2; who++) mark_told(split, who, none[who]);
    split->tasks[WN_LEADER][0].tells = true; /* that the frame has begun */
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

void wn_split_make(wn_builder *b)
{
    wn_plan *plan = b->plan;
    sharing s = {.b = b, .plan = plan, .room = 4 * plan->n_steps + 1};
    s.list = wn_builder_alloc(b, (size_t)s.room, sizeof *s.list);
    for (int i = 0; i < plan->n_steps; i++)
        if (plan->steps[i].layer >= 0) s.last_layer = i;
    if (!s.list) return;
    add_all(&s);
    wn_split *split = make_lists(&s);
    if (!split || !split->n[WN_HELPER]) return;
    plan->split = split;
    wait_for_each_other(&s, split);
}
