/* SPDX-License-Identifier: MIT
 * compare.c - wavenet compare: how far one recording is from another.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/align.h"
#include "cli/cli.h"
#include "cli/compare_speech.h"
#include "cli/input_file.h"
#include "cli/interrupt.h"
#include "cli/progress.h"

enum { BLOCK = 4096, ALIGN_FRAMES = 1 << 19, SHOWN_CHANNELS = 8 };
#define DOUBTFUL 0.1 /* a delay whose correlation is less than this may be anything */

/* Sums over the samples of one channel, or of all. */
typedef struct tally {
    double a, b, difference;    /* sums of squares */
    float peak_a, peak_b, peak; /* largest absolute values; `peak` of the difference */
    int64_t at, samples;        /* frame of `peak`; samples summed */
} tally;

typedef struct compare {
    wn_cli *cli;
    int align, json, speech;
    wn_input_file a, b;
    wn_alignment alignment;
    float *pcm_a, *pcm_b;   /* [BLOCK][channels] */
    int64_t frames;         /* compared */
    int64_t only_a, only_b; /* frames that follow in one of them */
    tally *channels;        /* [channels] */
    tally total;
} compare;

/* ---- opening -------------------------------------------------------------------------------------------------- */

/* B comes at A's rate, if both have one. */
static wn_status open_both(compare *c, wn_error *error)
{
    const char *const *names = c->cli->args;
    wn_input_file_close(&c->a);
    wn_input_file_close(&c->b);
    wn_status status = wn_input_file_open(&c->a, names[0], 0, error);
    if (!status) status = wn_input_file_open(&c->b, names[1], c->a.rate, error);
    if (!status && c->a.channels != c->b.channels)
        status = wn_fail(error, WN_ERROR_ARGUMENT, names[1], "%d channel%s; %s has %d", c->b.channels,
                         c->b.channels > 1 ? "s" : "", names[0], c->a.channels);
    return status;
}

static wn_status make_buffers(compare *c, wn_error *error)
{
    size_t channels = (size_t)c->a.channels;
    c->pcm_a = calloc(BLOCK * channels, sizeof *c->pcm_a);
    c->pcm_b = calloc(BLOCK * channels, sizeof *c->pcm_b);
    c->channels = calloc(channels, sizeof *c->channels);
    return c->pcm_a && c->pcm_b && c->channels ? WN_OK : wn_fail_memory(error, NULL);
}

/* ---- aligning ------------------------------------------------------------------------------------------------- */

static double energy_of(const float *x, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
    return sum;
}

/* Of all stretches of ALIGN_FRAMES frames, the one in which both sound most, to x [2][ALIGN_FRAMES][channels], zeros behind
 * the end; `present` is as large. */
static wn_status find_sound(compare *c, float *x, float *present, wn_error *error)
{
    int64_t n = (int64_t)ALIGN_FRAMES * c->a.channels, got_a = 1, got_b = 1;
    double most = -1;
    wn_status status = WN_OK;
    while (!status && got_a && got_b) {
        memset(present, 0, 2 * (size_t)n * sizeof *present);
        status = wn_input_file_read(&c->a, present, ALIGN_FRAMES, &got_a, error);
        if (!status) status = wn_input_file_read(&c->b, present + n, ALIGN_FRAMES, &got_b, error);
        double sound = energy_of(present, n) * energy_of(present + n, n);
        if (sound > most) memcpy(x, present, 2 * (size_t)n * sizeof *x);
        most = fmax(most, sound);
    }
    return status;
}

static wn_status skip_frames(compare *c, wn_input_file *r, int64_t frames, wn_error *error)
{
    wn_status status = WN_OK;
    for (int64_t got = 1; frames > 0 && got && !status; frames -= got)
        status = wn_input_file_read(r, c->pcm_a, frames < BLOCK ? frames : BLOCK, &got, error);
    return status;
}

static wn_status align_files(compare *c, wn_error *error)
{
    size_t n = (size_t)2 * ALIGN_FRAMES * (size_t)c->a.channels;
    float *x = calloc(n, sizeof *x), *present = calloc(n, sizeof *present);
    wn_status status = x && present ? find_sound(c, x, present, error) : wn_fail_memory(error, NULL);
    free(present);
    if (!status)
        status = wn_align(&c->alignment, x, x + (size_t)ALIGN_FRAMES * (size_t)c->a.channels, ALIGN_FRAMES,
                          c->a.channels, error);
    free(x);
    int64_t delay = c->alignment.delay;
    if (!status) status = open_both(c, error);
    if (!status) status = skip_frames(c, delay > 0 ? &c->b : &c->a, delay > 0 ? delay : -delay, error);
    return status;
}

static wn_status compare_prepare(compare *c, wn_error *error)
{
    const char *const *names = c->cli->args;
    bool stream = strcmp(names[0], "-") == 0 || strcmp(names[1], "-") == 0;
    if (strcmp(names[0], names[1]) == 0 && stream)
        return wn_fail(error, WN_ERROR_ARGUMENT, "-", "standard input cannot be both recordings");
    if (c->align && stream)
        return wn_fail(error, WN_ERROR_ARGUMENT, "--align", "reads twice, which a stream cannot be");
    wn_status status = open_both(c, error);
    if (!status) status = make_buffers(c, error);
    if (!status && c->align) status = align_files(c, error);
    return status;
}

/* ---- comparing ------------------------------------------------------------------------------------------------ */

static void tally_add(tally *t, double a, double b, int64_t frame)
{
    double difference = b - a;
    t->a += a * a;
    t->b += b * b;
    t->difference += difference * difference;
    t->peak_a = fmaxf(t->peak_a, (float)fabs(a));
    t->peak_b = fmaxf(t->peak_b, (float)fabs(b));
    if (fabs(difference) > t->peak) {
        t->peak = (float)fabs(difference);
        t->at = frame;
    }
    t->samples++;
}

static void tally_merge(tally *total, const tally *t)
{
    total->a += t->a;
    total->b += t->b;
    total->difference += t->difference;
    total->peak_a = fmaxf(total->peak_a, t->peak_a);
    total->peak_b = fmaxf(total->peak_b, t->peak_b);
    if (t->peak > total->peak || (t->peak == total->peak && t->at < total->at)) {
        total->peak = t->peak;
        total->at = t->at;
    }
    total->samples += t->samples;
}

static wn_status compare_run_all(compare *c, wn_error *error)
{
    int channels = c->a.channels;
    wn_progress progress;
    wn_status status = WN_OK;
    wn_progress_start(&progress, c->cli, 0, c->a.rate);
    for (int64_t got_a = 1, got_b = 1; (got_a || got_b) && !status;) {
        status = wn_input_file_read(&c->a, c->pcm_a, BLOCK, &got_a, error);
        if (!status) status = wn_input_file_read(&c->b, c->pcm_b, BLOCK, &got_b, error);
        if (!status && wn_interrupt_requested()) status = wn_fail(error, WN_ERROR_FILE, c->cli->args[0], "stopped");
        if (status) break;
        int64_t n = got_a < got_b ? got_a : got_b;
        for (int64_t i = 0; i < n * channels; i++)
            tally_add(&c->channels[i % channels], c->pcm_a[i], c->pcm_b[i], c->frames + i / channels);
        c->frames += n;
        c->only_a += got_a - n;
        c->only_b += got_b - n;
        wn_progress_update(&progress, c->frames);
    }
    wn_progress_end(&progress);
    for (int k = 0; k < channels; k++) tally_merge(&c->total, &c->channels[k]);
    if (!status && c->frames == 0)
        return wn_fail(error, WN_ERROR_ARGUMENT, c->cli->args[1], "nothing of it coincides with %s", c->cli->args[0]);
    return status;
}

/* ---- results -------------------------------------------------------------------------------------------------- */

static double power_db(double sum, int64_t samples) { return 10 * log10(sum / (double)samples); }

/* NaN where the reference is silent. */
static double ratio(const tally *t) { return t->a > 0 ? t->difference / t->a : (double)NAN; }

static json_t *tally_json(const tally *t)
{
    double esr = ratio(t);
    return json_pack("{s:o, s:o, s:f, s:f, s:o, s:f, s:I, s:o, s:o}", "level_a_db",
                     wn_cli_json_number(power_db(t->a, t->samples)), "level_b_db",
                     wn_cli_json_number(power_db(t->b, t->samples)), "peak_a", (double)t->peak_a, "peak_b",
                     (double)t->peak_b, "error_db", wn_cli_json_number(power_db(t->difference, t->samples)),
                     "max_error", (double)t->peak, "max_error_at", (json_int_t)t->at, "esr", wn_cli_json_number(esr),
                     "snr_db", wn_cli_json_number(-10 * log10(esr)));
}

static int compare_print_json(const compare *c)
{
    const char *const *names = c->cli->args;
    json_t *channels = json_array();
    for (int k = 0; k < c->a.channels; k++) json_array_append_new(channels, tally_json(&c->channels[k]));
    json_t *root = json_pack("{s:s, s:s, s:o, s:I, s:I, s:I, s:o, s:o}", "a", names[0], "b", names[1], "rate",
                             c->a.rate > 0 ? json_real(c->a.rate) : json_null(), "frames", (json_int_t)c->frames,
                             "only_in_a", (json_int_t)c->only_a, "only_in_b", (json_int_t)c->only_b, "total",
                             tally_json(&c->total), "channels", channels);
    if (root && c->align) {
        json_object_set_new(root, "delay", json_integer((json_int_t)c->alignment.delay));
        json_object_set_new(root, "correlation", json_real(c->alignment.correlation));
    }
    return wn_cli_print_json(c->cli, root);
}

/* Notes about what was changed before the comparison: rate, channels, length. */
static void print_notes(const compare *c)
{
    const char *const *names = c->cli->args;
    int64_t longer = c->only_a > c->only_b ? c->only_a : c->only_b;
    if (c->b.file_rate > 0 && c->a.rate > 0 && c->b.file_rate != c->a.rate)
        wn_cli_note(c->cli, "%s: resampled from %g to %g Hz", names[1], c->b.file_rate, c->a.rate);
    if (longer && longer != llabs(c->alignment.delay))
        wn_cli_note(c->cli, "%s: %lld more samples than the other were left out", names[c->only_a ? 0 : 1],
                    (long long)longer);
    if (c->align && fabs(c->alignment.correlation) < DOUBTFUL)
        wn_cli_note(c->cli, "%s: hardly correlates with %s at any delay; do not trust the one found", names[1],
                    names[0]);
    else if (c->align && c->alignment.correlation < 0)
        wn_cli_note(c->cli, "%s: seems to be upside down (its polarity is inverted)", names[1]);
    if (c->total.a == 0) wn_cli_note(c->cli, "%s: silent, so that no error can be put in proportion to it", names[0]);
}

typedef void cell(char *text, size_t size, const tally *t);

static void decibels(char *text, size_t size, double db)
{
    if (isfinite(db))
        snprintf(text, size, "%.2f dB", db);
    else
        snprintf(text, size, "%s", isnan(db) ? "none" : db < 0 ? "silence" : "no error");
}

static void level_a(char *text, size_t size, const tally *t) { decibels(text, size, power_db(t->a, t->samples)); }
static void level_b(char *text, size_t size, const tally *t) { decibels(text, size, power_db(t->b, t->samples)); }
static void error_level(char *text, size_t size, const tally *t)
{
    decibels(text, size, t->difference > 0 ? power_db(t->difference, t->samples) : (double)NAN);
}
static void peak_a(char *text, size_t size, const tally *t) { snprintf(text, size, "%.6f", (double)t->peak_a); }
static void peak_b(char *text, size_t size, const tally *t) { snprintf(text, size, "%.6f", (double)t->peak_b); }
static void max_error(char *text, size_t size, const tally *t) { snprintf(text, size, "%.4g", (double)t->peak); }
static void peak_place(char *text, size_t size, const tally *t) { snprintf(text, size, "%lld", (long long)t->at); }
static void esr(char *text, size_t size, const tally *t)
{
    if (t->a > 0)
        snprintf(text, size, "%.4g", ratio(t));
    else
        snprintf(text, size, "none");
}
static void snr(char *text, size_t size, const tally *t) { decibels(text, size, -10 * log10(ratio(t))); }

static const struct {
    const char *name;
    cell *write;
} rows[] = {
    {"level of A", level_a},
    {"level of B", level_b},
    {"peak of A", peak_a},
    {"peak of B", peak_b},
    {"error", error_level},
    {"largest error", max_error},
    {"  at sample", peak_place},
    {"ESR", esr},
    {"SNR", snr},
};

/* A name, the figure of all channels, then those of `columns` channels. */
static void print_row(const compare *c, const char *name, cell *write, int columns)
{
    char text[64];
    write(text, sizeof text, &c->total);
    printf("%-13s  %-*s", name, columns ? 13 : 0, text);
    for (int k = 0; k < columns; k++) {
        write(text, sizeof text, &c->channels[k]);
        printf("  %-*s", k + 1 < columns ? 13 : 0, text);
    }
    putchar('\n');
}

static void print_head(const compare *c, int columns)
{
    printf("compared       %lld samples", (long long)c->frames);
    if (c->a.rate > 0) printf(", %.3f s", (double)c->frames / c->a.rate);
    putchar('\n');
    if (c->align)
        printf("delay of B     %lld samples (correlation %.4f)\n", (long long)c->alignment.delay,
               c->alignment.correlation);
    if (columns == 0) return;
    printf("%-13s  %-13s", "channel", "all");
    for (int k = 0; k < columns; k++) printf("  %-*d", k + 1 < columns ? 13 : 0, k + 1);
    putchar('\n');
}

static int compare_print(const compare *c)
{
    int columns = c->a.channels > 1 && c->a.channels <= SHOWN_CHANNELS ? c->a.channels : 0;
    print_head(c, columns);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) print_row(c, rows[i].name, rows[i].write, columns);
    return wn_cli_done(c->cli);
}

static void compare_free(compare *c)
{
    wn_input_file_close(&c->a);
    wn_input_file_close(&c->b);
    free(c->pcm_a);
    free(c->pcm_b);
    free(c->channels);
}

static int compare_run(wn_cli *cli, int argc, const char **argv)
{
    compare c = {.cli = cli};
    const struct poptOption options[] = {
        {"align", 0, POPT_ARG_NONE, &c.align, 0,
         "find the delay of B in the loudest 524288 frames (11 s at 48 kHz), and remove it (default: none)", NULL},
        {"speech", 0, POPT_ARG_NONE, &c.speech, 0,
         "compare as speech: log-mel distance, mel-cepstral distortion, pitch, voicing, STOI, regularity", NULL},
        {"json", 0, POPT_ARG_NONE, &c.json, 0, "print JSON", NULL},
        WN_CLI_HELP,
    };
    if (!wn_cli_parse(cli, argc, argv, options, 2, 2)) return cli->status;
    if (c.speech && c.align) return wn_cli_usage(cli, "--speech and --align cannot be combined");
    if (c.speech) return wn_cli_compare_speech(cli, c.json);
    wn_error error = {0};
    wn_interrupt_install();
    wn_status status = compare_prepare(&c, &error);
    if (!status) status = compare_run_all(&c, &error);
    if (!status) print_notes(&c);
    int result = status ? wn_cli_fail(cli, &error) : c.json ? compare_print_json(&c) : compare_print(&c);
    compare_free(&c);
    return result;
}

const wn_command wn_command_compare = {
    .name = "compare",
    .summary = "compare two recordings: error-to-signal ratio, largest error, levels",
    .usage = "A.wav B.wav [OPTION...]",
    .example =
        "  wavenet compare amp.wav model.wav --align\n\n"
        "A is the reference. ESR, the error-to-signal ratio, is the energy of B - A over the energy of A: 0 for\n"
        "identical recordings, 1 for silence. Levels are RMS in dB of full scale. Without --align the first samples\n"
        "of both belong together. .f32 and .npy files (float32 [T] or [T][channels]) work too. docs/commands.md\n"
        "defines the figures of --speech, which takes sound files.\n",
    .run = compare_run,
};
