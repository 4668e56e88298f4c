/* SPDX-License-Identifier: MIT
 * feature_plot.c - plot of a sound and its features: waveform, mel bands, pitch.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/feature_plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/canvas.h"
#include "analysis/plot_file.h"

enum { WIDTH = 1280, LEFT = 90, RIGHT = 60, TOP = 84, WAVE = 110, MEL = 300, PITCH = 160, GAP = 22, AXIS = 46 };

/* What the drawing functions share. */
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

static void draw_frame(const sheet *s, double top, double height, const char *name)
{
    const wn_canvas *c = &s->canvas;
    double right = WIDTH - RIGHT, bottom = top + height;
    wn_canvas_line(c, LEFT, top, right, top, 0.6, wn_color_line);
    wn_canvas_line(c, LEFT, bottom, right, bottom, 0.6, wn_color_line);
    wn_canvas_line(c, LEFT, top, LEFT, bottom, 0.6, wn_color_line);
    wn_canvas_line(c, right, top, right, bottom, 0.6, wn_color_line);
    wn_canvas_text(c, LEFT, top - 5, 0, 11, wn_color_faint, "%s", name);
}

/* ---- waveform ----------------------------------------------------------------------------------------------------- */

static float largest_sample(const wn_feature_plot *p)
{
    float peak = 1e-6f;
    for (int64_t t = 0; t < p->samples; t++) peak = fmaxf(peak, fabsf(p->pcm[t]));
    return peak;
}

/* One vertical line per point of the page, from the least to the largest sample. */
static void draw_wave(const sheet *s, double top)
{
    const wn_feature_plot *p = s->plot;
    double middle = top + WAVE / 2.0, scale = WAVE / 2.0 / (double)largest_sample(p);
    int columns = WIDTH - RIGHT - LEFT;
    for (int x = 0; x < columns; x++) {
        int64_t first = p->samples * x / columns, end = p->samples * (x + 1) / columns;
        float low = 1, high = -1;
        for (int64_t t = first; t < end || t == first; t++) {
            low = fminf(low, p->pcm[t]);
            high = fmaxf(high, p->pcm[t]);
        }
        wn_canvas_line(&s->canvas, LEFT + x + 0.5, middle - (double)high * scale - 0.3, LEFT + x + 0.5,
                       middle - (double)low * scale + 0.3, 1, wn_color_area);
    }
    draw_frame(s, top, WAVE, "waveform");
    wn_canvas_text(&s->canvas, LEFT - 6, top + 10, 1, 10, wn_color_faint, "%.2g", (double)largest_sample(p));
    wn_canvas_text(&s->canvas, LEFT - 6, top + WAVE, 1, 10, wn_color_faint, "-%.2g", (double)largest_sample(p));
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
    draw_frame(s, top, MEL, name);
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
    draw_frame(s, s->pitch_top, PITCH, "pitch of voiced rows");
}

/* ---- page --------------------------------------------------------------------------------------------------------- */

/* Marks at 1, 2 or 5 times a power of 10 seconds, at most 14 of them. */
static void draw_axis(const sheet *s)
{
    static const double factors[] = {1, 2, 5};
    double step = 1e-4;
    for (int i = 0; s->seconds / step > 14; i++) step = factors[i % 3] * pow(10, i / 3 - 4);
    for (int i = 0; i * step <= s->seconds; i++) {
        double x = time_x(s, i * step);
        wn_canvas_line(&s->canvas, x, s->bottom, x, s->bottom + 5, 0.8, wn_color_faint);
        wn_canvas_text(&s->canvas, x, s->bottom + 18, 0.5, 11, wn_color_faint, "%g", i * step);
    }
    wn_canvas_text(&s->canvas, WIDTH - RIGHT, s->bottom + 36, 1, 11, wn_color_faint, "seconds");
}

static void draw_page(cairo_t *cr, const void *user)
{
    const wn_feature_plot *p = user;
    const wn_analysis_config *c = p->config;
    sheet s = {.canvas = {.cr = cr}, .plot = p, .channels = wn_analysis_config_get_channels(c)};
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
    draw_wave(&s, TOP);
    draw_mel(&s, s.mel_top);
    if (s.pitch_top > 0) draw_pitch(&s);
    draw_axis(&s);
}

wn_status wn_feature_plot_write(const char *path, const wn_feature_plot *plot, wn_error *error)
{
    return wn_plot_file_write(path, WIDTH, page_height(plot->config), draw_page, plot, error);
}
