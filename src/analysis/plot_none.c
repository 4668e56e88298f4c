/* SPDX-License-Identifier: MIT
 * plot_none.c - plot.h in a build without cairo: every call says that there are no plots.
 * Copyright (c) 2026 the wavenet authors */
#include "analysis/comparison_plot.h"
#include "analysis/feature_plot.h"
#include "analysis/plot.h"
#include "base/error.h"

static wn_status plot_unsupported(const char *path, wn_error *error)
{
    return wn_fail(error, WN_ERROR_UNSUPPORTED, path, "this build has no plots (meson setup -Dplots=enabled)");
}

wn_status wn_plot_check_name(const char *path, wn_error *error) { return plot_unsupported(path, error); }

wn_status wn_plot_write(const char *path, const wn_plot *plot, wn_error *error)
{
    (void)plot;
    return plot_unsupported(path, error);
}

wn_status wn_feature_plot_write(const char *path, const wn_feature_plot *plot, wn_error *error)
{
    (void)plot;
    return plot_unsupported(path, error);
}

wn_status wn_comparison_plot_write(const char *path, const wn_comparison_plot *plot, wn_error *error)
{
    (void)plot;
    return plot_unsupported(path, error);
}
