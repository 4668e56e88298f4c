/* SPDX-License-Identifier: MIT
 * test_csv.c - rows and cells of tables as programs and people write them.
 * Copyright (c) 2026 the wavenet authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/csv.h"

/* The cells of a text, each in brackets, rows on lines of their own; or what is wrong with it. */
static void read_all(char *out, size_t size, const char *text)
{
    size_t n = 0;
    char cell[40];
    wn_csv csv = wn_csv_start(text, strlen(text));
    out[0] = '\0';
    while (wn_csv_next_row(&csv)) {
        while (csv.cell_due) {
            const char *problem = wn_csv_read_cell(&csv, cell, sizeof cell);
            if (problem) {
                snprintf(out, size, "%d: %s", csv.line, problem);
                return;
            }
            n += (size_t)snprintf(out + n, size - n, "[%s]", cell);
        }
        n += (size_t)snprintf(out + n, size - n, "/");
    }
}

static void test_tables(void **state)
{
    (void)state;
    static const struct {
        const char *text, *cells;
    } tables[] = {
        {"a,b\n1, 2 \n", "[a][b]/[1][2]/"},
        {"\xef\xbb\xbf\"a\",\"b \"\"c\"\"\"\r\n1,\r\n", "[a][b \"c\"]/[1][]/"},
        {"a;b\n1;2\n", "[a][b]/[1][2]/"},
        {"\n# a, comment\na;b\n1;2\n", "[a][b]/[1][2]/"},
        {"a\tb\n1\t 2 \n\t3\n", "[a][b]/[1][2]/[][3]/"},
        {"a\tb\tc\n\t#1.wav\tx\n\t\t\n#\n", "[a][b][c]/[][#1.wav][x]/[][][]/"},
        /* The first row decides, outside of quotation marks, which begin where a cell begins. */
        {"\"a;b\",c\n1;2,3\n", "[a;b][c]/[1;2][3]/"},
        {"\"a,b\"\tc\n1,2\t3\n", "[a,b][c]/[1,2][3]/"},
        {"a,b;c\n1,2;3,4\n", "[a,b][c]/[1.2][3.4]/"},
        {"5\" drum;b\n1;2\n", "[5\" drum][b]/[1][2]/"},
        /* Tabs around a cell are blanks where something else separates, or nothing does. */
        {"a,\tb\n\t1\t,2\n", "[a][b]/[1][2]/"},
        {"1\t\n2 \t\n", "[1]/[2]/"},
        {"\t1\n\t 2\n", "[1]/[2]/"},
        /* Beside semicolons, a decimal comma in a cell that is one number and has no quotation marks. */
        {"a;b\n1,5;-0,25\n+1,5e3;2,0E-1\n", "[a][b]/[1.5][-0.25]/[+1.5e3][2.0E-1]/"},
        {"a;b\n1,2eq.wav;1,2,3\n,5;5,\n\"1,5\";1,5e\n1,5e+;--1,5\n",
         "[a][b]/[1,2eq.wav][1,2,3]/[.5][5,]/[1,5][1,5e]/[1,5e+][--1,5]/"},
        {"a;\"b\n", "1: has a quotation mark that is not closed"},
        {"a;b\n\"1\"2;3\n", "2: has text after a closing quotation mark"},
        {"a;0123456789012345678901234567890123456789\n", "1: has a cell that is too long"},
        {"", ""},
        {"#\n \t \n", ""},
    };
    char got[200];
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        read_all(got, sizeof got, tables[i].text);
        assert_string_equal(got, tables[i].cells);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_tables)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
