/* SPDX-License-Identifier: MIT
 * verify_layer.h - the comparison of one convolution, and what every comparison needs.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_VERIFY_LAYER_H
#define WN_ANALYSIS_VERIFY_LAYER_H

#include "analysis/verify_result.h"
#include "base/random_sequence.h"
#include "engine/stream.h"

/* Blocks are cut no longer than this; prime, so that no block length divides many rings. */
enum { WN_VERIFY_BLOCK = 61 };

/* A running comparison of two signals. */
typedef struct wn_error_sum {
    double difference, reference; /* sums of squares */
} wn_error_sum;

static inline void wn_error_sum_add(wn_error_sum *sum, double engine, double reference)
{
    sum->difference += (engine - reference) * (engine - reference);
    sum->reference += reference * reference;
}

/* In dB; INFINITY if anything was not a number, or if there was nothing to compare with. */
double wn_error_sum_db(const wn_error_sum *sum);

/* The next block's length: 1 .. most, and not a divisor of the ring unless there is no other. */
int wn_verify_block(wn_random_sequence *noise, int ring_frames, int most);

/* Operation `index`, a CONV or EMBED, of the stream's plan, which keeps values, against FFTs. Fills `row`; false if memory fails. */
bool wn_verify_layer(wn_verify_row *row, wn_stream *stream, int index);

#endif
