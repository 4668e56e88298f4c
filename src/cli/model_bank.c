/* SPDX-License-Identifier: MIT
 * model_bank.c - holds the loaded effects while one of them plays.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/model_bank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "cli/model_places.h"
#include "model/model.h"
#include "play/realtime_margin.h"

#define MEASURED 0.03 /* minimum seconds spent measuring a model's speed */

/* An effect with a plan and a stream of its own, so that a replacement can start while the old one still sounds. */
typedef struct unit {
    wn_effect effect;
    wn_plan *plan;
    wn_stream *stream;
    double speed; /* times real time */
} unit;

/* Identifies one version of a file. */
typedef struct stamp {
    bool there;
    dev_t device;
    ino_t file;
    off_t size;
    struct timespec changed;
} stamp;

typedef struct slot {
    char path[4096]; /* of the file */
    char name[256];
    unit *unit;
    stamp loaded, seen; /* version last loaded or tried; version found at the last check */
} slot;

struct wn_model_bank {
    wn_model_bank_config c;
    slot *slots;   /* [c.n] */
    double rate;   /* Hz, of all */
    wn_live *live; /* NULL before wn_model_bank_start */
    int frames;    /* usual block length */
    int chosen;
    double trim;
    unit *sounding, *coming; /* NULL: the dry signal */
    bool under_way;          /* `coming` was sent to live, which has not yet returned `sounding` */
};

/* ---- units ---------------------------------------------------------------------------------------------------- */

static void unit_free(unit *u)
{
    if (!u) return;
    wn_stream_free(u->stream);
    wn_plan_free(u->plan);
    wn_effect_free(&u->effect);
    free(u);
}

static wn_status check_mono(const unit *u, const char *name, wn_error *error)
{
    const wn_model_info *info = &u->effect.info;
    if (info->input_channels != 1 || info->output_channels != 1)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, name, "%d channels in, %d out; live takes models of one channel",
                       info->input_channels, info->output_channels);
    if (wn_model_get_local_channels(u->effect.model) || wn_model_get_held_channels(u->effect.model))
        return wn_fail(error, WN_ERROR_UNSUPPORTED, name, "needs conditions; wavenet process takes them");
    if (wn_model_compress(u->effect.model, 0.5f) != 0.5f)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, name, "takes companded samples; wavenet process runs it");
    return WN_OK;
}

/* Load the model only; unit_begin makes its plan and stream. */
static wn_status unit_load(unit **out, const wn_model_bank *r, const char *path, wn_error *error)
{
    unit *u = *out = calloc(1, sizeof *u);
    if (!u) return wn_fail_memory(error, NULL);
    wn_status status = wn_effect_load(&u->effect, path, r->c.effect, error);
    return status ? status : check_mono(u, path, error);
}

/* Compute the speed from the shortest of some blocks, because interruptions lengthen the others. The blocks are silence,
 * because silence leaves a prewarmed stream unchanged. */
static wn_status unit_measure(unit *u, int frames, wn_error *error)
{
    float *block = calloc((size_t)frames * 2, sizeof *block);
    if (!block) return wn_fail_memory(error, NULL);
    double began = wn_clock_seconds(), shortest = INFINITY;
    for (int i = 0; i < 3 || wn_clock_seconds() - began < MEASURED; i++) {
        double start = wn_clock_seconds();
        wn_stream_run(u->stream, &(wn_block){.frames = frames, .pcm = block, .out = block + frames});
        shortest = fmin(shortest, wn_clock_seconds() - start);
    }
    u->speed = frames / u->effect.rate / fmax(shortest, 1e-9);
    free(block);
    return WN_OK;
}

static wn_status unit_begin(unit *u, const wn_model_bank *r, wn_error *error)
{
    wn_plan_config config = {.max_frames = wn_live_get_block_frames(r->live), .cpu = r->c.cpu};
    wn_status status = wn_plan_new(&u->plan, u->effect.model, &config, error);
    if (!status) status = wn_stream_new(&u->stream, u->plan, error);
    if (status) return status;
    wn_stream_prewarm(u->stream);
    return unit_measure(u, r->frames, error);
}

static wn_status check_speed(const unit *u, const char *name, wn_error *error)
{
    if (u->speed >= 1) return WN_OK;
    double fits = u->speed / WN_REALTIME_MARGIN * (double)u->effect.info.macs;
    return wn_fail(error, WN_ERROR_UNSUPPORTED, name,
                   "too slow to be played live here: %.2f x real time; what would fit: a model of %.0f thousand "
                   "multiply-accumulates a sample (this one: %.0f)",
                   u->speed, fits / 1000, (double)u->effect.info.macs / 1000);
}

/* ---- files ---------------------------------------------------------------------------------------------------- */

static stamp stamp_of(const char *path)
{
    struct stat s;
    if (stat(path, &s) != 0) return (stamp){.there = false};
    return (stamp){true, s.st_dev, s.st_ino, s.st_size, s.st_mtim};
}

static bool is_same(const stamp *a, const stamp *b)
{
    return a->there == b->there && a->device == b->device && a->file == b->file && a->size == b->size &&
           a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

static void name_slot(slot *s)
{
    const char *slash = strrchr(s->path, '/');
    wn_cli_clean(s->name, sizeof s->name, slash ? slash + 1 : s->path);
}

static wn_status check_rate(const wn_model_bank *r, const unit *u, const char *name, wn_error *error)
{
    if (u->effect.rate == r->rate) return WN_OK;
    return wn_fail(error, WN_ERROR_UNSUPPORTED, name, "made for %g Hz, the first model for %g: all must be of one rate",
                   u->effect.rate, r->rate);
}

static wn_status load_slot(wn_model_bank *r, int i, wn_error *error)
{
    slot *s = &r->slots[i];
    wn_status status = wn_cli_find_model(s->path, sizeof s->path, r->c.models[i], error);
    if (status) return status;
    name_slot(s);
    s->loaded = s->seen = stamp_of(s->path);
    status = unit_load(&s->unit, r, s->path, error);
    if (!status && i == 0) r->rate = s->unit->effect.rate;
    if (!status) status = check_rate(r, s->unit, s->path, error);
    if (!status) wn_effect_note(&s->unit->effect, r->c.effect, r->c.status_line->cli);
    return status;
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

static bool is_in_slot(const wn_model_bank *r, const unit *u)
{
    for (int i = 0; i < r->c.n; i++)
        if (r->slots[i].unit == u) return true;
    return false;
}

void wn_model_bank_free(wn_model_bank *r)
{
    if (!r) return;
    if (!is_in_slot(r, r->sounding)) unit_free(r->sounding);
    if (!is_in_slot(r, r->coming)) unit_free(r->coming);
    for (int i = 0; i < r->c.n; i++) unit_free(r->slots[i].unit);
    free(r->slots);
    free(r);
}

wn_status wn_model_bank_start(wn_model_bank *r, wn_live *live, int frames, wn_error *error)
{
    wn_status status = WN_OK;
    r->live = live;
    r->frames = frames;
    for (int i = 0; i < r->c.n && !status; i++) status = unit_begin(r->slots[i].unit, r, error);
    if (!status) status = check_speed(r->slots[0].unit, r->slots[0].path, error);
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
    if (index != WN_MODEL_BANK_NONE && check_speed(r->slots[index].unit, r->slots[index].path, &error)) {
        report_unchanged(r, &error, "nothing changes");
        return;
    }
    r->chosen = index;
}

static unit *chosen_unit(const wn_model_bank *r)
{
    return r->chosen == WN_MODEL_BANK_NONE ? NULL : r->slots[r->chosen].unit;
}

static void set_gains(const wn_model_bank *r)
{
    const unit *u = r->under_way ? r->coming : r->sounding;
    wn_live_set_gains(r->live, u ? u->effect.db_in : 0, u ? u->effect.db_out + r->trim : 0);
}

void wn_model_bank_set_trim(wn_model_bank *r, double db)
{
    r->trim = db;
    set_gains(r);
}

/* Prewarm the retired effect for its next use; free it if its slot holds a replacement. */
static void take_retired_unit(wn_model_bank *r)
{
    wn_stream *retired;
    if (!r->under_way || !wn_live_take_retired(r->live, &retired)) return;
    if (r->sounding && is_in_slot(r, r->sounding))
        wn_stream_prewarm(r->sounding->stream);
    else
        unit_free(r->sounding);
    r->sounding = r->coming;
    r->coming = NULL;
    r->under_way = false;
}

/* Send the next stream only after live has returned the previous one. */
void wn_model_bank_poll(wn_model_bank *r)
{
    take_retired_unit(r);
    unit *u = chosen_unit(r);
    if (r->under_way || u == r->sounding || !wn_live_set_stream(r->live, u ? u->stream : NULL)) return;
    r->coming = u;
    r->under_way = true;
    set_gains(r);
}

/* ---- watching ------------------------------------------------------------------------------------------------- */

static wn_status make_again(unit **out, const wn_model_bank *r, const slot *s, wn_error *error)
{
    wn_status status = unit_load(out, r, s->path, error);
    if (!status) status = check_rate(r, *out, s->path, error);
    if (!status) status = unit_begin(*out, r, error);
    return status ? status : check_speed(*out, s->path, error);
}

static void load_again(wn_model_bank *r, slot *s)
{
    unit *u, *old = s->unit;
    wn_error error = {0};
    if (make_again(&u, r, s, &error)) {
        unit_free(u);
        report_unchanged(r, &error, "the old one stays");
        return;
    }
    s->unit = u;
    if (old != r->sounding && old != r->coming) unit_free(old);
    wn_status_line_clear(r->c.status_line);
    wn_cli_note(r->c.status_line->cli, "%s: loaded again", s->path);
}

static void look_at(wn_model_bank *r, slot *s)
{
    stamp now = stamp_of(s->path), before = s->seen;
    s->seen = now;
    if (!is_same(&now, &before) || is_same(&now, &s->loaded)) return;
    s->loaded = now;
    if (now.there) {
        load_again(r, s);
    } else {
        wn_status_line_clear(r->c.status_line);
        wn_cli_note(r->c.status_line->cli, "%s: the file is gone; the old one stays", s->path);
    }
}

void wn_model_bank_watch(wn_model_bank *r)
{
    for (int i = 0; i < r->c.n; i++) look_at(r, &r->slots[i]);
}
