/* SPDX-License-Identifier: MIT
 * field.h - the receptive field of a list of layers or of a model, layer by layer, by exact propagation.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_FIELD_H
#define WN_ANALYSIS_FIELD_H

#include "analysis/span.h"
#include "analysis/spec.h"
#include "wavenet/wavenet.h"

/* What the network sees after one layer. */
typedef struct wn_field_row {
    int stack;      /* of a model; -1 = outside its stacks, or no model */
    char layer[16]; /* "0", "1" ... within the stack, "input", "head"; "1", "2" ... in a list of layers */
    wn_spec spec;
    int64_t effective_kernel; /* dilation*(kernel-1) + 1, of this layer alone */
    int64_t receptive_field;  /* input positions from the first to the last that reach one output */
    int64_t covered;          /* how many of them do */
    double coverage;          /* covered / receptive_field */
    double log2_paths;        /* ways from input to output, in all */
    int64_t first, last;      /* input positions that output 0 sees; first > last: none */
    double jump;              /* input positions from one output to the next */
    int64_t state_frames;     /* past inputs a causal layer keeps: dilation*(kernel-1) */
    int64_t state_bytes;      /* of one voice in float32; 0 where the width is unknown */
    int64_t output_size;      /* -1 where no input size is known */
} wn_field_row;

typedef struct wn_field {
    int n_rows;
    wn_field_row *rows;
    double sample_rate;      /* Hz; 0 = unknown */
    bool causal;             /* reads the present and the past only, at stride 1 */
    int64_t receptive_field; /* of the whole */
    int64_t state_bytes;
    wn_span reach;  /* what the output sees; with transposed layers, the output that sees most */
    int64_t output; /* that output's index; else 0 */
} wn_field;

/* Layers in series; `input_size` 0 = unknown. `where` names the option in messages. */
wn_status wn_field_layers(wn_field *out, const wn_spec *layers, int n, int64_t input_size, const char *where,
                          wn_error *error);

/* A model: a row for every layer, and for every other convolution that looks back. Paths count residual and skip
 * connections, and conditions made from the audio input. */
wn_status wn_field_model(wn_field *out, const wn_model *model, wn_error *error);

void wn_field_free(wn_field *field);

#endif
