/* SPDX-License-Identifier: MIT
 * recorder.c - what goes into a live and what comes out of it, each written to a file.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/recorder.h"

#include <string.h>

static wn_status open_file(wn_output_file *file, const char *path, const wn_audio_writer_config *config,
                           wn_error *error)
{
    return path ? wn_output_file_open(file, path, config, false, error) : WN_OK;
}

wn_status wn_recorder_open(wn_recorder *t, const char *dry_path, const char *wet_path, const char *bits, double rate,
                           wn_live *live, wn_error *error)
{
    wn_audio_writer_config config = {.rate = rate, .channels = 1};
    memset(t, 0, sizeof *t);
    t->dry_path = dry_path;
    t->wet_path = wet_path;
    wn_status status = wn_output_file_bits(&config.bits, bits, error);
    if (!status) status = open_file(&t->dry_file, dry_path, &config, error);
    if (!status) status = open_file(&t->wet_file, wet_path, &config, error);
    return status ? status : wn_recorder_poll(t, live, error);
}

static wn_status write_file(wn_output_file *file, const char *path, const float *pcm, int frames, wn_error *error)
{
    return path ? wn_output_file_write(file, pcm, NULL, frames, error) : WN_OK;
}

wn_status wn_recorder_poll(wn_recorder *t, wn_live *live, wn_error *error)
{
    wn_status status = WN_OK;
    if (!t->dry_path && !t->wet_path) return WN_OK;
    for (int n; !status && (n = wn_live_monitor(live, t->dry, t->wet, WN_RECORDER_CHUNK)) > 0; t->frames += n) {
        if (t->failed) continue;
        status = write_file(&t->dry_file, t->dry_path, t->dry, n, error);
        if (!status) status = write_file(&t->wet_file, t->wet_path, t->wet, n, error);
    }
    if (status) t->failed = true;
    return status;
}

/* One that was torn vanishes; so does one without a sample, which no reader would take. */
wn_status wn_recorder_finish(wn_recorder *t, const wn_cli *cli, wn_error *error)
{
    if (t->failed || t->frames == 0) return WN_OK;
    wn_status status = t->dry_path ? wn_output_file_finish(&t->dry_file, cli, error) : WN_OK;
    if (!status && t->wet_path) status = wn_output_file_finish(&t->wet_file, cli, error);
    return status;
}

void wn_recorder_close(wn_recorder *recorder)
{
    wn_output_file_close(&recorder->dry_file);
    wn_output_file_close(&recorder->wet_file);
}
