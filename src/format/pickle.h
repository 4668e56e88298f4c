/* SPDX-License-Identifier: MIT
 * pickle.h - PyTorch's own files, which are recognised and refused.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_PICKLE_H
#define WN_FORMAT_PICKLE_H

#include "format/format_row.h"

extern const wn_format wn_format_pickle;

#endif
