/* SPDX-License-Identifier: MIT
 * capture_info.h - what an amp capture says about itself.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_CAPTURE_INFO_H
#define WN_CLI_CAPTURE_INFO_H

#include <jansson.h>

#include "model/model.h"

/* Print text from a file on one line, without what a terminal would obey. */
void wn_capture_info_print_text(const char *text);

/* Print whose capture of what gear the model is, how well it was trained and how loud it is, as far as it says so. metadata:
 * the model's, or NULL. */
void wn_capture_info_print(const wn_model *model, const json_t *metadata);

#endif
