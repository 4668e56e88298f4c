/* SPDX-License-Identifier: MIT
 * config_model.h - keys of the model itself: input, output, sampling, levels.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_FORMAT_CONFIG_MODEL_H
#define WN_FORMAT_CONFIG_MODEL_H

#include "format/config_keys.h"

/* Tables of numbers; what is a name, a text or an object has code of its own. */
extern const wn_key wn_config_level_keys[];    /* of wn_model: levels of captures */
extern const wn_key wn_config_sampling_keys[]; /* of wn_model: "sampling" */
extern const wn_key wn_config_input_keys[];    /* of wn_encoding: "input" */

/* Of wn_model: "output" of a kind. */
const wn_key *wn_config_output_keys(wn_output_kind kind);

#endif
