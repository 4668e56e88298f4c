/* SPDX-License-Identifier: MIT
 * training_run.c - a training run in a terminal: steps, validations, progress, the end.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/training_run.h"

#include <math.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/interrupt.h"

enum { LINE_SECONDS = 30 };

/* The state of the loop besides the trainer. */
struct run {
    wn_cli *cli;
    wn_trainer *trainer;
    bool terminal, drawn, keep_best;
    double started, shown, saved, earlier; /* earlier: seconds of the runs before this */
    int64_t first_step;
    double recent; /* bits, smoothed */
    const wn_training_end *end;
};

static void format_time(char *out, size_t size, double seconds)
{
    long s = lround(seconds);
    if (s >= 3600)
        snprintf(out, size, "%ld h %02ld min", s / 3600, s / 60 % 60);
    else if (s >= 60)
        snprintf(out, size, "%ld min %02ld s", s / 60, s % 60);
    else
        snprintf(out, size, "%ld s", s);
}

const char *wn_esr_words(double esr)
{
    static const struct {
        double below;
        const char *words;
    } rows[] = {{0.003, "hardly anyone hears a difference"},
                {0.01, "most people hear no difference"},
                {0.03, "close; attentive listeners hear a difference"},
                {0.1, "the character is right, the detail is not"},
                {0.3, "a rough likeness"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (esr < rows[i].below) return rows[i].words;
    return "not alike yet";
}

static bool is_esr(const wn_trainer *t) { return !wn_distributions[t->model->output].parts; }

/* "0.0041 (most people hear no difference)", for distributions the bits alone. */
static void format_validation(char *out, size_t size, const wn_trainer *t, double valid)
{
    if (!isfinite(valid))
        snprintf(out, size, "-");
    else if (is_esr(t))
        snprintf(out, size, "%.4f (%s)", valid, wn_esr_words(valid));
    else
        snprintf(out, size, "%.4f", valid);
}

static void show_progress(struct run *run)
{
    const wn_trainer *t = run->trainer;
    double now = wn_clock_seconds(), spent = now - run->started;
    int64_t done = t->step - run->first_step;
    double rate = spent > 0 ? (double)done * t->recipe.streams * t->recipe.chunk / spent : 0;
    double left = done > 0 ? spent / (double)done * (double)(t->steps - t->step) : 0;
    if (t->planned > 0) left = fmax(t->planned - run->earlier - spent, 0);
    if (t->config.seconds > 0 && t->config.seconds - spent < left) left = fmax(t->config.seconds - spent, 0);
    char valid[96], remaining[32];
    format_validation(valid, sizeof valid, t, t->valid);
    format_time(remaining, sizeof remaining, left);
    const char *unit = wn_distributions[t->model->output].parts ? "bits a sample" : "loss";
    char of[32] = "", rendered[48] = "";
    if (isfinite(t->rendered)) snprintf(rendered, sizeof rendered, ", render %.2f dB", t->rendered);
    if (t->steps > 0) snprintf(of, sizeof of, " of %lld", (long long)t->steps);
    double samples = wn_trainer_samples(t);
    fprintf(stderr, "%sstep %lld%s: %.4f %s, %s %s%s, %.2f M samples, %.2f passes, %.0f samples/s, %s left%s",
            run->terminal ? "\r" : "", (long long)t->step, of, run->recent, unit,
            is_esr(t) ? "validation ESR" : "validation", valid, rendered, samples * 1e-6,
            samples / (double)t->data->train_frames, rate, remaining, run->terminal ? "\033[K" : "\n");
    fflush(stderr);
    run->shown = now;
    run->drawn = run->terminal;
}

static void end_line(struct run *run)
{
    if (run->drawn) fputc('\n', stderr);
    run->drawn = false;
}

static wn_status save_checkpoint(struct run *run, wn_error *error)
{
    wn_trainer *t = run->trainer;
    t->seconds = run->earlier + wn_clock_seconds() - run->started;
    run->saved = wn_clock_seconds();
    return wn_trainer_save(t, error);
}

static bool wanted_end(const struct run *run)
{
    const wn_trainer *t = run->trainer;
    bool late = t->config.seconds > 0 && wn_clock_seconds() - run->started >= t->config.seconds;
    return wn_trainer_finished(t) || late || wn_interrupt_requested();
}

static wn_status train_steps(struct run *run, wn_error *error)
{
    wn_trainer *t = run->trainer;
    int64_t every = t->recipe.validate_every;
    wn_status status = WN_OK;
    while (!status && !wanted_end(run)) {
        t->seconds = run->earlier + wn_clock_seconds() - run->started;
        double bits = 0, smooth = fmax(0.01, 1 / (double)(t->step - run->first_step + 1));
        status = wn_trainer_step(t, &bits, error);
        if (status) return status; /* the last good checkpoint stays */
        run->recent += smooth * (bits - run->recent);
        if (every > 0 && t->step % every == 0) wn_trainer_validate(t);
        double now = wn_clock_seconds(), saves = t->recipe.checkpoint_seconds;
        if (now - run->shown >= (run->terminal ? 0.5 : LINE_SECONDS)) show_progress(run);
        if (saves > 0 && now - run->saved >= saves) status = save_checkpoint(run, error);
    }
    return status;
}

static int train_to_end(struct run *run)
{
    wn_trainer *t = run->trainer;
    wn_error error = {0};
    wn_status status = train_steps(run, &error);
    bool finished = wn_trainer_finished(t);
    if (!status && (finished || run->keep_best) &&
        (!t->history.valid_n || t->history.valid_step[t->history.valid_n - 1] != t->step))
        wn_trainer_validate(t);
    if (t->step > run->first_step) show_progress(run);
    end_line(run);
    if (!status) status = save_checkpoint(run, &error);
    if (status) return wn_cli_fail(run->cli, &error);
    const char *next = run->keep_best ? "the best so far is kept" : "go on with --resume";
    if (!finished && t->planned > 0)
        wn_cli_note(run->cli, "stopped at step %lld, after %.1f of %.1f min; %s", (long long)t->step, t->seconds / 60,
                    t->planned / 60, next);
    else if (!finished)
        wn_cli_note(run->cli, "stopped at step %lld of %lld; %s", (long long)t->step, (long long)t->steps, next);
    printf("%s: %lld steps, %.1f s", t->config.model, (long long)t->step, t->seconds);
    char valid[96];
    format_validation(valid, sizeof valid, t, t->best_valid);
    if (isfinite(t->best_valid)) printf(", %s %s", is_esr(t) ? "validation ESR" : "validation", valid);
    if (isfinite(t->rendered)) printf(", render %.2f dB", t->rendered);
    if (isfinite(t->best_valid) && t->best_step != t->step) printf(" at step %lld", (long long)t->best_step);
    printf("\n");
    if (run->end && run->end->run(run->end->user, t, &error)) return wn_cli_fail(run->cli, &error);
    return wn_cli_done(run->cli);
}

int wn_training_run(wn_cli *cli, const wn_train_config *config, bool keep_best, const wn_training_end *end)
{
    struct run run = {.cli = cli, .keep_best = keep_best, .end = end, .terminal = isatty(STDERR_FILENO)};
    wn_error error = {0};
    wn_interrupt_install();
    if (wn_trainer_new(&run.trainer, config, &error)) return wn_cli_fail(cli, &error);
    const wn_trainer *t = run.trainer;
    for (int i = 0; i < t->data->findings.n; i++) wn_cli_note(cli, "%s", t->data->findings.all[i].text);
    double minutes = (double)t->data->train_frames / (t->model->sample_rate > 0 ? t->model->sample_rate : 1) / 60;
    wn_cli_note(cli,
                "%lld weights; %zu clip%s, %.1f min to train on, %zu clip%s to validate with; %d thread%s, %s kernels",
                (long long)t->net->params.count, t->data->n_train, wn_text_plural((int64_t)t->data->n_train), minutes,
                t->n_validation, wn_text_plural((int64_t)t->n_validation), t->threads, wn_text_plural(t->threads),
                t->kernels->name);
    if (t->init_all) wn_cli_note(cli, "%s: %d of %d tensors taken", t->recipe.init, t->init_shared, t->init_all);
    if (wn_trainer_finished(t)) wn_cli_note(cli, "the checkpoint has all its %lld steps", (long long)t->step);
    if (t->data->resampled)
        wn_cli_note(cli, "%d sound files were resampled to %g Hz", t->data->resampled, t->model->sample_rate);
    if (t->data->mixed) wn_cli_note(cli, "%d sound files were mixed down to one channel", t->data->mixed);
    run.earlier = t->seconds;
    run.first_step = t->step;
    run.started = run.shown = run.saved = wn_clock_seconds();
    int status = train_to_end(&run);
    wn_trainer_free(run.trainer);
    return status;
}
