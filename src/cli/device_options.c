/* SPDX-License-Identifier: MIT
 * device_options.c - a sound device from the command line.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/device_options.h"

#include <string.h>

#include "cli/silence_stderr.h"
#include "model/model.h"

enum { MAX_FRAMES = 1 << 16 };

const char *wn_cli_check_device(const wn_device_options *o)
{
    if (o->rate != 0 && !(o->rate >= 4000 && o->rate <= 768000)) return "--rate is 4000 to 768000 Hz";
    if (o->frames < 0 || o->frames > MAX_FRAMES) return "--buffer is 1 to 65536 frames";
    return NULL;
}

static wn_status open_quietly(wn_device **out, const wn_device_config *config, wn_error *error)
{
    int kept_stderr = wn_silence_stderr_begin();
    wn_status status = wn_device_open(out, config, error);
    wn_silence_stderr_end(kept_stderr);
    return status;
}

static void describe_device(wn_device_description *about, const wn_device_properties *info)
{
    char in[100] = "";
    if (*info->input && strcmp(info->input, info->output) != 0) snprintf(in, sizeof in, "%s to ", info->input);
    about->rate = info->rate;
    snprintf(about->text, sizeof about->text, "%s%s (%s, %g Hz)", in, info->output, info->host, info->rate);
    wn_one_line(about->text);
}

wn_status wn_cli_open_device(wn_device **out, wn_device_description *about, const wn_cli *cli,
                             const wn_device_options *options, wn_device_config config, double model_rate,
                             wn_error *error)
{
    config.rate = options->rate > 0 ? options->rate : model_rate;
    config.frames = options->frames;
    wn_status status = open_quietly(out, &config, error);
    if (status == WN_ERROR_UNSUPPORTED && options->rate == 0) {
        config.rate = 0;
        status = open_quietly(out, &config, error);
    }
    if (status) return status;
    wn_device_properties info = wn_device_get_properties(*out);
    describe_device(about, &info);
    if (info.rate != model_rate)
        wn_cli_note(cli, "%s; the model is made for %g Hz: resampled", about->text, model_rate);
    return WN_OK;
}

void wn_cli_close_device(wn_device *device)
{
    int kept_stderr = wn_silence_stderr_begin();
    wn_device_close(device);
    wn_silence_stderr_end(kept_stderr);
}
