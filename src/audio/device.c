/* SPDX-License-Identifier: MIT
 * device.c - an opened sound device with a callback, through PortAudio.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <portaudio.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "audio/device_query.h"
#include "base/clock.h"
#include "model/model.h"
#include "wavenet/audio.h"

enum { MAX_OUTPUT_CHANNELS = 2 }; /* a stereo device plays the mono signal on both channels */
#define MAX_SILENCE 1.5           /* seconds without a block after which a device counts as lost */
#define CLOSE_TIMEOUT 5.0         /* seconds to wait for a callback of a lost device to return */
#define POLL_INTERVAL 0.005       /* seconds */
#define MAX_POLL_INTERVAL 0.2     /* seconds: a longer time between two state queries counts as this much */

struct wn_device {
    wn_device_list *devices; /* keeps PortAudio's device list alive, which owns the names */
    PaStream *stream;
    wn_device_callback *callback;
    void *user;
    int output, input;                   /* device numbers; input -1: none */
    int output_channels, input_channels; /* as opened */
    int input_channel;                   /* the recorded one, from 0 */
    float *in, *out;                     /* [capacity] one channel of PortAudio's interleaved buffers */
    int capacity;                        /* maximum frames per call of the user's callback */
    double rate;                         /* Hz */
    bool started;
    bool jack;

    /* control thread: detection of a device that no longer calls back */
    int64_t polled_blocks; /* blocks at the last poll */
    double polled_at;      /* time of the last poll in seconds */
    double silence;        /* seconds without a block */

    /* between threads */
    atomic_int finished;    /* PortAudio will not call back again */
    atomic_int closed;      /* the user's callback must not be called any more */
    atomic_int in_callback; /* a callback is running */
    atomic_int block;       /* frames of the last block */
    _Atomic int64_t blocks, frames, underflows, overflows;
};

/* ---- device thread --------------------------------------------------------------------------------------------- */

static void copy_input(wn_device *device, const float *in, int frames)
{
    for (int t = 0; t < frames; t++) device->in[t] = in ? in[t * device->input_channels + device->input_channel] : 0.0f;
}

static void copy_output(const wn_device *device, float *out, int frames)
{
    for (int t = 0; t < frames; t++)
        for (int s = 0; s < device->output_channels; s++) out[t * device->output_channels + s] = device->out[t];
}

static void run_block_part(wn_device *device, const float *in, float *out, int frames, double delay)
{
    if (device->input >= 0) copy_input(device, in, frames);
    wn_device_block block = {
        .frames = frames, .in = device->input >= 0 ? device->in : NULL, .out = device->out, .delay = delay};
    device->callback(device->user, &block);
    copy_output(device, out, frames);
}

static void device_run_callback(wn_device *device, const float *in, float *out, unsigned long frames,
                                const PaStreamCallbackTimeInfo *time, PaStreamCallbackFlags flags)
{
    double delay = fmax(time->outputBufferDacTime - time->currentTime, 0);
    atomic_store_explicit(&device->block, (int)frames, memory_order_relaxed);
    atomic_fetch_add_explicit(&device->blocks, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&device->frames, (int64_t)frames, memory_order_relaxed);
    if (flags & paOutputUnderflow) atomic_fetch_add_explicit(&device->underflows, 1, memory_order_relaxed);
    if (flags & paInputOverflow) atomic_fetch_add_explicit(&device->overflows, 1, memory_order_relaxed);
    for (unsigned long at = 0; at < frames; at += (unsigned long)device->capacity) {
        int n = frames - at < (unsigned long)device->capacity ? (int)(frames - at) : device->capacity;
        run_block_part(device, in ? in + at * (unsigned long)device->input_channels : NULL,
                       out + at * (unsigned long)device->output_channels, n, delay + (double)at / device->rate);
    }
}

/* The closing thread sets closed and then reads in_callback; this function sets in_callback and then reads closed. So
 * at least one of them sees the other's flag. */
static int portaudio_callback(const void *input, void *output, unsigned long frames,
                              const PaStreamCallbackTimeInfo *time, PaStreamCallbackFlags flags, void *user)
{
    wn_device *device = user;
    atomic_store(&device->in_callback, 1);
    bool closed = atomic_load(&device->closed);
    if (!closed) device_run_callback(device, input, output, frames, time, flags);
    atomic_store(&device->in_callback, 0);
    return closed ? paAbort : paContinue;
}

/* Called by PortAudio when the stream has stopped, also because the device failed. */
static void mark_finished(void *user)
{
    wn_device *device = user;
    atomic_store(&device->finished, 1);
}

/* ---- choosing a device ----------------------------------------------------------------------------------------- */

static bool can_serve(const wn_device_list *devices, int index, bool records)
{
    wn_device_info d = wn_device_list_get(devices, index);
    return records ? d.inputs > 0 : d.outputs > 0;
}

/* The device named `query` or, failing that, the first whose name contains it; -1: none. */
static int find_device_by_name(const wn_device_list *devices, const char *query, bool records)
{
    int found = -1;
    for (int i = wn_device_list_get_count(devices) - 1; i >= 0; i--) {
        if (!can_serve(devices, i, records)) continue;
        if (strcmp(wn_device_list_get(devices, i).name, query) == 0) return i;
        if (wn_device_query_is_part(query, wn_device_list_get(devices, i).name)) found = i;
    }
    return found;
}

static int find_default_device(const wn_device_list *devices, bool records)
{
    for (int i = 0; i < wn_device_list_get_count(devices); i++) {
        wn_device_info d = wn_device_list_get(devices, i);
        if (records ? d.default_input : d.default_output) return i;
    }
    return -1;
}

static wn_status choose_device(int *out, const wn_device_list *devices, const char *query, bool records,
                               wn_error *error)
{
    const char *what = records ? "records" : "plays";
    bool named = query && *query;
    int number = named ? wn_device_query_number(query) : -1;
    if (number >= 0)
        *out = number < wn_device_list_get_count(devices) && can_serve(devices, number, records) ? number : -1;
    else
        *out = named ? find_device_by_name(devices, query, records) : find_default_device(devices, records);
    if (*out >= 0) return WN_OK;
    return named ? wn_fail(error, WN_ERROR_ARGUMENT, query, "no sound device of this number or name %s", what)
                 : wn_fail(error, WN_ERROR_FILE, "sound devices", "no device %s sound", what);
}

/* ---- opening --------------------------------------------------------------------------------------------------- */

static wn_status fail_portaudio(const wn_device *device, PaError result, double rate, wn_error *error)
{
    const char *name = wn_device_list_get(device->devices, device->output).name;
    const PaHostErrorInfo *host = Pa_GetLastHostErrorInfo();
    if (result == paInvalidSampleRate) return wn_fail(error, WN_ERROR_UNSUPPORTED, name, "does not run at %g Hz", rate);
    if (result == paUnanticipatedHostError && host && host->errorText && *host->errorText)
        return wn_fail(error, WN_ERROR_FILE, name, "%s", host->errorText);
    return wn_fail(error, WN_ERROR_FILE, name, "%s", Pa_GetErrorText(result));
}

static wn_status allocate_buffers(wn_device *device, int frames, wn_error *error)
{
    enum { DEFAULT_CAPACITY = 4096 };
    device->capacity = frames > 0 ? frames : DEFAULT_CAPACITY;
    device->in = calloc((size_t)device->capacity, sizeof *device->in);
    device->out = calloc((size_t)device->capacity, sizeof *device->out);
    return device->in && device->out ? WN_OK : wn_fail_memory(error, NULL);
}

static wn_status choose_devices(wn_device *device, const wn_device_config *config, wn_error *error)
{
    device->input = -1;
    wn_status status = choose_device(&device->output, device->devices, config->output, false, error);
    if (!status && config->records) status = choose_device(&device->input, device->devices, config->input, true, error);
    if (status) return status;
    wn_device_info out = wn_device_list_get(device->devices, device->output);
    device->output_channels = out.outputs < MAX_OUTPUT_CHANNELS ? out.outputs : MAX_OUTPUT_CHANNELS;
    if (device->input < 0) return WN_OK;
    wn_device_info in = wn_device_list_get(device->devices, device->input);
    device->input_channel = config->input_channel;
    device->input_channels = device->input_channel + 1;
    if (device->input_channel < 0 || device->input_channels > in.inputs)
        return wn_fail(error, WN_ERROR_ARGUMENT, in.name, "records %d channel%s; there is no number %d", in.inputs,
                       in.inputs == 1 ? "" : "s", device->input_channel + 1);
    if (in.host != out.host)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, in.name,
                       "belongs to %s, but %s belongs to %s; both must have the same host API",
                       wn_device_list_get_host(device->devices, in.host), out.name,
                       wn_device_list_get_host(device->devices, out.host));
    return WN_OK;
}

static wn_status open_stream(wn_device *device, const wn_device_config *config, wn_error *error)
{
    wn_device_info out = wn_device_list_get(device->devices, device->output);
    PaStreamParameters play = {
        .device = device->output, .channelCount = device->output_channels, .sampleFormat = paFloat32};
    PaStreamParameters record = {
        .device = device->input, .channelCount = device->input_channels, .sampleFormat = paFloat32};
    double rate = config->rate > 0 ? config->rate : out.rate;
    unsigned long frames = config->frames > 0 ? (unsigned long)config->frames : paFramesPerBufferUnspecified;
    play.suggestedLatency = config->latency > 0 ? config->latency : out.output_latency;
    if (device->input >= 0)
        record.suggestedLatency =
            config->latency > 0 ? config->latency : wn_device_list_get(device->devices, device->input).input_latency;
    PaError result = Pa_OpenStream(&device->stream, device->input >= 0 ? &record : NULL, &play, rate, frames, paClipOff,
                                   portaudio_callback, device);
    if (!result) result = Pa_SetStreamFinishedCallback(device->stream, mark_finished);
    device->jack = Pa_GetHostApiInfo(wn_device_list_get(device->devices, device->output).host)->type == paJACK;
    if (!result) device->rate = Pa_GetStreamInfo(device->stream)->sampleRate;
    return result ? fail_portaudio(device, result, rate, error) : WN_OK;
}

wn_status wn_device_open(wn_device **out, const wn_device_config *config, wn_error *error)
{
    *out = NULL;
    wn_device *device = calloc(1, sizeof *device);
    if (!device) return wn_fail_memory(error, NULL);
    wn_status status = wn_device_list_new(&device->devices, error);
    if (!status) status = choose_devices(device, config, error);
    if (!status) status = allocate_buffers(device, config->frames, error);
    if (!status) status = open_stream(device, config, error);
    if (status)
        wn_device_close(device);
    else
        *out = device;
    return status;
}

wn_status wn_device_start(wn_device *device, wn_device_callback *callback, void *user, wn_error *error)
{
    device->callback = callback;
    device->user = user;
    PaError result = Pa_StartStream(device->stream);
    if (result) return fail_portaudio(device, result, device->rate, error);
    device->started = true;
    return WN_OK;
}

static bool has_jack(void) { return Pa_HostApiTypeIdToHostApiIndex(paJACK) >= 0; }

/* A lost device may still be running a late callback, which uses the caller's memory: wait for it to return. */
static void wait_for_callback(const wn_device *device)
{
    for (int left = (int)(CLOSE_TIMEOUT / POLL_INTERVAL); left > 0 && atomic_load(&device->in_callback); left--)
        wn_clock_sleep(POLL_INTERVAL);
}

/* If its JACK server is gone, PortAudio aborts the process (an assertion) in Pa_CloseStream and Pa_Terminate, even for
 * streams of other hosts. A device that was lost in the presence of JACK is therefore leaked on purpose. */
void wn_device_close(wn_device *device)
{
    if (!device) return;
    bool running = device->started && wn_device_get_state(device) == WN_DEVICE_RUNNING;
    atomic_store(&device->closed, !running);
    if (device->started && !running && has_jack()) {
        wait_for_callback(device);
        return;
    }
    if (running) Pa_StopStream(device->stream);
    if (device->stream) Pa_CloseStream(device->stream);
    wn_device_list_free(device->devices);
    free(device->in);
    free(device->out);
    free(device);
}

/* ---- queries --------------------------------------------------------------------------------------------------- */

wn_device_properties wn_device_get_properties(const wn_device *device)
{
    const PaStreamInfo *info = Pa_GetStreamInfo(device->stream);
    /* PortAudio's latencies for JACK lack one block */
    double block = device->jack ? atomic_load_explicit(&device->block, memory_order_relaxed) / device->rate : 0;
    wn_device_info out = wn_device_list_get(device->devices, device->output);
    return (wn_device_properties){
        .output = out.name,
        .input = device->input >= 0 ? wn_device_list_get(device->devices, device->input).name : "",
        .host = wn_device_list_get_host(device->devices, out.host),
        .rate = info->sampleRate,
        .output_latency = info->outputLatency + block,
        .input_latency = device->input >= 0 ? info->inputLatency + block : 0,
    };
}

wn_device_stats wn_device_get_stats(const wn_device *device)
{
    return (wn_device_stats){
        .blocks = atomic_load_explicit(&device->blocks, memory_order_relaxed),
        .frames = atomic_load_explicit(&device->frames, memory_order_relaxed),
        .underflows = atomic_load_explicit(&device->underflows, memory_order_relaxed),
        .overflows = atomic_load_explicit(&device->overflows, memory_order_relaxed),
        .load = Pa_GetStreamCpuLoad(device->stream),
    };
}

/* Some servers end without a report, and the callback is simply not called any more. Time between polls counts only up
 * to MAX_POLL_INTERVAL, so a process that slept does not declare its device lost. */
static bool poll_silence(wn_device *device)
{
    double seconds = wn_clock_seconds();
    int64_t blocks = atomic_load_explicit(&device->blocks, memory_order_relaxed);
    device->silence =
        blocks == device->polled_blocks ? device->silence + fmin(seconds - device->polled_at, MAX_POLL_INTERVAL) : 0;
    device->polled_blocks = blocks;
    device->polled_at = seconds;
    return device->silence > MAX_SILENCE;
}

wn_device_state wn_device_get_state(wn_device *device)
{
    if (!device->started) return WN_DEVICE_IDLE;
    bool gone = atomic_load(&device->finished) || Pa_IsStreamActive(device->stream) != 1 || poll_silence(device);
    return gone ? WN_DEVICE_LOST : WN_DEVICE_RUNNING;
}
