/* SPDX-License-Identifier: MIT
 * nam_parts.h - shared by the files that read and write amp captures.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_NAM_PARTS_H
#define WN_FORMAT_NAM_PARTS_H

#include "format/nam_lists.h"

/* One network of a file being read. The first failure stays in r->status, and everything after it does nothing. */
struct nam {
    wn_json *r;
    wn_model *model;
    struct wn_nam_lists *lists;
    const json_t *weights; /* the file's list, or what stands for it */
    double slim;
    int depth;               /* of nesting */
    int keep[WN_MAX_STACKS]; /* channels that slimming leaves of each stack */
    bool can_slim;           /* some stack may be slimmed */
    bool batchnorm;          /* a ConvNet's blocks have batch norm instead of a bias */
    char note[320];          /* what the user should know, one line */
};

/* nam.c: the network that `root` (a whole file, or one within it) holds; NULL with the failure recorded. */
wn_model *wn_nam_network(wn_json *r, struct wn_nam_lists *lists, const json_t *root, double slim, int depth);

/* Add a sentence to the note; once is enough. */
void wn_nam_note(struct nam *x, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Describe a convolution without memory for its weights, which come when the file is known to have them. */
void wn_nam_shape(struct nam *x, const char *key, wn_conv *conv, int in, int out, int kernel, int dilation, int groups,
                  bool bias);

/* nam_wavenet.c, nam_plain.c: config to description; then the weights. */
void wn_nam_wavenet(struct nam *x, const json_t *config);
void wn_nam_convnet(struct nam *x, const json_t *config);
void wn_nam_linear(struct nam *x, const json_t *config);
void wn_nam_convnet_weights(struct nam *x);
void wn_nam_linear_weights(struct nam *x);
void wn_nam_reverse(float *taps, int n); /* Linear lists taps from the newest on */

/* nam_layers.c: one layer array, which takes `in` channels from the one before. */
extern const char *const wn_nam_film_keys[WN_FILM_COUNT];
void wn_nam_layers(struct nam *x, const json_t *object, wn_stack *stack, int index, int in);

/* nam_act.c: an activation for `channels` channels, a name or an object; and back: NULL if memory fails or the format has
 * no such function. */
void wn_nam_act(struct nam *x, const json_t *value, const char *key, int channels, wn_act *act);
json_t *wn_nam_act_out(const wn_act *act);
bool wn_nam_act_fits(const wn_act *act);

/* ---- nam_weights.c: the one order of the flat list, which counting, reading and writing share -------------------- */

/* Called for each run of n weights; *data is NULL where they have no memory yet. Stops at the first non-OK. */
typedef wn_status wn_nam_run_fn(void *user, float **data, int64_t n);
wn_status wn_nam_runs(wn_model *model, bool head_scale, wn_nam_run_fn *fn, void *user);

/* The list of the file, `expected` floats; NULL with the failure recorded. */
const float *wn_nam_floats(struct nam *x, int64_t expected);

/* Fill a WaveNet with the list, which must have as many weights as the description asks for. */
void wn_nam_wavenet_weights(struct nam *x);

/* The next n of a list into a run that may have no memory yet. */
struct wn_nam_cursor {
    struct nam *x;
    const float *next;
};
wn_status wn_nam_take(void *cursor, float **data, int64_t n);

/* nam_slim.c: cut the channels of each stack to x->keep. */
void wn_nam_slim(struct nam *x);

/* nam_metadata.c: name, loudness, levels, and the rest of what `root` says as text. container: what holds it, or NULL. */
void wn_nam_keep(struct nam *x, const json_t *root, const json_t *container, int submodel);
/* Back to the root of a file: metadata and what else was there; false if memory fails. */
bool wn_nam_restore(const wn_model *model, json_t *root);
bool wn_nam_restore_slimmable(const wn_model *model, json_t *arrays); /* into the layer arrays of a config */

/* nam_fit.c: a copy of `model` that has every part the format wants (biases of zeros, say), or NULL: what does not fit is in
 * *error. `path` is where it should go. */
wn_status wn_nam_fit(wn_model **out, const wn_model *model, const char *path, wn_error *error);

#endif
