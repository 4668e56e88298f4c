/* SPDX-License-Identifier: MIT
 * cabinet_none.c - the cabinets of a build without the audio library, which reads no sound files.
 * Copyright (c) 2026 the wavenet authors */
#include "audio/cabinet.h"
#include "base/error.h"

wn_status wn_cabinet_load(wn_model **out, const char *path, double rate, wn_error *error)
{
    (void)rate;
    *out = NULL;
    return wn_fail(error, WN_ERROR_UNSUPPORTED, path, "this build has no reader of sound files");
}
