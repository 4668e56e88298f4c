/* SPDX-License-Identifier: MIT
 * config_analysis.c - parameters of analysis by one table of keys.
 * Copyright (c) 2026 the wavenet authors */
#include "format/config_analysis.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "format/config_keys.h"
#include "kinds/analysis.h"

enum { MAX_FILE = 1 << 20 };
#define FIELD(name) offsetof(wn_analysis_config, name)
#define MAX_HOP 1, WN_ANALYSIS_MAX_HOP
#define MAX_FFT 2, WN_ANALYSIS_MAX_FFT

static const wn_key number_keys[] = {
    {"sample_rate", WN_KEY_DOUBLE, FIELD(sample_rate), 0, WN_ANALYSIS_MIN_RATE, WN_ANALYSIS_MAX_RATE, false},
    {"hop", WN_KEY_INT, FIELD(hop), 0, MAX_HOP, false},
    {"window", WN_KEY_INT, FIELD(window), 0, MAX_FFT, true},
    {"fft", WN_KEY_INT, FIELD(fft), 0, MAX_FFT, true},
    {"center", WN_KEY_INT, FIELD(center), 0, 0, WN_ANALYSIS_MAX_HOP, true},
    {"pre_emphasis", WN_KEY_DOUBLE, FIELD(pre_emphasis), 0, 0, 1, false},
    {"bands", WN_KEY_INT, FIELD(bands), 0, 1, WN_ANALYSIS_MAX_BANDS, true},
    {"low", WN_KEY_DOUBLE, FIELD(low), 0, 0, WN_ANALYSIS_MAX_RATE, true},
    {"high", WN_KEY_DOUBLE, FIELD(high), 0, 0, WN_ANALYSIS_MAX_RATE, true},
    {"power", WN_KEY_INT, FIELD(power), 0, 1, 2, false},
    {"reference", WN_KEY_DOUBLE, FIELD(reference), 0, 1e-9, 1e9, false},
    {"floor", WN_KEY_DOUBLE, FIELD(floor), 0, 1e-30, 1e9, false},
    {"ceiling", WN_KEY_DOUBLE, FIELD(ceiling), 0, 0, 1e30, false},
    {"mean", WN_KEY_NUMBERS, FIELD(mean), FIELD(n_mean), 0, 0, false},
    {"std", WN_KEY_NUMBERS, FIELD(std), FIELD(n_std), 0, 0, false},
    {"pitch_low", WN_KEY_DOUBLE, FIELD(pitch.low), 0, 0, WN_ANALYSIS_MAX_RATE, false},
    {"pitch_high", WN_KEY_DOUBLE, FIELD(pitch.high), 0, 0, WN_ANALYSIS_MAX_RATE, false},
    {"pitch_reference", WN_KEY_DOUBLE, FIELD(pitch.reference), 0, 0, 1e5, false},
    {0},
};

/* A key whose value is the name of an enum's member. The first member is the default. */
typedef struct word_key {
    const char *name, *const *words;
    int n;
    size_t offset;
} word_key;

static const word_key word_keys[] = {
    {"scale", wn_mel_scale_names, WN_MEL_SCALE_COUNT, FIELD(scale)},
    {"norm", wn_mel_norm_names, WN_MEL_NORM_COUNT, FIELD(norm)},
    {"log", wn_log_kind_names, WN_LOG_KIND_COUNT, FIELD(log)},
    {"edge", wn_edge_names, WN_EDGE_COUNT, FIELD(edge)},
};
enum { WORDS = sizeof word_keys / sizeof *word_keys };
_Static_assert(sizeof(wn_mel_scale) == sizeof(int) && sizeof(wn_edge) == sizeof(int), "enums are read as int");

void wn_config_read_analysis(wn_json *r, wn_arena *arena, const json_t *object, wn_analysis_config *c)
{
    const char *others[WORDS + 1] = {NULL};
    for (int i = 0; i < WORDS; i++) others[i] = word_keys[i].name;
    wn_config_known_keys(r, object, others, number_keys);
    wn_config_read_keys(r, arena, object, number_keys, c);
    for (int i = 0; i < WORDS; i++) {
        const word_key *w = &word_keys[i];
        int value = wn_json_word(r, object, w->name, 0, w->words, w->n);
        memcpy((char *)c + w->offset, &value, sizeof value);
    }
}

json_t *wn_config_write_analysis(wn_out *o, const wn_analysis_config *c)
{
    const wn_analysis_config defaults = wn_analysis_default();
    json_t *object = json_object();
    wn_config_write_keys(o, object, number_keys, c, &defaults);
    for (int i = 0; i < WORDS; i++) {
        int value;
        memcpy(&value, (const char *)c + word_keys[i].offset, sizeof value);
        if (value) wn_out_put(o, object, word_keys[i].name, json_string(word_keys[i].words[value]));
    }
    return object;
}

static wn_status parse_analysis(wn_analysis_config *c, wn_arena *arena, const json_t *object, const char *path,
                                wn_error *error)
{
    wn_json r = {path, error, WN_OK, ""};
    if (!json_is_object(object)) return wn_fail(error, WN_ERROR_FORMAT, path, "expected an object");
    *c = wn_analysis_default();
    wn_json_need(&r, object, "sample_rate");
    wn_json_need(&r, object, "hop");
    wn_config_read_analysis(&r, arena, object, c);
    const char *expected, *key = r.status ? NULL : wn_analysis_fault(c, &expected);
    if (key) wn_json_fail(&r, key, "expected %s", expected);
    return r.status;
}

wn_status wn_config_load_analysis(wn_analysis_config *analysis, wn_arena *arena, const char *path, wn_error *error)
{
    void *text;
    size_t size;
    json_t *object;
    wn_status status = wn_file_read(&text, &size, path, MAX_FILE, error);
    if (status) return status;
    status = wn_json_parse(&object, text, size, path, error);
    free(text);
    if (status) return status;
    status = parse_analysis(analysis, arena, object, path, error);
    json_decref(object);
    return status;
}
