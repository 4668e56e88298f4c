/* SPDX-License-Identifier: MIT
 * train.c - wavenet train: from a recipe to a model.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/interrupt.h"
#include "cli/model_options.h"
#include "train/trainer.h"

enum { LINE_SECONDS = 30 };

/* What the loop remembers besides the trainer. */
struct run {
    wn_cli *cli;
    wn_trainer *trainer;
    bool terminal, drawn;
    double started, shown, saved, earlier; /* earlier: seconds of the runs before this */
    int64_t first_step;
    double recent; /* bits, smoothed */
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

static void show_progress(struct run *run)
{
    const wn_trainer *t = run->trainer;
    double now = wn_clock_seconds(), spent = now - run->started;
    int64_t done = t->step - run->first_step;
    double rate = spent > 0 ? (double)done * t->recipe.streams * t->recipe.chunk / spent : 0;
    double left = done > 0 ? spent / (double)done * (double)(t->steps - t->step) : 0;
    if (t->planned > 0) left = fmax(t->planned - run->earlier - spent, 0);
    if (t->config.seconds > 0 && t->config.seconds - spent < left) left = fmax(t->config.seconds - spent, 0);
    char valid[32] = "-", remaining[32];
    if (isfinite(t->valid)) snprintf(valid, sizeof valid, "%.4f", t->valid);
    format_time(remaining, sizeof remaining, left);
    const char *unit = wn_distributions[t->model->output].parts ? "bits a sample" : "loss";
    char of[32] = "";
    if (t->steps > 0) snprintf(of, sizeof of, " of %lld", (long long)t->steps);
    double samples = wn_trainer_samples(t);
    fprintf(stderr, "%sstep %lld%s: %.4f %s, validation %s, %.2f M samples, %.2f passes, %.0f samples/s, %s left%s",
            run->terminal ? "\r" : "", (long long)t->step, of, run->recent, unit, valid, samples * 1e-6,
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
    if (!status && finished && (!t->history.valid_n || t->history.valid_step[t->history.valid_n - 1] != t->step))
        wn_trainer_validate(t);
    if (t->step > run->first_step) show_progress(run);
    end_line(run);
    if (!status) status = save_checkpoint(run, &error);
    if (status) return wn_cli_fail(run->cli, &error);
    if (!finished && t->planned > 0)
        wn_cli_note(run->cli, "stopped at step %lld, after %.1f of %.1f min; go on with --resume", (long long)t->step,
                    t->seconds / 60, t->planned / 60);
    else if (!finished)
        wn_cli_note(run->cli, "stopped at step %lld of %lld; go on with --resume", (long long)t->step,
                    (long long)t->steps);
    printf("%s: %lld steps, %.1f s, validation %.4f\n", t->config.model, (long long)t->step, t->seconds, t->valid);
    return wn_cli_done(run->cli);
}

/* DIR/NAME.json -> NAME + ending, in the present folder. */
static char *name_beside_recipe(const char *recipe, const char *ending)
{
    const char *slash = strrchr(recipe, '/'), *name = slash ? slash + 1 : recipe, *dot = strrchr(name, '.');
    size_t n = dot && dot != name ? (size_t)(dot - name) : strlen(name);
    char *out = malloc(n + strlen(ending) + 1);
    if (!out) return NULL;
    memcpy(out, name, n);
    strcpy(out + n, ending);
    return out;
}

static int train_model(wn_cli *cli, const wn_train_config *config)
{
    struct run run = {.cli = cli, .terminal = isatty(STDERR_FILENO)};
    wn_error error = {0};
    wn_interrupt_install();
    if (wn_trainer_new(&run.trainer, config, &error)) return wn_cli_fail(cli, &error);
    const wn_trainer *t = run.trainer;
    double minutes = (double)t->data->train_frames / (t->model->sample_rate > 0 ? t->model->sample_rate : 1) / 60;
    wn_cli_note(cli,
                "%lld weights; %zu clip%s, %.1f min to train on, %zu clip%s to validate with; %d thread%s, %s kernels",
                (long long)t->net->params.count, t->data->n_train, wn_cli_plural((int64_t)t->data->n_train), minutes,
                t->n_validation, wn_cli_plural((int64_t)t->n_validation), t->threads, wn_cli_plural(t->threads),
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

static int train_run(wn_cli *cli, int argc, const char **argv)
{
    char *model = NULL, *checkpoint = NULL, *cpu = NULL;
    int resume = 0, threads = 1;
    long steps = 0;
    double minutes = 0;
    const struct poptOption options[] = {
        {"output", 'o', POPT_ARG_STRING, &model, 0,
         "model file to write (default: the recipe's name with .safetensors, in this folder)", "FILE"},
        {"checkpoint", 0, POPT_ARG_STRING, &checkpoint, 0,
         "checkpoint file (default: the model file's name with .ckpt added)", "FILE"},
        {"resume", 0, POPT_ARG_NONE, &resume, 0, "continue from the checkpoint", NULL},
        {"steps", 0, POPT_ARG_LONG, &steps, 0, "number of steps (default: the recipe's)", "N"},
        {"minutes", 0, POPT_ARG_DOUBLE, &minutes, 0, "stop after M minutes, as on Ctrl-C (default: no limit)", "M"},
        {"threads", 0, POPT_ARG_INT, &threads, 0, "number of threads (default 1); the result is the same for any", "N"},
        {"cpu", 0, POPT_ARG_STRING, &cpu, 0, wn_cli_cpu_help(), "SET"},
        WN_CLI_HELP};
    if (!wn_cli_parse(cli, argc, argv, options, 1, 1)) return cli->status;
    if (threads < 1 || threads > 64) return wn_cli_usage(cli, "--threads is %d, expected 1 to 64", threads);
    if (steps < 0) return wn_cli_usage(cli, "--steps is %ld, expected a positive number", steps);
    if (!(minutes >= 0)) return wn_cli_usage(cli, "--minutes is %g, expected a positive number", minutes);
    wn_train_config config = {
        .recipe = cli->args[0], .threads = threads, .steps = steps, .seconds = 60 * minutes, .resume = resume};
    wn_error error = {0};
    if (cpu && wn_cli_cpu(&config.cpu, cpu, &error)) return wn_cli_fail(cli, &error);
    char *own_model = model ? NULL : name_beside_recipe(cli->args[0], ".safetensors");
    config.model = model ? model : own_model;
    size_t size = config.model ? strlen(config.model) + 6 : 0;
    char *own_checkpoint = checkpoint || !size ? NULL : malloc(size);
    if (own_checkpoint) snprintf(own_checkpoint, size, "%s.ckpt", config.model);
    config.checkpoint = checkpoint ? checkpoint : own_checkpoint;
    int status = config.model && config.checkpoint ? train_model(cli, &config) : wn_cli_fail_text(cli, "out of memory");
    free(own_model);
    free(own_checkpoint);
    return status;
}

const wn_command wn_command_train = {
    .name = "train",
    .summary = "train a model from a recipe",
    .usage = "RECIPE.json [OPTION...]",
    .example = "  wavenet train models/notes/recipe.json -o notes.safetensors --threads 2\n"
               "  wavenet train models/notes/recipe.json -o notes.safetensors --threads 2 --resume\n",
    .run = train_run,
};
