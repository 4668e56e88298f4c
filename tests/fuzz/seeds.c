/* SPDX-License-Identifier: MIT
 * seeds.c - shared by all fuzz targets: seeds to a folder, bytes to a file.
 * Copyright (c) 2026 the wavenet authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);

static void write_file(const char *path, const void *data, size_t size)
{
    FILE *f = fopen(path, "wb");
    fuzz_check(f && (size == 0 || fwrite(data, 1, size, f) == size) && fclose(f) == 0, path);
}

void fuzz_check(int good, const char *message)
{
    if (good) return;
    fprintf(stderr, "fuzz: %s\n", message);
    abort();
}

/* ---- NAME --seeds FOLDER ---------------------------------------------------------------------------------------- */

static const char *folder;
static int n_seeds;

static void write_seed(const void *data, size_t size)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/seed-%d", folder, n_seeds++);
    write_file(path, data, size);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    if (*argc != 3 || strcmp((*argv)[1], "--seeds") != 0) return 0;
    folder = (*argv)[2];
    fuzz_seeds(write_seed);
    exit(0);
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static char path[512];

static void remove_file(void) { remove(path); }

const char *fuzz_file(const uint8_t *data, size_t size, const char *suffix)
{
    const char *root = getenv("TMPDIR");
    if (!*path) atexit(remove_file);
    snprintf(path, sizeof path, "%s/wavenet-fuzz-%ld%s", root ? root : "/tmp", (long)getpid(), suffix);
    write_file(path, data, size);
    return path;
}
