/* SPDX-License-Identifier: MIT
 * track.c - control values over time from a CSV file.
 * Copyright (c) 2026 the wavenet authors */
#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/file.h"
#include "model/model.h"
#include "wavenet/audio.h"

enum { MAX_COLUMNS = WN_MAX_CONTROLS + 1, MAX_CELL = 256, TIME = -1 };
#define MAX_BYTES ((size_t)1 << 28)
#define MAX_SECONDS 1e7 /* keeps sample counts far inside 64 bits */

/* ---- one value ------------------------------------------------------------------------------------------------ */

static int find_choice(const wn_control *control, const char *text)
{
    for (int i = 0; i < control->n_choices; i++)
        if (strcmp(control->choices[i], text) == 0) return i;
    return -1;
}

static bool parse_number(double *value, const char *text)
{
    char *end;
    *value = strtod(text, &end);
    return end != text && !*end && isfinite(*value);
}

/* A note's name for a control in semitones: a letter, sharps or flats, an octave; middle C is C4, 60. */
static bool parse_note(double *value, const wn_control *control, const char *text)
{
    static const int steps[] = {9, 11, 0, 2, 4, 5, 7}; /* A to G */
    int letter = toupper((unsigned char)*text) - 'A';
    if (strcmp(control->unit, "semitones") != 0 || letter < 0 || letter > 6) return false;
    int note = steps[letter];
    for (text++; *text == '#' || *text == 'b'; text++) note += *text == '#' ? 1 : -1;
    char *end;
    long octave = strtol(text, &end, 10);
    if (end == text || *end || isspace((unsigned char)*text) || octave < -1 || octave > 9) return false;
    *value = note + 12.0 * (double)(octave + 1);
    return true;
}

static wn_status fail_choice(wn_error *error, const wn_control *control, const char *text, const char *where)
{
    char list[200] = "";
    size_t used = 0;
    for (int i = 0; i < control->n_choices && used < sizeof list - 1; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", control->choices[i]);
    return wn_fail(error, WN_ERROR_ARGUMENT, where, "'%s' is no %s; one of %s was expected", text, control->name, list);
}

wn_status wn_control_parse(double *value, const wn_control *control, const char *text, const char *where,
                           wn_error *error)
{
    bool choice = control->kind == WN_CONTROL_CHOICE;
    int index = choice ? find_choice(control, text) : -1;
    if (index >= 0) {
        *value = index;
        return WN_OK;
    }
    bool number = parse_number(value, text) || (!choice && parse_note(value, control, text));
    if (choice && !(number && *value == floor(*value) && *value >= 0 && *value < control->n_choices))
        return fail_choice(error, control, text, where);
    if (!number) return wn_fail(error, WN_ERROR_ARGUMENT, where, "'%s' is no number for %s", text, control->name);
    if (!choice && !(*value >= control->minimum && *value <= control->maximum))
        return wn_fail(error, WN_ERROR_ARGUMENT, where, "%s %g is outside its range %g to %g", control->name, *value,
                       control->minimum, control->maximum);
    return WN_OK;
}

/* ---- text ----------------------------------------------------------------------------------------------------- */

typedef struct track_reader {
    wn_csv csv;
    const char *name;
    const wn_model *model;
    int n_columns;
    int columns[MAX_COLUMNS]; /* control index, or TIME */
    double last_time;
    size_t capacity;
    wn_track *track;
    wn_error *error;
} track_reader;

static const char *where(const track_reader *r, char *text, size_t size)
{
    snprintf(text, size, "%s, line %d", r->name, r->csv.line ? r->csv.line : 1);
    return text;
}

#define FAIL(r, ...) wn_fail((r)->error, WN_ERROR_FORMAT, where(r, (char[192]){0}, 192), __VA_ARGS__)

static wn_status next_cell(track_reader *r, char cell[MAX_CELL])
{
    const char *problem = wn_csv_read_cell(&r->csv, cell, MAX_CELL);
    return problem ? FAIL(r, "%s", problem) : WN_OK;
}

/* ---- header --------------------------------------------------------------------------------------------------- */

static wn_status add_column(track_reader *r, const char *cell)
{
    int column = strcmp(cell, "time") == 0 ? TIME : wn_model_find_control(r->model, cell);
    if (column < 0 && strcmp(cell, "time") != 0)
        return FAIL(r, "'%s' is neither time nor a control of the model", cell);
    for (int i = 0; i < r->n_columns; i++)
        if (r->columns[i] == column) return FAIL(r, "column '%s' is there twice", cell);
    r->columns[r->n_columns++] = column;
    return WN_OK;
}

static wn_status read_header(track_reader *r)
{
    char cell[MAX_CELL];
    bool has_time = false;
    if (!wn_csv_next_row(&r->csv))
        return FAIL(r, "a header with time and control names was expected, the file is empty");
    while (r->csv.cell_due) {
        if (r->n_columns == MAX_COLUMNS) return FAIL(r, "more than %d columns", (int)MAX_COLUMNS);
        wn_status status = next_cell(r, cell);
        if (!status) status = add_column(r, cell);
        if (status) return status;
        has_time = has_time || r->columns[r->n_columns - 1] == TIME;
    }
    return has_time ? WN_OK : FAIL(r, "the header has no column 'time'");
}

/* ---- rows ----------------------------------------------------------------------------------------------------- */

static wn_status add_event(track_reader *r, int control, double value)
{
    wn_track *track = r->track;
    if (track->n_events == r->capacity) {
        size_t capacity = r->capacity ? 2 * r->capacity : 64;
        wn_track_event *grown = realloc(track->events, capacity * sizeof *grown);
        if (!grown) return wn_fail_memory(r->error, r->name);
        track->events = grown;
        r->capacity = capacity;
    }
    track->events[track->n_events++] = (wn_track_event){.control = control, .value = value};
    return WN_OK;
}

static wn_status read_time(track_reader *r, const char *cell)
{
    double time;
    if (!parse_number(&time, cell)) return FAIL(r, "time '%s' is no number", cell);
    if (time < 0 || time > MAX_SECONDS) return FAIL(r, "time %g is outside 0 to %g seconds", time, MAX_SECONDS);
    if (time < r->last_time) return FAIL(r, "time %g comes after %g; times must ascend", time, r->last_time);
    r->last_time = time;
    return WN_OK;
}

static wn_status read_value(track_reader *r, int index, const char *cell)
{
    double value;
    char place[192];
    wn_control control = wn_model_get_control(r->model, index);
    wn_status status = wn_control_parse(&value, &control, cell, where(r, place, sizeof place), r->error);
    return status ? status : add_event(r, index, value);
}

static wn_status read_row(track_reader *r)
{
    char cell[MAX_CELL];
    size_t first = r->track->n_events;
    for (int i = 0; i < r->n_columns; i++) {
        if (!r->csv.cell_due) return FAIL(r, "%d cells, %d were expected", i, r->n_columns);
        wn_status status = next_cell(r, cell);
        if (!status && r->columns[i] == TIME)
            status = read_time(r, cell);
        else if (!status && *cell)
            status = read_value(r, r->columns[i], cell);
        if (status) return status;
    }
    if (r->csv.cell_due) return FAIL(r, "more than the %d cells of the header", r->n_columns);
    int64_t frame = llround(r->last_time * wn_model_get_info(r->model).sample_rate);
    for (size_t i = first; i < r->track->n_events; i++) r->track->events[i].frame = frame; /* time may be any column */
    return WN_OK;
}

static wn_status read_all(track_reader *r)
{
    if (!(wn_model_get_info(r->model).sample_rate > 0))
        return FAIL(r, "the model names no sample rate, so that times mean nothing");
    wn_status status = read_header(r);
    while (!status && wn_csv_next_row(&r->csv)) status = read_row(r);
    return status;
}

wn_status wn_track_parse(wn_track **out, const char *text, size_t size, const char *name, const wn_model *model,
                         wn_error *error)
{
    *out = NULL;
    wn_track *track = calloc(1, sizeof *track);
    if (!track) return wn_fail_memory(error, name);
    track_reader r = {.csv = wn_csv_start(text, size), .name = name, .model = model, .track = track, .error = error};
    wn_status status = read_all(&r);
    if (status)
        wn_track_free(track);
    else
        *out = track;
    return status;
}

/* ---- files ---------------------------------------------------------------------------------------------------- */

wn_status wn_track_load(wn_track **out, const char *path, const wn_model *model, wn_error *error)
{
    *out = NULL;
    void *text = NULL;
    size_t size = 0;
    wn_status status = wn_file_read(&text, &size, path, MAX_BYTES, error);
    if (!status) status = wn_track_parse(out, text, size, path, model, error);
    free(text);
    return status;
}

void wn_track_free(wn_track *track)
{
    if (!track) return;
    free(track->events);
    free(track);
}
