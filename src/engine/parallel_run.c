/* SPDX-License-Identifier: MIT
 * parallel_run.c - two threads that go through the frames of one stream together.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/parallel_run.h"

#include <sched.h>
#include <string.h>

#include "engine/interleaved_step.h"
#include "engine/lookahead.h"

/* CLOSED: there is no run, or none that takes a worker. OPEN: a worker may come. JOINED: one is there. Only the worker goes
 * from OPEN to JOINED, only the main thread to the others. */
enum { CLOSED, OPEN, JOINED };

/* Looks after which the other has lost its processor, some tenths of a millisecond. */
enum { MAX_LOOKS = 10000 };

/* Between two looks. The pause gives this core's execution units to its other hardware thread. After MAX_LOOKS the processor
 * itself is offered: the deadline is missed by then, so the system call costs nothing that counts. */
static void pause_between_looks(int looks)
{
    if (looks > MAX_LOOKS) sched_yield();
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* ---- what moves from one processor's cache to the other's is asked for early ------------------------------------------ */

static void prefetch_for_reading(const float *x, size_t n)
{
    for (size_t i = 0; i < n; i += 16) __builtin_prefetch(x + i);
}

/* Takes the line away from the other's cache. */
static void prefetch_for_writing(const float *x, size_t n)
{
    for (size_t i = 0; i < n; i += 16)
#if defined(__x86_64__)
        __asm__ volatile("prefetchw %0" : : "m"(x[i]));
#else
        __builtin_prefetch(x + i, 1);
#endif
}

/* After the newest tap: what it reads and writes in the next frame. */
static void prefetch_next_frame(const wn_interleaved_thread *t, const wn_conv_step *c)
{
    size_t out = (size_t)c->out;
    int ahead = c->ahead.frames, used = ahead - t->left[c->ring->index], contiguous = 1;
    for (int k = 0; used && k < c->taps - 1; k++)
        prefetch_for_reading(t->memory + c->ahead.offset + (size_t)(k * ahead + used) * out, out);
    prefetch_for_writing(wn_tap_ring_tap(c->ring, t->memory, t->position[c->ring->index], 0, 0, &contiguous),
                         (size_t)c->in);
}

/* ---- tasks --------------------------------------------------------------------------------------------------------- */

/* The past taps are the worker's: they will be there. */
static void run_newest(wn_interleaved_thread *t, const wn_step *step)
{
    wn_interleaved_step(t, step, 1);
    int *left = &t->left[step->conv->ring->index];
    if (*left == 0) *left = step->conv->ahead.frames;
    prefetch_next_frame(t, step->conv);
}

/* Each thread counts for itself: a count in a line that the other writes costs 150 ns per layer. */
static void run_past(wn_interleaved_thread *t, const wn_step *step)
{
    int *left = &t->left[step->conv->ring->index];
    if (*left == 0) *left = step->conv->ahead.frames; /* the main thread did it, before there was a worker */
    if (--*left == 0) wn_lookahead_multiply_past(t, step->conv);
}

static void run_task(wn_interleaved_thread *t, const wn_task *task)
{
    const wn_step *step = &t->program->steps[task->step];
    switch (task->kind) {
    case WN_TASK_STEP:
        if (!step->early || t->used == t->ahead) wn_interleaved_step(t, step, 1);
        break;
    case WN_TASK_NEWEST: run_newest(t, step); break;
    case WN_TASK_PAST: run_past(t, step); break;
    case WN_TASK_OUTPUTS: wn_interleaved_outputs(t, step, task->from, task->to); break;
    case WN_TASK_TAPS: wn_interleaved_taps(t, step, task->from, task->to); break;
    case WN_TASK_BEGIN:
    case WN_TASK_END: break;
    }
}

static void post_done(wn_parallel *p, int who, int64_t tasks)
{
    atomic_store_explicit(&p->done[who].tasks, tasks, memory_order_release);
}

static void wait_for_other(wn_parallel *p, int who, int64_t tasks)
{
    wn_parallel_side *side = &p->side[who];
    for (int looks = 0; side->seen < tasks; looks += looks <= MAX_LOOKS) {
        if (looks) pause_between_looks(looks);
        side->lost |= looks > MAX_LOOKS;
        side->seen = atomic_load_explicit(&p->done[!who].tasks, memory_order_acquire);
    }
}

/* One frame's tasks. */
static void run_frame(wn_parallel *p, int who)
{
    wn_parallel_side *side = &p->side[who];
    wn_interleaved_thread *t = side->thread;
    const wn_schedule *schedule = t->program->schedule;
    int n = schedule->n[who];
    int64_t own = side->frames * n, others = side->frames * schedule->n[!who];
    for (int i = 0; i < n; i++) {
        const wn_task *task = &schedule->tasks[who][i];
        wait_for_other(p, who, others + task->after);
        run_task(t, task);
        if (task->posts) post_done(p, who, own + i + 1);
        if (task->prefetch >= 0) {
            const wn_step *step = &t->program->steps[task->prefetch];
            prefetch_for_writing(t->buffer[step->dst], (size_t)step->channels);
        }
    }
    post_done(p, who, own + n);
    side->frames++;
}

/* ---- the main thread ------------------------------------------------------------------------------------------------- */

void wn_parallel_init(wn_parallel *p, wn_interleaved_thread *main, wn_interleaved_thread *worker)
{
    p->side[WN_MAIN_THREAD].thread = main;
    p->side[WN_WORKER_THREAD].thread = worker;
}

void wn_parallel_open(wn_parallel *p) { atomic_store_explicit(&p->state, OPEN, memory_order_release); }

static bool has_worker(wn_parallel *p)
{
    wn_parallel_side *side = &p->side[WN_MAIN_THREAD];
    const wn_interleaved_thread *t = side->thread;
    if (side->joined) return true;
    side->joined = atomic_load_explicit(&p->state, memory_order_acquire) == JOINED;
    if (side->joined)
        memcpy(p->side[WN_WORKER_THREAD].thread->left, t->left, (size_t)t->program->plan->n_rings * sizeof *t->left);
    return side->joined;
}

bool wn_parallel_lead(wn_parallel *p)
{
    if (!has_worker(p)) return false;
    run_frame(p, WN_MAIN_THREAD);
    if (p->side[WN_MAIN_THREAD].lost) wn_parallel_end(p); /* on a busy machine one thread is faster */
    return true;
}

void wn_parallel_end(wn_parallel *p)
{
    wn_parallel_side *side = &p->side[WN_MAIN_THREAD];
    wait_for_other(p, WN_MAIN_THREAD, side->frames * side->thread->program->schedule->n[WN_WORKER_THREAD]);
    atomic_store_explicit(&p->state, CLOSED, memory_order_release);
    side->joined = side->lost = false;
}

/* ---- the worker ------------------------------------------------------------------------------------------------------ */

/* Until the next frame has begun, or no more will: then false. */
static bool next_frame(wn_parallel *p)
{
    wn_parallel_side *side = &p->side[WN_WORKER_THREAD];
    int64_t begun = side->frames * side->thread->program->schedule->n[WN_MAIN_THREAD] + 1;
    for (int looks = 0;; pause_between_looks(looks), looks += looks <= MAX_LOOKS) {
        side->seen = atomic_load_explicit(&p->done[WN_MAIN_THREAD].tasks, memory_order_acquire);
        if (side->seen >= begun) return true;
        if (atomic_load_explicit(&p->state, memory_order_acquire) == CLOSED) return false;
    }
}

void wn_parallel_work(wn_parallel *p)
{
    int open = OPEN;
    if (!atomic_compare_exchange_strong(&p->state, &open, JOINED)) return;
    while (next_frame(p)) run_frame(p, WN_WORKER_THREAD);
}
