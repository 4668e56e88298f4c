/* SPDX-License-Identifier: MIT
 * builder.h - a plan under construction: its memory, and where values stand.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_BUILDER_H
#define WN_ENGINE_BUILDER_H

#include "engine/plan.h"

/* After the first failed allocation every call does nothing and returns something harmless; look at `failed` once. */
typedef struct wn_builder {
    wn_plan *plan;
    const wn_plan_config *config;
    const wn_plan_hooks *hooks;  /* never NULL */
    int *unit;                   /* [ops] first operation of the unit that it runs in */
    int *last_use;               /* [values] the last operation that reads it; -1: none */
    int *uses;                   /* [values] operations that read it */
    int *bulk;                   /* [ops] the first of those that lookahead does in one step with it, -1: none; NULL: it does
                                  * not apply */
    int buffer_capacity;
    wn_arena *scratch;
    bool failed;
} wn_builder;

/* Zeroed memory of the plan; and such as is needed while it is made. Weights lie close together then: with others' leftovers in
 * between, single frames of captures take a tenth longer. */
void *wn_builder_alloc(wn_builder *b, size_t n, size_t size);
void *wn_builder_scratch(wn_builder *b, size_t n, size_t size);

/* Space in a stream's memory, a multiple of 16 floats, and in its state, a multiple of 64 bytes; where it starts. */
size_t wn_builder_reserve(wn_builder *b, size_t floats);
size_t wn_builder_reserve_state(wn_builder *b, size_t n, size_t size);

/* A new scratch buffer; its number. */
int wn_builder_buffer(wn_builder *b, int channels);

/* Count who reads what; to be repeated when operations have changed. */
void wn_builder_count_uses(wn_builder *b);

/* `value` is read by operation `op`, and by none after it. */
static inline bool wn_builder_dies(const wn_builder *b, int value, int op) { return b->last_use[value] == op; }

/* Give every value that has no place yet one. Values share buffers, and are updated in place, where nobody reads the older one
 * any more; within a unit, which reads and writes at the same time, only running sums are. */
void wn_builder_assign_buffers(wn_builder *b);

/* Whether operation `op` may write its result over the value `over`, which it reads. */
bool wn_builder_in_place(const wn_builder *b, int op, int over);

#endif
