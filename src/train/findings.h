/* SPDX-License-Identifier: MIT
 * findings.h - what the checks of a pair of recordings found, in words.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_FINDINGS_H
#define WN_TRAIN_FINDINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "wavenet/wavenet.h"

enum { WN_MAX_FINDINGS = 32 };

typedef struct wn_finding {
    bool fault; /* the pair cannot become a capture */
    char text[240];
} wn_finding;

typedef struct wn_findings {
    int n; /* those beyond the maximum are dropped */
    wn_finding all[WN_MAX_FINDINGS];
} wn_findings;

/* Add "path: text", without the folders of the path. */
void wn_findings_note(wn_findings *findings, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void wn_findings_fault(wn_findings *findings, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The first fault, or NULL. */
const wn_finding *wn_findings_first_fault(const wn_findings *findings);

#endif
