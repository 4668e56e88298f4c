/* SPDX-License-Identifier: MIT
 * file.h - reads whole files, and writes files that get their name only when they are complete.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BASE_FILE_H
#define WN_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "wavenet/wavenet.h"

/* Read a whole file, pipe or device of at most `max` bytes: *data [*size], to be freed with free(). A directory is an
 * error. */
wn_status wn_file_read(void **data, size_t *size, const char *path, size_t max, wn_error *error);

/* As wn_file_read, for files whose size limit depends on their type: `limit` derives it from the first n bytes. */
typedef size_t wn_file_limit(const void *head, size_t n);
wn_status wn_file_read_limited(void **data, size_t *size, const char *path, wn_file_limit *limit, wn_error *error);

/* Whether `path` is an existing regular file. */
bool wn_file_exists(const char *path);

/* Whether `path` is an existing folder. */
bool wn_file_is_folder(const char *path);

/* Make the folder unless it exists. */
wn_status wn_file_make_folder(const char *path, wn_error *error);

/* Whether a name ends in `ending` (such as ".npy"), ignoring case, and is longer than it. */
bool wn_file_has_ending(const char *path, const char *ending);

/* Writes a temporary file beside the final name. An existing path that is not a regular file (a pipe, /dev/null) is
 * written directly. One thread at a time. */
typedef struct wn_writer wn_writer;

wn_status wn_writer_open(wn_writer **out, const char *path, wn_error *error);
wn_status wn_writer_write(wn_writer *writer, const void *data, size_t size, wn_error *error);

/* Overwrite the first `size` bytes; the position stays at the end. Fails on a pipe. */
wn_status wn_writer_patch(wn_writer *writer, const void *data, size_t size, wn_error *error);

/* The underlying file, owned by the writer, for a library that writes and seeks. *direct = true: it is a pipe or
 * device, whose bytes cannot be discarded. */
FILE *wn_writer_file(wn_writer *writer, bool *direct);

/* Flush to disk and rename to the final name; on failure the temporary file is removed. Frees the writer in both
 * cases. */
wn_status wn_writer_commit(wn_writer *writer, wn_error *error);

/* Remove the temporary file and free the writer. NULL is allowed. */
void wn_writer_abort(wn_writer *writer);

#endif
