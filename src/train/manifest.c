/* SPDX-License-Identifier: MIT
 * manifest.c - the CSV file that lists a data set: one row a clip.
 * Copyright (c) 2026 the wavenet authors */
#include "train/manifest.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/file.h"
#include "wavenet/audio.h"

enum { MAX_COLUMNS = WN_MAX_CONTROLS + 16, MAX_CELL = 4096, MAX_EVENTS = 1024, MAX_ROWS = 1 << 22 };
#define MAX_BYTES ((size_t)1 << 29)
#define MAX_SAMPLES ((int64_t)1 << 40)
#define MAX_SECONDS 1e6

/* The meaning of a column; a control's columns count up from CONTROL. */
enum { AUDIO, OFFSET, FRAMES, SPLIT, TARGET, LABELS, FEATURES, TRACK, SPEAKER, CONTROL };

static const char *const column_names[] = {"audio",  "offset",   "frames", "split",  "target",
                                           "labels", "features", "track",  "speaker"};

struct parser {
    wn_csv csv;
    const char *name;
    const wn_model *model;
    wn_error *error;
    int n_columns, columns[MAX_COLUMNS];
    wn_manifest *out;
    size_t capacity;
};

static wn_status fail(const struct parser *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

static wn_status fail(const struct parser *p, const char *format, ...)
{
    char message[320], where[192];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    snprintf(where, sizeof where, "%.150s: line %d", p->name, p->csv.line ? p->csv.line : 1);
    return wn_fail(p->error, WN_ERROR_FORMAT, where, "%s", message);
}

/* ---- cells ------------------------------------------------------------------------------------------------------ */

static wn_status read_cell(struct parser *p, char *cell)
{
    const char *problem = wn_csv_read_cell(&p->csv, cell, MAX_CELL);
    return problem ? fail(p, "%s", problem) : WN_OK;
}

static int find_column(const struct parser *p, const char *name)
{
    for (int i = 0; i < CONTROL; i++)
        if (!strcmp(name, column_names[i])) return i;
    int control = wn_model_find_control(p->model, name);
    return control < 0 ? -1 : CONTROL + control;
}

static wn_status add_column(struct parser *p, const char *name)
{
    if (p->n_columns == MAX_COLUMNS) return fail(p, "has more than %d columns", MAX_COLUMNS);
    int column = find_column(p, name);
    if (column < 0)
        return fail(
            p,
            "column \"%.64s\" is neither audio, offset, frames, split, target, labels, features, track, speaker "
            "nor a control of the model",
            name);
    for (int i = 0; i < p->n_columns; i++)
        if (p->columns[i] == column) return fail(p, "names the column \"%.64s\" twice", name);
    p->columns[p->n_columns++] = column;
    return WN_OK;
}

static wn_status read_header(struct parser *p)
{
    char cell[MAX_CELL];
    if (!wn_csv_next_row(&p->csv)) return fail(p, "is empty, expected a header of column names");
    while (p->csv.cell_due) {
        wn_status status = read_cell(p, cell);
        if (!status) status = add_column(p, cell);
        if (status) return status;
    }
    for (int need = AUDIO; need <= SPLIT; need += SPLIT) {
        bool found = false;
        for (int i = 0; i < p->n_columns; i++) found |= p->columns[i] == need;
        if (!found) return fail(p, "has no column \"%s\"", column_names[need]);
    }
    return WN_OK;
}

/* ---- values ----------------------------------------------------------------------------------------------------- */

static wn_status parse_count(struct parser *p, const char *cell, const char *what, int64_t *value)
{
    char *end;
    if (!*cell) return WN_OK;
    double x = strtod(cell, &end);
    if (*end || !(x >= 0 && x <= (double)MAX_SAMPLES) || x != floor(x))
        return fail(p, "%s is \"%.64s\", expected a whole number of samples", what, cell);
    *value = (int64_t)x;
    return WN_OK;
}

static wn_status parse_speaker(struct parser *p, const char *cell, int *speaker)
{
    char *end;
    int n = p->model->condition.n_speakers;
    if (!*cell) return WN_OK;
    if (!n) return fail(p, "names a speaker, and the model has none");
    long value = strtol(cell, &end, 10);
    if (*end || value < 0 || value >= n) return fail(p, "speaker is \"%.64s\", expected 0 to %d", cell, n - 1);
    *speaker = (int)value;
    return WN_OK;
}

static wn_status add_event(struct parser *p, wn_row *row, int control, double seconds, const char *text)
{
    wn_event event = {seconds, control, 0};
    wn_control c = wn_model_get_control(p->model, control);
    wn_error inner = {0};
    if (wn_control_parse(&event.value, &c, text, NULL, &inner)) return fail(p, "%s", inner.message);
    wn_event *grown = realloc(row->events, (row->n_events + 1) * sizeof *grown);
    if (!grown) return wn_fail_memory(p->error, p->name);
    row->events = grown;
    row->events[row->n_events++] = event;
    return WN_OK;
}

/* "60", "piano", or "0:1 0.8:0". */
static wn_status parse_control(struct parser *p, char *cell, wn_row *row, int control)
{
    double last = -1;
    int n = 0;
    if (!*cell) return WN_OK;
    if (!strchr(cell, ':')) return add_event(p, row, control, 0, cell);
    char *rest = cell;
    for (char *point = strtok_r(cell, " ;", &rest); point; point = strtok_r(NULL, " ;", &rest)) {
        char *end, *colon = strchr(point, ':');
        double seconds = colon ? strtod(point, &end) : 0;
        if (!colon || end != colon || !(seconds >= 0 && seconds <= MAX_SECONDS))
            return fail(p, "control track has \"%.64s\", expected seconds:value", point);
        if (seconds <= last)
            return fail(p, "control track goes from %g s to %g s, expected ascending times", last, seconds);
        if (++n > MAX_EVENTS) return fail(p, "control track has more than %d values", MAX_EVENTS);
        wn_status status = add_event(p, row, control, seconds, colon + 1);
        if (status) return status;
        last = seconds;
    }
    return WN_OK;
}

static wn_status keep_text(struct parser *p, const char *cell, char **out)
{
    if (!*cell) return WN_OK;
    *out = strdup(cell);
    return *out ? WN_OK : wn_fail_memory(p->error, p->name);
}

static wn_status take_cell(struct parser *p, char *cell, int column, wn_row *row)
{
    switch (column) {
    case AUDIO: return keep_text(p, cell, &row->audio);
    case SPLIT: return keep_text(p, cell, &row->split);
    case TARGET: return keep_text(p, cell, &row->target);
    case LABELS: return keep_text(p, cell, &row->labels);
    case FEATURES: return keep_text(p, cell, &row->features);
    case TRACK: return keep_text(p, cell, &row->track);
    case OFFSET: return parse_count(p, cell, "offset", &row->offset);
    case FRAMES: return parse_count(p, cell, "frames", &row->frames);
    case SPEAKER: return parse_speaker(p, cell, &row->speaker);
    default: return parse_control(p, cell, row, column - CONTROL);
    }
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

static wn_row *new_row(struct parser *p)
{
    if (p->out->n_rows == p->capacity) {
        size_t capacity = p->capacity ? 2 * p->capacity : 64;
        wn_row *grown = realloc(p->out->rows, capacity * sizeof *grown);
        if (!grown) return NULL;
        p->out->rows = grown;
        p->capacity = capacity;
    }
    wn_row *row = &p->out->rows[p->out->n_rows++];
    *row = (wn_row){.line = p->csv.line, .speaker = p->model->condition.n_speakers ? -1 : 0};
    return row;
}

static wn_status check_row(struct parser *p, const wn_row *row)
{
    const wn_condition *c = &p->model->condition;
    if (!row->audio) return fail(p, "names no audio file");
    if (!row->split) return fail(p, "names no split");
    if (row->speaker < 0) return fail(p, "names no speaker, and the model needs one");
    if (c->source == WN_CONDITION_FEATURES && !row->features)
        return fail(p, "names no features, and the model needs them");
    if (c->source != WN_CONDITION_FEATURES && row->features) return fail(p, "names features, and the model takes none");
    if (row->track && !p->model->n_controls) return fail(p, "names a track, and the model has no controls");
    if (p->model->autoregressive && row->target) return fail(p, "names a target, and the model predicts its own input");
    if (row->labels && !p->model->labels.n)
        return fail(p, "names labels, and the model's output has no classes of its own");
    if (row->labels && row->target) return fail(p, "names both labels and a target, expected labels alone");
    if (p->model->labels.n && !row->labels) return fail(p, "names no labels, and the model needs them");
    if (!p->model->autoregressive && !row->target && !row->labels)
        return fail(p, "names no target, and the model needs one");
    return WN_OK;
}

static wn_status read_row(struct parser *p)
{
    char cell[MAX_CELL];
    if (p->out->n_rows >= MAX_ROWS) return fail(p, "is more than the %d rows a manifest may have", MAX_ROWS);
    wn_row *row = new_row(p);
    if (!row) return wn_fail_memory(p->error, p->name);
    for (int i = 0; i < p->n_columns; i++) {
        if (!p->csv.cell_due) return fail(p, "has %d cells, expected %d", i, p->n_columns);
        wn_status status = read_cell(p, cell);
        if (!status) status = take_cell(p, cell, p->columns[i], row);
        if (status) return status;
    }
    if (p->csv.cell_due) return fail(p, "has more than %d cells", p->n_columns);
    return check_row(p, row);
}

wn_status wn_manifest_parse(wn_manifest *out, const char *text, size_t size, const char *name, const wn_model *model,
                            wn_error *error)
{
    *out = (wn_manifest){0};
    struct parser p = {.csv = wn_csv_start(text, size), .name = name, .model = model, .error = error, .out = out};
    wn_status status = read_header(&p);
    while (!status && wn_csv_next_row(&p.csv)) status = read_row(&p);
    if (!status && !out->n_rows) status = fail(&p, "lists no clips");
    if (status) wn_manifest_clear(out);
    return status;
}

wn_status wn_manifest_read(wn_manifest *out, const char *path, const wn_model *model, wn_error *error)
{
    void *text = NULL;
    size_t size = 0;
    *out = (wn_manifest){0};
    wn_status status = wn_file_read(&text, &size, path, MAX_BYTES, error);
    if (!status) status = wn_manifest_parse(out, text, size, path, model, error);
    free(text);
    return status;
}

void wn_manifest_clear(wn_manifest *m)
{
    for (size_t i = 0; i < m->n_rows; i++) {
        wn_row *row = &m->rows[i];
        free(row->audio);
        free(row->target);
        free(row->labels);
        free(row->features);
        free(row->track);
        free(row->split);
        free(row->events);
    }
    free(m->rows);
    *m = (wn_manifest){0};
}
