/* SPDX-License-Identifier: MIT
 * reference.h - what a description means, in double precision over a whole signal at once: no rings, no blocks, no plan.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TESTS_REFERENCE_H
#define WN_TESTS_REFERENCE_H

#include "model/model.h"

/* One voice's whole input. */
typedef struct ref_input {
    int frames;
    const float *pcm;       /* [frames][input channels], or NULL */
    const int32_t *classes; /* [frames], or NULL */
    const float *local;     /* [frames][local channels], or NULL: zeros */
    const float *held;      /* [frames][held channels], what is held at each frame, or NULL: zeros */
} ref_input;

/* Network output [frames][output_channels], the caller frees it. *peak: the largest magnitude met anywhere inside, to
 * which float32 errors are in proportion. */
double *ref_network(const wn_model *model, const ref_input *input, double *peak);

/* One activation of channel `c`. */
double ref_act(const wn_act *act, int c, double x);

/* All rows after the condition's stages, [*rows_out][*channels_out], the caller frees it; NULL if nothing is left. */
double *ref_pipeline(const wn_condition *condition, const float *in, int rows, int *rows_out, int *channels_out);

#endif
