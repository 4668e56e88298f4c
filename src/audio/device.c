/* SPDX-License-Identifier: MIT
 * device.c - a sound device in use, through PortAudio.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <portaudio.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "audio/device_query.h"
#include "model/model.h"
#include "wavenet/audio.h"

enum { SIDES = 2 };         /* a stereo device plays the one channel on both */
#define LONGEST_SILENCE 1.5 /* seconds without a block after which a device is given up */
#define LAST_BLOCK 5.0      /* seconds that one under way is waited for, then */
#define NAP 0.005
#define LONGEST_STEP 0.2    /* seconds between two questions that count, at most */

struct wn_device {
    wn_device_list *devices; /* keeps PortAudio's list, which the names live in */
    PaStream *stream;
    wn_device_callback *run;
    void *user;
    int output, input;  /* devices; input -1: none */
    int sides, channels; /* of output and input, as they were opened */
    int input_channel;
    float *in, *out;    /* [most] one channel of what PortAudio interleaves */
    int most;           /* frames at a time */
    double rate;        /* Hz */
    bool started;
    int64_t seen;       /* blocks, when the state was last asked for */
    double asked, idle; /* when that was; seconds without a block since then */
    atomic_int finished; /* the callback will not be called again */
    atomic_int closed;   /* and must not reach the user any more */
    atomic_int inside;   /* the callback is under way */
    bool jack;
    atomic_int block; /* frames of the last */
    _Atomic int64_t blocks, frames, underflows, overflows;
};

/* ---- on the device's thread ----------------------------------------------------------------------------------- */

static void gather(wn_device *l, const float *in, int frames)
{
    for (int t = 0; t < frames; t++) l->in[t] = in ? in[t * l->channels + l->input_channel] : 0.0f;
}

static void spread(const wn_device *l, float *out, int frames)
{
    for (int t = 0; t < frames; t++)
        for (int s = 0; s < l->sides; s++) out[t * l->sides + s] = l->out[t];
}

static void run_part(wn_device *l, const float *in, float *out, int frames, double delay)
{
    if (l->input >= 0) gather(l, in, frames);
    wn_device_block block = {.frames = frames, .in = l->input >= 0 ? l->in : NULL, .out = l->out, .delay = delay};
    l->run(l->user, &block);
    spread(l, out, frames);
}

static void play(wn_device *l, const float *in, float *out, unsigned long frames, const PaStreamCallbackTimeInfo *time,
                 PaStreamCallbackFlags flags)
{
    double delay = fmax(time->outputBufferDacTime - time->currentTime, 0);
    atomic_store_explicit(&l->block, (int)frames, memory_order_relaxed);
    atomic_fetch_add_explicit(&l->blocks, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&l->frames, (int64_t)frames, memory_order_relaxed);
    if (flags & paOutputUnderflow) atomic_fetch_add_explicit(&l->underflows, 1, memory_order_relaxed);
    if (flags & paInputOverflow) atomic_fetch_add_explicit(&l->overflows, 1, memory_order_relaxed);
    for (unsigned long at = 0; at < frames; at += (unsigned long)l->most) {
        int n = frames - at < (unsigned long)l->most ? (int)(frames - at) : l->most;
        run_part(l, in ? in + at * (unsigned long)l->channels : NULL, out + at * (unsigned long)l->sides, n,
                 delay + (double)at / l->rate);
    }
}

/* Who closes looks at `inside` after setting `closed`, so that one of the two sees the other. */
static int called(const void *input, void *output, unsigned long frames, const PaStreamCallbackTimeInfo *time,
                  PaStreamCallbackFlags flags, void *user)
{
    wn_device *l = user;
    atomic_store(&l->inside, 1);
    bool closed = atomic_load(&l->closed);
    if (!closed) play(l, input, output, frames, time, flags);
    atomic_store(&l->inside, 0);
    return closed ? paAbort : paContinue;
}

/* Also called when the device fails. */
static void finished(void *user)
{
    wn_device *l = user;
    atomic_store(&l->finished, 1);
}

/* ---- choosing a device ---------------------------------------------------------------------------------------- */

static bool serves(const wn_device_list *devices, int index, bool records)
{
    wn_device_info d = wn_device_list_get(devices, index);
    return records ? d.inputs > 0 : d.outputs > 0;
}

/* The one whose name is `wish`, or else the first whose name holds it; -1: none. */
static int find_named(const wn_device_list *devices, const char *wish, bool records)
{
    int found = -1;
    for (int i = wn_device_list_get_count(devices) - 1; i >= 0; i--) {
        if (!serves(devices, i, records)) continue;
        if (strcmp(wn_device_list_get(devices, i).name, wish) == 0) return i;
        if (wn_device_query_is_part(wish, wn_device_list_get(devices, i).name)) found = i;
    }
    return found;
}

static int find_default(const wn_device_list *devices, bool records)
{
    for (int i = 0; i < wn_device_list_get_count(devices); i++) {
        wn_device_info d = wn_device_list_get(devices, i);
        if (records ? d.default_input : d.default_output) return i;
    }
    return -1;
}

static wn_status choose(int *out, const wn_device_list *devices, const char *wish, bool records, wn_error *error)
{
    const char *what = records ? "records" : "plays";
    bool named = wish && *wish;
    int number = named ? wn_device_query_number(wish) : -1;
    if (number >= 0)
        *out = number < wn_device_list_get_count(devices) && serves(devices, number, records) ? number : -1;
    else
        *out = named ? find_named(devices, wish, records) : find_default(devices, records);
    if (*out >= 0) return WN_OK;
    return named ? wn_fail(error, WN_ERROR_ARGUMENT, wish, "no sound device of this number or name %s", what)
                 : wn_fail(error, WN_ERROR_FILE, "sound devices", "there is none that %s", what);
}

/* ---- opening -------------------------------------------------------------------------------------------------- */

static wn_status refuse(const wn_device *l, PaError wrong, double rate, wn_error *error)
{
    const char *name = wn_device_list_get(l->devices, l->output).name;
    const PaHostErrorInfo *host = Pa_GetLastHostErrorInfo();
    if (wrong == paInvalidSampleRate)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, name, "does not run at %g Hz", rate);
    if (wrong == paUnanticipatedHostError && host && host->errorText && *host->errorText)
        return wn_fail(error, WN_ERROR_FILE, name, "%s", host->errorText);
    return wn_fail(error, WN_ERROR_FILE, name, "%s", Pa_GetErrorText(wrong));
}

static wn_status allocate(wn_device *l, int frames, wn_error *error)
{
    enum { USUAL = 4096 };
    l->most = frames > 0 ? frames : USUAL;
    l->in = calloc((size_t)l->most, sizeof *l->in);
    l->out = calloc((size_t)l->most, sizeof *l->out);
    return l->in && l->out ? WN_OK : wn_fail_memory(error, NULL);
}

static wn_status choose_devices(wn_device *l, const wn_device_config *config, wn_error *error)
{
    l->input = -1;
    wn_status status = choose(&l->output, l->devices, config->output, false, error);
    if (!status && config->records) status = choose(&l->input, l->devices, config->input, true, error);
    if (status) return status;
    wn_device_info out = wn_device_list_get(l->devices, l->output);
    l->sides = out.outputs < SIDES ? out.outputs : SIDES;
    if (l->input < 0) return WN_OK;
    wn_device_info in = wn_device_list_get(l->devices, l->input);
    l->input_channel = config->input_channel;
    l->channels = l->input_channel + 1;
    if (l->input_channel < 0 || l->channels > in.inputs)
        return wn_fail(error, WN_ERROR_ARGUMENT, in.name, "records %d channel%s; there is no number %d", in.inputs,
                       in.inputs == 1 ? "" : "s", l->input_channel + 1);
    if (in.host != out.host)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, in.name, "belongs to %s, and %s to %s: both must be of one kind",
                       wn_device_list_get_host(l->devices, in.host), out.name, wn_device_list_get_host(l->devices, out.host));
    return WN_OK;
}

static wn_status open_stream(wn_device *l, const wn_device_config *config, wn_error *error)
{
    wn_device_info out = wn_device_list_get(l->devices, l->output);
    PaStreamParameters play = {.device = l->output, .channelCount = l->sides, .sampleFormat = paFloat32};
    PaStreamParameters record = {.device = l->input, .channelCount = l->channels, .sampleFormat = paFloat32};
    double rate = config->rate > 0 ? config->rate : out.rate;
    unsigned long frames = config->frames > 0 ? (unsigned long)config->frames : paFramesPerBufferUnspecified;
    play.suggestedLatency = config->latency > 0 ? config->latency : out.output_latency;
    if (l->input >= 0)
        record.suggestedLatency =
            config->latency > 0 ? config->latency : wn_device_list_get(l->devices, l->input).input_latency;
    PaError wrong =
        Pa_OpenStream(&l->stream, l->input >= 0 ? &record : NULL, &play, rate, frames, paClipOff, called, l);
    if (!wrong) wrong = Pa_SetStreamFinishedCallback(l->stream, finished);
    l->jack = Pa_GetHostApiInfo(wn_device_list_get(l->devices, l->output).host)->type == paJACK;
    if (!wrong) l->rate = Pa_GetStreamInfo(l->stream)->sampleRate;
    return wrong ? refuse(l, wrong, rate, error) : WN_OK;
}

wn_status wn_device_open(wn_device **out, const wn_device_config *config, wn_error *error)
{
    *out = NULL;
    wn_device *l = calloc(1, sizeof *l);
    if (!l) return wn_fail_memory(error, NULL);
    wn_status status = wn_device_list_new(&l->devices, error);
    if (!status) status = choose_devices(l, config, error);
    if (!status) status = allocate(l, config->frames, error);
    if (!status) status = open_stream(l, config, error);
    if (status)
        wn_device_close(l);
    else
        *out = l;
    return status;
}

wn_status wn_device_start(wn_device *line, wn_device_callback *run, void *user, wn_error *error)
{
    line->run = run;
    line->user = user;
    PaError wrong = Pa_StartStream(line->stream);
    if (wrong) return refuse(line, wrong, line->rate, error);
    line->started = true;
    return WN_OK;
}

static bool has_jack(void) { return Pa_HostApiTypeIdToHostApiIndex(paJACK) >= 0; }

/* A line taken for dead may have a callback under way, late as it is: what that uses is the user's. */
static void leave(const wn_device *line)
{
    for (int left = (int)(LAST_BLOCK / NAP); left > 0 && atomic_load(&line->inside); left--)
        nanosleep(&(struct timespec){.tv_nsec = (long)(NAP * 1e9)}, NULL);
}

/* When its server is gone, PortAudio's JACK part ends the process (an assertion) on closing and terminating alike, also for
 * streams of others: then everything is left as it is. */
void wn_device_close(wn_device *line)
{
    if (!line) return;
    bool running = line->started && wn_device_get_state(line) == WN_DEVICE_RUNNING;
    atomic_store(&line->closed, !running);
    if (line->started && !running && has_jack()) {
        leave(line);
        return;
    }
    if (running) Pa_StopStream(line->stream);
    if (line->stream) Pa_CloseStream(line->stream);
    wn_device_list_free(line->devices);
    free(line->in);
    free(line->out);
    free(line);
}

/* ---- asking --------------------------------------------------------------------------------------------------- */

wn_device_properties wn_device_get_properties(const wn_device *line)
{
    const PaStreamInfo *info = Pa_GetStreamInfo(line->stream);
    /* PortAudio leaves one block of JACK's out of the latencies */
    double block = line->jack ? atomic_load_explicit(&line->block, memory_order_relaxed) / line->rate : 0;
    wn_device_info out = wn_device_list_get(line->devices, line->output);
    return (wn_device_properties){
        .output = out.name,
        .input = line->input >= 0 ? wn_device_list_get(line->devices, line->input).name : "",
        .host = wn_device_list_get_host(line->devices, out.host),
        .rate = info->sampleRate,
        .output_latency = info->outputLatency + block,
        .input_latency = line->input >= 0 ? info->inputLatency + block : 0,
    };
}

wn_device_stats wn_device_get_stats(const wn_device *line)
{
    return (wn_device_stats){
        .blocks = atomic_load_explicit(&line->blocks, memory_order_relaxed),
        .frames = atomic_load_explicit(&line->frames, memory_order_relaxed),
        .underflows = atomic_load_explicit(&line->underflows, memory_order_relaxed),
        .overflows = atomic_load_explicit(&line->overflows, memory_order_relaxed),
        .load = Pa_GetStreamCpuLoad(line->stream),
    };
}

/* Some servers vanish without a word: then no block comes any more. Time in which nobody asked does not count, lest a
 * process that slept takes its device for dead. */
static bool is_silent(wn_device *l)
{
    double seconds = wn_clock_seconds();
    int64_t blocks = atomic_load_explicit(&l->blocks, memory_order_relaxed);
    l->idle = blocks == l->seen ? l->idle + fmin(seconds - l->asked, LONGEST_STEP) : 0;
    l->seen = blocks;
    l->asked = seconds;
    return l->idle > LONGEST_SILENCE;
}

wn_device_state wn_device_get_state(wn_device *line)
{
    if (!line->started) return WN_DEVICE_IDLE;
    bool gone = atomic_load(&line->finished) || Pa_IsStreamActive(line->stream) != 1 || is_silent(line);
    return gone ? WN_DEVICE_LOST : WN_DEVICE_RUNNING;
}
