/* SPDX-License-Identifier: MIT
 * process.c - wavenet process: sound through a feed-forward model, such as a capture of an amplifier.
 * Copyright (c) 2026 the wavenet authors */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/arguments.h"
#include "cli/batch.h"
#include "cli/chain.h"
#include "cli/interrupt.h"
#include "cli/output_file.h"
#include "cli/process_take.h"
#include "cli/sound_info.h"

enum { MAX_MODELS = 63 };
#define MAX_TAIL 3600.0      /* seconds */
#define MAX_CABINET 1.0      /* seconds; a longer sound is a take */
#define CHANNEL_NOT_GIVEN -1 /* 0 is something a user can type */

typedef struct process_options {
    wn_model_options run;
    wn_effect_options effect;
    wn_condition_options condition;
    wn_take_options take;
    const char *out, *cabinet;
    char *out_option, *cabinet_option, *in_option, *bits;
    wn_batch_options batch;
    bool is_batch; /* `out` is a folder */
} process_options;

typedef struct process {
    wn_cli *cli;
    process_options o;
    wn_arguments arguments;
    wn_chain chain;
    wn_conditions conditions;
} process;

/* ---- what is asked for ---------------------------------------------------------------------------------------- */

/* Seconds of a sound file; 0: it cannot be told. */
static double seconds_of(const char *path)
{
    wn_audio_reader *reader;
    if (!wn_argument_is_sound_file(path) || wn_audio_reader_new(&reader, path, NULL, NULL)) return 0;
    wn_audio_info info = wn_audio_reader_get_info(reader);
    wn_audio_reader_free(reader);
    return info.rate > 0 ? (double)info.frames / info.rate : 0;
}

/* Of two sounds for one output, one that is shorter than a second and than the other is the cabinet. */
static void choose_cabinet(process *p)
{
    wn_arguments *a = &p->arguments;
    if (a->n_sounds != 2 || p->o.cabinet) return;
    double seconds[2] = {seconds_of(a->sounds[0]), seconds_of(a->sounds[1])};
    int cabinet = seconds[0] < seconds[1] ? 0 : 1;
    if (!(seconds[cabinet] > 0 && seconds[cabinet] < MAX_CABINET && seconds[cabinet] < seconds[!cabinet])) return;
    p->o.cabinet = a->sounds[cabinet];
    if (cabinet == 0) a->sounds[0] = a->sounds[1];
    a->n_sounds = 1;
    wn_cli_note(p->cli, "%s: taken as the cabinet's impulse response, being %.2f s long; --cab names one", p->o.cabinet,
                seconds[cabinet]);
}

/* IN-MODEL.wav in the present folder, where nothing is given by option: it is never written over. */
static bool choose_output(process *p)
{
    const wn_arguments *a = &p->arguments;
    if (strcmp(a->sounds[0], "-") == 0) return true; /* and -o is missing */
    char *name = wn_arguments_default_output(a->sounds[0], a->models[0]);
    if (!wn_cli_own(p->cli, name)) {
        p->cli->status = wn_cli_fail_text(p->cli, "%s", wn_status_text(WN_ERROR_MEMORY));
        return false;
    }
    p->o.out = name;
    if (access(name, F_OK) != 0) return true;
    p->cli->status = wn_arguments_fail_existing(p->cli, name);
    return false;
}

/* Several sounds, or a folder of them, want a folder; so does a name of one. */
static bool wants_folder(const process *p)
{
    const wn_arguments *a = &p->arguments;
    size_t n = p->o.out ? strlen(p->o.out) : 0;
    bool many = a->n_sounds > 1;
    for (int i = 0; i < a->n_sounds; i++) many = many || wn_file_is_folder(a->sounds[i]);
    if (!n) return many;
    if (wn_file_is_folder(p->o.out) || p->o.out[n - 1] == '/') return true;
    return many && strcmp(p->o.out, "-") != 0 && wn_argument_classify(p->o.out) == WN_ARGUMENT_OTHER;
}

/* Several sounds that have no folder to go to. false: cli->status is set. */
static bool check_one_sound(const process *p)
{
    const wn_arguments *a = &p->arguments;
    for (int i = 0; i < a->n_sounds; i++)
        if (wn_file_is_folder(a->sounds[i])) {
            p->cli->status = wn_cli_usage(p->cli, "%s is a folder of sounds; -o FOLDER takes them", a->sounds[i]);
            return false;
        }
    if (a->n_sounds < 2) return true;
    const char *last = a->sounds[a->n_sounds - 1];
    if (p->o.out)
        p->cli->status = wn_cli_usage(p->cli, "unexpected argument '%s'; -o FOLDER/ takes several sounds", last);
    else
        p->cli->status = wn_arguments_fail_existing(p->cli, last);
    return false;
}

/* Models, the sound, the cabinet and the output, where they are no options. */
static bool read_arguments(process *p)
{
    process_options *o = &p->o;
    wn_arguments *a = &p->arguments;
    const wn_argument_rules rules = {
        .max_models = MAX_MODELS, .max_sounds = WN_ARGUMENT_ANY, .output = true, .folders = true};
    o->out = o->out_option;
    o->cabinet = o->cabinet_option;
    if (!wn_arguments_sort(a, p->cli, &o->run, o->out, &rules)) return false;
    if (o->in_option && a->n_sounds < p->cli->n_args + 1) a->sounds[a->n_sounds++] = o->in_option;
    if (a->output) o->out = a->output;
    o->is_batch = o->out && wants_folder(p);
    if (o->is_batch) return true;
    choose_cabinet(p);
    if (!check_one_sound(p)) return false;
    return o->out || !a->names_model || !a->n_sounds || choose_output(p);
}

/* NULL, or what is wrong with the usage. */
static const char *check_usage(const process *p)
{
    const process_options *o = &p->o;
    if (!o->run.model) return "-m MODEL is missing";
    if (!p->arguments.n_sounds) return "IN.wav is missing";
    if (!o->out) return "-o OUT.wav is missing";
    if (o->take.block < 1 || o->take.block > WN_TAKE_MAX_BLOCK) return "--block is 1 to 65536";
    if (!(o->take.tail >= 0 && o->take.tail <= MAX_TAIL)) return "--tail is 0 to 3600 seconds";
    if (o->take.channel != CHANNEL_NOT_GIVEN && (o->take.channel < 1 || o->take.channel > 1024))
        return "--channel is 1 to 1024";
    if (o->take.channel != CHANNEL_NOT_GIVEN && o->take.mono) return "--channel and --mono exclude each other";
    if (!o->is_batch && (o->batch.jobs != 1 || o->batch.skip_existing || o->batch.shard))
        return "--jobs, --skip-existing and --shard need -o FOLDER/";
    const char *wrong = wn_effect_check(&o->effect);
    if (!wrong) wrong = wn_batch_check(&o->batch, o->run.threads);
    return wrong ? wrong : wn_cli_check_run(&o->run);
}

static wn_status check_output(const process *p, wn_error *error)
{
    const process_options *o = &p->o;
    const char *inputs[] = {p->arguments.sounds[0], o->condition.cond, o->condition.global, o->condition.track,
                            o->cabinet};
    wn_status status = wn_output_file_check(o->out, inputs, sizeof inputs / sizeof *inputs, error);
    return status ? status : wn_output_file_check(o->out, p->arguments.models, p->arguments.n_models, error);
}

/* ---- running -------------------------------------------------------------------------------------------------- */

/* Conditions are those of the first model; the others have their default controls. */
static wn_status load_conditions(process *p, wn_error *error)
{
    wn_status status = wn_conditions_load(&p->conditions, &p->o.condition, p->chain.models[0], error);
    for (int i = 1; i < p->chain.n_effects && !status; i++) {
        wn_conditions none;
        status = wn_conditions_load(&none, &(wn_condition_options){0}, p->chain.models[i], error);
        wn_conditions_free(&none);
    }
    return status;
}

static wn_status process_prepare(process *p, wn_error *error)
{
    process_options *o = &p->o;
    const wn_arguments *a = &p->arguments;
    wn_status status = o->is_batch ? WN_OK : check_output(p, error);
    if (!status) status = wn_cli_cpu(&o->take.cpu, o->run.cpu, error);
    if (!status) status = wn_output_file_bits(&o->take.bits, o->bits, error);
    if (!status) status = wn_chain_load(&p->chain, a->models, a->n_models, o->cabinet, &o->effect, error);
    if (status) return status;
    wn_cli_note_sound(p->cli, o->cabinet);
    o->take.threads = o->run.threads;
    return load_conditions(p, error);
}

/* Everything but the files. */
static wn_take take_of(const process *p)
{
    return (wn_take){.cli = p->cli, .chain = &p->chain, .conditions = &p->conditions, .options = &p->o.take};
}

static int process_sound(const process *p)
{
    wn_error error = {0};
    wn_take take = take_of(p);
    take.path = p->arguments.sounds[0];
    take.out = p->o.out;
    return wn_take_process(&take, &error) ? wn_cli_fail(p->cli, &error) : WN_EXIT_OK;
}

static int process_folder(const process *p)
{
    const wn_condition_options *c = &p->o.condition;
    const char *kept[MAX_MODELS + 4] = {c->cond, c->global, c->track, p->o.cabinet};
    for (int i = 0; i < p->arguments.n_models; i++) kept[4 + i] = p->arguments.models[i];
    wn_batch batch = {.cli = p->cli,
                      .options = &p->o.batch,
                      .take = take_of(p),
                      .sounds = p->arguments.sounds,
                      .n_sounds = p->arguments.n_sounds,
                      .folder = p->o.out,
                      .kept = kept,
                      .n_kept = 4 + p->arguments.n_models};
    return wn_batch_run(&batch);
}

static int process_run(wn_cli *cli, int argc, const char **argv)
{
    process p = {.cli = cli,
                 .o.run = WN_CLI_RUN_DEFAULT,
                 .o.effect = WN_EFFECT_DEFAULT,
                 .o.batch.jobs = 1,
                 .o.take = {.block = WN_TAKE_BLOCK, .channel = CHANNEL_NOT_GIVEN}};
    process_options *o = &p.o;
    const struct poptOption options[] = {
        WN_CLI_MODEL(&o->run),
        {"input", 0, POPT_ARG_STRING | POPT_ARGFLAG_DOC_HIDDEN, &o->in_option, 0, "the sound, as IN.wav", "IN.wav"},
        {"output", 'o', POPT_ARG_STRING, &o->out_option, 0,
         "output file: .wav, .flac, .ogg, .opus, .aiff, .f32, .raw or .npy; - is a WAV stream on standard output",
         "OUT"},
        {"cab", 0, POPT_ARG_STRING, &o->cabinet_option, 0,
         "impulse response of a loudspeaker cabinet, behind the last model", "CAB.wav"},
        WN_CLI_EFFECT(&o->effect),
        {"channel", 0, POPT_ARG_INT, &o->take.channel, 0, "process this channel of the input alone, from 1", "N"},
        {"mono", 0, POPT_ARG_NONE, &o->take.mono, 0, "mix the channels of the input down to one", NULL},
        {"tail", 0, POPT_ARG_DOUBLE, &o->take.tail, 0, "seconds of silent input to add after the end (default 0)",
         "SECONDS"},
        {"no-prewarm", 0, POPT_ARG_NONE, &o->take.no_prewarm, 0,
         "start with empty histories instead of the state that endless silence leaves", NULL},
        {"block", 0, POPT_ARG_INT, &o->take.block, 0,
         "block size in frames (default 1024); changes speed and latency, not the samples", "N"},
        {"bits", 0, POPT_ARG_STRING, &o->bits, 0, "sample format: 16, 24 or float (default: the input's)", "B"},
        {"raw", 0, POPT_ARG_NONE, &o->take.raw, 0, "write samples only, without a header", NULL},
        {"raw-in", 0, POPT_ARG_NONE, &o->take.raw_in, 0, "read IN as .f32, whatever its name; also standard input",
         NULL},
        WN_CLI_BATCH(&o->batch),
        WN_CLI_CONDITIONS(&o->condition),
        WN_CLI_RUN(&o->run),
        WN_CLI_HELP,
    };
    if (!wn_cli_parse(cli, argc, argv, options, 0, -1)) return cli->status;
    if (!read_arguments(&p)) return cli->status;
    const char *wrong = check_usage(&p);
    if (wrong) return wn_cli_usage(cli, "%s", wrong);
    if (o->take.channel == CHANNEL_NOT_GIVEN) o->take.channel = 0;
    wn_error error = {0};
    wn_interrupt_install();
    wn_status status = process_prepare(&p, &error);
    int code = status ? wn_cli_fail(cli, &error) : o->is_batch ? process_folder(&p) : process_sound(&p);
    wn_conditions_free(&p.conditions);
    wn_chain_free(&p.chain);
    return code;
}

const wn_command wn_command_process = {
    .name = "process",
    .summary = "run sound through a feed-forward model, such as a capture of an amplifier",
    .usage = "MODEL... IN.wav [OUT.wav] [OPTION...]",
    .example = "  wavenet process amp.nam guitar.wav amped.wav\n"
               "  wavenet process -m pedal.nam -m amp.nam --cab cab.wav guitar.wav -o amped.wav --normalize\n"
               "  wavenet process -m amp.nam takes/ -o amped/ --jobs 2\n"
               "  arecord -t wav -f S16_LE -r 48000 - | wavenet process -m amp.nam - -o - --block 64 | aplay\n\n"
               "Several models run in series. The output is as long as the input, at its rate and without delay. Each\n"
               "channel goes through the models on its own. IN may be - for a stream, or .f32: raw little-endian\n"
               "float32, mono, at the model's rate. Ctrl-C completes the file.\n",
    .run = process_run,
};
