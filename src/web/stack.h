/* SPDX-License-Identifier: MIT
 * stack.h - the receptive field of layers that a reader types, ready to be drawn in the browser.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_WEB_STACK_H
#define WN_WEB_STACK_H

#include "web/web.h"

enum { WN_WEB_MAX_LINES = 16384 }; /* connections that are drawn; more would hide each other */

typedef struct wn_web_stack wn_web_stack;

/* The layers `text`: in the language of --layers or, with kernel > 0, a list of dilations of causal layers of that kernel size.
 * NULL on failure. */
wn_web_stack *wn_web_stack_new(int kernel, const char *text) WN_WEB_EXPORT(stack_new);

/* NULL is allowed. */
void wn_web_stack_free(wn_web_stack *stack) WN_WEB_EXPORT(stack_free);

int wn_web_stack_layers(const wn_web_stack *stack) WN_WEB_EXPORT(stack_layers);

/* Layer 0 .. layers - 1: its name, valid until the next call; its receptive field in input positions; the share of them that
 * reaches the output. */
const char *wn_web_stack_name(const wn_web_stack *stack, int layer) WN_WEB_EXPORT(stack_name);
double wn_web_stack_field(const wn_web_stack *stack, int layer) WN_WEB_EXPORT(stack_field);
double wn_web_stack_coverage(const wn_web_stack *stack, int layer) WN_WEB_EXPORT(stack_coverage);

/* Connections that lead to one output, at most WN_WEB_MAX_LINES: [lines][4], the input time of the source, its level (0: the
 * input), the time of the target, its level. 0 lines where there are more, and where the layers have branches. */
int wn_web_stack_lines(const wn_web_stack *stack) WN_WEB_EXPORT(stack_lines);
const float *wn_web_stack_line(const wn_web_stack *stack) WN_WEB_EXPORT(stack_line);

#endif
