/* SPDX-License-Identifier: MIT
 * folder.c - the files of a folder.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "cli/arguments.h"

enum { MAX_FILES = 1000000 };

char *wn_folder_join(const char *folder, const char *name)
{
    size_t n = strlen(folder), size = n + strlen(name) + 2;
    char *path = malloc(size);
    if (path) snprintf(path, size, "%s%s%s", folder, n && folder[n - 1] == '/' ? "" : "/", name);
    return path;
}

bool wn_folder_is_recording(const char *path)
{
    return !wn_file_is_folder(path) && !wn_file_has_ending(path, ".npy") && wn_argument_is_sound_file(path);
}

static int compare_paths(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* Takes over `path`, which may be NULL. */
static wn_status add_path(char ***list, int *n, int *capacity, char *path, wn_error *error)
{
    char **grown = *list;
    if (*n == *capacity) {
        *capacity = *capacity ? 2 * *capacity : 64;
        grown = realloc(*list, (size_t)*capacity * sizeof *grown);
    }
    if (!path || !grown || *n == MAX_FILES) {
        free(path);
        if (*n == MAX_FILES) return wn_fail(error, WN_ERROR_UNSUPPORTED, NULL, "more than %d files", (int)MAX_FILES);
        return wn_fail_memory(error, NULL);
    }
    *list = grown;
    (*list)[(*n)++] = path;
    return WN_OK;
}

wn_status wn_folder_list(char ***list, int *n, const char *folder, bool (*wanted)(const char *path), wn_error *error)
{
    int capacity = 0;
    *list = NULL;
    *n = 0;
    DIR *dir = opendir(folder);
    if (!dir) return wn_fail(error, WN_ERROR_FILE, folder, "%s", strerror(errno));
    wn_status status = WN_OK;
    for (struct dirent *entry; !status && (entry = readdir(dir));) {
        if (entry->d_name[0] == '.') continue;
        char *path = wn_folder_join(folder, entry->d_name);
        if (path && !wanted(path))
            free(path);
        else
            status = add_path(list, n, &capacity, path, error);
    }
    closedir(dir);
    if (!status) {
        if (*n) qsort(*list, (size_t)*n, sizeof **list, compare_paths);
        return WN_OK;
    }
    wn_folder_free(*list, *n);
    *list = NULL;
    *n = 0;
    return status;
}

void wn_folder_free(char **list, int n)
{
    for (int i = 0; i < n; i++) free(list[i]);
    free(list);
}
