/* SPDX-License-Identifier: MIT
 * model_bank.c - holds the loaded chains of models while one of them plays.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/model_bank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "cli/file_stamp.h"
#include "cli/model_places.h"
#include "play/realtime_margin.h"

#define MEASURED 0.03 /* minimum seconds spent measuring a chain's speed */

/* A chain ready to play. A replacement has a unit of its own, so that it can start while the old one still sounds. */
typedef struct voicing {
    wn_chain chain;       /* once the unit is made, without its models */
    wn_effect_unit *unit; /* NULL before wn_model_bank_start */
    double speed;         /* times real time */
    int64_t macs;         /* multiply-accumulates per sample, of all models */
} voicing;

typedef struct watched_file {
    char path[WN_CLI_MAX_PATH];
    wn_file_stamp loaded, seen; /* version last loaded or tried; version found at the last check */
} watched_file;

typedef struct slot {
    watched_file *files; /* [n_models] of the models, then the cabinet */
    const char **models; /* [n_models] their paths */
    int n_models, n_files;
    char name[256];
    voicing *voicing;
} slot;

struct wn_model_bank {
    wn_model_bank_config c;
    slot *slots;   /* [c.n] */
    double rate;   /* Hz, of all models */
    wn_live *live; /* NULL before wn_model_bank_start */
    double live_rate;
    int frames; /* usual block length */
    int chosen;
    double trim;
    wn_effect_unit *sounding, *coming; /* in the live's hands */
    wn_effect_unit *dry;               /* passes the sound */
    bool under_way;                    /* `coming` was sent to live, which has not yet returned `sounding` */
};

/* ---- chains ready to play --------------------------------------------------------------------------------------- */

static bool is_with_live(const wn_model_bank *r, const wn_effect_unit *unit)
{
    return unit == r->sounding || unit == r->coming;
}

/* A unit that the live has yet is freed when it comes back. */
static void voicing_free(const wn_model_bank *r, voicing *v)
{
    if (!v) return;
    if (!is_with_live(r, v->unit)) wn_effect_unit_free(v->unit);
    wn_chain_free(&v->chain);
    free(v);
}

static wn_status check_models(const wn_chain *c, const char *const *names, wn_error *error)
{
    wn_status status = WN_OK;
    for (int i = 0; i < c->n_effects && !status; i++) status = wn_effect_unit_check(c->models[i], names[i], error);
    return status;
}

/* Load the models only; voicing_begin makes the unit. */
static wn_status voicing_load(voicing **out, const wn_model_bank *r, const slot *s, wn_error *error)
{
    voicing *v = *out = calloc(1, sizeof *v);
    if (!v) return wn_fail_memory(error, NULL);
    wn_status status = wn_chain_load(&v->chain, s->models, s->n_models, r->c.cabinet, r->c.effect, error);
    if (!status) status = check_models(&v->chain, s->models, error);
    for (int i = 0; i < v->chain.n && !status; i++) v->macs += wn_model_get_info(v->chain.models[i]).macs;
    return status;
}

/* Compute the speed from the shortest of some blocks, because interruptions lengthen the others. */
static wn_status voicing_measure(voicing *v, double rate, int frames, wn_error *error)
{
    const wn_effect_levels levels = {.normalizes = false};
    float *block = calloc((size_t)frames * 2, sizeof *block);
    if (!block) return wn_fail_memory(error, NULL);
    double began = wn_clock_seconds(), shortest = INFINITY;
    for (int i = 0; i < 3 || wn_clock_seconds() - began < MEASURED; i++) {
        double start = wn_clock_seconds();
        wn_effect_unit_run(v->unit, &levels, frames, block, block + frames);
        shortest = fmin(shortest, wn_clock_seconds() - start);
    }
    v->speed = frames / rate / fmax(shortest, 1e-9);
    wn_effect_unit_prewarm(v->unit);
    free(block);
    return WN_OK;
}

static wn_status voicing_begin(voicing *v, const wn_model_bank *r, wn_error *error)
{
    wn_effect_unit_config config = {.rate = r->live_rate, .max_frames = r->frames, .cpu = r->c.cpu};
    wn_status status = wn_chain_make_unit(&v->chain, &v->unit, config, error);
    return status ? status : voicing_measure(v, r->live_rate, r->frames, error);
}

static wn_status check_speed(const slot *s, const voicing *v, wn_error *error)
{
    if (v->speed >= 1) return WN_OK;
    double fits = v->speed / WN_REALTIME_MARGIN * (double)v->macs;
    return wn_fail(error, WN_ERROR_UNSUPPORTED, s->models[s->n_models - 1],
                   "too slow to be played live here: %.2f x real time; what would fit: a model of %.0f thousand "
                   "multiply-accumulates a sample (this one: %.0f)",
                   v->speed, fits / 1000, (double)v->macs / 1000);
}

/* ---- files ---------------------------------------------------------------------------------------------------- */

/* The names, without folders. */
static void name_slot(slot *s)
{
    char all[WN_CLI_MAX_PATH] = "";
    size_t used = 0;
    for (int i = 0; i < s->n_files && used < sizeof all; i++) {
        const char *path = s->files[i].path, *slash = strrchr(path, '/');
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? " + " : "", slash ? slash + 1 : path);
    }
    wn_cli_clean(s->name, sizeof s->name, all);
}

static wn_status check_rate(const wn_model_bank *r, const slot *s, const voicing *v, wn_error *error)
{
    if (v->chain.rate == r->rate) return WN_OK;
    return wn_fail(error, WN_ERROR_UNSUPPORTED, s->models[0],
                   "made for %g Hz, the first model for %g: all must be of one rate", v->chain.rate, r->rate);
}

static wn_status find_files(slot *s, const wn_model_bank_chain *chain, const char *cabinet, wn_error *error)
{
    s->n_models = chain->n;
    s->n_files = chain->n + (cabinet != NULL);
    s->files = calloc((size_t)s->n_files, sizeof *s->files);
    s->models = calloc((size_t)s->n_models, sizeof *s->models);
    if (!s->files || !s->models) return wn_fail_memory(error, NULL);
    for (int i = 0; i < s->n_models; i++) {
        s->models[i] = s->files[i].path;
        wn_status status = wn_cli_find_model(s->files[i].path, sizeof s->files[i].path, chain->models[i], error);
        if (status) return status;
    }
    if (cabinet && (size_t)snprintf(s->files[s->n_models].path, WN_CLI_MAX_PATH, "%s", cabinet) >= WN_CLI_MAX_PATH)
        return wn_fail(error, WN_ERROR_FILE, "--cab", "a name of more than %d bytes", WN_CLI_MAX_PATH - 1);
    return WN_OK;
}

static wn_status load_slot(wn_model_bank *r, int i, wn_error *error)
{
    slot *s = &r->slots[i];
    wn_status status = find_files(s, &r->c.chains[i], r->c.cabinet, error);
    if (status) return status;
    name_slot(s);
    for (int k = 0; k < s->n_files; k++) s->files[k].loaded = s->files[k].seen = wn_file_stamp_of(s->files[k].path);
    status = voicing_load(&s->voicing, r, s, error);
    if (!status && i == 0) r->rate = s->voicing->chain.rate;
    if (!status) status = check_rate(r, s, s->voicing, error);
    if (status) return status;
    if (s->n_files > 1) wn_cli_note(r->c.status_line->cli, "chain %d: %s", i + 1, s->name);
    wn_chain_note(&s->voicing->chain, r->c.status_line->cli);
    return WN_OK;
}

/* ---- making --------------------------------------------------------------------------------------------------- */

wn_status wn_model_bank_new(wn_model_bank **out, const wn_model_bank_config *config, wn_error *error)
{
    *out = NULL;
    wn_model_bank *r = calloc(1, sizeof *r);
    if (r) r->slots = calloc((size_t)config->n, sizeof *r->slots);
    if (!r || !r->slots) {
        free(r);
        return wn_fail_memory(error, NULL);
    }
    r->c = *config;
    wn_status status = WN_OK;
    for (int i = 0; i < r->c.n && !status; i++) status = load_slot(r, i, error);
    if (status)
        wn_model_bank_free(r);
    else
        *out = r;
    return status;
}

void wn_model_bank_free(wn_model_bank *r)
{
    if (!r) return;
    for (int i = 0; i < r->c.n; i++) {
        voicing_free(r, r->slots[i].voicing);
        free(r->slots[i].files);
        free(r->slots[i].models);
    }
    if (!is_with_live(r, r->dry)) wn_effect_unit_free(r->dry);
    free(r->slots);
    free(r);
}

wn_status wn_model_bank_start(wn_model_bank *r, wn_live *live, double rate, int frames, wn_error *error)
{
    wn_status status = wn_effect_unit_new(&r->dry, NULL, 0, &(wn_effect_unit_config){.rate = rate}, error);
    r->live = live;
    r->live_rate = rate;
    r->frames = frames;
    for (int i = 0; i < r->c.n && !status; i++) status = voicing_begin(r->slots[i].voicing, r, error);
    if (!status) status = check_speed(&r->slots[0], r->slots[0].voicing, error);
    if (!status) wn_model_bank_poll(r);
    return status;
}

/* ---- playing -------------------------------------------------------------------------------------------------- */

double wn_model_bank_get_rate(const wn_model_bank *r) { return r->rate; }

int wn_model_bank_get_current(const wn_model_bank *r) { return r->chosen; }

int wn_model_bank_get_count(const wn_model_bank *r) { return r->c.n; }

const char *wn_model_bank_get_name(const wn_model_bank *r, int index)
{
    return index == WN_MODEL_BANK_NONE ? "dry" : r->slots[index].name;
}

double wn_model_bank_get_latency(const wn_model_bank *r)
{
    if (r->chosen == WN_MODEL_BANK_NONE) return 0;
    return wn_effect_unit_get_latency(r->slots[r->chosen].voicing->unit) / r->live_rate;
}

static void report_unchanged(const wn_model_bank *r, const wn_error *error, const char *consequence)
{
    wn_status_line_clear(r->c.status_line);
    wn_cli_note(r->c.status_line->cli, "%s%s%s; %s", error->where, *error->where ? ": " : "", error->message,
                consequence);
}

void wn_model_bank_select(wn_model_bank *r, int index)
{
    wn_error error = {0};
    if (index < WN_MODEL_BANK_NONE || index >= r->c.n) return;
    if (index != WN_MODEL_BANK_NONE && check_speed(&r->slots[index], r->slots[index].voicing, &error)) {
        report_unchanged(r, &error, "nothing changes");
        return;
    }
    r->chosen = index;
}

static wn_effect_unit *chosen_unit(const wn_model_bank *r)
{
    return r->chosen == WN_MODEL_BANK_NONE ? r->dry : r->slots[r->chosen].voicing->unit;
}

static void set_gains(const wn_model_bank *r)
{
    wn_live_set_gains(r->live, 0, r->chosen == WN_MODEL_BANK_NONE ? 0 : r->trim);
}

void wn_model_bank_set_trim(wn_model_bank *r, double db)
{
    r->trim = db;
    set_gains(r);
}

static bool is_in_use(const wn_model_bank *r, const wn_effect_unit *unit)
{
    for (int i = 0; i < r->c.n; i++)
        if (r->slots[i].voicing->unit == unit) return true;
    return unit == r->dry;
}

/* Prewarm the retired unit for its next use. Free it if its slot holds a replacement, or if it is the live's own first one. */
static void take_retired_unit(wn_model_bank *r)
{
    wn_effect_unit *retired = r->under_way ? wn_live_take_retired(r->live) : NULL;
    if (!retired) return;
    if (is_in_use(r, retired))
        wn_effect_unit_prewarm(retired);
    else
        wn_effect_unit_free(retired);
    r->sounding = r->coming;
    r->coming = NULL;
    r->under_way = false;
}

/* Send the next unit only after live has returned the previous one. */
void wn_model_bank_poll(wn_model_bank *r)
{
    take_retired_unit(r);
    wn_effect_unit *unit = chosen_unit(r);
    if (r->under_way || unit == r->sounding) return;
    r->coming = unit;
    r->under_way = true;
    wn_live_send(r->live, unit);
    set_gains(r);
}

/* ---- watching ------------------------------------------------------------------------------------------------- */

static wn_status make_again(voicing **out, const wn_model_bank *r, const slot *s, wn_error *error)
{
    wn_status status = voicing_load(out, r, s, error);
    if (!status) status = check_rate(r, s, *out, error);
    if (!status) status = voicing_begin(*out, r, error);
    return status ? status : check_speed(s, *out, error);
}

static void load_again(wn_model_bank *r, slot *s, const char *path)
{
    voicing *v, *old = s->voicing;
    wn_error error = {0};
    if (make_again(&v, r, s, &error)) {
        voicing_free(r, v);
        report_unchanged(r, &error, "the old one stays");
        return;
    }
    s->voicing = v;
    voicing_free(r, old);
    wn_status_line_clear(r->c.status_line);
    wn_cli_note(r->c.status_line->cli, "%s: loaded again", path);
}

static void look_at(wn_model_bank *r, slot *s, watched_file *f)
{
    wn_file_stamp now = wn_file_stamp_of(f->path), before = f->seen;
    f->seen = now;
    if (!wn_file_stamp_is_same(&now, &before) || wn_file_stamp_is_same(&now, &f->loaded)) return;
    f->loaded = now;
    if (now.there) {
        load_again(r, s, f->path);
    } else {
        wn_status_line_clear(r->c.status_line);
        wn_cli_note(r->c.status_line->cli, "%s: the file is gone; the old one stays", f->path);
    }
}

void wn_model_bank_watch(wn_model_bank *r)
{
    for (int i = 0; i < r->c.n; i++)
        for (int k = 0; k < r->slots[i].n_files; k++) look_at(r, &r->slots[i], &r->slots[i].files[k]);
}
