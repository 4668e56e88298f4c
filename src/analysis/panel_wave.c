/* SPDX-License-Identifier: MIT
 * panel_wave.c - panels over time that plots of sounds share: frame, waveform, axis in seconds.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/panel_wave.h"

#include <math.h>

void wn_panel_frame(const wn_canvas *c, double top, double height, const char *name)
{
    double bottom = top + height;
    wn_canvas_line(c, c->left, top, c->right, top, 0.6, wn_color_line);
    wn_canvas_line(c, c->left, bottom, c->right, bottom, 0.6, wn_color_line);
    wn_canvas_line(c, c->left, top, c->left, bottom, 0.6, wn_color_line);
    wn_canvas_line(c, c->right, top, c->right, bottom, 0.6, wn_color_line);
    wn_canvas_text(c, c->left, top - 5, 0, 11, wn_color_faint, "%s", name);
}

float wn_panel_peak(const float *pcm, int64_t samples)
{
    float peak = 1e-6f;
    for (int64_t t = 0; t < samples; t++) peak = fmaxf(peak, fabsf(pcm[t]));
    return peak;
}

void wn_panel_wave(const wn_canvas *c, double top, double height, const float *pcm, int64_t samples, float peak,
                   const char *name)
{
    double middle = top + height / 2, scale = height / 2 / (double)peak;
    int columns = (int)(c->right - c->left);
    for (int x = 0; x < columns; x++) {
        int64_t first = samples * x / columns, end = samples * (x + 1) / columns;
        float low = pcm[first], high = low;
        for (int64_t t = first; t < end; t++) {
            low = fminf(low, pcm[t]);
            high = fmaxf(high, pcm[t]);
        }
        wn_canvas_line(c, c->left + x + 0.5, middle - (double)high * scale - 0.3, c->left + x + 0.5,
                       middle - (double)low * scale + 0.3, 1, wn_color_area);
    }
    wn_panel_frame(c, top, height, name);
    wn_canvas_text(c, c->left - 6, top + 10, 1, 10, wn_color_faint, "%.2g", (double)peak);
    wn_canvas_text(c, c->left - 6, top + height, 1, 10, wn_color_faint, "-%.2g", (double)peak);
}

void wn_panel_seconds(const wn_canvas *c, double y, double start, double seconds)
{
    static const double factors[] = {1, 2, 5};
    double step = 1e-4;
    for (int i = 0; seconds / step > 14; i++) step = factors[i % 3] * pow(10, i / 3 - 4);
    for (double i = ceil(start / step); i * step <= start + seconds; i++) {
        double x = c->left + (c->right - c->left) * (i * step - start) / seconds;
        wn_canvas_line(c, x, y, x, y + 5, 0.8, wn_color_faint);
        wn_canvas_text(c, x, y + 18, 0.5, 11, wn_color_faint, "%g", i * step);
    }
    wn_canvas_text(c, c->right, y + 36, 1, 11, wn_color_faint, "seconds");
}
