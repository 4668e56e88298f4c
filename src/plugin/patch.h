/* SPDX-License-Identifier: MIT
 * patch.h - parameters that are paths of files, set and queried by messages of the patch extension.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_PLUGIN_PATCH_H
#define WN_PLUGIN_PATCH_H

#include <lv2/atom/forge.h>

#include "plugin/events.h"
#include "plugin/host.h"

enum { WN_PATCH_MAX_PARAMETERS = 2, WN_MAX_PATH = 2048 }; /* bytes of a path, with its end */

typedef enum wn_patch_kind {
    WN_PATCH_OTHER, /* nothing for this plug-in */
    WN_PATCH_GET,   /* `parameter`, or all for -1 */
    WN_PATCH_SET    /* `parameter` to `path`; NULL: not a path that a plug-in can take */
} wn_patch_kind;

typedef struct wn_patch_message {
    wn_patch_kind kind;
    int parameter;
    const char *path; /* terminated, shorter than WN_MAX_PATH; belongs to the host's buffer */
} wn_patch_message;

/* One per instance of a plug-in; after wn_patch_init it belongs to the audio thread. */
typedef struct wn_patch {
    LV2_Atom_Forge forge;
    LV2_URID plugin, parameters[WN_PATCH_MAX_PARAMETERS];
    int n_parameters;
    LV2_URID get, set, subject, property, value;
    LV2_Atom_Forge_Frame sequence;
    uint32_t room; /* bytes that the output still takes */
} wn_patch;

/* `parameters` [n] are URIs. */
void wn_patch_init(wn_patch *patch, const wn_host *host, const char *plugin, const char *const *parameters, int n);

/* Understand one event. Messages for another subject are ignored. */
WN_REALTIME wn_patch_message wn_patch_read(const wn_patch *patch, const LV2_Atom_Event *event);

/* Whether `size` bytes of `value` are a path, or text that may be one: terminated, and shorter than WN_MAX_PATH. */
WN_REALTIME bool wn_patch_is_path(const wn_patch *patch, LV2_URID type, const void *value, size_t size);

/* Begin and end this run's messages in `out`, whose atom holds its capacity (NULL: nothing is written). */
WN_REALTIME void wn_patch_begin(wn_patch *patch, LV2_Atom_Sequence *out);
WN_REALTIME void wn_patch_end(wn_patch *patch);

/* Between these: tell the host that `parameter` is `path`. Left out where the buffer is too small. */
WN_REALTIME void wn_patch_tell(wn_patch *patch, int parameter, const char *path);

#endif
