/* SPDX-License-Identifier: MIT
 * plot.c - page layout and file output of a receptive-field plot.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/panel_tree.h"
#include "analysis/panels.h"
#include "analysis/plot_file.h"
#include "base/file.h"
#include "model/model.h"

/* Vertical layout of the page, in points from the top. */
typedef struct page {
    double tree_top, tree_bottom;
    double coverage, paths, energy; /* tops of the panels; energy 0: no such panel */
    double axis, height;
} page;

enum { WIDTH = 1280, LEFT = 190, RIGHT = 130, COVERAGE = 32, PATHS = 96, ENERGY = 150, GAP = 26, SHARE_LABELS = 58 };

/* Up to 80 layers, every row is high enough for a label; beyond that the rows share 1200 points. */
static page page_layout(const wn_plot *plot)
{
    int n = plot->field->n_rows;
    double pitch = fmin(64, fmax(420.0 / n, 15));
    if (n > 80) pitch = 1200.0 / n;
    page p = {.tree_top = 128};
    p.tree_bottom = p.tree_top + pitch * n;
    p.coverage = p.tree_bottom + GAP;
    p.paths = p.coverage + COVERAGE + GAP;
    p.axis = p.paths + PATHS + 10;
    if (plot->influence) {
        p.energy = p.paths + PATHS + SHARE_LABELS;
        p.axis = p.energy + ENERGY + 10;
    }
    p.height = p.axis + (plot->rate > 0 ? 66 : 36);
    return p;
}

/* A long causal field gets a logarithmic axis, so that the present stays legible. The margin is half a position on each
 * side. */
static void set_axis(wn_canvas *c, const wn_tree *tree)
{
    double length = tree->high - tree->low + 1;
    c->low = tree->low - 0.5;
    c->high = tree->high + 0.5;
    c->linear_samples = c->plot->field->causal && length > 600 ? length / 20 : 0;
    c->in_series = tree->levels[0].length == c->plot->field->receptive_field;
}

static void format_samples(char *text, size_t size, const wn_plot *plot, int64_t samples)
{
    int used = snprintf(text, size, "%lld samples", (long long)samples);
    if (plot->rate > 0)
        snprintf(text + used, size - (size_t)used, " = %.4g ms at %g Hz", 1000 * (double)samples / plot->rate,
                 plot->rate);
}

/* Copy the title, truncated between words if it does not fit. */
static void truncate_title(char *title, size_t size, const char *text)
{
    snprintf(title, size, "%s", text);
    if (strlen(text) < size) return;
    size_t n = size - 5;
    while (n > size / 2 && title[n] != ' ' && title[n] != ',') n--;
    snprintf(title + n, size - n, " ...");
}

static void draw_title(const wn_canvas *c)
{
    const wn_field *f = c->plot->field;
    char field[96], title[96];
    format_samples(field, sizeof field, c->plot, f->receptive_field);
    truncate_title(title, sizeof title, c->plot->title);
    wn_canvas_set_bold(c, 1);
    wn_canvas_text(c, 24, 40, 0, 20, wn_color_text, "%s", title);
    wn_canvas_set_bold(c, 0);
    wn_canvas_text(c, 24, 64, 0, 13.5, wn_color_text, "Receptive field %s, %d layer%s", field, f->n_rows,
                   f->n_rows == 1 ? "" : "s");
    const char *note = !c->in_series
                           ? "layers are drawn in series; the network's connections around them reach less than that"
                       : c->linear_samples > 0 ? "logarithmic time axis; rows show what the last output depends on"
                                               : "";
    wn_canvas_text(c, 24, 84, 0, 11, wn_color_faint, "%s", note);
}

static void draw_page(wn_canvas *c, const page *p, const wn_tree *tree)
{
    wn_canvas_rectangle(c, 0, 0, c->width, c->height, (wn_color){1, 1, 1, 1});
    wn_canvas_set_bold(c, 0);
    wn_panel_grid(c, p->tree_top, p->axis);
    draw_title(c);
    wn_panel_legend(c, tree, 64);
    wn_panel_tree(c, tree, p->tree_top, p->tree_bottom);
    wn_panel_coverage(c, p->coverage, p->coverage + COVERAGE);
    wn_panel_paths(c, p->paths, p->paths + PATHS);
    if (p->energy > 0) wn_panel_energy(c, p->energy, p->energy + ENERGY);
    wn_panel_axis(c, p->axis);
}

/* ---- file ------------------------------------------------------------------------------------------------------ */

wn_status wn_plot_check_name(const char *path, wn_error *error)
{
    if (wn_file_has_ending(path, ".png") || wn_file_has_ending(path, ".svg")) return WN_OK;
    return wn_fail(error, WN_ERROR_ARGUMENT, path, "a plot is a .png or .svg file");
}

/* A plot with what is computed for it. */
typedef struct drawing {
    const wn_plot *plot;
    const wn_tree *tree;
    page page;
} drawing;

static void draw_field(cairo_t *cr, const void *user)
{
    const drawing *d = user;
    wn_canvas c = {
        .cr = cr, .plot = d->plot, .width = WIDTH, .height = d->page.height, .left = LEFT, .right = WIDTH - RIGHT};
    set_axis(&c, d->tree);
    draw_page(&c, &d->page, d->tree);
}

static wn_status write_tree(const char *path, const wn_plot *plot, const wn_tree *tree, wn_error *error)
{
    drawing d = {plot, tree, page_layout(plot)};
    return wn_plot_file_write(path, WIDTH, d.page.height, draw_field, &d, error);
}

wn_status wn_plot_write(const char *path, const wn_plot *plot, wn_error *error)
{
    wn_tree tree;
    if (plot->field->has_branches)
        return wn_fail(
            error, WN_ERROR_UNSUPPORTED, path,
            "a plot has one row of positions per layer in series, and branches have none in common; draw each "
            "branch by a list of its own");
    wn_status status = wn_tree_make(&tree, plot->field, error);
    if (!status) status = write_tree(path, plot, &tree, error);
    wn_tree_free(&tree);
    return status;
}
