/* SPDX-License-Identifier: MIT
 * model_places.c - where models are looked for: ./models and the installed models.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/model_places.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/suggestion.h"
#include "format/format.h"

enum { N_PLACES = 2, MAX_MODELS = 10000 };

static bool is_there(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0;
}

const char *wn_cli_installed_models(void)
{
    static char beside[WN_CLI_MAX_PATH];
    static const char below[] = "share/wavenet/models";
    if (*beside) return beside;
    ssize_t n = readlink("/proc/self/exe", beside, sizeof beside - sizeof below);
    beside[n > 0 ? n : 0] = '\0';
    char *slash = NULL;
    for (int i = 0; i < 2; i++) { /* PREFIX/bin/wavenet */
        slash = strrchr(beside, '/');
        if (slash) *slash = '\0';
    }
    if (slash) snprintf(slash, sizeof below + 1, "/%s", below);
    if (!slash || !wn_file_is_folder(beside)) snprintf(beside, sizeof beside, "%s", WN_MODELS_DIR);
    return beside;
}

static const char *place_at(int i) { return i == 0 ? "models" : wn_cli_installed_models(); }

/* Model files in `folder`, the name of the first of them into `file`; -1: it cannot be read. */
static int count_models(char *file, size_t size, const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir) return -1;
    int found = 0;
    bool fits = true;
    for (struct dirent *entry; (entry = readdir(dir));)
        if (wn_format_is_model_name(entry->d_name) && found++ == 0)
            fits = snprintf(file, size, "%s/%s", folder, entry->d_name) < (int)size;
    closedir(dir);
    if (!fits) errno = ENAMETOOLONG;
    return fits ? found : -1;
}

/* The one model file in `folder`. */
static wn_status find_in_folder(char *file, size_t size, const char *folder, wn_error *error)
{
    int found = count_models(file, size, folder);
    if (found == 1) return WN_OK;
    if (found < 0) return wn_fail(error, WN_ERROR_FILE, folder, "%s", strerror(errno));
    return wn_fail(error, WN_ERROR_FILE, folder, "a folder with %s model file; name the file",
                   found ? "more than one" : "no");
}

/* PLACE/NAME, a folder or a file, or PLACE/NAME with the ending of a format. */
static bool find_in_place(char *file, size_t size, const char *place, const char *name)
{
    snprintf(file, size, "%s/%s", place, name);
    if (is_there(file)) return true;
    for (int i = 0; wn_format_at(i); i++) {
        if (!wn_format_at(i)->ending) continue;
        snprintf(file, size, "%s/%s%s", place, name, wn_format_at(i)->ending);
        if (is_there(file)) return true;
    }
    return false;
}

static bool find_in_places(char *file, size_t size, const char *name)
{
    if (!*name || strchr(name, '/') || name[0] == '.') return false;
    for (int i = 0; i < N_PLACES; i++)
        if (find_in_place(file, size, place_at(i), name)) return true;
    return false;
}

static bool consider_model(void *user, const char *name, const char *file)
{
    (void)file;
    wn_suggestion_consider(user, name);
    return false;
}

static wn_status fail_not_found(const char *name, wn_error *error)
{
    char hint[96], searched[160] = "";
    wn_suggestion suggestion;
    wn_suggestion_start(&suggestion, name);
    if (wn_cli_visit_models(consider_model, &suggestion, NULL)) suggestion.best[0] = 0;
    if (!strchr(name, '/')) snprintf(searched, sizeof searched, " here, in ./%s or in %s", place_at(0), place_at(1));
    return wn_fail(error, WN_ERROR_FILE, name, "no such model file or folder%s%s", searched,
                   wn_suggestion_text(&suggestion, "", hint, sizeof hint));
}

wn_status wn_cli_find_model(char *file, size_t size, const char *name, wn_error *error)
{
    char folder[WN_CLI_MAX_PATH];
    if (strlen(name) >= size || strlen(name) >= sizeof folder)
        return wn_fail(error, WN_ERROR_ARGUMENT, name, "the path is too long");
    snprintf(file, size, "%s", name);
    if (!is_there(name) && !find_in_places(file, size, name)) return fail_not_found(name, error);
    if (!wn_file_is_folder(file)) return WN_OK;
    snprintf(folder, sizeof folder, "%s", file);
    return find_in_folder(file, size, folder, error);
}

bool wn_cli_is_model_name(const char *name)
{
    char file[WN_CLI_MAX_PATH];
    return find_in_places(file, sizeof file, name);
}

bool wn_cli_is_model_folder(const char *folder)
{
    char file[WN_CLI_MAX_PATH];
    return wn_file_is_folder(folder) && count_models(file, sizeof file, folder) == 1;
}

/* ---- all of them ----------------------------------------------------------------------------------------------- */

typedef struct name_list {
    char **names;
    int n;
} name_list;

static void free_names(name_list *list)
{
    for (int i = 0; i < list->n; i++) free(list->names[i]);
    free(list->names);
    *list = (name_list){0};
}

static bool add_name(name_list *list, const char *name)
{
    char **grown = realloc(list->names, ((size_t)list->n + 1) * sizeof *grown);
    if (!grown) return false;
    list->names = grown;
    size_t size = strlen(name) + 1;
    char *copy = malloc(size);
    if (!copy) return false;
    memcpy(copy, name, size);
    list->names[list->n++] = copy;
    return true;
}

static int compare_names(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* Whether an entry of a place is a model, and its file. */
static bool is_model_entry(char *file, size_t size, const char *place, const char *name)
{
    char path[WN_CLI_MAX_PATH];
    if (name[0] == '.' || snprintf(path, sizeof path, "%s/%s", place, name) >= (int)sizeof path) return false;
    if (wn_file_is_folder(path)) return count_models(file, size, path) == 1;
    snprintf(file, size, "%s", path);
    return wn_format_is_model_name(name);
}

static bool list_place(name_list *list, const char *place)
{
    char file[WN_CLI_MAX_PATH];
    DIR *dir = opendir(place);
    bool good = true;
    for (struct dirent *entry; dir && good && list->n < MAX_MODELS && (entry = readdir(dir));)
        if (is_model_entry(file, sizeof file, place, entry->d_name)) good = add_name(list, entry->d_name);
    if (dir) closedir(dir);
    if (list->n) qsort(list->names, (size_t)list->n, sizeof *list->names, compare_names);
    return good;
}

wn_status wn_cli_visit_models(wn_cli_model_visitor *visit, void *user, wn_error *error)
{
    char file[WN_CLI_MAX_PATH], earlier[WN_CLI_MAX_PATH];
    bool good = true, stopped = false;
    for (int i = 0; i < N_PLACES && good && !stopped; i++) {
        name_list list = {0};
        good = list_place(&list, place_at(i));
        for (int k = 0; k < list.n && good && !stopped; k++) {
            bool hidden = i > 0 && find_in_place(earlier, sizeof earlier, place_at(0), list.names[k]);
            if (!hidden && is_model_entry(file, sizeof file, place_at(i), list.names[k]))
                stopped = visit(user, list.names[k], file);
        }
        free_names(&list);
    }
    return good ? WN_OK : wn_fail_memory(error, NULL);
}

typedef struct instrument_search {
    char *name;
    size_t size;
    bool found;
} instrument_search;

static bool take_instrument(void *user, const char *name, const char *file)
{
    instrument_search *search = user;
    wn_model *model;
    if (wn_model_load(&model, file, NULL)) return false;
    search->found = wn_model_find_control(model, "key") >= 0 && wn_model_find_control(model, "gate") >= 0;
    if (search->found) snprintf(search->name, search->size, "%s", name);
    wn_model_free(model);
    return search->found;
}

bool wn_cli_find_instrument(char *name, size_t size)
{
    instrument_search search = {.name = name, .size = size};
    return wn_cli_visit_models(take_instrument, &search, NULL) == WN_OK && search.found;
}
