/* SPDX-License-Identifier: MIT
 * csv.c - rows and cells of comma-separated text.
 * Copyright (c) 2026 the wavenet authors */
#include "base/csv.h"

#include <string.h>

static bool is_line_end(const wn_csv *c) { return c->at == c->end || *c->at == '\n' || *c->at == '\r'; }

static bool is_blank(const wn_csv *c, char x) { return x == ' ' || (x == '\t' && c->separator != '\t'); }

static void skip_line(wn_csv *c)
{
    while (!is_line_end(c)) c->at++;
    if (c->at < c->end && *c->at == '\r') c->at++;
    if (c->at < c->end && *c->at == '\n') c->at++;
}

/* The separator, from the first row, which begins at c->at. A quotation mark counts as one where a cell begins, a tab between
 * two cells that are not empty. */
static char find_separator(const wn_csv *c)
{
    bool in_quotes = false, cell = false, gap = false, comma = false, tab = false;
    for (const char *p = c->at; p < c->end && *p != '\n' && *p != '\r'; p++) {
        bool separates = *p == ';' || *p == ',' || *p == '\t';
        if (*p == '"' && (in_quotes || !cell)) in_quotes = !in_quotes;
        if (in_quotes) continue;
        if (*p == ';') return ';';
        comma = comma || *p == ',';
        gap = gap || (cell && *p == '\t');
        if (!separates && *p != ' ') tab = tab || gap;
        cell = !separates && (cell || *p != ' ');
    }
    return tab && !comma ? '\t' : ',';
}

wn_csv wn_csv_start(const char *text, size_t size)
{
    bool mark = size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3);
    wn_csv c = {.at = text + (mark ? 3 : 0), .end = text + size}, first = c;
    c.separator = wn_csv_next_row(&first) ? find_separator(&first) : ',';
    return c;
}

bool wn_csv_next_row(wn_csv *c)
{
    for (;;) {
        if (c->line) skip_line(c);
        c->cell_due = false;
        if (c->at == c->end) return false;
        c->line++;
        const char *row = c->at;
        while (c->at < c->end && is_blank(c, *c->at)) c->at++;
        if (is_line_end(c) || *c->at == '#') continue;
        c->at = row;
        c->cell_due = true;
        return true;
    }
}

/* The text of a quoted cell, from after its first mark. Returns its length, or -1 with *problem. */
static ptrdiff_t read_quoted(wn_csv *c, char *cell, size_t size, const char **problem)
{
    size_t n = 0;
    for (c->at++; c->at < c->end && *c->at != '\n'; c->at++) {
        if (*c->at == '"' && (c->at + 1 == c->end || c->at[1] != '"')) break;
        if (*c->at == '"') c->at++;
        if (n + 1 >= size) *problem = "has a cell that is too long";
        if (!*c->at) *problem = "contains a zero byte";
        if (*problem) return -1;
        cell[n++] = *c->at;
    }
    if (c->at == c->end || *c->at != '"') {
        *problem = "has a quotation mark that is not closed";
        return -1;
    }
    c->at++;
    return (ptrdiff_t)n;
}

static ptrdiff_t read_plain(wn_csv *c, char *cell, size_t size, const char **problem)
{
    size_t n = 0;
    for (; !is_line_end(c) && *c->at != c->separator; c->at++) {
        if (n + 1 >= size) *problem = "has a cell that is too long";
        if (!*c->at) *problem = "contains a zero byte";
        if (*problem) return -1;
        cell[n++] = *c->at;
    }
    return (ptrdiff_t)n;
}

/* Replace the comma by a point if the whole cell is a number with a decimal comma. */
static void replace_decimal_comma(char *cell)
{
    static const char digits[] = "0123456789";
    char *comma = cell + strcspn(cell, ",");
    const char *p = cell + strspn(cell, "+-");
    if (!*comma || p - cell > 1 || p + strspn(p, digits) != comma || !strspn(comma + 1, digits)) return;
    p = comma + 1 + strspn(comma + 1, digits);
    if (*p == 'e' || *p == 'E') {
        p += 1 + (p[1] == '+' || p[1] == '-');
        if (!strspn(p, digits)) return;
        p += strspn(p, digits);
    }
    if (!*p) *comma = '.';
}

const char *wn_csv_read_cell(wn_csv *c, char *cell, size_t size)
{
    const char *problem = NULL;
    bool quoted = c->at < c->end && *c->at == '"';
    ptrdiff_t n = (quoted ? read_quoted : read_plain)(c, cell, size, &problem);
    if (problem) return problem;
    c->cell_due = c->at < c->end && *c->at == c->separator;
    if (c->cell_due)
        c->at++;
    else if (!is_line_end(c))
        return "has text after a closing quotation mark";
    while (n && is_blank(c, cell[n - 1])) n--;
    cell[n] = '\0';
    size_t lead = strspn(cell, c->separator == '\t' ? " " : " \t");
    memmove(cell, cell + lead, (size_t)n - lead + 1);
    if (c->separator == ';' && !quoted) replace_decimal_comma(cell);
    return NULL;
}
