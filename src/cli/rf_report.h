/* SPDX-License-Identifier: MIT
 * rf_report.h - receptive fields as a table, CSV or JSON.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_CLI_RF_REPORT_H
#define WN_CLI_RF_REPORT_H

#include <jansson.h>

#include "analysis/field.h"
#include "analysis/measure.h"

/* Layers with dilations that leave no holes. */
typedef struct wn_rf_suggestion {
    int n, changed;  /* layers; those with another dilation */
    int sum;         /* of |new - old| over their dilations */
    wn_spec *layers; /* [n]; NULL: not asked */
    wn_field field;
} wn_rf_suggestion;

/* Everything that the report prints. */
typedef struct wn_rf_report {
    wn_field field;
    double rate;        /* Hz; 0 = unknown */
    int64_t input_size; /* 0 = not asked */
    bool is_model, is_measured;
    bool has_stacks; /* the layers several times */
    bool cost;       /* also weights and multiply-accumulates */
    wn_rf_suggestion suggestion;
    bool positions; /* also what is known of every single position */
    wn_measure measure;
} wn_rf_report;

void wn_rf_table(const wn_rf_report *report);
void wn_rf_csv(const wn_rf_report *report);
/* A new reference, or NULL if memory fails. */
json_t *wn_rf_json(const wn_rf_report *report);

#endif
