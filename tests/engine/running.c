/* SPDX-License-Identifier: MIT
 * running.c - see running.h.
 * Copyright (c) 2026 the wavenet authors */
#include "running.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/compile.h"

/* Every voice's signal interleaved as a stream takes it. */
typedef struct rows {
    float *pcm, *local, *out;
    int32_t *classes;
    drawn_signal **voice; /* [voices] */
} rows;

typedef struct session {
    const wn_model *m;
    const running *how;
    wn_stream *stream;
    int voices, frames;
    chance chance;
} session;

static void *need(void *p)
{
    if (!p) abort();
    return p;
}

static void spoil(chance *c, drawn_signal *s, int channels)
{
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 5; i++) s->pcm[chance_int(c, 0, s->frames * channels - 1)] = bad[i % 3];
    s->classes[chance_int(c, 0, s->frames - 1)] = -7;
}

static void interleave(float *to, const float *from, int frames, int voices, int voice, int channels)
{
    for (int t = 0; t < frames; t++)
        memcpy(to + ((ptrdiff_t)t * voices + voice) * channels, from + (ptrdiff_t)t * channels,
               (size_t)channels * sizeof *to);
}

static rows rows_new(session *s, const drawn_signal *ours)
{
    const wn_model *m = s->m;
    size_t n = (size_t)s->frames * (size_t)s->voices;
    int local = m->condition.source == WN_CONDITION_INPUT ? 0 : m->condition.local_channels;
    rows r = {.pcm = need(calloc(n * (size_t)m->input.channels, sizeof(float))),
              .local = need(calloc(n * (size_t)local + 1, sizeof(float))),
              .out = need(calloc(n * (size_t)m->output_channels, sizeof(float))),
              .classes = need(calloc(n, sizeof(int32_t))),
              .voice = need(calloc((size_t)s->voices, sizeof(drawn_signal *)))};
    for (int v = 0; v < s->voices; v++) {
        if (v != s->how->voice) {
            r.voice[v] = drawn_signal_new(&s->chance, m, s->frames);
            if (s->how->bad_others) spoil(&s->chance, r.voice[v], m->input.channels);
        }
        const drawn_signal *x = r.voice[v] ? r.voice[v] : ours;
        interleave(r.pcm, x->pcm, s->frames, s->voices, v, m->input.channels);
        interleave(r.local, x->local, s->frames, s->voices, v, local);
        for (int t = 0; t < s->frames; t++) r.classes[t * s->voices + v] = x->classes[t];
    }
    return r;
}

static void rows_free(session *s, rows *r)
{
    for (int v = 0; v < s->voices; v++) drawn_signal_free(r->voice[v]);
    free(r->voice);
    free(r->pcm);
    free(r->local);
    free(r->out);
    free(r->classes);
}

/* Hold what is new at frame t; returns the frame up to which it stays. */
static int hold(session *s, const rows *r, const drawn_signal *ours, int t)
{
    int until = s->frames, held = s->m->condition.held_channels;
    for (int v = 0; v < s->voices; v++) {
        const drawn_signal *x = r->voice[v] ? r->voice[v] : ours;
        for (int i = 0; i < DRAWN_HOLDS; i++) {
            if (x->change[i] == t && held) wn_stream_set_condition(s->stream, v, x->held + (ptrdiff_t)t * held);
            if (x->change[i] > t && x->change[i] < until) until = x->change[i];
        }
    }
    return held ? until : s->frames;
}

static void run_all(session *s, const rows *r, const drawn_signal *ours)
{
    const wn_model *m = s->m;
    bool local = m->condition.local_channels && m->condition.source != WN_CONDITION_INPUT;
    for (int t = 0, n; t < s->frames; t += n) {
        int block = s->how->block;
        n = block > 0 ? block : block < 0 ? chance_int(&s->chance, 1, -block) : s->frames;
        int until = hold(s, r, ours, t);
        n = n < until - t ? n : until - t;
        ptrdiff_t row = (ptrdiff_t)t * s->voices;
        wn_block b = {.frames = n, .out = r->out + row * m->output_channels};
        if (m->input.n_classes)
            b.classes = r->classes + row;
        else
            b.pcm = r->pcm + row * m->input.channels;
        if (local) b.local = r->local + row * m->condition.local_channels;
        wn_stream_run(s->stream, &b);
    }
}

static void warm_up(session *s)
{
    drawn_signal *other = drawn_signal_new(&s->chance, s->m, s->frames);
    rows r = rows_new(s, other);
    run_all(s, &r, other);
    rows_free(s, &r);
    drawn_signal_free(other);
    wn_stream_reset(s->stream);
}

float *running_output(const wn_model *m, const drawn_signal *signal, const running *how, int64_t *bad)
{
    wn_plan *plan;
    wn_error error;
    session s = {.m = m, .how = how, .voices = how->voices ? how->voices : 1, .frames = signal->frames, .chance = {42}};
    wn_plan_config config = {
        .max_frames = how->max_frames, .voices = s.voices, .cpu = how->cpu, .precision = how->precision};
    if (wn_plan_build(&plan, m, &config, how->hooks, &error) || wn_stream_new(&s.stream, plan, &error)) {
        printf("%s: %s\n", error.where, error.message);
        abort();
    }
    if (how->after_reset) warm_up(&s);
    rows r = rows_new(&s, signal);
    run_all(&s, &r, signal);
    float *out = need(calloc((size_t)s.frames * (size_t)m->output_channels, sizeof *out));
    for (int t = 0; t < s.frames; t++)
        memcpy(out + (ptrdiff_t)t * m->output_channels,
               r.out + ((ptrdiff_t)t * s.voices + how->voice) * m->output_channels,
               (size_t)m->output_channels * sizeof *out);
    if (bad) *bad = wn_stream_get_nonfinite_samples(s.stream);
    rows_free(&s, &r);
    wn_stream_free(s.stream);
    wn_plan_free(plan);
    return out;
}

bool running_is_exact(void)
{
    bool exact =
        wn_cpu_is_available(WN_CPU_AVX2) || wn_cpu_is_available(WN_CPU_AVX512) || wn_cpu_is_available(WN_CPU_NEON);
    if (!exact)
        printf("skipped: the kernels here have no FMA; they agree with the reference to a bound, not in bits\n");
    return exact;
}
