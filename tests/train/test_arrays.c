/* SPDX-License-Identifier: MIT
 * test_arrays.c - networks over rows of .npy files: classes and several real channels are learned, with a delay, and the
 * processor that runs the saved model agrees. What does not fit is refused with its file and row.
 * Copyright (c) 2026 the wavenet authors */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../engine/chance.h"
#include "format/npy_write.h"
#include "train/trainer.h"

#define CHECK(what) \
    do { \
        if (!(what)) { \
            printf("FAILED line %d: %s\n", __LINE__, #what); \
            return 1; \
        } \
    } while (0)

enum { ROWS = 6000, VALID = 1000, IN = 3, OUT = 2, CLASSES = 4, DELAY = 2 };

static char folder[] = "/tmp/wavenet-arrays-XXXXXX", places[8][256];
static float rows[ROWS][IN], values[ROWS][OUT];
static int32_t labels[ROWS];

static const char *path(const char *name)
{
    static int next;
    next = (next + 1) % 8;
    snprintf(places[next], sizeof *places, "%s/%s", folder, name);
    return places[next];
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

static void write_array(const char *name, wn_npy_type type, int64_t n, int64_t columns, const void *data)
{
    wn_error error = {0};
    if (wn_npy_write(path(name), type, columns ? 2 : 1, (const int64_t[]){n, columns}, data, &error)) stop(&error);
}

/* The class of a row follows from the rows two ahead and one behind, so a network without the delay finds chance. */
static void make_data(void)
{
    chance c = {5};
    for (int t = 0; t < ROWS; t++)
        for (int k = 0; k < IN; k++) rows[t][k] = (float)chance_normal(&c);
    for (int t = 0; t < ROWS; t++) {
        const float *ahead = rows[t + DELAY < ROWS ? t + DELAY : ROWS - 1], *behind = rows[t ? t - 1 : 0];
        labels[t] = 2 * (ahead[0] > 0) + (behind[2] > 0);
        values[t][0] = 0.5f * ahead[1] - rows[t][0];
        values[t][1] = behind[2] + 3;
    }
    write_array("rows.npy", WN_NPY_FLOAT32, ROWS, IN, rows);
    write_array("values.npy", WN_NPY_FLOAT32, ROWS, OUT, values);
    write_array("labels.npy", WN_NPY_INT32, ROWS, 0, labels);
    write_text("labels.csv", "audio,labels,offset,frames,split\nrows.npy,labels.npy,0,5000,train\n"
                             "rows.npy,labels.npy,5000,,valid\n");
    write_text("values.csv", "audio,target,offset,frames,split\nrows.npy,values.npy,0,5000,train\n"
                             "rows.npy,values.npy,5000,,valid\n");
}

static void write_recipe(const char *name, const char *output, const char *manifest, const char *more)
{
    char text[2048];
    snprintf(
        text, sizeof text,
        "{\"model\": {\"sample_rate\": 200, \"input\": {\"channels\": 3}, \"output\": %s, \"stacks\": [{\"channels\": 12, "
        "\"skip_channels\": 16, \"dilations\": [1, 2], \"gating\": \"none\"}], \"head\": [{\"activation\": \"tanh\", "
        "\"out\": 16}, {\"activation\": \"tanh\"}]}, \"data\": {\"manifest\": \"%s\"}, \"train\": {\"streams\": 4, "
        "\"chunk\": 100, \"slots\": 2, \"steps\": 600, \"learning_rate\": 0.01, \"warmup\": 20, \"validate_every\": 0, "
        "\"average\": 0.98%s}}",
        output, manifest, more);
    write_text(name, text);
}

static wn_status open_trainer(wn_trainer **t, const char *recipe, int threads, wn_error *error)
{
    static char files[3][256];
    snprintf(files[0], sizeof *files, "%s", path(recipe));
    snprintf(files[1], sizeof *files, "%s", path("out.safetensors"));
    snprintf(files[2], sizeof *files, "%s", path("out.ckpt"));
    wn_train_config config = {.recipe = files[0], .model = files[1], .checkpoint = files[2], .threads = threads};
    return wn_trainer_new(t, &config, error);
}

/* Train, save, and return the trainer's own figure of the validation part. */
static double train(const char *recipe)
{
    wn_trainer *t;
    wn_error error = {0};
    double bits;
    if (open_trainer(&t, recipe, 2, &error)) stop(&error);
    for (int i = 0; i < 600; i++)
        if (wn_trainer_step(t, &bits, &error)) stop(&error);
    wn_trainer_validate(t);
    if (wn_trainer_save(t, &error)) stop(&error);
    double valid = t->valid;
    wn_trainer_free(t);
    return valid;
}

/* The saved model's output of the rows from ROWS - VALID on, by a processor that has seen those before: out [VALID][channels],
 * row t about input row t, as the delay says. Rows that the delay takes beyond the end repeat the last one. */
static int run_saved(float *out)
{
    wn_error error = {0};
    wn_model *model;
    wn_processor *processor;
    if (wn_model_load(&model, path("out.safetensors"), &error)) stop(&error);
    wn_model_info info = wn_model_get_info(model);
    int n = info.output_channels;
    static float in[ROWS + DELAY][IN], made[(ROWS + DELAY) * CLASSES];
    memcpy(in, rows, sizeof rows);
    for (int t = ROWS; t < ROWS + info.delay; t++) memcpy(in[t], rows[ROWS - 1], sizeof *rows);
    const wn_model *models[] = {model};
    if (wn_processor_new(&processor, models, 1, &(wn_processor_config){.max_frames = ROWS + DELAY}, &error))
        stop(&error);
    wn_processor_run(processor, ROWS + info.delay, in[0], made);
    memcpy(out, made + (size_t)(ROWS - VALID + info.delay) * (size_t)n, (size_t)(VALID * n) * sizeof *out);
    wn_processor_free(processor);
    wn_model_free(model);
    return n;
}

static const char classes[] = "{\"kind\": \"categorical\", \"classes\": 4, \"delay\": 2}";

static int test_labels(void)
{
    static float y[VALID * CLASSES];
    write_recipe("labels.json", classes, "labels.csv", "");
    double valid = train("labels.json"), bits = 0;
    CHECK(run_saved(y) == CLASSES);
    int right = 0;
    for (int t = 0; t < VALID; t++) {
        const float *row = y + t * CLASSES;
        double sum = 0;
        int best = 0;
        for (int c = 0; c < CLASSES; c++) {
            sum += exp((double)row[c]);
            if (row[c] > row[best]) best = c;
        }
        right += best == labels[ROWS - VALID + t];
        bits += log2(sum) - (double)row[labels[ROWS - VALID + t]] / log(2);
    }
    printf("classes: validation %.4f bits, the saved model %.4f; %d of %d right\n", valid, bits / VALID, right, VALID);
    CHECK(fabs(bits / VALID - valid) < 1e-4 * (1 + valid));
    CHECK(right > VALID * 95 / 100);
    write_recipe("hasty.json", "{\"kind\": \"categorical\", \"classes\": 4}", "labels.csv", "");
    double hasty = train("hasty.json");
    printf("without the delay %.4f bits; chance leaves 1\n", hasty);
    CHECK(hasty > 0.95);
    printf("ok classes are learned\n");
    return 0;
}

static int test_values(void)
{
    static float y[VALID * OUT];
    write_recipe("values.json", "{\"kind\": \"pcm\", \"channels\": 2, \"delay\": 2}", "values.csv", "");
    double valid = train("values.json"), error = 0, energy = 0;
    CHECK(run_saved(y) == OUT);
    for (int t = 0; t < VALID; t++)
        for (int c = 0; c < OUT; c++) {
            double target = (double)values[ROWS - VALID + t][c], off = (double)y[t * OUT + c] - target;
            error += off * off;
            energy += target * target;
        }
    printf("values: validation %.6f, the saved model %.6f\n", valid, error / energy);
    CHECK(fabs(error / energy - valid) < 1e-4 * valid + 1e-7);
    CHECK(valid < 0.01);
    printf("ok several channels are learned\n");
    return 0;
}

/* A manifest whose one training row names these files must fail with the words. */
static int refuse(const char *recipe, const char *header, const char *row, const char *words)
{
    wn_trainer *t;
    wn_error error = {0};
    char text[512], all[600];
    snprintf(text, sizeof text, "%s\n%s\n", header, row);
    write_text("bad.csv", text);
    wn_status status = open_trainer(&t, recipe, 1, &error);
    snprintf(all, sizeof all, "%s: %s", error.where, error.message);
    if (status && strstr(all, words)) return 0;
    printf("FAILED: \"%s\" was expected to be refused with \"%s\", but: %s\n", row, words, status ? all : "it trains");
    if (!status) wn_trainer_free(t);
    return 1;
}

static int test_refusals(void)
{
    static const int32_t wrong[] = {0, 1, 4, 0}, negative[] = {0, -1, 0, 0};
    static const char columns[] = "audio,labels,split", targets[] = "audio,target,split";
    float holes[4 * IN] = {0};
    holes[7] = NAN;
    write_array("four.npy", WN_NPY_FLOAT32, 4, IN, rows);
    write_array("wrong.npy", WN_NPY_INT32, 4, 0, wrong);
    write_array("negative.npy", WN_NPY_INT32, 4, 0, negative);
    write_array("holes.npy", WN_NPY_FLOAT32, 4, IN, holes);
    write_array("two.npy", WN_NPY_FLOAT32, 4, 2, rows);
    write_array("none.npy", WN_NPY_FLOAT32, 0, IN, rows);
    write_recipe("bad.json", classes, "bad.csv", "");
    write_recipe("bad-values.json", "{\"kind\": \"pcm\", \"channels\": 2}", "bad.csv", "");
    write_recipe("corrupt.json", classes, "labels.csv", ", \"corruption\": {}");
    int failed =
        refuse("bad.json", columns, "four.npy,wrong.npy,train", "wrong.npy: row 2 is class 4, expected 0 to 3");
    failed += refuse("bad.json", columns, "four.npy,negative.npy,train", "negative.npy: row 1 is class -1");
    failed += refuse("bad.json", columns, "four.npy,labels.npy,train",
                     "bad.csv: line 2: labels.npy has 6000 rows, but four.npy has 4");
    failed += refuse("bad.json", columns, "two.npy,labels.npy,train", "two.npy: has 2 channels, expected 3");
    failed += refuse("bad.json", columns, "holes.npy,labels.npy,train", "holes.npy: row 2 holds a value that is not");
    failed += refuse("bad.json", columns, "none.npy,labels.npy,train", "none.npy: holds no rows");
    failed += refuse("bad.json", columns, "four.npy,two.npy,train", "two.npy: ");
    failed += refuse("bad.json", columns, "labels.npy,labels.npy,train", "labels.npy: ");
    failed += refuse("bad.json", columns, "missing.npy,labels.npy,train", "missing.npy: ");
    failed +=
        refuse("bad.json", columns, "a.wav,labels.npy,train", "a.wav: is a sound, but the model takes 3 channels");
    failed += refuse("bad.json", columns, "four.npy,,train", "line 2: names no labels");
    failed += refuse("bad.json", targets, "four.npy,two.npy,train", "line 2: names no labels");
    failed += refuse("bad.json", "audio,labels,split,target", "four.npy,wrong.npy,train,two.npy", "labels alone");
    failed += refuse("bad.json", "audio,labels,split,offset", "rows.npy,labels.npy,train,7000", "which has 6000");
    failed += refuse("bad-values.json", columns, "four.npy,wrong.npy,train", "line 2: names labels, and the model's");
    failed += refuse("bad-values.json", targets, "four.npy,rows.npy,train", "rows.npy: has 3 channels, expected 2");
    failed += refuse("bad-values.json", targets, "a.wav,b.wav,train", "line 2: names a sound as the target");
    failed += refuse("corrupt.json", columns, "", "train.corruption is for one channel of sound");
    if (!failed) printf("ok arrays that do not fit are refused\n");
    return failed;
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!mkdtemp(folder)) abort();
    make_data();
    int failed = test_labels();
    failed += test_values();
    failed += test_refusals();
    static const char *const made[] = {
        "rows.npy",    "values.npy", "labels.npy",      "labels.csv",      "values.csv",   "labels.json",  "hasty.json",
        "values.json", "out.ckpt",   "out.safetensors", "four.npy",        "wrong.npy",    "negative.npy", "holes.npy",
        "two.npy",     "none.npy",   "bad.json",        "bad-values.json", "corrupt.json", "bad.csv"};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) unlink(path(made[i]));
    rmdir(folder);
    return failed ? 1 : 0;
}
