/* SPDX-License-Identifier: MIT
 * long_convolution.h - the late part of a long impulse response, in partitions (Stockham 1966, Gardner 1995).
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_DSP_LONG_CONVOLUTION_H
#define WN_DSP_LONG_CONVOLUTION_H

#include <stdbool.h>

#include "wavenet/wavenet.h"

/* Taps before the late part, which is computed for so many frames ahead: added to a direct convolution with these taps, the
 * whole has no delay. */
enum { WN_LONG_CONVOLUTION_HEAD = 256 };

/* Shorter responses stay direct: they are fast enough, and their bits are those of every other convolution. Measured with AVX-512
 * in blocks of 256 frames, times real time at 48 kHz, direct and in partitions (medians of five): 2048 taps 305 and 655, 4096
 * 164 and 596, 8192 84 and 502, 65536 9 and 129. */
enum { WN_LONG_CONVOLUTION_MIN = 4096 };

/* One thread at a time. */
typedef struct wn_long_convolution wn_long_convolution;

/* False in a build without kissfft: wn_long_convolution_new then fails, and all convolutions are direct. */
bool wn_long_convolution_is_available(void);

/* For an impulse response `taps` [n], whose first tap meets the newest sample. n > WN_LONG_CONVOLUTION_HEAD; copied. Starts from
 * silence. */
wn_status wn_long_convolution_new(wn_long_convolution **out, const float *taps, int n, wn_error *error);

/* NULL is allowed. */
void wn_long_convolution_free(wn_long_convolution *convolution);

/* Into the state that endless input of `value` leaves. Returns what is then added to each frame. Not for the audio thread: the
 * cost grows with the length. */
float wn_long_convolution_fill(wn_long_convolution *convolution, float value);

/* Add the late part to y [frames]: the taps from WN_LONG_CONVOLUTION_HEAD on, times the samples before. x [frames]: the next
 * samples; NaN and Inf count as 0. The bits do not depend on how the sound is cut into blocks. */
WN_REALTIME void wn_long_convolution_add(wn_long_convolution *convolution, int frames, const float *x, float *y);

#endif
