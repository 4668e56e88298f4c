/* SPDX-License-Identifier: MIT
 * test_gemm.c - `gemm` against double by a derived bound, every layout, ragged shapes.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <string.h>

#include "check.h"

typedef struct gemm_case {
    int ta, tb, m, n, k;
    float beta;
    ptrdiff_t lda, ldb, ldc;
    buffer a, b, c, work;
} gemm_case;

static size_t matrix(int rows, int cols, ptrdiff_t ld) { return (size_t)((rows - 1) * ld + cols); }

static gemm_case case_new(checker *check)
{
    static const int sizes[] = {1,  2,  3,  4,  5,  7,  8,  9,  15, 16, 17,  23, 24,
                                31, 32, 33, 47, 48, 49, 63, 64, 65, 96, 100, 129};
    static const int depths[] = {1, 2, 3, 7, 8, 16, 17, 31, 64, 127, 128, 129, 255, 256, 257, 300, 600, 769};
    gemm_case g = {
        .ta = random_int(check, 0, 1), .tb = random_int(check, 0, 1), .beta = (float)random_int(check, 0, 1)};
    g.m = random_of(check, sizes, 25);
    g.n = random_of(check, sizes, 25);
    g.k = random_of(check, depths, 18);
    g.lda = (g.ta ? g.m : g.k) + random_int(check, 0, 3);
    g.ldb = random_int(check, 0, 9) ? (g.tb ? g.k : g.n) + random_int(check, 0, 3) : 1024;
    g.ldc = g.n + random_int(check, 0, 3);
    g.a = buffer_random(check, g.ta ? matrix(g.k, g.m, g.lda) : matrix(g.m, g.k, g.lda));
    g.b = buffer_random(check, g.tb ? matrix(g.n, g.k, g.ldb) : matrix(g.k, g.n, g.ldb));
    g.c = buffer_random(check, matrix(g.m, g.n, g.ldc));
    g.work = buffer_new(wn_gemm_work());
    return g;
}

static void case_free(gemm_case *g)
{
    buffer_free(&g->a);
    buffer_free(&g->b);
    buffer_free(&g->c);
    buffer_free(&g->work);
}

/* However k terms are summed, a term meets one rounding as a product and at most one at each of k additions; adding the
 * old C is one more: gamma_(k + 2) of the sum of sizes, and half a denormal for each product that underflows. */
static bool within_bound(const gemm_case *g, const buffer *got)
{
    double bound = gamma_n(g->k + 2);
    for (int i = 0; i < g->m; i++)
        for (int j = 0; j < g->n; j++) {
            double sum = g->beta != 0.0f ? g->c.p[i * g->ldc + j] : 0.0, size = fabs(sum);
            for (int l = 0; l < g->k; l++) {
                double term = (double)g->a.p[g->ta ? l * g->lda + i : i * g->lda + l] *
                              g->b.p[g->tb ? j * g->ldb + l : l * g->ldb + j];
                sum += term;
                size += fabs(term);
            }
            if (!(fabs(got->p[i * g->ldc + j] - sum) <= bound * size + g->k * 0x1p-149)) return false;
        }
    return true;
}

static void run(const wn_kernels *table, const gemm_case *g, const buffer *c)
{
    table->gemm(g->ta, g->tb, g->m, g->n, g->k, g->a.p, g->lda, g->b.p, g->ldb, g->beta, c->p, g->ldc, g->work.p);
}

static void check_case(checker *check, const wn_kernels *table, const gemm_case *g)
{
    buffer got = buffer_copy(&g->c), again = buffer_copy(&g->c);
#define SHAPE "%s gemm: %c%c m %d n %d k %d beta %g ldb %td"
#define VALUES table->name, g->ta ? 'T' : 'N', g->tb ? 'T' : 'N', g->m, g->n, g->k, (double)g->beta, g->ldb
    run(table, g, &got);
    run(table, g, &again);
    expect(check, within_bound(g, &got), SHAPE " exceeds the bound", VALUES);
    expect(check, same_bits(got.p, again.p, got.n), SHAPE " is not the same twice", VALUES);
    expect(check, buffer_intact(&got) && buffer_intact(&g->work), SHAPE " wrote before a buffer", VALUES);
    for (int i = 0; i + 1 < g->m; i++)
        expect(check,
               memcmp(g->c.p + i * g->ldc + g->n, got.p + i * g->ldc + g->n, (size_t)(g->ldc - g->n) * sizeof(float)) ==
                   0,
               SHAPE " wrote between rows", VALUES);
    buffer_free(&got);
    buffer_free(&again);
}

void test_gemm(checker *check, const wn_kernels *table)
{
    for (int i = 0, n = check->quick ? 60 : 600; i < n; i++) {
        gemm_case g = case_new(check);
        check_case(check, table, &g);
        case_free(&g);
    }
}
