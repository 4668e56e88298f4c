/* SPDX-License-Identifier: MIT
 * vocoder_reader.h - a wavenet_vocoder checkpoint that is being read.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_VOCODER_READER_H
#define WN_FORMAT_VOCODER_READER_H

#include "format/json.h"
#include "format/safetensors.h"

/* An import in progress. The first failure stays in r.status, and everything after it does nothing. */
typedef struct wn_vocoder_reader {
    wn_json r; /* reads the hyper-parameters */
    wn_safetensors *file;
    const json_t *hparams;
    wn_model *model;
    bool line_2018;
} wn_vocoder_reader;

#endif
