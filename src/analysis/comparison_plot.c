/* SPDX-License-Identifier: MIT
 * comparison_plot.c - plot of a recording beside what a model made: waveforms, the loudest moment, spectra.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/comparison_plot.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/fft.h"
#include "analysis/panel_wave.h"
#include "analysis/plot_file.h"
#include "base/error.h"

enum { WIDTH = 1280, LEFT = 90, RIGHT = 60, TOP = 96, WAVE = 90, GAP = 24, AXIS = 62, CLOSE_UP = 200, SPECTRUM = 300 };
enum { HEIGHT = TOP + 3 * (WAVE + GAP) - GAP + AXIS + CLOSE_UP + AXIS + SPECTRUM + AXIS };
enum { WINDOW = 8192, COLUMNS = WIDTH - RIGHT - LEFT };
#define CLOSE_UP_SECONDS 0.02
#define LOWEST_HZ 20.0
#define RANGE_DB 100.0

static const wn_color error_color = {0.75, 0.10, 0.35, 1};

/* What is drawn, with what is computed for it. */
typedef struct page {
    const wn_comparison_plot *plot;
    float *error;        /* [frames] recording - model */
    double *power[3];    /* [WINDOW / 2 + 1] of recording, model and error */
    int64_t close_up, n; /* the loudest moment: first frame and frames */
} page;

/* ---- what is computed ---------------------------------------------------------------------------------------------- */

/* Mean power spectrum of x in windows that overlap by half (Welch, 1967); a short sound is padded with silence. */
static void find_power(double *power, wn_fft *fft, const float *x, int64_t frames)
{
    const double pi = 3.14159265358979323846;
    int64_t windows = 0;
    for (int64_t at = 0; at == 0 || at + WINDOW <= frames; at += WINDOW / 2, windows++) {
        for (int i = 0; i < WINDOW; i++)
            fft->time[i] = at + i < frames ? (double)x[at + i] * (0.5 - 0.5 * cos(2 * pi * i / WINDOW)) : 0;
        wn_fft_forward(fft);
        for (int k = 0; k <= WINDOW / 2; k++) {
            double re = creal(fft->spectrum[k]), im = cimag(fft->spectrum[k]);
            power[k] += re * re + im * im;
        }
    }
    for (int k = 0; k <= WINDOW / 2; k++) power[k] /= (double)windows;
}

static void find_close_up(page *p)
{
    const wn_comparison_plot *plot = p->plot;
    int64_t loudest = 0;
    for (int64_t t = 1; t < plot->frames; t++)
        if (fabsf(plot->recording[t]) > fabsf(plot->recording[loudest])) loudest = t;
    p->n = (int64_t)(CLOSE_UP_SECONDS * plot->rate);
    if (p->n > plot->frames) p->n = plot->frames;
    if (p->n < 2) p->n = plot->frames < 2 ? 1 : 2;
    p->close_up = loudest - p->n / 2;
    if (p->close_up > plot->frames - p->n) p->close_up = plot->frames - p->n;
    if (p->close_up < 0) p->close_up = 0;
}

static wn_status page_compute(page *p, wn_error *error)
{
    const wn_comparison_plot *plot = p->plot;
    wn_fft fft = {0};
    p->error = malloc((size_t)plot->frames * sizeof *p->error);
    bool ok = p->error != NULL;
    for (int i = 0; i < 3; i++) ok = (p->power[i] = calloc(WINDOW / 2 + 1, sizeof *p->power[i])) != NULL && ok;
    if (!ok || !wn_fft_open(&fft, WINDOW)) return wn_fail_memory(error, "plot");
    for (int64_t t = 0; t < plot->frames; t++) p->error[t] = plot->recording[t] - plot->model[t];
    const float *const sounds[3] = {plot->recording, plot->model, p->error};
    for (int i = 0; i < 3; i++) find_power(p->power[i], &fft, sounds[i], plot->frames);
    wn_fft_close(&fft);
    find_close_up(p);
    return WN_OK;
}

static void page_free(page *p)
{
    free(p->error);
    for (int i = 0; i < 3; i++) free(p->power[i]);
}

/* ---- the loudest moment -------------------------------------------------------------------------------------------- */

static void draw_curve(const wn_canvas *c, const page *p, double top, const float *x, float peak, wn_color color)
{
    double middle = top + CLOSE_UP / 2.0, scale = CLOSE_UP / 2.0 / (double)peak;
    wn_canvas_set_color(c, color);
    cairo_set_line_width(c->cr, 1.4);
    cairo_new_path(c->cr);
    for (int64_t t = 0; t < p->n; t++) {
        double share = p->n > 1 ? (double)t / (double)(p->n - 1) : 0.5;
        cairo_line_to(c->cr, c->left + (c->right - c->left) * share, middle - scale * (double)x[p->close_up + t]);
    }
    cairo_stroke(c->cr);
}

static void draw_close_up(const wn_canvas *c, const page *p, double top, float peak)
{
    const wn_comparison_plot *plot = p->plot;
    cairo_save(c->cr);
    cairo_rectangle(c->cr, c->left, top, c->right - c->left, CLOSE_UP);
    cairo_clip(c->cr);
    draw_curve(c, p, top, p->error, peak, error_color);
    draw_curve(c, p, top, plot->recording, peak, wn_color_area);
    draw_curve(c, p, top, plot->model, peak, wn_color_accent);
    cairo_restore(c->cr);
    wn_panel_frame(c, top, CLOSE_UP, "the loudest moment: recording (blue), model (orange), error (red)");
    wn_panel_seconds(c, top + CLOSE_UP, (double)p->close_up / plot->rate, (double)p->n / plot->rate);
}

/* ---- spectra ------------------------------------------------------------------------------------------------------- */

/* Power around column x of a logarithmic axis from LOWEST_HZ to half the rate: the mean of its bins. */
static double column_power(const page *p, const double *power, int x)
{
    double octaves = log2(p->plot->rate / 2 / LOWEST_HZ), hz = p->plot->rate / WINDOW, sum = 0;
    int first = (int)lround(LOWEST_HZ * exp2(octaves * x / COLUMNS) / hz);
    int last = (int)lround(LOWEST_HZ * exp2(octaves * (x + 1) / COLUMNS) / hz);
    if (last > WINDOW / 2) last = WINDOW / 2;
    if (first > last) first = last;
    for (int k = first; k <= last; k++) sum += power[k];
    return sum / (last - first + 1);
}

static void draw_spectrum(const wn_canvas *c, const page *p, const double *power, double most, double top,
                          wn_color color)
{
    wn_canvas_set_color(c, color);
    cairo_set_line_width(c->cr, 1.2);
    cairo_new_path(c->cr);
    for (int x = 0; x < COLUMNS; x++) {
        double db = 10 * log10(column_power(p, power, x) / most + 1e-20);
        cairo_line_to(c->cr, c->left + x + 0.5, top + SPECTRUM * fmin(1, -db / RANGE_DB));
    }
    cairo_stroke(c->cr);
}

static void draw_spectrum_grid(const wn_canvas *c, const page *p, double top)
{
    static const double marks[] = {20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000};
    double octaves = log2(p->plot->rate / 2 / LOWEST_HZ);
    for (int db = 0; db <= (int)RANGE_DB; db += 20) {
        double y = top + SPECTRUM * db / RANGE_DB;
        wn_canvas_line(c, c->left, y, c->right, y, 0.6, wn_color_grid);
        wn_canvas_text(c, c->left - 6, y + 4, 1, 10, wn_color_faint, "%d dB", -db);
    }
    for (size_t i = 0; i < sizeof marks / sizeof *marks && marks[i] < p->plot->rate / 2; i++) {
        double x = c->left + COLUMNS * log2(marks[i] / LOWEST_HZ) / octaves;
        wn_canvas_line(c, x, top, x, top + SPECTRUM, 0.6, wn_color_grid);
        wn_canvas_text(c, x, top + SPECTRUM + 18, 0.5, 11, wn_color_faint, "%g", marks[i]);
    }
    wn_canvas_text(c, c->right, top + SPECTRUM + 36, 1, 11, wn_color_faint, "Hz");
}

static void draw_spectra(const wn_canvas *c, const page *p, double top)
{
    double most = 1e-30;
    for (int i = 0; i < 2; i++)
        for (int x = 0; x < COLUMNS; x++) most = fmax(most, column_power(p, p->power[i], x));
    draw_spectrum_grid(c, p, top);
    draw_spectrum(c, p, p->power[2], most, top, error_color);
    draw_spectrum(c, p, p->power[0], most, top, wn_color_area);
    draw_spectrum(c, p, p->power[1], most, top, wn_color_accent);
    wn_panel_frame(c, top, SPECTRUM, "spectrum: recording (blue), model (orange), error (red)");
}

/* ---- page ---------------------------------------------------------------------------------------------------------- */

static void draw_page(cairo_t *cr, const void *user)
{
    const page *p = user;
    const wn_comparison_plot *plot = p->plot;
    wn_canvas c = {.cr = cr, .width = WIDTH, .height = HEIGHT, .left = LEFT, .right = WIDTH - RIGHT};
    float peak = fmaxf(wn_panel_peak(plot->recording, plot->frames), wn_panel_peak(plot->model, plot->frames));
    peak = fmaxf(peak, wn_panel_peak(p->error, plot->frames));
    double top = TOP;
    wn_canvas_rectangle(&c, 0, 0, WIDTH, HEIGHT, (wn_color){1, 1, 1, 1});
    wn_canvas_set_bold(&c, true);
    wn_canvas_text(&c, 24, 34, 0, 18, wn_color_text, "%s", plot->title);
    wn_canvas_set_bold(&c, false);
    wn_canvas_text(&c, 24, 56, 0, 12, wn_color_faint, "%s", plot->note);
    wn_panel_wave(&c, top, WAVE, plot->recording, plot->frames, peak, "recording");
    wn_panel_wave(&c, top += WAVE + GAP, WAVE, plot->model, plot->frames, peak, "model");
    wn_panel_wave(&c, top += WAVE + GAP, WAVE, p->error, plot->frames, peak, "error: recording - model");
    wn_panel_seconds(&c, top + WAVE, 0, (double)plot->frames / plot->rate);
    draw_close_up(&c, p, top += WAVE + AXIS, peak);
    draw_spectra(&c, p, top + CLOSE_UP + AXIS);
}

wn_status wn_comparison_plot_write(const char *path, const wn_comparison_plot *plot, wn_error *error)
{
    page p = {.plot = plot};
    wn_status status = page_compute(&p, error);
    if (!status) status = wn_plot_file_write(path, WIDTH, HEIGHT, draw_page, &p, error);
    page_free(&p);
    return status;
}
