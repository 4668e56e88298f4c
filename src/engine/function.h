/* SPDX-License-Identifier: MIT
 * function.h - an activation of the description as the kernels take it.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_FUNCTION_H
#define WN_ENGINE_FUNCTION_H

#include "kernels/kernels.h"
#include "model/model.h"

static inline wn_fn_param wn_function(const wn_act *a)
{
    if (a->kind == WN_ACT_PRELU && a->n_slopes == 1) /* one slope for all channels is a leaky ReLU */
        return (wn_fn_param){.fn = WN_ACT_LEAKY_RELU, .p = {a->slopes[0]}};
    return (wn_fn_param){.fn = a->kind, .p = {a->p[0], a->p[1], a->p[2], a->p[3]}, .slopes = a->slopes};
}

#endif
