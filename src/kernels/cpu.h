/* SPDX-License-Identifier: MIT
 * cpu.h - the instruction sets there are kernels for, one row each.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_CPU_H
#define WN_KERNELS_CPU_H

#include "kernels.h"
#include "peak_table.h"

/* To add a set NAME: write vec_NAME.h and NAME.c, list NAME.c in meson.build, add an enumerator to wn_cpu, the name to
 * WN_KERNEL_SETS and a row to cpu.c. */
typedef struct wn_kernel_set {
    const char *name;             /* "avx2", as the option --cpu spells it */
    bool (*is_supported)(void);   /* by this CPU and the operating system; NULL: always */
    const wn_kernels *kernels;    /* NULL: not in this build */
    const wn_peak *peak;          /* loops that measure the set; NULL: none */
    const wn_peak *(*int8)(void); /* the best dot products of 8-bit integers on a CPU with this set; NULL: none */
    const wn_peak *(*bf16)(void); /* the same of bfloat16 */
} wn_kernel_set;

/* Rows are numbered as wn_cpu, from the slowest to the fastest; row 0 is "auto", which has a name only. NULL beyond the last. */
const wn_kernel_set *wn_kernel_set_at(int cpu);

int wn_kernel_set_count(void); /* rows, "auto" included */

/* The number of a set's name, or -1. */
int wn_kernel_set_find(const char *name);

/* The names after "auto" for a message: "c, portable, avx2, avx512 or neon". Cut where it does not fit. */
void wn_kernel_set_names(char *text, size_t size);

#endif
