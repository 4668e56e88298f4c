/* SPDX-License-Identifier: MIT
 * test_gradient.c - the hand-written backward pass, compiled in double, against central differences of the forward
 * pass: models drawn at random over all that a recipe can name, each condition stage, each output, carried state.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "train/loss.h"

enum { COORDINATES = 3, MODELS = 60 };

/* Worst error found in one family of tensors, relative to the tensor's largest gradient. */
struct tally {
    int models, refused, coordinates, redrawn;
    double worst;
    char worst_name[200];
};

struct subject {
    const wn_tnet *net;
    wn_twork *work;
    const test_chunk *chunk; /* the second of a stream's */
    const wn_real *state;    /* after the first */
    wn_real *scratch;
    wn_tloss loss;
    double size; /* of the loss */
};

static double loss_at(const struct subject *s, const wn_real *theta)
{
    memcpy(s->scratch, s->state, s->net->state * sizeof *s->scratch);
    wn_tnet_forward(s->work, theta, &s->chunk->chunk, s->scratch);
    return wn_tloss_chunk(&s->loss, s->net->model, &s->chunk->chunk, s->work->y, 1, (wn_planar_view){0});
}

static double difference(const struct subject *s, wn_real *theta, size_t i, double h)
{
    wn_real kept = theta[i];
    theta[i] = kept + h;
    double above = loss_at(s, theta);
    theta[i] = kept - h;
    double below = loss_at(s, theta);
    theta[i] = kept;
    return (above - below) / (2 * h);
}

/* The central difference, extrapolated from two step sizes; NAN where they disagree, as within reach of a kink. */
static double smooth_difference(const struct subject *s, wn_real *theta, size_t i, double scale)
{
    double wide = difference(s, theta, i, 2e-4), narrow = difference(s, theta, i, 1e-4);
    return fabs(wide - narrow) < 1e-6 * scale ? narrow + (narrow - wide) / 3 : NAN;
}

static void check_tensor(const struct subject *s, chance *c, wn_real *theta, const wn_real *grad, const wn_slot *slot,
                         const char *model, struct tally *tally)
{
    /* A few roundings of the loss, 2e-16 * size each, over a step of 1e-4 must stay below 1e-6 of the scale. */
    double scale = 1e-5 * s->size;
    for (size_t i = 0; i < slot->count; i++) scale = fmax(scale, fabs(grad[slot->offset + i]));
    for (int k = 0, tries = 0; k < COORDINATES && tries < 4 * COORDINATES; tries++) {
        size_t i = slot->offset + (size_t)chance_int(c, 0, (int)slot->count - 1);
        double got = smooth_difference(s, theta, i, scale);
        if (isnan(got)) {
            tally->redrawn++;
            continue;
        }
        k++;
        tally->coordinates++;
        double error = fabs(got - grad[i]) / scale;
        if (error <= tally->worst) continue;
        tally->worst = error;
        snprintf(tally->worst_name, sizeof tally->worst_name, "%s of %s: %.10g, difference %.10g, scale %.3g",
                 slot->name, model, grad[i], got, scale);
    }
}

static void check_model(chance *c, wn_model *model, const char *name, const wn_tloss *loss, struct tally *tally)
{
    wn_tnet *net;
    wn_error error = {0};
    if (wn_tnet_new(&net, model, &error)) {
        if (error.status != WN_ERROR_UNSUPPORTED) test_stop(&error);
        tally->refused++;
        return;
    }
    struct subject s = {.net = net, .loss = *loss};
    test_clip clip = test_clip_new(c, net);
    int frames = test_frames(net);
    test_chunk first, second;
    test_chunk_init(&first, c, net, &clip, 0, frames);
    test_chunk_init(&second, c, net, &clip, frames, frames);
    wn_real *theta = test_reals(net->params.count), *grad = test_reals(net->params.count),
            *state = test_reals(net->state);
    if (wn_twork_new(&s.work, net, frames, NULL, &error)) test_stop(&error);
    wn_params_read(&net->params, theta);
    wn_tnet_forward(s.work, theta, &first.chunk, state);
    s.chunk = &second;
    s.scratch = test_reals(net->state);
    s.state = memcpy(test_reals(net->state), state, net->state * sizeof *state);
    wn_tnet_forward(s.work, theta, &second.chunk, state);
    s.size = fabs(wn_tloss_chunk(&s.loss, model, &second.chunk, s.work->y, 1, s.work->dy));
    wn_tnet_backward(s.work, theta, &second.chunk, grad);
    for (int i = 0; i < net->params.n_slots; i++) check_tensor(&s, c, theta, grad, &net->params.slots[i], name, tally);
    tally->models++;
    test_chunk_free(&first);
    test_chunk_free(&second);
    test_clip_free(&clip);
    free(theta), free(grad), free(state), free(s.scratch), free((void *)s.state);
    wn_twork_free(s.work);
    wn_tnet_free(net);
}

/* Prints what was found. The redrawn must stay few, or the test would look away where it should look. */
static int report(const char *what, const struct tally *t)
{
    bool good = t->worst <= 1e-6 && t->models > 0 && t->redrawn <= (t->coordinates + t->redrawn) / 3;
    printf("%s %s: %d models, %d coordinates, %d redrawn at kinks, %d models refused, worst error %.2g%s%s\n",
           good ? "ok" : "FAILED", what, t->models, t->coordinates, t->redrawn, t->refused, t->worst,
           good ? "" : " at ", good ? "" : t->worst_name);
    return !good;
}

static int drawn_models(chance *c)
{
    struct tally t = {0};
    for (int i = 0; i < MODELS; i++) {
        drawn_request request = {.film = -1, .autoregressive = i % 2};
        wn_model *model = drawn_model(c, &request);
        model->log_scale_min = -1; /* sharper densities have losses so large that differences drown in them */
        char name[32];
        snprintf(name, sizeof name, "drawn %d", i);
        check_model(c, model, name,
                    &(wn_tloss){.squared = 0.3, .esr = 1, .pre_emphasis = i % 3 ? 0.85 : 0, .energy = 0.2}, &t);
        wn_model_free(model);
    }
    return report("drawn models", &t);
}

static int written_models(chance *c)
{
    int failed = 0;
    for (size_t i = 0; i < test_n_configs; i++) {
        struct tally t = {0};
        for (int k = 0; k < 3; k++) {
            wn_model *model = test_model(c, test_configs[i].json);
            check_model(c, model, test_configs[i].name, &(wn_tloss){.esr = 1, .energy = 0.2}, &t);
            wn_model_free(model);
        }
        failed += t.refused > 0;
        failed += report(test_configs[i].name, &t);
    }
    return failed;
}

int main(int argc, char **argv)
{
    chance c = {argc > 1 ? (uint64_t)atoll(argv[1]) : 20160912};
    printf("seed %llu\n", (unsigned long long)c.state);
    setvbuf(stdout, NULL, _IOLBF, 0);
    int failed = written_models(&c);
    failed += drawn_models(&c);
    return failed ? 1 : 0;
}
