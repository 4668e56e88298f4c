/* SPDX-License-Identifier: MIT
 * pair.c - two threads that go through the frames of one stream together.
 * Copyright (c) 2026 the wavenet authors */
#include <sched.h>
#include <string.h>

#include "base/denormals.h"
#include "engine/split.h"
#include "engine/stream.h"

/* CLOSED: there is no run, or none that may be helped. OPEN: a helper may come. JOINED: one is there. Only the helper goes
 * from OPEN to JOINED, only the thread that runs the stream to the others. */
enum { CLOSED, OPEN, JOINED };

/* Looks after which the other has lost its processor, some tenths of a millisecond. */
enum { PATIENCE = 10000 };

/* Between two looks. The processor may give what this thread would use to the other of its core; after so many looks the
 * other thread gets this processor, if it waits for it: nothing is in time then, call or no call. */
static void rest(int looks)
{
    if (looks > PATIENCE) sched_yield();
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* ---- what moves from one processor's cache to the other's is sent for early ------------------------------------------ */

/* To be read soon. */
static void fetch(const float *x, size_t n)
{
    for (size_t i = 0; i < n; i += 16) __builtin_prefetch(x + i);
}

/* To be written soon: the other's copy goes. */
static void claim(const float *x, size_t n)
{
    for (size_t i = 0; i < n; i += 16)
#if defined(__x86_64__)
        __asm__ volatile("prefetchw %0" : : "m"(x[i]));
#else
        __builtin_prefetch(x + i, 1);
#endif
}

/* After the newest tap: what it reads and writes in the next frame. */
static void prepare_newest(const wn_stream *s, const wn_step *step)
{
    size_t out = (size_t)step->out, in = (size_t)step->in;
    int used = step->ahead - s->left[step->ring];
    for (int k = 0; used && k < step->taps - 1; k++)
        fetch(s->memory + step->past_offset + (size_t)(k * step->ahead + used) * out, out);
    claim(s->memory + step->ring_offset + (size_t)s->ring_position[step->ring] * in, in);
}

/* ---- tasks --------------------------------------------------------------------------------------------------------- */

/* The past taps are the helper's: they will be there. */
static void run_newest(wn_stream *s, const wn_step *step)
{
    wn_rows_step(s, step, 1);
    if (s->left[step->ring] == 0) s->left[step->ring] = step->ahead;
    prepare_newest(s, step);
}

/* The helper counts for itself: the leader's counts change all the time. */
static void run_past(wn_stream *s, const wn_step *step)
{
    int *left = &s->left[step->ring];
    if (*left == 0) *left = step->ahead; /* the leader did it, before there was a helper */
    if (--*left == 0) wn_rows_past(s, step);
}

static void run_task(wn_stream *s, const wn_task *t)
{
    const wn_step *step = &s->plan->steps[t->step];
    switch (t->kind) {
    case WN_TASK_STEP:
        if (!step->early || s->used == s->ahead) wn_rows_step(s, step, 1);
        break;
    case WN_TASK_NEWEST: run_newest(s, step); break;
    case WN_TASK_PAST: run_past(s, step); break;
    case WN_TASK_OUTPUTS: wn_rows_outputs(s, step, t->from, t->to); break;
    case WN_TASK_TAPS: wn_rows_taps(s, step, t->from, t->to); break;
    case WN_TASK_BEGIN:
    case WN_TASK_END: break;
    }
}

static void tell(wn_stream *s, int who, int64_t tasks)
{
    atomic_store_explicit(&s->pair->thread[who].done, tasks, memory_order_release);
}

static void await(wn_stream *s, int who, int64_t tasks)
{
    for (int looks = 0; s->seen < tasks; looks += looks <= PATIENCE) {
        if (looks) rest(looks);
        s->lost |= looks > PATIENCE;
        s->seen = atomic_load_explicit(&s->pair->thread[!who].done, memory_order_acquire);
    }
}

/* One frame's tasks. */
static void walk(wn_stream *s, int who)
{
    const wn_plan *plan = s->plan;
    int n = plan->split->n[who];
    int64_t own = s->turns * n, others = s->turns * plan->split->n[!who];
    for (int i = 0; i < n; i++) {
        const wn_task *t = &plan->split->tasks[who][i];
        await(s, who, others + t->after);
        run_task(s, t);
        if (t->tells) tell(s, who, own + i + 1);
        if (t->soon >= 0) claim(s->buffer[plan->steps[t->soon].dst], (size_t)plan->steps[t->soon].channels);
    }
    tell(s, who, own + n);
    s->turns++;
}

/* ---- the leader ---------------------------------------------------------------------------------------------------- */

static bool has_helper(wn_stream *s)
{
    if (!s->pair || s->helped) return s->helped;
    s->helped = atomic_load_explicit(&s->pair->state, memory_order_acquire) == JOINED;
    if (s->helped) memcpy(s->helper->left, s->left, (size_t)s->plan->n_rings * sizeof *s->left);
    return s->helped;
}

bool wn_pair_lead(wn_stream *s)
{
    if (!has_helper(s)) return false;
    walk(s, WN_LEADER);
    if (s->lost) wn_pair_end(s); /* on a busy machine one thread is faster */
    return true;
}

void wn_pair_end(wn_stream *s)
{
    if (!s->pair) return;
    await(s, WN_LEADER, s->turns * s->plan->split->n[WN_HELPER]);
    atomic_store_explicit(&s->pair->state, CLOSED, memory_order_release);
    s->helped = s->lost = false;
}

void wn_stream_share(wn_stream *s)
{
    if (s->pair) atomic_store_explicit(&s->pair->state, OPEN, memory_order_release);
}

/* ---- the helper ---------------------------------------------------------------------------------------------------- */

/* Until the next frame has begun, or no more will: then false. */
static bool next_frame(wn_stream *s)
{
    wn_pair *p = s->pair;
    int64_t begun = s->turns * s->plan->split->n[WN_LEADER] + 1;
    for (int looks = 0;; rest(looks), looks += looks <= PATIENCE) {
        s->seen = atomic_load_explicit(&p->thread[WN_LEADER].done, memory_order_acquire);
        if (s->seen >= begun) return true;
        if (atomic_load_explicit(&p->state, memory_order_acquire) == CLOSED) return false;
    }
}

void wn_stream_help(wn_stream *stream)
{
    int open = OPEN;
    if (!stream->pair || !atomic_compare_exchange_strong(&stream->pair->state, &open, JOINED)) return;
    uint64_t before = wn_denormals_flush();
    while (next_frame(stream->helper)) walk(stream->helper, WN_HELPER);
    wn_denormals_restore(before);
}
