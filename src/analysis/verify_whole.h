/* SPDX-License-Identifier: MIT
 * verify_whole.h - the linearised model, streamed, against its own impulse response.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_VERIFY_WHOLE_H
#define WN_ANALYSIS_VERIFY_WHOLE_H

#include "analysis/verify_result.h"
#include "model/model.h"

/* The linearised `model` streamed against its impulse response. Fills the whole_ fields of `out`. */
wn_status wn_verify_whole(wn_verify *out, const wn_model *model, wn_cpu cpu, wn_error *error);

#endif
