/* SPDX-License-Identifier: MIT
 * device_query.c - finds a device or port by its number, its name or a part of its name.
 * Copyright (c) 2026 the wavenet authors */
#include "audio/device_query.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DIGITS = 5 }; /* of a device number */

int wn_device_query_number(const char *query)
{
    size_t n = strspn(query, "0123456789");
    return n > 0 && n <= MAX_DIGITS && query[n] == 0 ? atoi(query) : -1;
}

bool wn_device_query_is_part(const char *query, const char *name)
{
    size_t n = strlen(query);
    for (; *name; name++) {
        size_t i = 0;
        while (i < n && tolower((unsigned char)name[i]) == tolower((unsigned char)query[i])) i++;
        if (i == n) return true;
    }
    return false;
}
