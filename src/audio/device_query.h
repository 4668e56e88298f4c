/* SPDX-License-Identifier: MIT
 * device_query.h - finds a device or port by its number, its name or a part of its name.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_AUDIO_DEVICE_QUERY_H
#define WN_AUDIO_DEVICE_QUERY_H

#include <stdbool.h>

/* The value of `query` if it is a number of up to five digits, or -1. */
int wn_device_query_number(const char *query);

/* Whether `name` contains `query`, ignoring case. */
bool wn_device_query_is_part(const char *query, const char *name);

#endif
