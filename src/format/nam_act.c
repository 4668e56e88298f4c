/* SPDX-License-Identifier: MIT
 * nam_act.c - activations as amp captures spell them.
 * Copyright (c) 2026 the wavenet authors */
#include "format/nam_act.h"

#include <string.h>

#include "format/nam_reader.h"

enum { MAX_NAMES = 2 * WN_ACT_COUNT };

/* Every spelling that is read and what it means; returns how many there are. */
static int list_names(const char **names, wn_act_kind *kinds)
{
    int n = 0;
    for (int i = 0; i < WN_ACT_COUNT; i++) {
        const wn_act_row *row = wn_act_row_of((wn_act_kind)i);
        const char *const spellings[] = {row->nam, row->also_nam};
        for (int k = 0; k < 2; k++) {
            if (!spellings[k]) continue;
            names[n] = spellings[k];
            kinds[n++] = (wn_act_kind)i;
        }
    }
    return n;
}

static const double big = 1e6; /* parameters beyond it are a mistake */

/* One slope for all channels, or a list with one a channel. */
static void read_slopes(wn_nam_reader *x, const json_t *object, int channels, wn_act *act)
{
    const json_t *list = wn_json_array(x->r, object, "negative_slopes", WN_MAX_CHANNELS);
    int n = list ? (int)json_array_size(list) : 1;
    if (list && n != 1 && n != channels)
        wn_json_fail(x->r, "negative_slopes", "lists %d slopes, expected one for each of %d channels", n, channels);
    if (list && wn_json_get(object, "negative_slope"))
        wn_json_fail(x->r, "negative_slopes", "and \"negative_slope\" are both there, expected one of them");
    if (x->r->status) return;
    act->n_slopes = n;
    act->slopes = wn_arena_alloc(x->model->arena, (size_t)n, sizeof *act->slopes);
    if (!act->slopes) wn_json_memory(x->r);
    for (int i = 0; act->slopes && i < n; i++) {
        size_t mark = wn_json_enter(x->r, list ? "negative_slopes" : "negative_slope", list ? i : -1);
        const json_t *value = list ? json_array_get(list, (size_t)i) : wn_json_get(object, "negative_slope");
        act->slopes[i] = value ? (float)wn_json_as_number(x->r, value, "", 0.0, -big, big) : 0.01f;
        wn_json_leave(x->r, mark);
    }
}

/* Players clamp to -1..1 whatever the file says. */
static void read_ignored_limits(wn_nam_reader *x, const json_t *object)
{
    if (wn_json_number(x->r, object, "min_val", -1.0, -big, big) != -1.0 ||
        wn_json_number(x->r, object, "max_val", 1.0, -big, big) != 1.0)
        wn_nam_note(x, "the limits of Hardtanh are ignored, as players do: it clamps to -1..1");
}

static void read_parameters(wn_nam_reader *x, const json_t *object, int channels, wn_act *act)
{
    static const char *const limits[] = {"type", "min_val", "max_val", NULL};
    static const char *const slopes[] = {"type", "negative_slope", "negative_slopes", NULL};
    const wn_act_row *row = wn_act_row_of(act->kind);
    bool per_channel = row->flags & WN_ACT_PER_CHANNEL, ignored = act->kind == WN_ACT_HARD_TANH;
    const char *keys[WN_ACT_PARAMETERS + 2] = {"type"};
    for (int i = 0; i < wn_act_parameters(row); i++) keys[i + 1] = row->parameter[i].nam;
    wn_nam_keys(x, object, per_channel ? slopes : ignored ? limits : keys);
    if (per_channel) read_slopes(x, object, channels, act);
    if (ignored) read_ignored_limits(x, object);
    for (int i = 0; i < wn_act_parameters(row); i++)
        act->p[i] = (float)wn_json_number(x->r, object, row->parameter[i].nam, row->parameter[i].fallback, -big, big);
    if (act->kind == WN_ACT_LEAKY_HARD_TANH && act->p[0] > act->p[1]) wn_json_fail(x->r, "min_val", "is above max_val");
}

void wn_nam_read_act(wn_nam_reader *x, const json_t *value, const char *key, int channels, wn_act *act)
{
    bool object = json_is_object(value);
    if (x->r->status) return;
    if (!object && !json_is_string(value)) {
        wn_json_fail(x->r, key, "is no activation, expected a name or an object");
        return;
    }
    size_t mark = wn_json_enter(x->r, key, -1);
    if (object) wn_json_need(x->r, value, "type");
    const json_t *name = object ? wn_json_get(value, "type") : value;
    const char *names[MAX_NAMES];
    wn_act_kind kinds[MAX_NAMES];
    int n = list_names(names, kinds);
    if (name) act->kind = kinds[wn_json_as_word(x->r, name, object ? "type" : "", 0, names, n)];
    if (!x->r->status) read_parameters(x, object ? value : NULL, channels, act);
    wn_json_leave(x->r, mark);
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

bool wn_nam_has_act(const wn_act *act) { return wn_act_row_of(act->kind)->nam != NULL; }

static bool put(json_t *object, const char *key, double value)
{
    return !json_object_set_new(object, key, json_real(value));
}

static bool put_slopes(json_t *object, const wn_act *act)
{
    if (act->n_slopes == 1) return put(object, "negative_slope", (double)act->slopes[0]);
    json_t *list = json_array();
    bool good = !json_object_set_new(object, "negative_slopes", list);
    for (int i = 0; good && i < act->n_slopes; i++)
        good = !json_array_append_new(list, json_real((double)act->slopes[i]));
    return good;
}

json_t *wn_nam_write_act(const wn_act *act)
{
    const wn_act_row *row = wn_act_row_of(act->kind);
    json_t *object = json_object();
    bool good = !json_object_set_new(object, "type", json_string(row->nam));
    if (row->flags & WN_ACT_PER_CHANNEL) good = good && put_slopes(object, act);
    for (int i = 0; i < wn_act_parameters(row); i++)
        good = good && put(object, row->parameter[i].nam, (double)act->p[i]);
    if (good) return object;
    json_decref(object);
    return NULL;
}
