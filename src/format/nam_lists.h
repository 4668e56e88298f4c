/* SPDX-License-Identifier: MIT
 * nam_lists.h - the lists of weights of a capture, taken out of its text before the parser sees it: nine tenths of a file are
 * numbers, and a parser that makes an object of each takes ten times as long, and as much memory.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_NAM_LISTS_H
#define WN_FORMAT_NAM_LISTS_H

#include "format/json.h"

/* Limits that are checked before a file is parsed. */
enum {
    WN_NAM_MAX_FILE = 1 << 23,  /* bytes: ten times the largest capture in use */
    WN_NAM_MAX_TREE = 36 << 20, /* bytes of memory that its values would take once parsed */
};

/* An upper estimate of that. */
size_t wn_nam_tree(const char *text, size_t size);

struct wn_nam_list {
    float *values; /* [n] */
    size_t n;
    bool used; /* some network took it */
};

struct wn_nam_lists {
    char *text; /* [size] what is left: each list is replaced by a number that stands for it */
    size_t size;
    int n;
    struct wn_nam_list *all; /* [n] */
    bool duplicates;         /* some key of the file stands twice */
};

/* Take out the value of each key "weights" that is a list of numbers which float32 can hold. What cannot be taken stays, for
 * the parser to find what is wrong with it. false if memory fails; wn_nam_lists_free in both cases. */
bool wn_nam_lists_take(struct wn_nam_lists *out, const char *text, size_t size);
void wn_nam_lists_free(struct wn_nam_lists *lists);

/* The list that `value` stands for, or NULL. */
struct wn_nam_list *wn_nam_lists_find(const struct wn_nam_lists *lists, const json_t *value);

/* A list of json numbers as another of `lists`; NULL if memory fails or, recorded in r, one of them is no finite float32. */
struct wn_nam_list *wn_nam_lists_add(struct wn_nam_lists *lists, wn_json *r, const json_t *array);

/* A copy of `root` as a file would say it: each list stands in its place again, as numbers of float32, and is used. A new
 * reference; NULL if memory fails. */
json_t *wn_nam_lists_restore(const struct wn_nam_lists *lists, const json_t *root);

/* Whether every list was used, none of them by a number that the file itself has: then none of them stood where no network is,
 * in the metadata say. */
bool wn_nam_lists_all_used(const struct wn_nam_lists *lists);

/* The JSON number at *text as the nearest float32, and the text after it; false if there is none, or it is too large. */
bool wn_nam_number(const char **text, const char *end, float *out);

#endif
