/* SPDX-License-Identifier: MIT
 * cli.c - option parsing, help, and the one way errors are printed.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/cli.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/suggestion.h"
#include "model/model.h"

/* ---- messages -------------------------------------------------------------------------------------------------- */

/* One message is one line, whatever bytes a file name or a file put into it. */
static void print_line(const wn_cli *cli, const char *format, va_list args)
{
    char text[1024];
    vsnprintf(text, sizeof text, format, args);
    wn_one_line(text);
    fprintf(stderr, "wavenet %s: %s\n", cli->command->name, text);
}

int wn_cli_fail(const wn_cli *cli, const wn_error *error)
{
    const char *message = error->message[0] ? error->message : wn_status_text(error->status);
    if (error->where[0]) return wn_cli_fail_text(cli, "%s: %s", error->where, message);
    return wn_cli_fail_text(cli, "%s", message);
}

int wn_cli_fail_text(const wn_cli *cli, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_line(cli, format, args);
    va_end(args);
    return WN_EXIT_FAILED;
}

int wn_cli_usage(const wn_cli *cli, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    wn_one_line(text);
    fprintf(stderr, "wavenet %s: %s (wavenet %s -h explains)\n", cli->command->name, text, cli->command->name);
    return WN_EXIT_USAGE;
}

void wn_cli_note(const wn_cli *cli, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_line(cli, format, args);
    va_end(args);
}

int wn_cli_done(const wn_cli *cli)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) return WN_EXIT_OK;
    return wn_cli_fail_text(cli, "standard output: %s", strerror(errno));
}

static bool is_utf8(const char *text)
{
    json_t *string = json_string(text); /* which JSON must be, and it knows */
    json_decref(string);
    return string != NULL;
}

const char *wn_cli_clean(char *text, size_t size, const char *name)
{
    snprintf(text, size, "%s", name);
    wn_one_line(text);
    if (is_utf8(text)) return text;
    for (char *c = text; *c; c++)
        if ((unsigned char)*c >= 0x80) *c = '?';
    return text;
}

json_t *wn_cli_json_number(double x) { return isfinite(x) ? json_real(x) : json_null(); }

int wn_cli_print_json(const wn_cli *cli, json_t *root)
{
    char *text = root ? json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) : NULL;
    json_decref(root);
    if (!text) return wn_cli_fail_text(cli, "%s", wn_status_text(WN_ERROR_MEMORY));
    puts(text);
    free(text);
    return wn_cli_done(cli);
}

/* ---- options --------------------------------------------------------------------------------------------------- */

static void show_help(const wn_cli *cli)
{
    printf("wavenet %s: %s\n\n", cli->command->name, cli->command->summary);
    fflush(stdout);
    poptSetOtherOptionHelp(cli->popt, cli->command->usage);
    poptPrintHelp(cli->popt, stdout, 0);
    printf("\nExample:\n%s", cli->command->example);
    if (cli->command->print_more) cli->command->print_more();
}

bool wn_cli_own(wn_cli *cli, void *memory)
{
    if (!memory) return false;
    void **grown = realloc(cli->owned, (cli->n_owned + 1) * sizeof *grown);
    if (!grown) {
        free(memory);
        return false;
    }
    cli->owned = grown;
    cli->owned[cli->n_owned++] = memory;
    return true;
}

static bool own_string_list(wn_cli *cli, char **list)
{
    for (char **item = list; *item; item++)
        if (!wn_cli_own(cli, *item)) *item = NULL;
    return wn_cli_own(cli, list);
}

/* Take over what popt allocated for the options, so that commands need not free it one by one. */
static bool own_strings(wn_cli *cli, const struct poptOption *options)
{
    bool ok = true;
    for (const struct poptOption *o = options; o->longName || o->shortName || o->arg; o++) {
        unsigned type = o->argInfo & POPT_ARG_MASK;
        if (type == POPT_ARG_STRING && *(char **)o->arg) ok = wn_cli_own(cli, *(char **)o->arg) && ok;
        if (type == POPT_ARG_ARGV && *(char ***)o->arg) ok = own_string_list(cli, *(char ***)o->arg) && ok;
    }
    return ok;
}

/* "; did you mean --seconds?" after "--secnods=3", or nothing. */
static void suggest_option(const wn_cli *cli, const char *option, char *hint, size_t size)
{
    char word[64];
    wn_suggestion suggestion;
    snprintf(word, sizeof word, "%.*s", (int)strcspn(option + strspn(option, "-"), "="), option + strspn(option, "-"));
    wn_suggestion_start(&suggestion, word);
    for (const struct poptOption *o = cli->options; o->longName || o->shortName || o->arg; o++)
        if (o->longName) wn_suggestion_consider(&suggestion, o->longName);
    wn_suggestion_text(&suggestion, "--", hint, size);
}

static int bad_option(const wn_cli *cli, int code)
{
    const char *option = poptBadOption(cli->popt, POPT_BADOPTION_NOALIAS);
    char hint[96] = "";
    if (code == POPT_ERROR_BADOPT && option) suggest_option(cli, option, hint, sizeof hint);
    return wn_cli_usage(cli, "%s: %s%s", option ? option : "options", poptStrerror(code), hint);
}

static int count_arguments(const char *const *args)
{
    int n = 0;
    while (args && args[n]) n++;
    return n;
}

/* -1: go on; else the exit status. */
static int parse_options(wn_cli *cli, int min, int max)
{
    int code;
    while ((code = poptGetNextOpt(cli->popt)) >= 0)
        if (code == 'h') {
            show_help(cli);
            return wn_cli_done(cli);
        }
    if (code < -1) return bad_option(cli, code);
    cli->args = (const char *const *)poptGetArgs(cli->popt);
    cli->n_args = count_arguments(cli->args);
    if (cli->n_args < min)
        return wn_cli_usage(cli, "%d argument%s expected, %d given", min, min == 1 ? "" : "s", cli->n_args);
    if (max >= 0 && cli->n_args > max) return wn_cli_usage(cli, "unexpected argument '%s'", cli->args[max]);
    return -1;
}

bool wn_cli_parse(wn_cli *cli, int argc, const char **argv, const struct poptOption *options, int min, int max)
{
    cli->options = options;
    if (cli->show_options) {
        cli->show_options(cli->command, options);
        cli->status = WN_EXIT_OK;
        return false;
    }
    cli->popt = poptGetContext("wavenet", argc, argv, options, 0);
    if (!cli->popt) {
        cli->status = wn_cli_fail_text(cli, "%s", wn_status_text(WN_ERROR_MEMORY));
        return false;
    }
    cli->status = parse_options(cli, min, max);
    if (own_strings(cli, options)) return cli->status < 0;
    cli->status = wn_cli_fail_text(cli, "%s", wn_status_text(WN_ERROR_MEMORY));
    return false;
}

void wn_cli_close(wn_cli *cli)
{
    if (cli->popt) poptFreeContext(cli->popt);
    for (size_t i = 0; i < cli->n_owned; i++) free(cli->owned[i]);
    free(cli->owned);
    cli->popt = NULL;
    cli->owned = NULL;
    cli->n_owned = 0;
}
