/* SPDX-License-Identifier: MIT
 * stage.h - a stage of the condition pipeline over a span of a clip: forward, and backward.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_STAGE_H
#define WN_TRAIN_STAGE_H

#include "train/structure.h"

/* Frames from .. to of a clip that has `length` at this rate. */
typedef struct wn_tspan {
    int64_t from, to, length;
} wn_tspan;

/* What one stage gave over its span: before and after the activation, and the gradient. Step 0 is the feature rows. */
typedef struct wn_tstep {
    wn_tspan span;
    wn_planar_view before, value, gradient; /* [channels][span] */
} wn_tstep;

/* to->before from `from->value`, without the activation. */
void wn_tstage_forward(const wn_math *math, const wn_tstage *stage, const wn_real *theta, const wn_tstep *from,
                       wn_tstep *to);

/* From to->gradient (before the activation): weights into grad; input's added to from->gradient if wanted. */
void wn_tstage_backward(const wn_math *math, const wn_tstage *stage, const wn_real *theta, wn_real *grad,
                        wn_tstep *from, const wn_tstep *to, bool input_wanted);

/* The same by the terms of wn_stage_type, for kinds without faster loops, and to check those loops. */
void wn_tstage_forward_terms(const wn_math *math, const wn_tstage *stage, const wn_real *theta, const wn_tstep *from,
                             wn_tstep *to);
void wn_tstage_backward_terms(const wn_math *math, const wn_tstage *stage, const wn_real *theta, wn_real *grad,
                              wn_tstep *from, const wn_tstep *to, bool input_wanted);

#endif
