/* SPDX-License-Identifier: MIT
 * compile.h - a plan made with what tests and verification ask for.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_COMPILE_H
#define WN_ENGINE_COMPILE_H

#include "engine/plan.h"

/* wn_plan_new with hooks (NULL: none). */
wn_status wn_plan_build(wn_plan **out, const wn_model *model, const wn_plan_config *config, const wn_plan_hooks *hooks,
                        wn_error *error);

#endif
