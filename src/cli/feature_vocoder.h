/* SPDX-License-Identifier: MIT
 * feature_vocoder.h - rows of features that arrive one after another become sound.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_FEATURE_VOCODER_H
#define WN_CLI_FEATURE_VOCODER_H

#include "cli/cli.h"
#include "cli/sound_output.h"

typedef struct wn_feature_vocoder_config {
    const char *name, *output; /* of the model and of the output, in messages */
    wn_cpu cpu;
    wn_precision precision;
    uint64_t seed;
    double temperature; /* WN_NOT_GIVEN: as the model recommends */
    int max_rows;       /* most rows of one wn_feature_vocoder_add */
} wn_feature_vocoder_config;

typedef struct wn_feature_vocoder {
    const wn_model *model;
    wn_model_info info;
    wn_plan *plan;
    wn_generator *generator;
    const char *output;  /* its name */
    float *rows;         /* [capacity][channels] around the samples in hand */
    int n, capacity;     /* rows there; room */
    int64_t first, next; /* number of the first row there, of the row of the next sample */
    int context, margin; /* rows that the model's stages consume in all; rows beyond them that they may reach */
    int64_t received;    /* rows */
    int64_t frames;      /* samples of the whole sound; -1: not known yet */
    float *pcm;          /* [rows at once * hop] */
    int32_t *classes;
    int64_t done; /* samples */
} wn_feature_vocoder;

/* WN_OK if `model`, called `name` in messages, makes sound of rows of features and of nothing else. */
wn_status wn_feature_vocoder_check(const wn_model *model, const char *name, wn_error *error);

/* Prepare for `model`, which passed that check and must outlive it. A note says if the precision had to be another one. Call
 * wn_feature_vocoder_close afterwards, also after a failure. */
wn_status wn_feature_vocoder_open(wn_feature_vocoder *vocoder, const wn_cli *cli, const wn_model *model,
                                  const wn_feature_vocoder_config *config, wn_error *error);
void wn_feature_vocoder_close(wn_feature_vocoder *vocoder);

/* Room for the next max_rows rows, [max_rows][channels]; valid until wn_feature_vocoder_add. */
float *wn_feature_vocoder_get_space(wn_feature_vocoder *vocoder);

/* Take `n` rows that were put there, and write the samples that can be made. It is an error if the model diverges. `frames`
 * is -1, or, with the last rows, the number of samples of the whole sound: at most as many as the rows stand for. Returns early
 * after an interrupt. */
wn_status wn_feature_vocoder_add(wn_feature_vocoder *vocoder, int n, int64_t frames, wn_sound_output *output,
                                 wn_error *error);

#endif
