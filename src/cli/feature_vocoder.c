/* SPDX-License-Identifier: MIT
 * feature_vocoder.c - rows of features that arrive one after another become sound.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/feature_vocoder.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cli/divergence.h"
#include "cli/interrupt.h"
#include "cli/model_options.h"
#include "model/stage.h"

enum { ROWS_AT_ONCE = 4, MARGIN = 32 /* rows on both sides for stages that pad with zeros: more than they reach */ };

/* ---- preparing ---------------------------------------------------------------------------------------------------- */

wn_status wn_feature_vocoder_check(const wn_model *model, const char *name, wn_error *error)
{
    wn_model_info info = wn_model_get_info(model);
    if (!info.autoregressive || !info.feature_channels)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, name, "is no vocoder: it does not make sound of features");
    return WN_OK;
}

static wn_status open_generator(wn_feature_vocoder *v, const wn_cli *cli, const wn_feature_vocoder_config *config,
                                wn_error *error)
{
    if (v->info.global_channels)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, config->name,
                       "needs a speaker; use analyze, then generate --speaker");
    wn_plan_config plan = {.cpu = config->cpu, .precision = config->precision};
    wn_sampling sampling = wn_sampling_default(v->model);
    sampling.seed = config->seed;
    if (config->temperature != WN_NOT_GIVEN) {
        sampling.temperature = config->temperature;
        sampling.temperature_below = 0;
    }
    wn_generator_config generator = {.sampling = &sampling};
    wn_status status = wn_plan_new(&v->plan, v->model, &plan, error);
    if (!status) status = wn_generator_new(&v->generator, v->plan, &generator, error);
    if (!status) wn_cli_note_precision(cli, v->plan, config->precision);
    return status;
}

static wn_status open_buffers(wn_feature_vocoder *v, int max_rows, wn_error *error)
{
    const wn_condition *c = &v->model->condition;
    v->context = v->info.feature_context;
    for (int i = 0; i < c->n_stages; i++)
        if (wn_stage_needs_neighbours(&c->stages[i])) v->margin = MARGIN;
    v->capacity = 2 * v->margin + v->context + ROWS_AT_ONCE + 2 * max_rows + v->context;
    size_t samples = (size_t)ROWS_AT_ONCE * (size_t)v->info.feature_hop;
    v->rows = calloc((size_t)v->capacity * (size_t)v->info.feature_channels, sizeof *v->rows);
    v->pcm = calloc(samples, sizeof *v->pcm);
    v->classes = calloc(samples, sizeof *v->classes);
    return v->rows && v->pcm && v->classes ? WN_OK : wn_fail_memory(error, NULL);
}

wn_status wn_feature_vocoder_open(wn_feature_vocoder *vocoder, const wn_cli *cli, const wn_model *model,
                                  const wn_feature_vocoder_config *config, wn_error *error)
{
    *vocoder =
        (wn_feature_vocoder){.model = model, .info = wn_model_get_info(model), .output = config->output, .frames = -1};
    wn_status status = open_generator(vocoder, cli, config, error);
    return status ? status : open_buffers(vocoder, config->max_rows, error);
}

void wn_feature_vocoder_close(wn_feature_vocoder *vocoder)
{
    wn_generator_free(vocoder->generator);
    wn_plan_free(vocoder->plan);
    free(vocoder->rows);
    free(vocoder->pcm);
    free(vocoder->classes);
    *vocoder = (wn_feature_vocoder){0};
}

/* ---- running ------------------------------------------------------------------------------------------------------ */

static float *window_row(const wn_feature_vocoder *v, int i)
{
    return v->rows + (size_t)i * (size_t)v->info.feature_channels;
}

/* Forget the rows that no later sample needs. */
static void window_shift(wn_feature_vocoder *v)
{
    int64_t gone = v->next - v->margin - v->first;
    if (gone <= 0) return;
    v->n -= (int)gone;
    v->first += gone;
    memmove(v->rows, window_row(v, (int)gone), (size_t)v->n * (size_t)v->info.feature_channels * sizeof *v->rows);
}

/* The rows at the ends are repeated for the context. */
static void window_repeat(wn_feature_vocoder *v, int row)
{
    size_t size = (size_t)v->info.feature_channels * sizeof *v->rows;
    for (int i = 0; i < v->context / 2; i++, v->n++) memcpy(window_row(v, v->n), window_row(v, row), size);
}

/* Where the next row goes: the first ones leave room for what repeats them. */
static int window_end(const wn_feature_vocoder *v) { return v->n + (v->received ? 0 : v->context / 2); }

/* The samples of `rows` rows, at most as many as the sound has. */
static wn_status make_rows(wn_feature_vocoder *v, int rows, wn_sound_output *output, wn_error *error)
{
    int64_t frames = (int64_t)rows * v->info.feature_hop;
    if (v->frames >= 0 && v->frames - v->done < frames) frames = v->frames - v->done;
    wn_status status =
        wn_conditioner_slide_features(wn_generator_get_conditioner(v->generator, 0), v->rows, v->n, v->first, error);
    if (status) return status;
    wn_generator_run(v->generator, frames, v->pcm, v->classes);
    wn_divergence d = wn_generator_get_divergence(v->generator);
    if (d.index >= 0) return wn_fail_divergence(error, v->output, d.value, d.index, v->info.sample_rate);
    v->next += rows;
    v->done += frames;
    return wn_sound_output_write(output, v->pcm, v->classes, frames, error);
}

/* Rows whose samples can be made. */
static int64_t rows_ready(const wn_feature_vocoder *v)
{
    if (v->frames >= 0) return v->received - v->next;
    return v->first + v->n - v->context - v->margin - v->next;
}

float *wn_feature_vocoder_get_space(wn_feature_vocoder *vocoder) { return window_row(vocoder, window_end(vocoder)); }

wn_status wn_feature_vocoder_add(wn_feature_vocoder *vocoder, int n, int64_t frames, wn_sound_output *output,
                                 wn_error *error)
{
    wn_feature_vocoder *v = vocoder;
    wn_status status = WN_OK;
    if (n && !v->received) window_repeat(v, window_end(v));
    v->n += n;
    v->received += n;
    v->frames = frames;
    if (frames >= 0 && v->n) window_repeat(v, v->n - 1);
    for (int64_t ready; !status && (ready = rows_ready(v)) > 0 && !wn_interrupt_requested();)
        status = make_rows(v, ready < ROWS_AT_ONCE ? (int)ready : ROWS_AT_ONCE, output, error);
    window_shift(v);
    return status;
}
