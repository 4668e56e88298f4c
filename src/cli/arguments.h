/* SPDX-License-Identifier: MIT
 * arguments.h - what the words of a command line that are no options stand for: models, sounds, songs, the output.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_ARGUMENTS_H
#define WN_CLI_ARGUMENTS_H

#include "cli/model_options.h"

/* Kinds of an argument. The content of a file decides, then the ending of its name. */
typedef enum wn_argument_kind {
    WN_ARGUMENT_MODEL,  /* a model file, a folder that holds one, or a model of the places */
    WN_ARGUMENT_SOUND,  /* a sound file, an array, a pipe, or "-" */
    WN_ARGUMENT_SONG,   /* a MIDI file */
    WN_ARGUMENT_FOLDER, /* any other folder */
    WN_ARGUMENT_NEW,    /* no file yet, with the ending of a sound file or array */
    WN_ARGUMENT_OTHER
} wn_argument_kind;

wn_argument_kind wn_argument_classify(const char *name);

/* Whether `name` is a file whose content is that of a sound file. */
bool wn_argument_is_sound_file(const char *name);

enum { WN_ARGUMENT_ANY = 1 << 20 };
#define WN_ARGUMENT_CHAIN ":" /* as SoX separates chains of effects */

/* The arguments that a command takes. */
typedef struct wn_argument_rules {
    int max_models; /* with those of -m */
    int max_sounds; /* WN_ARGUMENT_ANY: any number */
    bool songs;
    bool output;  /* the last name but those of models and songs, if it is one of WN_ARGUMENT_NEW and no -o is given */
    bool folders; /* folders stand for the sounds in them */
    bool chains;  /* WN_ARGUMENT_CHAIN stands between chains of models */
} wn_argument_rules;

typedef struct wn_arguments {
    const char **models; /* [n_models] of -m, then of the arguments */
    const char **sounds; /* [n_sounds] in their order */
    int n_models, n_sounds;
    int *ends;                 /* [n_chains] number of models up to the end of each chain */
    int n_chains;              /* at least 1 */
    const char *song, *output; /* NULL: none */
    bool names_model;          /* a model is one of the arguments */
} wn_arguments;

/* Sort cli->args, and set run->model to the first model. `output`: the value of -o, or NULL. The lists live until the
 * command ends. true: go on. false: return cli->status. */
bool wn_arguments_sort(wn_arguments *out, wn_cli *cli, wn_model_options *run, const char *output,
                       const wn_argument_rules *rules);

/* Say "IN exists; -o IN writes over it" as wrong usage. Returns the exit status. */
int wn_arguments_fail_existing(const wn_cli *cli, const char *name);

/* "FIRST.wav", or "FIRST-SECOND.wav" where `second` is not NULL, from two paths without folders and endings, in the present
 * folder. To be freed; NULL if memory fails. */
char *wn_arguments_default_output(const char *first, const char *second);

#endif
