/* SPDX-License-Identifier: MIT
 * voice_data.c - what a voice knows besides its network: its phones, how long they last, and how espeak-ng calls them.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/voice_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "format/json.h"

enum { MAX_FILE = 1 << 20, MIN_MS = 5, MAX_MS = 10000 };

int wn_voice_find_phone(const wn_voice *voice, const char *name)
{
    for (int i = 0; i < voice->n_phones; i++)
        if (strcmp(voice->phones[i].name, name) == 0) return i;
    return -1;
}

const wn_voice_rule *wn_voice_find_rule(const wn_voice *voice, const char *phoneme)
{
    for (int i = 0; i < voice->n_rules; i++)
        if (strcmp(voice->rules[i].phoneme, phoneme) == 0) return &voice->rules[i];
    return NULL;
}

/* A copy of a text that may be neither empty nor longer than out[size]. */
static void copy_text(wn_json *r, char *out, size_t size, const json_t *value, const char *key)
{
    const char *text = json_string_value(value);
    if (!text || !*text || strlen(text) >= size)
        wn_json_fail(r, key, "a text of 1 to %zu bytes was expected", size - 1);
    else
        snprintf(out, size, "%s", text);
}

static void read_phones(wn_json *r, wn_voice *v, const json_t *root)
{
    const json_t *list = wn_json_array(r, root, "phones", WN_VOICE_MAX_PHONES);
    char name[WN_VOICE_NAME] = "";
    for (size_t i = 0; i < json_array_size(list) && !r->status; i++) {
        copy_text(r, name, sizeof name, json_array_get(list, i), "phones");
        if (wn_voice_find_phone(v, name) >= 0 || strpbrk(name, " \t#"))
            wn_json_fail(r, "phones", "\"%s\" stands there twice, or holds a blank or #", name);
        memcpy(v->phones[v->n_phones++].name, name, sizeof name);
    }
    if (v->n_phones < 2) wn_json_fail(r, "phones", "a pause and at least one phone were expected");
}

static int known_phone(wn_json *r, const wn_voice *v, const char *name, const char *key)
{
    int found = name ? wn_voice_find_phone(v, name) : -1;
    if (found < 0) wn_json_fail(r, key, "\"%.40s\" is not among the phones", name ? name : "");
    return found < 0 ? WN_VOICE_PAUSE : found;
}

static void read_vowels(wn_json *r, wn_voice *v, const json_t *root)
{
    const json_t *list = wn_json_array(r, root, "vowels", WN_VOICE_MAX_PHONES);
    for (size_t i = 0; i < json_array_size(list) && !r->status; i++)
        v->phones[known_phone(r, v, json_string_value(json_array_get(list, i)), "vowels")].is_vowel = true;
}

static void read_durations(wn_json *r, wn_voice *v, const json_t *root)
{
    const json_t *object = wn_json_object(r, root, "durations");
    size_t mark = wn_json_enter(r, "durations", -1);
    for (int i = WN_VOICE_PAUSE + 1; i < v->n_phones && !r->status; i++) {
        const char *name = v->phones[i].name;
        const json_t *list = wn_json_array(r, object, name, WN_VOICE_PLACES);
        if (json_array_size(list) != WN_VOICE_PLACES)
            wn_json_fail(r, name, "%d numbers were expected", WN_VOICE_PLACES);
        for (int k = 0; k < WN_VOICE_PLACES && !r->status; k++)
            v->phones[i].ms[k] = wn_json_as_int(r, json_array_get(list, (size_t)k), name, 0, MIN_MS, MAX_MS);
    }
    wn_json_leave(r, mark);
}

static void read_rules(wn_json *r, wn_voice *v, const json_t *root)
{
    const char *key;
    json_t *value;
    const json_t *object = wn_json_object(r, root, "espeak");
    size_t mark = wn_json_enter(r, "espeak", -1);
    if (json_object_size(object) > WN_VOICE_MAX_RULES)
        wn_json_fail(r, "", "at most %d phonemes are allowed", WN_VOICE_MAX_RULES);
    json_object_foreach ((json_t *)object, key, value) {
        if (r->status) break;
        wn_voice_rule *rule = &v->rules[v->n_rules++];
        if (!*key || strlen(key) >= sizeof rule->phoneme)
            wn_json_fail(r, "", "a phoneme has 1 to %zu bytes", sizeof rule->phoneme - 1);
        snprintf(rule->phoneme, sizeof rule->phoneme, "%s", key);
        const char *phone = json_string_value(value);
        rule->phone = phone && !*phone ? WN_VOICE_SILENT : known_phone(r, v, phone, rule->phoneme);
    }
    wn_json_leave(r, mark);
}

static void read_pauses(wn_json *r, wn_voice *v, const json_t *root)
{
    const json_t *object = wn_json_object(r, root, "pauses");
    size_t mark = wn_json_enter(r, "pauses", -1);
    wn_json_keys(r, object, (const char *const[]){"start", "clause", "end", NULL});
    v->start_ms = wn_json_int(r, object, "start", 150, MIN_MS, MAX_MS);
    v->clause_ms = wn_json_int(r, object, "clause", 300, MIN_MS, MAX_MS);
    v->end_ms = wn_json_int(r, object, "end", 350, MIN_MS, MAX_MS);
    wn_json_leave(r, mark);
}

static void read_voice(wn_json *r, wn_voice *v, const json_t *root)
{
    if (!json_is_object(root)) {
        wn_json_fail(r, "", "an object was expected");
        return;
    }
    wn_json_keys(r, root,
                 (const char *const[]){"vocoder", "language", "pitch_scale", "phones", "vowels", "pauses", "durations",
                                       "espeak", NULL});
    copy_text(r, v->vocoder, sizeof v->vocoder, json_object_get(root, "vocoder"), "vocoder");
    copy_text(r, v->language, sizeof v->language, json_object_get(root, "language"), "language");
    v->pitch_scale = wn_json_number(r, root, "pitch_scale", 1, 1e-3, 1e3);
    read_phones(r, v, root);
    read_vowels(r, v, root);
    read_pauses(r, v, root);
    read_durations(r, v, root);
    read_rules(r, v, root);
}

wn_status wn_voice_read(wn_voice *voice, const char *path, wn_error *error)
{
    void *text = NULL;
    size_t size = 0;
    json_t *root = NULL;
    *voice = (wn_voice){0};
    wn_status status = wn_file_read(&text, &size, path, MAX_FILE, error);
    if (!status) status = wn_json_parse(&root, text, size, path, error);
    free(text);
    if (status) return status;
    wn_json r = {.file = path, .error = error};
    read_voice(&r, voice, root);
    json_decref(root);
    return r.status;
}
