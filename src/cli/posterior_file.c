/* SPDX-License-Identifier: MIT
 * posterior_file.c - where the posteriors of classes go: an array, a table, or standard output.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/posterior_file.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

/* ---- cells of a table -------------------------------------------------------------------------------------------- */

/* What was lost on standard output is found when the command ends. */
static wn_status put(wn_posterior_file *f, const char *text, size_t size, wn_error *error)
{
    if (f->table) return wn_writer_write(f->table, text, size, error);
    fwrite(text, 1, size, stdout);
    return WN_OK;
}

static wn_status put_text(wn_posterior_file *f, const char *text, wn_error *error)
{
    return put(f, text, strlen(text), error);
}

static wn_status put_number(wn_posterior_file *f, const char *before, const char *format, double x, wn_error *error)
{
    char cell[64], text[80];
    snprintf(cell, sizeof cell, format, x);
    snprintf(text, sizeof text, "%s%s", before, cell);
    return put_text(f, text, error);
}

/* The name of a class as a cell: quoted, with quotation marks doubled, where it needs that; its number where it has none. */
static wn_status put_class(wn_posterior_file *f, int class, wn_error *error)
{
    const char *name = wn_model_get_label(f->model, class);
    if (!*name) return put_number(f, ",", "%.0f", class, error);
    bool quoted = strpbrk(name, ",\"#") || *name == ' ' || name[strlen(name) - 1] == ' ';
    wn_status status = put_text(f, quoted ? ",\"" : ",", error);
    for (; !status && *name; name++) status = *name == '"' ? put_text(f, "\"\"", error) : put(f, name, 1, error);
    return status || !quoted ? status : put_text(f, "\"", error);
}

/* ---- rows and runs ----------------------------------------------------------------------------------------------- */

/* When a row begins, in seconds, or its number. */
static wn_status put_time(wn_posterior_file *f, const char *before, int64_t row, wn_error *error)
{
    return put_number(f, before, "%.10g", f->rate > 0 ? (double)row / f->rate : (double)row, error);
}

static wn_status put_header(wn_posterior_file *f, wn_error *error)
{
    if (f->best) return put_text(f, "start,end,class,probability\n", error);
    wn_status status = put_text(f, f->rate > 0 ? "time" : "row", error);
    for (int i = 0; !status && i < f->n; i++) status = put_class(f, i, error);
    return status ? status : put_text(f, "\n", error);
}

static wn_status put_row(wn_posterior_file *f, const float *p, wn_error *error)
{
    wn_status status = put_time(f, "", f->rows, error);
    for (int i = 0; !status && i < f->n; i++) status = put_number(f, ",", "%.6g", (double)p[i], error);
    return status ? status : put_text(f, "\n", error);
}

/* The run ends before the present row. */
static wn_status put_run(wn_posterior_file *f, wn_error *error)
{
    const wn_class_run *r = &f->run;
    if (r->first == f->rows) return WN_OK;
    wn_status status = put_time(f, "", r->first, error);
    if (!status) status = put_time(f, ",", f->rows, error);
    if (!status) status = put_class(f, r->class, error);
    if (!status) status = put_number(f, ",", "%.4f", r->sum / (double)(f->rows - r->first), error);
    return status ? status : put_text(f, "\n", error);
}

static wn_status add_to_run(wn_posterior_file *f, const float *p, wn_error *error)
{
    int best = 0;
    for (int i = 1; i < f->n; i++)
        if (p[i] > p[best]) best = i;
    if (best != f->run.class || !f->rows) {
        wn_status status = put_run(f, error);
        if (status) return status;
        f->run = (wn_class_run){best, f->rows, 0};
    }
    f->run.sum += (double)p[best];
    return WN_OK;
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

wn_status wn_posterior_file_open(wn_posterior_file *f, const char *path, const wn_model *model, bool best,
                                 wn_error *error)
{
    wn_model_info info = wn_model_get_info(model);
    *f = (wn_posterior_file){.model = model, .n = info.n_labels, .rate = info.sample_rate, .best = best};
    if (path && wn_file_has_ending(path, ".npy"))
        return wn_npy_writer_open(&f->array, path, WN_NPY_FLOAT32, f->n, error);
    wn_status status = path && strcmp(path, "-") ? wn_writer_open(&f->table, path, error) : WN_OK;
    return status ? status : put_header(f, error);
}

wn_status wn_posterior_file_add(wn_posterior_file *f, const float *p, wn_error *error)
{
    wn_status status = f->array  ? wn_npy_writer_append(f->array, p, 1, error)
                       : f->best ? add_to_run(f, p, error)
                                 : put_row(f, p, error);
    f->rows++;
    return status;
}

wn_status wn_posterior_file_finish(wn_posterior_file *f, wn_error *error)
{
    wn_npy_writer *array = f->array;
    wn_status status = f->best ? put_run(f, error) : WN_OK;
    if (status) return status;
    wn_writer *table = f->table;
    f->array = NULL;
    f->table = NULL;
    if (array) return wn_npy_writer_commit(array, error);
    return table ? wn_writer_commit(table, error) : WN_OK;
}

void wn_posterior_file_close(wn_posterior_file *f)
{
    wn_npy_writer_abort(f->array);
    wn_writer_abort(f->table);
    *f = (wn_posterior_file){0};
}
