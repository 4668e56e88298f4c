/* SPDX-License-Identifier: MIT
 * tree.h - the positions in every layer on which one output depends.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_TREE_H
#define WN_ANALYSIS_TREE_H

#include <stdbool.h>

#include "analysis/field.h"

/* Positions of one layer's output; level 0 is the input. Position m is at input time scale*m + offset. */
typedef struct wn_tree_level {
    int64_t first, length;
    uint8_t *hit; /* [length] 1: the output depends on it */
    double scale, offset;
} wn_tree_level;

typedef struct wn_tree {
    int n_layers;
    const wn_field_row *layers; /* [n_layers] of the field; layer i computes level i+1 from level i */
    wn_tree_level *levels;      /* [n_layers + 1] */
    double low, high;           /* earliest and latest time of any position */
} wn_tree;

/* Trace output `field->output` through the field's layers in series. Keeps pointers into the field.
 * WN_ERROR_UNSUPPORTED if there are too many positions. Free with wn_tree_free. */
wn_status wn_tree_make(wn_tree *tree, const wn_field *field, wn_error *error);

/* Accepts partial and zeroed trees. */
void wn_tree_free(wn_tree *tree);

/* *source = the position of level i that tap k of position m of level i+1 reads. False if that tap reads nothing. */
bool wn_tree_tap(const wn_tree *tree, int i, int64_t m, int k, int64_t *source);

/* Whether the output depends on position m. */
static inline bool wn_tree_has(const wn_tree_level *level, int64_t m)
{
    return m >= level->first && m < level->first + level->length && level->hit[m - level->first];
}

/* Input time of position m. */
static inline double wn_tree_time(const wn_tree_level *level, int64_t m)
{
    return level->scale * (double)m + level->offset;
}

#endif
