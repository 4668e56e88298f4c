/* SPDX-License-Identifier: MIT
 * file.h - whole files in, and files out that appear under their name complete or not at all.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BASE_FILE_H
#define WN_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "wavenet/wavenet.h"

/* All of a file, a pipe or a device, at most `max` bytes, in memory that the caller frees. A directory is refused. */
wn_status wn_file_read(void **data, size_t *size, const char *path, size_t max, wn_error *error);

/* The same where how much is too much depends on what the file is: limit looks at its first n bytes. */
typedef size_t wn_file_limit(const void *head, size_t n);
wn_status wn_file_read_limited(void **data, size_t *size, const char *path, wn_file_limit *limit, wn_error *error);

/* Whether a name ends in `ending` (".npy") and has something before it; letters of either case. */
bool wn_file_has_ending(const char *path, const char *ending);

/* A file being written beside its final name. What exists and is not a regular file (a pipe, /dev/null) is written
 * directly. */
typedef struct wn_writer wn_writer;

wn_status wn_writer_open(wn_writer **out, const char *path, wn_error *error);
wn_status wn_writer_write(wn_writer *writer, const void *data, size_t size, wn_error *error);

/* Overwrite the first `size` bytes, and stay at the end. Fails where a pipe is written. */
wn_status wn_writer_patch(wn_writer *writer, const void *data, size_t size, wn_error *error);

/* The file itself, for a library that writes and seeks in it. *direct: a pipe or device, whose bytes are out for good. */
FILE *wn_writer_file(wn_writer *writer, bool *direct);

/* Flush to disk and rename to the final name; on failure nothing is left. Frees the writer in both cases. */
wn_status wn_writer_commit(wn_writer *writer, wn_error *error);

/* Throw away what was written; NULL is allowed. */
void wn_writer_abort(wn_writer *writer);

#endif
