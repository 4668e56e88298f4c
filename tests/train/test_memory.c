/* SPDX-License-Identifier: MIT
 * test_memory.c - making a trainer, a step, a checkpoint and going on from it, with the i-th allocation failing, for
 * every i: an error that says so, nothing leaked (a sanitizer watches), and the checkpoint from before still whole.
 * Copyright (c) 2026 the wavenet authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/failing.h"
#include "format/npy_write.h"
#include "train/trainer.h"
#include "wavenet/audio.h"

static char folder[] = "/tmp/wavenet-memory-XXXXXX";
enum {
    SOUND,
    MANIFEST,
    RECIPE,
    MODEL,
    CHECKPOINT,
    ROWS,
    LABELS,
    LIST,
    RECOGNISER,
    PITCHES,
    CLIPS,
    VOCODER,
    RENDER,
    FILES
};
static char files[FILES][64];

static const char *const recipe =
    "{\"model\": {\"sample_rate\": 16000, \"input\": {\"classes\": 16, \"companding\": \"mulaw-midtread\"}, "
    "\"output\": {\"kind\": "
    "\"categorical\"}, \"controls\": [{\"name\": \"key\", \"min\": 21, \"max\": 108, \"default\": 60}], \"condition\": "
    "{\"hop\": "
    "16, \"features\": [{\"kind\": \"scaled\", \"control\": \"key\"}], \"stages\": [{\"kind\": \"conv\", \"out\": 2}], "
    "\"excitation\": {\"harmonics\": [1], \"key\": \"key\"}}, \"stacks\": [{\"channels\": 2, \"skip_channels\": 2, "
    "\"dilations\": "
    "[1, 2]}], \"head\": [{}]}, \"data\": {\"manifest\": \"clips.csv\"}, \"train\": {\"streams\": 2, \"chunk\": 32, "
    "\"slots\": 2, "
    "\"steps\": 4, \"corruption\": {}}}";

static const char *const recogniser =
    "{\"model\": {\"sample_rate\": 200, \"input\": {\"channels\": 2}, \"output\": {\"kind\": \"categorical\", "
    "\"classes\": 3, \"names\": [\"a\", \"b\", \"c\"], \"delay\": 1}, \"stacks\": [{\"channels\": 2, \"dilations\": "
    "[1]}], \"head\": [{}]}, \"data\": {\"manifest\": \"rows.csv\"}, \"train\": {\"streams\": 2, \"chunk\": 8, \"slots\": "
    "2, \"steps\": 4}}";

static const char *const vocoder =
    "{\"model\": {\"sample_rate\": 16000, \"input\": {\"classes\": 16, \"companding\": \"mulaw-midtread\"}, \"output\": "
    "{\"kind\": \"categorical\"}, \"condition\": {\"channels\": 1, \"hop\": 40}, \"stacks\": [{\"channels\": 2, "
    "\"dilations\": [1]}], \"head\": [{}]}, \"data\": {\"manifest\": \"spoken.csv\"}, \"train\": {\"streams\": 2, \"chunk\": "
    "40, \"slots\": 2, \"steps\": 4, \"render\": 0.1}}";

static void write_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    if (!f || fputs(text, f) < 0 || fclose(f)) abort();
}

static void write_data(void)
{
    static float pcm[2000];
    wn_audio_writer *writer;
    wn_audio_writer_config config = {.rate = 16000, .channels = 1};
    if (!mkdtemp(folder)) abort();
    static const char *const names[] = {"clip.wav",   "clips.csv",    "recipe.json",   "out.safetensors", "out.ckpt",
                                        "rows.npy",   "labels.npy",   "rows.csv",      "recogniser.json", "pitches.npy",
                                        "spoken.csv", "vocoder.json", "out-render.wav"};
    _Static_assert(sizeof names / sizeof *names == FILES, "a name per file");
    for (int i = 0; i < FILES; i++) snprintf(files[i], sizeof *files, "%s/%s", folder, names[i]);
    for (int t = 0; t < 2000; t++) pcm[t] = (float)(t % 37) / 50;
    if (wn_audio_writer_new(&writer, files[SOUND], &config, NULL) || wn_audio_writer_write(writer, pcm, 2000, NULL) ||
        wn_audio_writer_finish(writer, NULL))
        abort();
    wn_audio_writer_free(writer);
    write_text(files[MANIFEST],
               "audio,offset,frames,split,key\nclip.wav,0,600,train,0:60 0.01:64\nclip.wav,600,,valid,60\n");
    write_text(files[RECIPE], recipe);
    static int32_t labels[40];
    for (int t = 0; t < 40; t++) labels[t] = t % 3;
    if (wn_npy_write(files[ROWS], WN_NPY_FLOAT32, 2, (const int64_t[]){40, 2}, pcm, NULL) ||
        wn_npy_write(files[LABELS], WN_NPY_INT32, 1, (const int64_t[]){40}, labels, NULL))
        abort();
    write_text(files[LIST],
               "audio,labels,offset,frames,split\nrows.npy,labels.npy,0,30,train\nrows.npy,labels.npy,30,,valid\n");
    write_text(files[RECOGNISER], recogniser);
    if (wn_npy_write(files[PITCHES], WN_NPY_FLOAT32, 2, (const int64_t[]){50, 1}, pcm, NULL)) abort();
    write_text(files[CLIPS], "audio,features,split\nclip.wav,pitches.npy,train\nclip.wav,pitches.npy,valid\n");
    write_text(files[VOCODER], vocoder);
}

static wn_status train(int what, bool resume, wn_error *error)
{
    wn_train_config config = {
        .recipe = files[what], .model = files[MODEL], .checkpoint = files[CHECKPOINT], .threads = 1, .resume = resume};
    wn_trainer *t;
    double bits;
    wn_status status = wn_trainer_new(&t, &config, error);
    if (!status) status = wn_trainer_step(t, &bits, error);
    if (!status) wn_trainer_validate(t);
    if (!status) status = wn_trainer_save(t, error);
    wn_trainer_free(t);
    return status;
}

static int fail_each(int what, bool resume)
{
    for (long i = 0;; i++) {
        wn_error error = {0};
        fail_allocation(i);
        wn_status status = train(what, resume, &error);
        int failed = allocation_failed();
        fail_allocation(-1);
        if (!failed) {
            printf("%ld allocations failed, one at a time; without failure: %s\n", i, wn_status_text(status));
            return status || i < 50;
        }
        if (status ? !*error.message : access(files[CHECKPOINT], R_OK) != 0) {
            printf("FAILED: allocation %ld fails, status %d, no message\n", i, (int)status);
            return 1;
        }
    }
}

int main(void)
{
    wn_error error = {0};
    write_data();
    int failed = fail_each(RECOGNISER, false);
    failed += fail_each(VOCODER, false);
    failed += fail_each(RECIPE, false);
    failed += fail_each(RECIPE, true);
    if (train(RECIPE, true, &error)) failed++, printf("FAILED: the checkpoint is broken: %s\n", error.message);
    for (int i = 0; i < FILES; i++) unlink(files[i]);
    rmdir(folder);
    return failed ? 1 : 0;
}
