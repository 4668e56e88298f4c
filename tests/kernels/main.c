/* SPDX-License-Identifier: MIT
 * main.c - the kernels' test and benchmark: kernels-test [--seed N] [--quick] [--exhaustive] [--bench]
 * Copyright (c) 2026 the wavenet authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "kernels/cpu.h"

static const char *const names[] = {"auto", "c", "portable", "avx2", "avx512", "neon", "simd128", "relaxed-simd"};

static void test_table(checker *check, const wn_kernels *table)
{
    long before = check->cases;
    test_functions(check, table);
    test_accuracy(check, table);
    test_elementwise(check, table);
    test_matmul(check, table);
    test_planar(check, table);
    test_gemm(check, table);
    test_exp_array(check, table);
    printf("%s: %ld checks\n", table->name, check->cases - before);
}

/* What wn_kernels_get must say whatever the machine. */
static void test_lookup(checker *check)
{
    expect(check, wn_kernels_get(0) != NULL, "no kernels at all");
    expect(check, wn_kernels_get(1) == &wn_kernels_c, "table 1 is not the reference");
    expect(check, wn_kernels_get(2) == &wn_kernels_portable, "table 2 is not portable");
    expect(check, !wn_kernels_get(-1) && !wn_kernels_get(8) && !wn_kernels_get(1000), "a table of no number");
    for (int cpu = 0; cpu < wn_kernel_set_count(); cpu++) {
        const char *name = wn_kernel_set_at(cpu)->name;
        expect(check, name && wn_kernel_set_find(name) == cpu, "set %d has no row, or one with another's name", cpu);
    }
    expect(check, wn_kernel_set_find("none") == -1 && !wn_kernel_set_at(-1) && !wn_kernel_set_at(8),
           "a set of no number");
    for (int cpu = 1; cpu < 10; cpu++)
        expect(check, !wn_kernels_get(cpu) || wn_cpu_mask() >> cpu & 1u, "table %d, but not in the mask", cpu);
}

static int test(checker *check)
{
    printf("seed %llu\n", (unsigned long long)check->random);
    test_lookup(check);
    test_pack(check);
    test_bf16(check);
    test_peak(check);
    test_table(check, &wn_kernels_c);
    for (int cpu = FIRST_TABLE; cpu <= LAST_TABLE; cpu++) {
        const wn_kernels *table = wn_kernels_get(cpu);
        if (table) test_table(check, table);
        if (table)
            test_matmul_int8(check, cpu);
        else
            printf("%s: skipped, not built in or not supported by this CPU\n", names[cpu]);
    }
    printf("%ld checks, %ld failed\n", check->cases, check->failed);
    return check->failed != 0;
}

static int bench_all(void)
{
    for (int cpu = LAST_TABLE; cpu >= FIRST_TABLE; cpu--)
        if (wn_kernels_get(cpu)) bench(wn_kernels_get(cpu));
    return 0;
}

int main(int argc, char **argv)
{
    checker check = {.random = (uint64_t)time(NULL)};
    const char *cases = getenv("WN_TEST_CASES");
    bool timing = false;
    check.quick = cases && atof(cases) < 1;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--bench") == 0)
            timing = true;
        else if (strcmp(argv[i], "--quick") == 0)
            check.quick = true;
        else if (strcmp(argv[i], "--exhaustive") == 0)
            check.exhaustive = true;
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            check.random = strtoull(argv[++i], NULL, 10);
        else {
            fprintf(stderr, "usage: kernels-test [--seed N] [--quick] [--exhaustive] [--bench]\n");
            return 2;
        }
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    return timing ? bench_all() : test(&check);
}
