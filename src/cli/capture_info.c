/* SPDX-License-Identifier: MIT
 * capture_info.c - what an amp capture says about itself: gear, maker, training, loudness, levels.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/capture_info.h"

#include <math.h>
#include <stdio.h>

void wn_capture_info_print_text(const char *text)
{
    for (int n; *text; text += n > 0 ? n : 1) {
        n = wn_control_bytes(text);
        putchar(n ? '?' : *text);
    }
}

static const char *text_of(const json_t *metadata, const char *key)
{
    const char *text = json_string_value(json_object_get(metadata, key));
    return text && *text ? text : NULL;
}

/* "  gear          amp, Maker Model, clean"; nothing where the file says nothing. */
static void print_gear(const json_t *metadata)
{
    static const char *const keys[] = {"gear_type", "gear_make", "gear_model", "tone_type"};
    const char *before = "  gear          ";
    for (int i = 0; i < 4; i++) {
        const char *text = text_of(metadata, keys[i]);
        if (!text) continue;
        printf("%s", before);
        wn_capture_info_print_text(text);
        before = i == 1 ? " " : ", ";
    }
    if (*before != ' ' || !before[1]) printf("\n");
}

static void print_maker(const json_t *metadata)
{
    const json_t *date = json_object_get(metadata, "date");
    const char *maker = text_of(metadata, "modeled_by");
    int year = (int)json_integer_value(json_object_get(date, "year"));
    if (!maker && !year) return;
    printf("  made          ");
    if (maker) printf("by ");
    if (maker) wn_capture_info_print_text(maker);
    if (year)
        printf("%s%04d-%02d-%02d", maker ? ", " : "", year, (int)json_integer_value(json_object_get(date, "month")),
               (int)json_integer_value(json_object_get(date, "day")));
    printf("\n");
}

static void print_training(const json_t *metadata)
{
    const json_t *training = json_object_get(metadata, "training"), *esr = json_object_get(training, "validation_esr");
    const json_t *checks = json_object_get(json_object_get(training, "data"), "checks");
    double value = json_number_value(esr);
    if (json_is_number(esr) && value > 0.0)
        printf("  trained       to an ESR of %.4g in validation (%.1f dB)\n", value, 10.0 * log10(value));
    if (json_is_false(json_object_get(checks, "passed"))) printf("  checks        of the training recording failed\n");
}

static void print_levels(const wn_model *m)
{
    bool in = !isnan(m->input_level_dbu), out = !isnan(m->output_level_dbu);
    if (!isnan(m->loudness))
        printf("  loudness      %.2f dB; %+.2f dB make it -18\n", m->loudness, -18.0 - m->loudness);
    if (!in && !out) return;
    printf("  full scale    is ");
    if (in) printf("%g dBu at the input%s", m->input_level_dbu, out ? ", " : "");
    if (out) printf("%g dBu at the output", m->output_level_dbu);
    printf("\n");
}

static void print_container(const json_t *metadata)
{
    const json_t *limits = json_object_get(json_object_get(metadata, "nam"), "submodels");
    if (!json_array_size(limits)) return;
    printf("  slim          %zu networks, for values below", json_array_size(limits));
    for (size_t i = 0; i < json_array_size(limits); i++) printf(" %g", json_number_value(json_array_get(limits, i)));
    printf("; this is number %d\n",
           1 + (int)json_integer_value(json_object_get(json_object_get(metadata, "nam"), "submodel")));
}

static void print_file(const json_t *metadata)
{
    const json_t *file = json_object_get(metadata, "nam");
    const char *version = text_of(file, "version"), *architecture = text_of(file, "architecture");
    if (!version || !architecture) return;
    printf("  file          ");
    wn_capture_info_print_text(architecture);
    printf(" of .nam version ");
    wn_capture_info_print_text(version);
    printf("\n");
}

void wn_capture_info_print(const wn_model *m, const json_t *metadata)
{
    bool capture = json_is_object(json_object_get(metadata, "nam")) || !isnan(m->loudness);
    if (m->note) printf("note          %s\n", m->note);
    if (!capture) return;
    printf("\ncapture\n");
    print_gear(metadata);
    print_maker(metadata);
    print_training(metadata);
    print_levels(m);
    print_file(metadata);
    print_container(metadata);
    if (m->sample_rate == 0.0) printf("  sample rate   not given; captures that say none are of 48000 Hz\n");
}
