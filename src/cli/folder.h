/* SPDX-License-Identifier: MIT
 * folder.h - the files of a folder.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_FOLDER_H
#define WN_CLI_FOLDER_H

#include <stdbool.h>

#include "wavenet/wavenet.h"

/* FOLDER/NAME, to be freed; NULL if memory fails. */
char *wn_folder_join(const char *folder, const char *name);

/* The paths *list [*n] of the files in `folder` for which `wanted` holds, sorted by name, hidden ones left out. Free with
 * wn_folder_free. */
wn_status wn_folder_list(char ***list, int *n, const char *folder, bool (*wanted)(const char *path), wn_error *error);
void wn_folder_free(char **list, int n);

/* A sound file by its content or its ending: one that is broken is to be reported. Arrays (.npy) are none. */
bool wn_folder_is_recording(const char *path);

#endif
