/* SPDX-License-Identifier: MIT
 * feature.h - how controls become channels: one row per kind of feature.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_MODEL_FEATURE_H
#define WN_MODEL_FEATURE_H

#include "model/check.h"
#include "model/key.h"

/* One control at one sample. */
typedef struct wn_control_state {
    double value;
    int64_t since_on, since_off; /* samples since the gate last went on, off; -1 = it never did */
} wn_control_state;

/* A gate is on from this value. */
static inline bool wn_gate_is_on(double value) { return value >= 0.5; }

/* The properties of one kind. */
typedef struct wn_feature_type {
    const char *name;   /* in config files */
    const wn_key *keys; /* beside kind and control */

    /* Fields before the keys are read: what an absent key means for this control. */
    void (*set_defaults)(wn_feature *feature, const wn_model_control *control);

    /* Parameters of a complete feature; n is already in range. */
    wn_status (*check)(const wn_check *check, const wn_feature *feature, const wn_model_control *control,
                       double sample_rate);

    /* The channels row [n]. Real-time safe. */
    void (*value)(const wn_feature *feature, const wn_control_state *state, double sample_rate, float *row);

    /* One line for a reader: what follows the control's name. */
    void (*describe)(const wn_feature *feature, char *text, size_t size);
} wn_feature_type;

extern const wn_feature_type wn_feature_types[WN_FEATURE_COUNT];

#endif
