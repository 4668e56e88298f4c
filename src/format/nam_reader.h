/* SPDX-License-Identifier: MIT
 * nam_reader.h - one network of an amp capture that is being read.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_NAM_READER_H
#define WN_FORMAT_NAM_READER_H

#include "format/nam_lists.h"

/* The network that `root` (a whole file, or one within it) holds; NULL with the failure recorded. */
typedef wn_model *wn_nam_network_fn(wn_json *r, struct wn_nam_lists *lists, const json_t *root, double slim, int depth);

/* One network of a file being read. The first failure stays in r->status, and everything after it does nothing. */
typedef struct wn_nam_reader {
    wn_json *r;
    wn_model *model;
    struct wn_nam_lists *lists;
    const json_t *weights; /* the file's list, or what stands for it */
    double slim;
    int depth;                 /* of nesting */
    int keep[WN_MAX_STACKS];   /* channels that slimming leaves of each stack */
    bool can_slim;             /* some stack may be slimmed */
    bool batchnorm;            /* a ConvNet's blocks have batch norm instead of a bias */
    char note[320];            /* what the user should know, one line */
    wn_nam_network_fn *nested; /* reads a network within this one */
} wn_nam_reader;

/* Add a sentence to the note; once is enough. */
void wn_nam_note(wn_nam_reader *x, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As wn_json_keys, but a key whose value is text or a list of texts, such as a comment, is noted: no text of an unknown key changes the sound. */
void wn_nam_keys(wn_nam_reader *x, const json_t *object, const char *const *known);

/* Describe a convolution without memory for its weights, which come when the file is known to have them. */
void wn_nam_shape(wn_nam_reader *x, const char *key, wn_conv *conv, int in, int out, int kernel, int dilation,
                  int groups, bool bias);

#endif
