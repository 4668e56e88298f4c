/* SPDX-License-Identifier: MIT
 * fuzz_voice.c - the data of a voice, sentences of phones, and Russian text.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/phone_text.h"
#include "cli/russian_text.h"
#include "cli/voice_data.h"
#include "fuzz.h"

static const char voice_text[] =
    "{\"vocoder\": \"speech\", \"language\": \"ru\", \"pitch_scale\": 4, \"phones\": [\"pau\", \"t\", \"a\"],"
    " \"vowels\": [\"a\"], \"pauses\": {\"start\": 100, \"clause\": 200, \"end\": 300},"
    " \"durations\": {\"t\": [50, 60, 70], \"a\": [80, 90, 110]},"
    " \"espeak\": {\"t\": \"t\", \"t;\": \"t\", \"A\": \"a\", \"V after\": \"\", \"V after soft\": \"t\"}}";

static void check_status(wn_status status, const wn_error *error)
{
    if (status) fuzz_check(error->status == status && *error->message, "a failure without a message");
}

static void check_voice(const wn_voice *v)
{
    fuzz_check(v->n_phones > 0 && v->n_phones <= WN_VOICE_MAX_PHONES && v->n_rules <= WN_VOICE_MAX_RULES, "counts");
    for (int i = 0; i < v->n_phones; i++)
        fuzz_check(wn_voice_find_phone(v, v->phones[i].name) == i, "two phones of one name");
    for (int i = 0; i < v->n_rules; i++)
        fuzz_check(v->rules[i].phone >= WN_VOICE_SILENT && v->rules[i].phone < v->n_phones, "a rule for no phone");
    fuzz_check(v->pitch_scale > 0 && isfinite(v->pitch_scale), "scale of the pitch");
}

static void read_voice(const uint8_t *data, size_t size)
{
    static wn_voice voice;
    wn_error error = {0};
    wn_status status = wn_voice_read(&voice, fuzz_file(data, size, ".json"), &error);
    check_status(status, &error);
    if (!status) check_voice(&voice);
}

static const wn_voice *small_voice(void)
{
    static wn_voice voice;
    if (!voice.n_phones) {
        const char *path = fuzz_file((const uint8_t *)voice_text, sizeof voice_text - 1, ".json");
        fuzz_check(wn_voice_read(&voice, path, NULL) == WN_OK, "the small voice is refused");
    }
    return &voice;
}

static void read_phones(FILE *file)
{
    static wn_sentence sentence;
    wn_error error = {0};
    wn_phone_reader reader = {.path = "input", .file = file, .voice = small_voice()};
    wn_status status;
    while (!(status = wn_phone_reader_next(&reader, &sentence, &error)) && sentence.n)
        for (int i = 0; i < sentence.n; i++) {
            const wn_phone *p = &sentence.phones[i];
            fuzz_check(p->phone >= 0 && p->phone < reader.voice->n_phones, "no phone of the voice");
            fuzz_check(p->ms >= WN_PHONE_MIN_MS && p->ms <= WN_PHONE_MAX_MS, "a duration out of range");
            fuzz_check(p->pitch >= 0 && isfinite(p->pitch), "a pitch out of range");
        }
    check_status(status, &error);
}

static void read_russian(FILE *file, const char *text)
{
    char sentence[WN_RUSSIAN_MAX_SENTENCE];
    wn_error error = {0};
    wn_russian_reader reader = {.where = "input", .text = text, .file = file};
    wn_status status;
    while (!(status = wn_russian_reader_next(&reader, sentence, &error)) && *sentence)
        fuzz_check(memchr(sentence, 0, sizeof sentence) != NULL, "a sentence without an end");
    check_status(status, &error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size && *data == '{') {
        read_voice(data, size);
        return 0;
    }
    if (!size) return 0; /* no stream is empty memory */
    FILE *file = fmemopen((void *)data, size, "rb");
    char *text = calloc(size + 1, 1);
    if (file && text) {
        memcpy(text, data, size);
        read_phones(file);
        rewind(file);
        read_russian(file, NULL);
        read_russian(NULL, text);
    }
    if (file) fclose(file);
    free(text);
    return 0;
}

void fuzz_seeds(void (*add)(const void *data, size_t size))
{
    static const char *const texts[] = {
        voice_text,
        "# two sentences\npau 150\nt 60\na 120.5 180\n\npau 100\na 90\n",
        "t 5\na 10000 60\n",
        "\320\224\320\276\320\261\321\200\321\213\320\271 \320\264\320\265\320\275\321\214! \320\224\320\260...",
        "\320\227\320\260\314\201\320\274\320\276\320\272 1905 \320\263.\n\n- \320\224\320\260?",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) add(texts[i], strlen(texts[i]));
}
