/* SPDX-License-Identifier: MIT
 * pipe.h - the steps of the condition pipeline during training.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_PIPE_H
#define WN_TRAIN_PIPE_H

#include "train/net.h"

/* Frames from .. to of a clip that has `length` at this rate. */
typedef struct wn_tspan {
    int64_t from, to, length;
} wn_tspan;

/* What one stage gave over its span: before and after the activation, and the gradient. Step 0 is the feature rows. */
typedef struct wn_tstep {
    wn_tspan span;
    wn_planar_view before, value, gradient; /* [channels][span] */
} wn_tstep;

typedef struct wn_tpipe {
    wn_tstep *steps; /* [n_stages + 1] */
} wn_tpipe;

/* to->before from `from->value`, without the activation. */
void wn_tstage_forward(const wn_math *math, const wn_tstage *stage, const wn_real *theta, const wn_tstep *from,
                       wn_tstep *to);

/* From to->gradient (before the activation): weights into grad; input's added to from->gradient if wanted. */
void wn_tstage_backward(const wn_math *math, const wn_tstage *stage, const wn_real *theta, wn_real *grad,
                        wn_tstep *from, const wn_tstep *to, bool input_wanted);

#endif
