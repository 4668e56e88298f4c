/* SPDX-License-Identifier: MIT
 * live_status.c - how things stand while something is played live.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/live_status.h"

#include <math.h>

#include "base/text.h"
#include "model/model.h"

int64_t wn_live_status_gaps(const wn_live_status *s) { return s->device.underflows + s->device.overflows; }

void wn_live_status_update(wn_live_status *s, wn_live *live, const wn_device *device)
{
    float in = s->live.peak_in, out = s->live.peak_out;
    s->live = wn_live_get_stats(live);
    s->live.peak_in = fmaxf(s->live.peak_in, in);
    s->live.peak_out = fmaxf(s->live.peak_out, out);
    s->device = wn_device_get_stats(device);
}

void wn_live_status_reset_peaks(wn_live_status *s) { s->live.peak_in = s->live.peak_out = 0; }

/* ---- showing -------------------------------------------------------------------------------------------------- */

static json_t *json_of(const wn_live_status *s, const wn_status_line *status_line, const char *word)
{
    const wn_live_stats *d = &s->live;
    return json_pack("{s:s, s:f, s:f, s:f, s:f, s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:s, s:b, s:f}", "state",
                     word, "time", wn_status_line_seconds(status_line), "peak_in", (double)d->peak_in, "peak_out",
                     (double)d->peak_out, "load", s->device.load, "cpu", wn_status_line_cpu(status_line), "rate",
                     s->rate, "frames", (json_int_t)d->frames, "device_underflows", (json_int_t)s->device.underflows,
                     "device_overflows", (json_int_t)s->device.overflows, "mended", (json_int_t)d->nonfinite_samples,
                     "clipped", (json_int_t)d->clipped, "unheard", (json_int_t)d->dropped, "model", s->model, "name",
                     s->name, "bypass", s->bypass, "output_gain", s->output_gain + s->trim);
}

static const char *level_text(char *text, size_t size, float peak)
{
    if (peak > 0)
        snprintf(text, size, "%5.1f", fmax(20 * log10((double)peak), -99.9));
    else
        snprintf(text, size, "   --");
    return text;
}

/* Fits in a terminal of 80 columns, as long as the model's name is short. */
static void text_of(char *text, size_t size, const wn_live_status *s)
{
    char clock[32], in[16], out[16], trim[32] = "";
    int64_t gaps = wn_live_status_gaps(s);
    if (s->trim != 0) snprintf(trim, sizeof trim, " %+.0f dB", s->trim);
    snprintf(text, size, "%s  in %s  out %s dB  load %2.0f %%  %lld gap%s  %.32s%s%s",
             wn_status_line_clock(clock, sizeof clock, (double)s->live.frames / s->rate),
             level_text(in, sizeof in, s->live.peak_in), level_text(out, sizeof out, s->live.peak_out),
             100 * s->device.load, (long long)gaps, gaps == 1 ? "" : "s", s->name, trim, s->bypass ? "  bypassed" : "");
}

wn_status wn_live_status_show(const wn_live_status *s, wn_status_line *status_line, const char *word, wn_error *error)
{
    char text[256];
    text_of(text, sizeof text, s);
    if (wn_status_line_show(status_line, text, status_line->json ? json_of(s, status_line, word) : NULL)) return WN_OK;
    return wn_fail(error, WN_ERROR_FILE, "standard output", "nobody reads the JSON any more");
}

void wn_live_status_report(const wn_live_status *s, const wn_cli *cli, const char *device)
{
    const wn_live_stats *d = &s->live;
    if (d->nonfinite_samples)
        wn_cli_note(cli, "%lld sample%s not finite, replaced by 0", (long long)d->nonfinite_samples,
                    wn_text_plural(d->nonfinite_samples));
    if (d->clipped)
        wn_cli_note(cli, "%lld sample%s of the output beyond full scale", (long long)d->clipped,
                    wn_text_plural(d->clipped));
    if (d->dropped)
        wn_cli_note(cli, "%lld sample%s missing in the recordings; the disk was too slow", (long long)d->dropped,
                    wn_text_plural(d->dropped));
    wn_cli_note(cli, "played %.2f s on %s, %lld gap%s", (double)d->frames / s->rate, device,
                (long long)wn_live_status_gaps(s), wn_text_plural(wn_live_status_gaps(s)));
}
