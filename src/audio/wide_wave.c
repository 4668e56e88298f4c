/* SPDX-License-Identifier: MIT
 * wide_wave.c - turns a WAV file that outgrew its header into RF64.
 * Copyright (c) 2026 the wavenet authors
 *
 * libsndfile writes sizes modulo 2^32 into a WAV file that grows beyond 4 GB. If the length is known before, the writer asks for
 * RF64. If not, as for sound from a pipe, the file is converted when it is complete: every shorter one keeps its bytes. */
#include "audio/wide_wave.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/integer.h"

enum { RIFF_HEADER = 12, SIZES = 36, BLOCK = 1 << 20, MAX_CHUNKS = 100 };

static bool read_at(FILE *f, int64_t at, void *bytes, size_t n)
{
    return !fseeko(f, (off_t)at, SEEK_SET) && fread(bytes, 1, n, f) == n;
}

static bool write_at(FILE *f, int64_t at, const void *bytes, size_t n)
{
    return !fseeko(f, (off_t)at, SEEK_SET) && fwrite(bytes, 1, n, f) == n;
}

/* Offset of the samples' chunk; -1: there is none. */
static int64_t find_samples(FILE *f)
{
    unsigned char head[8];
    int64_t at = RIFF_HEADER;
    for (int i = 0; i < MAX_CHUNKS && read_at(f, at, head, sizeof head); i++) {
        if (!memcmp(head, "data", 4)) return at;
        int64_t size = wn_get_little_endian(head + 4, 4);
        at += 8 + size + size % 2;
    }
    return -1;
}

/* Move the bytes from `first` to `end` by SIZES, the last block first. */
static bool move_up(FILE *f, int64_t first, int64_t end, char *block)
{
    bool ok = true;
    for (int64_t at = end; ok && at > first;) {
        int64_t n = at - first < BLOCK ? at - first : BLOCK;
        at -= n;
        ok = read_at(f, at, block, (size_t)n) && write_at(f, at + SIZES, block, (size_t)n);
    }
    return ok;
}

/* The first bytes of the file of `size` bytes, and the chunk of sizes. */
static bool write_header(FILE *f, int64_t size, int64_t data_bytes, int64_t frames)
{
    unsigned char header[RIFF_HEADER + SIZES], *at = header;
    memcpy(at, "RF64\xff\xff\xff\xffWAVEds64", 16);
    at = wn_put_little_endian(at + 16, SIZES - 8, 4);
    at = wn_put_little_endian(at, (uint64_t)size - 8, 8);
    at = wn_put_little_endian(at, (uint64_t)data_bytes, 8);
    at = wn_put_little_endian(at, (uint64_t)frames, 8);
    wn_put_little_endian(at, 0, 4); /* sizes of other chunks */
    return write_at(f, 0, header, sizeof header);
}

wn_status wn_wide_wave_convert(FILE *f, int64_t data_bytes, int64_t frames, const char *path, wn_error *error)
{
    errno = 0; /* what an earlier call left is no reason */
    int64_t samples = find_samples(f), end = samples + 8 + data_bytes + data_bytes % 2;
    char *block = malloc(BLOCK);
    if (!block) return wn_fail_memory(error, path);
    bool ok = samples > 0 && move_up(f, RIFF_HEADER, end, block) &&
              write_at(f, samples + SIZES + 4, "\xff\xff\xff\xff", 4) &&
              write_header(f, end + SIZES, data_bytes, frames) && !fflush(f);
    free(block);
    return ok ? WN_OK
              : wn_fail(error, WN_ERROR_FILE, path, "cannot be made RF64: %s", errno ? strerror(errno) : "no samples");
}
