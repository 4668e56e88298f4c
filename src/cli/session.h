/* SPDX-License-Identifier: MIT
 * session.h - what a model is asked to make, whether it goes to a file or to a loudspeaker.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_SESSION_H
#define WN_CLI_SESSION_H

#include "cli/cli.h"
#include "cli/conditions.h"
#include "cli/model_options.h"
#include "play/sequencer.h"

#define WN_MIX_GAIN (-6.0) /* dB, so that four or five loud notes at once stay below full scale */
enum { WN_VOICES_NOT_GIVEN = -1 - WN_VOICE_GROUP_CHUNK, WN_THREADS_NOT_GIVEN = WN_VOICES_NOT_GIVEN };

typedef struct wn_session_options {
    wn_model_options run;
    wn_condition_options condition;
    char *precision, *midi_option;       /* of --precision, --midi-file */
    const char *midi_file;               /* of that option or an argument; NULL: none */
    double temperature, top_p, mix_gain; /* or WN_NOT_GIVEN */
    long long seed;
    bool live;                                /* notes come from a queue, see wn_session.queue */
    bool autotunes_voices, autotunes_threads; /* these were not given, and are to be chosen by wn_autotune_voices */
    int top_k, voices, cut_feedback;          /* top_k -1: not given */
} wn_session_options;

/* The initial values of wn_session_options. */
/* clang-format off */
#define WN_SESSION_DEFAULT \
    { \
        .run = WN_CLI_RUN_DEFAULT, .temperature = WN_NOT_GIVEN, .top_p = WN_NOT_GIVEN, .mix_gain = WN_NOT_GIVEN, \
        .top_k = -1, .voices = WN_VOICES_NOT_GIVEN \
    }

/* threads_help: text of --threads. */
#define WN_CLI_SESSION(r, threads_help) \
    { "seed", 0, POPT_ARG_LONGLONG, &(r)->seed, 0, "random seed (default 0)", "N" }, \
    { "temperature", 't', POPT_ARG_DOUBLE, &(r)->temperature, 0, \
      "scale of the randomness; 0 takes the most likely sample (default: the model's)", "T" }, \
    { "top-k", 0, POPT_ARG_INT, &(r)->top_k, 0, "draw from the K most likely classes; 0: all (default: the model's)", "K" }, \
    { "top-p", 0, POPT_ARG_DOUBLE, &(r)->top_p, 0, \
      "draw from the fewest classes with a total probability of P, up to 1 (default: the model's)", "P" }, \
    { "cut-feedback", 0, POPT_ARG_NONE, &(r)->cut_feedback, 0, \
      "feed silence back instead of the output", NULL }, \
    WN_CLI_CONDITIONS(&(r)->condition), \
    { "midi-file", 0, POPT_ARG_STRING, &(r)->midi_option, 0, \
      "play a Standard MIDI File, mixed into one channel", "SONG.mid" }, \
    { "mix-gain", 0, POPT_ARG_DOUBLE, &(r)->mix_gain, 0, "gain of the mix of notes in dB (default -6)", "DB" }, \
    { "precision", 0, POPT_ARG_STRING, &(r)->precision, 0, \
      wn_cli_precision_help("", "; auto: the most exact that runs in real time"), "P" }, \
    WN_CLI_RUN_THREADS(&(r)->run, threads_help)
/* clang-format on */

typedef struct wn_session {
    const wn_cli *cli;
    wn_session_options o;
    wn_cpu cpu;
    wn_precision precision;
    bool chooses_precision; /* the precision is still to be chosen */
    wn_model *model;
    wn_model_info info;
    double rate; /* Hz */
    wn_conditions conditions;
    wn_sequencer *sequencer; /* or NULL */
    wn_sampling sampling;
    wn_voice_group *voice_group;
    wn_synth *synth;      /* plays notes on the voice_group, or NULL */
    wn_midi_queue *queue; /* of notes that are played live; the caller's, set before wn_session_begin, or NULL */
    wn_synth_note_callback *on_note; /* as for wn_synth_set_note_callback; the caller's, too */
    void *on_note_user;
    int channels;     /* of what comes out: the voices, or one where notes are mixed */
    int64_t done;     /* frames generated */
    int64_t frame;    /* of the track, the next one; primed ones count */
    size_t event;     /* of the track, the next one */
    float *pcm;       /* [WN_VOICE_GROUP_CHUNK][channels] */
    int32_t *classes; /* [WN_VOICE_GROUP_CHUNK][channels] */
} wn_session;

/* Speed of all voices together in multiples of real time, measured over 0.05 seconds of sound. wn_session_begin follows. */
double wn_session_measure_speed(wn_session *session);

/* Where no model is named: take the first of the places that plays notes, and say so. false: a model is named, or none is
 * found. */
bool wn_session_choose_model(wn_cli *cli, wn_session_options *options);

/* NULL, or what is wrong with the usage. Fills in voices and threads where they are not given. */
const char *wn_session_check(wn_session_options *options);

/* Read model, conditions and song. wn_session_free afterwards, also after a failure. */
wn_status wn_session_load(wn_session *session, wn_error *error);

/* Make the voices, and first measure how many fit where the options leave that open. `noise`: recorded random numbers as in
 * wn_voice_group_config, or NULL. A second call starts from the first sample again. */
wn_status wn_session_begin(wn_session *session, const float *noise, int64_t noise_frames, wn_error *error);

/* Feed the next frames <= WN_VOICE_GROUP_CHUNK of a recording to every voice. */
void wn_session_prime(wn_session *session, const float *pcm, int frames);

/* Generate the next frames <= WN_VOICE_GROUP_CHUNK into pcm [frames][channels] and, without notes, classes alike. */
void wn_session_run(wn_session *session, int frames);

/* Length of the material in samples: the song with a second for its last notes, the features, or the track and a second.
 * INT64_MAX without material. */
wn_status wn_session_length(int64_t *frames, const wn_session *session, wn_error *error);

void wn_session_free(wn_session *session);

#endif
