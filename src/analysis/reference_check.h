/* SPDX-License-Identifier: MIT
 * reference_check.h - gradients of a small network against central differences, or against those somebody claims.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ANALYSIS_REFERENCE_CHECK_H
#define WN_ANALYSIS_REFERENCE_CHECK_H

#include "analysis/reference.h"

/* Central differences of analytic functions, extrapolated from two steps, agree to about 1e-10. */
#define WN_REFERENCE_STEP 0x1p-13
#define WN_REFERENCE_TOLERANCE 1e-6

enum { WN_REFERENCE_TENSOR_NAME = 24 };

/* One array of numbers of which the loss has a gradient. */
typedef struct wn_reference_tensor {
    char name[WN_REFERENCE_TENSOR_NAME]; /* "input", "1.weight", "1.bias": the layer's number and the role */
    int layer;                           /* index; -1: the input */
    double *values, *gradient;           /* [count], owned by the network */
    int64_t count;
    int rank; /* 1 to 4 */
    int64_t shape[4];
} wn_reference_tensor;

/* Number of tensors: the input, then weights and bias of each layer that has some. */
int wn_reference_tensors(const wn_reference *reference);
wn_reference_tensor wn_reference_tensor_at(const wn_reference *reference, int index);

/* WN_OK if all outputs are finite, and after a backward pass the loss and all gradients, too. WN_ERROR_UNSUPPORTED names
 * the first layer whose numbers overflow. */
wn_status wn_reference_check_finite(const wn_reference *reference, bool backward, const char *where, wn_error *error);

/* How far the gradients of one tensor are from central differences. Errors are relative to the largest gradient of the
 * tensor, or to 1e-4 of the sum of the loss's terms where that is larger: roundings of the loss, 2e-16 of those terms,
 * over a step of 1e-4 then stay below 1e-7. */
typedef struct wn_reference_difference {
    int64_t checked, skipped; /* skipped: a kink or another route within the step */
    double worst;             /* largest error */
    int64_t worst_at;         /* its index */
    double difference;        /* central difference there */
    bool overflow;            /* a difference was not finite; the check failed */
} wn_reference_difference;

/* Check tensor number `index` after a backward pass. Values and outputs are as before. WN_ERROR_UNSUPPORTED if that many
 * forward passes would take too long, or a difference is not finite. */
wn_status wn_reference_differentiate(wn_reference_difference *out, wn_reference *reference, int index, wn_error *error);

/* Indices in which `claimed` [count] differs from the tensor's gradient by more than `tolerance` of the larger of 1 and
 * its largest entry, up to `max` of them in `off`. Returns their number. */
int64_t wn_reference_compare(const wn_reference_tensor *tensor, const double *claimed, double tolerance, int64_t *off,
                             int64_t max);

/* Write the place of an entry, such as "[0][2][1]", as the tensor's shape counts it. */
void wn_reference_entry_name(char *text, size_t size, int rank, const int64_t *shape, int64_t index);

#endif
