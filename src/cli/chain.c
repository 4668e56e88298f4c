/* SPDX-License-Identifier: MIT
 * chain.c - models and a cabinet in series, with the gains before and behind them.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/chain.h"

#include <stdlib.h>
#include <string.h>

#include "audio/cabinet.h"
#include "base/error.h"

/* Options of the model at place i of n: the ends have the gains. */
static wn_effect_options options_at(const wn_effect_options *all, int i, int n)
{
    wn_effect_options o = *all;
    if (i > 0) {
        o.gain = 0;
        o.input_dbu = WN_NOT_GIVEN;
    }
    if (i < n - 1) {
        o.output_gain = 0;
        o.output_dbu = WN_NOT_GIVEN;
        o.normalize = 0;
    }
    return o;
}

/* A model that names no rate has that of the chain. */
static wn_status check_rates(const wn_chain *c, const char *const *names, wn_error *error)
{
    for (int i = 1; i < c->n_effects; i++) {
        double rate = c->effects[i].info.sample_rate;
        if (rate > 0 && rate != c->rate)
            return wn_fail(error, WN_ERROR_UNSUPPORTED, names[i], "made for %g Hz, the model before it for %g Hz", rate,
                           c->rate);
    }
    return WN_OK;
}

static wn_status load_effects(wn_chain *c, const char *const *names, const wn_effect_options *options, wn_error *error)
{
    wn_status status = WN_OK;
    for (int i = 0; i < c->n_effects && !status; i++) {
        wn_effect_options own = options_at(options, i, c->n_effects);
        status = wn_effect_load(&c->effects[i], names[i], &own, error);
        if (status) break;
        c->models[i] = c->effects[i].model;
        if (i == 0 || !(c->effects[i - 1].info.sample_rate > 0)) c->rate = c->effects[i].rate;
    }
    if (status) return status;
    c->db_in = c->effects[0].db_in;
    c->db_out = c->effects[c->n_effects - 1].db_out;
    c->input_channels = c->effects[0].info.input_channels;
    return check_rates(c, names, error);
}

static wn_status load_cabinet(wn_chain *c, const char *path, wn_error *error)
{
    if (!path) return WN_OK;
    wn_status status = wn_cabinet_load(&c->cabinet, path, c->rate, error);
    if (!status) c->models[c->n++] = c->cabinet;
    return status;
}

wn_status wn_chain_load(wn_chain *c, const char *const *names, int n, const char *cabinet,
                        const wn_effect_options *options, wn_error *error)
{
    bool calibrated = options->normalize || options->input_dbu != WN_NOT_GIVEN || options->output_dbu != WN_NOT_GIVEN;
    *c = (wn_chain){.n_effects = n, .n = n, .calibrated = calibrated};
    c->effects = calloc((size_t)n, sizeof *c->effects);
    c->models = calloc((size_t)n + 1, sizeof *c->models);
    if (!c->effects || !c->models) return wn_fail_memory(error, NULL);
    wn_status status = load_effects(c, names, options, error);
    return status ? status : load_cabinet(c, cabinet, error);
}

/* The unit owns the models, also when it cannot be made. */
static void forget_models(wn_chain *c)
{
    for (int i = 0; i < c->n_effects; i++) c->effects[i].model = NULL;
    c->cabinet = NULL;
    memset(c->models, 0, (size_t)c->n * sizeof *c->models);
}

wn_status wn_chain_make_unit(wn_chain *c, wn_effect_unit **out, wn_effect_unit_config config, wn_error *error)
{
    *out = NULL;
    wn_model **models = calloc((size_t)c->n, sizeof *models);
    if (!models) return wn_fail_memory(error, NULL);
    for (int i = 0; i < c->n_effects; i++) models[i] = c->effects[i].model;
    if (c->cabinet) models[c->n_effects] = c->cabinet;
    config.in_db = c->db_in;
    config.out_db = c->db_out;
    wn_status status = wn_effect_unit_new(out, models, c->n, &config, error);
    forget_models(c);
    free(models);
    return status;
}

void wn_chain_free(wn_chain *chain)
{
    for (int i = 0; chain->effects && i < chain->n_effects; i++) wn_effect_free(&chain->effects[i]);
    wn_model_free(chain->cabinet);
    free(chain->effects);
    free(chain->models);
    *chain = (wn_chain){0};
}

void wn_chain_note(const wn_chain *c, const wn_cli *cli)
{
    for (int i = 0; i < c->n_effects; i++) {
        const wn_effect *e = &c->effects[i];
        if (*e->info.note) wn_cli_note(cli, "note: %s", e->info.note);
        if (!(e->info.sample_rate > 0)) wn_cli_note(cli, "the model names no sample rate; %g Hz assumed", c->rate);
    }
    if (c->calibrated) wn_cli_note(cli, "input %+.2f dB, output %+.2f dB", c->db_in, c->db_out);
}
