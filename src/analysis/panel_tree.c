/* SPDX-License-Identifier: MIT
 * panel_tree.c - the panel with the tree of dilations, and its legend.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/panel_tree.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Positions closer than this, in points, are drawn as one bar and their edges as one band. */
static const double MERGE_DISTANCE = 4;
static const double TWO_PI = 6.283185307179586;

/* log2 of the smallest and of the largest dilation. */
typedef struct range {
    double low, high;
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
        r.low = fmin(r.low, log2(tree->layers[i].spec.axis[0].dilation));
        r.high = fmax(r.high, log2(tree->layers[i].spec.axis[0].dilation));
    }
    return r;
}

/* Colours follow the logarithm of the dilation, because dilations usually double from layer to layer. */
static wn_color dilation_ink(range r, int dilation, double alpha)
{
    return wn_color_sequence(r.high > r.low ? (log2(dilation) - r.low) / (r.high - r.low) : 0.4, alpha);
}

static wn_color layer_ink(const drawing *d, int layer, double alpha)
{
    return dilation_ink(d->dilations, d->tree->layers[layer].spec.axis[0].dilation, alpha);
}

/* ---- lattice: all positions and connections in grey, if the drawing is large enough ---------------------------- */

static bool has_lattice(const drawing *d)
{
    double positions = d->c->high - d->c->low;
    for (int i = 0; i < d->tree->n_layers; i++)
        if (d->tree->layers[i].spec.kind != WN_SPEC_CONV || d->tree->layers[i].spec.axis[0].stride != 1) return false;
    return d->c->linear_samples == 0 && (d->c->right - d->c->left) / positions >= 11;
}

static void draw_lattice_layer(const drawing *d, int layer)
{
    const wn_tree_level *level = &d->tree->levels[layer + 1];
    const wn_spec *spec = &d->tree->layers[layer].spec;
    int64_t low = (int64_t)ceil(d->c->low - level->offset), high = (int64_t)floor(d->c->high - level->offset);
    wn_canvas_set_color(d->c, wn_color_grid);
    cairo_set_line_width(d->c->cr, 0.8);
    for (int64_t m = low; m <= high; m++)
        for (int k = 0; k < spec->axis[0].kernel; k++) {
            int64_t source;
            if (!wn_tree_tap(d->tree, layer, m, k, &source)) continue;
            double time = wn_tree_time(&d->tree->levels[layer], source);
            if (time < d->c->low || time > d->c->high) continue;
            cairo_move_to(d->c->cr, position_x(d, layer + 1, m), level_y(d, layer + 1));
            cairo_line_to(d->c->cr, position_x(d, layer, source), level_y(d, layer));
        }
    cairo_stroke(d->c->cr);
}

static double dot_radius(const drawing *d, double segment_spacing)
{
    return fmin(fmin(0.30 * segment_spacing, 0.22 * d->pitch), 6.5);
}

static void draw_lattice_dots(const drawing *d, int level)
{
    const wn_tree_level *l = &d->tree->levels[level];
    double radius = dot_radius(d, (d->c->right - d->c->left) / (d->c->high - d->c->low));
    for (int64_t m = (int64_t)ceil(d->c->low - l->offset); wn_tree_time(l, m) <= d->c->high; m++) {
        cairo_new_sub_path(d->c->cr);
        cairo_arc(d->c->cr, position_x(d, level, m), level_y(d, level), radius, 0, TWO_PI);
        wn_canvas_set_color(d->c, (wn_color){1, 1, 1, 1});
        cairo_fill_preserve(d->c->cr);
        wn_canvas_set_color(d->c, wn_color_line);
        cairo_set_line_width(d->c->cr, 1);
        cairo_stroke(d->c->cr);
    }
}

static void draw_lattice(const drawing *d)
{
    for (int i = 0; i < d->tree->n_layers; i++) draw_lattice_layer(d, i);
    for (int i = 0; i <= d->tree->n_layers; i++) draw_lattice_dots(d, i);
}

/* ---- the tree of one output ------------------------------------------------------------------------------------ */

/* Positions m0 .. m1 of a level, drawn as one bar; m0 == m1: one position, drawn as a dot. */
typedef struct segment {
    int64_t m0, m1;
} segment;

/* Find the next segment from *m on. False at the end of the level. */
static bool next_segment(const drawing *d, int level, int64_t *m, segment *s)
{
    const wn_tree_level *l = &d->tree->levels[level];
    int64_t end = l->first + l->length;
    while (*m < end && !wn_tree_has(l, *m)) ++*m;
    if (*m >= end) return false;
    *s = (segment){*m, *m};
    double x = position_x(d, level, *m);
    for (++*m; *m < end; ++*m) {
        if (!wn_tree_has(l, *m)) continue;
        double next = position_x(d, level, *m);
        if (next - x > MERGE_DISTANCE) break;
        s->m1 = *m;
        x = next;
    }
    return true;
}

/* Draw the connection of tap k of a segment: a line for one position, a band for several. */
static void draw_edge(const drawing *d, int layer, segment s, int k)
{
    int64_t a, b;
    double top = level_y(d, layer + 1), bottom = level_y(d, layer);
    if (!wn_tree_tap(d->tree, layer, s.m0, k, &a)) return;
    wn_tree_tap(d->tree, layer, s.m1, k, &b);
    cairo_move_to(d->c->cr, position_x(d, layer + 1, s.m0), top);
    cairo_line_to(d->c->cr, position_x(d, layer, a), bottom);
    if (s.m0 == s.m1) {
        wn_canvas_set_color(d->c, layer_ink(d, layer, 0.95));
        cairo_set_line_width(d->c->cr, fmin(1.6, 0.35 + 0.03 * d->pitch));
        cairo_stroke(d->c->cr);
        return;
    }
    cairo_line_to(d->c->cr, position_x(d, layer, b), bottom);
    cairo_line_to(d->c->cr, position_x(d, layer + 1, s.m1), top);
    cairo_close_path(d->c->cr);
    wn_canvas_set_color(d->c, layer_ink(d, layer, 0.16));
    cairo_fill_preserve(d->c->cr);
    wn_canvas_set_color(d->c, layer_ink(d, layer, 0.55));
    cairo_set_line_width(d->c->cr, 0.6);
    cairo_stroke(d->c->cr);
}

/* Neighbouring positions of transposed layers use different taps, so each position is drawn by itself, except those
 * less than 0.7 points from the last one. */
static void draw_transposed(const drawing *d, int layer)
{
    const wn_tree_level *l = &d->tree->levels[layer + 1];
    for (int k = 0; k < d->tree->layers[layer].spec.axis[0].kernel; k++) {
        double last = -INFINITY;
        for (int64_t m = l->first; m < l->first + l->length; m++) {
            if (!wn_tree_has(l, m) || position_x(d, layer + 1, m) - last < 0.7) continue;
            last = position_x(d, layer + 1, m);
            draw_edge(d, layer, (segment){m, m}, k);
        }
    }
}

static void draw_edges(const drawing *d, int layer)
{
    segment s;
    if (d->tree->layers[layer].spec.kind == WN_SPEC_TRANSPOSED) {
        draw_transposed(d, layer);
        return;
    }
    for (int64_t m = d->tree->levels[layer + 1].first; next_segment(d, layer + 1, &m, &s);)
        for (int k = 0; k < d->tree->layers[layer].spec.axis[0].kernel; k++) draw_edge(d, layer, s, k);
}

static void draw_dot(const drawing *d, int level, double x, double radius, wn_color color)
{
    cairo_new_sub_path(d->c->cr);
    cairo_arc(d->c->cr, x, level_y(d, level), radius, 0, TWO_PI);
    wn_canvas_set_color(d->c, color);
    cairo_fill(d->c->cr);
}

/* Distance from the segment x0 .. x1 to its nearer neighbour. */
static double segment_spacing(const drawing *d, int level, int64_t after, double last, double x0, double x1)
{
    segment next;
    double left = x0 - last;
    return next_segment(d, level, &after, &next) ? fmin(left, position_x(d, level, next.m0) - x1) : left;
}

/* Draw dots, sized by the distance to their neighbours, and bars. */
static void draw_positions(const drawing *d, int level)
{
    wn_color color = level == d->tree->n_layers ? wn_color_accent
                     : level == 0               ? wn_color_text
                                                : layer_ink(d, level - 1, 1);
    double last = -INFINITY, bar = fmin(3, 0.2 * d->pitch);
    double high = (d->c->right - d->c->left) / fmin(d->c->high - d->c->low, 60); /* equal dots in small trees */
    segment s;
    for (int64_t m = d->tree->levels[level].first; next_segment(d, level, &m, &s);) {
        double x0 = position_x(d, level, s.m0), x1 = position_x(d, level, s.m1);
        double dot_spacing = fmin(high, segment_spacing(d, level, m, last, x0, x1));
        if (s.m0 != s.m1)
            wn_canvas_rectangle(d->c, x0 - 0.5, level_y(d, level) - bar / 2, x1 - x0 + 1, bar, color);
        else
            draw_dot(d, level, x0, fmax(1.1, dot_radius(d, dot_spacing)), color);
        last = x1;
    }
}

/* ---- labels ---------------------------------------------------------------------------------------------------- */

static void draw_row_label(const drawing *d, int layer, double size)
{
    const wn_field_row *row = &d->tree->layers[layer];
    double y = level_y(d, layer + 1) + 0.36 * size;
    char name[WN_SPEC_NAME];
    wn_spec_name(name, &row->spec);
    wn_color color = layer_ink(d, layer, 1);
    wn_canvas_rectangle(d->c, d->c->left - 24, y - 0.72 * size, 8, 0.76 * size, color);
    if (row->stack >= 0)
        wn_canvas_text(d->c, d->c->left - 32, y, 1, size, wn_color_text, "%d.%s  %s", row->stack, row->layer, name);
    else
        wn_canvas_text(d->c, d->c->left - 32, y, 1, size, wn_color_text, "%s  %s", row->layer, name);
    wn_canvas_text(d->c, d->c->width - 24, y, 1, size, wn_color_text, "%lld", (long long)row->receptive_field);
}

/* Names on the left, the receptive field up to that layer on the right. Dense rows have every second or every tenth
 * label. */
static void draw_row_labels(const drawing *d)
{
    double size = fmin(12.5, fmax(8.5, 0.62 * d->pitch));
    int every = 1;
    while (every * d->pitch < 1.12 * size) every = every == 1 ? 2 : every == 2 ? 5 : 2 * every;
    for (int i = 0; i < d->tree->n_layers; i++)
        if ((d->tree->n_layers - 1 - i) % every == 0) draw_row_label(d, i, size);
    if (every == 1) {
        wn_canvas_text(d->c, d->c->left - 32, level_y(d, 0) + 0.36 * size, 1, size, wn_color_text, "input");
        wn_canvas_text(d->c, d->c->width - 24, level_y(d, 0) + 0.36 * size, 1, size, wn_color_text, "1");
    }
    double y = d->top - 22;
    wn_canvas_text(d->c, d->c->left - 32, y, 1, 10.5, wn_color_faint, "layer");
    wn_canvas_text(d->c, d->c->width - 24, y, 1, 10.5, wn_color_faint, "receptive field");
}

/* Draw a thin line between the stacks of a model. */
static void draw_stack_separators(const drawing *d)
{
    for (int i = 1; i < d->tree->n_layers; i++) {
        if (d->tree->layers[i].stack == d->tree->layers[i - 1].stack) continue;
        double y = (level_y(d, i) + level_y(d, i + 1)) / 2;
        wn_canvas_line(d->c, d->c->left - 150, y, d->c->left - 16, y, 0.8, wn_color_line);
    }
}

void wn_panel_tree(const wn_canvas *c, const wn_tree *tree, double top, double bottom)
{
    drawing d = {c, tree, top, (bottom - top) / tree->n_layers, dilation_range(tree)};
    if (has_lattice(&d)) draw_lattice(&d);
    for (int i = 0; i < tree->n_layers; i++) draw_edges(&d, i);
    for (int i = 0; i <= tree->n_layers; i++) draw_positions(&d, i);
    draw_stack_separators(&d);
    draw_row_labels(&d);
    double size = 12.5, x = position_x(&d, tree->n_layers, tree->levels[tree->n_layers].first);
    wn_canvas_text(c, x, top - 12, x > c->right - 40 ? 1 : 0.5, size, wn_color_accent, "output");
}

/* ---- legend ---------------------------------------------------------------------------------------------------- */

static int compare_ints(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

static bool contains(const int *list, int n, int x)
{
    for (int i = 0; i < n; i++)
        if (list[i] == x) return true;
    return false;
}

/* Write up to `high` distinct dilations to list, in ascending order. Returns their number. */
static int distinct_dilations(const wn_tree *tree, int *list, int high)
{
    int n = 0;
    for (int i = 0; i < tree->n_layers && n < high; i++)
        if (!contains(list, n, tree->layers[i].spec.axis[0].dilation))
            list[n++] = tree->layers[i].spec.axis[0].dilation;
    qsort(list, (size_t)n, sizeof *list, compare_ints);
    return n;
}

void wn_panel_legend(const wn_canvas *c, const wn_tree *tree, double y)
{
    enum { MAX_DILATIONS = 16 };
    int list[MAX_DILATIONS], n = distinct_dilations(tree, list, MAX_DILATIONS);
    double x = c->width - 24;
    if (n < 2) return;
    for (int i = n; i-- > 0;) {
        x -= wn_canvas_text(c, x, y, 1, 11, wn_color_text, "%d", list[i]) + 14;
        wn_canvas_rectangle(c, x, y - 8.5, 10, 9, dilation_ink(dilation_range(tree), list[i], 1));
        x -= 14;
    }
    wn_canvas_text(c, x, y, 1, 11, wn_color_faint, "dilation");
}
