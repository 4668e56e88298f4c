/* SPDX-License-Identifier: MIT
 * device_query.c - how a user names one of several devices or ports: its number, its name, or a part of that.
 * Copyright (c) 2026 the wavenet authors */
#include "audio/device_query.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS = 5 }; /* more is no number of a device */

int wn_device_query_number(const char *wish)
{
    size_t n = strspn(wish, "0123456789");
    return n > 0 && n <= DIGITS && wish[n] == 0 ? atoi(wish) : -1;
}

bool wn_device_query_is_part(const char *wish, const char *name)
{
    size_t n = strlen(wish);
    for (; *name; name++) {
        size_t i = 0;
        while (i < n && tolower((unsigned char)name[i]) == tolower((unsigned char)wish[i])) i++;
        if (i == n) return true;
    }
    return false;
}
