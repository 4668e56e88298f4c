/* SPDX-License-Identifier: MIT
 * interleaved.c - steps of an interleaved program under construction.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/interleaved.h"

wn_step *wn_interleaved_add(wn_interleaved *program, wn_builder *b, wn_op_kind kind, int op)
{
    const wn_op *o = &b->plan->ops.op[op];
    if (b->failed) return NULL;
    wn_step *s = &program->steps[program->n_steps];
    program->step_of[op - program->first_op] = program->n_steps++;
    *s = (wn_step){
        .kind = kind, .op = op, .n_ops = 1, .layer = o->layer, .src = -1, .dst = -1, .second = -1, .scale = o->scale};
    return s;
}

wn_conv_step *wn_interleaved_add_conv(wn_interleaved *program, wn_builder *b, int op)
{
    wn_step *s = wn_interleaved_add(program, b, b->plan->ops.op[op].kind, op);
    wn_conv_step *c = wn_builder_alloc(b, 1, sizeof *c);
    if (s) s->conv = c;
    return b->failed ? NULL : c;
}

/* Rows that were made for several frames, and parts of wider ones, come from what is done in bulk. */
void wn_interleaved_set_init(const wn_builder *b, wn_conv_step *c, const wn_op *op)
{
    c->bias = op->bias;
    if (op->add == WN_NO_VALUE) return;
    const wn_value *v = &b->plan->ops.value[op->add];
    c->add = b->plan->place[op->add];
    c->init = v->rate == WN_RATE_HELD ? WN_INIT_HELD : c->add.width > v->channels ? WN_INIT_AHEAD : WN_INIT_ROWS;
}
