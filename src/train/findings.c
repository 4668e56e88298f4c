/* SPDX-License-Identifier: MIT
 * findings.c - what the checks of a pair of recordings found, in words.
 * Copyright (c) 2026 the wavenet authors */
#include "train/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void findings_add(wn_findings *f, bool fault, const char *path, const char *format, va_list values)
{
    char text[192];
    const char *slash = strrchr(path, '/');
    if (f->n == WN_MAX_FINDINGS) return;
    vsnprintf(text, sizeof text, format, values);
    wn_finding *finding = &f->all[f->n++];
    finding->fault = fault;
    snprintf(finding->text, sizeof finding->text, "%.40s: %s", slash && slash[1] ? slash + 1 : path, text);
}

void wn_findings_note(wn_findings *findings, const char *path, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    findings_add(findings, false, path, format, values);
    va_end(values);
}

void wn_findings_fault(wn_findings *findings, const char *path, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    findings_add(findings, true, path, format, values);
    va_end(values);
}

const wn_finding *wn_findings_first_fault(const wn_findings *findings)
{
    for (int i = 0; i < findings->n; i++)
        if (findings->all[i].fault) return &findings->all[i];
    return NULL;
}
