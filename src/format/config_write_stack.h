/* SPDX-License-Identifier: MIT
 * config_write_stack.h - the config of a stack.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_CONFIG_WRITE_STACK_H
#define WN_FORMAT_CONFIG_WRITE_STACK_H

#include "format/config_out.h"

/* A new reference. */
json_t *wn_out_stack(wn_out *o, const wn_stack *s);

#endif
