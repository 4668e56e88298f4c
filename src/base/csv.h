/* SPDX-License-Identifier: MIT
 * csv.h - rows and cells of comma-separated text.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_BASE_CSV_H
#define WN_BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>

/* A position in text that the caller keeps. Lines end with LF, CR or both. Blank lines and lines that begin with # are
 * skipped. A cell may be quoted, a quotation mark within it doubled; blanks around a cell do not belong to it, except for
 * tabs where they separate.
 *
 * The first row decides the separator: a semicolon if it has one outside of quotation marks, else a comma, else a tab. With
 * semicolons a cell without quotation marks that is one number may have a decimal comma, as spreadsheets write it in many
 * countries: 1,5 is read as 1.5. */
typedef struct wn_csv {
    const char *at, *end;
    int line;       /* of the row in hand, from 1; 0 before the first */
    bool cell_due;  /* the row in hand has another cell */
    char separator; /* of cells: ',', ';' or '\t' */
} wn_csv;

/* A byte-order mark is skipped. */
wn_csv wn_csv_start(const char *text, size_t size);

/* Go to the next row, whatever is left of the one in hand; false at the end of the text. */
bool wn_csv_next_row(wn_csv *csv);

/* Read the next cell of the row, which must be due, into cell[size], with a zero at its end. Returns NULL, or what is wrong
 * with it. */
const char *wn_csv_read_cell(wn_csv *csv, char *cell, size_t size);

#endif
