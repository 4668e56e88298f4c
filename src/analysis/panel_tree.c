/* SPDX-License-Identifier: MIT
 * panel_tree.c - the tree of dilations.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/panels.h"

/* Positions closer than this, in points, merge into bars and their edges into bands. */
static const double MERGED = 4;
static const double TURN = 6.283185307179586;

/* log2 of the smallest and the largest dilation. */
typedef struct range {
    double least, most;
} range;

typedef struct drawing {
    const wn_canvas *c;
    const wn_tree *tree;
    double top, pitch;
    range dilations;
} drawing;

static double level_y(const drawing *d, int level) { return d->top + d->pitch * (d->tree->n_layers - level); }

static double position_x(const drawing *d, int level, int64_t m)
{
    return wn_canvas_x(d->c, wn_tree_time(&d->tree->levels[level], m));
}

static range dilation_range(const wn_tree *tree)
{
    range r = {INFINITY, -INFINITY};
    for (int i = 0; i < tree->n_layers; i++) {
        r.least = fmin(r.least, log2(tree->layers[i].spec.dilation));
        r.most = fmax(r.most, log2(tree->layers[i].spec.dilation));
    }
    return r;
}

/* By the logarithm of the dilation, as dilations usually double. */
static wn_ink dilation_ink(range r, int dilation, double alpha)
{
    return wn_ink_sequence(r.most > r.least ? (log2(dilation) - r.least) / (r.most - r.least) : 0.4, alpha);
}

static wn_ink layer_ink(const drawing *d, int layer, double alpha)
{
    return dilation_ink(d->dilations, d->tree->layers[layer].spec.dilation, alpha);
}

/* ---- everything the network computes, in grey, where there is room for it ---------------------------------------- */

static bool has_lattice(const drawing *d)
{
    double positions = d->c->high - d->c->low;
    for (int i = 0; i < d->tree->n_layers; i++)
        if (d->tree->layers[i].spec.kind != WN_SPEC_CONV || d->tree->layers[i].spec.stride != 1) return false;
    return d->c->fold == 0 && (d->c->right - d->c->left) / positions >= 11;
}

static void lattice_layer(const drawing *d, int layer)
{
    const wn_tree_level *level = &d->tree->levels[layer + 1];
    const wn_spec *spec = &d->tree->layers[layer].spec;
    int64_t low = (int64_t)ceil(d->c->low - level->offset), high = (int64_t)floor(d->c->high - level->offset);
    wn_canvas_ink(d->c, wn_ink_grid);
    cairo_set_line_width(d->c->cr, 0.8);
    for (int64_t m = low; m <= high; m++)
        for (int k = 0; k < spec->kernel; k++) {
            int64_t source;
            if (!wn_tree_tap(d->tree, layer, m, k, &source)) continue;
            double time = wn_tree_time(&d->tree->levels[layer], source);
            if (time < d->c->low || time > d->c->high) continue;
            cairo_move_to(d->c->cr, position_x(d, layer + 1, m), level_y(d, layer + 1));
            cairo_line_to(d->c->cr, position_x(d, layer, source), level_y(d, layer));
        }
    cairo_stroke(d->c->cr);
}

static double dot_radius(const drawing *d, double spacing) { return fmin(fmin(0.30 * spacing, 0.22 * d->pitch), 6.5); }

static void lattice_dots(const drawing *d, int level)
{
    const wn_tree_level *l = &d->tree->levels[level];
    double radius = dot_radius(d, (d->c->right - d->c->left) / (d->c->high - d->c->low));
    for (int64_t m = (int64_t)ceil(d->c->low - l->offset); wn_tree_time(l, m) <= d->c->high; m++) {
        cairo_new_sub_path(d->c->cr);
        cairo_arc(d->c->cr, position_x(d, level, m), level_y(d, level), radius, 0, TURN);
        wn_canvas_ink(d->c, (wn_ink){1, 1, 1, 1});
        cairo_fill_preserve(d->c->cr);
        wn_canvas_ink(d->c, wn_ink_line);
        cairo_set_line_width(d->c->cr, 1);
        cairo_stroke(d->c->cr);
    }
}

static void draw_lattice(const drawing *d)
{
    for (int i = 0; i < d->tree->n_layers; i++) lattice_layer(d, i);
    for (int i = 0; i <= d->tree->n_layers; i++) lattice_dots(d, i);
}

/* ---- the tree of one output -------------------------------------------------------------------------------------- */

/* Positions m0 .. m1 of a level, all used, which stand too close to tell apart; a single one stands alone. */
typedef struct stretch {
    int64_t m0, m1;
} stretch;

/* The next stretch from *m on; false at the end of the level. */
static bool next_stretch(const drawing *d, int level, int64_t *m, stretch *s)
{
    const wn_tree_level *l = &d->tree->levels[level];
    int64_t end = l->first + l->length;
    while (*m < end && !wn_tree_has(l, *m)) ++*m;
    if (*m >= end) return false;
    *s = (stretch){*m, *m};
    double x = position_x(d, level, *m);
    for (++*m; *m < end; ++*m) {
        if (!wn_tree_has(l, *m)) continue;
        double next = position_x(d, level, *m);
        if (next - x > MERGED) break;
        s->m1 = *m;
        x = next;
    }
    return true;
}

/* What tap k of a stretch reads: a line, or a band that narrows or widens with the time axis. */
static void draw_edge(const drawing *d, int layer, stretch s, int k)
{
    int64_t a, b;
    double top = level_y(d, layer + 1), bottom = level_y(d, layer);
    if (!wn_tree_tap(d->tree, layer, s.m0, k, &a)) return;
    wn_tree_tap(d->tree, layer, s.m1, k, &b);
    cairo_move_to(d->c->cr, position_x(d, layer + 1, s.m0), top);
    cairo_line_to(d->c->cr, position_x(d, layer, a), bottom);
    if (s.m0 == s.m1) {
        wn_canvas_ink(d->c, layer_ink(d, layer, 0.95));
        cairo_set_line_width(d->c->cr, fmin(1.6, 0.35 + 0.03 * d->pitch));
        cairo_stroke(d->c->cr);
        return;
    }
    cairo_line_to(d->c->cr, position_x(d, layer, b), bottom);
    cairo_line_to(d->c->cr, position_x(d, layer + 1, s.m1), top);
    cairo_close_path(d->c->cr);
    wn_canvas_ink(d->c, layer_ink(d, layer, 0.16));
    cairo_fill_preserve(d->c->cr);
    wn_canvas_ink(d->c, layer_ink(d, layer, 0.55));
    cairo_set_line_width(d->c->cr, 0.6);
    cairo_stroke(d->c->cr);
}

/* Transposed layers read by turns, so each of their positions is drawn by itself, but not twice on the same spot. */
static void draw_transposed(const drawing *d, int layer)
{
    const wn_tree_level *l = &d->tree->levels[layer + 1];
    for (int k = 0; k < d->tree->layers[layer].spec.kernel; k++) {
        double last = -INFINITY;
        for (int64_t m = l->first; m < l->first + l->length; m++) {
            if (!wn_tree_has(l, m) || position_x(d, layer + 1, m) - last < 0.7) continue;
            last = position_x(d, layer + 1, m);
            draw_edge(d, layer, (stretch){m, m}, k);
        }
    }
}

static void draw_edges(const drawing *d, int layer)
{
    stretch s;
    if (d->tree->layers[layer].spec.kind == WN_SPEC_TRANSPOSED) {
        draw_transposed(d, layer);
        return;
    }
    for (int64_t m = d->tree->levels[layer + 1].first; next_stretch(d, layer + 1, &m, &s);)
        for (int k = 0; k < d->tree->layers[layer].spec.kernel; k++) draw_edge(d, layer, s, k);
}

static void draw_dot(const drawing *d, int level, double x, double radius, wn_ink ink)
{
    cairo_new_sub_path(d->c->cr);
    cairo_arc(d->c->cr, x, level_y(d, level), radius, 0, TURN);
    wn_canvas_ink(d->c, ink);
    cairo_fill(d->c->cr);
}

/* Distance from the stretch that starts at x to its nearer neighbour. */
static double spacing(const drawing *d, int level, int64_t after, double last, double x0, double x1)
{
    stretch next;
    double left = x0 - last;
    return next_stretch(d, level, &after, &next) ? fmin(left, position_x(d, level, next.m0) - x1) : left;
}

/* Dots as large as the distance to the neighbours allows, bars where they merge. */
static void draw_positions(const drawing *d, int level)
{
    wn_ink ink = level == d->tree->n_layers ? wn_ink_accent : level == 0 ? wn_ink_text : layer_ink(d, level - 1, 1);
    double last = -INFINITY, bar = fmin(3, 0.2 * d->pitch);
    double most = (d->c->right - d->c->left) / fmin(d->c->high - d->c->low, 60); /* dots of one size in small trees */
    stretch s;
    for (int64_t m = d->tree->levels[level].first; next_stretch(d, level, &m, &s);) {
        double x0 = position_x(d, level, s.m0), x1 = position_x(d, level, s.m1);
        double room = fmin(most, spacing(d, level, m, last, x0, x1));
        if (s.m0 != s.m1)
            wn_canvas_box(d->c, x0 - 0.5, level_y(d, level) - bar / 2, x1 - x0 + 1, bar, ink);
        else
            draw_dot(d, level, x0, fmax(1.1, dot_radius(d, room)), ink);
        last = x1;
    }
}

/* ---- words -------------------------------------------------------------------------------------------------------- */

static void label_row(const drawing *d, int layer, double size)
{
    const wn_field_row *row = &d->tree->layers[layer];
    double y = level_y(d, layer + 1) + 0.36 * size;
    char name[48];
    wn_spec_name(name, &row->spec);
    wn_ink ink = layer_ink(d, layer, 1);
    wn_canvas_box(d->c, d->c->left - 24, y - 0.72 * size, 8, 0.76 * size, ink);
    if (row->stack >= 0)
        wn_canvas_text(d->c, d->c->left - 32, y, 1, size, wn_ink_text, "%d.%s  %s", row->stack, row->layer, name);
    else
        wn_canvas_text(d->c, d->c->left - 32, y, 1, size, wn_ink_text, "%s  %s", row->layer, name);
    wn_canvas_text(d->c, d->c->width - 24, y, 1, size, wn_ink_text, "%lld", (long long)row->receptive_field);
}

/* Names on the left, the receptive field so far on the right; where rows are close, every other or every tenth. */
static void label_rows(const drawing *d)
{
    double size = fmin(12.5, fmax(8.5, 0.62 * d->pitch));
    int every = 1;
    while (every * d->pitch < 1.12 * size) every = every == 1 ? 2 : every == 2 ? 5 : 2 * every;
    for (int i = 0; i < d->tree->n_layers; i++)
        if ((d->tree->n_layers - 1 - i) % every == 0) label_row(d, i, size);
    if (every == 1) {
        wn_canvas_text(d->c, d->c->left - 32, level_y(d, 0) + 0.36 * size, 1, size, wn_ink_text, "input");
        wn_canvas_text(d->c, d->c->width - 24, level_y(d, 0) + 0.36 * size, 1, size, wn_ink_text, "1");
    }
    double y = d->top - 22;
    wn_canvas_text(d->c, d->c->left - 32, y, 1, 10.5, wn_ink_faint, "layer");
    wn_canvas_text(d->c, d->c->width - 24, y, 1, 10.5, wn_ink_faint, "receptive field");
}

/* A hairline between the stacks of a model. */
static void separate_stacks(const drawing *d)
{
    for (int i = 1; i < d->tree->n_layers; i++) {
        if (d->tree->layers[i].stack == d->tree->layers[i - 1].stack) continue;
        double y = (level_y(d, i) + level_y(d, i + 1)) / 2;
        wn_canvas_rule(d->c, d->c->left - 150, y, d->c->left - 16, y, 0.8, wn_ink_line);
    }
}

void wn_panel_tree(const wn_canvas *c, const wn_tree *tree, double top, double bottom)
{
    drawing d = {c, tree, top, (bottom - top) / tree->n_layers, dilation_range(tree)};
    if (has_lattice(&d)) draw_lattice(&d);
    for (int i = 0; i < tree->n_layers; i++) draw_edges(&d, i);
    for (int i = 0; i <= tree->n_layers; i++) draw_positions(&d, i);
    separate_stacks(&d);
    label_rows(&d);
    double size = 12.5, x = position_x(&d, tree->n_layers, tree->levels[tree->n_layers].first);
    wn_canvas_text(c, x, top - 12, x > c->right - 40 ? 1 : 0.5, size, wn_ink_accent, "output");
}

/* ---- legend ------------------------------------------------------------------------------------------------------- */

static int compare_ints(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

static bool contains(const int *list, int n, int x)
{
    for (int i = 0; i < n; i++)
        if (list[i] == x) return true;
    return false;
}

/* Distinct dilations in ascending order, at most `most` of them. */
static int distinct_dilations(const wn_tree *tree, int *list, int most)
{
    int n = 0;
    for (int i = 0; i < tree->n_layers && n < most; i++)
        if (!contains(list, n, tree->layers[i].spec.dilation)) list[n++] = tree->layers[i].spec.dilation;
    qsort(list, (size_t)n, sizeof *list, compare_ints);
    return n;
}

void wn_panel_legend(const wn_canvas *c, const wn_tree *tree, double y)
{
    enum { MOST = 16 };
    int list[MOST], n = distinct_dilations(tree, list, MOST);
    double x = c->width - 24;
    if (n < 2) return;
    for (int i = n; i-- > 0;) {
        x -= wn_canvas_text(c, x, y, 1, 11, wn_ink_text, "%d", list[i]) + 14;
        wn_canvas_box(c, x, y - 8.5, 10, 9, dilation_ink(dilation_range(tree), list[i], 1));
        x -= 14;
    }
    wn_canvas_text(c, x, y, 1, 11, wn_ink_faint, "dilation");
}
