/* SPDX-License-Identifier: MIT
 * test_threads.c - threads that share a model and a plan and have streams of their own do not meet. For ThreadSanitizer.
 * Copyright (c) 2026 the wavenet authors */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drawn.h"

enum { FRAMES = 200, THREADS = 3 };

typedef struct job {
    const wn_model *m;
    const wn_plan *plan;
    const float *input;
    float pcm[2 * FRAMES];
    float *out; /* [FRAMES][2][output channels] */
    int failures;
} job;

/* Everything an audio thread does, from making its stream to freeing it. */
static void *work(void *argument)
{
    job *j = argument;
    const wn_model *m = j->m;
    wn_stream *stream = NULL;
    wn_generator *g = NULL;
    wn_sampling s = {.seed = 5, .temperature = 1, .top_p = 0.9};
    j->failures += wn_stream_new(&stream, j->plan, NULL) != WN_OK;
    j->failures +=
        m->autoregressive && wn_generator_new(&g, j->plan, &(wn_generator_config){.sampling = &s}, NULL) != WN_OK;
    if (j->failures) return NULL;
    int32_t classes[2 * FRAMES];
    for (int i = 0; i < 2 * FRAMES; i++) classes[i] = i % 4;
    if (m->condition.held_channels) wn_stream_set_condition(stream, 1, j->input);
    wn_stream_run(stream, &(wn_block){.frames = FRAMES, .pcm = j->input, .classes = classes, .out = j->out});
    if (g) wn_generator_run(g, FRAMES, j->pcm, NULL);
    wn_generator_free(g);
    wn_stream_free(stream);
    return NULL;
}

static void shared_plan(void **state)
{
    (void)state;
    static const drawn_request wishes[] = {{.autoregressive = true, .classes = 1, .held = 1},
                                           {.autoregressive = true, .output = WN_OUTPUT_GAUSSIANS + 1, .classes = -1},
                                           {.classes = -1, .output = WN_OUTPUT_PCM + 1, .nested = 1}};
    for (int i = 0; i < 6; i++) {
        chance c = {(uint64_t)i};
        wn_model *m = drawn_model(&c, &wishes[i % 3]);
        wn_plan *plan;
        assert_int_equal(wn_plan_new(&plan, m, &(wn_plan_config){.voices = 2, .max_frames = 32}, NULL), WN_OK);
        drawn_signal *signal = drawn_signal_new(&c, m, 2 * FRAMES);
        job jobs[THREADS];
        pthread_t threads[THREADS];
        size_t values = (size_t)(2 * FRAMES * m->output_channels);
        for (int t = 0; t < THREADS; t++) {
            jobs[t] = (job){.m = m, .plan = plan, .input = signal->pcm, .out = calloc(values, sizeof(float))};
            assert_int_equal(pthread_create(&threads[t], NULL, work, &jobs[t]), 0);
        }
        for (int t = 0; t < THREADS; t++) assert_int_equal(pthread_join(threads[t], NULL), 0);
        for (int t = 0; t < THREADS; t++) {
            assert_int_equal(jobs[t].failures, 0);
            assert_memory_equal(jobs[t].out, jobs[0].out, values * sizeof(float));
            assert_memory_equal(jobs[t].pcm, jobs[0].pcm, sizeof jobs[0].pcm);
        }
        for (int t = 0; t < THREADS; t++) free(jobs[t].out);
        drawn_signal_free(signal);
        wn_plan_free(plan);
        wn_model_free(m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shared_plan)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
