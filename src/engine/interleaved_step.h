/* SPDX-License-Identifier: MIT
 * interleaved_step.h - the steps of an interleaved program, one at a time or all, and parts of one.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_INTERLEAVED_STEP_H
#define WN_ENGINE_INTERLEAVED_STEP_H

#include "engine/interleaved.h"

/* One step on `frames` frames. */
void wn_interleaved_step(wn_interleaved_thread *t, const wn_step *step, int frames);

/* All steps, but early ones whose frames are done already. The loop stands beside the step so that one is part of the other. */
void wn_interleaved_steps(wn_interleaved_thread *t, int frames);

/* Parts of one, for a single frame: outputs or channels from .. to - 1; taps from .. to - 1, added to what the taps before
 * gave. */
void wn_interleaved_outputs(wn_interleaved_thread *t, const wn_step *step, int from, int to);
void wn_interleaved_taps(wn_interleaved_thread *t, const wn_step *step, int from, int to);

#endif
