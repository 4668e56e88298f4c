/* SPDX-License-Identifier: MIT
 * field.h - receptive field of a list of layers or of a model, traced exactly, layer by layer.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_FIELD_H
#define WN_ANALYSIS_FIELD_H

#include "analysis/span.h"
#include "analysis/spec.h"
#include "wavenet/wavenet.h"

/* The receptive field after one layer. */
typedef struct wn_field_row {
    int stack;      /* of a model; -1: outside its stacks, or no model */
    char layer[16]; /* "0", "1" ... within the stack, "input", "head"; "1", "2" ... in a list of layers */
    wn_spec spec;
    int64_t effective_kernel; /* dilation*(kernel-1) + 1 of this layer alone */
    int64_t receptive_field;  /* from the first to the last input position that reaches one output, both counted */
    int64_t covered;          /* number of positions among them that reach it */
    double coverage;          /* covered / receptive_field */
    double log2_paths;        /* log2 of the total number of paths from the input to one output */
    int64_t first, last;      /* outermost input positions that reach output 0; first > last: none */
    double jump;              /* distance between successive outputs, in input positions */
    int64_t state_frames;     /* past inputs that a causal layer keeps: dilation*(kernel-1) */
    int64_t state_bytes;      /* memory of one voice in float32; 0: unknown width */
    int64_t output_size;      /* -1: unknown input size */
    int64_t weights;          /* of the layer, without biases */
    double macs;              /* multiply-accumulates per output position, on average; of a model per sample */
    double all_macs;          /* of all outputs; 0: unknown input size */
} wn_field_row;

typedef struct wn_field {
    int n_rows;
    wn_field_row *rows;
    double sample_rate;      /* Hz; 0: unknown */
    bool has_branches;       /* its layers are not all in series */
    bool causal;             /* reads only the present and the past, at stride 1 */
    int64_t receptive_field; /* of the whole network */
    int64_t state_bytes;
    wn_span
        reach; /* input positions that reach the output; with transposed layers, that output which most positions reach */
    int64_t output; /* index of that output */
} wn_field;

/* The receptive field of layers [n] in series or in branches. `input_size` 0: unknown. `channels` enter the first layer; a
 * layer without a number of filters gives as many as it takes. Error messages call the option `where`.
 * WN_ERROR_UNSUPPORTED if the field is too large to trace. Free with wn_field_free. */
wn_status wn_field_layers(wn_field *out, const wn_spec *layers, int n, int64_t input_size, int channels,
                          const char *where, wn_error *error);

/* The receptive field of a model: a row for every layer and for every other convolution with more than one tap. Paths
 * include residual and skip connections, and conditions made from the audio input. Errors as above. */
wn_status wn_field_model(wn_field *out, const wn_model *model, wn_error *error);

/* Accepts partial and zeroed fields. */
void wn_field_free(wn_field *field);

#endif
