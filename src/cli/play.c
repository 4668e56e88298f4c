/* SPDX-License-Identifier: MIT
 * play.c - wavenet play: a model generates, and one hears it at once.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/device_options.h"
#include "cli/devices.h"
#include "cli/interrupt.h"
#include "cli/key_input.h"
#include "cli/midi_options.h"
#include "cli/model_options.h"
#include "cli/output_file.h"
#include "cli/session.h"
#include "cli/status_line.h"
#include "model/model.h"
#include "play/realtime_margin.h"

enum { CHUNK = 64, BLOCK = 512, LIVE_BLOCK = 64, MONITOR_FRAMES = 4096 };
#define POLL_INTERVAL 0.02   /* seconds */
#define DEVICE_LATENCY 0.05  /* seconds the device keeps of what the player has made */
#define PLAYER_LATENCY 200.0 /* milliseconds the player keeps ready */
#define LIVE_LATENCY 1.0     /* the same, for notes played live */
#define LIVE_CHUNK 0.0005    /* seconds, that a note waits at most for the one before it to be made */
#define MAX_SECONDS 1e7
#define MAX_LATENCY 3.6e6   /* milliseconds */
#define REPORT_INTERVAL 5.0 /* seconds between two */
#define LAST_BLOCKS 2.0     /* seconds that a fade may take to come through */

typedef struct playing {
    wn_cli *cli;
    wn_session r;
    wn_midi_options midi;
    wn_device_options device_options;
    char *device_name, *record, *bits;
    double seconds, latency; /* or WN_NOT_GIVEN; latency in milliseconds */
    int json, list_devices;
    int64_t frames; /* to be played; INT64_MAX: until it is stopped */
    wn_device *device;
    wn_device_description about;
    wn_player *player;
    wn_player_stats stats;
    wn_device_stats device_stats;
    wn_output_file output;
    wn_status_line status_line;
    int64_t reported_gaps; /* underruns that have been talked about */
    double reported_at;
    float monitored[MONITOR_FRAMES];
} playing;

/* ---- what is asked for ---------------------------------------------------------------------------------------- */

/* Model and song, where they are no options. */
static bool read_arguments(playing *p, int argc)
{
    wn_arguments a;
    const wn_argument_rules rules = {.max_models = 1, .songs = true};
    wn_session_options *o = &p->r.o;
    o->midi_file = o->midi_option;
    if (!wn_arguments_sort(&a, p->cli, &o->run, NULL, &rules)) return false;
    if (a.song && o->midi_file) {
        p->cli->status = wn_cli_usage(p->cli, "two songs: %s and %s", o->midi_file, a.song);
        return false;
    }
    if (argc > 1) wn_session_choose_model(p->cli, o);
    if (a.song) o->midi_file = a.song;
    return true;
}

static const char *check_usage(playing *p)
{
    if (p->midi.query) p->midi.requested = 1;
    p->r.o.live = p->midi.requested;
    const char *wrong = wn_session_check(&p->r.o);
    if (!wrong) wrong = wn_cli_check_device(&p->device_options);
    if (wrong) return wrong;
    if (p->seconds != WN_NOT_GIVEN && !(p->seconds > 0 && p->seconds <= MAX_SECONDS))
        return "--seconds is above 0, up to 1e7";
    if (p->latency != WN_NOT_GIVEN && !(p->latency >= 1 && p->latency <= MAX_LATENCY))
        return "--latency is 1 to 3.6e6 milliseconds";
    if (p->r.o.voices > 1 && !p->r.o.midi_file && !p->r.o.live) return "--voices need --midi or --midi-file";
    if (p->bits && !p->record) return "--bits are those of --record";
    return NULL;
}

static wn_status check_output(const playing *p, wn_error *error)
{
    const wn_session_options *o = &p->r.o;
    const char *inputs[] = {o->condition.cond, o->condition.global, o->condition.track, o->run.model, o->midi_file};
    return wn_output_file_check(p->record, inputs, sizeof inputs / sizeof *inputs, error);
}

static wn_status choose_length(playing *p, wn_error *error)
{
    int64_t natural;
    wn_status status = wn_session_length(&natural, &p->r, error);
    bool given = p->seconds != WN_NOT_GIVEN;
    if (!status) p->frames = given ? (int64_t)fmax(1, round(p->seconds * p->r.rate)) : natural;
    return status ? status : wn_conditions_check_length(&p->r.conditions, p->r.model, given ? p->frames : 1, error);
}

/* ---- opening -------------------------------------------------------------------------------------------------- */

/* The player's source. */
static int play_source(void *user, float *pcm, int frames)
{
    playing *p = user;
    int64_t left = p->frames - p->r.done;
    int n = left < frames ? (int)left : frames;
    if (n > 0) wn_session_run(&p->r, n);
    memcpy(pcm, p->r.pcm, (size_t)n * sizeof *pcm);
    return n;
}

/* A note begins with what is made next. */
static void probe_note(void *user, double when)
{
    const playing *p = user;
    wn_player_probe_latency(p->player, when);
}

static wn_status open_midi(playing *p, wn_error *error)
{
    if (!p->midi.requested) return WN_OK;
    wn_status status = wn_midi_options_open(&p->midi, p->cli, error);
    if (status) return status;
    p->r.queue = wn_midi_input_queue(p->midi.port);
    p->r.on_note = probe_note;
    p->r.on_note_user = p;
    return WN_OK;
}

static wn_status open_device(playing *p, wn_error *error)
{
    wn_device_config config = {.output = p->device_name, .latency = p->r.o.live ? 0 : DEVICE_LATENCY};
    return wn_cli_open_device(&p->device, &p->about, p->cli, &p->device_options, config, p->r.rate, error);
}

static wn_status open_player(playing *p, wn_error *error)
{
    bool live = p->r.o.live;
    double latency = live ? LIVE_LATENCY : PLAYER_LATENCY;
    int block = live ? LIVE_BLOCK : BLOCK;
    wn_player_config config = {.source = play_source,
                               .user = p,
                               .rate = p->r.rate,
                               .device_rate = p->about.rate,
                               .chunk = live ? (int)fmax(1, LIVE_CHUNK * p->r.rate) : CHUNK,
                               .block = p->device_options.frames ? p->device_options.frames : block,
                               .latency = (p->latency == WN_NOT_GIVEN ? latency : p->latency) / 1000,
                               .realtime_priority = live};
    return wn_player_new(&p->player, &config, error);
}

static wn_status open_recording(playing *p, wn_error *error)
{
    wn_audio_writer_config config = {.rate = p->about.rate, .channels = 1};
    if (!p->record) return WN_OK;
    wn_status status = wn_output_file_bits(&config.bits, p->bits, error);
    return status ? status : wn_output_file_open(&p->output, p->record, &config, false, error);
}

static wn_status play_prepare(playing *p, wn_error *error)
{
    wn_status status = check_output(p, error);
    if (!status) status = wn_session_load(&p->r, error);
    if (!status) status = choose_length(p, error);
    if (!status) status = open_midi(p, error);
    if (!status) status = open_device(p, error);
    if (!status) status = wn_session_begin(&p->r, NULL, 0, error);
    if (!status) status = open_player(p, error);
    return status ? status : open_recording(p, error);
}

/* ---- keeping up ----------------------------------------------------------------------------------------------- */

/* Whether sound that is generated at the measured speed lasts to the end once the player's buffer is full. The speed is that
 * of processor time, so that other programs do not count. */
static bool is_sustainable(const playing *p)
{
    double speed = p->stats.cpu_speed, ahead = p->stats.target * p->r.rate;
    if (speed == 0 || speed >= 1) return true;
    return p->frames != INT64_MAX && (double)p->frames - ahead <= speed * (double)p->frames;
}

/* The size of model and the number of voices that this machine would play, from the measured speed. */
static void describe_what_fits(const playing *p, char *text, size_t size)
{
    double speed = p->stats.cpu_speed, share = speed / WN_REALTIME_MARGIN;
    int used = snprintf(text, size, "%.2f x real time (%.0f of %.0f samples/s)", speed, speed * p->r.rate, p->r.rate);
    used += snprintf(text + used, size - (size_t)used,
                     "; what would fit: a model of %.0f thousand multiply-accumulates a sample (this one: %.0f)",
                     share * (double)p->r.info.macs / 1000, (double)p->r.info.macs / 1000);
    if (p->r.o.voices > 1)
        snprintf(text + used, size - (size_t)used, ", or %d of %d --voices", (int)fmax(1, share * p->r.o.voices),
                 p->r.o.voices);
}

static wn_status too_slow(const playing *p, wn_error *error)
{
    char what_fits[256];
    describe_what_fits(p, what_fits, sizeof what_fits);
    return wn_fail(error, WN_ERROR_UNSUPPORTED, p->r.o.run.model,
                   "too slow to be played here: %s; wavenet generate renders it at leisure", what_fits);
}

/* Report underruns at most every REPORT_INTERVAL, with the reason if it is the model. */
static void report_underruns(playing *p)
{
    char what_fits[256];
    double now = wn_clock_seconds();
    if (p->stats.underruns == p->reported_gaps || now - p->reported_at < REPORT_INTERVAL) return;
    wn_status_line_clear(&p->status_line);
    wn_cli_note(p->cli, "sound was late, %lld time%s so far; %.0f ms are kept ready from now on",
                (long long)p->stats.underruns, p->stats.underruns > 1 ? "s" : "", 1000 * p->stats.target);
    if (p->stats.cpu_speed < 1) {
        describe_what_fits(p, what_fits, sizeof what_fits);
        wn_cli_note(p->cli, "cannot keep up: %s", what_fits);
    } else if (p->stats.speed < 1) {
        wn_cli_note(p->cli, "other programs take the processor: %.2f x real time, %.2f without them", p->stats.speed,
                    p->stats.cpu_speed);
    }
    p->reported_gaps = p->stats.underruns;
    p->reported_at = now;
}

/* ---- while it plays ------------------------------------------------------------------------------------------- */

static json_t *status_json(const playing *p, const char *state)
{
    const wn_player_stats *c = &p->stats;
    const wn_device_stats *device = &p->device_stats;
    json_t *midi = p->midi.port ? wn_midi_options_json(&p->midi, p->r.synth, c) : NULL;
    return json_pack("{s:s, s:f, s:f, s:f, s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:o*}", "state", state,
                     "time", wn_status_line_seconds(&p->status_line), "peak", (double)c->peak, "speed", c->speed,
                     "ready", c->buffered, "wanted", c->target, "made", (json_int_t)c->generated, "played",
                     (json_int_t)c->played, "underruns", (json_int_t)c->underruns, "missing",
                     (json_int_t)c->underrun_frames, "device_underflows", (json_int_t)device->underflows, "load",
                     device->load, "cpu", wn_status_line_cpu(&p->status_line), "rate", p->about.rate, "midi", midi);
}

static wn_status show_status(playing *p, const char *state, wn_error *error)
{
    char text[384], level[64], clock[32], midi[128] = "";
    const wn_player_stats *c = &p->stats;
    if (p->midi.port) wn_midi_options_status(midi, sizeof midi, p->r.synth, c);
    snprintf(text, sizeof text, "%s  %s  %.2f x real time  %.0f ms ready  %lld underrun%s  cpu %.0f %%%s%s",
             wn_status_line_clock(clock, sizeof clock, (double)c->played / p->about.rate),
             wn_status_line_level(level, sizeof level, c->peak), c->speed, 1000 * c->buffered, (long long)c->underruns,
             c->underruns == 1 ? "" : "s", 100 * wn_status_line_cpu(&p->status_line), *midi ? "  " : "", midi);
    bool ok = wn_status_line_show(&p->status_line, text, p->status_line.json ? status_json(p, state) : NULL);
    return ok ? WN_OK : wn_fail(error, WN_ERROR_FILE, "standard output", "nobody reads the JSON any more");
}

static wn_status write_recording(playing *p, wn_error *error)
{
    wn_status status = WN_OK;
    for (int n; !status && (n = wn_player_monitor(p->player, p->monitored, MONITOR_FRAMES)) > 0;)
        if (p->record) status = wn_output_file_write(&p->output, p->monitored, NULL, n, error);
    return status;
}

static void release_notes(playing *p, const char *why)
{
    if (!p->r.synth) return;
    wn_synth_request_release(p->r.synth);
    wn_status_line_clear(&p->status_line);
    wn_cli_note(p->cli, "%s", why);
}

/* For a while: the panic key, and a keyboard that is gone. */
static void poll_notes(playing *p)
{
    if (wn_key_input_wait(POLL_INTERVAL) == 'p') release_notes(p, "all notes released");
    if (p->midi.port && wn_midi_input_is_lost(p->midi.port))
        release_notes(p, "the keyboard has fallen silent; its notes are released");
}

/* One look at everything. */
static wn_status play_poll(playing *p, const char *state, wn_error *error)
{
    poll_notes(p);
    float peak = p->stats.peak;
    p->stats = wn_player_get_stats(p->player);
    p->stats.peak = fmaxf(p->stats.peak, peak);
    p->device_stats = wn_device_get_stats(p->device);
    wn_status status = write_recording(p, error);
    if (status || !wn_status_line_due(&p->status_line)) return status;
    status = show_status(p, state, error);
    p->stats.peak = 0;
    return status;
}

/* Until enough has been made to begin. */
static wn_status play_prefill(playing *p, wn_error *error)
{
    wn_midi_options_start(&p->midi);
    wn_status status = wn_player_start(p->player, error);
    while (!status && !p->stats.prefilled && !wn_interrupt_requested()) {
        status = play_poll(p, "filling", error);
        if (!status && !is_sustainable(p)) status = too_slow(p, error);
    }
    return status;
}

/* Until it is over, stopped, or the device is lost. */
static wn_status play_until_end(playing *p, wn_error *error)
{
    double stopped = INFINITY;
    wn_status status = wn_device_start(p->device, wn_player_callback, p->player, error);
    while (!status && !p->stats.finished && wn_clock_seconds() - stopped < LAST_BLOCKS) {
        if (wn_interrupt_requested() && stopped == INFINITY) {
            wn_player_fade_out(p->player);
            stopped = wn_clock_seconds();
        }
        status = play_poll(p, "playing", error);
        report_underruns(p);
        if (!status && wn_device_get_state(p->device) == WN_DEVICE_LOST)
            status = wn_fail(error, WN_ERROR_FILE, p->about.text, "the sound device is gone, after %.1f s",
                             (double)p->stats.played / p->about.rate);
    }
    return status;
}

static void play_report(playing *p)
{
    const wn_player_stats *c = &p->stats;
    double seconds = (double)c->played / p->about.rate;
    if (c->underrun_frames)
        wn_cli_note(p->cli, "%lld underrun%s, %.2f s of silence in all", (long long)c->underruns,
                    c->underruns > 1 ? "s" : "", (double)c->underrun_frames / p->about.rate);
    if (p->record && c->dropped)
        wn_cli_note(p->cli, "%s: %lld samples are missing; the disk was too slow", p->record, (long long)c->dropped);
    if (p->midi.port) wn_midi_options_report(&p->midi, p->cli, p->r.synth, c);
    wn_cli_note(p->cli, "played %.2f s on %s, seed %lld, temperature %g; %.2f x real time, %s kernels", seconds,
                p->about.text, p->r.o.seed, p->r.sampling.temperature, c->speed,
                wn_plan_get_cpu(wn_voice_group_get_plan(p->r.voice_group)));
}

/* The recording is completed also when the device was lost. */
static wn_status play_finish(playing *p, wn_status status, wn_error *error)
{
    wn_error second = {0}, *later = status ? &second : error;
    wn_status_line_clear(&p->status_line);
    p->stats = wn_player_get_stats(p->player);
    wn_status done = write_recording(p, later);
    if (!done && p->json) done = show_status(p, "ended", later);
    if (!done && p->record && p->stats.played > 0) done = wn_output_file_finish(&p->output, p->cli, later);
    if (done && status) wn_cli_fail(p->cli, &second);
    if (p->stats.played > 0)
        play_report(p);
    else if (!status)
        wn_cli_note(p->cli, "stopped before it played");
    return status ? status : done;
}

static wn_status play_session(playing *p, wn_error *error)
{
    wn_status_line_start(&p->status_line, p->cli, p->json);
    wn_key_input_open();
    wn_status status = play_prefill(p, error);
    if (!status && !wn_interrupt_requested()) status = play_until_end(p, error);
    wn_key_input_close();
    wn_cli_close_device(p->device);
    p->device = NULL;
    return play_finish(p, status, error);
}

static void play_free(playing *p)
{
    wn_cli_close_device(p->device);
    wn_player_free(p->player);
    wn_midi_options_close(&p->midi);
    wn_output_file_close(&p->output);
    wn_session_free(&p->r);
}

static int play_run(wn_cli *cli, int argc, const char **argv)
{
    playing p = {.cli = cli, .r.cli = cli, .r.o = WN_SESSION_DEFAULT, .seconds = WN_NOT_GIVEN, .latency = WN_NOT_GIVEN};
    p.r.o.run.threads = WN_THREADS_NOT_GIVEN;
    const struct poptOption options[] = {
        WN_CLI_MODEL(&p.r.o.run),
        WN_CLI_MIDI(&p.midi),
        {"device", 'd', POPT_ARG_STRING, &p.device_name, 0,
         "output device: number or name from wavenet devices, or a part of it (default: the system's choice)", "D"},
        WN_CLI_DEVICE(&p.device_options),
        {"latency", 0, POPT_ARG_DOUBLE, &p.latency, 0,
         "sound buffered beyond a device block in milliseconds (default 200; with --midi: 1)", "MS"},
        {"seconds", 's', POPT_ARG_DOUBLE, &p.seconds, 0,
         "length in seconds (default: that of the song, features or track, or else until Ctrl-C)", "S"},
        {"record", 0, POPT_ARG_STRING, &p.record, 0, "write the output to a sound file", "OUT.wav"},
        {"bits", 0, POPT_ARG_STRING, &p.bits, 0, "sample format of the recording: 16 (default), 24 or float", "B"},
        {"voices", 0, POPT_ARG_INT, &p.r.o.voices, 0,
         "most notes at once (default 8; with --midi: what this machine can play in time, up to 8)", "N"},
        WN_CLI_LIST_DEVICES(&p.list_devices),
        {"duration", 0, POPT_ARG_DOUBLE | POPT_ARGFLAG_DOC_HIDDEN, &p.seconds, 0, "as --seconds", "S"},
        {"json", 0, POPT_ARG_NONE, &p.json, 0, "print the state once per second as a JSON object", NULL},
        WN_CLI_SESSION(&p.r.o,
                       "number of threads (default 1; with notes from MIDI: what this machine needs, measured)"),
        WN_CLI_HELP,
    };
    if (!wn_cli_parse(cli, argc, argv, options, 0, -1)) return cli->status;
    if (p.list_devices) return wn_cli_list_devices();
    if (!read_arguments(&p, argc)) return cli->status;
    const char *wrong = check_usage(&p);
    if (wrong) return wn_cli_usage(cli, "%s", wrong);
    wn_error error = {0};
    wn_interrupt_install();
    wn_status status = play_prepare(&p, &error);
    if (!status) status = play_session(&p, &error);
    play_free(&p);
    return status ? wn_cli_fail(cli, &error) : WN_EXIT_OK;
}

const wn_command wn_command_play = {
    .name = "play",
    .summary = "play what a model generates, while it generates",
    .usage = "MODEL [SONG.mid] [OPTION...]",
    .example =
        "  wavenet play -m models/notes\n"
        "  wavenet play -m models/notes --midi\n"
        "  wavenet play notes song.mid --record song.wav\n"
        "  wavenet play -m models/notes --control instrument=violin --control key=67 --seconds 3 -d 2\n\n"
        "A thread generates ahead of the device. wavenet devices lists the devices. A model that is too slow for this\n"
        "machine is refused at once, with its speed and what would fit. On an underrun the last sound fades out in\n"
        "20 ms, half as much again is buffered from then on, and the sound fades in again. Ctrl-C fades out and\n"
        "completes the recording. The loss of the device does the same, with exit status 1.\n\n"
        "With --midi the time from key to sound is measured with every note. The key p, from a terminal or a pipe,\n"
        "releases all notes. Those of a keyboard that is unplugged are released if it sends active sensing.\n",
    .run = play_run,
};
