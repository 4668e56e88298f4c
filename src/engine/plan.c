/* SPDX-License-Identifier: MIT
 * plan.c - buffers, rings, packed weights and kernels of a plan; build.c decides which steps there are.
 * Copyright (c) 2026 the wavenet authors */
#include "engine/build.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* SHARING: voices from which on they share the reading of weights so well that bulk work only fills the cache: with
 * notes two voices gain 5 %, four lose 3 %. */
enum { MAX_FRAMES = 1 << 20, MAX_VOICES = 1 << 12, DEFAULT_FRAMES = 1024, SHARING = 2 };

void *wn_builder_alloc(wn_builder *b, size_t n, size_t size)
{
    void *p = b->failed ? NULL : wn_arena_alloc(b->plan->arena, n, size);
    b->failed |= !p;
    return p;
}

/* Room for one more element of a growing array: doubles it. Old halves stay in the arena until the plan dies. */
static void *grow(wn_builder *b, void *array, int n, int *capacity, size_t size)
{
    if (n < *capacity) return array;
    int larger = *capacity ? 2 * *capacity : 64;
    void *p = wn_builder_alloc(b, (size_t)larger, size);
    if (!p) return array;
    if (n) memcpy(p, array, (size_t)n * size);
    *capacity = larger;
    return p;
}

int wn_builder_buffer(wn_builder *b, int channels)
{
    wn_plan *plan = b->plan;
    plan->buffer_channels = grow(b, plan->buffer_channels, plan->n_buffers, &b->buffer_capacity, sizeof(int));
    if (b->failed) return 0;
    plan->buffer_channels[plan->n_buffers] = channels;
    return plan->n_buffers++;
}

wn_step *wn_builder_step(wn_builder *b, wn_op op, int src, int dst, const char *role)
{
    wn_plan *plan = b->plan;
    plan->steps = grow(b, plan->steps, plan->n_steps, &b->step_capacity, sizeof(wn_step));
    if (b->failed) return &b->sink;
    wn_step *s = &plan->steps[plan->n_steps++];
    *s = (wn_step){.op = op, .src = src, .dst = dst, .scale = 1, .ring = -1, .together = 1, .into = -1};
    s->stack = b->stack;
    s->layer = b->layer;
    wn_step_name(s, b->prefix, role);
    return s;
}

size_t wn_builder_reserve(wn_builder *b, size_t floats)
{
    size_t at = b->plan->floats;
    b->failed |= floats > SIZE_MAX / 16 - at; /* thousands of voices of a file's longest rings */
    b->plan->floats += b->failed ? 0 : (floats + 15) / 16 * 16;
    return at;
}

/* Whole blocks; and eight of them, if that is little memory, or four: the more blocks a turn has, the smaller the share that is
 * copied behind the ring's end. */
static int plane_ring(int frames, int room, int channels)
{
    int least = 8 * room * channels <= 4096 ? 8 : 4, rooms = (frames + room - 1) / room;
    return (rooms < least ? least : rooms) * room;
}

static void add_ring(wn_builder *b, wn_step *s)
{
    wn_plan *plan = b->plan;
    const wn_fault *fault = b->fault;
    int kind = fault && fault->step == (int)(s - plan->steps) ? (int)fault->kind : WN_FAULT_NONE;
    s->oldest_delay = (s->taps - 1) * s->dilation + (kind == WN_FAULT_LATE) - (kind == WN_FAULT_EARLY);
    s->ring_frames = (s->taps - 1) * s->dilation + plan->room + (kind == WN_FAULT_LATE);
    /* Cells write whole vectors: over frames that have been read for the last time, and behind the last frame. */
    int over = plan->cells ? WN_LANE_PAD - 1 : 0;
    s->ring_frames += (over + s->ring_channels - 1) / s->ring_channels;
    if (plan->planes) s->ring_frames = plane_ring(s->ring_frames, plan->room, s->ring_channels);
    s->read_wrap = kind == WN_FAULT_NO_WRAP ? 0 : s->ring_frames;
    s->ring_stride = s->ring_frames + (ptrdiff_t)plan->room;
    size_t frames = plan->planes ? (size_t)s->ring_stride : (size_t)s->ring_frames;
    size_t floats = frames * (size_t)plan->voices * (size_t)s->ring_channels + (size_t)over;
    if (kind == WN_FAULT_NO_WRAP) /* room before the ring, so that the planted fault reads zeros of our own */
        wn_builder_reserve(b, floats);
    s->ring = plan->n_rings++;
    s->ring_offset = wn_builder_reserve(b, floats);
}

/* [out][in/groups][taps] -> per group [taps][in/groups][padded(out/groups)], times `scale`. */
static const float *pack(wn_builder *b, const wn_conv *c, float scale)
{
    size_t out = (size_t)(c->out / c->groups), in = (size_t)(c->in / c->groups), taps = (size_t)c->kernel;
    size_t group_floats = taps * in * wn_padded(out);
    float *packed = wn_builder_alloc(b, group_floats * (size_t)c->groups, sizeof(float));
    for (int g = 0; packed && g < c->groups; g++) {
        const float *w = c->weight + (size_t)g * out * in * taps;
        wn_pack_weights((int)out, (int)in, (int)taps, w, packed + (size_t)g * group_floats);
    }
    for (size_t i = 0; packed && scale != 1 && i < group_floats * (size_t)c->groups; i++) packed[i] *= scale;
    return packed;
}

/* [out][in/groups][taps] -> [taps][in][out], as one dense matrix a tap: zero where groups do not meet. */
static const float *pack_dense(wn_builder *b, const wn_conv *c)
{
    size_t in = (size_t)c->in, out = (size_t)c->out, taps = (size_t)c->kernel, groups = (size_t)c->groups;
    float *packed = wn_builder_alloc(b, taps * in * out, sizeof(float));
    const float *w = c->weight;
    for (size_t o = 0; packed && o < out; o++)
        for (size_t i = 0, first = o / (out / groups) * (in / groups); i < in / groups; i++)
            for (size_t k = 0; k < taps; k++) packed[(k * in + first + i) * out + o] = *w++;
    return packed;
}

/* What CONV and EMBED share: the shape, and a ring where a tap looks back. */
static void describe_taps(wn_builder *b, wn_step *s, const wn_conv *c, int ring_channels)
{
    s->in = c->in;
    s->out = c->out;
    s->taps = c->kernel;
    s->dilation = c->dilation;
    s->groups = c->groups;
    s->ring_channels = ring_channels;
    s->conv = c;
    if (c->kernel > b->plan->max_taps) b->plan->max_taps = c->kernel;
    if (c->kernel > 1 && !b->failed) add_ring(b, s);
    wn_frames_look_ahead(b, s);
}

wn_step *wn_builder_conv(wn_builder *b, const wn_conv *c, const char *role, int src, int dst, wn_start start,
                         const float *bias, float weight_scale)
{
    wn_step *s = wn_builder_step(b, WN_OP_CONV, src, dst, role);
    describe_taps(b, s, c, c->in);
    s->weight_scale = weight_scale;
    s->weight = pack(b, c, weight_scale);
    s->bias = bias;
    s->start = start;
    return s;
}

void wn_builder_embed(wn_builder *b, const wn_conv *c, int src, int dst)
{
    wn_step *s = wn_builder_step(b, WN_OP_EMBED, src, dst, "rechannel");
    describe_taps(b, s, c, 1);
    s->groups = 1; /* a column has them all */
    s->weight_scale = 1;
    s->weight = pack_dense(b, c);
    s->bias = c->bias;
}

int wn_builder_held_wide(wn_builder *b, int out, const float *weight, const float *bias)
{
    wn_plan *plan = b->plan;
    plan->held = grow(b, plan->held, plan->n_held, &b->held_capacity, sizeof(wn_held_product));
    if (b->failed) return 0;
    size_t offset = wn_builder_reserve(b, (size_t)out * (size_t)plan->voices);
    plan->held[plan->n_held] = (wn_held_product){out, weight, bias, offset};
    return plan->n_held++;
}

const float *wn_builder_pack_rows(wn_builder *b, int in, int out, const float *rows)
{
    float *packed = wn_builder_alloc(b, (size_t)in * wn_padded((size_t)out), sizeof *packed);
    for (size_t o = 0; packed && rows && o < (size_t)out; o++) {
        size_t at = wn_weight_at((size_t)in, o), width = wn_panel_width((size_t)out, o);
        for (size_t i = 0; i < (size_t)in; i++) packed[at + i * width] = rows[i * (size_t)out + o];
    }
    return packed;
}

int wn_builder_held(wn_builder *b, const wn_conv *held, const float *bias)
{
    const float *rows = pack_dense(b, held);
    return wn_builder_held_wide(b, held->out, wn_builder_pack_rows(b, held->in, held->out, rows), bias);
}

/* ---- fewer bytes ------------------------------------------------------------------------------------------------ */

/* Narrow layers read little and round much, also where several are one product: what is rounded is the same in all plans of
 * a model. */
static bool can_be_rounded(const wn_step *s)
{
    bool wide = s->in >= WN_LEAST_ROUNDED && (s->narrowest ? s->narrowest : s->out) >= WN_LEAST_ROUNDED;
    bool last = s->dst == WN_BUFFER_OUT;
    return s->op == WN_OP_CONV && s->groups == 1 && wide && (!last || s->out >= WN_LEAST_ROUNDED_LAST);
}

/* What the last layer rounds goes straight into the distribution: with babble, int8 there costs 0.45 % of the bits a sample,
 * where all other layers together cost 0.07 %, and bfloat16 0.001 %. */
static bool takes_int8(const wn_step *s, wn_precision precision)
{
    return precision == WN_PRECISION_INT8 && s->dst != WN_BUFFER_OUT;
}

static void halve(wn_builder *b, wn_step *s)
{
    size_t n = (size_t)s->taps * (size_t)s->in * wn_padded((size_t)s->out);
    uint16_t *w16 = wn_builder_alloc(b, n, sizeof *w16);
    for (size_t i = 0; w16 && i < n; i++) w16[i] = wn_bf16(s->weight[i]);
    s->w16 = w16;
}

static void quantise(wn_builder *b, wn_step *s)
{
    size_t padded = wn_padded((size_t)s->out), taps = (size_t)s->taps, work = wn_work8((size_t)s->in, taps);
    wn_weights8 *w8 = wn_builder_alloc(b, 1, sizeof *w8);
    int8_t *w = wn_builder_alloc(b, taps * wn_quads((size_t)s->in) * padded, 4);
    float *scale = wn_builder_alloc(b, taps * padded, sizeof *scale);
    int32_t *sums = wn_builder_alloc(b, taps * padded, sizeof *sums);
    if (b->failed) return;
    wn_pack8(s->out, s->in, s->taps, s->weight, w, scale, sums);
    *w8 = (wn_weights8){w, scale, sums};
    s->w8 = w8;
    if (work > b->plan->work8_floats) b->plan->work8_floats = work;
}

static void round_weights(wn_builder *b, const wn_plan_config *config)
{
    wn_plan *plan = b->plan;
    for (int i = 0; config->precision != WN_PRECISION_F32 && i < plan->n_steps && !b->failed; i++) {
        if (!can_be_rounded(&plan->steps[i])) continue;
        (takes_int8(&plan->steps[i], config->precision) ? quantise : halve)(b, &plan->steps[i]);
        if (plan->steps[i].dst != WN_BUFFER_OUT) plan->precision = config->precision; /* the last layer alone is no reason */
    }
    if (plan->precision != WN_PRECISION_INT8) return;
    plan->products8 = wn_products8_get((int)config->cpu);
    plan->work8_floats = wn_padded(plan->work8_floats);
    plan->work8 = wn_builder_reserve(b, plan->work8_floats * (size_t)plan->threads);
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

static void lay_out_buffers(wn_builder *b)
{
    wn_plan *plan = b->plan;
    plan->buffer_offset = wn_builder_alloc(b, (size_t)plan->n_buffers, sizeof(size_t));
    size_t rows = (size_t)plan->room * (size_t)plan->voices;
    for (int i = 0; !b->failed && i < plan->n_buffers; i++)
        plan->buffer_offset[i] = wn_builder_reserve(b, rows * (size_t)plan->buffer_channels[i]);
    if (plan->cells) wn_builder_reserve(b, WN_LANE_PAD); /* they read whole vectors, too */
}

/* Kernels count the elements of a block in int. */
static wn_status check_size(const wn_plan *plan, wn_error *error)
{
    int64_t rows = (int64_t)plan->max_frames * plan->voices;
    for (int i = 0; i < plan->n_buffers; i++)
        if (rows > INT_MAX / plan->buffer_channels[i])
            return wn_fail(error, WN_ERROR_ARGUMENT, "plan",
                           "blocks of %d frames of %d voices are too long for a model "
                           "%d channels wide",
                           plan->max_frames, plan->voices, plan->buffer_channels[i]);
    return WN_OK;
}

static wn_status check_config(wn_plan_config *config, const wn_model *model, wn_error *error)
{
    if (config->max_frames == 0) config->max_frames = model->autoregressive ? 1 : DEFAULT_FRAMES;
    if (config->voices == 0) config->voices = 1;
    if (config->threads == 0) config->threads = 1;
    if ((int)config->precision < 0 || config->precision > WN_PRECISION_INT8)
        return wn_fail(error, WN_ERROR_ARGUMENT, "plan", "precision %d is none", (int)config->precision);
    if (config->max_frames < 0 || config->max_frames > MAX_FRAMES)
        return wn_fail(error, WN_ERROR_ARGUMENT, "plan", "block of %d frames, expected 1 to %d", config->max_frames,
                       MAX_FRAMES);
    if (config->voices < 0 || config->voices > MAX_VOICES)
        return wn_fail(error, WN_ERROR_ARGUMENT, "plan", "%d voices, expected 1 to %d", config->voices, MAX_VOICES);
    if (config->threads < 0 || config->threads > 2)
        return wn_fail(error, WN_ERROR_ARGUMENT, "plan", "%d threads for a frame, expected 1 or 2", config->threads);
    return WN_OK;
}

static void lay_out_blocks(wn_plan *plan, const wn_plan_config *config, const wn_fault *fault)
{
    bool rows = config->precision != WN_PRECISION_F32;
    int most = rows ? 0 : wn_layout_plane_frames(plan->model, config, plan->kernels);
    plan->planes = most > 0;
    plan->max_frames = plan->planes ? most : config->max_frames;
    plan->room = plan->planes ? (int)wn_padded((size_t)most) : config->max_frames;
    plan->cells = !plan->planes && !fault && wn_layout_cells(plan->model, config, plan->kernels);
    plan->frames = plan->max_frames == 1 && plan->voices <= SHARING && !plan->cells;
    plan->threads = plan->frames && plan->voices == 1 ? config->threads : 1;
}

wn_status wn_plan_build(wn_plan **out, const wn_model *model, const wn_plan_config *config, const wn_fault *fault,
                        wn_error *error)
{
    *out = NULL;
    wn_plan_config c = config ? *config : (wn_plan_config){0};
    wn_status status = check_config(&c, model, error);
    if (status) return status;
    const wn_kernels *kernels = wn_kernels_get((int)c.cpu);
    if (!kernels)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, "plan", "this machine or this build lacks the kernel set asked for");
    wn_arena *arena = wn_arena_new();
    wn_plan *plan = wn_arena_alloc(arena, 1, sizeof *plan);
    if (!plan) {
        wn_arena_free(arena);
        return wn_fail_memory(error, "plan");
    }
    *plan = (wn_plan){.model = model, .kernels = kernels, .arena = arena, .voices = c.voices};
    lay_out_blocks(plan, &c, fault);
    wn_builder b = {.plan = plan, .fault = fault, .stack = -1, .layer = -1};
    wn_build_network(&b, model);
    lay_out_buffers(&b);
    wn_frames_stagger(&b);
    round_weights(&b, &c);
    if ((plan->planes || plan->cells) && !b.failed) wn_layout_join_steps(plan);
    if (plan->cells) wn_cells_make(&b);
    if (plan->threads > 1 && !b.failed) wn_split_make(&b);
    status = b.failed ? wn_fail_memory(error, "plan") : check_size(plan, error);
    if (!status && plan->precision == c.precision) {
        *out = plan;
        return WN_OK;
    }
    wn_plan_free(plan);
    if (status) return status;
    c.precision = WN_PRECISION_F32; /* none of its layers is wide enough */
    return wn_plan_build(out, model, &c, fault, error);
}

wn_status wn_plan_new(wn_plan **out, const wn_model *model, const wn_plan_config *config, wn_error *error)
{
    return wn_plan_build(out, model, config, NULL, error);
}

void wn_plan_free(wn_plan *plan)
{
    if (plan) wn_arena_free(plan->arena);
}

const char *wn_plan_get_cpu(const wn_plan *plan) { return plan->kernels->name; }

int wn_plan_get_threads(const wn_plan *plan) { return plan->split ? 2 : 1; }

wn_precision wn_plan_get_precision(const wn_plan *plan) { return plan->precision; }

static const char *const precision_names[] = {"f32", "bf16", "int8"};

int wn_precision_parse(const char *text)
{
    for (int i = 0; i < (int)(sizeof precision_names / sizeof *precision_names); i++)
        if (!strcmp(text, precision_names[i])) return i;
    return -1;
}

const char *wn_precision_name(wn_precision precision) { return precision_names[precision]; }

static const char *const cpu_names[] = {"auto", "c", "portable", "avx2", "avx512", "neon"};

int wn_cpu_parse(const char *text)
{
    for (int i = 0; i < (int)(sizeof cpu_names / sizeof *cpu_names); i++)
        if (!strcmp(text, cpu_names[i])) return i;
    return -1;
}

bool wn_cpu_is_available(wn_cpu cpu) { return wn_kernels_get((int)cpu) != NULL; }
