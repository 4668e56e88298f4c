/* SPDX-License-Identifier: MIT
 * amp_source.c - the files that WaveNet Amp plays, loaded by any thread but the audio thread.
 * Copyright (c) 2026 the wavenet authors */
#include "plugin/amp_source.h"

#include <stdlib.h>

#include "audio/cabinet.h"
#include "base/error.h"
#include "play/capture_level.h"

/* The models of a source, on their way into a unit. */
typedef struct model_list {
    wn_model *models[WN_AMP_FILES];
    int n;
} model_list;

static wn_status load_model(model_list *list, const wn_amp_source *source, wn_error *error)
{
    const char *path = source->paths[WN_AMP_MODEL];
    if (!*path) return WN_OK;
    wn_status status = wn_model_load_slim(&list->models[0], path, source->slim, error);
    if (status == WN_ERROR_UNSUPPORTED && source->slim < 1) status = wn_model_load(&list->models[0], path, error);
    list->n += status == WN_OK;
    return status;
}

/* At the rate of the model before it, or of the sound. */
static wn_status load_cabinet(model_list *list, const wn_amp_source *source, double rate, wn_error *error)
{
    const char *path = source->paths[WN_AMP_CABINET];
    if (!*path) return WN_OK;
    if (list->n) {
        rate = wn_model_get_info(list->models[0]).sample_rate;
        if (!(rate > 0)) rate = WN_CAPTURE_RATE;
    }
    wn_status status = wn_cabinet_load(&list->models[list->n], path, rate, error);
    list->n += status == WN_OK;
    return status;
}

static wn_status make_unit(wn_effect_unit **out, const model_list *list, const wn_amp_source *source, double rate,
                           wn_error *error)
{
    wn_status status = wn_effect_unit_new(out, list->models, list->n, &(wn_effect_unit_config){.rate = rate}, error);
    if (status) return status;
    wn_amp_source *copy = malloc(sizeof *copy);
    if (!copy) {
        wn_effect_unit_free(*out);
        *out = NULL;
        return wn_fail_memory(error, NULL);
    }
    *copy = *source;
    wn_effect_unit_set_user(*out, copy);
    return WN_OK;
}

wn_status wn_amp_source_load(wn_effect_unit **out, const wn_amp_source *source, double rate, wn_error *error)
{
    model_list list = {.n = 0};
    *out = NULL;
    wn_status status = load_model(&list, source, error);
    if (!status) status = load_cabinet(&list, source, rate, error);
    if (!status) return make_unit(out, &list, source, rate, error);
    for (int i = 0; i < list.n; i++) wn_model_free(list.models[i]);
    return status;
}

wn_status wn_amp_source_load_nothing(wn_effect_unit **out, const wn_amp_source *source, double rate, wn_error *error)
{
    return make_unit(out, &(model_list){.n = 0}, source, rate, error);
}
