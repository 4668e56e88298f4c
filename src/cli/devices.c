/* SPDX-License-Identifier: MIT
 * devices.c - wavenet devices: what sound can be played on, and recorded from, and what plays MIDI.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/devices.h"

#include <stdio.h>

#include "audio/midi_input.h"
#include "cli/commands.h"
#include "cli/silence_stderr.h"
#include "model/model.h"
#include "wavenet/audio.h"

static const double rates[] = {8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000, 192000};
enum { N_RATES = sizeof rates / sizeof *rates };

typedef bool question(const wn_device_list *devices, int index, double rate);

/* ---- for a program -------------------------------------------------------------------------------------------- */

static json_t *json_rates(const wn_device_list *devices, int index, question *can)
{
    json_t *list = json_array();
    for (int i = 0; i < N_RATES; i++)
        if (can(devices, index, rates[i])) json_array_append_new(list, json_real(rates[i]));
    return list;
}

static json_t *json_direction(const wn_device_list *devices, int index, int channels, double low, double high,
                              bool is_default, question *can)
{
    return json_pack("{s:i, s:b, s:[f, f], s:o}", "channels", channels, "default", is_default, "latency", low, high,
                     "rates", json_rates(devices, index, can));
}

static json_t *json_device(const wn_device_list *devices, int index)
{
    char host[128], name[256];
    wn_device_info d = wn_device_list_get(devices, index);
    json_t *in = json_direction(devices, index, d.inputs, d.input_latency, d.high_input_latency, d.default_input,
                                wn_device_list_can_record);
    json_t *out = json_direction(devices, index, d.outputs, d.output_latency, d.high_output_latency, d.default_output,
                                 wn_device_list_can_play);
    return json_pack("{s:i, s:s, s:s, s:f, s:o, s:o}", "index", index, "host",
                     wn_cli_clean(host, sizeof host, wn_device_list_get_host(devices, d.host)), "name",
                     wn_cli_clean(name, sizeof name, d.name), "rate", d.rate, "input", in, "output", out);
}

static json_t *json_midi(const wn_midi_input_list *ports)
{
    char name[256];
    json_t *list = json_array();
    for (int i = 0; i < ports->n; i++)
        json_array_append_new(list, json_pack("{s:i, s:s, s:s}", "index", i, "system", ports->port[i].system, "name",
                                              wn_cli_clean(name, sizeof name, ports->port[i].name)));
    return list;
}

static json_t *json_all(const wn_device_list *devices, const wn_midi_input_list *ports)
{
    char text[128];
    json_t *hosts = json_array(), *list = json_array();
    for (int h = 0; h < wn_device_list_get_host_count(devices); h++)
        json_array_append_new(hosts, json_string(wn_cli_clean(text, sizeof text, wn_device_list_get_host(devices, h))));
    for (int i = 0; i < wn_device_list_get_count(devices); i++) json_array_append_new(list, json_device(devices, i));
    return json_pack("{s:o, s:o, s:o}", "hosts", hosts, "devices", list, "midi", json_midi(ports));
}

/* ---- for a reader --------------------------------------------------------------------------------------------- */

static void print_direction(const json_t *device, const char *key, const char *verb)
{
    const json_t *d = json_object_get(device, key), *latency = json_object_get(d, "latency");
    const json_t *list = json_object_get(d, "rates");
    int channels = (int)json_integer_value(json_object_get(d, "channels"));
    if (channels < 1) return;
    printf("      %s %d channel%s, latency %.1f to %.1f ms; Hz:", verb, channels, channels == 1 ? "" : "s",
           1e3 * json_real_value(json_array_get(latency, 0)), 1e3 * json_real_value(json_array_get(latency, 1)));
    if (json_array_size(list) == 0) printf(" none now, it may be busy");
    for (size_t i = 0; i < json_array_size(list); i++) printf(" %g", json_real_value(json_array_get(list, i)));
    printf("%s\n", json_is_true(json_object_get(d, "default")) ? " (default)" : "");
}

static void print_device(const json_t *d)
{
    printf("  %3d %s, %g Hz\n", (int)json_integer_value(json_object_get(d, "index")),
           json_string_value(json_object_get(d, "name")), json_real_value(json_object_get(d, "rate")));
    print_direction(d, "output", "plays  ");
    print_direction(d, "input", "records");
}

static void print_midi(const json_t *list)
{
    const json_t *port;
    size_t i;
    printf("MIDI inputs\n");
    json_array_foreach (list, i, port) {
        printf("  %3d %s (%s)\n", (int)json_integer_value(json_object_get(port, "index")),
               json_string_value(json_object_get(port, "name")), json_string_value(json_object_get(port, "system")));
    }
    if (json_array_size(list) == 0) printf("      none\n");
}

static int print_text(const wn_cli *cli, json_t *root)
{
    const json_t *hosts = json_object_get(root, "hosts"), *list = json_object_get(root, "devices");
    for (size_t h = 0; h < json_array_size(hosts); h++) {
        const char *host = json_string_value(json_array_get(hosts, h));
        size_t shown = 0;
        printf("%s\n", host);
        for (size_t i = 0; i < json_array_size(list); i++)
            if (json_equal(json_object_get(json_array_get(list, i), "host"), json_array_get(hosts, h))) {
                print_device(json_array_get(list, i));
                shown++;
            }
        if (!shown) printf("      no devices\n");
    }
    print_midi(json_object_get(root, "midi"));
    if (json_array_size(list) == 0) printf("This machine has no sound device that is known here.\n");
    json_decref(root);
    return wn_cli_done(cli);
}

static int devices_run(wn_cli *cli, int argc, const char **argv)
{
    int json = 0;
    const struct poptOption options[] = {
        {"json", 0, POPT_ARG_NONE, &json, 0, "print JSON", NULL},
        WN_CLI_HELP,
    };
    if (!wn_cli_parse(cli, argc, argv, options, 0, 0)) return cli->status;
    wn_error error = {0};
    wn_device_list *devices = NULL;
    wn_midi_input_list ports = {0};
    int kept_stderr = wn_silence_stderr_begin();
    wn_status status = wn_device_list_new(&devices, &error);
    if (!status) status = wn_midi_input_list_read(&ports, &error);
    json_t *all = status ? NULL : json_all(devices, &ports);
    wn_midi_input_list_free(&ports);
    wn_device_list_free(devices);
    wn_silence_stderr_end(kept_stderr);
    if (status) return wn_cli_fail(cli, &error);
    if (!all) return wn_cli_fail_text(cli, "%s", wn_status_text(WN_ERROR_MEMORY));
    return json ? wn_cli_print_json(cli, all) : print_text(cli, all);
}

int wn_cli_list_devices(void)
{
    wn_cli cli = {.command = &wn_command_devices};
    const char *arguments[] = {"wavenet devices", NULL};
    int status = devices_run(&cli, 1, arguments);
    wn_cli_close(&cli);
    return status;
}

const wn_command wn_command_devices = {
    .name = "devices",
    .summary = "list the sound devices and MIDI inputs",
    .usage = "[OPTION...]",
    .example =
        "  wavenet devices --json\n"
        "  wavenet devices\n\n"
        "Lists host APIs and their devices with channels, latencies (for interactive use, and where delay does not\n"
        "matter) and the usual rates that each device accepts now. Then lists the MIDI inputs of keyboards and other\n"
        "programs. Messages of the system's sound libraries are suppressed.\n",
    .run = devices_run,
};
