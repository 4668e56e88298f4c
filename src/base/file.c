/* SPDX-License-Identifier: MIT
 * file.c - reads whole files, and writes files that get their name only when they are complete.
 * Copyright (c) 2026 the wavenet authors */
#define _XOPEN_SOURCE 700 /* realpath */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#ifndef WN_NO_FILES /* without files, file_none.c has the rest */

static wn_status fail_errno(wn_error *error, const char *path, const char *what)
{
    int code = errno;
    return wn_fail(error, code == ENOMEM ? WN_ERROR_MEMORY : WN_ERROR_FILE, path, "cannot %s: %s", what,
                   strerror(code));
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

enum { HEAD_SIZE = 4096 }; /* bytes given to a wn_file_limit */

/* Read the head, then the rest: regular files into one allocation of their size, pipes into a growing buffer. */
static wn_status read_all(FILE *file, size_t guess, void **data, size_t *size, const char *path, size_t max,
                          wn_file_limit *limit, wn_error *error)
{
    char *buffer = malloc(HEAD_SIZE);
    size_t capacity = HEAD_SIZE, used = buffer ? fread(buffer, 1, capacity, file) : 0;
    if (buffer && limit) max = limit(buffer, used);
    if (guess > max) guess = max;
    while (buffer && used == capacity && used <= max) {
        capacity = guess >= capacity ? guess + 1 : capacity < max / 2 ? 2 * capacity : max + 1;
        char *grown = realloc(buffer, capacity);
        if (!grown) free(buffer);
        buffer = grown;
        if (buffer) used += fread(buffer + used, 1, capacity - used, file);
    }
    if (!buffer) return wn_fail_memory(error, path);
    *data = buffer;
    *size = used;
    if (ferror(file)) return fail_errno(error, path, "read");
    if (used > max) return wn_fail(error, WN_ERROR_FORMAT, path, "is larger than %zu bytes", max);
    return WN_OK;
}

static wn_status read_file(void **data, size_t *size, const char *path, size_t max, wn_file_limit *limit,
                           wn_error *error)
{
    *data = NULL;
    *size = 0;
    FILE *file = fopen(path, "rb");
    if (!file) return fail_errno(error, path, "open");
    struct stat info;
    wn_status status = fstat(fileno(file), &info) ? fail_errno(error, path, "examine") : WN_OK;
    if (!status && S_ISDIR(info.st_mode))
        status = wn_fail(error, WN_ERROR_FILE, path, "is a directory, expected a file");
    size_t guess = !status && S_ISREG(info.st_mode) && info.st_size >= 0 ? (size_t)info.st_size : 0;
    if (!status) status = read_all(file, guess, data, size, path, max, limit, error);
    fclose(file);
    if (status) {
        free(*data);
        *data = NULL;
        *size = 0;
    }
    return status;
}

wn_status wn_file_read(void **data, size_t *size, const char *path, size_t max, wn_error *error)
{
    return read_file(data, size, path, max, NULL, error);
}

wn_status wn_file_read_limited(void **data, size_t *size, const char *path, wn_file_limit *limit, wn_error *error)
{
    return read_file(data, size, path, 0, limit, error);
}

bool wn_file_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

bool wn_file_is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

wn_status wn_file_make_folder(const char *path, wn_error *error)
{
    if (wn_file_is_folder(path) || mkdir(path, 0777) == 0) return WN_OK;
    return wn_fail(error, WN_ERROR_FILE, path, "%s", strerror(errno));
}

#endif

bool wn_file_has_ending(const char *path, const char *ending)
{
    size_t n = strlen(path), m = strlen(ending);
    return n > m && strcasecmp(path + n - m, ending) == 0;
}

#ifndef WN_NO_FILES

/* ---- writing --------------------------------------------------------------------------------------------------- */

struct wn_writer {
    FILE *file;
    char *path; /* final name, links resolved */
    char *temp; /* name of the temporary file; NULL: `path` is written directly */
};

void wn_writer_abort(wn_writer *w)
{
    if (!w) return;
    if (w->file) fclose(w->file);
    if (w->temp) unlink(w->temp);
    free(w->path);
    free(w->temp);
    free(w);
}

/* Create a temporary file beside `path`, with O_EXCL rather than mkstemp, so that the user's umask sets the
 * permissions. */
static wn_status open_temp(wn_writer *w, wn_error *error)
{
    size_t size = strlen(w->path) + 48;
    char *temp = malloc(size);
    if (!temp) return wn_fail_memory(error, w->path);
    int fd = -1;
    for (int i = 0; fd < 0 && i < 1000; i++) {
        snprintf(temp, size, "%s.%ld-%d.tmp", w->path, (long)getpid(), i);
        fd = open(temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0 && errno != EEXIST) break;
    }
    if (fd < 0) {
        wn_status status = fail_errno(error, w->path, "write");
        free(temp);
        return status;
    }
    w->temp = temp;
    w->file = fdopen(fd, "w+b");
    if (w->file) return WN_OK;
    close(fd);
    return fail_errno(error, w->path, "write");
}

static wn_status open_direct(wn_writer *w, wn_error *error)
{
    w->file = fopen(w->path, "wb");
    return w->file ? WN_OK : fail_errno(error, w->path, "write");
}

wn_status wn_writer_open(wn_writer **out, const char *path, wn_error *error)
{
    *out = NULL;
    wn_writer *w = calloc(1, sizeof *w);
    if (!w) return wn_fail_memory(error, path);
    struct stat info;
    bool exists = stat(path, &info) == 0;
    w->path = exists ? realpath(path, NULL) : strdup(path);
    wn_status status = WN_OK;
    if (!w->path)
        status = exists ? fail_errno(error, path, "write") : wn_fail_memory(error, path);
    else if (exists && S_ISDIR(info.st_mode))
        status = wn_fail(error, WN_ERROR_FILE, path, "is a directory, expected a file name to write to");
    else
        status = exists && !S_ISREG(info.st_mode) ? open_direct(w, error) : open_temp(w, error);
    if (status)
        wn_writer_abort(w);
    else
        *out = w;
    return status;
}

wn_status wn_writer_write(wn_writer *w, const void *data, size_t size, wn_error *error)
{
    if (!size || fwrite(data, 1, size, w->file) == size) return WN_OK;
    return fail_errno(error, w->path, "write");
}

wn_status wn_writer_patch(wn_writer *w, const void *data, size_t size, wn_error *error)
{
    bool ok = !fseek(w->file, 0, SEEK_SET) && fwrite(data, 1, size, w->file) == size && !fseek(w->file, 0, SEEK_END);
    return ok ? WN_OK : fail_errno(error, w->path, "rewrite the header");
}

FILE *wn_writer_file(wn_writer *w, bool *direct)
{
    *direct = !w->temp;
    return w->file;
}

/* Make the rename durable. Errors are ignored, because the data are on the disk already. */
static void sync_folder(const char *path)
{
    char *folder = strdup(path);
    if (!folder) return;
    char *slash = strrchr(folder, '/');
    if (slash) slash[slash == folder] = '\0';
    int fd = open(slash ? folder : ".", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(folder);
}

wn_status wn_writer_commit(wn_writer *w, wn_error *error)
{
    bool failed = fflush(w->file) != 0 || (w->temp && fsync(fileno(w->file)));
    wn_status status = failed ? fail_errno(error, w->path, "write") : WN_OK;
    if (fclose(w->file) && !status) status = fail_errno(error, w->path, "write");
    w->file = NULL;
    if (!status && w->temp) {
        if (rename(w->temp, w->path)) {
            status = fail_errno(error, w->path, "rename the finished file");
        } else {
            sync_folder(w->path);
            free(w->temp);
            w->temp = NULL;
        }
    }
    wn_writer_abort(w);
    return status;
}

#endif
