/* SPDX-License-Identifier: MIT
 * rf_report.c - the table of wavenet rf, for people and for programs.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/rf_report.h"

#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "cli/cli.h"

static double milliseconds(const wn_rf_report *r, int64_t samples) { return 1000 * (double)samples / r->rate; }

/* ---- for people -------------------------------------------------------------------------------------------------- */

/* Columns that say nothing about this network are left out. */
typedef struct columns {
    bool stack, name, stride, jump, sees, ms, state, bytes, size, cost;
} columns;

static bool has_padding(const wn_spec_axis *axis) { return axis->padding != 0 || axis->padding_end != 0; }

static columns choose_columns(const wn_rf_report *r)
{
    columns c = {.stack = r->is_model || r->has_stacks,
                 .name = !r->is_model,
                 .ms = r->rate > 0,
                 .state = r->field.causal,
                 .bytes = r->is_model,
                 .size = r->input_size > 0,
                 .cost = r->cost};
    for (int i = 0; i < r->field.n_rows; i++) {
        c.stride |= r->field.rows[i].spec.axis[0].stride != 1;
        c.jump |= r->field.rows[i].jump != 1;
        c.sees |= !r->field.causal && (c.stride || has_padding(&r->field.rows[i].spec.axis[0]));
    }
    return c;
}

static void print_heading(const columns *c)
{
    if (c->stack) printf("%5s  ", "stack");
    printf("%-6s", "layer");
    if (c->name) printf(" %-14s", "");
    printf(" %6s %8s", "kernel", "dilation");
    if (c->stride) printf(" %6s", "stride");
    printf(" %9s %15s", "effective", "receptive field");
    if (c->ms) printf(" %10s", "ms");
    printf(" %10s", "coverage");
    if (c->jump) printf(" %9s", "jump");
    if (c->sees) printf(" %15s", "output 0 sees");
    if (c->state) printf(" %12s", "state frames");
    if (c->bytes) printf(" %9s", "bytes");
    if (c->size) printf(" %11s", "output size");
    if (c->cost) printf(" %9s %11s", "weights", "MAC/output");
    printf("\n");
}

/* Input positions, "-3 .. 25". */
static void print_interval(const wn_field_row *row)
{
    char text[48];
    snprintf(text, sizeof text, "%lld .. %lld", (long long)row->first, (long long)row->last);
    printf(" %15s", row->first > row->last ? "nothing" : text);
}

static void print_row(const wn_rf_report *r, const columns *c, const wn_field_row *row)
{
    char name[WN_SPEC_NAME];
    wn_spec_name(name, &row->spec);
    if (c->stack && row->stack >= 0)
        printf("%5d  ", row->stack);
    else if (c->stack)
        printf("%5s  ", "");
    printf("%-6s", row->layer);
    if (c->name) printf(" %-14s", name);
    printf(" %6d %8d", row->spec.axis[0].kernel, row->spec.axis[0].dilation);
    if (c->stride) printf(" %6d", row->spec.axis[0].stride);
    printf(" %9lld %15lld", (long long)row->effective_kernel, (long long)row->receptive_field);
    if (c->ms) printf(" %10.3f", milliseconds(r, row->receptive_field));
    printf(" %8.2f %%", 100 * row->coverage);
    if (c->jump) printf(" %9.6g", row->jump);
    if (c->sees) print_interval(row);
    if (c->state) printf(" %12lld", (long long)row->state_frames);
    if (c->bytes) printf(" %9lld", (long long)row->state_bytes);
    if (c->size) printf(" %11lld", (long long)row->output_size);
    if (c->cost) printf(" %9lld %11.7g", (long long)row->weights, row->macs);
    printf("\n");
}

/* Products per position of the input, to which every layer contributes at its own rate, and all of them where the size of the
 * input is known. */
static void print_cost(const wn_rf_report *r)
{
    int64_t weights = 0;
    double macs = 0, all = 0;
    if (!r->cost) return;
    for (int i = 0; i < r->field.n_rows; i++) {
        const wn_field_row *row = &r->field.rows[i];
        weights += row->weights;
        macs += row->macs / (row->spec.rank == 2 ? row->jump * row->jump : row->jump);
        all += row->all_macs;
    }
    printf("\ncost             %lld weights, %.7g multiply-accumulates per input position", (long long)weights, macs);
    if (all > 0) printf(", %.15g in all", all);
    if (r->is_model) printf(", in these layers");
}

/* What leaves holes: all taps at multiples of one number, or a layer whose taps are farther apart than what is covered. */
static void print_holes(const wn_field *f)
{
    int64_t missing = f->receptive_field - wn_span_covered(&f->reach), run = 1;
    if (missing == 0) return;
    printf("\ngridding         %lld position%s never reach%s the output: ", (long long)missing, wn_text_plural(missing),
           missing == 1 ? "es" : "");
    int i = 0;
    while (f->rows[i].covered == f->rows[i].receptive_field) run = f->rows[i++].receptive_field;
    if (f->rows[i].spec.kind != WN_SPEC_CONV || f->has_branches)
        printf("layer %s leaves holes", f->rows[i].layer);
    else
        printf("the taps of layer %s are %.6g positions apart, and %lld %s covered before it", f->rows[i].layer,
               f->rows[i].spec.axis[0].dilation * (i ? f->rows[i - 1].jump : 1), (long long)run,
               run == 1 ? "is" : "are");
}

static void print_suggestion(const wn_rf_report *r)
{
    const wn_rf_suggestion *s = &r->suggestion;
    if (!s->layers) return;
    if (s->changed == 0) {
        printf("suggestion       none: there are no holes\n");
        return;
    }
    printf("suggestion       ");
    for (int i = 0; i < s->n; i++) {
        char name[WN_SPEC_NAME];
        wn_spec_name(name, &s->layers[i]);
        printf("%s%s", i ? " " : "", name);
    }
    printf("\n                 %d dilation%s changed, by %d in all: %lld of %lld positions, %.2f %%\n", s->changed,
           wn_text_plural(s->changed), s->sum, (long long)wn_span_covered(&s->field.reach),
           (long long)s->field.receptive_field, 100 * wn_span_coverage(&s->field.reach));
}

static void print_totals(const wn_rf_report *r)
{
    const wn_field *f = &r->field;
    int64_t covered = wn_span_covered(&f->reach), frames = 0;
    for (int i = 0; i < f->n_rows; i++) frames += f->rows[i].state_frames;
    printf("\nreceptive field  %lld samples", (long long)f->receptive_field);
    if (r->rate > 0) printf(", %.3f ms at %g Hz", milliseconds(r, f->receptive_field), r->rate);
    print_cost(r);
    printf("\ncoverage         %lld of %lld positions, %.2f %%", (long long)covered, (long long)f->receptive_field,
           100 * wn_span_coverage(&f->reach));
    print_holes(f);
    double paths = wn_span_log2_paths(&f->reach);
    if (paths < 53)
        printf("\npaths            %.0f", exp2(paths));
    else
        printf("\npaths            2^%.1f", paths);
    printf(" from input to output");
    if (f->causal) printf("\nstate            %lld frames", (long long)frames);
    if (r->is_model) printf(", %lld bytes a voice in float32", (long long)f->state_bytes);
    printf("\n");
}

static void print_influence(const wn_rf_report *r, const char *signal, const wn_influence *in)
{
    printf("influence        in a %-6s signal it is felt for %lld of %lld samples", signal, (long long)in->farthest,
           (long long)in->lags);
    if (r->rate > 0) printf(" (%.3f ms)", milliseconds(r, in->farthest));
    printf("; 50, 90 and 99 %% of its energy within %lld, %lld and %lld\n", (long long)in->within[0],
           (long long)in->within[1], (long long)in->within[2]);
    if (in->beyond > 0) printf("                 AND %lld outputs beyond the formula\n", (long long)in->beyond);
}

static void print_measure(const wn_rf_report *r)
{
    const wn_reach *reach = &r->measure.reach;
    printf("\nmeasured on the running model (%s kernels), one sample changed\n", reach->cpu);
    printf("reach            %lld samples, %lld positions: ", (long long)reach->receptive_field,
           (long long)reach->covered);
    if (wn_reach_agrees(reach))
        printf("exactly the formula's\n");
    else
        printf("NOT the formula's %lld and %lld (%lld missing, %lld too many)\n", (long long)reach->formula,
               (long long)reach->formula_covered, (long long)reach->missing, (long long)reach->extra);
    print_influence(r, "silent", &r->measure.silent);
    print_influence(r, "random", &r->measure.random);
}

static void print_positions(const wn_rf_report *r)
{
    const wn_span *s = &r->field.reach;
    printf("\nposition  paths%s\n", r->is_measured ? "         energy, silent   energy, random" : "");
    for (int64_t i = 0; i < s->length; i++) {
        int64_t lag = -(s->first + i);
        printf("%8lld  %-12.8g", (long long)(s->first + i), exp2(wn_span_log2_path(s, i)));
        if (r->is_measured && lag >= 0 && lag < r->measure.silent.lags)
            printf("  %-15.6g  %-15.6g", r->measure.silent.energy[lag], r->measure.random.energy[lag]);
        printf("\n");
    }
}

void wn_rf_table(const wn_rf_report *r)
{
    columns c = choose_columns(r);
    print_heading(&c);
    for (int i = 0; i < r->field.n_rows; i++) print_row(r, &c, &r->field.rows[i]);
    print_totals(r);
    print_suggestion(r);
    if (r->is_measured) print_measure(r);
    if (r->positions) print_positions(r);
}

/* ---- for spreadsheets -------------------------------------------------------------------------------------------- */

static void csv_layers(const wn_rf_report *r)
{
    printf("stack,layer,kind,kernel,dilation,effective_kernel,stride,padding,receptive_field,receptive_ms,covered,"
           "coverage,"
           "log2_paths,jump,first,last,state_frames,state_bytes%s,weights,macs,padding_end\n",
           r->input_size ? ",output_size" : "");
    for (int i = 0; i < r->field.n_rows; i++) {
        const wn_field_row *row = &r->field.rows[i];
        if (row->stack >= 0) printf("%d", row->stack);
        printf(",%s,%s,%d,%d,%lld,%d,%d,%lld,", row->layer, wn_spec_kind_name(&row->spec), row->spec.axis[0].kernel,
               row->spec.axis[0].dilation, (long long)row->effective_kernel, row->spec.axis[0].stride,
               row->spec.axis[0].padding, (long long)row->receptive_field);
        if (r->rate > 0) printf("%.6f", milliseconds(r, row->receptive_field));
        printf(",%lld,%.9g,%.9g,%.9g,%lld,%lld,%lld,", (long long)row->covered, row->coverage, row->log2_paths,
               row->jump, (long long)row->first, (long long)row->last, (long long)row->state_frames);
        if (r->is_model) printf("%lld", (long long)row->state_bytes);
        if (r->input_size) printf(",%lld", (long long)row->output_size);
        printf(",%lld,%.9g,%d\n", (long long)row->weights, row->macs, row->spec.axis[0].padding_end);
    }
}

static void csv_positions(const wn_rf_report *r)
{
    const wn_span *s = &r->field.reach;
    printf("position,covered,log2_paths%s\n", r->is_measured ? ",energy_silent,energy_random" : "");
    for (int64_t i = 0; i < s->length; i++) {
        int64_t lag = -(s->first + i);
        printf("%lld,%d,", (long long)(s->first + i), s->hit[i]);
        if (s->hit[i]) printf("%.12g", wn_span_log2_path(s, i));
        if (r->is_measured && lag >= 0 && lag < r->measure.silent.lags)
            printf(",%.9g,%.9g", r->measure.silent.energy[lag], r->measure.random.energy[lag]);
        printf("\n");
    }
}

void wn_rf_csv(const wn_rf_report *r)
{
    if (r->positions)
        csv_positions(r);
    else
        csv_layers(r);
}

/* ---- for programs ------------------------------------------------------------------------------------------------ */

static json_t *row_json(const wn_rf_report *r, const wn_field_row *row)
{
    json_t *o =
        json_pack("{so ss ss si si sI si si sI sI sf so sf sI sI sI}", "stack",
                  row->stack >= 0 ? json_integer(row->stack) : json_null(), "layer", row->layer, "kind",
                  wn_spec_kind_name(&row->spec), "kernel", row->spec.axis[0].kernel, "dilation",
                  row->spec.axis[0].dilation, "effective_kernel", (json_int_t)row->effective_kernel, "stride",
                  row->spec.axis[0].stride, "padding", row->spec.axis[0].padding, "receptive_field",
                  (json_int_t)row->receptive_field, "covered", (json_int_t)row->covered, "coverage", row->coverage,
                  "log2_paths", wn_cli_json_number(row->log2_paths), "jump", row->jump, "first", (json_int_t)row->first,
                  "last", (json_int_t)row->last, "state_frames", (json_int_t)row->state_frames);
    if (r->rate > 0) json_object_set_new(o, "receptive_ms", json_real(milliseconds(r, row->receptive_field)));
    if (r->is_model) json_object_set_new(o, "state_bytes", json_integer(row->state_bytes));
    if (r->input_size) json_object_set_new(o, "output_size", json_integer(row->output_size));
    json_object_set_new(o, "padding_end", json_integer(row->spec.axis[0].padding_end));
    json_object_set_new(o, "weights", json_integer(row->weights));
    json_object_set_new(o, "macs", json_real(row->macs)); /* per output */
    return o;
}

static json_t *influence_json(const wn_rf_report *r, const wn_influence *in)
{
    json_t *o = json_pack("{sI sI s{sI sI sI}}", "samples", (json_int_t)in->farthest, "beyond_formula",
                          (json_int_t)in->beyond, "energy_within", "50", (json_int_t)in->within[0], "90",
                          (json_int_t)in->within[1], "99", (json_int_t)in->within[2]);
    if (!r->positions) return o;
    json_t *energy = json_array();
    for (int64_t i = 0; i < in->lags; i++) json_array_append_new(energy, wn_cli_json_number(in->energy[i]));
    json_object_set_new(o, "energy", energy); /* of lag 0, 1, ... */
    return o;
}

static json_t *measure_json(const wn_rf_report *r)
{
    const wn_reach *reach = &r->measure.reach;
    return json_pack("{ss s{sI sI sI sI sI sI sb} so so}", "cpu", reach->cpu, "reach", "receptive_field",
                     (json_int_t)reach->receptive_field, "covered", (json_int_t)reach->covered, "formula",
                     (json_int_t)reach->formula, "formula_covered", (json_int_t)reach->formula_covered, "missing",
                     (json_int_t)reach->missing, "extra", (json_int_t)reach->extra, "equals_formula",
                     wn_reach_agrees(reach), "influence_silent", influence_json(r, &r->measure.silent),
                     "influence_random", influence_json(r, &r->measure.random));
}

static json_t *suggestion_json(const wn_rf_suggestion *s)
{
    json_t *layers = json_array();
    for (int i = 0; i < s->n; i++) {
        char name[WN_SPEC_NAME];
        wn_spec_name(name, &s->layers[i]);
        json_array_append_new(layers, json_string(name));
    }
    return json_pack("{so si si sI sI}", "layers", layers, "changed", s->changed, "sum_of_changes", s->sum,
                     "receptive_field", (json_int_t)s->field.receptive_field, "covered",
                     (json_int_t)wn_span_covered(&s->field.reach));
}

static json_t *positions_json(const wn_span *s)
{
    json_t *paths = json_array();
    for (int64_t i = 0; i < s->length; i++) json_array_append_new(paths, wn_cli_json_number(wn_span_log2_path(s, i)));
    return json_pack("{sI so}", "first", (json_int_t)s->first, "log2_paths", paths);
}

json_t *wn_rf_json(const wn_rf_report *r)
{
    const wn_field *f = &r->field;
    json_t *layers = json_array();
    for (int i = 0; i < f->n_rows; i++) json_array_append_new(layers, row_json(r, &f->rows[i]));
    json_t *root = json_pack("{sI sI sf so so}", "receptive_field", (json_int_t)f->receptive_field, "covered",
                             (json_int_t)wn_span_covered(&f->reach), "coverage", wn_span_coverage(&f->reach),
                             "log2_paths", wn_cli_json_number(wn_span_log2_paths(&f->reach)), "layers", layers);
    if (!root) return NULL;
    if (r->rate > 0) json_object_set_new(root, "sample_rate", json_real(r->rate));
    if (r->rate > 0) json_object_set_new(root, "receptive_ms", json_real(milliseconds(r, f->receptive_field)));
    if (r->is_model) json_object_set_new(root, "state_bytes", json_integer(f->state_bytes));
    if (r->is_measured) json_object_set_new(root, "measured", measure_json(r));
    if (r->suggestion.layers) json_object_set_new(root, "suggestion", suggestion_json(&r->suggestion));
    if (r->positions) json_object_set_new(root, "positions", positions_json(&f->reach));
    return root;
}
