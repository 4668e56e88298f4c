/* SPDX-License-Identifier: MIT
 * live.c - wavenet live: an instrument through a model, while it is played.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/arguments.h"
#include "cli/device_options.h"
#include "cli/devices.h"
#include "cli/interrupt.h"
#include "cli/key_input.h"
#include "cli/live_status.h"
#include "cli/model_bank.h"
#include "cli/model_options.h"
#include "cli/recorder.h"
#include "cli/sound_info.h"
#include "model/model.h"
#include "play/realtime_margin.h"

enum { USUAL_BLOCK = 256 };
#define POLL_INTERVAL 0.01 /* seconds */
#define WATCH_INTERVAL 0.5 /* seconds between two looks at the files */
#define MAX_SECONDS 1e7
#define MAX_LATENCY 1e4     /* milliseconds */
#define TRIM_STEP 1.0       /* dB of a key */
#define MAX_TRIM 60.0       /* dB */
#define REPORT_INTERVAL 5.0 /* seconds between two */
#define LAST_BLOCKS 2.0     /* seconds that a fade may take to come through */
#define MAX_STRAIN 2.0      /* seconds of overload, less those without, until the dry signal takes over */

typedef struct live {
    wn_cli *cli;
    wn_model_options run;
    wn_effect_options effect;
    wn_device_options device_options;
    char *input, *output, *cabinet, *record_dry, *record_wet, *bits;
    double seconds, latency; /* or WN_NOT_GIVEN; latency in milliseconds */
    int input_channel, watch, bypass, json, list_devices;

    wn_arguments arguments;
    wn_model_bank_chain chains[WN_MODEL_BANK_MAX];
    wn_model_bank *bank;
    wn_device *device;
    wn_device_description about;
    wn_live *processor;
    wn_recorder recorder;
    wn_status_line status_line;
    wn_live_status state;
    int64_t frames_left;                 /* frames to be played, of the device's thread */
    double looked, watched, reported_at; /* when: at the load, at the files; when gaps were talked about */
    double strain;                       /* seconds of overload */
    int64_t reported_gaps;               /* gaps that have been talked about */
    bool quits, failed, latency_posted;  /* a key said so; a recording failed; the latency has been said */
} live;

/* ---- what is asked for ---------------------------------------------------------------------------------------- */

static bool read_arguments(live *l)
{
    wn_arguments *a = &l->arguments;
    const wn_argument_rules rules = {.max_models = WN_MODEL_BANK_MAX - 1, .chains = true};
    if (!wn_arguments_sort(a, l->cli, &l->run, NULL, &rules)) return false;
    for (int i = 0, first = 0; i < a->n_chains; first = a->ends[i++])
        l->chains[i] = (wn_model_bank_chain){.models = a->models + first, .n = a->ends[i] - first};
    return true;
}

static const char *check_usage(live *l)
{
    const char *wrong = l->arguments.n_models ? NULL : "-m MODEL is missing";
    if (!wrong) wrong = wn_effect_check(&l->effect);
    if (!wrong) wrong = wn_cli_check_device(&l->device_options);
    if (!wrong) wrong = wn_cli_check_run(&l->run);
    if (wrong) return wrong;
    if (l->seconds != WN_NOT_GIVEN && !(l->seconds > 0 && l->seconds <= MAX_SECONDS))
        return "--seconds is above 0, up to 1e7";
    if (l->latency != WN_NOT_GIVEN && !(l->latency > 0 && l->latency <= MAX_LATENCY))
        return "--latency is above 0, up to 10000 milliseconds";
    if (l->input_channel < 1) return "--input-channel is 1 or more";
    if (l->bits && !l->record_dry && !l->record_wet) return "--bits are those of --record-dry and --record-wet";
    return NULL;
}

static wn_status check_outputs(const live *l, wn_error *error)
{
    if (l->record_dry && l->record_wet && strcmp(l->record_dry, l->record_wet) == 0)
        return wn_fail(error, WN_ERROR_ARGUMENT, l->record_dry, "for both recordings");
    const wn_arguments *a = &l->arguments;
    const char *const outputs[] = {l->record_dry, l->record_wet}, *cabinet = l->cabinet;
    wn_status status = WN_OK;
    for (int i = 0; i < 2 && !status; i++) {
        status = wn_output_file_check(outputs[i], a->models, a->n_models, error);
        if (!status) status = wn_output_file_check(outputs[i], &cabinet, 1, error);
    }
    return status;
}

/* ---- opening -------------------------------------------------------------------------------------------------- */

static wn_status open_bank(live *l, wn_error *error)
{
    wn_model_bank_config config = {.status_line = &l->status_line,
                                   .chains = l->chains,
                                   .n = l->arguments.n_chains,
                                   .cabinet = l->cabinet,
                                   .effect = &l->effect};
    wn_status status = wn_cli_cpu(&config.cpu, l->run.cpu, error);
    if (!status) status = wn_model_bank_new(&l->bank, &config, error);
    if (!status) wn_cli_note_sound(l->cli, l->cabinet);
    return status;
}

static wn_status open_device(live *l, wn_error *error)
{
    wn_device_config config = {.output = l->output,
                               .input = l->input,
                               .records = 1,
                               .input_channel = l->input_channel - 1,
                               .latency = l->latency == WN_NOT_GIVEN ? 0 : l->latency / 1000};
    wn_status status = wn_cli_open_device(&l->device, &l->about, l->cli, &l->device_options, config,
                                          wn_model_bank_get_rate(l->bank), error);
    l->state.rate = l->about.rate;
    l->state.output_gain = l->effect.output_gain;
    return status;
}

/* The first chain plays from the first sample on. */
static wn_status open_processor(live *l, wn_error *error)
{
    int frames = l->device_options.frames ? l->device_options.frames : USUAL_BLOCK;
    wn_status status = wn_live_new(&l->processor, l->about.rate, error);
    if (!status)
        status = wn_model_bank_start(l->bank, l->processor, l->about.rate,
                                     frames < WN_EFFECT_BLOCK ? frames : WN_EFFECT_BLOCK, error);
    if (status) return status;
    wn_live_set_bypass(l->processor, l->bypass);
    l->state.bypass = l->bypass;
    return WN_OK;
}

static wn_status open_recorder(live *l, wn_error *error)
{
    return wn_recorder_open(&l->recorder, l->record_dry, l->record_wet, l->bits, l->about.rate, l->processor, error);
}

/* The device knows its latency once it runs. */
static void post_latency(live *l)
{
    if (l->latency_posted || l->state.device.blocks == 0) return;
    l->latency_posted = true;
    wn_status_line_clear(&l->status_line);
    wn_device_properties info = wn_device_get_properties(l->device);
    double added = wn_model_bank_get_latency(l->bank);
    char resampling[64] = "";
    if (added > 0) snprintf(resampling, sizeof resampling, " + %.1f ms of resampling", 1000 * added);
    wn_cli_note(l->cli, "%s: latency %.1f ms in + %.1f ms out%s", l->about.text, 1000 * info.input_latency,
                1000 * info.output_latency, resampling);
}

static wn_status live_prepare(live *l, wn_error *error)
{
    wn_status status = check_outputs(l, error);
    if (!status) status = open_bank(l, error);
    if (!status) status = open_device(l, error);
    if (!status) status = open_processor(l, error);
    return status ? status : open_recorder(l, error);
}

/* ---- keys ----------------------------------------------------------------------------------------------------- */

static void choose_model(live *l, int index)
{
    int before = wn_model_bank_get_current(l->bank);
    wn_model_bank_select(l->bank, index);
    int now = wn_model_bank_get_current(l->bank);
    if (now == before) return;
    wn_status_line_clear(&l->status_line);
    wn_cli_note(l->cli, "%s %d: %s", l->chains[now].n > 1 || l->cabinet ? "chain" : "model", now + 1,
                wn_model_bank_get_name(l->bank, now));
}

static void change_trim(live *l, double db)
{
    l->state.trim = fmin(fmax(l->state.trim + db, -MAX_TRIM), MAX_TRIM);
    wn_model_bank_set_trim(l->bank, l->state.trim);
}

static void apply_command(live *l, char key)
{
    if (key == 'b') wn_live_set_bypass(l->processor, l->state.bypass = !l->state.bypass);
    if (key == 'n') choose_model(l, (wn_model_bank_get_current(l->bank) + 1) % wn_model_bank_get_count(l->bank));
    if (key >= '1' && key <= '9') choose_model(l, key - '1');
    if (key == '+' || key == '=') change_trim(l, TRIM_STEP);
    if (key == '-') change_trim(l, -TRIM_STEP);
    if (key == 'q') l->quits = true;
}

/* ---- on the device's thread ----------------------------------------------------------------------------------- */

static void play_block(void *user, const wn_device_block *block)
{
    live *l = user;
    if (l->frames_left <= 0) wn_live_fade_out(l->processor);
    wn_live_callback(l->processor, block);
    l->frames_left -= block->frames;
}

/* ---- while it plays ------------------------------------------------------------------------------------------- */

static void update_status(live *l)
{
    int chosen = wn_model_bank_get_current(l->bank);
    wn_live_status_update(&l->state, l->processor, l->device);
    l->state.model = chosen + 1;
    l->state.name = wn_model_bank_get_name(l->bank, chosen);
}

/* A disk that fails is no reason to stop playing. */
static void poll_recorder(live *l)
{
    wn_error error = {0};
    if (!wn_recorder_poll(&l->recorder, l->processor, &error)) return;
    wn_status_line_clear(&l->status_line);
    wn_cli_fail(l->cli, &error);
    wn_cli_note(l->cli, "the recording has ended, the sound goes on");
    l->failed = true;
}

/* A model that is too much for too long makes way for the dry signal, which costs nothing. */
static void shed_load(live *l)
{
    double now = wn_clock_seconds(), passed = now - l->looked;
    bool too_much =
        l->state.device.load >= WN_MAX_CALLBACK_LOAD && wn_model_bank_get_current(l->bank) != WN_MODEL_BANK_NONE;
    l->looked = now;
    l->strain = fmax(0, l->strain + (too_much ? passed : -passed));
    if (l->strain < MAX_STRAIN) return;
    wn_status_line_clear(&l->status_line);
    wn_cli_note(l->cli,
                "%s takes %.0f %% of the time there is: the dry signal sounds instead; a key picks a model again",
                l->state.name, 100 * l->state.device.load);
    wn_model_bank_select(l->bank, WN_MODEL_BANK_NONE);
    l->strain = 0;
}

static void report_gaps(live *l)
{
    double now = wn_clock_seconds();
    int64_t gaps = wn_live_status_gaps(&l->state);
    if (gaps == l->reported_gaps || now - l->reported_at < REPORT_INTERVAL) return;
    wn_status_line_clear(&l->status_line);
    wn_cli_note(l->cli, "sound was late, %lld time%s so far, at a load of %.0f %%; a larger --buffer bridges more",
                (long long)gaps, gaps == 1 ? "" : "s", 100 * l->state.device.load);
    l->reported_gaps = gaps;
    l->reported_at = now;
}

/* One look at everything. */
static wn_status live_poll(live *l, wn_error *error)
{
    apply_command(l, wn_key_input_wait(POLL_INTERVAL));
    wn_model_bank_poll(l->bank);
    poll_recorder(l);
    update_status(l);
    post_latency(l);
    shed_load(l);
    report_gaps(l);
    if (l->watch && wn_clock_seconds() - l->watched >= WATCH_INTERVAL) {
        l->watched = wn_clock_seconds();
        wn_model_bank_watch(l->bank);
    }
    if (!wn_status_line_due(&l->status_line)) return WN_OK;
    wn_status status = wn_live_status_show(&l->state, &l->status_line, "playing", error);
    wn_live_status_reset_peaks(&l->state);
    return status;
}

/* Until it is over, stopped, or the device is lost. */
static wn_status live_until_end(live *l, wn_error *error)
{
    double stopped = INFINITY;
    l->looked = wn_clock_seconds();
    l->frames_left = l->seconds == WN_NOT_GIVEN ? INT64_MAX : (int64_t)fmax(1, round(l->seconds * l->about.rate));
    wn_status status = wn_device_start(l->device, play_block, l, error);
    while (!status && !l->state.live.silent && wn_clock_seconds() - stopped < LAST_BLOCKS) {
        if ((wn_interrupt_requested() || l->quits) && stopped == INFINITY) {
            wn_live_fade_out(l->processor);
            stopped = wn_clock_seconds();
        }
        status = live_poll(l, error);
        if (!status && wn_device_get_state(l->device) == WN_DEVICE_LOST)
            status = wn_fail(error, WN_ERROR_FILE, l->about.text, "the sound device is gone, after %.1f s",
                             (double)l->state.live.frames / l->about.rate);
    }
    return status;
}

/* The recordings are completed also when the device was lost. */
static wn_status live_finish(live *l, wn_status status, wn_error *error)
{
    wn_error second = {0}, *later = status ? &second : error;
    wn_status done = WN_OK;
    wn_status_line_clear(&l->status_line);
    poll_recorder(l);
    if (l->json) done = wn_live_status_show(&l->state, &l->status_line, "ended", later);
    if (!done) done = wn_recorder_finish(&l->recorder, l->cli, later);
    if (done && status) wn_cli_fail(l->cli, &second);
    if (l->state.live.frames > 0)
        wn_live_status_report(&l->state, l->cli, l->about.text);
    else if (!status)
        wn_cli_note(l->cli, "stopped before it played");
    return status ? status : done;
}

static wn_status live_play(live *l, wn_error *error)
{
    wn_status_line_start(&l->status_line, l->cli, l->json);
    wn_key_input_open();
    wn_status status = live_until_end(l, error);
    wn_key_input_close();
    update_status(l);
    wn_cli_close_device(l->device);
    l->device = NULL;
    return live_finish(l, status, error);
}

/* The device first: its callback uses all the rest. */
static void live_free(live *l)
{
    wn_cli_close_device(l->device);
    wn_recorder_close(&l->recorder);
    wn_model_bank_free(l->bank);
    wn_live_free(l->processor);
}

static int live_run(wn_cli *cli, int argc, const char **argv)
{
    live *l = calloc(1, sizeof *l);
    if (!l) return wn_cli_fail_text(cli, "%s", wn_status_text(WN_ERROR_MEMORY));
    *l = (live){.cli = cli,
                .run = WN_CLI_RUN_DEFAULT,
                .effect = WN_EFFECT_DEFAULT,
                .seconds = WN_NOT_GIVEN,
                .latency = WN_NOT_GIVEN,
                .input_channel = 1};
    const struct poptOption options[] = {
        WN_CLI_MODEL(&l->run),
        {"input", 0, POPT_ARG_STRING, &l->input, 0,
         "input device: number or name from wavenet devices, or a part of it (default: the system's choice)", "D"},
        {"output", 0, POPT_ARG_STRING, &l->output, 0, "output device, likewise", "D"},
        {"input-channel", 0, POPT_ARG_INT, &l->input_channel, 0, "input channel, from 1 (default 1)", "N"},
        WN_CLI_DEVICE(&l->device_options),
        {"latency", 0, POPT_ARG_DOUBLE, &l->latency, 0,
         "latency asked of the device in milliseconds, each way (default: the least it recommends)", "MS"},
        {"cab", 0, POPT_ARG_STRING, &l->cabinet, 0,
         "impulse response of a loudspeaker cabinet, behind the last model of every chain", "CAB.wav"},
        WN_CLI_EFFECT(&l->effect),
        {"bypass", 0, POPT_ARG_NONE, &l->bypass, 0, "start with the dry signal", NULL},
        {"watch", 0, POPT_ARG_NONE, &l->watch, 0, "load a chain again whenever a file of it changes", NULL},
        {"seconds", 's', POPT_ARG_DOUBLE, &l->seconds, 0, "length in seconds (default: until Ctrl-C or q)", "S"},
        {"record-dry", 0, POPT_ARG_STRING, &l->record_dry, 0, "write the input to a sound file", "DRY.wav"},
        {"record-wet", 0, POPT_ARG_STRING, &l->record_wet, 0, "write the output to a sound file", "WET.wav"},
        {"bits", 0, POPT_ARG_STRING, &l->bits, 0, "sample format of the recordings: 16 (default), 24 or float", "B"},
        WN_CLI_LIST_DEVICES(&l->list_devices),
        {"json", 0, POPT_ARG_NONE, &l->json, 0, "print the state once per second as a JSON object", NULL},
        WN_CLI_RUN(&l->run),
        WN_CLI_HELP,
    };
    wn_error error = {0};
    bool go_on = wn_cli_parse(cli, argc, argv, options, 0, -1);
    if (go_on && l->list_devices) {
        cli->status = wn_cli_list_devices();
        go_on = false;
    }
    go_on = go_on && read_arguments(l);
    const char *wrong = go_on ? check_usage(l) : NULL;
    if (go_on && !wrong) {
        wn_interrupt_install();
        l->status_line.cli = cli;
        wn_status status = live_prepare(l, &error);
        if (!status) status = live_play(l, &error);
        live_free(l);
        cli->status = status ? wn_cli_fail(cli, &error) : l->failed ? WN_EXIT_FAILED : WN_EXIT_OK;
    }
    free(l);
    return wrong ? wn_cli_usage(cli, "%s", wrong) : cli->status;
}

const wn_command wn_command_live = {
    .name = "live",
    .summary = "play an instrument through a model",
    .usage = "MODEL... [: MODEL...]... [OPTION...]",
    .example =
        "  wavenet live -m amp.nam\n"
        "  wavenet live pedal.nam amp.nam --cab cab.wav --buffer 64 --input Scarlett --output Scarlett\n"
        "  wavenet live clean.nam : pedal.nam lead.nam --record-dry take.wav\n\n"
        "Several models run in series, as in process; a colon stands between chains that keys select: 1 to 9 one of\n"
        "them, n the next. b switches the bypass, + and - change the output by 1 dB, q quits. Keys come from a\n"
        "terminal or a pipe. All changes crossfade within 20 ms. The models run in the device's callback and add no\n"
        "delay. If the device has another rate, a resampler runs both ways, and its delay is printed. A chain that\n"
        "cannot keep up is refused at once. A chain that uses all of the time for two seconds is replaced by the dry\n"
        "signal. Ctrl-C fades out and completes the recordings. The loss of the device does the same, with exit\n"
        "status 1.\n",
    .run = live_run,
};
