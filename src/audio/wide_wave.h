/* SPDX-License-Identifier: MIT
 * wide_wave.h - turns a WAV file that outgrew its header into RF64.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_AUDIO_WIDE_WAVE_H
#define WN_AUDIO_WIDE_WAVE_H

#include <stdio.h>

#include "wavenet/wavenet.h"

/* Turn the WAV file `f` (RIFF, open for reading and writing) into RF64, whose sizes have 64 bits (EBU Tech 3306): the samples
 * move by 36 bytes to make room for them. They are the last chunk, `data_bytes` long, `frames` frames. `path` is for the
 * error. */
wn_status wn_wide_wave_convert(FILE *f, int64_t data_bytes, int64_t frames, const char *path, wn_error *error);

#endif
