/* SPDX-License-Identifier: MIT
 * conv_table.c - the table of wavenet conv: every layer with its formulas filled in, for people.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/conv_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/reference_shape.h"
#include "analysis/reference_window.h"
#include "base/text.h"

/* More than that is for --json. */
enum { MAX_ROWS = 64, MAX_COLUMNS = 64, MAX_BLOCKS = 64, MAX_TERMS = 12, MAX_NAMED = 8, NUMBER = 32 };

/* ---- numbers and arrays ------------------------------------------------------------------------------------------ */

/* Six digits; a negative zero is a zero. */
static const char *number_text(char text[NUMBER], double x)
{
    snprintf(text, NUMBER, "%.6g", x + 0.0);
    return text;
}

static int column_width(const double *v, int64_t count)
{
    int width = 1;
    for (int64_t i = 0; i < count && i < MAX_ROWS * MAX_COLUMNS; i++) {
        char text[NUMBER];
        int n = (int)strlen(number_text(text, v[i]));
        width = n > width ? n : width;
    }
    return width;
}

static void print_matrix(const double *v, int64_t rows, int64_t columns, int width)
{
    for (int64_t r = 0; r < rows && r < MAX_ROWS; r++) {
        printf("   ");
        for (int64_t c = 0; c < columns && c < MAX_COLUMNS; c++) {
            char text[NUMBER];
            printf(" %*s", width, number_text(text, v[r * columns + c]));
        }
        printf("%s\n", columns > MAX_COLUMNS ? " ..." : "");
    }
    if (rows > MAX_ROWS) printf("    ... (%lld rows; --json has all)\n", (long long)rows);
}

/* Matrices of the last two sizes, each headed by its indices where there are several. */
static void print_array(const double *v, int rank, const int64_t *shape)
{
    int64_t columns = shape[rank - 1], rows = rank > 1 ? shape[rank - 2] : 1, blocks = 1;
    for (int i = 0; i + 2 < rank; i++) blocks *= shape[i];
    int width = column_width(v, blocks * rows * columns);
    for (int64_t b = 0; b < blocks && b < MAX_BLOCKS; b++) {
        char name[96];
        wn_reference_entry_name(name, sizeof name, rank - 2, shape, b);
        if (blocks > 1) printf("    %s\n", name);
        print_matrix(v + b * rows * columns, rows, columns, width);
    }
    if (blocks > MAX_BLOCKS) printf("    ... (%lld matrices; --json has all)\n", (long long)blocks);
}

/* The sizes of an array that holds `s`: channels only where there are several, or nothing else. */
static int shape_sizes(const wn_shape *s, int64_t sizes[3])
{
    int n = 0;
    bool vector = s->size[0] * s->size[1] == 1 && s->rank == 1;
    if (s->channels > 1 || vector) sizes[n++] = s->channels;
    if (s->rank == 2) sizes[n++] = s->size[0];
    if (!vector) sizes[n++] = s->size[1];
    return n;
}

static void print_values(const wn_shape *s, const double *v)
{
    int64_t sizes[3];
    int rank = shape_sizes(s, sizes);
    print_array(v, rank, sizes);
}

static const char *shape_text(char text[96], const wn_shape *s)
{
    snprintf(text, 96, "%lld", (long long)s->channels);
    if (s->rank == 2) wn_text_append(text, 96, " x %lld", (long long)s->size[0]);
    wn_text_append(text, 96, " x %lld", (long long)s->size[1]);
    return text;
}

/* "[0][1][2]" of a value of this shape. */
static const char *entry_text(char text[96], const wn_shape *s, int64_t index)
{
    int64_t sizes[3];
    int rank = shape_sizes(s, sizes);
    wn_reference_entry_name(text, 96, rank, sizes, index);
    return text;
}

/* ---- a sum of products, written out ------------------------------------------------------------------------------ */

/* The products of a layer that belong to the sum. */
typedef enum sum_of { SUM_OUTPUT, SUM_WEIGHT, SUM_INPUT } sum_of;

typedef struct terms {
    const wn_reference_layer *l;
    const double *x;
    sum_of of;
    int64_t index;
    int n;
    char text[MAX_TERMS * 2 * NUMBER];
} terms;

static void append_term(terms *t, double a, double b)
{
    char left[NUMBER], right[NUMBER];
    if (t->n++ >= MAX_TERMS) return;
    wn_text_append(t->text, sizeof t->text, "%s%s*%s", t->n > 1 ? " + " : "", number_text(left, a),
                   number_text(right, b));
}

static void visit_term(void *user, int64_t weight, int64_t in, int64_t out)
{
    terms *t = user;
    if (t->index != (t->of == SUM_OUTPUT ? out : t->of == SUM_WEIGHT ? weight : in)) return;
    if (t->of == SUM_OUTPUT)
        append_term(t, t->l->weights[weight], t->x[in]);
    else if (t->of == SUM_WEIGHT)
        append_term(t, t->l->dy[out], t->x[in]);
    else
        append_term(t, t->l->weights[weight], t->l->dy[out]);
}

/* "name[0] = 1*2 + 3*4 = 14", the first entry of an array. */
static void print_sum(const char *name, const wn_reference_layer *l, const double *x, sum_of of, double bias,
                      double value)
{
    terms t = {.l = l, .x = x, .of = of};
    char text[NUMBER];
    wn_reference_visit(l, visit_term, &t);
    if (t.n > MAX_TERMS) wn_text_append(t.text, sizeof t.text, " + ... (%d products)", t.n);
    if (t.n == 0) wn_text_append(t.text, sizeof t.text, "0");
    printf("  %s = %s", name, t.text);
    if (bias != 0) printf(" + %s", number_text(text, bias));
    printf(" = %s\n", number_text(text, value));
}

/* ---- forward ----------------------------------------------------------------------------------------------------- */

static void print_size_formula(const wn_reference_layer *l, int a, const char *name)
{
    const wn_spec_axis *x = &l->spec.axis[l->spec.rank == 2 ? a : 0];
    int axis = l->spec.rank == 2 ? a : 0;
    long long e = wn_spec_effective(&l->spec, axis), n = l->in.size[a], m = l->out.size[a];
    if (l->spec.kind == WN_SPEC_TRANSPOSED)
        printf("  %-8s (%lld - 1) * %d - %d - %d + %lld + %d = %lld", name, n, x->stride, x->padding, x->padding_end, e,
               x->output_padding, m);
    else
        printf("  %-8s floor((%lld + %d + %d - %lld) / %d) + 1 = %lld", name, n, x->padding, x->padding_end, e,
               x->stride, m);
    if (x->dilation > 1) printf(", with the effective kernel %d * (%d - 1) + 1 = %lld", x->dilation, x->kernel, e);
    printf("\n");
}

static void print_parameters(const wn_reference_layer *l)
{
    printf("  weights  %lld, biases %lld\n", (long long)l->n_weights, (long long)l->n_bias);
}

static void print_first_output(const wn_reference_layer *l, const double *x)
{
    char name[104], entry[96];
    snprintf(name, sizeof name, "y%s", entry_text(entry, &l->out, 0));
    if (wn_reference_has_weights(l)) print_sum(name, l, x, SUM_OUTPUT, l->bias[0], l->y[0]);
}

static void print_routes(const wn_reference_layer *l)
{
    char entry[96];
    printf("  largest at");
    for (int64_t i = 0; i < wn_shape_count(&l->out) && i < MAX_TERMS; i++)
        printf(" x%s", entry_text(entry, &l->in, l->route[i]));
    printf("%s\n", wn_shape_count(&l->out) > MAX_TERMS ? " ..." : "");
}

static void print_layer_matrix(const wn_reference_layer *l)
{
    int64_t rows = wn_shape_count(&l->out), columns = wn_shape_count(&l->in);
    double *c = wn_conv_report_matrix(l);
    printf("  matrix %s, %lld x %lld\n", l->spec.kind == WN_SPEC_TRANSPOSED ? "C^T" : "C", (long long)rows,
           (long long)columns);
    int width = c ? column_width(c, rows * columns) : 0;
    for (int64_t i = 0; c && i < rows * columns; i++) {
        char text[NUMBER];
        printf("%s %*s%s", i % columns ? "" : "   ", width, number_text(text, c[i]), (i + 1) % columns ? "" : "\n");
    }
    if (!c) printf("    out of memory\n");
    free(c);
}

/* What a sum reads, and its first output as a sum. */
static void print_branches(const wn_reference *net, const wn_reference_layer *l)
{
    char entry[96], text[NUMBER];
    for (int i = 0; i < l->n_sources; i++) {
        const wn_reference_source *s = &l->sources[i];
        char name[WN_CONV_SOURCE_NAME], shape[96];
        const wn_shape *size = wn_reference_output_shape(net, s->layer);
        wn_conv_report_source_name(name, net, s->layer);
        printf("  branch %-3d %s, %s", i + 1, name, shape_text(shape, size));
        if (size->size[0] != l->out.size[0] || size->size[1] != l->out.size[1])
            printf(", from x%s on", entry_text(entry, size, wn_reference_source_place(size, s, &l->in, 0)));
        printf("\n");
    }
    printf("  y%s =", entry_text(entry, &l->out, 0));
    for (int i = 0; i < l->n_sources && i < MAX_TERMS; i++) {
        const wn_reference_source *s = &l->sources[i];
        int64_t at = wn_reference_source_place(wn_reference_output_shape(net, s->layer), s, &l->in, 0);
        printf("%s %s", i ? " +" : "", number_text(text, wn_reference_output(net, s->layer)[at]));
    }
    printf("%s = %s\n", l->n_sources > MAX_TERMS ? " + ..." : "", number_text(text, l->y[0]));
}

static void print_heading(const wn_reference_layer *l)
{
    char name[WN_SPEC_NAME], in[96], out[96];
    wn_spec_name(name, &l->spec);
    if (l->spec.kind == WN_SPEC_CLOSE)
        printf("\nsum %d  %d branches -> %s\n", l->number, l->n_sources, shape_text(out, &l->out));
    else
        printf("\nlayer %d  %s  %s -> %s\n", l->number, name, shape_text(in, &l->in), shape_text(out, &l->out));
}

static void print_layer(const wn_conv_report *r, int i)
{
    const wn_reference_layer *l = &r->network->layers[i];
    print_heading(l);
    if (wn_spec_has_window(&l->spec) && l->spec.rank == 2) print_size_formula(l, 0, "rows");
    if (wn_spec_has_window(&l->spec)) print_size_formula(l, 1, l->spec.rank == 2 ? "columns" : "size");
    if (l->n_weights) print_parameters(l);
    if (r->matrix && l->n_weights) print_layer_matrix(l);
    if (l->spec.kind == WN_SPEC_CLOSE) print_branches(r->network, l);
    print_first_output(l, wn_reference_input(r->network, i));
    print_values(&l->out, l->y);
    if (l->spec.kind == WN_SPEC_POOL) print_routes(l);
}

/* ---- backward ---------------------------------------------------------------------------------------------------- */

static void print_loss(const wn_reference *net)
{
    static const char *const names[] = {[WN_LOSS_SUM] = "sum of y",
                                        [WN_LOSS_SQUARED] = "1/2 sum of (y - target)^2",
                                        [WN_LOSS_CROSS_ENTROPY] = "-log y[label]"};
    char text[NUMBER];
    const wn_reference_layer *l = &net->layers[net->n - 1];
    printf("\nloss L = %s = %s\n", names[net->loss_kind], number_text(text, net->loss));
    printf("  dL/dy\n");
    print_values(&l->out, l->dy);
}

static void print_tensor_gradient(const wn_reference *net, int index)
{
    wn_reference_tensor t = wn_reference_tensor_at(net, index);
    print_array(t.gradient, t.rank, t.shape);
}

/* The rule by which the gradient of a layer's input follows from that of its output. */
static const char *input_formula(const wn_reference *net, int i)
{
    const wn_reference_layer *l = &net->layers[i];
    bool entropy = net->loss_kind == WN_LOSS_CROSS_ENTROPY && i == net->n - 1;
    switch (l->spec.kind) {
    case WN_SPEC_POOL: return "each dL/dy goes to the input that was the largest of its window";
    case WN_SPEC_AVERAGE: return "each dL/dy is shared equally by its window";
    case WN_SPEC_ACTIVATION: return "dL/dy * slope at x";
    case WN_SPEC_CLOSE: return "dL/dy, for every branch";
    case WN_SPEC_SOFTMAX: return entropy ? "y - 1 at the label, y elsewhere" : "y * (dL/dy - sum of y * dL/dy)";
    default: return "sum of w * dL/dy over the outputs that read this input";
    }
}

static void print_gradients_of_weights(const wn_reference *net, int i, int tensor)
{
    const wn_reference_layer *l = &net->layers[i];
    char name[104], entry[96], text[NUMBER];
    wn_reference_tensor t = wn_reference_tensor_at(net, tensor);
    printf("  dL/dw = sum of dL/dy * x over the outputs that use this weight\n");
    wn_reference_entry_name(entry, sizeof entry, t.rank, t.shape, 0);
    snprintf(name, sizeof name, "dL/dw%s", entry);
    print_sum(name, l, wn_reference_input(net, i), SUM_WEIGHT, 0, l->dweights[0]);
    print_tensor_gradient(net, tensor);
    int64_t positions = wn_shape_count(&l->out) / l->out.channels;
    printf("  dL/db = sum of dL/dy over the positions of a filter\n  dL/db[0] = ");
    for (int64_t k = 0; k < positions && k < MAX_TERMS; k++)
        printf("%s%s", k ? " + " : "", number_text(text, l->dy[k]));
    if (positions > MAX_TERMS) printf(" + ... (%lld terms)", (long long)positions);
    printf(" = %s\n", number_text(text, l->dbias[0]));
    print_tensor_gradient(net, tensor + 1);
}

/* The gradient of an output that several branches or a sum read. That of a single reader is its dL/dx, just above. */
static void print_shared_gradient(const wn_reference *net, int layer, const char *name, const double *gradient)
{
    int readers = 0;
    bool sum = false;
    for (int i = 0; i < net->n; i++)
        for (int k = 0; k < net->layers[i].n_sources; k++) {
            if (net->layers[i].sources[k].layer != layer) continue;
            readers++;
            sum = sum || net->layers[i].spec.kind == WN_SPEC_CLOSE;
        }
    if (readers == 0 || (readers == 1 && !sum)) return;
    if (layer < 0) printf("\ninput, backward\n");
    printf("  %s = sum of dL/dx over what reads it, %d branch%s\n", name, readers, readers == 1 ? "" : "es");
    print_values(wn_reference_output_shape(net, layer), gradient);
}

static void print_layer_backward(const wn_reference *net, int i, int tensor)
{
    const wn_reference_layer *l = &net->layers[i];
    char name[104], entry[96], spec[WN_SPEC_NAME], source[WN_CONV_SOURCE_NAME];
    wn_spec_name(spec, &l->spec);
    wn_conv_report_source_name(source, net, i);
    if (l->spec.kind == WN_SPEC_CLOSE)
        printf("\n%s, backward\n", source);
    else
        printf("\n%s  %s, backward\n", source, spec);
    print_shared_gradient(net, i, "dL/dy", l->dy);
    if (l->n_weights) print_gradients_of_weights(net, i, tensor);
    printf("  dL/dx = %s\n", input_formula(net, i));
    snprintf(name, sizeof name, "dL/dx%s", entry_text(entry, &l->in, 0));
    if (l->n_weights) print_sum(name, l, NULL, SUM_INPUT, 0, l->dx[0]);
    print_values(&l->in, l->dx);
}

/* Layers from the last to the first; `tensor` counts the arrays that have gradients. */
static void print_backward(const wn_conv_report *r)
{
    const wn_reference *net = r->network;
    int tensor = wn_reference_tensors(net);
    print_loss(net);
    for (int i = net->n - 1; i >= 0; i--) {
        if (net->layers[i].n_weights) tensor -= 2;
        print_layer_backward(net, i, tensor);
    }
    print_shared_gradient(net, -1, "dL/dx", net->dx);
}

/* ---- checks ------------------------------------------------------------------------------------------------------ */

static void print_differences(const wn_conv_report *r)
{
    int64_t checked = 0, skipped = 0;
    double worst = 0;
    printf("\n%-12s %8s %8s %14s\n", "gradient", "checked", "skipped", "largest error");
    for (int i = 0; i < r->n_differences; i++) {
        const wn_reference_difference *d = &r->differences[i];
        wn_reference_tensor t = wn_reference_tensor_at(r->network, i);
        bool bad = !(d->worst <= r->tolerance);
        printf("%-12s %8lld %8lld %14.1e%s\n", t.name, (long long)d->checked, (long long)d->skipped, d->worst,
               bad ? "  FAILED" : "");
        checked += d->checked;
        skipped += d->skipped;
        worst = d->worst > worst ? d->worst : worst;
    }
    printf("%s: %lld gradients against central differences, the worst error %.1e (limit %g); %lld skipped at kinks\n",
           wn_conv_report_agrees(r) ? "ok" : "FAILED", (long long)checked, worst, r->tolerance, (long long)skipped);
}

static void print_claim(const wn_conv_claim *c)
{
    if (c->off == 0) {
        printf("%s: all %lld entries agree\n", c->tensor.name, (long long)c->tensor.count);
        return;
    }
    printf("%s: %lld of %lld entries are off\n", c->tensor.name, (long long)c->off, (long long)c->tensor.count);
    for (int64_t i = 0; i < c->off && i < MAX_NAMED; i++) {
        char entry[96], claimed[NUMBER], computed[NUMBER];
        wn_reference_entry_name(entry, sizeof entry, c->tensor.rank, c->tensor.shape, c->at[i]);
        printf("    %s claimed %s, computed %s\n", entry, number_text(claimed, c->claimed[c->at[i]]),
               number_text(computed, c->tensor.gradient[c->at[i]]));
    }
    if (c->off > MAX_NAMED) printf("    ... (--json has all)\n");
}

void wn_conv_table_print(const wn_conv_report *r)
{
    char text[96];
    printf("input  %s\n", shape_text(text, &r->network->in));
    print_values(&r->network->in, r->network->x);
    for (int i = 0; i < r->network->n; i++) print_layer(r, i);
    if (r->backward) print_backward(r);
    if (r->n_differences) print_differences(r);
    if (r->n_claims) printf("\n");
    for (int i = 0; i < r->n_claims; i++) print_claim(&r->claims[i]);
    if (r->n_claims)
        printf("%s: claimed gradients, tolerance %g\n", wn_conv_report_agrees(r) ? "ok" : "FAILED", r->tolerance);
}
