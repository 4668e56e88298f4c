/* SPDX-License-Identifier: MIT
 * web.h - what the files of the page's module share: exports, the last error, models from memory.
 * Copyright (c) 2026 the wavenet authors
 *
 * One instance of the module belongs to one thread of the browser. JavaScript copies arguments into memory from malloc, which
 * the module exports, too. 64-bit integers would reach it as another type, so numbers are int or double. */
#ifndef WN_WEB_WEB_H
#define WN_WEB_WEB_H

#include <stdbool.h>

#include "wavenet/wavenet.h"

#ifdef __wasm__
#define WN_WEB_EXPORT(name) __attribute__((export_name(#name)))
#else
#define WN_WEB_EXPORT(name)
#endif

enum { WN_WEB_BLOCK = 1024 }; /* longest run in frames */

/* The place that a constructor below fills on failure. */
wn_error *wn_web_failure(void);

/* The last failure in one line of words. Valid until the next call. */
const char *wn_web_error(void) WN_WEB_EXPORT(error);

/* Load a model, `size` bytes of a file called `name`. NULL on failure. */
wn_model *wn_web_model_load(const void *data, size_t size, const char *name) WN_WEB_EXPORT(model_load);

/* NULL is allowed. */
void wn_web_model_free(wn_model *model) WN_WEB_EXPORT(model_free);

/* Hz; those of captures where the file states none. */
double wn_web_model_rate(const wn_model *model) WN_WEB_EXPORT(model_rate);

/* Whether the model is an instrument, which generates sound by itself. */
bool wn_web_model_generates(const wn_model *model) WN_WEB_EXPORT(model_generates);

/* The model in one line of words. Valid until the next call. */
const char *wn_web_model_describe(const wn_model *model) WN_WEB_EXPORT(model_describe);

/* The kernel set of this module. */
const char *wn_web_kernels(void) WN_WEB_EXPORT(kernels);

/* Whether this engine rounds a product and a sum together once, as processors with FMA do. Then the samples are those of such
 * processors, otherwise those of the kernel set `portable`. */
bool wn_web_fuses(void) WN_WEB_EXPORT(fuses);

#endif
