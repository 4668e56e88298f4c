/* SPDX-License-Identifier: MIT
 * file_stamp.c - which version of a file is there.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/file_stamp.h"

#include <sys/stat.h>

wn_file_stamp wn_file_stamp_of(const char *path)
{
    struct stat s;
    if (stat(path, &s) != 0) return (wn_file_stamp){.there = false};
    return (wn_file_stamp){true, s.st_dev, s.st_ino, s.st_size, s.st_mtim};
}

bool wn_file_stamp_is_same(const wn_file_stamp *a, const wn_file_stamp *b)
{
    return a->there == b->there && a->device == b->device && a->file == b->file && a->size == b->size &&
           a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}
