/* SPDX-License-Identifier: MIT
 * amp_source.h - the files that WaveNet Amp plays, loaded by any thread but the audio thread.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLUGIN_AMP_SOURCE_H
#define WN_PLUGIN_AMP_SOURCE_H

#include "plugin/patch.h"
#include "wavenet/wavenet.h"

typedef enum wn_amp_file { WN_AMP_MODEL, WN_AMP_CABINET, WN_AMP_FILES } wn_amp_file;

typedef struct wn_amp_source {
    char paths[WN_AMP_FILES][WN_MAX_PATH]; /* "": none */
    float slim;                            /* share of a slimmable model to use */
} wn_amp_source;

/* Make the unit that plays `source` at `rate` Hz, with a copy of the source as its user. Models that cannot be slimmed are
 * loaded whole. */
wn_status wn_amp_source_load(wn_effect_unit **out, const wn_amp_source *source, double rate, wn_error *error);

/* A unit that passes the sound, with a copy of the source likewise: it stands for files that are missing. */
wn_status wn_amp_source_load_nothing(wn_effect_unit **out, const wn_amp_source *source, double rate, wn_error *error);

#endif
