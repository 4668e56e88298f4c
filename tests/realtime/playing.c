/* SPDX-License-Identifier: MIT
 * playing.c - see playing.h.
 * Copyright (c) 2026 the wavenet authors */
#include <stdlib.h>
#include <time.h>

#include "playing.h"

enum { RATE = 16000, LENGTH = RATE, BLOCKS = 10, MOST_READS = 100000 };

static void rest(int thousandths) { nanosleep(&(struct timespec){.tv_nsec = thousandths * 1000000L}, NULL); }

static int source(void *user, float *pcm, int frames)
{
    playing *p = user;
    rest(atomic_load(&p->late));
    if (p->probes) wn_player_probe_latency(p->player, 0);
    int n = LENGTH - p->generated < frames ? LENGTH - p->generated : frames;
    for (int t = 0; t < n; t++) pcm[t] = (float)(p->generated++ % 100) / 100 - 0.5f;
    return n;
}

playing *playing_new(int index)
{
    static const double rates[] = {RATE, 44100};
    playing *p = calloc(1, sizeof *p);
    if (!p) abort();
    p->fades = p->probes = index / 2 % 2;
    wn_player_config config = {
        .source = source, .user = p, .rate = RATE, .device_rate = rates[index % 2], .latency = 0.05};
    if (wn_player_new(&p->player, &config, NULL) || wn_player_start(p->player, NULL)) abort();
    while (!wn_player_get_stats(p->player).prefilled) rest(1);
    atomic_store(&p->late, 20);
    return p;
}

void playing_free(playing *p)
{
    wn_player_free(p->player);
    free(p);
}

void playing_run(playing *p)
{
    for (int i = 0; i < BLOCKS; i++, p->reads++)
        wn_player_read(p->player, p->out, 1 + p->reads * 7 % LONGEST_READ, 0.01);
}

int playing_rest(playing *p)
{
    wn_player_stats counts = wn_player_get_stats(p->player);
    if (p->reads > MOST_READS) abort(); /* it does not come to its end */
    if (counts.underruns > 2) atomic_store(&p->late, 0);
    if (counts.underruns > 2 && p->fades) wn_player_fade_out(p->player);
    rest(5);
    return !counts.finished;
}
