/* SPDX-License-Identifier: MIT
 * sound_info.c - what `info` prints about a sound file.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/sound_info.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "cli/input_file.h"

enum { BLOCK = 4096 }; /* frames */

typedef struct sound_measure {
    int64_t frames;
    double peak, power; /* largest absolute value; sum of squares of all channels */
} sound_measure;

static void measure_block(sound_measure *m, const float *pcm, int64_t frames, int channels)
{
    for (int64_t i = 0; i < frames * channels; i++) {
        m->peak = fmax(m->peak, fabs((double)pcm[i]));
        m->power += (double)pcm[i] * pcm[i];
    }
    m->frames += frames;
}

static wn_status measure_file(sound_measure *m, wn_input_file *input, wn_error *error)
{
    float *pcm = calloc((size_t)BLOCK * (size_t)input->channels, sizeof *pcm);
    if (!pcm) return wn_fail_memory(error, input->path);
    wn_status status = WN_OK;
    for (int64_t got = 1; got > 0 && !status;) {
        status = wn_input_file_read(input, pcm, BLOCK, &got, error);
        if (!status) measure_block(m, pcm, got, input->channels);
    }
    free(pcm);
    return status;
}

static double rms_db(const sound_measure *m, int channels)
{
    return 10 * log10(m->power / fmax(1, (double)m->frames * channels));
}

static int print_json(const wn_cli *cli, const wn_input_file *input, const sound_measure *m)
{
    int bits = input->reader ? wn_audio_reader_get_info(input->reader).bits : 32;
    return wn_cli_print_json(cli, json_pack("{s:s, s:o, s:i, s:I, s:o, s:i, s:o, s:o}", "file", input->path, "rate",
                                            input->file_rate > 0 ? json_real(input->file_rate) : json_null(),
                                            "channels", input->channels, "frames", (json_int_t)m->frames, "seconds",
                                            wn_cli_json_number((double)m->frames / input->file_rate), "bits", bits,
                                            "peak_db", wn_cli_json_number(20 * log10(m->peak)), "rms_db",
                                            wn_cli_json_number(rms_db(m, input->channels))));
}

static void print_level(const char *name, double db)
{
    if (isfinite(db))
        printf("%-13s %.2f dB\n", name, db);
    else
        printf("%-13s silence\n", name);
}

static int print_text(const wn_cli *cli, const wn_input_file *input, const sound_measure *m)
{
    char file[256];
    printf("sound         %s\n", wn_cli_clean(file, sizeof file, input->path));
    if (input->file_rate > 0) printf("sample rate   %g Hz\n", input->file_rate);
    printf("channels      %d\nlength        %lld samples", input->channels, (long long)m->frames);
    if (input->file_rate > 0) printf(", %.3f s", (double)m->frames / input->file_rate);
    int bits = input->reader ? wn_audio_reader_get_info(input->reader).bits : 32;
    printf("\nformat        %s\n", bits == 32 ? "32 bits or float" : bits == 24 ? "24 bits" : "16 bits");
    print_level("peak", 20 * log10(m->peak));
    print_level("level", rms_db(m, input->channels));
    return wn_cli_done(cli);
}

int wn_cli_print_sound(const wn_cli *cli, const char *path, bool json)
{
    wn_error error = {0};
    wn_input_file input;
    sound_measure measure = {0};
    wn_status status = wn_input_file_open(&input, path, 0, &error);
    if (!status) status = measure_file(&measure, &input, &error);
    int code;
    if (status)
        code = wn_cli_fail(cli, &error);
    else if (json)
        code = print_json(cli, &input, &measure);
    else
        code = print_text(cli, &input, &measure);
    wn_input_file_close(&input);
    return code;
}

void wn_cli_note_sound(const wn_cli *cli, const char *path)
{
    wn_audio_reader *reader = NULL;
    if (!path || wn_audio_reader_new(&reader, path, &(wn_audio_reader_config){.keep_channels = true}, NULL)) return;
    wn_audio_info info = wn_audio_reader_get_info(reader);
    if (*info.note) wn_cli_note(cli, "%s: %s", path, info.note);
    wn_audio_reader_free(reader);
}
