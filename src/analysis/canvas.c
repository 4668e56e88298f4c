/* SPDX-License-Identifier: MIT
 * canvas.c - drawing helpers over cairo.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/canvas.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const wn_color wn_color_text = {0.13, 0.14, 0.17, 1}, wn_color_faint = {0.44, 0.46, 0.50, 1},
               wn_color_line = {0.72, 0.74, 0.77, 1}, wn_color_grid = {0.90, 0.91, 0.93, 1},
               wn_color_accent = {0.84, 0.37, 0.00, 1}, wn_color_area = {0.30, 0.45, 0.60, 1};

/* The stops rise evenly in lightness, from dark violet over teal to green; all are readable on white. */
wn_color wn_color_sequence(double share, double alpha)
{
    static const double stops[][3] = {{0.27, 0.05, 0.36}, {0.28, 0.24, 0.55}, {0.19, 0.41, 0.56},
                                      {0.13, 0.57, 0.55}, {0.21, 0.71, 0.47}, {0.50, 0.74, 0.15}};
    enum { LAST = sizeof stops / sizeof *stops - 1 };
    double at = fmin(fmax(share, 0), 1) * LAST;
    int i = at >= LAST ? LAST - 1 : (int)at;
    double f = at - i;
    return (wn_color){stops[i][0] + f * (stops[i + 1][0] - stops[i][0]),
                      stops[i][1] + f * (stops[i + 1][1] - stops[i][1]),
                      stops[i][2] + f * (stops[i + 1][2] - stops[i][2]), alpha};
}

/* Distance on the time axis of a lag in samples. */
static double axis_distance(const wn_canvas *c, double lag)
{
    return c->linear_samples > 0 ? log1p(lag / c->linear_samples) : lag;
}

double wn_canvas_x(const wn_canvas *c, double position)
{
    return c->right - (c->right - c->left) * axis_distance(c, c->high - position) / axis_distance(c, c->high - c->low);
}

double wn_canvas_position(const wn_canvas *c, double x)
{
    double y = (c->right - x) / (c->right - c->left) * axis_distance(c, c->high - c->low);
    return c->high - (c->linear_samples > 0 ? c->linear_samples * expm1(y) : y);
}

void wn_canvas_set_color(const wn_canvas *c, wn_color color)
{
    cairo_set_source_rgba(c->cr, color.r, color.g, color.b, color.a);
}

void wn_canvas_line(const wn_canvas *c, double x0, double y0, double x1, double y1, double width, wn_color color)
{
    wn_canvas_set_color(c, color);
    cairo_set_line_width(c->cr, width);
    cairo_move_to(c->cr, x0, y0);
    cairo_line_to(c->cr, x1, y1);
    cairo_stroke(c->cr);
}

void wn_canvas_rectangle(const wn_canvas *c, double x, double y, double width, double height, wn_color color)
{
    wn_canvas_set_color(c, color);
    cairo_rectangle(c->cr, x, y, width, height);
    cairo_fill(c->cr);
}

/* Replace bytes that are not valid UTF-8, and control characters, by '?': cairo refuses them. */
static void sanitize_text(char *text)
{
    for (unsigned char *p = (unsigned char *)text; *p;) {
        int n_continuation = *p < 0x80 ? 0 : *p >= 0xf0 ? 3 : *p >= 0xe0 ? 2 : *p >= 0xc0 ? 1 : -1;
        bool ok = n_continuation >= 0 && *p >= 0x20 && *p != 0x7f;
        for (int i = 1; ok && i <= n_continuation; i++) ok = (p[i] & 0xc0) == 0x80;
        if (!ok) *p = '?', n_continuation = 0;
        p += n_continuation + 1;
    }
}

double wn_canvas_text(const wn_canvas *c, double x, double y, double align, double size, wn_color color,
                      const char *format, ...)
{
    char text[512];
    cairo_text_extents_t e;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    sanitize_text(text);
    cairo_set_font_size(c->cr, size);
    cairo_text_extents(c->cr, text, &e);
    wn_canvas_set_color(c, color);
    cairo_move_to(c->cr, x - align * e.x_advance, y);
    cairo_show_text(c->cr, text);
    return e.x_advance;
}

void wn_canvas_set_bold(const wn_canvas *c, bool bold)
{
    cairo_select_font_face(c->cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
}
