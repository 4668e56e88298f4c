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

/* What separates the cells of the first row; c is at its start. */
static char find_separator(const wn_csv *c)
{
    bool in_quotes = false, comma = false, tab = false;
    for (const char *p = c->at; p < c->end && *p != '\n' && *p != '\r'; p++) {
        if (*p == '"') in_quotes = !in_quotes;
        if (in_quotes) continue;
        if (*p == ';') return ';';
        comma = comma || *p == ',';
        tab = tab || *p == '\t';
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
        while (c->at < c->end && (*c->at == ' ' || *c->at == '\t')) c->at++;
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

/* In a cell that is a number. */
static void replace_decimal_comma(char *cell)
{
    static const char digits[] = "0123456789";
    char *p = cell + (*cell == '-' || *cell == '+');
    size_t whole = strspn(p, digits), part = p[whole] == ',' ? strspn(p + whole + 1, digits) : 0;
    char after = part ? p[whole + 1 + part] : 'x';
    if (after == '\0' || after == 'e' || after == 'E') p[whole] = '.';
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
    if (c->separator == ';') replace_decimal_comma(cell);
    return NULL;
}
