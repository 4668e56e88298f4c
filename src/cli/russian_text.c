/* SPDX-License-Identifier: MIT
 * russian_text.c - Russian text in UTF-8, checked, sentence by sentence.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/russian_text.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"

enum { LONG_SENTENCE = 600, MAX_CHARACTER = 4 };
enum { BYTE_ORDER_MARK = 0xfeff, ACUTE = 0x301, ELLIPSIS = 0x2026, NUMERO = 0x2116, NO_BREAK = 0xa0 };

/* ---- characters --------------------------------------------------------------------------------------------------- */

/* The next byte, or EOF. */
static int next_byte(wn_russian_reader *r)
{
    if (!r->text) return getc(r->file);
    return *r->text ? (unsigned char)*r->text++ : EOF;
}

static wn_status fail_encoding(const wn_russian_reader *r, wn_error *error)
{
    return wn_fail(error, WN_ERROR_FORMAT, r->where, "is not UTF-8 text");
}

/* Number of bytes that follow the first byte of a character, and the least code of that length; -1: none begins so. */
static int following_bytes(int first, int32_t *code, int32_t *least)
{
    static const struct {
        int from, to, mask;
        int32_t least;
    } lengths[] = {
        {0, 0x7f, 0x7f, 0}, {0xc2, 0xdf, 0x1f, 0x80}, {0xe0, 0xef, 0x0f, 0x800}, {0xf0, 0xf4, 0x07, 0x10000}};
    for (int i = 0; i < MAX_CHARACTER; i++)
        if (first >= lengths[i].from && first <= lengths[i].to) {
            *code = first & lengths[i].mask;
            *least = lengths[i].least;
            return i;
        }
    return -1;
}

/* The next character: its code, -1 at the end, and its bytes, ended by a zero. */
static wn_status next_character(wn_russian_reader *r, int32_t *code, char bytes[MAX_CHARACTER + 1], wn_error *error)
{
    int32_t least = 0;
    int first = next_byte(r);
    *code = -1;
    bytes[0] = 0;
    if (first == EOF && r->file && ferror(r->file))
        return wn_fail(error, WN_ERROR_FILE, r->where, "%s", strerror(errno));
    if (first == EOF) return WN_OK;
    if (first == 0) return wn_fail(error, WN_ERROR_FORMAT, r->where, "holds a zero byte; text was expected");
    int more = following_bytes(first, code, &least);
    if (more < 0) return fail_encoding(r, error);
    bytes[0] = (char)first;
    for (int i = 1; i <= more; i++) {
        int byte = next_byte(r);
        if (byte == EOF || (byte & 0xc0) != 0x80) return fail_encoding(r, error);
        bytes[i] = (char)byte;
        *code = *code << 6 | (byte & 0x3f);
    }
    bytes[more + 1] = 0;
    bool surrogate = *code >= 0xd800 && *code <= 0xdfff;
    return *code < least || *code > 0x10ffff || surrogate ? fail_encoding(r, error) : WN_OK;
}

static bool is_russian_letter(int32_t c) { return (c >= 0x410 && c <= 0x44f) || c == 0x401 || c == 0x451; }

static bool is_digit(int32_t c) { return c >= '0' && c <= '9'; }

static bool is_blank(int32_t c) { return (c >= 0 && c <= ' ') || c == 0x7f || c == NO_BREAK; }

/* Signs that may stand between words: those of ASCII, of Latin-1, general punctuation, and currencies. */
static bool is_sign(int32_t c)
{
    if (c < 0x80) return !isalpha((int)c);
    return (c >= NO_BREAK && c <= 0xbf) || (c >= 0x2010 && c <= 0x205f) || (c >= 0x20a0 && c <= 0x20bf) ||
           c == NUMERO || c == ACUTE || c == BYTE_ORDER_MARK;
}

/* ---- sentences ---------------------------------------------------------------------------------------------------- */

/* Whether the text before a blank ends a sentence: after closing quotes and brackets, too. */
static bool ends_sentence(const char *text, size_t n)
{
    static const char *const closing[] = {"\"", ")", "'", "\xc2\xbb", "\xe2\x80\x9d", "\xe2\x80\x9c"};
    for (size_t i = 0; i < sizeof closing / sizeof *closing; i++) {
        size_t length = strlen(closing[i]);
        if (n > length && !memcmp(text + n - length, closing[i], length)) return ends_sentence(text, n - length);
    }
    if (n >= 3 && !memcmp(text + n - 3, "\xe2\x80\xa6", 3)) return true;
    return n && strchr(".!?", text[n - 1]) != NULL;
}

static wn_status check_character(const wn_russian_reader *r, int32_t code, const char *bytes, wn_error *error)
{
    if (is_russian_letter(code) || is_sign(code)) return WN_OK;
    return wn_fail(
        error, WN_ERROR_UNSUPPORTED, r->where,
        "\"%s\" is no Russian letter, and the voice speaks only Russian: spell it in Russian letters, or give "
        "phones with --from-phones",
        bytes);
}

/* Append one character. Blanks count once; a bracket would make espeak-ng read phonemes. */
static void append(char *sentence, size_t *n, int32_t code, const char *bytes)
{
    const char *put = is_blank(code) ? " " : code == '[' || code == ']' ? "," : code == BYTE_ORDER_MARK ? "" : bytes;
    if (is_blank(code) && (!*n || sentence[*n - 1] == ' ')) return;
    memcpy(sentence + *n, put, strlen(put) + 1);
    *n += strlen(put);
}

wn_status wn_russian_reader_next(wn_russian_reader *reader, char sentence[WN_RUSSIAN_MAX_SENTENCE], wn_error *error)
{
    wn_russian_reader *r = reader;
    size_t n = 0;
    int lines = 0;
    long long before = r->letters;
    char bytes[MAX_CHARACTER + 1];
    sentence[0] = 0;
    while (!r->over) {
        int32_t code;
        wn_status status = next_character(r, &code, bytes, error);
        if (!status && code >= 0) status = check_character(r, code, bytes, error);
        if (status) return status;
        r->over = code < 0;
        lines = code == '\n' ? lines + 1 : is_blank(code) ? lines : 0;
        bool full = n + MAX_CHARACTER + 1 >= WN_RUSSIAN_MAX_SENTENCE;
        bool ends =
            r->over || full || lines > 1 || (is_blank(code) && (n > LONG_SENTENCE || ends_sentence(sentence, n)));
        r->letters += is_russian_letter(code) || is_digit(code);
        if (!r->over) append(sentence, &n, code, bytes);
        if (!ends) continue;
        if (r->letters > before) return WN_OK;
        n = 0;
        sentence[0] = 0;
    }
    if (r->letters == 0) return wn_fail(error, WN_ERROR_ARGUMENT, r->where, "holds no words");
    sentence[0] = 0;
    return WN_OK;
}
