/* SPDX-License-Identifier: MIT
 * capture.c - wavenet capture: two recordings, before and after equipment, become a capture of it.
 * Copyright (c) 2026 the wavenet authors */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "bench/shape.h"
#include "cli/capture_folder.h"
#include "cli/capture_report.h"
#include "cli/cli.h"
#include "cli/folder.h"
#include "cli/model_options.h"
#include "cli/training_run.h"
#include "format/json.h"
#include "train/test_signal.h"
#include "wavenet/audio.h"

enum { STEPS = 3000, VALIDATIONS = 30, MAX_RECIPE = 1 << 24, MAX_DEFAULT_THREADS = 4, MAX_NAME = 256 };
#define MAX_DBU 60.0

typedef struct capture_options {
    const char *out, *report;
    char *out_option, *report_option, *size, *recipe, *signal, *folder, *cpu;
    const char *name;
    char *name_option, *gear, *make, *model, *by, *tone;
    double input_dbu, output_dbu, minutes;
    long steps, seed;
    int threads, force, ignore_checks;
} capture_options;

/* ---- what is asked for ------------------------------------------------------------------------------------------ */

static const struct {
    const char *size, *shape;
} sizes[] = {
    {"standard", "a1-standard"}, {"lite", "a1-lite"}, {"feather", "a1-feather"},
    {"nano", "a1-nano"},         {"a2", "a2-full"},   {"a2-lite", "a2-lite"},
};

static const char *shape_of(const char *size)
{
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (!strcmp(sizes[i].size, size)) return sizes[i].shape;
    return NULL;
}

/* Words that players know. */
static const char *const gears[] = {"amp", "pedal", "pedal_amp", "amp_cab", "amp_pedal_cab", "preamp", "studio", NULL};
static const char *const tones[] = {"clean", "overdrive", "crunch", "hi_gain", "fuzz", NULL};

static bool is_listed(const char *word, const char *const *list)
{
    while (*list && strcmp(*list, word)) list++;
    return *list != NULL;
}

/* NULL, or what is wrong with the usage. */
static const char *check_usage(const capture_options *o, int n_args)
{
    if (o->signal) return n_args ? "--signal writes the test signal and takes no recordings" : NULL;
    if (o->folder && n_args) return "--folder finds the recordings; leave them out";
    if (o->folder && o->name_option) return "--folder names captures after their recordings; leave --name out";
    if (!o->folder && n_args != 2) return "two recordings were expected: the dry one, then the wet one";
    if (o->recipe && o->size) return "--recipe has a network of its own; leave --size out";
    if (o->size && !shape_of(o->size)) return "--size is standard, lite, feather, nano, a2 or a2-lite";
    if (o->gear && !is_listed(o->gear, gears))
        return "--gear is amp, pedal, pedal_amp, amp_cab, amp_pedal_cab, preamp or studio";
    if (o->tone && !is_listed(o->tone, tones)) return "--tone is clean, overdrive, crunch, hi_gain or fuzz";
    if (o->threads < 0 || o->threads > 64) return "--threads is 1 to 64";
    if (o->steps < 0) return "--steps is a positive number";
    if (o->seed < 0) return "--seed is 0 or more";
    if (!(o->minutes >= 0)) return "--minutes is a positive number";
    if (!(o->input_dbu == WN_NOT_GIVEN || (o->input_dbu >= -MAX_DBU && o->input_dbu <= MAX_DBU)))
        return "--input-dbu is -60 to 60";
    if (!(o->output_dbu == WN_NOT_GIVEN || (o->output_dbu >= -MAX_DBU && o->output_dbu <= MAX_DBU)))
        return "--output-dbu is -60 to 60";
    return NULL;
}

/* ---- recipe ----------------------------------------------------------------------------------------------------- */

static json_t *train_section(const capture_options *o)
{
    long steps = o->steps ? o->steps : STEPS;
    return json_pack("{s:I, s:i, s:i, s:I, s:f, s:f, s:i, s:{s:i}, s:I, s:I}", "seed", (json_int_t)o->seed, "streams",
                     16, "chunk", 8192, "steps", (json_int_t)steps, "learning_rate", 0.004, "final", 0.01, "warmup", 50,
                     "loss", "esr", 1, "validate_every", (json_int_t)(steps > VALIDATIONS ? steps / VALIDATIONS : 1),
                     "validate_samples", (json_int_t)100000000);
}

static wn_status own_recipe(json_t **out, const capture_options *o, wn_error *error)
{
    json_t *model = NULL;
    wn_status status = wn_shape_config(&model, shape_of(o->size ? o->size : "standard"), error);
    if (status) return status;
    *out = json_pack("{s:o, s:o}", "model", model, "train", train_section(o));
    return *out ? WN_OK : wn_fail_memory(error, NULL);
}

static wn_status read_recipe(json_t **out, const capture_options *o, wn_error *error)
{
    void *text = NULL;
    size_t size = 0;
    wn_status status = wn_file_read(&text, &size, o->recipe, MAX_RECIPE, error);
    if (!status) status = wn_json_parse(out, text, size, o->recipe, error);
    free(text);
    return status;
}

/* Set recipe.model.name and recipe.data; false if memory fails. A recipe that is no object is refused later. */
static bool complete_recipe(json_t *recipe, const char *name, const char *dry, const char *wet)
{
    json_t *model = json_object_get(recipe, "model");
    json_t *data = json_pack("{s:s, s:s}", "dry", dry, "wet", wet);
    if (!json_is_object(recipe)) {
        json_decref(data);
        return true;
    }
    if (json_is_object(model) && json_object_set_new(model, "name", json_string(name))) {
        json_decref(data);
        return false;
    }
    return data && !json_object_set_new(recipe, "data", data);
}

/* The recipe of this capture as text, to be freed. */
static wn_status make_recipe(char **out, const capture_options *o, const char *name, const char *dry, const char *wet,
                             wn_error *error)
{
    json_t *recipe = NULL;
    *out = NULL;
    wn_status status = o->recipe ? read_recipe(&recipe, o, error) : own_recipe(&recipe, o, error);
    if (!status && complete_recipe(recipe, name, dry, wet)) *out = json_dumps(recipe, 0);
    json_decref(recipe);
    return status || *out ? status
                          : wn_fail(error, WN_ERROR_ARGUMENT, dry, "no recipe can be made: names must be UTF-8");
}

/* ---- the capture ------------------------------------------------------------------------------------------------ */

/* What the file says about itself, in the words of players. NULL: memory failed, or a text is not UTF-8. */
static json_t *make_labels(const capture_options *o)
{
    const struct {
        const char *key, *text;
    } texts[] = {{"modeled_by", o->by},
                 {"gear_type", o->gear},
                 {"gear_make", o->make},
                 {"gear_model", o->model},
                 {"tone_type", o->tone}};
    json_t *labels = json_object();
    bool failed = !labels;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].text && json_object_set_new(labels, texts[i].key, json_string(texts[i].text))) failed = true;
    if (!failed) return labels;
    json_decref(labels);
    return NULL;
}

/* "FOLDER/wet.wav" -> "wet"; the name of the capture and, with .nam, of its file. */
static void base_name(char *out, size_t size, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
    size_t n = dot && dot != name ? (size_t)(dot - name) : strlen(name);
    snprintf(out, size, "%.*s", (int)(n < size - 5 ? n : size - 5), name);
}

static int default_threads(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > MAX_DEFAULT_THREADS ? MAX_DEFAULT_THREADS : (int)n;
}

static wn_status check_output(const char *out, const char *dry, const char *wet, bool force, wn_error *error)
{
    if (wn_audio_is_same_file(out, dry) || wn_audio_is_same_file(out, wet))
        return wn_fail(error, WN_ERROR_ARGUMENT, out, "is also a recording; give another name for the output");
    if (!wn_file_has_ending(out, ".nam") && !wn_file_has_ending(out, ".safetensors") && strncmp(out, "/dev/", 5))
        return wn_fail(error, WN_ERROR_ARGUMENT, out, "is no capture's name; it ends in .nam or .safetensors");
    if (!force && wn_file_exists(out))
        return wn_fail(error, WN_ERROR_FILE, out, "exists; overwrite it with --force, or give another name with -o");
    return WN_OK;
}

static int make_capture(wn_cli *cli, const capture_options *o, const char *dry, const char *wet)
{
    char name[MAX_NAME], own_out[MAX_NAME + 4];
    char *recipe = NULL;
    json_t *labels = make_labels(o);
    wn_error error = {0};
    base_name(name, sizeof name, o->out ? o->out : wet);
    snprintf(own_out, sizeof own_out, "%s.nam", name);
    wn_train_config config = {.recipe = o->recipe ? o->recipe : "recipe",
                              .model = o->out ? o->out : own_out,
                              .threads = o->threads ? o->threads : default_threads(),
                              .steps = o->recipe ? o->steps : 0,
                              .seconds = 60 * o->minutes,
                              .ignore_checks = o->ignore_checks,
                              .input_level_dbu = o->input_dbu == WN_NOT_GIVEN ? NULL : &o->input_dbu,
                              .output_level_dbu = o->output_dbu == WN_NOT_GIVEN ? NULL : &o->output_dbu,
                              .labels = labels};
    wn_status status = labels ? WN_OK : wn_fail(&error, WN_ERROR_ARGUMENT, NULL, "names must be UTF-8 text");
    if (!status && o->cpu) status = wn_cli_cpu(&config.cpu, o->cpu, &error);
    if (!status) status = check_output(config.model, dry, wet, o->force, &error);
    if (!status && o->report) status = wn_capture_report_prepare(o->report, config.model, o->force, &error);
    if (!status) status = make_recipe(&recipe, o, o->name ? o->name : name, dry, wet, &error);
    config.text = recipe;
    wn_capture_report report = {cli, o->report};
    const wn_training_end end = {wn_capture_report_write, &report};
    int code = status ? wn_cli_fail(cli, &error) : wn_training_run(cli, &config, true, o->report ? &end : NULL);
    free(recipe);
    json_decref(labels);
    return code;
}

/* ---- a folder of pairs ------------------------------------------------------------------------------------------ */

typedef struct batch {
    wn_cli *cli;
    const capture_options *o;
} batch;

static int make_of_pair(void *user, const wn_capture_pair *pair)
{
    const batch *b = user;
    capture_options one = *b->o;
    char *report = one.report ? wn_folder_join(one.report, pair->name) : NULL;
    if (one.report && !report) return wn_cli_fail_text(b->cli, "%s", wn_status_text(WN_ERROR_MEMORY));
    one.out = pair->out;
    one.name = pair->name;
    one.report = report;
    int code = make_capture(b->cli, &one, pair->dry, pair->wet);
    free(report);
    return code;
}

static int make_captures(wn_cli *cli, const capture_options *o)
{
    batch b = {cli, o};
    wn_error error = {0};
    if (o->report && wn_file_make_folder(o->report, &error)) return wn_cli_fail(cli, &error);
    const wn_capture_folder folder = {.cli = cli,
                                      .folder = o->folder,
                                      .out = o->out ? o->out : o->folder,
                                      .force = o->force,
                                      .make = make_of_pair,
                                      .user = &b};
    return wn_capture_folder_run(&folder);
}

static int write_signal(wn_cli *cli, const char *path)
{
    wn_error error = {0};
    if (wn_test_signal_write(path, &error)) return wn_cli_fail(cli, &error);
    wn_cli_note(cli,
                "%s: %.0f s at 48000 Hz; play it through the equipment, record what comes out, then: "
                "wavenet capture %s recorded.wav -o amp.nam",
                path, wn_test_signal_seconds(), path);
    return wn_cli_done(cli);
}

static int capture_run(wn_cli *cli, int argc, const char **argv)
{
    capture_options o = {.input_dbu = WN_NOT_GIVEN, .output_dbu = WN_NOT_GIVEN, .seed = 1};
    const struct poptOption options[] = {
        {"output", 'o', POPT_ARG_STRING, &o.out_option, 0,
         "the capture, .nam or .safetensors (default: the wet file's name); with --folder, a folder", "FILE"},
        {"folder", 0, POPT_ARG_STRING, &o.folder, 0,
         "make a capture of each pair NAME-dry.wav, NAME-wet.wav; dry.wav is the dry recording of all others",
         "FOLDER"},
        {"size", 0, POPT_ARG_STRING, &o.size, 0, "network: standard (default), lite, feather, nano, a2 or a2-lite",
         "SIZE"},
        {"recipe", 0, POPT_ARG_STRING, &o.recipe, 0, "network and training of a recipe, without its data", "FILE"},
        {"steps", 0, POPT_ARG_LONG, &o.steps, 0, "steps of 131072 samples (default 3000)", "N"},
        {"minutes", 0, POPT_ARG_DOUBLE, &o.minutes, 0, "stop after this time, as on Ctrl-C; the best so far is kept",
         "M"},
        {"seed", 0, POPT_ARG_LONG, &o.seed, 0, "seed of weights and order (default 1); the same seed, the same file",
         "N"},
        {"threads", 0, POPT_ARG_INT, &o.threads, 0,
         "threads to use (default: one per processor, at most 4); the result does not depend on it", "N"},
        {"name", 0, POPT_ARG_STRING, &o.name_option, 0, "name of the capture (default: the file's)", "TEXT"},
        {"gear", 0, POPT_ARG_STRING, &o.gear, 0, "amp, pedal, pedal_amp, amp_cab, amp_pedal_cab, preamp or studio",
         "KIND"},
        {"make", 0, POPT_ARG_STRING, &o.make, 0, "maker of the equipment", "TEXT"},
        {"model", 0, POPT_ARG_STRING, &o.model, 0, "model of the equipment", "TEXT"},
        {"tone", 0, POPT_ARG_STRING, &o.tone, 0, "clean, overdrive, crunch, hi_gain or fuzz", "KIND"},
        {"by", 0, POPT_ARG_STRING, &o.by, 0, "who made the capture", "TEXT"},
        {"input-dbu", 0, POPT_ARG_DOUBLE, &o.input_dbu, 0, "level of a sine at full scale at the equipment's input",
         "DBU"},
        {"output-dbu", 0, POPT_ARG_DOUBLE, &o.output_dbu, 0, "level of a sine at full scale at its output", "DBU"},
        {"report", 0, POPT_ARG_STRING, &o.report_option, 0,
         "also write the validation part, recorded and rendered, and a picture of both and of the error", "FOLDER"},
        {"ignore-checks", 0, POPT_ARG_NONE, &o.ignore_checks, 0, "train although checks find a fault", NULL},
        {"force", 0, POPT_ARG_NONE, &o.force, 0, "overwrite a capture that exists", NULL},
        {"signal", 0, POPT_ARG_STRING, &o.signal, 0, "write the test signal to record, and nothing else", "OUT.wav"},
        {"cpu", 0, POPT_ARG_STRING, &o.cpu, 0, wn_cli_cpu_help(), "SET"},
        WN_CLI_HELP};
    if (!wn_cli_parse(cli, argc, argv, options, 0, 2)) return cli->status;
    const char *wrong = check_usage(&o, cli->n_args);
    if (wrong) return wn_cli_usage(cli, "%s", wrong);
    o.out = o.out_option;
    o.name = o.name_option;
    o.report = o.report_option;
    if (o.folder) return make_captures(cli, &o);
    return o.signal ? write_signal(cli, o.signal) : make_capture(cli, &o, cli->args[0], cli->args[1]);
}

const wn_command wn_command_capture = {
    .name = "capture",
    .summary = "two recordings, before and after an amplifier or pedal, become a capture of it",
    .usage = "DRY.wav WET.wav -o OUT.nam [OPTION...] | --folder FOLDER [OPTION...]",
    .example =
        "  wavenet capture --signal test.wav\n"
        "  wavenet capture dry.wav wet.wav -o amp.nam --gear amp --tone crunch\n"
        "  wavenet capture dry.wav wet.wav -o small.nam --size nano --steps 1000 --report small\n"
        "  wavenet capture --folder pairs -o captures\n\n"
        "The recordings are checked first: delay, polarity, length, rate, silence, clipping, channels, hum, and\n"
        "whether the equipment stayed the same. What was found is printed; a pair that cannot become a capture is\n"
        "refused. Ctrl-C ends the training and keeps the best capture so far. A folder of pairs becomes a folder of\n"
        "captures; those that exist are skipped.\n",
    .run = capture_run,
};
