/* SPDX-License-Identifier: MIT
 * espeak.h - the phones of a sentence and their durations, by espeak-ng as a program and the tables of a voice.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_ESPEAK_H
#define WN_CLI_ESPEAK_H

#include "cli/phone_text.h"

/* WN_OK if espeak-ng is there and new enough. */
wn_status wn_espeak_check(wn_error *error);

/* The phones of `text`, a sentence in UTF-8, between pauses. */
wn_status wn_espeak_sentence(wn_sentence *sentence, const wn_voice *voice, const char *text, wn_error *error);

/* The same of what espeak-ng printed: a line per clause, words between blanks. */
wn_status wn_espeak_parse(wn_sentence *sentence, const wn_voice *voice, const char *phonemes, wn_error *error);

#endif
