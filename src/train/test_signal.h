/* SPDX-License-Identifier: MIT
 * test_signal.h - the sound to send through equipment for a capture.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_TEST_SIGNAL_H
#define WN_TRAIN_TEST_SIGNAL_H

#include "wavenet/wavenet.h"

/* Write the test signal to a sound file: mono, 48 kHz, 24 bits. Its parts, in order: silence with two blips, sweeps at
 * three levels, pink noise in bursts of falling level, plucked strings alone and in chords at all levels, and at the end
 * nine seconds of strings that are the same as nine seconds before. The same samples every time. */
wn_status wn_test_signal_write(const char *path, wn_error *error);

/* Its length in seconds. */
double wn_test_signal_seconds(void);

#endif
