/* SPDX-License-Identifier: MIT
 * helpers.h - shared by the tests of models and their files.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TESTS_FORMAT_HELPERS_H
#define WN_TESTS_FORMAT_HELPERS_H

#include "model/model.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Bytes of a file. */
typedef struct bytes {
    uint8_t *data;
    size_t size;
} bytes;

/* Configs that together use everything a config can say. */
extern const char *const config_texts[];
extern const int n_config_texts;

/* A model from config text, which must be good; weights drawn from a fixed seed. */
wn_model *model_from(const char *text);
void draw_weights(wn_model *model, unsigned seed);

/* A copy of `text` with the first `find` replaced. Fails the test if there is none. */
char *replaced(const char *text, const char *find, const char *replace);

/* The path of `name` in a folder for temporary files, which goes when the program ends. */
const char *temp_path(const char *name);
bytes read_bytes(const char *path);
void write_bytes(const char *path, const void *data, size_t size);

/* A safetensors file of this header and n bytes of data. */
bytes safetensors_of(const char *header, const void *data, size_t n);
/* The header of such a file, a new string, and where its data begin. */
char *header_of(bytes file, size_t *start);

/* Two models with the same tensors in name, shape and value within `tolerance`; fails the test with the difference. */
void assert_same_weights(wn_model *a, wn_model *b, double tolerance);
void assert_same_config(const wn_model *a, const wn_model *b);

/* The call failed with one clear line: status, a place, a message without line breaks that contains `part`. */
void assert_error(const char *name, wn_status status, const wn_error *error, const char *part);

/* A wavenet_vocoder checkpoint that fits the hyper-parameters, with weights from a fixed seed; see helpers.c for the
 * shapes. `normed`: weight norm not folded. */
extern const char vocoder_current[], vocoder_2018[];
bytes vocoder_checkpoint(bool line_2018, bool normed);

#endif
