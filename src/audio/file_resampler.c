/* SPDX-License-Identifier: MIT
 * file_resampler.c - streaming resampler for files, implemented with soxr.
 * Copyright (c) 2026 the wavenet authors */
#include "audio/file_resampler.h"

#include <soxr.h>

#include "model/model.h"

wn_status wn_file_resampler_new(wn_file_resampler **out, double from, double to, int channels, const char *where,
                                wn_error *error)
{
    soxr_error_t message = NULL;
    soxr_quality_spec_t quality = soxr_quality_spec(SOXR_VHQ, 0);
    *out = soxr_create(from, to, (unsigned)channels, &message, NULL, &quality, NULL);
    if (*out && !message) return WN_OK;
    wn_file_resampler_free(*out);
    *out = NULL;
    return wn_fail(error, WN_ERROR_UNSUPPORTED, where, "cannot be resampled from %g to %g Hz: %s", from, to,
                   message ? message : "out of memory");
}

void wn_file_resampler_free(wn_file_resampler *resampler)
{
    if (resampler) soxr_delete(resampler);
}

wn_status wn_file_resampler_run(wn_file_resampler *resampler, const float *in, size_t frames, size_t *used, float *out,
                                size_t capacity, size_t *written, const char *where, wn_error *error)
{
    *used = *written = 0;
    soxr_error_t message = soxr_process(resampler, in, frames, used, out, capacity, written);
    return message ? wn_fail(error, WN_ERROR_MEMORY, where, "resampling failed: %s", message) : WN_OK;
}
