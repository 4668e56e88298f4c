/* SPDX-License-Identifier: MIT
 * lower.h - from a description to the operations that it means.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_LOWER_H
#define WN_ENGINE_LOWER_H

#include "engine/op.h"

/* Fill `out` from memory of the arena. WN_ERROR_MEMORY is the only failure. */
wn_status wn_lower(wn_op_list *out, wn_arena *arena, const wn_model *model, wn_error *error);

#endif
