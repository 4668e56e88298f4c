/* SPDX-License-Identifier: MIT
 * realtime_resampler.h - real-time resampler: constant cost per frame, constant delay, no allocation while running.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_DSP_REALTIME_RESAMPLER_H
#define WN_DSP_REALTIME_RESAMPLER_H

#include "wavenet/wavenet.h"

typedef struct wn_realtime_resampler wn_realtime_resampler;

/* Make a resampler of one channel from `from` Hz to `to` Hz, whole numbers 4000 .. 768000; WN_ERROR_UNSUPPORTED
 * otherwise. Its history is silence. The response is flat up to 0.86 of the lower Nyquist frequency and 88 dB down from
 * 1.13 of it on. One thread at a time. */
wn_status wn_realtime_resampler_new(wn_realtime_resampler **out, double from, double to, wn_error *error);

/* NULL is allowed. */
void wn_realtime_resampler_free(wn_realtime_resampler *resampler);

/* Delay from input to output in seconds: half the filter, which is 24 samples of the lower rate plus at most 4 samples
 * of the higher rate. */
double wn_realtime_resampler_get_delay(const wn_realtime_resampler *resampler);

/* Number of input frames after which the phase returns to its initial value. */
int wn_realtime_resampler_get_period(const wn_realtime_resampler *resampler);

/* Maximum number of output frames for `frames` input frames; the result must fit in an int. */
WN_REALTIME int wn_realtime_resampler_get_capacity(const wn_realtime_resampler *resampler, int frames);

/* Resample in [frames], finite, into out [capacity], which must not overlap it. Returns the number of output frames.
 * After n input frames in total, exactly ceil(n * to / from) frames have been output. The output does not depend on the
 * block sizes. */
WN_REALTIME int wn_realtime_resampler_run(wn_realtime_resampler *resampler, const float *in, int frames, float *out);

#endif
