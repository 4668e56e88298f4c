/* SPDX-License-Identifier: MIT
 * crew.h - a few threads that share a list of jobs.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_AUDIO_CREW_H
#define WN_AUDIO_CREW_H

#include <stdbool.h>

#include "model/model.h"

typedef struct wn_crew wn_crew;

/* Do job `item` on thread `thread` (0 .. threads-1). Which thread does what is left to chance: results must not depend
 * on it. */
typedef void wn_job(void *user, int thread, int item);

/* Urgent: as wn_thread_start has it; the caller's own priority is the caller's. */
wn_status wn_crew_new(wn_crew **out, int threads, bool realtime_priority, wn_error *error);
void wn_crew_free(wn_crew *crew);

/* Threads there are, with the caller: fewer than asked for where some could not be started. */
int wn_crew_threads(const wn_crew *crew);

/* Do jobs 0 .. items-1, and return when all are done. The caller works too. */
void wn_crew_run(wn_crew *crew, wn_job *job, void *user, int items);

#endif
