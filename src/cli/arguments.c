/* SPDX-License-Identifier: MIT
 * arguments.c - what the words of a command line that are no options stand for: models, sounds, songs, the output.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/arguments.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cli/model_places.h"
#include "format/format.h"

enum { HEAD = 64 }; /* bytes of a file that tell its kind */

/* ---- kinds ----------------------------------------------------------------------------------------------------- */

static bool has_any_ending(const char *name, const char *const *endings)
{
    for (; *endings; endings++)
        if (wn_file_has_ending(name, *endings)) return true;
    return false;
}

/* Endings of what `process` and `generate` write. */
static bool has_output_ending(const char *name)
{
    static const char *const endings[] = {".wav", ".flac", ".ogg", ".oga", ".opus", ".aiff",
                                          ".aif", ".f32",  ".raw", ".npy", NULL};
    return has_any_ending(name, endings);
}

static bool has_sound_ending(const char *name)
{
    static const char *const endings[] = {".mp3", ".caf", ".w64", ".rf64", ".au", ".snd", ".bw64", NULL};
    return has_output_ending(name) || has_any_ending(name, endings);
}

static bool has_song_ending(const char *name)
{
    static const char *const endings[] = {".mid", ".midi", ".rmi", ".smf", NULL};
    return has_any_ending(name, endings);
}

static bool is_song_head(const unsigned char *head, size_t n)
{
    return (n >= 4 && !memcmp(head, "MThd", 4)) ||
           (n >= 12 && !memcmp(head, "RIFF", 4) && !memcmp(head + 8, "RMID", 4));
}

static bool is_sound_head(const unsigned char *head, size_t n)
{
    static const char *const marks[] = {"RIFF", "RIFX", "RF64", "BW64", "riff", "FORM", "fLaC", "OggS", "caff", ".snd"};
    for (size_t i = 0; n >= 4 && i < sizeof marks / sizeof *marks; i++)
        if (!memcmp(head, marks[i], 4)) return !is_song_head(head, n);
    if (n >= 6 && !memcmp(head, "\x93NUMPY", 6)) return true;
    return n >= 3 && !memcmp(head, "ID3", 3);
}

/* Text in UTF-16 begins like this, too. */
static bool is_mpeg_frame(const unsigned char *head, size_t n)
{
    return n >= 2 && head[0] == 0xff && (head[1] & 0xe0) == 0xe0;
}

static bool is_model_head(const unsigned char *head, size_t n)
{
    for (int i = 0; wn_format_at(i); i++)
        if (!wn_format_at(i)->sidecar && wn_format_at(i)->detect(head, n)) return true;
    return false;
}

/* The first bytes of a regular file, how many of them are there; 0 also where it cannot be read. */
static size_t read_head(const char *name, unsigned char head[HEAD])
{
    FILE *file = fopen(name, "rb");
    if (!file) return 0;
    size_t n = fread(head, 1, HEAD, file);
    fclose(file);
    return n;
}

static wn_argument_kind classify_name(const char *name)
{
    if (wn_format_is_model_name(name)) return WN_ARGUMENT_MODEL;
    if (has_song_ending(name)) return WN_ARGUMENT_SONG;
    return has_sound_ending(name) ? WN_ARGUMENT_SOUND : WN_ARGUMENT_OTHER;
}

static wn_argument_kind classify_file(const char *name)
{
    unsigned char head[HEAD];
    size_t n = read_head(name, head);
    wn_argument_kind kind = classify_name(name);
    if (is_song_head(head, n)) return WN_ARGUMENT_SONG;
    if (is_sound_head(head, n)) return WN_ARGUMENT_SOUND;
    if (kind != WN_ARGUMENT_MODEL && is_mpeg_frame(head, n)) return WN_ARGUMENT_SOUND;
    if (kind == WN_ARGUMENT_SOUND || kind == WN_ARGUMENT_SONG) return kind; /* .f32 may begin with any bytes */
    return is_model_head(head, n) ? WN_ARGUMENT_MODEL : kind;
}

wn_argument_kind wn_argument_classify(const char *name)
{
    struct stat s;
    if (strcmp(name, "-") == 0) return WN_ARGUMENT_SOUND;
    if (stat(name, &s) == 0) {
        if (S_ISDIR(s.st_mode)) return wn_cli_is_model_folder(name) ? WN_ARGUMENT_MODEL : WN_ARGUMENT_FOLDER;
        return S_ISREG(s.st_mode) ? classify_file(name) : WN_ARGUMENT_OTHER; /* a pipe is read once */
    }
    if (wn_cli_is_model_name(name)) return WN_ARGUMENT_MODEL;
    return has_output_ending(name) ? WN_ARGUMENT_NEW : classify_name(name);
}

bool wn_argument_is_sound_file(const char *name)
{
    return wn_file_exists(name) && classify_file(name) == WN_ARGUMENT_SOUND;
}

/* ---- sorting --------------------------------------------------------------------------------------------------- */

typedef struct sorter {
    wn_arguments *a;
    wn_cli *cli;
    const wn_argument_rules *rules;
    const char *output; /* of -o */
} sorter;

static int fail_unexpected(const sorter *s, const char *name)
{
    return wn_cli_usage(s->cli, "unexpected argument '%s'", name);
}

static int add_model(sorter *s, const char *name, bool is_argument)
{
    wn_arguments *a = s->a;
    if (a->n_models == s->rules->max_models) {
        if (s->rules->max_models > 1)
            return wn_cli_usage(s->cli, "fewer than %d models at once", s->rules->max_models + 1);
        return s->rules->max_models ? wn_cli_usage(s->cli, "MODEL is given twice: %s and %s", a->models[0], name)
                                    : fail_unexpected(s, name);
    }
    a->models[a->n_models++] = name;
    a->names_model = a->names_model || is_argument;
    return -1;
}

static int add_sound(sorter *s, const char *name)
{
    if (s->a->n_sounds == s->rules->max_sounds)
        return s->rules->output && !s->output ? wn_arguments_fail_existing(s->cli, name) : fail_unexpected(s, name);
    s->a->sounds[s->a->n_sounds++] = name;
    return -1;
}

static int add_song(sorter *s, const char *name)
{
    if (!s->rules->songs || s->a->song) return fail_unexpected(s, name);
    s->a->song = name;
    return -1;
}

/* A name that is neither a file nor a model: most likely a model, where one is still expected, or else a sound. */
static int add_other(sorter *s, const char *name)
{
    bool takes_only_models = s->rules->max_models > 1 && !s->rules->max_sounds;
    if (takes_only_models || (s->rules->max_models && !s->a->n_models)) return add_model(s, name, true);
    return s->a->n_sounds < s->rules->max_sounds ? add_sound(s, name) : fail_unexpected(s, name);
}

/* A folder of several models, or of none, is one that lacks its model where nothing else can be meant. */
static int add_folder(sorter *s, const char *name)
{
    return s->rules->folders ? add_sound(s, name) : add_other(s, name);
}

/* The last name that does not exist yet is the output, unless the sound to be read is missing. */
static int add_new(sorter *s, const char *name, bool is_last)
{
    bool has_input = s->a->n_sounds > 0 || s->rules->max_sounds == 0;
    if (s->rules->output && !s->output && is_last && has_input) {
        s->a->output = name;
        return -1;
    }
    return s->rules->max_sounds ? add_sound(s, name) : fail_unexpected(s, name);
}

/* Folders that hold one model are the model where none is named, else a folder of sounds. */
static bool is_take_folder(const sorter *s, const char *name)
{
    return s->rules->folders && s->a->n_models && wn_file_is_folder(name);
}

static bool is_separator(const sorter *s, const char *name)
{
    return s->rules->chains && strcmp(name, WN_ARGUMENT_CHAIN) == 0;
}

/* The models so far, behind the last chain, are one. -1, or the exit status. */
static int end_chain(sorter *s, const char *where)
{
    wn_arguments *a = s->a;
    if (a->n_models == (a->n_chains ? a->ends[a->n_chains - 1] : 0))
        return wn_cli_usage(s->cli, "no model %s '" WN_ARGUMENT_CHAIN "'; those of -m are of the first chain", where);
    a->ends[a->n_chains++] = a->n_models;
    return -1;
}

static int add_argument(sorter *s, const char *name, bool is_last)
{
    if (is_separator(s, name)) return end_chain(s, "before");
    switch (wn_argument_classify(name)) {
    case WN_ARGUMENT_MODEL: return is_take_folder(s, name) ? add_sound(s, name) : add_model(s, name, true);
    case WN_ARGUMENT_SOUND: return add_sound(s, name);
    case WN_ARGUMENT_SONG: return add_song(s, name);
    case WN_ARGUMENT_FOLDER: return add_folder(s, name);
    case WN_ARGUMENT_NEW: return add_new(s, name, is_last);
    case WN_ARGUMENT_OTHER:
        if (s->rules->chains) return add_other(s, name); /* in its place */
        break;
    }
    return -2; /* when all else is known */
}

/* Whether nothing but models and songs follows argument i. */
static bool is_last_sound(const wn_cli *cli, int i)
{
    for (i++; i < cli->n_args; i++) {
        wn_argument_kind kind = wn_argument_classify(cli->args[i]);
        if (kind != WN_ARGUMENT_MODEL && kind != WN_ARGUMENT_SONG) return false;
    }
    return true;
}

/* -1: go on; else the exit status. */
static int sort_all(sorter *s, char **given)
{
    const wn_cli *cli = s->cli;
    int code = -1;
    for (; given && *given && code == -1; given++) code = add_model(s, *given, false);
    for (int i = 0; i < cli->n_args && code < 0; i++) code = add_argument(s, cli->args[i], is_last_sound(cli, i));
    if (code >= 0) return code;
    if (s->rules->chains) return s->a->n_chains ? end_chain(s, "behind") : -1;
    code = -1;
    for (int i = 0; i < cli->n_args && code == -1; i++)
        if (wn_argument_classify(cli->args[i]) == WN_ARGUMENT_OTHER) code = add_other(s, cli->args[i]);
    return code;
}

static int count_strings(char **list)
{
    int n = 0;
    while (list && list[n]) n++;
    return n;
}

bool wn_arguments_sort(wn_arguments *out, wn_cli *cli, wn_model_options *run, const char *output,
                       const wn_argument_rules *rules)
{
    sorter s = {.a = out, .cli = cli, .rules = rules, .output = output};
    size_t n = (size_t)count_strings(run->models) + (size_t)cli->n_args + 1;
    *out = (wn_arguments){.models = calloc(n, sizeof *out->models),
                          .sounds = calloc(n, sizeof *out->sounds),
                          .ends = calloc(n, sizeof *out->ends)};
    bool owned = wn_cli_own(cli, out->models);
    owned = wn_cli_own(cli, out->sounds) && owned;
    owned = wn_cli_own(cli, out->ends) && owned;
    if (!owned) {
        cli->status = wn_cli_fail_text(cli, "%s", wn_status_text(WN_ERROR_MEMORY));
        return false;
    }
    cli->status = sort_all(&s, run->models);
    if (!out->n_chains) out->ends[out->n_chains++] = out->n_models;
    run->model = out->n_models ? out->models[0] : NULL;
    return cli->status < 0;
}

/* ---- outputs --------------------------------------------------------------------------------------------------- */

int wn_arguments_fail_existing(const wn_cli *cli, const char *name)
{
    return wn_cli_usage(cli, "%s exists; -o %s writes over it", name, name);
}

/* The last part of a path without its ending: where it begins, and its length. */
static const char *stem(const char *path, int *length)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/') n--;
    size_t first = n;
    while (first > 0 && path[first - 1] != '/') first--;
    size_t end = n;
    for (size_t i = first + 1; i < n; i++)
        if (path[i] == '.') end = i;
    *length = (int)(end - first);
    return path + first;
}

char *wn_arguments_default_output(const char *first, const char *second)
{
    int n, m = 0;
    const char *a = stem(first, &n), *b = second ? stem(second, &m) : "";
    size_t size = (size_t)n + (size_t)m + sizeof "-.wav";
    char *name = malloc(size);
    if (name) snprintf(name, size, "%.*s%s%.*s.wav", n, a, second ? "-" : "", m, b);
    return name;
}
