/* SPDX-License-Identifier: MIT
 * nam_metadata.h - what an amp capture says beside its network.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_NAM_METADATA_H
#define WN_FORMAT_NAM_METADATA_H

#include "format/nam_reader.h"

/* Name, loudness, levels, and the rest of what `root` says as text. container: what holds it, or NULL. */
void wn_nam_keep(wn_nam_reader *x, const json_t *root, const json_t *container, int submodel);
/* Back to the root of a file: metadata and what else was there; false if memory fails. */
bool wn_nam_restore(const wn_model *model, json_t *root);
bool wn_nam_restore_slimmable(const wn_model *model, json_t *arrays); /* into the layer arrays of a config */

#endif
