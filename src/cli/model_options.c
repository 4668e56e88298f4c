/* SPDX-License-Identifier: MIT
 * model_options.c - the options of every command that runs a model: from MODEL to a loaded model, from --cpu to a kernel set.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/model_options.h"

#include "base/error.h"
#include "cli/model_places.h"
#include "kernels/cpu.h"
#include "kernels/weights.h"

enum { MAX_NAMES = 100 }; /* bytes of a list of names */

wn_status wn_cli_load(wn_model **out, const char *path, wn_error *error)
{
    char file[WN_CLI_MAX_PATH];
    *out = NULL;
    wn_status status = wn_cli_find_model(file, sizeof file, path, error);
    return status ? status : wn_model_load(out, file, error);
}

const char *wn_cli_check_run(const wn_model_options *run)
{
    _Static_assert(WN_CLI_MAX_THREADS == 256, "as the words say");
    return run->threads < 1 || run->threads > WN_CLI_MAX_THREADS ? "--threads is 1 to 256" : NULL;
}

wn_status wn_cli_precision(wn_precision *out, const char *name, wn_error *error)
{
    int precision = name ? wn_precision_parse(name) : WN_PRECISION_F32;
    *out = WN_PRECISION_F32;
    char names[MAX_NAMES];
    wn_weight_format_names(names, sizeof names);
    if (precision < 0) return wn_fail(error, WN_ERROR_ARGUMENT, "--precision", "no precision '%s'; %s", name, names);
    *out = (wn_precision)precision;
    return WN_OK;
}

const char *wn_cli_precision_help(const char *before, const char *after)
{
    static char text[MAX_NAMES + 160];
    char names[MAX_NAMES];
    wn_weight_format_names(names, sizeof names);
    snprintf(text, sizeof text, "%snumber format of the weights: %s (default %s)%s", before, names,
             wn_precision_name(WN_PRECISION_F32), after);
    return text;
}

void wn_cli_note_precision(const wn_cli *cli, const wn_plan *plan, wn_precision wanted)
{
    if (wn_plan_get_precision(plan) != wanted)
        wn_cli_note(cli, "no layer is wide enough for %s; computed in %s", wn_precision_name(wanted),
                    wn_precision_name(wn_plan_get_precision(plan)));
}

const char *wn_cli_cpu_help(void)
{
    static char text[MAX_NAMES + 48];
    char sets[MAX_NAMES];
    wn_kernel_set_names(sets, sizeof sets);
    snprintf(text, sizeof text, "force a kernel set: %s (default: the fastest)", sets);
    return text;
}

wn_status wn_cli_cpu(wn_cpu *out, const char *name, wn_error *error)
{
    *out = WN_CPU_AUTO;
    if (!name) return WN_OK;
    int cpu = wn_cpu_parse(name);
    char sets[MAX_NAMES];
    wn_kernel_set_names(sets, sizeof sets);
    if (cpu < 0) return wn_fail(error, WN_ERROR_ARGUMENT, "--cpu", "no kernel set '%s'; %s", name, sets);
    if (!wn_cpu_is_available((wn_cpu)cpu))
        return wn_fail(error, WN_ERROR_UNSUPPORTED, "--cpu", "this machine or this build lacks the %s kernels", name);
    *out = (wn_cpu)cpu;
    return WN_OK;
}
