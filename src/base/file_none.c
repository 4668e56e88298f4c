/* SPDX-License-Identifier: MIT
 * file_none.c - file.h in a library without file access, for browsers: reading and writing are refused.
 * Copyright (c) 2026 the wavenet authors */
#include "base/file.h"

#include "base/error.h"

static wn_status file_unsupported(const char *path, wn_error *error)
{
    return wn_fail(error, WN_ERROR_UNSUPPORTED, path, "this library has no file access (meson setup -Dfiles=enabled)");
}

wn_status wn_file_read(void **data, size_t *size, const char *path, size_t max, wn_error *error)
{
    (void)max;
    *data = NULL;
    *size = 0;
    return file_unsupported(path, error);
}

wn_status wn_file_read_limited(void **data, size_t *size, const char *path, wn_file_limit *limit, wn_error *error)
{
    (void)limit;
    *data = NULL;
    *size = 0;
    return file_unsupported(path, error);
}

bool wn_file_exists(const char *path)
{
    (void)path;
    return false;
}

bool wn_file_is_folder(const char *path)
{
    (void)path;
    return false;
}

wn_status wn_file_make_folder(const char *path, wn_error *error) { return file_unsupported(path, error); }

wn_status wn_writer_open(wn_writer **out, const char *path, wn_error *error)
{
    *out = NULL;
    return file_unsupported(path, error);
}

/* No writer is ever opened, so the functions below are never called with one; they complete the interface for the linker. */

wn_status wn_writer_write(wn_writer *writer, const void *data, size_t size, wn_error *error)
{
    (void)writer, (void)data, (void)size;
    return file_unsupported("file", error);
}

wn_status wn_writer_patch(wn_writer *writer, const void *data, size_t size, wn_error *error)
{
    (void)writer, (void)data, (void)size;
    return file_unsupported("file", error);
}

FILE *wn_writer_file(wn_writer *writer, bool *direct)
{
    (void)writer;
    *direct = false;
    return NULL;
}

wn_status wn_writer_commit(wn_writer *writer, wn_error *error)
{
    (void)writer;
    return file_unsupported("file", error);
}

void wn_writer_abort(wn_writer *writer) { (void)writer; }
