/* SPDX-License-Identifier: MIT
 * pair_check.h - whether the equipment of a pair stayed the same: its level, its repetition, its hum.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_PAIR_CHECK_H
#define WN_TRAIN_PAIR_CHECK_H

#include "train/take.h"

/* Compare the output's level and tone, at equal input, before and after each eighth: a knob that was turned. */
wn_status wn_pair_check_level(const wn_pair *pair, double rate, wn_spool *spool, wn_findings *findings,
                              wn_error *error);

/* Find out whether the end of the input repeats an earlier part, and by how much the outputs differ: the ESR that no
 * capture can fall below. Sets pair->repeat…. */
wn_status wn_pair_check_repeat(wn_pair *pair, double rate, wn_spool *spool, wn_findings *findings, wn_error *error);

/* Look for mains hum and noise in the output where the input is silent. */
wn_status wn_pair_check_hum(const wn_pair *pair, double rate, wn_spool *spool, wn_findings *findings, wn_error *error);

#endif
