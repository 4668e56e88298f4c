/* SPDX-License-Identifier: MIT
 * nam_slim.h - slimming: a network with fewer channels than the file has.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_NAM_SLIM_H
#define WN_FORMAT_NAM_SLIM_H

#include "format/nam_reader.h"

/* Cut the channels of each stack to x->keep. */
void wn_nam_slim(wn_nam_reader *x);

#endif
