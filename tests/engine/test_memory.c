/* SPDX-License-Identifier: MIT
 * test_memory.c - every constructor with its 1st, 2nd, 3rd ... allocation failing: no crash, no leak, a clear answer.
 * Copyright (c) 2026 the wavenet authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "drawn.h"
#include "engine/plan.h"
#include "model/clone.h"
#include "model/linear.h"

/* ---- an allocator that fails on demand; the linker sends all calls here (--wrap) ---------------------------------------- */

static int until_failure = -1; /* allocations still to come through; negative: all */
static int live;               /* blocks not yet freed */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *block);

static bool fails(void)
{
    if (until_failure == 0) return true;
    until_failure -= until_failure > 0;
    return false;
}

static void *counted(void *block)
{
    live += block != NULL;
    return block;
}

void *__wrap_malloc(size_t size) { return fails() ? NULL : counted(__real_malloc(size)); }
void *__wrap_calloc(size_t n, size_t size) { return fails() ? NULL : counted(__real_calloc(n, size)); }
void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : counted(__real_aligned_alloc(alignment, size));
}

void *__wrap_realloc(void *old, size_t size)
{
    if (fails()) return NULL;
    live += old == NULL;
    return __real_realloc(old, size);
}

void __wrap_free(void *block)
{
    live -= block != NULL;
    __real_free(block);
}

/* ---- the constructors ---------------------------------------------------------------------------------------------------- */

typedef struct things {
    wn_model *model;
    wn_plan *plan;
} things;

typedef struct constructor {
    const char *name;
    wn_status (*make)(const things *t, void **out, wn_error *error);
    void (*drop)(void *object);
} constructor;

static wn_status plan_make(const things *t, void **out, wn_error *error)
{
    return wn_plan_new((wn_plan **)out, t->model, &(wn_plan_config){.max_frames = 17, .voices = 3}, error);
}
static wn_status shared_plan_make(const things *t, void **out, wn_error *error)
{
    return wn_plan_new((wn_plan **)out, t->model, &(wn_plan_config){.max_frames = 1, .threads = 2}, error);
}
static wn_status stream_make(const things *t, void **out, wn_error *error)
{
    return wn_stream_new((wn_stream **)out, t->plan, error);
}
static wn_status conditioner_make(const things *t, void **out, wn_error *error)
{
    return wn_conditioner_new((wn_conditioner **)out, t->model, error);
}
static wn_status sampler_make(const things *t, void **out, wn_error *error)
{
    wn_sampling s = wn_sampling_default(t->model);
    return wn_sampler_new((wn_sampler **)out, t->model, &s, error);
}
static wn_status generator_make(const things *t, void **out, wn_error *error)
{
    return wn_generator_new((wn_generator **)out, t->plan, NULL, error);
}
static wn_status clone_make(const things *t, void **out, wn_error *error)
{
    *out = wn_model_clone(t->model);
    return *out ? WN_OK : wn_fail(error, WN_ERROR_MEMORY, NULL, "out of memory");
}
static wn_status linear_make(const things *t, void **out, wn_error *error)
{
    *out = wn_model_linearised(t->model, WN_LINEAR_WEIGHTS);
    return *out ? WN_OK : wn_fail(error, WN_ERROR_MEMORY, NULL, "out of memory");
}

static void plan_drop(void *p) { wn_plan_free(p); }
static void stream_drop(void *p) { wn_stream_free(p); }
static void conditioner_drop(void *p) { wn_conditioner_free(p); }
static void sampler_drop(void *p) { wn_sampler_free(p); }
static void generator_drop(void *p) { wn_generator_free(p); }
static void model_drop(void *p) { wn_model_free(p); }

static const constructor constructors[] = {
    {"plan", plan_make, plan_drop},          {"plan for two threads", shared_plan_make, plan_drop},
    {"stream", stream_make, stream_drop},    {"conditioner", conditioner_make, conditioner_drop},
    {"sampler", sampler_make, sampler_drop}, {"generator", generator_make, generator_drop},
    {"clone", clone_make, model_drop},       {"linearised", linear_make, model_drop},
};

/* How many allocations it takes; each of them has failed once. */
static int fail_each(const constructor *k, const things *t)
{
    for (int i = 0;; i++) {
        int before = live;
        void *object = (void *)t;
        wn_error error = {0};
        until_failure = i;
        wn_status status = k->make(t, &object, i % 2 ? &error : NULL);
        until_failure = -1;
        if (status == WN_OK) {
            assert_non_null(object);
            k->drop(object);
            assert_int_equal(live, before);
            return i;
        }
        if (status != WN_ERROR_MEMORY || object || live != before || (i % 2 && error.status != WN_ERROR_MEMORY))
            fail_msg("%s, allocation %d: status %d, object %p, %d blocks leaked", k->name, i + 1, status, object,
                     live - before);
    }
}

static void every_allocation(void **state)
{
    (void)state;
    static const drawn_request wishes[] = {
        {.autoregressive = true, .classes = 1, .held = 1, .source = WN_CONDITION_FEATURES + 1},
        {.autoregressive = true, .classes = -1, .output = WN_OUTPUT_LOGISTICS + 1, .stacks = 3},
        {.autoregressive = true, .nested = 1, .output = WN_OUTPUT_GAUSSIAN + 1, .held = 1},
        {.autoregressive = true, .plain = 1},
    };
    int total = 0, all = (int)(sizeof constructors / sizeof *constructors);
    for (uint64_t seed = 1; seed <= 12; seed++) {
        chance c = {seed};
        things t = {.model = drawn_model(&c, &wishes[seed % 4])};
        assert_int_equal(wn_plan_new(&t.plan, t.model, &(wn_plan_config){.voices = 2}, NULL), WN_OK);
        for (int k = 0; k < all; k++) {
            int n = fail_each(&constructors[k], &t);
            assert_true(n >= 1);
            total += n;
        }
        wn_plan_free(t.plan);
        wn_model_free(t.model);
    }
    printf("%d allocations failed one at a time\n", total);
    assert_int_equal(live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
