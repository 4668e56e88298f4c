/* SPDX-License-Identifier: MIT
 * nam_captures.h - small amp captures made by hand, shared by the tests of their reader and writer.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TESTS_NAM_CAPTURES_H
#define WN_TESTS_NAM_CAPTURES_H

#include "helpers.h"

/* Configs, and how many weights each needs. */
typedef struct capture {
    const char *architecture, *config;
    int weights;
} capture;

extern const capture captures[];
extern const int n_captures;
enum {
    CAPTURE_ALL,
    CAPTURE_SLIMMABLE,
    CAPTURE_NESTED,
    CAPTURE_CONVNET,
    CAPTURE_NORMED,
    CAPTURE_LINEAR,
    CAPTURE_STEREO
};

/* A file of that config. Weight i (from 0) is (i + 1) / 1024, which float32 holds exactly. more: further keys of the root,
 * each followed by a comma, or "". A new string. */
char *capture_text(const capture *c, int weights, const char *more);

/* A container of CAPTURE_LINEAR up to the slim value `first`, and of CAPTURE_CONVNET up to `second`. root: as `more`. */
char *container_text(double first, double second, const char *root);

/* A file of architecture Sequential: the network in the text `first`, then a Linear of 5 taps; `root` are more keys at its root.
 * A new string. */
char *sequence_text(const char *first, const char *root);

/* The model in a text that must be good. */
wn_model *capture_read(const char *text, double slim);

/* The output for `frames` of a fixed signal, [frames][output channels], after silence. A new array. */
float *capture_run(const wn_model *model, int frames);

#endif
