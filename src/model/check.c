/* SPDX-License-Identifier: MIT
 * check.c - shared by the files that check a description: messages, ranges, convolutions, activations.
 * Copyright (c) 2026 the wavenet authors */
#include "model/check.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/description.h"

wn_status wn_check_fail(const wn_check *check, const char *place, const char *format, ...)
{
    char message[320], where[192];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    const char *dot = *check->place && *place ? "." : "", *colon = *check->path ? ": " : "";
    snprintf(where, sizeof where, "%s%s%s%s%s", check->path, colon, check->place, dot, place);
    return wn_fail(check->error, WN_ERROR_FORMAT, where, "%s", message);
}

wn_status wn_check_range(const wn_check *check, const char *place, int64_t value, int64_t min, int64_t max)
{
    if (value >= min && value <= max) return WN_OK;
    return wn_check_fail(check, place, "is %lld, expected %lld to %lld", (long long)value, (long long)min,
                         (long long)max);
}

bool wn_check_printable(const char *text)
{
    while (*text && !wn_control_bytes(text)) text++;
    return !*text;
}

wn_status wn_check_conv(const wn_check *check, const char *place, const wn_conv *conv, int in, int out)
{
    char where[192];
    snprintf(where, sizeof where, "%s%s%s%s%s", check->path, *check->path ? ": " : "", check->place,
             *check->place ? "." : "", place);
    wn_status status = wn_conv_check(conv, where, check->error);
    if (status) return status;
    if (conv->in != in) return wn_check_fail(check, place, "takes %d channels, expected %d", conv->in, in);
    if (out && conv->out != out) return wn_check_fail(check, place, "gives %d channels, expected %d", conv->out, out);
    if (!conv->weight || conv->has_bias != (conv->bias != NULL)) return wn_check_fail(check, place, "has no weights");
    return WN_OK;
}

wn_status wn_check_act(const wn_check *check, const char *place, const wn_act *act, int channels)
{
    if ((unsigned)act->kind >= WN_ACT_COUNT) return wn_check_fail(check, place, "is no activation");
    for (int i = 0; i < WN_ACT_PARAMETERS; i++)
        if (!isfinite(act->p[i])) return wn_check_fail(check, place, "has a parameter that is not finite");
    if (!(wn_act_row_of(act->kind)->flags & WN_ACT_PER_CHANNEL)) return WN_OK;
    if ((act->n_slopes != 1 && act->n_slopes != channels) || !act->slopes)
        return wn_check_fail(check, place, "has %d slopes, expected 1 or %d", act->n_slopes, channels);
    return WN_OK;
}
