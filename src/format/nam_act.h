/* SPDX-License-Identifier: MIT
 * nam_act.h - activations of amp captures, read and written.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_NAM_ACT_H
#define WN_FORMAT_NAM_ACT_H

#include "format/nam_reader.h"

/* An activation for `channels` channels, a name or an object; and back: NULL if memory fails or the format has
 * no such function. */
void wn_nam_act(wn_nam_reader *x, const json_t *value, const char *key, int channels, wn_act *act);
json_t *wn_nam_act_out(const wn_act *act);
bool wn_nam_act_fits(const wn_act *act);

#endif
