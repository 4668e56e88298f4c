/* SPDX-License-Identifier: MIT
 * realtime_resampler.h - a signal at another sample rate in real time: constant cost a frame, constant delay, no allocation.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_DSP_REALTIME_RESAMPLER_H
#define WN_DSP_REALTIME_RESAMPLER_H

#include "wavenet/wavenet.h"

typedef struct wn_realtime_resampler wn_realtime_resampler;

/* From `from` Hz to `to` Hz (whole numbers of Hz, 4000 .. 768000), one channel; it has heard silence. Flat to 0.86 of the
 * lower Nyquist frequency, 88 dB down from 1.13 of it on. One thread at a time. */
wn_status wn_realtime_resampler_new(wn_realtime_resampler **out, double from, double to, wn_error *error);

/* NULL is allowed. */
void wn_realtime_resampler_free(wn_realtime_resampler *converter);

/* Seconds from a sample going in to the same moment coming out: half the filter, 24 samples of the lower rate or up to 4
 * samples of the higher more. */
double wn_realtime_resampler_get_delay(const wn_realtime_resampler *converter);

/* Frames going in after which the next one comes out as at the beginning: one turn of the phases. */
int wn_realtime_resampler_get_period(const wn_realtime_resampler *converter);

/* Most frames that can come out of `frames` that go in, as long as these are an int. */
WN_REALTIME int wn_realtime_resampler_get_capacity(const wn_realtime_resampler *converter, int frames);

/* Takes all of in [frames], finite; returns how many frames came out, into out [room], which is another place. After n
 * frames in all, ceil(n * to / from) have come out, exactly and for ever. Bits do not depend on how the signal is cut. */
WN_REALTIME int wn_realtime_resampler_run(wn_realtime_resampler *converter, const float *in, int frames, float *out);

#endif
