/* SPDX-License-Identifier: MIT
 * model_places.h - where models are looked for: ./models and the installed models.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_MODEL_PLACES_H
#define WN_CLI_MODEL_PLACES_H

#include <stdbool.h>
#include <stddef.h>

#include "wavenet/wavenet.h"

enum { WN_CLI_MAX_PATH = 4096 };

/* The folder of the installed models: share/wavenet/models below the prefix that this program lies in, as after an installation
 * that was moved or staged, else that of the build. */
const char *wn_cli_installed_models(void);

/* The file that MODEL stands for, into `file` [size]: a file, a folder that holds exactly one model file, or the name of a
 * model in one of the places. The error names the places that were searched and the nearest model. */
wn_status wn_cli_find_model(char *file, size_t size, const char *name, wn_error *error);

/* Whether `name` is a model of one of the places. */
bool wn_cli_is_model_name(const char *name);

/* Whether `folder` is a folder that holds exactly one model file. */
bool wn_cli_is_model_folder(const char *folder);

/* Called with the name of a model of a place, and its file. true: look no further. */
typedef bool wn_cli_model_visitor(void *user, const char *name, const char *file);

/* Visit the models of all places, sorted by name within each. A name that an earlier place has is left out. */
wn_status wn_cli_visit_models(wn_cli_model_visitor *visit, void *user, wn_error *error);

/* The first model of the places that plays notes, having the controls key and gate: its name into `name` [size]. false: there
 * is none. */
bool wn_cli_find_instrument(char *name, size_t size);

#endif
