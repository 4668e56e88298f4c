/* SPDX-License-Identifier: MIT
 * parallel.c - which thread does what of a frame that two share, and what waits for what.
 * Copyright (c) 2026 the wavenet authors
 *
 * From one layer to the next there is no hand-off: all that waits for the frame before stays with the main thread. The worker
 * gets what no layer waits for: skips, a few layers at a time as their activations come in, and past taps. Both work on layers
 * of the head that are worth two hand-offs. All tasks stand in one list first, in an order that a single thread could take; each
 * thread then does its own in this order. */
#include "engine/parallel.h"

enum {
    SKIPS = 2,          /* layers whose skips are one task */
    LAST = 3,           /* layers whose skips are the main thread's: the sum of the others is handed over meanwhile */
    PREFETCH = 3,       /* layers before an activation is written that its memory is fetched */
    MIN_BYTES = 48 << 10 /* of weights, read while two hand-offs are on their way */
};

typedef struct scheduling {
    wn_builder *b;
    const wn_interleaved *program;
    const wn_step *steps;
    int n_steps;
    struct entry {
        wn_task task;
        int who;
    } *list;
    int n, capacity;
    int last_layer; /* last step of a layer; the head follows */
} scheduling;

static void add_task(scheduling *s, int who, wn_task_kind kind, int step, int from, int to)
{
    if (s->n == s->capacity) return;
    s->list[s->n++] = (struct entry){{.kind = kind, .step = step, .from = from, .to = to, .prefetch = -1}, who};
}

/* ---- skips ------------------------------------------------------------------------------------------------------- */

/* The last step before `until` that writes `buffer`; -1: none. */
static int writer_of(const scheduling *s, int buffer, int until)
{
    int i = until - 1;
    while (i >= 0 && s->steps[i].dst != buffer) i--;
    return i;
}

static bool sums_sources(const wn_step *t) { return t->conv && t->conv->sources; }

/* The skips that sum what step `i` writes, and as which tap; NULL: none. */
static const wn_step *skips_of(const scheduling *s, int i, int *tap)
{
    for (int j = i + 1; j < s->n_steps; j++) {
        const wn_step *skips = &s->steps[j];
        for (*tap = 0; sums_sources(skips) && *tap < skips->conv->taps; ++*tap)
            if (skips->conv->sources[*tap] == s->steps[i].dst) return skips;
    }
    return NULL;
}

/* The first of the last taps, which are the main thread's. */
static int own_taps(int taps) { return taps - (taps / 2 < LAST ? taps / 2 : LAST); }

static bool ends_task(int tap, int taps)
{
    int own = own_taps(taps);
    return tap == own - 1 || tap == taps - 1 || (tap < own && tap % SKIPS == SKIPS - 1);
}

/* Skips whose last activation step `i` has written. */
static void add_skips(scheduling *s, int i)
{
    int tap, from;
    const wn_step *skips = skips_of(s, i, &tap);
    if (!skips) return;
    int j = (int)(skips - s->steps), taps = skips->conv->taps;
    if (writer_of(s, s->steps[i].dst, j) != i || !ends_task(tap, taps)) return;
    for (from = tap; from > 0 && !ends_task(from - 1, taps);) from--;
    add_task(s, from < own_taps(taps) ? WN_WORKER_THREAD : WN_MAIN_THREAD, WN_TASK_TAPS, j, from, tap + 1);
}

/* ---- past taps --------------------------------------------------------------------------------------------------- */

/* They have until the next frame comes to their layer: those of the first half of the layers are worked out half a frame
 * later, those of the second while the next frame begins. */
static bool has_shared_past(const wn_step *t)
{
    return t->conv && t->conv->ahead.frames && t->conv->in >= t->conv->weights.format->min_shared;
}

static void add_past(scheduling *s, int first, int end)
{
    for (int i = first; i < end; i++)
        if (has_shared_past(&s->steps[i])) add_task(s, WN_WORKER_THREAD, WN_TASK_PAST, i, 0, 0);
}

/* ---- head -------------------------------------------------------------------------------------------------------- */

static int half_of(int outputs) { return outputs / 2 / WN_PANEL * WN_PANEL; }

static bool is_split(const wn_step *t)
{
    const wn_conv_step *c = t->conv;
    if (t->kind != WN_OP_CONV || c->taps > 1 || c->ring || c->groups > 1 || !half_of(c->out)) return false;
    return (double)c->in * c->out * c->weights.format->bytes >= MIN_BYTES;
}

static void add_halves(scheduling *s, int i, int at, int n)
{
    add_task(s, WN_MAIN_THREAD, WN_TASK_OUTPUTS, i, 0, at);
    add_task(s, WN_WORKER_THREAD, WN_TASK_OUTPUTS, i, at, n);
}

/* The step that made the input of an elementwise step of the head; NULL: it is none. */
static const wn_step *source_of(const scheduling *s, const wn_step *t)
{
    bool simple = (t->kind == WN_OP_ACTIVATE && !t->act.slopes) || t->kind == WN_OP_SCALE;
    int from = simple ? writer_of(s, t->src, (int)(t - s->steps)) : -1;
    return from > s->last_layer ? &s->steps[from] : NULL;
}

/* The thread that has made an output applies its function, too. */
static void add_head(scheduling *s, int i)
{
    const wn_step *t = &s->steps[i], *maker = t;
    for (const wn_step *next; (next = source_of(s, maker));) maker = next;
    if (is_split(maker))
        add_halves(s, i, half_of(maker->channels), t->channels);
    else
        add_task(s, WN_MAIN_THREAD, WN_TASK_STEP, i, 0, 0);
}

/* ---- the list ---------------------------------------------------------------------------------------------------- */

/* The step that writes the activation some layers after that of step `i`; -1: no skips sum what step i writes. */
static int later_activation(const scheduling *s, int i)
{
    int tap;
    const wn_step *skips = skips_of(s, i, &tap);
    if (!skips) return -1;
    return writer_of(s, skips->conv->sources[(tap + PREFETCH) % skips->conv->taps], (int)(skips - s->steps));
}

static void add_step(scheduling *s, int i)
{
    if (i > s->last_layer) {
        add_head(s, i);
        return;
    }
    add_task(s, WN_MAIN_THREAD, has_shared_past(&s->steps[i]) ? WN_TASK_NEWEST : WN_TASK_STEP, i, 0, 0);
    s->list[s->n - 1].task.prefetch = later_activation(s, i);
}

static void add_all(scheduling *s)
{
    int middle = s->last_layer / 2;
    add_task(s, WN_MAIN_THREAD, WN_TASK_BEGIN, 0, 0, 0);
    for (int i = 0; i < s->n_steps; i++) {
        if (!sums_sources(&s->steps[i])) add_step(s, i);
        add_skips(s, i);
        if (i == middle) add_past(s, 0, middle);
    }
    add_task(s, WN_MAIN_THREAD, WN_TASK_END, 0, 0, 0);
    add_past(s, middle, s->n_steps);
}

/* ---- what waits for what ------------------------------------------------------------------------------------------ */

/* Outputs or channels that a task writes. */
static void find_written(const scheduling *s, const wn_task *t, int *buffer, int *from, int *to)
{
    const wn_step *step = &s->steps[t->step];
    bool writes = t->kind != WN_TASK_BEGIN && t->kind != WN_TASK_PAST && t->kind != WN_TASK_END;
    *buffer = writes ? step->dst : -1;
    *from = t->kind == WN_TASK_OUTPUTS ? t->from : 0;
    *to = t->kind == WN_TASK_OUTPUTS ? t->to : s->program->plan->buffer[step->dst].channels;
}

/* The buffer that the step reads besides src; -1: none. */
static int second_of(const wn_step *step)
{
    const wn_conv_step *c = step->conv;
    if (!c) return step->second;
    return c->init == WN_INIT_ROWS || c->init == WN_INIT_AHEAD ? c->add.buffer : -1;
}

/* Does task t read or write what stands there? */
static bool touches(const scheduling *s, const wn_task *t, int buffer, int from, int to)
{
    const wn_step *step = &s->steps[t->step];
    int own, first, end;
    if (t->kind == WN_TASK_END) return buffer == WN_BUFFER_OUT;
    find_written(s, t, &own, &first, &end);
    if (own < 0) return false;
    if (own == buffer && first < to && from < end) return true;
    if (second_of(step) == buffer) return true;
    if (t->kind == WN_TASK_TAPS) {
        for (int k = t->from; k < t->to; k++)
            if (step->conv->sources[k] == buffer) return true;
        return false;
    }
    bool elementwise = t->kind == WN_TASK_OUTPUTS && step->kind != WN_OP_CONV;
    return step->src == buffer && (!elementwise || (t->from < to && from < t->to));
}

static bool writes_what(const scheduling *s, const wn_task *a, const wn_task *b)
{
    int buffer, from, to;
    find_written(s, a, &buffer, &from, &to);
    return buffer >= 0 && touches(s, b, buffer, from, to);
}

static bool conflict(const scheduling *s, const wn_task *a, const wn_task *b)
{
    const wn_conv_step *c = s->steps[a->step].conv;
    bool same_ring = a->step == b->step && c && c->ring;
    return same_ring || writes_what(s, a, b) || writes_what(s, b, a);
}

/* The last task of the other's list that comes before `e` in a frame and conflicts with it; or else of the frame before. */
static int find_after(const scheduling *s, const wn_schedule *schedule, const struct entry *e)
{
    int index = 0, here = 0, before = 0;
    for (const struct entry *o = s->list; o < s->list + s->n; o++) {
        if (o->who == e->who) continue;
        index++;
        if (!conflict(s, &e->task, &o->task)) continue;
        if (o < e) here = index;
        else before = index;
    }
    return here ? here : before - schedule->n[!e->who];
}

/* A wait that an earlier one implies is left out: a list is done in order, and what the thread has seen done stays done. */
static void drop_implied_waits(wn_schedule *schedule, int who, int none)
{
    int others = schedule->n[!who], seen = none;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < schedule->n[who]; i++) {
            wn_task *t = &schedule->tasks[who][i];
            if (round && t->after <= seen) t->after = none;
            if (t->after > seen) seen = t->after;
        }
        seen -= others;
    }
}

static void mark_posts(wn_schedule *schedule, int who, int none)
{
    for (int i = 0; i < schedule->n[who]; i++) {
        int n = schedule->n[!who], index = schedule->tasks[who][i].after;
        if (index > none) schedule->tasks[!who][index > 0 ? index - 1 : n + index - 1].posts = true;
    }
}

static wn_schedule *make_lists(scheduling *s)
{
    wn_schedule *schedule = wn_builder_alloc(s->b, 1, sizeof *schedule);
    if (!schedule) return NULL;
    for (const struct entry *e = s->list; e < s->list + s->n; e++) schedule->n[e->who]++;
    for (int who = 0; who < 2; who++)
        schedule->tasks[who] = wn_builder_alloc(s->b, (size_t)schedule->n[who] + 1, sizeof *schedule->tasks[who]);
    return s->b->failed ? NULL : schedule;
}

static void set_waits(scheduling *s, wn_schedule *schedule)
{
    int n[2] = {0}, none[2] = {-schedule->n[WN_WORKER_THREAD], -schedule->n[WN_MAIN_THREAD]};
    for (struct entry *e = s->list; e < s->list + s->n; e++) {
        e->task.after = find_after(s, schedule, e);
        schedule->tasks[e->who][n[e->who]++] = e->task;
    }
    for (int who = 0; who < 2; who++) drop_implied_waits(schedule, who, none[who]);
    for (int who = 0; who < 2; who++) mark_posts(schedule, who, none[who]);
    schedule->tasks[WN_MAIN_THREAD][0].posts = true; /* that the frame has begun */
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

const wn_schedule *wn_schedule_make(const wn_interleaved *program, wn_builder *b)
{
    scheduling s = {.b = b, .program = program, .steps = program->steps, .n_steps = program->n_steps};
    s.capacity = 4 * s.n_steps + 1;
    s.list = wn_builder_scratch(b, (size_t)s.capacity, sizeof *s.list);
    for (int i = 0; i < s.n_steps; i++)
        if (s.steps[i].layer >= 0) s.last_layer = i;
    if (!s.list) return NULL;
    add_all(&s);
    wn_schedule *schedule = make_lists(&s);
    if (!schedule || !schedule->n[WN_WORKER_THREAD]) return NULL;
    set_waits(&s, schedule);
    return schedule;
}
