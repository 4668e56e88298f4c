/* SPDX-License-Identifier: MIT
 * file_stamp.h - which version of a file is there.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_FILE_STAMP_H
#define WN_CLI_FILE_STAMP_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

typedef struct wn_file_stamp {
    bool there; /* the rest is 0 where the file is not */
    dev_t device;
    ino_t file;
    off_t size;
    struct timespec changed;
} wn_file_stamp;

wn_file_stamp wn_file_stamp_of(const char *path);

bool wn_file_stamp_is_same(const wn_file_stamp *a, const wn_file_stamp *b);

#endif
