/* SPDX-License-Identifier: MIT
 * pipeline.h - the condition pipeline over any range of its output, computed from just the input rows that range needs.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_PIPELINE_H
#define WN_ENGINE_PIPELINE_H

#include "model/model.h"

/* Scratch for ranges of at most `most` output rows. One thread at a time. */
typedef struct wn_pipeline wn_pipeline;

/* NULL if memory fails. The condition must outlive it. */
wn_pipeline *wn_pipeline_new(const wn_condition *condition, int64_t most);
void wn_pipeline_free(wn_pipeline *pipeline);

/* Rows [lo, hi) after the last stage, [hi-lo][pipeline_channels], valid until the next call. 0 <= lo < hi <= length,
 * hi - lo <= most. `in`: [rows][feature_channels]. Real-time safe; cost grows with hi - lo alone. */
const float *wn_pipeline_rows(wn_pipeline *pipeline, const float *in, int64_t rows, int64_t lo, int64_t hi);

#endif
