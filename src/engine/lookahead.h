/* SPDX-License-Identifier: MIT
 * lookahead.h - single frames: what need not wait for the frame before is done in bulk, with the same sums.
 * Copyright (c) 2026 the wavenet authors
 *
 * A frame of generation reads every weight once, and each layer waits for the one before. Off that path are: past taps,
 * known several frames early, for which they are multiplied at once, so that their weights are read once in so many frames;
 * the 1x1s of the condition, all layers in one product, for several frames where the caller knows their conditions; and the
 * 1x1s of the skips, one product at the end of the stack. */
#ifndef WN_ENGINE_LOOKAHEAD_H
#define WN_ENGINE_LOOKAHEAD_H

#include "engine/interleaved.h"

/* Places of the values whose operations run in bulk: mixins side by side in one buffer, activations in buffers of their own. */
void wn_lookahead_arrange(wn_builder *b, const wn_segment *segment);

/* If operation `op` begins one that is done in bulk, make its step; whether `op` is done by one, made now or before. */
bool wn_lookahead_compile(wn_interleaved *program, wn_builder *b, int op);

/* Multiply the past taps of a convolution several frames ahead, if that pays; apart from layer to layer, when all are there. */
void wn_lookahead_past(wn_builder *b, wn_conv_step *conv);
void wn_lookahead_stagger(wn_interleaved *program, wn_builder *b);

/* One frame: start + past products + the newest tap. The past alone, where it is due. */
void wn_lookahead_convolve(wn_interleaved_thread *t, const wn_conv_step *conv, const float *src, float *dst);
void wn_lookahead_multiply_past(wn_interleaved_thread *t, const wn_conv_step *conv);

/* Forget the past products: zeros for a stream at its beginning. */
void wn_lookahead_clear(wn_interleaved_thread *t, const wn_conv_step *conv);

#endif
