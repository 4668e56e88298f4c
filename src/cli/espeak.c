/* SPDX-License-Identifier: MIT
 * espeak.c - the phones of a sentence and their durations, by espeak-ng as a program and the tables of a voice.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/espeak.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cli/child_program.h"

enum { MAX_OUTPUT = 1 << 16, MAX_WORD = 512, MAX_PHONEME = 4, MIN_VERSION = 149 };
#define LIMIT_SECONDS 10.0
#define PROGRAM "espeak-ng"
#define HINT "install the package espeak-ng, or give phones with --from-phones"
#define STRESS "'\"," /* main, emphatic, secondary */
#define IGNORED "_:;^#=!|-"

typedef struct word_phoneme {
    const wn_voice_rule *rule; /* without a place */
    bool is_vowel, is_stressed, is_after_soft;
} word_phoneme;

typedef struct phoneme_word {
    int n;
    word_phoneme phonemes[MAX_WORD];
} phoneme_word;

/* ---- words -------------------------------------------------------------------------------------------------------- */

/* The longest phoneme that the text begins with, or NULL. */
static const wn_voice_rule *match_phoneme(const wn_voice *voice, const char *text)
{
    char part[MAX_PHONEME + 1];
    for (size_t n = MAX_PHONEME; n > 0; n--) {
        snprintf(part, sizeof part, "%.*s", (int)n, text);
        const wn_voice_rule *rule = strlen(part) == n ? wn_voice_find_rule(voice, part) : NULL;
        if (rule) return rule;
    }
    return NULL;
}

static bool is_soft(const char *phoneme) { return phoneme[strlen(phoneme) - 1] == ';' || strcmp(phoneme, "j") == 0; }

/* Read the word at *at, up to a blank or the end of the line. */
static wn_status read_word(phoneme_word *word, const wn_voice *voice, const char **at, wn_error *error)
{
    bool stressed = false;
    word->n = 0;
    while (**at && **at != ' ' && **at != '\n') {
        const wn_voice_rule *rule = match_phoneme(voice, *at);
        if (!rule && strchr(STRESS IGNORED, **at)) {
            stressed = stressed || strchr(STRESS, **at);
            (*at)++;
            continue;
        }
        if (!rule)
            return wn_fail(error, WN_ERROR_UNSUPPORTED, PROGRAM, "the voice does not know the phoneme at \"%.*s\"",
                           (int)strcspn(*at, " \r\n"), *at);
        if (word->n == MAX_WORD) return wn_fail(error, WN_ERROR_UNSUPPORTED, PROGRAM, "a word has too many phonemes");
        bool is_vowel = rule->phone == WN_VOICE_SILENT || voice->phones[rule->phone].is_vowel;
        bool soft = word->n && is_soft(word->phonemes[word->n - 1].rule->phoneme);
        word->phonemes[word->n++] = (word_phoneme){rule, is_vowel, is_vowel && stressed, soft};
        stressed = stressed && !is_vowel;
        *at += strlen(rule->phoneme);
    }
    return WN_OK;
}

/* Where vowel i stands in its word, counted in vowels from the last stressed one. */
static const char *vowel_place(const phoneme_word *word, int i)
{
    int stressed = -1, between = 0;
    for (int k = 0; k < word->n; k++)
        if (word->phonemes[k].is_stressed) stressed = k;
    if (stressed < 0) return "single";
    if (word->phonemes[i].is_stressed) return "stressed";
    if (i > stressed) return i == word->n - 1 ? "final" : "after";
    for (int k = i + 1; k < stressed; k++) between += word->phonemes[k].is_vowel;
    return between ? "before" : "near";
}

/* The most special rule that there is. */
static int choose_phone(const wn_voice *voice, const phoneme_word *word, int i)
{
    const word_phoneme *p = &word->phonemes[i];
    char name[2 * WN_VOICE_PHONEME];
    const char *place = vowel_place(word, i);
    if (!p->is_vowel) return p->rule->phone;
    snprintf(name, sizeof name, "%s %s soft", p->rule->phoneme, place);
    const wn_voice_rule *rule = p->is_after_soft ? wn_voice_find_rule(voice, name) : NULL;
    snprintf(name, sizeof name, "%s %s", p->rule->phoneme, place);
    if (!rule) rule = wn_voice_find_rule(voice, name);
    return rule ? rule->phone : p->rule->phone;
}

/* ---- sentences ---------------------------------------------------------------------------------------------------- */

static wn_status fail_full(wn_error *error)
{
    return wn_fail(error, WN_ERROR_UNSUPPORTED, PROGRAM, "a sentence has more than %d phones", WN_SENTENCE_MAX_PHONES);
}

static bool ends_with_pause(const wn_sentence *s) { return s->phones[s->n - 1].phone == WN_VOICE_PAUSE; }

static wn_status add_word(wn_sentence *sentence, const wn_voice *voice, const phoneme_word *word, wn_error *error)
{
    for (int i = 0; i < word->n; i++) {
        int phone = choose_phone(voice, word, i);
        if (phone != WN_VOICE_SILENT && !wn_sentence_add(sentence, phone, 0, 0)) return fail_full(error);
    }
    return WN_OK;
}

/* Whether a pause follows phone i without a vowel before it. */
static bool is_before_pause(const wn_sentence *s, const wn_voice *voice, int i)
{
    for (i++; i < s->n && s->phones[i].phone != WN_VOICE_PAUSE; i++)
        if (voice->phones[s->phones[i].phone].is_vowel) return false;
    return true;
}

static void set_durations(wn_sentence *s, const wn_voice *voice)
{
    for (int i = 0; i < s->n; i++) {
        wn_phone *p = &s->phones[i];
        if (p->phone == WN_VOICE_PAUSE) continue;
        bool starts = i > 0 && s->phones[i - 1].phone == WN_VOICE_PAUSE;
        wn_voice_place place = is_before_pause(s, voice, i) ? WN_VOICE_BEFORE_PAUSE
                               : starts                     ? WN_VOICE_AFTER_PAUSE
                                                            : WN_VOICE_WITHIN;
        p->ms = voice->phones[p->phone].ms[place];
    }
}

wn_status wn_espeak_parse(wn_sentence *sentence, const wn_voice *voice, const char *phonemes, wn_error *error)
{
    phoneme_word word;
    wn_status status = WN_OK;
    sentence->n = 0;
    wn_sentence_add(sentence, WN_VOICE_PAUSE, voice->start_ms, 0);
    for (const char *at = phonemes; *at && !status;) {
        bool clause = *at == '\n' && !ends_with_pause(sentence);
        if (clause && !wn_sentence_add(sentence, WN_VOICE_PAUSE, voice->clause_ms, 0)) status = fail_full(error);
        at += *at == '\n' || *at == ' ';
        if (!status) status = read_word(&word, voice, &at, error);
        if (!status) status = add_word(sentence, voice, &word, error);
    }
    if (status) return status;
    if (sentence->n == 1) return wn_fail(error, WN_ERROR_FORMAT, PROGRAM, "gave no phonemes for a sentence");
    if (!ends_with_pause(sentence) && !wn_sentence_add(sentence, WN_VOICE_PAUSE, 0, 0)) return fail_full(error);
    sentence->phones[sentence->n - 1].ms = voice->end_ms;
    set_durations(sentence, voice);
    return WN_OK;
}

/* ---- the program -------------------------------------------------------------------------------------------------- */

/* "eSpeak NG text-to-speech: 1.51.1 ..." is 151; 0: no version. */
static int parse_version(const char *text)
{
    const char *at = strchr(text, ':');
    char *end;
    if (!at) return 0;
    long major = strtol(at + 1, &end, 10);
    if (*end != '.' || major < 0 || major > 99) return 0;
    long minor = strtol(end + 1, NULL, 10);
    return minor < 0 || minor > 99 ? 0 : (int)(100 * major + minor);
}

wn_status wn_espeak_check(wn_error *error)
{
    char text[1024];
    wn_status status = wn_child_run(text, sizeof text, (const char *const[]){PROGRAM, "--version", NULL}, "",
                                    LIMIT_SECONDS, HINT, error);
    if (status) return status;
    if (parse_version(text) < MIN_VERSION)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, PROGRAM, "1.49 or newer was expected, not \"%.*s\"",
                       (int)strcspn(text, "\r\n"), text);
    return WN_OK;
}

wn_status wn_espeak_sentence(wn_sentence *sentence, const wn_voice *voice, const char *text, wn_error *error)
{
    const char *const argv[] = {PROGRAM, "-v", voice->language, "-b", "1", "-q", "-x", "--stdin", NULL};
    char *phonemes = malloc(MAX_OUTPUT);
    if (!phonemes) return wn_fail_memory(error, NULL);
    wn_status status = wn_child_run(phonemes, MAX_OUTPUT, argv, text, LIMIT_SECONDS, HINT, error);
    if (!status) status = wn_espeak_parse(sentence, voice, phonemes, error);
    free(phonemes);
    return status;
}
