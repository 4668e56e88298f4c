/* SPDX-License-Identifier: MIT
 * test_trainer.c - whole trainings of tiny nets: the same numbers after a stop and on any number of threads, a process
 * learned down to its entropy, an effect learned, and checkpoints that do not belong.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../engine/chance.h"
#include "model/companding.h"
#include "train/trainer.h"
#include "wavenet/audio.h"

#define CHECK(what) \
    do { \
        if (!(what)) { \
            printf("FAILED line %d: %s\n", __LINE__, #what); \
            return 1; \
        } \
    } while (0)

static char folder[] = "/tmp/wavenet-train-XXXXXX";

static const char *path(const char *name)
{
    static char out[4][256];
    static int next;
    next = (next + 1) % 4;
    snprintf(out[next], sizeof *out, "%s/%s", folder, name);
    return out[next];
}

static void stop(const wn_error *error)
{
    printf("FAILED: %s: %s\n", error->where, error->message);
    exit(1);
}

static void write_text(const char *name, const char *text)
{
    FILE *f = fopen(path(name), "w");
    if (!f || fputs(text, f) < 0 || fclose(f)) abort();
}

static void write_sound(const char *name, const float *pcm, int frames)
{
    wn_audio_writer *writer;
    wn_error error = {0};
    wn_audio_writer_config config = {.rate = 16000, .channels = 1, .bits = WN_AUDIO_FLOAT};
    if (wn_audio_writer_new(&writer, path(name), &config, &error) ||
        wn_audio_writer_write(writer, pcm, frames, &error) || wn_audio_writer_finish(writer, &error))
        stop(&error);
    wn_audio_writer_free(writer);
}

/* ---- data ------------------------------------------------------------------------------------------------------- */

enum { CLASSES = 16, CLIPS = 12, CLIP_FRAMES = 2000, REPEAT_PERCENT = 90 };

/* x[t] = x[t - 3] in 90 of 100 cases, else any class but 0, which decodes like 1: whoever looks back one or two samples
 * finds log2(15) bits of chance. */
static void write_process(void)
{
    chance c = {7};
    static float pcm[CLIPS * CLIP_FRAMES];
    static int k[CLIPS * CLIP_FRAMES];
    for (int t = 0; t < CLIPS * CLIP_FRAMES; t++) {
        k[t] = t > 2 && chance_percent(&c, REPEAT_PERCENT) ? k[t - 3] : chance_int(&c, 1, CLASSES - 1);
        pcm[t] = (float)wn_compand_decode(WN_MULAW_MIDTREAD, CLASSES, k[t]);
    }
    write_sound("process.wav", pcm, CLIPS * CLIP_FRAMES);
    char rows[CLIPS * 64] = "audio,offset,frames,split,level\n";
    for (int i = 0; i < CLIPS; i++)
        snprintf(rows + strlen(rows), 64, "process.wav,%d,%d,%s,%s\n", i * CLIP_FRAMES, CLIP_FRAMES - 16 * (i % 5),
                 i % 6 ? "train" : "valid", i % 2 ? "0.5" : "0:0.25 0.05:0.75");
    write_text("process.csv", rows);
}

/* True entropy of the process, bits a sample. */
static double process_entropy(void)
{
    double miss = (1 - REPEAT_PERCENT / 100.0) / (CLASSES - 1), hit = REPEAT_PERCENT / 100.0 + miss;
    return -hit * log2(hit) - (CLASSES - 2) * miss * log2(miss);
}

static const char *const process_recipe =
    "{\"model\": {\"sample_rate\": 16000, \"input\": {\"classes\": 16, \"companding\": \"mulaw-midtread\"}, "
    "\"output\": "
    "{\"kind\": \"categorical\"}, \"controls\": [{\"name\": \"level\", \"min\": 0, \"max\": 1, \"default\": 0}], "
    "\"condition\": {\"hop\": 16, \"features\": [{\"kind\": \"scaled\", \"control\": \"level\"}], \"stages\": "
    "[{\"kind\": "
    "\"conv\", \"out\": 4, \"activation\": \"tanh\"}]}, \"stacks\": [{\"channels\": 16, \"skip_channels\": 16, "
    "\"kernel\": 2, "
    "\"dilations\": [1, 2, 4]}], \"head\": [{\"out\": 16}, {}]}, \"data\": {\"manifest\": \"process.csv\"}, \"train\": "
    "{\"streams\": 5, \"chunk\": 160, \"slots\": 3, \"steps\": %d, \"seed\": 3, \"learning_rate\": 0.01, \"warmup\": "
    "20, "
    "\"validate_every\": 0, \"average\": 0.98%s}}";

static void write_recipe(const char *name, int steps, const char *more)
{
    char text[2048];
    snprintf(text, sizeof text, process_recipe, steps, more);
    write_text(name, text);
}

static wn_trainer *trainer_of(const char *recipe, int threads, bool resume)
{
    wn_trainer *t;
    wn_error error = {0};
    static char files[3][256];
    snprintf(files[0], sizeof *files, "%s", path(recipe));
    snprintf(files[1], sizeof *files, "%s", path("out.safetensors"));
    snprintf(files[2], sizeof *files, "%s", path("out.ckpt"));
    wn_train_config config = {
        .recipe = files[0], .model = files[1], .checkpoint = files[2], .threads = threads, .resume = resume};
    if (wn_trainer_new(&t, &config, &error)) stop(&error);
    return t;
}

static void steps(wn_trainer *t, int n)
{
    wn_error error = {0};
    double bits;
    for (int i = 0; i < n; i++)
        if (wn_trainer_step(t, &bits, &error)) stop(&error);
}

static bool same(const wn_trainer *a, const wn_trainer *b)
{
    size_t n = a->net->params.count * sizeof(wn_real);
    bool equal = a->step == b->step && !memcmp(a->parameters, b->parameters, n) && !memcmp(a->ema, b->ema, n) &&
                 !memcmp(a->m, b->m, n) && !memcmp(a->v, b->v, n);
    for (int i = 0; i < a->recipe.streams; i++)
        equal = equal && !memcmp(a->states[i], b->states[i], a->net->state * sizeof(wn_real));
    return equal;
}

/* ---- tests ------------------------------------------------------------------------------------------------------ */

#define CORRUPTION ", \"corruption\": {\"share\": 0.75}"

static int test_threads(void)
{
    write_recipe("threads.json", 80, CORRUPTION);
    wn_trainer *one = trainer_of("threads.json", 1, false), *many = trainer_of("threads.json", 3, false);
    steps(one, 80);
    steps(many, 80);
    CHECK(many->threads == 3);
    CHECK(one->loader.epoch > 0); /* the order was shuffled again on the way */
    CHECK(same(one, many));
    wn_trainer_validate(one);
    wn_trainer_validate(many);
    CHECK(one->valid == many->valid);
    wn_trainer_free(one);
    wn_trainer_free(many);
    printf("ok one and three threads give the same bits\n");
    return 0;
}

static int test_resume(void)
{
    wn_error error = {0};
    wn_trainer *whole = trainer_of("threads.json", 1, false), *part = trainer_of("threads.json", 2, false);
    steps(whole, 80);
    steps(part, 33);
    if (wn_trainer_save(part, &error)) stop(&error);
    wn_trainer_free(part);
    part = trainer_of("threads.json", 1, true);
    CHECK(part->step == 33);
    CHECK(!same(whole, part));
    steps(part, 47);
    CHECK(same(whole, part));
    CHECK(!memcmp(whole->history.points, part->history.points, sizeof whole->history.points));
    wn_trainer_free(whole);
    wn_trainer_free(part);
    printf("ok a run that was stopped ends like one that was not\n");
    return 0;
}

static int test_entropy(void)
{
    wn_error error = {0};
    write_recipe("learn.json", 500, "");
    wn_trainer *t = trainer_of("learn.json", 1, false);
    steps(t, 500);
    wn_trainer_validate(t);
    printf("learned to %.3f bits a sample; the process has %.3f, and 3.907 is all to find two samples back\n", t->valid,
           process_entropy());
    CHECK(t->valid > process_entropy() * 0.9);
    CHECK(t->valid < process_entropy() + 0.25);
    if (wn_trainer_save(t, &error)) stop(&error);
    double bits = t->valid;
    wn_trainer_free(t);
    wn_model *model;
    if (wn_model_load(&model, path("out.safetensors"), &error)) stop(&error);
    CHECK(model->metadata && strstr(model->metadata, "\"recipe\"") && strstr(model->metadata, "validation_bits"));
    CHECK(isfinite(bits));
    wn_model_free(model);
    printf("ok a process is learned down to its entropy\n");
    return 0;
}

/* Error-to-signal ratio of the saved model over samples first .. frames - 1, from the processor that plays it: independent of the
 * trainer's forward pass. */
static double saved_esr(const float *dry, const float *wet, int first, int frames)
{
    wn_error error = {0};
    wn_model *model;
    wn_processor *processor;
    float *made = calloc((size_t)frames, sizeof *made);
    const wn_model *models[1];
    if (!made || wn_model_load(&model, path("out.safetensors"), &error)) stop(&error);
    models[0] = model;
    if (wn_processor_new(&processor, models, 1, &(wn_processor_config){.channels = 1, .max_frames = frames}, &error))
        stop(&error);
    wn_processor_prewarm(processor);
    wn_processor_run(processor, frames, dry, made);
    double difference = 0, energy = 0;
    for (int t = first; t < frames; t++) {
        difference += ((double)made[t] - (double)wet[t]) * ((double)made[t] - (double)wet[t]);
        energy += (double)wet[t] * (double)wet[t];
    }
    wn_processor_free(processor);
    wn_model_free(model);
    free(made);
    return difference / energy;
}

/* Two fifths of the sound are nearly silent: a mean of the ratios of chunks would be theirs alone. */
static bool is_quiet(int t) { return t % 5000 >= 3000; }

static int test_effect(void)
{
    chance c = {9};
    enum { FRAMES = 24000 };
    static float dry[FRAMES], wet[FRAMES];
    for (int t = 0; t < FRAMES; t++) {
        dry[t] = (float)(0.3 * chance_normal(&c) * (is_quiet(t) ? 1e-5 : 1));
        wet[t] = (float)tanh(2 * ((double)dry[t] - (t ? 0.6 * (double)dry[t - 1] : 0)));
    }
    write_sound("dry.wav", dry, FRAMES);
    write_sound("wet.wav", wet, FRAMES);
    write_text("effect.csv",
               "audio,target,offset,frames,split\ndry.wav,wet.wav,0,20000,train\ndry.wav,wet.wav,20000,4000,valid\n");
    write_text(
        "effect.json",
        "{\"model\": {\"sample_rate\": 16000, \"output\": {\"kind\": \"pcm\"}, \"autoregressive\": false, \"stacks\": "
        "[{\"channels\": 8, \"skip_channels\": 8, \"kernel\": 3, \"dilations\": [1, 2]}], \"head\": [{}]}, "
        "\"data\": {\"manifest\": \"effect.csv\"}, \"train\": {\"streams\": 4, \"chunk\": 256, \"steps\": 600, "
        "\"learning_rate\": 0.01, \"warmup\": 20, \"validate_every\": 0, \"average\": 0.98, \"loss\": {\"esr\": 1, "
        "\"pre_emphasis\": 0.85}}}");
    wn_trainer *t = trainer_of("effect.json", 1, false);
    wn_trainer_validate(t);
    double before = t->valid;
    steps(t, 600);
    wn_trainer_validate(t);
    printf("error-to-signal ratio: %.4f before, %.5f after\n", before, t->valid);
    CHECK(before > 0.3);
    CHECK(t->valid < 0.01);
    wn_error error = {0};
    if (wn_trainer_save(t, &error)) stop(&error);
    double esr = saved_esr(dry, wet, 20000, FRAMES);
    printf("the saved model has %.5f\n", esr);
    CHECK(fabs(esr - t->best_valid) < 1e-3 * esr);
    wn_trainer_free(t);
    printf("ok an effect is learned from a pair of recordings\n");
    return 0;
}

/* An average over more steps than there were would be of weights that had learned nothing. The default average is in
 * time after few steps, and what is saved is the better of average and parameters. */
static int test_average(void)
{
    write_text(
        "average.json",
        "{\"model\": {\"sample_rate\": 16000, \"output\": {\"kind\": \"pcm\"}, \"autoregressive\": false, \"stacks\": "
        "[{\"channels\": 8, \"skip_channels\": 8, \"kernel\": 3, \"dilations\": [1, 2]}], \"head\": [{}]}, "
        "\"data\": {\"manifest\": \"effect.csv\"}, \"train\": {\"streams\": 4, \"chunk\": 256, \"steps\": 60, "
        "\"learning_rate\": 0.01, \"warmup\": 0, \"validate_every\": 0}}");
    wn_trainer *t = trainer_of("average.json", 1, false);
    steps(t, 60);
    wn_trainer_validate(t);
    double both = t->valid;
    size_t n = t->net->params.count * sizeof(wn_real);
    CHECK(!memcmp(t->best, t->ema, n) || !memcmp(t->best, t->parameters, n));
    memcpy(t->ema, t->parameters, n);
    wn_trainer_validate(t);
    printf("after 60 steps: ESR %.4f, of the parameters alone %.4f\n", both, t->valid);
    CHECK(both <= t->valid && both < 0.5);
    CHECK(t->best_valid == both);
    wn_trainer_free(t);
    printf("ok the average helps from the first steps on\n");
    return 0;
}

/* A checkpoint of `size` bytes with byte `at` changed must be refused, with words. */
static int refuse_checkpoint(const char *recipe, const unsigned char *data, size_t size, size_t at, const char *word)
{
    wn_trainer *t;
    wn_error error = {0};
    FILE *f = fopen(path("bad.ckpt"), "wb");
    CHECK(f);
    for (size_t i = 0; i < size; i++) fputc(i == at ? data[i] ^ 0x55 : data[i], f);
    CHECK(!fclose(f));
    char files[2][256];
    snprintf(files[0], sizeof *files, "%s", path(recipe));
    snprintf(files[1], sizeof *files, "%s", path("bad.ckpt"));
    wn_train_config config = {
        .recipe = files[0], .model = "/dev/null", .checkpoint = files[1], .threads = 1, .resume = true};
    CHECK(wn_trainer_new(&t, &config, &error) && !t);
    if (!strstr(error.message, word)) printf("FAILED: \"%s\" does not say \"%s\"\n", error.message, word);
    return !strstr(error.message, word);
}

static int test_checkpoints(void)
{
    static unsigned char data[1 << 21];
    wn_error error = {0};
    wn_trainer *t = trainer_of("threads.json", 1, false);
    steps(t, 2);
    if (wn_trainer_save(t, &error)) stop(&error);
    wn_trainer_free(t);
    FILE *f = fopen(path("out.ckpt"), "rb");
    CHECK(f);
    size_t size = fread(data, 1, sizeof data, f), whole = SIZE_MAX;
    fclose(f);
    CHECK(size > 1000 && size < sizeof data);
    int failed = refuse_checkpoint("threads.json", data, 0, whole, "too short");
    failed += refuse_checkpoint("threads.json", data, 40, whole, "too short");
    failed += refuse_checkpoint("threads.json", data, size - 100, whole, "checksum");
    failed += refuse_checkpoint("threads.json", data, size, 3, "not a checkpoint");
    failed += refuse_checkpoint("threads.json", data, size, size / 2, "checksum");
    failed += refuse_checkpoint("threads.json", data, size, 100, "another run");
    failed += refuse_checkpoint("effect.json", data, size, whole, "another run");
    if (!failed) printf("ok checkpoints that are damaged or belong to another recipe are refused\n");
    return failed;
}

/* Weights so large that the loss overflows: a clear error. */
static int test_explosion(void)
{
    wn_error error = {0};
    double bits;
    write_recipe("explode.json", 80, "");
    wn_trainer *t = trainer_of("explode.json", 1, false);
    for (size_t i = 0; i < t->net->params.count; i++) t->parameters[i] = (wn_real)1e30;
    wn_status status = wn_trainer_step(t, &bits, &error);
    CHECK(status);
    CHECK(strstr(error.message, "not a finite number at step 0"));
    wn_trainer_free(t);
    printf("ok a loss that is not a number ends the run with words\n");
    return 0;
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!mkdtemp(folder)) abort();
    write_process();
    int failed = test_threads();
    failed += test_resume();
    failed += test_entropy();
    failed += test_effect();
    failed += test_average();
    failed += test_checkpoints();
    failed += test_explosion();
    static const char *const made[] = {"process.wav", "process.csv",  "threads.json", "learn.json", "effect.json",
                                       "effect.csv",  "dry.wav",      "wet.wav",      "out.ckpt",   "out.safetensors",
                                       "bad.ckpt",    "explode.json", "average.json"};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) unlink(path(made[i]));
    rmdir(folder);
    return failed ? 1 : 0;
}
