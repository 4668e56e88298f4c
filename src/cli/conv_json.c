/* SPDX-License-Identifier: MIT
 * conv_json.c - the results of wavenet conv for programs, every number with all its digits.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/conv_json.h"

#include <stdlib.h>

#include "analysis/reference_shape.h"

/* Nested lists of values whose last index runs fastest. *values moves on. */
static json_t *array_json(const double **values, int rank, const int64_t *shape)
{
    if (rank == 0) return wn_cli_json_number(*(*values)++);
    json_t *list = json_array();
    for (int64_t i = 0; i < shape[0]; i++) json_array_append_new(list, array_json(values, rank - 1, shape + 1));
    return list;
}

/* [channels][rows][columns], without the rows of a signal. */
static json_t *values_json(const wn_shape *s, const double *values)
{
    int64_t sizes[] = {s->channels, s->size[0], s->size[1]}, signal[] = {s->channels, s->size[1]};
    return s->rank == 2 ? array_json(&values, 3, sizes) : array_json(&values, 2, signal);
}

static json_t *shape_json(const wn_shape *s)
{
    json_t *list = json_array();
    json_array_append_new(list, json_integer(s->channels));
    if (s->rank == 2) json_array_append_new(list, json_integer(s->size[0]));
    json_array_append_new(list, json_integer(s->size[1]));
    return list;
}

/* The last layer of each branch of a sum. */
static json_t *branches_json(const wn_reference *net, const wn_reference_layer *l)
{
    json_t *list = json_array();
    for (int i = 0; i < l->n_sources; i++) {
        char name[WN_CONV_SOURCE_NAME];
        wn_conv_report_source_name(name, net, l->sources[i].layer);
        json_array_append_new(list, json_string(name));
    }
    return list;
}

static json_t *layer_json(const wn_conv_report *r, const wn_reference_layer *l)
{
    char name[WN_SPEC_NAME];
    wn_spec_name(name, &l->spec);
    bool sum = l->spec.kind == WN_SPEC_CLOSE;
    json_t *o = json_pack("{si ss so so sI so}", sum ? "sum" : "layer", l->number, "name", name, "input_size",
                          shape_json(&l->in), "output_size", shape_json(&l->out), "parameters",
                          (json_int_t)(l->n_weights + l->n_bias), "output", values_json(&l->out, l->y));
    if (sum) json_object_set_new(o, "branches", branches_json(r->network, l));
    if (l->spec.kind == WN_SPEC_POOL) {
        json_t *route = json_array();
        for (int64_t i = 0; i < wn_shape_count(&l->out); i++) json_array_append_new(route, json_integer(l->route[i]));
        json_object_set_new(o, "route", route); /* index of the input that each output is */
    }
    if (r->backward) json_object_set_new(o, "output_gradient", values_json(&l->out, l->dy));
    if (r->matrix && wn_reference_has_weights(l)) {
        int64_t shape[] = {wn_shape_count(&l->out), wn_shape_count(&l->in)};
        double *c = wn_conv_report_matrix(l);
        const double *at = c;
        if (c) json_object_set_new(o, "matrix", array_json(&at, 2, shape));
        free(c);
    }
    return o;
}

static json_t *gradients_json(const wn_conv_report *r)
{
    json_t *o = json_object();
    for (int i = 0; i < wn_reference_tensors(r->network); i++) {
        wn_reference_tensor t = wn_reference_tensor_at(r->network, i);
        const double *at = t.gradient;
        json_object_set_new(o, t.name, array_json(&at, t.rank, t.shape));
    }
    return o;
}

static json_t *difference_json(const wn_reference_tensor *t, const wn_reference_difference *d)
{
    return json_pack("{ss sI sI so so sI}", "name", t->name, "checked", (json_int_t)d->checked, "skipped",
                     (json_int_t)d->skipped, "worst", wn_cli_json_number(d->worst), "difference",
                     wn_cli_json_number(d->difference), "index", (json_int_t)d->worst_at);
}

static json_t *claim_json(const wn_conv_claim *c)
{
    json_t *off = json_array();
    for (int64_t i = 0; i < c->off; i++)
        json_array_append_new(off, json_pack("{sI so so}", "index", (json_int_t)c->at[i], "claimed",
                                             wn_cli_json_number(c->claimed[c->at[i]]), "computed",
                                             wn_cli_json_number(c->tensor.gradient[c->at[i]])));
    return json_pack("{ss sI so}", "name", c->tensor.name, "entries", (json_int_t)c->tensor.count, "off", off);
}

static json_t *check_json(const wn_conv_report *r)
{
    json_t *list = json_array();
    for (int i = 0; i < r->n_differences; i++) {
        wn_reference_tensor t = wn_reference_tensor_at(r->network, i);
        json_array_append_new(list, difference_json(&t, &r->differences[i]));
    }
    for (int i = 0; i < r->n_claims; i++) json_array_append_new(list, claim_json(&r->claims[i]));
    return json_pack("{sb sf so}", "ok", wn_conv_report_agrees(r), "tolerance", r->tolerance,
                     r->n_claims ? "claims" : "differences", list);
}

int wn_conv_json_print(const wn_cli *cli, const wn_conv_report *r)
{
    const wn_reference *net = r->network;
    json_t *layers = json_array();
    for (int i = 0; i < net->n; i++) json_array_append_new(layers, layer_json(r, &net->layers[i]));
    json_t *root = json_pack("{so so}", "input_size", shape_json(&net->in), "layers", layers);
    if (root && r->backward) {
        json_object_set_new(root, "loss", wn_cli_json_number(net->loss));
        json_object_set_new(root, "gradients", gradients_json(r));
    }
    if (root && (r->n_differences || r->n_claims)) json_object_set_new(root, "check", check_json(r));
    char *text = root ? json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(root);
    if (!text) return wn_cli_fail_text(cli, "%s", wn_status_text(WN_ERROR_MEMORY));
    puts(text);
    free(text);
    return wn_cli_done(cli);
}
