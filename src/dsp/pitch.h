/* SPDX-License-Identifier: MIT
 * pitch.h - pitch and voicing of a stream of samples of speech.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_DSP_PITCH_H
#define WN_DSP_PITCH_H

#include "wavenet/wavenet.h"

/* One thread at a time. */
typedef struct wn_pitch wn_pitch;

/* Make a tracker of `rate` Hz for pitches from `low` to `high` Hz. Frame t is centred on sample t * hop + center. The
 * ranges are those of wn_analysis_fault. */
wn_status wn_pitch_new(wn_pitch **out, double rate, int hop, int center, double low, double high, wn_error *error);

/* NULL is allowed. */
void wn_pitch_free(wn_pitch *pitch);

/* Samples that must have been pushed before frame 0 is decided. */
int wn_pitch_get_delay(const wn_pitch *pitch);

/* Push one finite sample. True if a frame was decided: *hz, 0 where it is unvoiced. */
WN_REALTIME bool wn_pitch_push(wn_pitch *pitch, float x, double *hz);

WN_REALTIME void wn_pitch_reset(wn_pitch *pitch);

#endif
