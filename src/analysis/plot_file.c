/* SPDX-License-Identifier: MIT
 * plot_file.c - PNG and SVG files that a function draws.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/plot_file.h"

#include <cairo-svg.h>

#include "base/error.h"
#include "base/file.h"

typedef struct plot_file {
    wn_writer *writer;
    wn_error *error;
    wn_status status;
} plot_file;

static cairo_status_t plot_file_write(void *user, const unsigned char *data, unsigned int size)
{
    plot_file *s = user;
    if (!s->status) s->status = wn_writer_write(s->writer, data, size, s->error);
    return s->status ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

/* Draw the page on `surface` with `scale` units per point. */
static cairo_status_t render_surface(cairo_surface_t *surface, double scale, wn_plot_draw *draw, const void *user)
{
    cairo_t *cr = cairo_create(surface);
    cairo_scale(cr, scale, scale);
    draw(cr, user);
    cairo_status_t status = cairo_status(cr);
    cairo_destroy(cr);
    return status;
}

static cairo_status_t render_file(plot_file *s, bool svg, int width, double height, wn_plot_draw *draw,
                                  const void *user)
{
    enum { PIXELS = 2 }; /* per point, which is sharp on screens and in print */
    cairo_surface_t *surface =
        svg ? cairo_svg_surface_create_for_stream(plot_file_write, s, width, height)
            : cairo_image_surface_create(CAIRO_FORMAT_RGB24, width * PIXELS, (int)(height * PIXELS));
    cairo_status_t status = render_surface(surface, svg ? 1 : PIXELS, draw, user);
    if (!status && !svg) status = cairo_surface_write_to_png_stream(surface, plot_file_write, s);
    cairo_surface_finish(surface);
    if (!status) status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    return status;
}

wn_status wn_plot_file_write(const char *path, int width, double height, wn_plot_draw *draw, const void *user,
                             wn_error *error)
{
    plot_file s = {.error = error};
    wn_status status = wn_writer_open(&s.writer, path, error);
    if (status) return status;
    cairo_status_t drawn = render_file(&s, wn_file_has_ending(path, ".svg"), width, height, draw, user);
    if (!s.status && !drawn) return wn_writer_commit(s.writer, error);
    wn_writer_abort(s.writer);
    return s.status ? s.status
                    : wn_fail(error, WN_ERROR_MEMORY, path, "drawing failed: %s", cairo_status_to_string(drawn));
}
