/* SPDX-License-Identifier: MIT
 * converter.h - a signal at another sample rate in real time: constant cost a frame, constant delay, no allocation.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_AUDIO_CONVERTER_H
#define WN_AUDIO_CONVERTER_H

#include "wavenet/wavenet.h"

typedef struct wn_converter wn_converter;

/* From `from` Hz to `to` Hz (whole numbers of Hz, 4000 .. 768000), one channel; it has heard silence. Flat to 0.86 of the
 * lower Nyquist frequency, 88 dB down from 1.13 of it on. One thread at a time. */
wn_status wn_converter_new(wn_converter **out, double from, double to, wn_error *error);

/* NULL is allowed. */
void wn_converter_free(wn_converter *converter);

/* Seconds from a sample going in to the same moment coming out: half the filter, 24 samples of the lower rate or up to 4
 * samples of the higher more. */
double wn_converter_delay(const wn_converter *converter);

/* Frames going in after which the next one comes out as at the beginning: one turn of the phases. */
int wn_converter_turn(const wn_converter *converter);

/* Most frames that can come out of `frames` that go in, as long as these are an int. */
WN_REALTIME int wn_converter_room(const wn_converter *converter, int frames);

/* Takes all of in [frames], finite; returns how many frames came out, into out [room], which is another place. After n
 * frames in all, ceil(n * to / from) have come out, exactly and for ever. Bits do not depend on how the signal is cut. */
WN_REALTIME int wn_converter_run(wn_converter *converter, const float *in, int frames, float *out);

#endif
