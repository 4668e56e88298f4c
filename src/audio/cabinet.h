/* SPDX-License-Identifier: MIT
 * cabinet.h - a loudspeaker cabinet: a model made of the impulse response in a sound file.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_AUDIO_CABINET_H
#define WN_AUDIO_CABINET_H

#include "wavenet/wavenet.h"

/* Load the impulse response in the sound file `path`, resampled to `rate` Hz; a long one is cut to 65536 samples. The caller
 * frees the model. */
wn_status wn_cabinet_load(wn_model **out, const char *path, double rate, wn_error *error);

#endif
