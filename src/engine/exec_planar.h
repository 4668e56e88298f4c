/* SPDX-License-Identifier: MIT
 * exec_planar.h - the executor for blocks of narrow networks.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_EXEC_PLANAR_H
#define WN_ENGINE_EXEC_PLANAR_H

#include "engine/executor.h"

extern const wn_executor wn_exec_planar;

#endif
