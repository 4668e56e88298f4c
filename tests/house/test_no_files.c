/* SPDX-License-Identifier: MIT
 * test_no_files.c - libwavenet without file access loads a model from memory, runs it, and refuses names of files.
 * Usage: test_no_files MODEL
 * Copyright (c) 2026 the wavenet authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "play/midi_file.h"
#include "wavenet/wavenet.h"

enum { FRAMES = 64 };

static int n_failed;

static void check(int ok, const char *what)
{
    if (!ok) printf("FAILED: %s\n", what);
    n_failed += !ok;
}

static void check_refused(wn_status status, const wn_error *error, const char *what)
{
    check(status == WN_ERROR_UNSUPPORTED && error->status == status, what);
    check(strstr(error->message, "no file access") && !strchr(error->message, '\n'), error->message);
}

/* The program reads the file itself, as a page does. */
static void *read_whole(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    void *data = malloc(*size);
    if (data && fread(data, 1, *size, file) != *size) *size = 0;
    fclose(file);
    return data;
}

static void run_model(const wn_model *model)
{
    wn_plan *plan;
    wn_generator *generator;
    wn_error error;
    float pcm[FRAMES];
    check(wn_plan_new(&plan, model, NULL, &error) == WN_OK, "a plan");
    check(wn_generator_new(&generator, plan, NULL, &error) == WN_OK, "a generator");
    if (generator) {
        wn_generator_run(generator, FRAMES, pcm, NULL);
        check(pcm[FRAMES - 1] >= -1 && pcm[FRAMES - 1] <= 1, "a sample in range");
    }
    wn_generator_free(generator);
    wn_plan_free(plan);
}

int main(int argc, char **argv)
{
    wn_model *model = NULL, *none = NULL;
    wn_midi_file *song = NULL;
    wn_error error = {0};
    size_t size = 0;
    void *data = argc > 1 ? read_whole(argv[1], &size) : NULL;
    check(data && wn_model_load_memory(&model, data, size, "model", &error) == WN_OK, "a model from memory");
    check_refused(wn_model_load(&none, argv[1], &error), &error, "wn_model_load");
    check_refused(wn_midi_file_load(&song, argv[1], &error), &error, "wn_midi_file_load");
    check(!none && !song, "nothing was loaded");
    if (model) {
        check_refused(wn_model_save(model, "there.safetensors", &error), &error, "wn_model_save, native");
        run_model(model);
    }
    wn_model_free(model);
    free(data);
    printf("%d failed\n", n_failed);
    return n_failed != 0;
}
