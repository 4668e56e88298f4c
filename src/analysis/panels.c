/* SPDX-License-Identifier: MIT
 * panels.c - the panels of coverage, paths and energy, the grid and the time axis.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/panels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void draw_heading(const wn_canvas *c, double top, const char *name)
{
    wn_canvas_set_bold(c, 1);
    wn_canvas_text(c, c->left - 32, top + 12, 1, 12.5, wn_color_text, "%s", name);
    wn_canvas_set_bold(c, 0);
}

/* The positions first .. last that a column of one point at x shows; at least one. */
static void column_positions(const wn_canvas *c, double x, int64_t *first, int64_t *last)
{
    *first = (int64_t)ceil(wn_canvas_position(c, x));
    *last = (int64_t)ceil(wn_canvas_position(c, x + 1)) - 1;
    if (*last < *first) *first = *last = (int64_t)floor(wn_canvas_position(c, x + 0.5) + 0.5);
}

/* ---- coverage -------------------------------------------------------------------------------------------------- */

static bool reach_has(const wn_span *s, int64_t position)
{
    return position >= s->first && position < s->first + s->length && s->hit[position - s->first];
}

/* One box per position; pale if it does not reach the output. */
static void draw_coverage_boxes(const wn_canvas *c, const wn_span *s, double top, double bottom)
{
    for (int64_t p = s->first; p < s->first + s->length; p++) {
        double x0 = wn_canvas_x(c, (double)p - 0.5), x1 = wn_canvas_x(c, (double)p + 0.5), gap = x1 - x0 > 6 ? 1 : 0.2;
        wn_color color = reach_has(s, p) ? wn_color_area : wn_color_grid;
        wn_canvas_rectangle(c, x0 + gap, top, x1 - x0 - 2 * gap, bottom - top, color);
    }
}

/* Many positions per column, whose height is the share of them that reaches the output. */
static void draw_coverage_columns(const wn_canvas *c, const wn_span *s, double top, double bottom)
{
    wn_canvas_rectangle(c, c->left, top, c->right - c->left, bottom - top, wn_color_grid);
    wn_canvas_set_color(c, wn_color_area);
    for (double x = c->left; x < c->right; x++) {
        int64_t first, last, hits = 0;
        column_positions(c, x, &first, &last);
        for (int64_t p = first; p <= last; p++) hits += reach_has(s, p);
        double height = (bottom - top) * (double)hits / (double)(last - first + 1);
        cairo_rectangle(c->cr, x, bottom - height, fmin(1, c->right - x), height);
    }
    cairo_fill(c->cr);
}

void wn_panel_coverage(const wn_canvas *c, double top, double bottom)
{
    const wn_span *s = &c->plot->field->reach;
    int64_t covered = wn_span_covered(s);
    draw_heading(c, top, "coverage");
    wn_canvas_text(c, c->width - 24, top + 12, 1, 12, wn_color_text, "%.4g %%", 100 * wn_span_coverage(s));
    if (covered < s->length)
        wn_canvas_text(c, c->width - 24, top + 27, 1, 10.5, wn_color_faint, "%lld of %lld", (long long)covered,
                       (long long)s->length);
    bool boxes = wn_canvas_x(c, (double)s->first + 1) - wn_canvas_x(c, (double)s->first) >= 2;
    (boxes ? draw_coverage_boxes : draw_coverage_columns)(c, s, top, bottom);
}

/* ---- curves ---------------------------------------------------------------------------------------------------- */

/* Height 0 .. 1 of a curve at one position. */
typedef double height_function(const void *data, int64_t position);

/* Draw a filled curve through the largest value of each column. */
static void draw_area(const wn_canvas *c, double top, double bottom, wn_color color, height_function *f,
                      const void *data)
{
    cairo_move_to(c->cr, c->left, bottom);
    for (double x = c->left; x < c->right; x++) {
        int64_t first, last;
        double highest = 0;
        column_positions(c, x, &first, &last);
        for (int64_t p = first; p <= last; p++) highest = fmax(highest, f(data, p));
        cairo_line_to(c->cr, x, bottom - highest * (bottom - top));
        cairo_line_to(c->cr, fmin(x + 1, c->right), bottom - highest * (bottom - top));
    }
    cairo_line_to(c->cr, c->right, bottom);
    cairo_close_path(c->cr);
    wn_canvas_set_color(c, (wn_color){color.r, color.g, color.b, 0.35});
    cairo_fill_preserve(c->cr);
    wn_canvas_set_color(c, color);
    cairo_set_line_width(c->cr, 0.9);
    cairo_stroke(c->cr);
    wn_canvas_line(c, c->left, bottom, c->right, bottom, 0.8, wn_color_line);
}

static double paths_height(const void *data, int64_t position)
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
    draw_heading(c, top, "paths");
    wn_canvas_text(c, c->left - 32, top + 27, 1, 10.5, wn_color_faint, "ways to the output");
    double log2_paths = log2(s.bound) + s.exponent;
    if (log2_paths < 30)
        wn_canvas_text(c, c->width - 24, top + 12, 1, 12, wn_color_text, "at most %.0f", exp2(log2_paths));
    else
        wn_canvas_text(c, c->width - 24, top + 12, 1, 12, wn_color_text, "at most 2^%.1f", log2_paths);
    draw_area(c, top, bottom, wn_color_area, paths_height, &s);
}

/* ---- energy ---------------------------------------------------------------------------------------------------- */

enum { FLOOR_DB = -120 };

typedef struct energy_data {
    const wn_influence *in;
    double highest;
} energy_data;

static double energy_height(const void *data, int64_t position)
{
    const energy_data *e = data;
    int64_t lag = -position;
    if (lag < 0 || lag >= e->in->lags || !(e->in->energy[lag] > 0)) return 0;
    return fmax(0, 1 - 10 * log10(e->in->energy[lag] / e->highest) / FLOOR_DB);
}

static void draw_energy_scale(const wn_canvas *c, double top, double bottom)
{
    for (int db = 0; db > FLOOR_DB; db -= 40) {
        double y = top + (bottom - top) * db / FLOOR_DB;
        wn_canvas_line(c, c->left, y, c->right, y, 0.7, wn_color_grid);
        wn_canvas_text(c, c->right + 6, y + 4, 0, 10.5, wn_color_faint, db ? "\u2212%d dB" : "%d dB", abs(db));
    }
}

/* Mark the number of most recent samples with 50, 90 and 99 % of the energy by lines with labels above the panel. A
 * label that would overlap the one to its right is placed one line lower than that, so no line crosses a label. */
static void draw_energy_shares(const wn_canvas *c, double top, double bottom)
{
    enum { N_SHARES = 3, LABEL_WIDTH = 110 };
    static const char *const shares[N_SHARES] = {"50", "90", "99"};
    const wn_influence *in = c->plot->influence;
    double x[N_SHARES];
    int line[N_SHARES] = {0}; /* from the top one down */
    for (int i = 0; i < N_SHARES; i++) {
        x[i] = wn_canvas_x(c, 0.5 - (double)in->within[i]);
        if (i > 0) line[i] = line[i - 1] + (x[i] > x[i - 1] - LABEL_WIDTH);
    }
    for (int i = 0; i < N_SHARES; i++) {
        double y = top - 6 - 14 * (line[N_SHARES - 1] - line[i]);
        wn_canvas_line(c, x[i], y - 9, x[i], bottom, 1.4, wn_color_accent);
        wn_canvas_text(c, x[i] - 5, y, 1, 11, wn_color_accent, "%s %% within %lld", shares[i],
                       (long long)in->within[i]);
    }
}

void wn_panel_energy(const wn_canvas *c, double top, double bottom)
{
    energy_data e = {.in = c->plot->influence};
    for (int64_t i = 0; i < e.in->lags; i++) e.highest = fmax(e.highest, e.in->energy[i]);
    draw_heading(c, top, "energy");
    wn_canvas_text(c, c->left - 32, top + 27, 1, 10.5, wn_color_faint, "measured");
    draw_energy_scale(c, top, bottom);
    if (!(e.highest > 0)) return;
    draw_area(c, top, bottom, wn_color_area, energy_height, &e);
    draw_energy_shares(c, top, bottom);
}

/* ---- time ------------------------------------------------------------------------------------------------------ */

/* Draw one tick of the axis at x. */
typedef void tick_callback(const wn_canvas *c, double x, double value, double y);

/* The smallest of 1, 2, 5, 10, 20, ... times a power of ten that is at least `minimum`. */
static double round_step(double minimum)
{
    double p = pow(10, floor(log10(minimum)));
    return minimum <= p ? p : minimum <= 2 * p ? 2 * p : minimum <= 5 * p ? 5 * p : 10 * p;
}

/* Draw ticks at round numbers of a unit of `per` samples, counted back from the present, at least `min_spacing` points
 * apart. */
static void each_tick(const wn_canvas *c, double per, double min_spacing, double y, tick_callback *callback)
{
    double zero = c->high - 0.5, value = 0, smallest = per > 1 ? 1 / per : 1e-9;
    for (int guard = 0; guard < 200; guard++) {
        double x = wn_canvas_x(c, zero - value * per);
        if (x < c->left) return;
        callback(c, x, value, y);
        if (x - min_spacing < c->left) return;
        double minimum = (zero - wn_canvas_position(c, x - min_spacing)) / per,
               step = round_step(fmax(minimum - value, smallest));
        if (per == 1) step = fmax(step, 1);
        double next = ceil(minimum / step - 1e-9) * step;
        value = next > value ? next : value + step;
    }
}

static const double MIN_TICK_SPACING = 58;

static void draw_grid_tick(const wn_canvas *c, double x, double value, double y)
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
    each_tick(c, 1, MIN_TICK_SPACING, top, draw_grid_tick);
    wn_canvas_set_color(c, wn_color_grid);
    cairo_set_line_width(c->cr, 0.7);
    cairo_stroke(c->cr);
    cairo_restore(c->cr);
}

static void draw_tick_label(const wn_canvas *c, double x, double value, double y)
{
    wn_canvas_line(c, x, y, x, y + 5, 0.9, wn_color_faint);
    wn_canvas_text(c, x, y + 18, 0.5, 11, wn_color_text, "%s%.6g", value > 0 ? "\u2212" : "", value);
}

void wn_panel_axis(const wn_canvas *c, double y)
{
    bool causal = c->plot->field->causal;
    wn_canvas_line(c, c->left, y, c->right, y, 0.9, wn_color_faint);
    each_tick(c, 1, MIN_TICK_SPACING, y, draw_tick_label);
    wn_canvas_text(c, c->left - 32, y + 18, 1, 11, wn_color_faint, "samples");
    wn_canvas_text(c, c->width - 24, y + 18, 1, 10.5, wn_color_faint, causal ? "0 = now" : "0 = last read");
    if (c->plot->rate <= 0) return;
    wn_canvas_line(c, c->left, y + 30, c->right, y + 30, 0.9, wn_color_faint);
    each_tick(c, c->plot->rate / 1000, MIN_TICK_SPACING, y + 30, draw_tick_label);
    wn_canvas_text(c, c->left - 32, y + 48, 1, 11, wn_color_faint, "ms");
}
