/* SPDX-License-Identifier: MIT
 * conv_report.h - what wavenet conv found out: a network after its passes, and the checks of its gradients.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_CONV_REPORT_H
#define WN_CLI_CONV_REPORT_H

#include "analysis/reference_check.h"
#include "cli/values.h"

/* Claimed gradients of one tensor, against the computed ones. */
typedef struct wn_conv_claim {
    wn_reference_tensor tensor;
    const double *claimed; /* [tensor.count] */
    int64_t off;           /* entries that differ */
    int64_t *at;           /* [off] their indices */
} wn_conv_claim;

typedef struct wn_conv_report {
    wn_reference *network; /* after the passes that are reported */
    bool matrix, backward;
    double tolerance; /* of the check */
    int n_differences;
    wn_reference_difference *differences; /* [wn_reference_tensors] or NULL */
    int n_claims;
    wn_conv_claim *claims;
} wn_conv_report;

/* WN_OK if some layer has a matrix and every one is small enough to print. */
wn_status wn_conv_report_check_matrix(const wn_conv_report *report, wn_error *error);

/* The matrix C [outputs][inputs] of a convolution, transposed convolution or dense layer: y = C x + bias. To be freed with
 * free(); NULL if memory fails. */
double *wn_conv_report_matrix(const wn_reference_layer *layer);

enum { WN_CONV_SOURCE_NAME = 24 };

/* "layer 3", "sum 1", or "the input" (layer -1). */
void wn_conv_report_source_name(char text[WN_CONV_SOURCE_NAME], const wn_reference *network, int layer);

/* Compare all gradients with central differences. */
wn_status wn_conv_report_differentiate(wn_conv_report *report, wn_error *error);

/* Compare the gradients called "2.weight", "2.bias" or "input" with `claims`, which must outlive the report. */
wn_status wn_conv_report_claim(wn_conv_report *report, const wn_value_list *claims, wn_error *error);

/* Whether every comparison is within the tolerance; true if there was none. */
bool wn_conv_report_agrees(const wn_conv_report *report);

void wn_conv_report_free(wn_conv_report *report);

#endif
