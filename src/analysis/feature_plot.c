/* SPDX-License-Identifier: MIT
 * feature_plot.c - plot of a sound and its features: waveform, mel bands, pitch.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/feature_plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/canvas.h"
#include "analysis/panel_wave.h"
#include "analysis/plot_file.h"

enum { WIDTH = 1280, LEFT = 90, RIGHT = 60, TOP = 84, WAVE = 110, MEL = 300, PITCH = 160, GAP = 22, AXIS = 46 };

/* The state that the drawing functions share. */
typedef struct sheet {
    wn_canvas canvas;
    const wn_feature_plot *plot;
    int channels;
    double seconds;
    double mel_top, pitch_top, bottom; /* points; pitch_top 0: no such panel */
} sheet;

static double time_x(const sheet *s, double seconds) { return LEFT + (WIDTH - RIGHT - LEFT) * seconds / s->seconds; }

static bool has_pitch(const wn_analysis_config *c) { return c->pitch.high > 0; }

static double page_height(const wn_analysis_config *c)
{
    return TOP + WAVE + GAP + MEL + (has_pitch(c) ? GAP + PITCH : 0) + AXIS;
}

/* ---- mel bands ---------------------------------------------------------------------------------------------------- */

static void find_range(const sheet *s, float *low, float *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (int64_t t = 0; t < s->plot->n_rows; t++)
        for (int b = 0; b < s->plot->config->bands; b++) {
            float x = s->plot->rows[t * s->channels + b];
            *low = fminf(*low, x);
            *high = fmaxf(*high, x);
        }
}

/* Mean of band b over the rows of column x of `columns`. */
static float mean_of(const sheet *s, int x, int columns, int b)
{
    int64_t n = s->plot->n_rows, first = n * x / columns, end = n * (x + 1) / columns;
    if (end <= first) end = first + 1;
    float sum = 0;
    for (int64_t t = first; t < end; t++) sum += s->plot->rows[t * s->channels + b];
    return sum / (float)(end - first);
}

static uint32_t pixel_of(double share)
{
    wn_color c = wn_color_sequence(share, 1);
    return (uint32_t)lround(c.r * 255) << 16 | (uint32_t)lround(c.g * 255) << 8 | (uint32_t)lround(c.b * 255);
}

/* An image with one pixel per band and column, the lowest band at the bottom. */
static cairo_surface_t *make_image(const sheet *s, int columns)
{
    int bands = s->plot->config->bands;
    cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, columns, bands);
    unsigned char *data = cairo_image_surface_get_data(image);
    if (!data) return image;
    int stride = cairo_image_surface_get_stride(image);
    float low, high;
    find_range(s, &low, &high);
    for (int b = 0; b < bands; b++)
        for (int x = 0; x < columns; x++) {
            float share = high > low ? (mean_of(s, x, columns, b) - low) / (high - low) : 0;
            uint32_t pixel = pixel_of((double)share);
            memcpy(data + (size_t)(bands - 1 - b) * (size_t)stride + (size_t)x * sizeof pixel, &pixel, sizeof pixel);
        }
    cairo_surface_mark_dirty(image);
    return image;
}

static void draw_mel(const sheet *s, double top)
{
    cairo_t *cr = s->canvas.cr;
    const wn_analysis_config *c = s->plot->config;
    double width = WIDTH - RIGHT - LEFT;
    int columns = s->plot->n_rows < 2 * (int64_t)width ? (int)s->plot->n_rows : 2 * (int)width;
    cairo_surface_t *image = make_image(s, columns);
    float low, high;
    find_range(s, &low, &high);
    cairo_save(cr);
    cairo_translate(cr, LEFT, top);
    cairo_scale(cr, width / columns, (double)MEL / c->bands);
    cairo_set_source_surface(cr, image, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_NEAREST);
    cairo_rectangle(cr, 0, 0, columns, c->bands);
    cairo_fill(cr);
    cairo_restore(cr);
    cairo_surface_destroy(image);
    char name[96];
    snprintf(name, sizeof name, "%d mel bands, %.3g (dark) to %.3g (light)", c->bands, (double)low, (double)high);
    wn_panel_frame(&s->canvas, top, MEL, name);
    wn_canvas_text(&s->canvas, LEFT - 6, top + 10, 1, 10, wn_color_faint, "%g Hz", c->high);
    wn_canvas_text(&s->canvas, LEFT - 6, top + MEL, 1, 10, wn_color_faint, "%g Hz", c->low);
}

/* ---- pitch -------------------------------------------------------------------------------------------------------- */

/* A logarithmic axis from the lowest to the highest pitch. */
static double pitch_y(const sheet *s, double hz)
{
    const wn_analysis_config *c = s->plot->config;
    return s->pitch_top + PITCH * (1 - log(hz / c->pitch.low) / log(c->pitch.high / c->pitch.low));
}

static void draw_pitch(const sheet *s)
{
    static const double marks[] = {50, 100, 200, 400, 800, 1600};
    const wn_analysis_config *c = s->plot->config;
    double step = c->hop / c->sample_rate, size = fmax(1.2, time_x(s, step) - time_x(s, 0));
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (marks[i] < c->pitch.low || marks[i] > c->pitch.high) continue;
        wn_canvas_line(&s->canvas, LEFT, pitch_y(s, marks[i]), WIDTH - RIGHT, pitch_y(s, marks[i]), 0.6, wn_color_grid);
        wn_canvas_text(&s->canvas, LEFT - 6, pitch_y(s, marks[i]) + 4, 1, 10, wn_color_faint, "%g Hz", marks[i]);
    }
    for (int64_t t = 0; t < s->plot->n_rows; t++) {
        const float *row = s->plot->rows + t * s->channels + c->bands;
        if (!(row[0] > 0)) continue;
        double y = pitch_y(s, c->pitch.reference * exp2((double)row[1]));
        wn_canvas_rectangle(&s->canvas, time_x(s, (double)t * step), y - 1, size, 2, wn_color_accent);
    }
    wn_panel_frame(&s->canvas, s->pitch_top, PITCH, "pitch of voiced rows");
}

/* ---- page --------------------------------------------------------------------------------------------------------- */

static void draw_page(cairo_t *cr, const void *user)
{
    const wn_feature_plot *p = user;
    const wn_analysis_config *c = p->config;
    sheet s = {.canvas = {.cr = cr, .left = LEFT, .right = WIDTH - RIGHT},
               .plot = p,
               .channels = wn_analysis_config_get_channels(c)};
    s.seconds = (double)p->samples / c->sample_rate;
    s.mel_top = TOP + WAVE + GAP;
    s.pitch_top = has_pitch(c) ? s.mel_top + MEL + GAP : 0;
    s.bottom = has_pitch(c) ? s.pitch_top + PITCH : s.mel_top + MEL;
    wn_canvas_rectangle(&s.canvas, 0, 0, WIDTH, page_height(c), (wn_color){1, 1, 1, 1});
    wn_canvas_set_bold(&s.canvas, true);
    wn_canvas_text(&s.canvas, 24, 34, 0, 18, wn_color_text, "%s", p->title);
    wn_canvas_set_bold(&s.canvas, false);
    wn_canvas_text(&s.canvas, 24, 55, 0, 12, wn_color_faint, "%lld rows, one per %d samples at %g Hz",
                   (long long)p->n_rows, c->hop, c->sample_rate);
    wn_panel_wave(&s.canvas, TOP, WAVE, p->pcm, p->samples, wn_panel_peak(p->pcm, p->samples), "waveform");
    draw_mel(&s, s.mel_top);
    if (s.pitch_top > 0) draw_pitch(&s);
    wn_panel_seconds(&s.canvas, s.bottom, 0, s.seconds);
}

wn_status wn_feature_plot_write(const char *path, const wn_feature_plot *plot, wn_error *error)
{
    return wn_plot_file_write(path, WIDTH, page_height(plot->config), draw_page, plot, error);
}
