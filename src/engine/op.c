/* SPDX-License-Identifier: MIT
 * op.c - names of operations.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/op.h"

#include <stdio.h>

#include "model/tensors.h"

const char *wn_op_kind_name(wn_op_kind kind)
{
    static const char *const names[] = {"conv", "embed", "activate", "gate", "blend", "add", "scale", "film"};
    return names[kind];
}

static void role_name(const wn_op *op, char *name, size_t size)
{
    static const char *const roles[] = {[WN_ROLE_RECHANNEL] = "rechannel",
                                        [WN_ROLE_HELD] = "held",
                                        [WN_ROLE_MIXIN] = "mixin",
                                        [WN_ROLE_CONV] = "conv",
                                        [WN_ROLE_FILM] = "film",
                                        [WN_ROLE_ACTIVATION] = "activation",
                                        [WN_ROLE_SKIP] = "skip",
                                        [WN_ROLE_RESIDUAL] = "residual",
                                        [WN_ROLE_STACK_HEAD] = "head",
                                        [WN_ROLE_HEAD_SCALE] = "head.scale",
                                        [WN_ROLE_HEAD] = "head"};
    if (op->role == WN_ROLE_FILM)
        snprintf(name, size, "film.%s", wn_film_name(op->place));
    else if (op->role == WN_ROLE_HEAD)
        snprintf(name, size, "head.%d", op->place);
    else
        snprintf(name, size, "%s", roles[op->role]);
}

void wn_op_name(const wn_op *op, char name[WN_OP_NAME])
{
    size_t at = 0;
    if (op->link >= 0) at += (size_t)snprintf(name + at, WN_OP_NAME - at, "chain.%d.", op->link);
    for (int i = 0; i < op->depth; i++) at += (size_t)snprintf(name + at, WN_OP_NAME - at, "condition.");
    if (op->stack >= 0) at += (size_t)snprintf(name + at, WN_OP_NAME - at, "stacks.%d.", op->stack);
    if (op->layer >= 0) at += (size_t)snprintf(name + at, WN_OP_NAME - at, "layers.%d.", op->layer);
    role_name(op, name + at, WN_OP_NAME - at);
}
