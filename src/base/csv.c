/* SPDX-License-Identifier: MIT
 * csv.c - rows and cells of comma-separated text.
 * Copyright (c) 2026 the wavenet authors */
#include "base/csv.h"

#include <string.h>

static bool is_line_end(const wn_csv *c) { return c->at == c->end || *c->at == '\n' || *c->at == '\r'; }

static bool is_blank(char x) { return x == ' ' || x == '\t'; }

static void skip_line(wn_csv *c)
{
    while (!is_line_end(c)) c->at++;
    if (c->at < c->end && *c->at == '\r') c->at++;
    if (c->at < c->end && *c->at == '\n') c->at++;
}

wn_csv wn_csv_start(const char *text, size_t size)
{
    bool mark = size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3);
    return (wn_csv){.at = text + (mark ? 3 : 0), .end = text + size};
}

bool wn_csv_next_row(wn_csv *c)
{
    for (;;) {
        if (c->line) skip_line(c);
        c->cell_due = false;
        if (c->at == c->end) return false;
        c->line++;
        const char *row = c->at;
        while (c->at < c->end && is_blank(*c->at)) c->at++;
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
    for (; !is_line_end(c) && *c->at != ','; c->at++) {
        if (n + 1 >= size) *problem = "has a cell that is too long";
        if (!*c->at) *problem = "contains a zero byte";
        if (*problem) return -1;
        cell[n++] = *c->at;
    }
    return (ptrdiff_t)n;
}

const char *wn_csv_read_cell(wn_csv *c, char *cell, size_t size)
{
    const char *problem = NULL;
    bool quoted = c->at < c->end && *c->at == '"';
    ptrdiff_t n = (quoted ? read_quoted : read_plain)(c, cell, size, &problem);
    if (problem) return problem;
    c->cell_due = c->at < c->end && *c->at == ',';
    if (c->cell_due)
        c->at++;
    else if (!is_line_end(c))
        return "has text after a closing quotation mark";
    while (n && is_blank(cell[n - 1])) n--;
    cell[n] = '\0';
    size_t lead = strspn(cell, " \t");
    memmove(cell, cell + lead, (size_t)n - lead + 1);
    return NULL;
}
