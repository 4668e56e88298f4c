/* SPDX-License-Identifier: MIT
 * song.c - a MIDI file to be rendered: its score, and the mix of its voices.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/song.h"

#include <math.h>
#include <string.h>

#include "model/model.h"

/* Not every note of a song is heard. */
static void say_left_out(const wn_cli *cli, const char *path, const wn_voices *v)
{
    if (v->drums)
        wn_cli_note(cli, "%s: %lld notes of channel 10, the drums, are left out", path, (long long)v->drums);
    if (v->outside)
        wn_cli_note(cli, "%s: %lld notes outside the model's keys, %d to %d, are left out", path, (long long)v->outside,
                    v->lowest, v->highest);
    if (v->stolen)
        wn_cli_note(cli, "%s: %lld notes are cut short, %d voices being too few (--voices)", path,
                    (long long)v->stolen, v->n);
}

wn_status wn_song_load(wn_song *out, const wn_cli *cli, const char *path, const wn_model *model, double rate,
                       int voices, double gain_db, wn_error *error)
{
    wn_voices allocator;
    wn_midi_file *file = NULL;
    memset(out, 0, sizeof *out);
    out->voices = voices;
    out->gain = pow(10, gain_db / 20);
    wn_status status = wn_voices_init(&allocator, model, voices, error);
    if (!status) status = wn_midi_file_load(&file, path, error);
    if (!status) status = wn_score_new(&out->score, file, &allocator, rate, error);
    if (!status && allocator.notes == 0)
        status = wn_fail(error, WN_ERROR_FORMAT, path, "holds no notes that the model could play");
    if (!status) say_left_out(cli, path, &allocator);
    wn_midi_file_free(file);
    return status;
}

void wn_song_free(wn_song *song)
{
    wn_score_free(song->score);
    memset(song, 0, sizeof *song);
}

void wn_song_mix(const wn_song *song, float *pcm, int64_t frame, int frames)
{
    for (int t = 0; t < frames; t++) {
        double sum = 0;
        for (int v = 0; v < song->voices; v++)
            if (frame + t >= song->score->first[v]) sum += pcm[t * song->voices + v];
        pcm[t] = (float)(song->gain * sum);
    }
}
