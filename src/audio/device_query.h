/* SPDX-License-Identifier: MIT
 * device_query.h - how a user names one of several devices or ports: its number, its name, or a part of that.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_AUDIO_DEVICE_QUERY_H
#define WN_AUDIO_DEVICE_QUERY_H

#include <stdbool.h>

/* The number that `wish` is, or -1. */
int wn_device_query_number(const char *wish);

/* Whether `name` holds `wish`, whatever the case. */
bool wn_device_query_is_part(const char *wish, const char *name);

#endif
