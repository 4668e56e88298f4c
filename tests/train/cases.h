/* SPDX-License-Identifier: MIT
 * cases.h - models, clips and chunks that the trainer's tests share.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TESTS_TRAIN_CASES_H
#define WN_TESTS_TRAIN_CASES_H

#include "../engine/drawn.h"
#include "train/build.h"
#include "train/net.h"
#include "train/pipe.h"

/* Configs that between them have every stage of the condition pipeline, every condition, every output. */
typedef struct test_config {
    const char *name, *json;
} test_config;

extern const test_config test_configs[];
extern const size_t test_n_configs;

/* A model of the config with random weights. Aborts with the message where it is refused. */
wn_model *test_model(chance *c, const char *json);
void test_stop(const wn_error *error);

wn_real *test_reals(size_t n); /* zeroed */

/* What a whole clip of random data needs besides audio. */
typedef struct test_clip {
    int64_t frames, n_rows;
    float *rows, *vector;
    int speaker;
} test_clip;

test_clip test_clip_of(chance *c, const wn_tnet *net, int frames);
test_clip test_clip_new(chance *c, const wn_tnet *net); /* long enough for two chunks */
void test_clip_free(test_clip *clip);

/* Frames of a chunk for this net: a few hops. */
int test_frames(const wn_tnet *net);

/* Random inputs and targets for frames `first` on; two segments, the second from the start of another clip. */
typedef struct test_chunk {
    wn_tchunk chunk;
    wn_tsegment segments[2];
    test_clip other;
} test_chunk;

void test_chunk_init(test_chunk *chunk, chance *c, const wn_tnet *net, const test_clip *clip, int first, int frames);
void test_chunk_free(test_chunk *chunk);

#endif
