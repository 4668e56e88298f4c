/* SPDX-License-Identifier: MIT
 * main.c - the list of subcommands.
 * Copyright (c) 2026 the wavenet authors */
#include <signal.h>
#include <string.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/suggestion.h"
#include "kernels/cpu.h"

static const struct {
    const char *heading;
    const wn_command *command;
} commands[] = {
#define COMMAND_ROW(heading, name) {heading, &wn_command_##name},
    WN_COMMANDS(COMMAND_ROW)
#undef COMMAND_ROW
};

enum { N_COMMANDS = sizeof commands / sizeof *commands };

static const wn_command *find_command(const char *name)
{
    for (int i = 0; i < N_COMMANDS; i++)
        if (strcmp(commands[i].command->name, name) == 0) return commands[i].command;
    return NULL;
}

/* Words that other programs, or people, use for a command. */
static const char *const other_names[][2] = {
    {"receptive-field", "rf"}, {"esr", "compare"}, {"models", "list"}, {"ls", "list"}, {"inspect", "info"},
};

static const wn_command *find_other_name(const char *name)
{
    for (size_t i = 0; i < sizeof other_names / sizeof *other_names; i++)
        if (strcmp(other_names[i][0], name) == 0) return find_command(other_names[i][1]);
    return NULL;
}

static int fail_unknown(const char *name)
{
    char hint[96], text[256];
    wn_suggestion suggestion;
    wn_suggestion_start(&suggestion, name);
    for (int i = 0; i < N_COMMANDS; i++) wn_suggestion_consider(&suggestion, commands[i].command->name);
    snprintf(text, sizeof text, "no command '%s'%s", name, wn_suggestion_text(&suggestion, "", hint, sizeof hint));
    wn_one_line(text);
    fprintf(stderr, "wavenet: %s (wavenet -h lists them)\n", text);
    return WN_EXIT_USAGE;
}

static void show_commands(FILE *out)
{
    fprintf(out, "Usage: wavenet COMMAND [OPTION...]\n");
    for (int i = 0; i < N_COMMANDS; i++) {
        const wn_command *c = commands[i].command;
        if (i == 0 || strcmp(commands[i].heading, commands[i - 1].heading) != 0)
            fprintf(out, "\n%s\n", commands[i].heading);
        fprintf(out, "  %-10s %s\n", c->name, c->summary);
    }
    fprintf(out, "\nwavenet COMMAND -h explains a command, with an example. wavenet --version prints the version and\n"
                 "the kernel sets that run on this machine.\n");
}

/* argv[0] becomes "wavenet NAME", which is how the usage line in the help begins. */
static int run_command(const wn_command *command, int argc, const char **argv)
{
    wn_cli cli = {.command = command};
    char title[64];
    snprintf(title, sizeof title, "wavenet %s", command->name);
    argv[0] = title;
    int status = command->run(&cli, argc, argv);
    wn_cli_close(&cli);
    return status;
}

static int run_help(const char *name)
{
    const wn_command *command = name ? find_command(name) : NULL;
    if (name && !command) command = find_other_name(name);
    if (command) return run_command(command, 2, (const char *[]){name, "--help", NULL});
    show_commands(stdout);
    return fflush(stdout) == 0 ? WN_EXIT_OK : WN_EXIT_FAILED;
}

/* The kernel sets are those that this build has and this machine can run, the default first. */
static int show_version(void)
{
    printf("wavenet %s\nkernels:", wn_version());
    for (int i = wn_kernel_set_count() - 1; i > WN_CPU_AUTO; i--)
        if (wn_cpu_is_available((wn_cpu)i)) printf(" %s", wn_kernel_set_at(i)->name);
    printf("\n");
    return fflush(stdout) == 0 ? WN_EXIT_OK : WN_EXIT_FAILED;
}

static bool asks_for_help(const char *word)
{
    return strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "help") == 0;
}

static bool asks_for_version(const char *word)
{
    return strcmp(word, "-v") == 0 || strcmp(word, "-V") == 0 || strcmp(word, "--version") == 0 ||
           strcmp(word, "version") == 0;
}

int main(int argc, char **argv)
{
    signal(SIGXFSZ, SIG_IGN); /* a file over the size limit is an error message, not a death */
    const char *name = argc > 1 ? argv[1] : NULL;
    if (!name) {
        show_commands(stderr);
        return WN_EXIT_USAGE;
    }
    if (asks_for_help(name)) return run_help(argc > 2 ? argv[2] : NULL);
    if (asks_for_version(name)) return show_version();
    const wn_command *command = find_command(name);
    if (!command) command = find_other_name(name);
    return command ? run_command(command, argc - 1, (const char **)argv + 1) : fail_unknown(name);
}
