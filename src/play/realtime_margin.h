/* SPDX-License-Identifier: MIT
 * realtime_margin.h - how fast is fast enough to be heard while it is computed.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLAY_REALTIME_MARGIN_H
#define WN_PLAY_REALTIME_MARGIN_H

/* Measured speed, in multiples of real time, that lasts beside the device's driver and other programs. It leaves a fifth of
 * each core. Used to choose voices, threads and precision, and to say what would fit where a model is too slow. */
#define WN_REALTIME_MARGIN 1.25

/* Share of a block's time that a device's callback may take. A load above it means that blocks are late already, or about to
 * be: the margin has been used up by something else. */
#define WN_MAX_CALLBACK_LOAD 0.98

#endif
