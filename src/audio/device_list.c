/* SPDX-License-Identifier: MIT
 * device_list.c - list of the sound devices of this machine, through PortAudio.
 * Copyright (c) 2026 the wavenet authors */
#include <portaudio.h>
#include <stdlib.h>

#include "model/model.h"
#include "wavenet/audio.h"

/* PortAudio keeps one list per process and counts its users; every wn_device_list is one of them. */
struct wn_device_list {
    int count, hosts;
};

wn_status wn_device_list_new(wn_device_list **out, wn_error *error)
{
    *out = NULL;
    wn_device_list *d = calloc(1, sizeof *d);
    if (!d) return wn_fail_memory(error, NULL);
    PaError result = Pa_Initialize();
    if (result) {
        free(d);
        return wn_fail(error, WN_ERROR_FILE, NULL, "the system's sound devices cannot be listed: %s",
                       Pa_GetErrorText(result));
    }
    int count = Pa_GetDeviceCount(), hosts = Pa_GetHostApiCount();
    d->count = count > 0 ? count : 0;
    d->hosts = hosts > 0 ? hosts : 0;
    *out = d;
    return WN_OK;
}

void wn_device_list_free(wn_device_list *devices)
{
    if (!devices) return;
    Pa_Terminate();
    free(devices);
}

int wn_device_list_get_host_count(const wn_device_list *devices) { return devices->hosts; }

const char *wn_device_list_get_host(const wn_device_list *devices, int host)
{
    (void)devices;
    return Pa_GetHostApiInfo(host)->name;
}

int wn_device_list_get_count(const wn_device_list *devices) { return devices->count; }

wn_device_info wn_device_list_get(const wn_device_list *devices, int index)
{
    (void)devices;
    const PaDeviceInfo *info = Pa_GetDeviceInfo(index);
    return (wn_device_info){
        .name = info->name,
        .host = info->hostApi,
        .inputs = info->maxInputChannels,
        .outputs = info->maxOutputChannels,
        .rate = info->defaultSampleRate,
        .input_latency = info->defaultLowInputLatency,
        .output_latency = info->defaultLowOutputLatency,
        .high_input_latency = info->defaultHighInputLatency,
        .high_output_latency = info->defaultHighOutputLatency,
        .default_input = index == Pa_GetDefaultInputDevice(),
        .default_output = index == Pa_GetDefaultOutputDevice(),
    };
}

bool wn_device_list_can_play(const wn_device_list *devices, int index, double rate)
{
    wn_device_info device = wn_device_list_get(devices, index);
    PaStreamParameters parameters = {
        .device = index, .channelCount = 1, .sampleFormat = paFloat32, .suggestedLatency = device.output_latency};
    return device.outputs > 0 && Pa_IsFormatSupported(NULL, &parameters, rate) == paFormatIsSupported;
}

bool wn_device_list_can_record(const wn_device_list *devices, int index, double rate)
{
    wn_device_info device = wn_device_list_get(devices, index);
    PaStreamParameters parameters = {
        .device = index, .channelCount = 1, .sampleFormat = paFloat32, .suggestedLatency = device.input_latency};
    return device.inputs > 0 && Pa_IsFormatSupported(&parameters, NULL, rate) == paFormatIsSupported;
}
