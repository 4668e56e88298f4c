/* SPDX-License-Identifier: MIT
 * exec_interleaved.h - the executor for everything: wide layers, several voices, generation.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_EXEC_INTERLEAVED_H
#define WN_ENGINE_EXEC_INTERLEAVED_H

#include "engine/executor.h"

extern const wn_executor wn_exec_interleaved;

#endif
