/* SPDX-License-Identifier: MIT
 * info.c - wavenet info: what a model is, takes, gives and costs.
 * Copyright (c) 2026 the wavenet authors */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/shape.h"
#include "cli/arguments.h"
#include "cli/capture_info.h"
#include "cli/cli.h"
#include "cli/model_options.h"
#include "cli/model_places.h"
#include "cli/program.h"
#include "cli/sound_info.h"
#include "format/config_parts.h"
#include "format/config_write.h"
#include "model/companding.h"
#include "model/feature.h"
#include "model/receptive.h"
#include "model/stage.h"
#include "model/tensors.h"

/* ---- text: input, output, cost ---------------------------------------------------------------------------------- */

static void print_input(const wn_model *m)
{
    const wn_encoding *e = &m->input;
    if (e->n_classes) {
        printf("input         class of %d, %s\n", e->n_classes, wn_companding_name(e->companding));
        return;
    }
    printf("input         %s, %d channel%s", e->has_analysis ? "rows of features" : "PCM", e->channels,
           e->channels == 1 ? "" : "s");
    if (e->mu > 0) printf(", mu-law values (mu %g)", e->mu);
    printf("\n");
}

static void print_output(const wn_model *m)
{
    printf("output        %s, %d channel%s", wn_distributions[m->output].title, m->output_channels,
           m->output_channels == 1 ? "" : "s");
    if (m->n_mixtures) printf(", %d component%s", m->n_mixtures, m->n_mixtures == 1 ? "" : "s");
    if (m->delay) printf(", %d frame%s late", m->delay, m->delay == 1 ? "" : "s");
    printf("%s\n", m->autoregressive ? ", fed back" : "");
    if (m->autoregressive)
        printf("sampling      temperature %g, top-k %d, top-p %g\n", m->temperature, m->top_k, m->top_p);
}

/* 74950000 as "75 M". */
static void print_large(double x)
{
    static const char *const units[] = {"", " k", " M", " G", " T"};
    int unit = 0;
    for (; x >= 1000 && unit < 4; unit++) x /= 1000;
    printf("%.3g%s", x, units[unit]);
}

static void print_cost(const wn_model *m, const wn_model_info *info)
{
    bool known = info->sample_rate > 0;
    printf("parameters    %lld (", (long long)info->parameters);
    print_large((double)info->parameters * 4);
    printf("B as float32)\nreceptive     %lld samples", (long long)info->receptive_field);
    if (known) printf(" (%.4g ms)", 1e3 * (double)info->receptive_field / info->sample_rate);
    printf("\ncost          %lld multiply-adds a sample", (long long)info->macs);
    if (known) printf(", ");
    if (known) print_large((double)info->macs * info->sample_rate);
    printf("%s\n", known ? " a second of sound" : "");
    if (m->head_scale != 1.0f) printf("head scale    %g\n", m->head_scale);
}

/* ---- text: conditions ---------------------------------------------------------------------------------------------- */

static void print_control(const wn_control *c)
{
    printf("  %-13s ", c->name);
    if (c->kind == WN_CONTROL_NUMBER) {
        printf("%g .. %g%s%s, default %g\n", c->minimum, c->maximum, *c->unit ? " " : "", c->unit, c->default_value);
        return;
    }
    for (int i = 0; i < c->n_choices; i++) printf("%s%s", i ? ", " : "", c->choices[i]);
    printf("; default %s\n", c->choices[(int)c->default_value]);
}

static void print_controls(const wn_model *m)
{
    if (m->n_controls) printf("\ncontrols\n");
    for (int i = 0; i < m->n_controls; i++) {
        wn_control control = wn_model_get_control(m, i);
        print_control(&control);
    }
}

static void print_feature(const wn_model *m, const wn_feature *f)
{
    char text[1 << 14]; /* a thousand time constants */
    const wn_feature_type *type = &wn_feature_types[f->kind];
    type->describe(f, text, sizeof text);
    printf("  %-13s %s%s; %d channel%s\n", type->name, m->controls[f->control].name, text, f->n, f->n == 1 ? "" : "s");
}

static void print_stage(const wn_stage *s, int *width)
{
    char text[128];
    const wn_stage_type *type = &wn_stage_types[s->kind];
    type->describe(s, *width, text, sizeof text);
    printf("  %-13s %s%s%s\n", type->name, text, s->act.kind ? ", " : "", s->act.kind ? wn_act_names[s->act.kind] : "");
    *width = wn_stage_channels(s, *width);
}

static void print_harmonic_source(const wn_model *m)
{
    const wn_harmonic_source *e = &m->condition.harmonic_source;
    if (!e->n) return;
    printf("  excitation    sin and cos of harmonics");
    for (int i = 0; i < e->n; i++) printf(" %d", e->harmonics[i]);
    if (e->reference != 0) {
        printf(" of channel %d", e->pitch);
        if (e->voicing >= 0) printf(" where channel %d is voiced", e->voicing);
    } else {
        printf(" of %s", m->controls[e->key].name);
    }
    if (e->reference == 0 && e->bend >= 0) printf(" bent by %s", m->controls[e->bend].name);
    printf(", below %g of the rate\n", e->limit);
}

static void print_condition(const wn_model *m)
{
    const wn_condition *c = &m->condition;
    if (!c->local_channels && !c->held_channels) return;
    printf("\ncondition     %d channels a sample, %d held\n", c->local_channels, c->held_channels);
    int width = c->feature_channels;
    if (width) {
        printf("  rows          %d channels every %d samples", width, c->hop);
        if (m->sample_rate > 0) printf(" (%.4g ms)", 1e3 * c->hop / m->sample_rate);
        printf("%s\n", c->to_held ? ", held" : "");
    }
    for (int i = 0; i < c->n_features; i++) print_feature(m, &c->features[i]);
    for (int i = 0; i < c->n_stages; i++) print_stage(&c->stages[i], &width);
    print_harmonic_source(m);
    if (c->n_speakers)
        printf("  speakers      0 .. %d, %d channels each\n", c->n_speakers - 1, c->global_channels);
    else if (c->global_channels)
        printf("  global        a vector of %d channels\n", c->global_channels);
    if (c->source == WN_CONDITION_INPUT)
        printf("  input         %s", c->nested ? "through a network of its own" : "itself\n");
    if (c->nested)
        printf(": %lld parameters, receptive field %lld samples\n", (long long)wn_model_parameters(c->nested),
               (long long)wn_model_receptive(c->nested));
}

/* ---- text: layers ----------------------------------------------------------------------------------------------- */

static bool same_shape(const wn_layer *a, const wn_layer *b)
{
    return a->conv.kernel == b->conv.kernel && a->conv.out == b->conv.out && a->conv.groups == b->conv.groups &&
           a->gating == b->gating && a->act.kind == b->act.kind && a->gate.kind == b->gate.kind &&
           !a->mixin.out == !b->mixin.out && !a->held.out == !b->held.out && a->skip.out == b->skip.out &&
           a->residual.out == b->residual.out && a->plain == b->plain;
}

static void print_shape(const char *name, const wn_conv *conv)
{
    if (!conv->out) return;
    printf(", %s %d -> %d", name, conv->in, conv->out);
    if (conv->groups > 1) printf(" in %d groups", conv->groups);
}

static void print_layer(const wn_layer *l)
{
    printf("kernel %d%s", l->conv.kernel, l->plain ? ", plain" : "");
    print_shape("conv", &l->conv);
    printf(", %s", wn_act_names[l->act.kind]);
    if (l->gating) printf(" %s %s", l->gating == WN_GATING_GATED ? "*" : "blended by", wn_act_names[l->gate.kind]);
    print_shape("condition", &l->mixin);
    print_shape("held", &l->held);
    print_shape("skip", &l->skip);
    print_shape("residual", &l->residual);
    for (int i = 0; i < WN_FILM_COUNT; i++)
        if (l->film[i].active) printf(", FiLM %s", wn_film_name(i));
    printf("\n");
}

/* Layers of one shape are one line, and a line of their dilations. */
static void print_layers(const wn_stack *s)
{
    for (int first = 0, next; first < s->n_layers; first = next) {
        char range[32];
        next = first + 1;
        while (next < s->n_layers && same_shape(&s->layers[first], &s->layers[next])) next++;
        snprintf(range, sizeof range, next == first + 1 ? "layer %d" : "layers %d-%d", first, next - 1);
        printf("  %-13s ", range);
        print_layer(&s->layers[first]);
        printf("                dilation%s", next == first + 1 ? "" : "s");
        for (int i = first; i < next; i++) printf(" %d", s->layers[i].conv.dilation);
        printf("\n");
    }
}

static void print_head_layer(const wn_head_layer *h)
{
    printf("  %-13s %d -> %d, kernel %d", wn_act_names[h->act.kind], h->conv.in, h->conv.out, h->conv.kernel);
    if (h->conv.dilation > 1) printf(", dilation %d", h->conv.dilation);
    printf("\n");
}

static void print_chain(const wn_model *m)
{
    if (m->n_chain) printf("\nchain         %d models in series\n", m->n_chain);
    for (int i = 0; i < m->n_chain; i++) {
        printf("  model %-7d ", i + 1);
        wn_capture_info_print_text(m->chain[i]->name ? m->chain[i]->name : "without a name");
        printf(": %lld parameters, receptive field %lld samples\n", (long long)wn_model_parameters(m->chain[i]),
               (long long)wn_model_receptive(m->chain[i]));
    }
}

static void print_network(const wn_model *m)
{
    print_chain(m);
    for (int i = 0; i < m->n_stacks; i++) {
        const wn_stack *s = &m->stacks[i];
        printf("\nstack %d       %d -> %d channels (kernel %d), %d layers, ", i, s->rechannel.in, s->channels,
               s->rechannel.kernel, s->n_layers);
        if (s->plain_output)
            printf("in series\n");
        else
            printf("skip %d, %s%s\n", s->skip_channels, s->skip_sum == WN_SKIP_RUNNING ? "running " : "", "sum");
        print_layers(s);
        if (s->head.out) printf("  head          %d -> %d, kernel %d\n", s->head.in, s->head.out, s->head.kernel);
    }
    if (m->n_head) printf("\nhead\n");
    for (int i = 0; i < m->n_head; i++) print_head_layer(&m->head[i]);
}

/* ---- provenance -------------------------------------------------------------------------------------------------- */

/* Objects as indented lines, everything else on the line of its key. */
static void print_value(const char *key, const json_t *value, int indent)
{
    const char *inner;
    json_t *child;
    printf("%*s", indent, "");
    wn_capture_info_print_text(key);
    if (json_is_object(value)) {
        printf("\n");
        json_object_foreach ((json_t *)value, inner, child) print_value(inner, child, indent + 2);
        return;
    }
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(9));
    size_t n = text ? strlen(text) : 0, quote = json_is_string(value) && n >= 2;
    if (quote) text[n - 1] = 0;
    printf(": ");
    wn_capture_info_print_text(text ? text + quote : "");
    printf("\n");
    free(text);
}

static void print_metadata(const json_t *metadata)
{
    if (json_object_size(metadata)) printf("\n");
    if (json_object_size(metadata)) print_value("provenance", metadata, 0);
}

static void print_text(const wn_model *m, const char *file)
{
    wn_model_info info = wn_model_get_info(m);
    printf("model         %s\n", file);
    if (*info.name) printf("name          %s\n", info.name);
    if (info.sample_rate > 0) printf("sample rate   %g Hz\n", info.sample_rate);
    print_input(m);
    print_output(m);
    print_cost(m, &info);
    json_t *metadata = m->metadata ? json_loads(m->metadata, 0, NULL) : NULL;
    wn_capture_info_print(m, metadata);
    print_controls(m);
    print_condition(m);
    print_network(m);
    print_metadata(metadata);
    json_decref(metadata);
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static wn_status list_tensor(void *user, const char *name, float *data, int ndim, const int64_t *shape)
{
    json_t *sizes = json_array();
    bool failed = false;
    for (int i = 0; i < ndim; i++) failed |= json_array_append_new(sizes, json_integer(shape[i])) != 0;
    failed |= json_object_set_new(user, name, sizes) != 0;
    return failed ? WN_ERROR_MEMORY : WN_OK;
}

static bool put_facts(json_t *all, const wn_model_info *info)
{
    bool failed = json_object_set_new(all, "parameters", json_integer(info->parameters));
    failed |= json_object_set_new(all, "receptive_field", json_integer(info->receptive_field)) != 0;
    if (info->sample_rate > 0) {
        double ms = 1e3 * (double)info->receptive_field / info->sample_rate;
        failed |= json_object_set_new(all, "receptive_field_ms", json_real(ms)) != 0;
    }
    failed |= json_object_set_new(all, "multiply_adds_per_sample", json_integer(info->macs)) != 0;
    failed |= json_object_set_new(all, "feature_context", json_integer(info->feature_context)) != 0;
    failed |= json_object_set_new(all, "silence_class",
                                  info->n_classes ? json_integer(info->silence_class) : json_null()) != 0;
    return !failed;
}

/* A new reference, or NULL if memory fails. */
static json_t *info_describe(const wn_model *m, const char *file)
{
    wn_model_info info = wn_model_get_info(m);
    json_t *all = json_object(), *tensors = json_object();
    bool made = !json_object_set_new(all, "file", json_string(file)) && put_facts(all, &info);
    made = made && !json_object_set_new(all, "config", wn_config_write(m));
    made = made && wn_model_tensors((wn_model *)m, list_tensor, tensors) == WN_OK;
    made = made && !json_object_set(all, "tensors", tensors);
    json_decref(tensors);
    if (made) return all;
    json_decref(all);
    return NULL;
}

static wn_status info_load(wn_model **out, char *file, size_t size, const char *path, const char *shape,
                           wn_error *error)
{
    *out = NULL;
    if (shape) {
        snprintf(file, size, "%s", shape);
        return wn_shape_model(out, shape, error);
    }
    wn_status status = wn_cli_find_model(file, size, path, error);
    return status ? status : wn_model_load(out, file, error);
}

/* The conditions under which the program is listed: options of --program. */
typedef struct program_options {
    wn_model_options run;
    int wanted, block, voices;
    char *precision;
} program_options;

/* NULL where none is wanted. */
static wn_status make_plan(wn_plan **plan, const wn_model *m, const program_options *o, wn_error *error)
{
    *plan = NULL;
    if (!o->wanted) return WN_OK;
    wn_plan_config config = {.max_frames = o->block, .voices = o->voices, .threads = o->run.threads > 1 ? 2 : 1};
    wn_status status = wn_cli_cpu(&config.cpu, o->run.cpu, error);
    if (!status) status = wn_cli_precision(&config.precision, o->precision, error);
    return status ? status : wn_plan_new(plan, m, &config, error);
}

static int info_run(wn_cli *cli, int argc, const char **argv)
{
    int json = 0;
    char *shape = NULL;
    program_options program = {.run = WN_CLI_RUN_DEFAULT};
    const struct poptOption options[] = {
        WN_CLI_MODEL(&program.run),
        {"json", 0, POPT_ARG_NONE, &json, 0, "print JSON, with config and tensors", NULL},
        {"shape", 0, POPT_ARG_STRING, &shape, 0, "network of this shape instead of a model, as in wavenet bench -h",
         "SHAPE"},
        {"program", 0, POPT_ARG_NONE, &program.wanted, 0, "also print the operations and how this machine runs them",
         NULL},
        {"block", 0, POPT_ARG_INT, &program.block, 0,
         "with --program: block size in frames (default: 1 if the model generates, else 1024)", "N"},
        {"voices", 0, POPT_ARG_INT, &program.voices, 0, "with --program: number of voices (default 1)", "N"},
        {"precision", 0, POPT_ARG_STRING, &program.precision, 0, wn_cli_precision_help("with --program: ", ""), "P"},
        WN_CLI_RUN(&program.run),
        WN_CLI_HELP,
    };
    wn_arguments arguments;
    const wn_argument_rules rules = {.max_models = 1, .max_sounds = 1};
    if (!wn_cli_parse(cli, argc, argv, options, 0, -1)) return cli->status;
    if (!wn_arguments_sort(&arguments, cli, &program.run, NULL, &rules)) return cli->status;
    const char *wrong = wn_cli_check_run(&program.run);
    if (wrong) return wn_cli_usage(cli, "%s", wrong);
    if (!!program.run.model + !!shape + arguments.n_sounds != 1)
        return wn_cli_usage(cli, "one MODEL, one sound file or a --shape is expected");
    if (arguments.n_sounds) return wn_cli_print_sound(cli, arguments.sounds[0], json);
    char file[4096];
    wn_error error = {0};
    wn_model *model;
    if (info_load(&model, file, sizeof file, program.run.model, shape, &error)) return wn_cli_fail(cli, &error);
    wn_plan *plan;
    int code = WN_EXIT_OK;
    if (make_plan(&plan, model, &program, &error)) {
        code = wn_cli_fail(cli, &error);
    } else if (json) {
        code = wn_cli_print_json(cli, info_describe(model, file));
    } else {
        print_text(model, file);
        if (plan) wn_cli_print_program(plan);
        code = wn_cli_done(cli);
    }
    wn_plan_free(plan);
    wn_model_free(model);
    return code;
}

const wn_command wn_command_info = {
    .name = "info",
    .summary = "print shapes, parameters, controls and cost of a model, or format and levels of a sound",
    .usage = "MODEL | SOUND.wav | --shape SHAPE [--json] [--program]",
    .example = "  wavenet info notes\n"
               "  wavenet info take.wav\n"
               "  wavenet info --shape a1-standard --program --block 64\n",
    .run = info_run,
};
