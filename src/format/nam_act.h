/* SPDX-License-Identifier: MIT
 * nam_act.h - activations of amp captures, read and written.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_NAM_ACT_H
#define WN_FORMAT_NAM_ACT_H

#include "format/nam_reader.h"

/* Read an activation for `channels` channels, which is a name or an object. */
void wn_nam_read_act(wn_nam_reader *x, const json_t *value, const char *key, int channels, wn_act *act);

/* The activation as a JSON value that the caller owns; NULL if memory fails or the format lacks it. */
json_t *wn_nam_write_act(const wn_act *act);

/* Whether the format has this activation. */
bool wn_nam_has_act(const wn_act *act);

#endif
