/* SPDX-License-Identifier: MIT
 * conv.c - wavenet conv: a small network computed exactly, forward and backward, as a table that a person can follow.
 * Copyright (c) 2026 the wavenet authors */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/plot.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/conv_json.h"
#include "cli/conv_report.h"
#include "cli/conv_table.h"
#include "cli/values.h"

typedef struct conv_options {
    char *layers, *weights, *target, *claims, *plot;
    int flip, matrix, backward, json, check;
    long long label;
    double tolerance;
} conv_options;

/* One run: what was read, and the network made from it. */
typedef struct conv {
    wn_cli *cli;
    conv_options o;
    wn_spec *layers;
    int n_layers;
    wn_value_list input, weights, target, claims;
    wn_reference_given *given; /* [n_layers] pointers into weights */
    wn_reference *network;
    wn_conv_report report;
} conv;

/* ---- arguments --------------------------------------------------------------------------------------------------- */

static const char *check_options(const conv *c)
{
    const conv_options *o = &c->o;
    if (!o->layers) return "--layers is missing";
    if (c->cli->n_args == 0 && o->claims)
        return "INPUT is missing; it stands before --check, which takes what follows it";
    if (c->cli->n_args == 0) return "INPUT is missing";
    if (o->target && o->label != LLONG_MIN) return "--target or --label, not both";
    if ((o->target || o->label != LLONG_MIN) && !o->backward && !o->check)
        return "--target and --label are for --backward and --check";
    if (!(o->tolerance > 0 && o->tolerance < 1)) return "--tolerance is a number above 0 and below 1";
    return NULL;
}

static int check_usage(conv *c)
{
    wn_error error = {0};
    const char *wrong = check_options(c);
    if (wrong) return wn_cli_usage(c->cli, "%s", wrong);
    wn_status status = wn_spec_parse(&c->layers, &c->n_layers, c->o.layers, "--layers", &error);
    if (!status && c->o.plot) status = wn_plot_check_name(c->o.plot, &error);
    return status ? wn_cli_usage(c->cli, "%s: %s", error.where, error.message) : WN_EXIT_OK;
}

/* ---- from arrays to a network ------------------------------------------------------------------------------------ */

/* Rows and columns if a layer has them, or if the input has three sizes; otherwise a signal in time. */
static int find_rank(const conv *c, const wn_values *input)
{
    for (int i = 0; i < c->n_layers; i++)
        if (c->layers[i].rank) return c->layers[i].rank;
    return input->rank > 2 ? 2 : 1;
}

/* [channels][rows][columns] or [rows][columns]; [channels][time] or [time]. */
static wn_status shape_input(const conv *c, wn_shape *shape, wn_error *error)
{
    const wn_values *v = &c->input.item[0];
    int rank = find_rank(c, v);
    *shape = (wn_shape){.rank = rank, .channels = 1, .size = {1, 1}};
    if (c->input.n != 1) return wn_fail(error, WN_ERROR_FORMAT, "INPUT", "%d arrays; one expected", c->input.n);
    if (v->rank > rank + 1)
        return wn_fail(error, WN_ERROR_FORMAT, "INPUT", "%d sizes; %s expected", v->rank,
                       rank == 2 ? "rows and columns, or channels, rows and columns" : "time, or channels and time");
    int64_t sizes[3] = {1, 1, 1};
    for (int i = 0; i < v->rank; i++) sizes[3 - v->rank + i] = v->shape[i];
    shape->channels = rank == 2 ? sizes[0] : sizes[1];
    shape->size[0] = rank == 2 ? sizes[1] : 1;
    shape->size[1] = sizes[2];
    return WN_OK;
}

/* Layers of the list; the brackets of branches are none. */
static int count_layers(const conv *c)
{
    int n = 0;
    for (int i = 0; i < c->n_layers; i++) n += c->layers[i].kind < WN_SPEC_OPEN;
    return n;
}

/* The layer that "3.weight" or "3.bias" names: its index, or -1. */
static int named_layer(const conv *c, const char *name, const char **role)
{
    char *end;
    long number = strtol(name, &end, 10);
    *role = end + 1;
    if (end == name || *end != '.' || number < 1) return -1;
    for (int i = 0; i < c->n_layers; i++)
        if (c->layers[i].kind < WN_SPEC_OPEN && --number == 0) return i;
    return -1;
}

/* The number of the layer with this index. */
static int layer_number(const conv *c, int index)
{
    int n = 0;
    for (int i = 0; i <= index; i++) n += c->layers[i].kind < WN_SPEC_OPEN;
    return n;
}

static bool takes_weights(const wn_spec *spec)
{
    return spec->kind == WN_SPEC_CONV || spec->kind == WN_SPEC_TRANSPOSED || spec->kind == WN_SPEC_DENSE;
}

/* The layer of array `v`: by its name, or the next one that takes weights after *last. -1: there is none. */
static int find_layer(const conv *c, const wn_values *v, int *last, const char **role)
{
    *role = "weight";
    if (strcmp(v->name, "bias") == 0) {
        *role = "bias";
        return *last;
    }
    if (v->name[0]) return named_layer(c, v->name, role);
    for (int i = *last + 1; i < c->n_layers; i++)
        if (takes_weights(&c->layers[i])) return i;
    return -1;
}

static wn_status give_array(conv *c, const wn_values *v, int *last, wn_error *error)
{
    const char *role;
    int i = find_layer(c, v, last, &role);
    bool bias = strcmp(role, "bias") == 0;
    if (i < 0 && !v->name[0])
        return wn_fail(error, WN_ERROR_FORMAT, "--weights", "more arrays than the list has layers with weights");
    if (i < 0 || (!bias && strcmp(role, "weight") != 0))
        return wn_fail(error, WN_ERROR_FORMAT, "--weights",
                       "'%s' is no layer's; a name such as 1.weight or 1.bias expected, 1 to %d", v->name,
                       count_layers(c));
    wn_reference_given *g = &c->given[i];
    if (bias ? g->bias != NULL : g->weights != NULL)
        return wn_fail(error, WN_ERROR_FORMAT, "--weights", "layer %d has two arrays of %s", layer_number(c, i),
                       bias ? "biases" : "weights");
    *(bias ? &g->bias : &g->weights) = v->v;
    *(bias ? &g->n_bias : &g->n_weights) = v->count;
    *last = i;
    return WN_OK;
}

static wn_status give_weights(conv *c, wn_error *error)
{
    int last = -1;
    c->given = calloc((size_t)c->n_layers, sizeof *c->given);
    if (!c->given) return wn_fail_memory(error, "--weights");
    if (!c->o.weights) return WN_OK;
    wn_status status = wn_values_read(&c->weights, c->o.weights, "--weights", error);
    for (int i = 0; !status && i < c->weights.n; i++) status = give_array(c, &c->weights.item[i], &last, error);
    return status;
}

static wn_status choose_loss(conv *c, wn_error *error)
{
    if (c->o.label != LLONG_MIN) return wn_reference_set_label(c->network, c->o.label, error);
    if (!c->o.target) return WN_OK;
    wn_status status = wn_values_read(&c->target, c->o.target, "--target", error);
    if (!status && c->target.n != 1)
        status = wn_fail(error, WN_ERROR_FORMAT, "--target", "%d arrays; one expected", c->target.n);
    return status ? status : wn_reference_set_target(c->network, c->target.item[0].v, c->target.item[0].count, error);
}

/* A word before the numbers of a text names an array of weights; an input has no other name than `input`. */
static wn_status read_input(conv *c, wn_error *error)
{
    const char *source = c->cli->args[0], *word = source + strspn(source, " \t,");
    wn_status status = wn_values_read(&c->input, source, "INPUT", error);
    const char *name = status ? "" : c->input.item[0].name;
    size_t length = strlen(name);
    bool in_text = length && strncmp(word, name, length) == 0 && strchr(" \t,", word[length]);
    if (in_text && strcmp(name, "input") != 0)
        return wn_fail(error, WN_ERROR_FORMAT, "INPUT", "'%s' in row 1 is not a number", name);
    return status;
}

static wn_status build_network(conv *c, wn_error *error)
{
    wn_shape shape;
    wn_status status = read_input(c, error);
    if (!status) status = shape_input(c, &shape, error);
    if (!status) status = give_weights(c, error);
    if (!status)
        status = wn_reference_new(&c->network, c->layers, c->n_layers, &shape, c->input.item[0].v, c->given, c->o.flip,
                                  "--layers", error);
    return status ? status : choose_loss(c, error);
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

/* The windows of the layers along time, or along the columns of an image; with the brackets of branches. Returns the number
 * of windows. */
static int list_windows(const conv *c, wn_spec *along, int *n)
{
    const wn_reference_layer *l = c->network->layers;
    int windows = 0;
    for (int i = *n = 0; i < c->n_layers; i++) {
        wn_spec *s = &along[*n];
        bool bracket = c->layers[i].kind >= WN_SPEC_OPEN;
        *s = bracket ? c->layers[i] : l->spec;
        if (!bracket || c->layers[i].kind == WN_SPEC_CLOSE) l++;
        if (!bracket && !wn_spec_has_window(s)) continue;
        if (!bracket) s->axis[0] = s->axis[s->rank - 1];
        if (!bracket) s->rank = 1;
        windows += !bracket;
        ++*n;
    }
    return windows;
}

static wn_status draw_plot(conv *c, wn_error *error)
{
    wn_spec *along = calloc((size_t)c->n_layers, sizeof *along);
    wn_field field = {0};
    int n;
    if (!along) return wn_fail_memory(error, "--plot");
    wn_status status =
        list_windows(c, along, &n)
            ? wn_field_layers(&field, along, n, c->network->in.size[1], (int)c->network->in.channels, "--layers", error)
            : wn_fail(error, WN_ERROR_ARGUMENT, "--plot", "no layer has a window to draw");
    if (!status) status = wn_plot_write(c->o.plot, &(wn_plot){.field = &field, .title = c->o.layers}, error);
    wn_field_free(&field);
    free(along);
    return status;
}

static wn_status conv_compute(conv *c, wn_error *error)
{
    const conv_options *o = &c->o;
    wn_status status = build_network(c, error);
    if (status) return status;
    wn_reference_forward(c->network);
    if (o->backward || o->check) wn_reference_backward(c->network);
    status = wn_reference_check_finite(c->network, o->backward || o->check, "--layers", error);
    if (status) return status;
    c->report = (wn_conv_report){
        .network = c->network, .matrix = o->matrix, .backward = o->backward, .tolerance = o->tolerance};
    if (o->matrix) status = wn_conv_report_check_matrix(&c->report, error);
    if (!status && o->claims) status = wn_values_read(&c->claims, o->claims, "--check", error);
    if (!status && o->claims) status = wn_conv_report_claim(&c->report, &c->claims, error);
    if (!status && o->check && !o->claims) status = wn_conv_report_differentiate(&c->report, error);
    return !status && o->plot ? draw_plot(c, error) : status;
}

static int conv_print(conv *c)
{
    int code = WN_EXIT_OK;
    if (c->o.json) {
        code = wn_conv_json_print(c->cli, &c->report);
    } else {
        wn_conv_table_print(&c->report);
        code = wn_cli_done(c->cli);
    }
    return code == WN_EXIT_OK && !wn_conv_report_agrees(&c->report) ? WN_EXIT_FAILED : code;
}

static void conv_free(conv *c)
{
    wn_conv_report_free(&c->report);
    wn_reference_free(c->network);
    free(c->given);
    wn_values_free(&c->input);
    wn_values_free(&c->weights);
    wn_values_free(&c->target);
    wn_values_free(&c->claims);
    free(c->layers);
}

/* --check may stand alone, which popt does not tell from an option that was not given. */
static bool is_given(int argc, const char **argv, const char *option)
{
    size_t n = strlen(option);
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], option, n) == 0 && (argv[i][n] == '\0' || argv[i][n] == '=')) return true;
    return false;
}

/* Numbers such as "-1 0 2" are no options: a space before them tells popt. *kept is to be freed. False if memory fails. */
static bool shield_numbers(int argc, const char **argv, char **kept)
{
    size_t size = 1;
    for (int i = 1; i < argc; i++) size += strlen(argv[i]) + 2;
    char *at = *kept = malloc(size);
    for (int i = 1; at && i < argc; i++) {
        if (argv[i][0] != '-' || !strchr("0123456789.", argv[i][1]) || !argv[i][1]) continue;
        int n = sprintf(at, " %s", argv[i]);
        argv[i] = at;
        at += n + 1;
    }
    return *kept != NULL;
}

static int conv_execute(conv *c, int argc, const char **argv)
{
    wn_error error = {0};
    c->o.check = is_given(argc, argv, "--check");
    int code = check_usage(c);
    if (code != WN_EXIT_OK) return code;
    return conv_compute(c, &error) ? wn_cli_fail(c->cli, &error) : conv_print(c);
}

static int conv_run(wn_cli *cli, int argc, const char **argv)
{
    conv c = {.cli = cli, .o = {.label = LLONG_MIN, .tolerance = WN_REFERENCE_TOLERANCE}};
    char *kept;
    const struct poptOption options[] = {
        {"layers", 0, POPT_ARG_STRING, &c.o.layers, 0, "layers, see below", "SPEC"},
        {"weights", 0, POPT_ARG_STRING, &c.o.weights, 0, "weights and biases, see below", "FILE|TEXT"},
        {"flip", 0, POPT_ARG_NONE, &c.o.flip, 0,
         "true convolution: every kernel is turned by 180 degrees (default: correlation)", NULL},
        {"matrix", 0, POPT_ARG_NONE, &c.o.matrix, 0,
         "also the matrix of each convolution: outputs in rows, inputs in columns", NULL},
        {"backward", 0, POPT_ARG_NONE, &c.o.backward, 0, "also the gradients of a loss, the sum of the outputs", NULL},
        {"target", 0, POPT_ARG_STRING, &c.o.target, 0, "the loss is half the squared distance from these values",
         "FILE|TEXT"},
        {"label", 0, POPT_ARG_LONGLONG, &c.o.label, 0, "the loss is the cross-entropy of this class, from 0", "CLASS"},
        {"check", 0, POPT_ARG_STRING | POPT_ARGFLAG_OPTIONAL, &c.o.claims, 0,
         "compare the gradients with central differences, or with claimed ones", "FILE|TEXT"},
        {"tolerance", 0, POPT_ARG_DOUBLE, &c.o.tolerance, 0, "of --check, relative (default: 1e-6)", "X"},
        {"json", 0, POPT_ARG_NONE, &c.o.json, 0, "print JSON", NULL},
        {"plot", 0, POPT_ARG_STRING, &c.o.plot, 0, "draw windows, holes and paths (of an image along its columns)",
         "FILE.png|svg"},
        WN_CLI_HELP,
    };
    if (!shield_numbers(argc, argv, &kept)) return wn_cli_fail_text(cli, "%s", wn_status_text(WN_ERROR_MEMORY));
    int code = wn_cli_parse(cli, argc, argv, options, 0, 1) ? conv_execute(&c, argc, argv) : cli->status;
    conv_free(&c);
    free(kept);
    return code;
}

static void print_activations(void)
{
    char line[128] = "Activations:";
    for (int i = 0; i < WN_ACT_COUNT; i++) {
        const char *name = wn_act_row_of((wn_act_kind)i)->name;
        if (!wn_spec_has_activation((wn_act_kind)i)) continue;
        if (strlen(line) + strlen(name) > 110) {
            puts(line);
            line[0] = '\0';
        }
        wn_text_append(line, sizeof line, " %s", name);
    }
    puts(line);
}

const wn_command wn_command_conv = {
    .name = "conv",
    .summary = "a small network computed exactly, with its gradients, as a table that a person can follow",
    .usage = "INPUT --layers SPEC [--weights FILE|TEXT] [OPTION...]",
    .example =
        "  wavenet conv \"1 2 3 4 5\" --layers conv3 --weights \"1 0 -1\"\n"
        "  wavenet conv \"1 2; 3 4\" --layers \"conv2x2f2 relu dense2 softmax\" --weights w.json --backward --label 0\n\n"
        "SPEC lists layers, separated by spaces: conv, tconv (transposed), pool (largest) or avgpool (mean), and the\n"
        "kernel, 3 or 3x3; then d and a dilation, s and a stride, p and a padding (2, or 2:1 where its ends differ),\n"
        "same, valid or causal, f and the number of filters, g and groups, o and an output padding, where they differ\n"
        "from 1 (stride of a pool: its kernel) or 0. dense and its outputs, softmax, an activation (listed below).\n"
        "\"(conv3same | conv1 | )\" adds parallel branches; an empty one is the input; of outputs that differ in size the\n"
        "middle is added. Brackets are not counted in the numbers of layers.\n"
        "INPUT and the other arrays are a file (.csv, .json, .npy, .safetensors, text) or text: numbers, rows ended by\n"
        "';', matrices by '|', arrays by '/'. An image is rows; of a signal, each row is a channel. Weights are in\n"
        "the order of the layers, [filters][channels][kernel], 'bias' begins an array of biases: \"1 0 1 / bias 0.5\".\n"
        "Names such as 2.weight and 2.bias are those of files. --check takes the same names, and 'input'.\n",
    .print_more = print_activations,
    .run = conv_run,
};
