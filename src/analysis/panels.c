/* SPDX-License-Identifier: MIT
 * panels.c - coverage, paths, energy and the time axis.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/panels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void heading(const wn_canvas *c, double top, const char *name)
{
    wn_canvas_bold(c, 1);
    wn_canvas_text(c, c->left - 32, top + 12, 1, 12.5, wn_ink_text, "%s", name);
    wn_canvas_bold(c, 0);
}

/* Positions first .. last (in samples) that the point column starting at x shows; at least one. */
static void column(const wn_canvas *c, double x, int64_t *first, int64_t *last)
{
    *first = (int64_t)ceil(wn_canvas_position(c, x));
    *last = (int64_t)ceil(wn_canvas_position(c, x + 1)) - 1;
    if (*last < *first) *first = *last = (int64_t)floor(wn_canvas_position(c, x + 0.5) + 0.5);
}

/* ---- coverage ---------------------------------------------------------------------------------------------------- */

static bool reaches(const wn_span *s, int64_t position)
{
    return position >= s->first && position < s->first + s->length && s->hit[position - s->first];
}

/* One box a position: filled, or outlined where nothing reaches the output. */
static void coverage_boxes(const wn_canvas *c, const wn_span *s, double top, double bottom)
{
    for (int64_t p = s->first; p < s->first + s->length; p++) {
        double x0 = wn_canvas_x(c, (double)p - 0.5), x1 = wn_canvas_x(c, (double)p + 0.5), gap = x1 - x0 > 6 ? 1 : 0.2;
        wn_ink ink = reaches(s, p) ? wn_ink_area : wn_ink_grid;
        wn_canvas_box(c, x0 + gap, top, x1 - x0 - 2 * gap, bottom - top, ink);
    }
}

/* Many positions a column: its height is the share that reaches the output. */
static void coverage_columns(const wn_canvas *c, const wn_span *s, double top, double bottom)
{
    wn_canvas_box(c, c->left, top, c->right - c->left, bottom - top, wn_ink_grid);
    wn_canvas_ink(c, wn_ink_area);
    for (double x = c->left; x < c->right; x++) {
        int64_t first, last, hits = 0;
        column(c, x, &first, &last);
        for (int64_t p = first; p <= last; p++) hits += reaches(s, p);
        double height = (bottom - top) * (double)hits / (double)(last - first + 1);
        cairo_rectangle(c->cr, x, bottom - height, fmin(1, c->right - x), height);
    }
    cairo_fill(c->cr);
}

void wn_panel_coverage(const wn_canvas *c, double top, double bottom)
{
    const wn_span *s = &c->plot->field->reach;
    int64_t covered = wn_span_covered(s);
    heading(c, top, "coverage");
    wn_canvas_text(c, c->width - 24, top + 12, 1, 12, wn_ink_text, "%.4g %%", 100 * wn_span_coverage(s));
    if (covered < s->length)
        wn_canvas_text(c, c->width - 24, top + 27, 1, 10.5, wn_ink_faint, "%lld of %lld", (long long)covered,
                       (long long)s->length);
    bool boxes = wn_canvas_x(c, (double)s->first + 1) - wn_canvas_x(c, (double)s->first) >= 2;
    (boxes ? coverage_boxes : coverage_columns)(c, s, top, bottom);
}

/* ---- curves ------------------------------------------------------------------------------------------------------ */

/* A height 0..1 for one position. */
typedef double curve(const void *data, int64_t position);

/* Filled area under the largest value of each column. */
static void area(const wn_canvas *c, double top, double bottom, wn_ink ink, curve *f, const void *data)
{
    cairo_move_to(c->cr, c->left, bottom);
    for (double x = c->left; x < c->right; x++) {
        int64_t first, last;
        double most = 0;
        column(c, x, &first, &last);
        for (int64_t p = first; p <= last; p++) most = fmax(most, f(data, p));
        cairo_line_to(c->cr, x, bottom - most * (bottom - top));
        cairo_line_to(c->cr, fmin(x + 1, c->right), bottom - most * (bottom - top));
    }
    cairo_line_to(c->cr, c->right, bottom);
    cairo_close_path(c->cr);
    wn_canvas_ink(c, (wn_ink){ink.r, ink.g, ink.b, 0.35});
    cairo_fill_preserve(c->cr);
    wn_canvas_ink(c, ink);
    cairo_set_line_width(c->cr, 0.9);
    cairo_stroke(c->cr);
    wn_canvas_rule(c, c->left, bottom, c->right, bottom, 0.8, wn_ink_line);
}

static double paths_at(const void *data, int64_t position)
{
    const wn_span *s = data;
    int64_t i = position - s->first;
    return i >= 0 && i < s->length ? s->paths[i] / s->bound : 0;
}

void wn_panel_paths(const wn_canvas *c, double top, double bottom)
{
    wn_span s = c->plot->field->reach;
    s.bound = 0;
    for (int64_t i = 0; i < s.length; i++) s.bound = fmax(s.bound, s.paths[i]);
    heading(c, top, "paths");
    wn_canvas_text(c, c->left - 32, top + 27, 1, 10.5, wn_ink_faint, "ways to the output");
    double most = log2(s.bound) + s.exponent;
    if (most < 30)
        wn_canvas_text(c, c->width - 24, top + 12, 1, 12, wn_ink_text, "at most %.0f", exp2(most));
    else
        wn_canvas_text(c, c->width - 24, top + 12, 1, 12, wn_ink_text, "at most 2^%.1f", most);
    area(c, top, bottom, wn_ink_area, paths_at, &s);
}

/* ---- energy ------------------------------------------------------------------------------------------------------ */

enum { FLOOR_DB = -120 };

typedef struct energy_curve {
    const wn_influence *in;
    double most;
} energy_curve;

static double energy_at(const void *data, int64_t position)
{
    const energy_curve *e = data;
    int64_t lag = -position;
    if (lag < 0 || lag >= e->in->lags || !(e->in->energy[lag] > 0)) return 0;
    return fmax(0, 1 - 10 * log10(e->in->energy[lag] / e->most) / FLOOR_DB);
}

static void energy_scale(const wn_canvas *c, double top, double bottom)
{
    for (int db = 0; db > FLOOR_DB; db -= 40) {
        double y = top + (bottom - top) * db / FLOOR_DB;
        wn_canvas_rule(c, c->left, y, c->right, y, 0.7, wn_ink_grid);
        wn_canvas_text(c, c->right + 6, y + 4, 0, 10.5, wn_ink_faint, db ? "\u2212%d dB" : "%d dB", abs(db));
    }
}

/* How many of the most recent samples hold a share of the energy: lines, with words above the panel. A label that
 * would run into the one to its right goes a line lower than that, so that no line crosses words. */
static void energy_marks(const wn_canvas *c, double top, double bottom)
{
    enum { MARKS = 3, WORDS = 110 };
    static const char *const shares[MARKS] = {"50", "90", "99"};
    const wn_influence *in = c->plot->influence;
    double x[MARKS];
    int line[MARKS] = {0}; /* from the top one down */
    for (int i = 0; i < MARKS; i++) {
        x[i] = wn_canvas_x(c, 0.5 - (double)in->within[i]);
        if (i > 0) line[i] = line[i - 1] + (x[i] > x[i - 1] - WORDS);
    }
    for (int i = 0; i < MARKS; i++) {
        double y = top - 6 - 14 * (line[MARKS - 1] - line[i]);
        wn_canvas_rule(c, x[i], y - 9, x[i], bottom, 1.4, wn_ink_accent);
        wn_canvas_text(c, x[i] - 5, y, 1, 11, wn_ink_accent, "%s %% within %lld", shares[i], (long long)in->within[i]);
    }
}

void wn_panel_energy(const wn_canvas *c, double top, double bottom)
{
    energy_curve e = {.in = c->plot->influence};
    for (int64_t i = 0; i < e.in->lags; i++) e.most = fmax(e.most, e.in->energy[i]);
    heading(c, top, "energy");
    wn_canvas_text(c, c->left - 32, top + 27, 1, 10.5, wn_ink_faint, "measured");
    energy_scale(c, top, bottom);
    if (!(e.most > 0)) return;
    area(c, top, bottom, wn_ink_area, energy_at, &e);
    energy_marks(c, top, bottom);
}

/* ---- time -------------------------------------------------------------------------------------------------------- */

/* Calls `mark` at round numbers of a unit of `per` samples, counted back from `zero`, as many as there is room for. */
typedef void tick(const wn_canvas *c, double x, double value, double y);

static double round_step(double least)
{
    double p = pow(10, floor(log10(least)));
    return least <= p ? p : least <= 2 * p ? 2 * p : least <= 5 * p ? 5 * p : 10 * p;
}

/* Each tick is a round number at least `room` points beyond the one before. */
static void for_ticks(const wn_canvas *c, double per, double room, double y, tick *mark)
{
    double zero = c->high - 0.5, value = 0, smallest = per > 1 ? 1 / per : 1e-9;
    for (int guard = 0; guard < 200; guard++) {
        double x = wn_canvas_x(c, zero - value * per);
        if (x < c->left) return;
        mark(c, x, value, y);
        if (x - room < c->left) return;
        double least = (zero - wn_canvas_position(c, x - room)) / per, step = round_step(fmax(least - value, smallest));
        if (per == 1) step = fmax(step, 1);
        double next = ceil(least / step - 1e-9) * step;
        value = next > value ? next : value + step;
    }
}

static const double TICK_ROOM = 58;

static void tick_grid(const wn_canvas *c, double x, double value, double y)
{
    (void)value;
    cairo_move_to(c->cr, x, y);
    cairo_line_to(c->cr, x, c->height);
}

void wn_panel_grid(const wn_canvas *c, double top, double bottom)
{
    cairo_save(c->cr);
    cairo_rectangle(c->cr, c->left - 4, top, c->right - c->left + 8, bottom - top);
    cairo_clip(c->cr);
    for_ticks(c, 1, TICK_ROOM, top, tick_grid);
    wn_canvas_ink(c, wn_ink_grid);
    cairo_set_line_width(c->cr, 0.7);
    cairo_stroke(c->cr);
    cairo_restore(c->cr);
}

static void tick_label(const wn_canvas *c, double x, double value, double y)
{
    wn_canvas_rule(c, x, y, x, y + 5, 0.9, wn_ink_faint);
    wn_canvas_text(c, x, y + 18, 0.5, 11, wn_ink_text, "%s%.6g", value > 0 ? "\u2212" : "", value);
}

void wn_panel_axis(const wn_canvas *c, double y)
{
    bool causal = c->plot->field->causal;
    wn_canvas_rule(c, c->left, y, c->right, y, 0.9, wn_ink_faint);
    for_ticks(c, 1, TICK_ROOM, y, tick_label);
    wn_canvas_text(c, c->left - 32, y + 18, 1, 11, wn_ink_faint, "samples");
    wn_canvas_text(c, c->width - 24, y + 18, 1, 10.5, wn_ink_faint, causal ? "0 = now" : "0 = last read");
    if (c->plot->rate <= 0) return;
    wn_canvas_rule(c, c->left, y + 30, c->right, y + 30, 0.9, wn_ink_faint);
    for_ticks(c, c->plot->rate / 1000, TICK_ROOM, y + 30, tick_label);
    wn_canvas_text(c, c->left - 32, y + 48, 1, 11, wn_ink_faint, "ms");
}
