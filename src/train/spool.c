/* SPDX-License-Identifier: MIT
 * spool.c - recordings in one temporary file that is mapped into memory.
 * Copyright (c) 2026 the wavenet authors */
#include "train/spool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MAX_PATH = 4096 };

/* A mapped recording. */
struct part {
    void *at;
    size_t size;
    off_t offset;
};

struct wn_spool {
    int file;
    off_t start;    /* of the recording in progress, on a page */
    size_t written; /* bytes of it */
    size_t n_parts;
    struct part *parts;
    char where[192];
};

static wn_status fail_file(const wn_spool *spool, const char *what, wn_error *error)
{
    return wn_fail(error, WN_ERROR_FILE, spool->where, "%s: %s", what, strerror(errno));
}

/* "FOLDER/.wavenet-XXXXXX" for "FOLDER/name"; false if the path is too long. */
static bool name_file(char *out, size_t size, const char *beside)
{
    const char *slash = strrchr(beside, '/');
    int folder = slash ? (int)(slash - beside) + 1 : 0;
    int n = snprintf(out, size, "%.*s.wavenet-XXXXXX", folder, beside);
    return n > 0 && (size_t)n < size;
}

wn_status wn_spool_new(wn_spool **out, const char *beside, wn_error *error)
{
    char path[MAX_PATH];
    *out = NULL;
    wn_spool *spool = calloc(1, sizeof *spool);
    if (!spool) return wn_fail_memory(error, NULL);
    spool->file = -1;
    snprintf(spool->where, sizeof spool->where, "%.191s", beside);
    wn_status status = WN_OK;
    if (!name_file(path, sizeof path, beside))
        status = wn_fail(error, WN_ERROR_FILE, spool->where, "the path is too long");
    else if ((spool->file = mkstemp(path)) < 0)
        status = fail_file(spool, "cannot make a temporary file beside it", error);
    else
        unlink(path);
    if (status)
        wn_spool_free(spool);
    else
        *out = spool;
    return status;
}

void wn_spool_free(wn_spool *spool)
{
    if (!spool) return;
    for (size_t i = 0; i < spool->n_parts; i++) munmap(spool->parts[i].at, spool->parts[i].size);
    if (spool->file >= 0) close(spool->file);
    free(spool->parts);
    free(spool);
}

wn_status wn_spool_write(wn_spool *spool, const float *x, int64_t n, wn_error *error)
{
    const char *data = (const char *)x;
    size_t left = (size_t)n * sizeof *x;
    while (left) {
        ssize_t done = pwrite(spool->file, data, left, spool->start + (off_t)spool->written);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return fail_file(spool, "cannot write the temporary file beside it", error);
        spool->written += (size_t)done;
        data += done;
        left -= (size_t)done;
    }
    return WN_OK;
}

wn_status wn_spool_finish(wn_spool *spool, const float **x, int64_t *n, wn_error *error)
{
    struct part *grown = realloc(spool->parts, (spool->n_parts + 1) * sizeof *grown);
    if (!grown) return wn_fail_memory(error, NULL);
    spool->parts = grown;
    struct part part = {NULL, spool->written, spool->start};
    part.at = mmap(NULL, part.size, PROT_READ, MAP_SHARED, spool->file, part.offset);
    if (part.at == MAP_FAILED) return fail_file(spool, "cannot map the temporary file beside it", error);
    spool->parts[spool->n_parts++] = part;
    *x = part.at;
    *n = (int64_t)(part.size / sizeof **x);
    off_t page = (off_t)sysconf(_SC_PAGESIZE);
    spool->start = (spool->start + (off_t)part.size + page - 1) / page * page;
    spool->written = 0;
    return WN_OK;
}

void wn_spool_release(wn_spool *spool)
{
    if (!spool) return;
    for (size_t i = 0; i < spool->n_parts; i++) {
        const struct part *p = &spool->parts[i];
        /* Mapping the same place once more drops the pages in memory; a failure leaves the old mapping as it was. */
        mmap(p->at, p->size, PROT_READ, MAP_SHARED | MAP_FIXED, spool->file, p->offset);
    }
}
