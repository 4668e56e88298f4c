/* SPDX-License-Identifier: MIT
 * say.c - wavenet say: Russian text, or phones, become speech.
 * Copyright (c) 2026 the wavenet authors */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "cli/acoustic.h"
#include "cli/cli.h"
#include "cli/espeak.h"
#include "cli/feature_vocoder.h"
#include "cli/interrupt.h"
#include "cli/model_options.h"
#include "cli/model_places.h"
#include "cli/phone_text.h"
#include "cli/progress.h"
#include "cli/russian_text.h"
#include "cli/sound_output.h"
#include "cli/voice_data.h"

#define DEFAULT_VOICE "voice"
#define DATA_FILE "voice.json" /* beside the network */

typedef struct say {
    wn_cli *cli;
    wn_model_options run;
    wn_sound_output_options out;
    char *vocoder_name, *phones_path, *precision_text;
    double temperature;
    long long seed;
    int print_phones;
    const char *text; /* NULL: phones */
    double started;   /* seconds of the clock */
    wn_cpu cpu;
    wn_precision precision;
    wn_voice voice;
    wn_model *vocoder_model;
    wn_acoustic acoustic;
    wn_feature_vocoder vocoder;
    wn_sound_output output;
    FILE *file; /* of the text or the phones; NULL: the text is an argument */
    wn_russian_reader sentences;
    wn_phone_reader phones;
    int64_t n_sentences;
} say;

/* ---- preparing ---------------------------------------------------------------------------------------------------- */

static const char *check_usage(const say *s)
{
    if (!s->text && !s->phones_path) return "TEXT is missing";
    if (s->text && s->phones_path) return "TEXT and --from-phones exclude each other";
    if (s->print_phones && s->phones_path) return "--phones and --from-phones exclude each other";
    if (s->print_phones && s->out.path) return "--phones prints to standard output; -o is for sound";
    if (s->temperature != WN_NOT_GIVEN && !(s->temperature >= 0 && s->temperature <= 100))
        return "--temperature is 0 to 100";
    const char *wrong = wn_sound_output_check(&s->out);
    return wrong ? wrong : wn_cli_check_run(&s->run);
}

/* The data of the voice beside its network. */
static wn_status read_voice(say *s, wn_error *error)
{
    char path[WN_CLI_MAX_PATH + sizeof DATA_FILE];
    wn_status status = wn_cli_find_model(path, WN_CLI_MAX_PATH, s->run.model, error);
    if (status) return status;
    char *slash = strrchr(path, '/');
    strcpy(slash ? slash + 1 : path, DATA_FILE);
    return wn_voice_read(&s->voice, path, error);
}

static wn_status open_input(say *s, wn_error *error)
{
    const char *path = s->text && strcmp(s->text, "-") == 0 ? s->text : s->phones_path;
    const char *where = !path ? "the text" : strcmp(path, "-") ? path : "standard input";
    if (path) s->file = strcmp(path, "-") ? fopen(path, "rb") : stdin;
    if (path && !s->file) return wn_fail(error, WN_ERROR_FILE, path, "%s", strerror(errno));
    s->sentences = (wn_russian_reader){.where = where, .text = path ? NULL : s->text, .file = s->file};
    s->phones = (wn_phone_reader){.path = where, .file = s->file, .voice = &s->voice};
    return s->text ? wn_espeak_check(error) : WN_OK;
}

/* In messages. */
static const char *output_name(const say *s) { return s->out.path ? s->out.path : "the speech"; }

static wn_status open_networks(say *s, wn_error *error)
{
    const char *name = s->vocoder_name ? s->vocoder_name : s->voice.vocoder;
    wn_status status = wn_cli_load(&s->vocoder_model, name, error);
    if (!status) status = wn_feature_vocoder_check(s->vocoder_model, name, error);
    if (!status)
        status = wn_acoustic_open(&s->acoustic, &s->voice, s->run.model, s->vocoder_model, name, s->cpu, error);
    if (status) return status;
    wn_feature_vocoder_config config = {.name = name,
                                        .output = output_name(s),
                                        .cpu = s->cpu,
                                        .precision = s->precision,
                                        .seed = (uint64_t)s->seed,
                                        .temperature = s->temperature,
                                        .max_rows = WN_ACOUSTIC_BLOCK};
    return wn_feature_vocoder_open(&s->vocoder, s->cli, s->vocoder_model, &config, error);
}

static wn_status say_prepare(say *s, wn_error *error)
{
    const char *inputs[] = {s->phones_path};
    wn_status status = wn_output_file_check(s->out.path, inputs, 1, error);
    if (!status) status = wn_cli_cpu(&s->cpu, s->run.cpu, error);
    if (!status) status = wn_cli_precision(&s->precision, s->precision_text, error);
    if (!status) status = read_voice(s, error);
    if (!status) status = open_input(s, error);
    if (status || s->print_phones) return status;
    status = open_networks(s, error);
    if (status) return status;
    return wn_sound_output_open(&s->output, s->cli, &s->out, NULL, s->started, s->vocoder.info.sample_rate,
                                s->vocoder.info.n_classes > 0, error);
}

/* ---- running ------------------------------------------------------------------------------------------------------ */

/* The next sentence into s->acoustic.sentence; 0 phones at the end. */
static wn_status next_sentence(say *s, wn_error *error)
{
    wn_sentence *sentence = &s->acoustic.sentence;
    char text[WN_RUSSIAN_MAX_SENTENCE];
    if (!s->text) return wn_phone_reader_next(&s->phones, sentence, error);
    sentence->n = 0;
    wn_status status = wn_russian_reader_next(&s->sentences, text, error);
    if (status || !*text) return status;
    return wn_espeak_sentence(sentence, &s->voice, text, error);
}

static wn_status speak_sentence(say *s, wn_progress *progress, wn_error *error)
{
    wn_status status = WN_OK;
    int rows = 0;
    wn_acoustic_start(&s->acoustic);
    while (!status && !wn_interrupt_requested()) {
        rows = wn_acoustic_run(&s->acoustic, wn_feature_vocoder_get_space(&s->vocoder));
        if (rows < 0) break;
        status = wn_feature_vocoder_add(&s->vocoder, rows, -1, &s->output, error);
        wn_progress_update(progress, s->vocoder.done);
    }
    return status;
}

/* Every sentence in turn, until there is none. */
static wn_status say_sentences(say *s, wn_progress *progress, wn_error *error)
{
    wn_status status = WN_OK;
    while (!status && !wn_interrupt_requested()) {
        status = next_sentence(s, error);
        if (status || !s->acoustic.sentence.n) break;
        s->n_sentences++;
        if (s->print_phones)
            wn_sentence_print(&s->acoustic.sentence, &s->voice, stdout);
        else
            status = speak_sentence(s, progress, error);
    }
    return status;
}

static wn_status say_all(say *s, wn_error *error)
{
    wn_progress progress;
    wn_progress_start(&progress, s->cli, 0, s->print_phones ? 0 : s->vocoder.info.sample_rate);
    wn_status status = say_sentences(s, &progress, error);
    wn_progress_end(&progress);
    if (!status && !s->n_sentences && !wn_interrupt_requested())
        return wn_fail(error, WN_ERROR_FORMAT, s->phones.path, "holds no phones");
    if (status || s->print_phones) return status;
    int64_t frames = s->vocoder.received * s->vocoder.info.feature_hop;
    if (!wn_interrupt_requested()) status = wn_feature_vocoder_add(&s->vocoder, 0, frames, &s->output, error);
    if (!status && s->vocoder.done == 0)
        return wn_fail(error, WN_ERROR_FILE, output_name(s), "stopped before the first sample; nothing was written");
    return status;
}

static wn_status say_finish(say *s, double seconds, wn_error *error)
{
    wn_status status = wn_sound_output_finish(&s->output, error);
    if (status) return status;
    wn_sound_output_report(&s->output, s->vocoder.done, seconds, s->seed, wn_plan_get_cpu(s->vocoder.plan), "");
    return WN_OK;
}

static void say_free(say *s)
{
    wn_sound_output_close(&s->output);
    wn_feature_vocoder_close(&s->vocoder);
    wn_acoustic_close(&s->acoustic);
    wn_model_free(s->vocoder_model);
    if (s->file && s->file != stdin) fclose(s->file);
    free(s);
}

static int say_with(say *s)
{
    wn_error error = {0};
    s->started = wn_clock_seconds();
    wn_interrupt_install();
    wn_status status = say_prepare(s, &error);
    if (!status) status = say_all(s, &error);
    if (!status && !s->print_phones) status = say_finish(s, wn_clock_seconds() - s->started, &error);
    const wn_cli *cli = s->cli;
    say_free(s);
    return status ? wn_cli_fail(cli, &error) : wn_cli_done(cli);
}

static int say_run(wn_cli *cli, int argc, const char **argv)
{
    say *s = calloc(1, sizeof *s);
    if (!s) return wn_cli_fail_text(cli, "%s", wn_status_text(WN_ERROR_MEMORY));
    *s = (say){.cli = cli, .run = WN_CLI_RUN_DEFAULT, .temperature = WN_NOT_GIVEN};
    const struct poptOption options[] = {
        WN_CLI_SOUND_OUTPUT(&s->out),
        {"phones", 0, POPT_ARG_NONE, &s->print_phones, 0,
         "print the phones instead: a line per phone, with its name and its duration in ms", NULL},
        {"from-phones", 0, POPT_ARG_STRING, &s->phones_path, 0,
         "speak such lines instead of TEXT, with a pitch in Hz where a third word gives one; - is standard input",
         "FILE"},
        WN_CLI_MODEL(&s->run),
        {"vocoder", 0, POPT_ARG_STRING, &s->vocoder_name, 0, "model that makes the sound (default: the voice's)",
         "MODEL"},
        {"seed", 0, POPT_ARG_LONGLONG, &s->seed, 0, "another number, another take (default 0)", "N"},
        {"temperature", 't', POPT_ARG_DOUBLE, &s->temperature, 0,
         "below 1: safer, above 1: wilder (default: as the vocoder recommends)", "T"},
        WN_CLI_PRECISION(&s->precision_text),
        WN_CLI_RUN(&s->run),
        WN_CLI_HELP,
    };
    if (!wn_cli_parse(cli, argc, argv, options, 0, 1)) {
        free(s);
        return cli->status;
    }
    s->text = cli->n_args ? cli->args[0] : NULL;
    s->run.model = s->run.models ? s->run.models[0] : DEFAULT_VOICE;
    const char *wrong = s->run.models && s->run.models[1] ? "MODEL is given twice" : check_usage(s);
    if (wrong) {
        free(s);
        return wn_cli_usage(cli, "%s", wrong);
    }
    return say_with(s);
}

const wn_command wn_command_say = {
    .name = "say",
    .summary = "speak a Russian text",
    .usage = "TEXT|- [-o OUT.wav] [OPTION...]",
    .example =
        "  wavenet say \"Добрый день!\"\n"
        "  wavenet say \"Добрый день!\" -o out.wav\n"
        "  wavenet say - -o - <book.txt | aplay\n"
        "  wavenet say \"Добрый день!\" --phones >phones.txt\n"
        "  wavenet say --from-phones phones.txt -o out.wav\n\n"
        "Without -o the speech is played while it is made. TEXT is UTF-8 in Russian letters, - is standard input; a\n"
        "text of any length takes constant memory. An acute accent after a vowel marks the stress. The program\n"
        "espeak-ng finds the phones. Put -- before a text that begins with a dash. An empty line ends a sentence of\n"
        "phones. Ctrl-C completes the file up to there.\n",
    .run = say_run,
};
