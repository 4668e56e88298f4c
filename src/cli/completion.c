/* SPDX-License-Identifier: MIT
 * completion.c - wavenet completion: scripts by which shells complete command lines, made from the option tables.
 * Copyright (c) 2026 the wavenet authors */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/model_options.h"
#include "cli/model_places.h"
#include "cli/silence_stderr.h"
#include "wavenet/audio.h"

static const wn_command *const commands[] = {
#define COMMAND_ROW(heading, name) &wn_command_##name,
    WN_COMMANDS(COMMAND_ROW)
#undef COMMAND_ROW
};

enum { N_COMMANDS = sizeof commands / sizeof *commands };

/* ---- words that change from day to day: the scripts ask for them --------------------------------------------------- */

static bool print_name(void *user, const char *name, const char *file)
{
    (void)user, (void)file;
    if (!strpbrk(name, " \t\n\"'\\$`")) printf("%s\n", name);
    return false;
}

static int print_models(const wn_cli *cli)
{
    wn_error error = {0};
    return wn_cli_visit_models(print_name, NULL, &error) ? wn_cli_fail(cli, &error) : wn_cli_done(cli);
}

/* "key=" and, of choices, "instrument=piano". Nothing for a word that is no model: it may still be being typed. */
static int print_controls(const wn_cli *cli, const char *name)
{
    wn_model *model;
    if (wn_cli_load(&model, name, NULL)) return wn_cli_done(cli);
    for (int i = 0; i < wn_model_get_info(model).n_controls; i++) {
        wn_control control = wn_model_get_control(model, i);
        printf("%s=\n", control.name);
        for (int k = 0; k < control.n_choices; k++) printf("%s=%s\n", control.name, control.choices[k]);
    }
    wn_model_free(model);
    return wn_cli_done(cli);
}

static int print_devices(const wn_cli *cli)
{
    wn_device_list *devices = NULL;
    int kept_stderr = wn_silence_stderr_begin();
    wn_status status = wn_device_list_new(&devices, NULL);
    for (int i = 0; !status && i < wn_device_list_get_count(devices); i++) printf("%d\n", i);
    wn_device_list_free(devices);
    wn_silence_stderr_end(kept_stderr);
    return wn_cli_done(cli);
}

/* ---- scripts --------------------------------------------------------------------------------------------------- */

/* Kinds of a value that a script completes. */
static bool is_model_option(const struct poptOption *o) { return o->longName && strcmp(o->longName, "model") == 0; }

static bool is_control_option(const struct poptOption *o) { return o->longName && strcmp(o->longName, "control") == 0; }

static bool is_device_option(const struct poptOption *o) { return o->argDescrip && strcmp(o->argDescrip, "D") == 0; }

static bool takes_value(const struct poptOption *o) { return (o->argInfo & POPT_ARG_MASK) != POPT_ARG_NONE; }

static bool is_shown(const struct poptOption *o) { return o->longName && !(o->argInfo & POPT_ARGFLAG_DOC_HIDDEN); }

static bool is_end(const struct poptOption *o) { return !o->longName && !o->shortName && !o->arg; }

/* Text between single quotes of a shell: each quote in it ends them, is escaped, and begins them again. */
static void print_quoted(const char *text)
{
    putchar('\'');
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*text);
    putchar('\'');
}

static void print_bash_options(const wn_command *command, const struct poptOption *options)
{
    printf("    %s) options=\"", command->name);
    for (; !is_end(options); options++)
        if (is_shown(options)) printf("--%s ", options->longName);
    printf("\" ;;\n");
}

/* In zsh's lists of options a colon and brackets have meanings. */
static void print_zsh_text(const char *text)
{
    for (; *text; text++) {
        if (strchr(":[]\\", *text)) putchar('\\');
        if (*text == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*text);
    }
}

static void print_zsh_options(const wn_command *command, const struct poptOption *options)
{
    printf("    %s)\n      options=(\n", command->name);
    for (; !is_end(options); options++) {
        if (!is_shown(options)) continue;
        printf("        '*--%s%s[", options->longName, takes_value(options) ? "=" : "");
        print_zsh_text(options->descrip ? options->descrip : "");
        printf("]");
        if (is_model_option(options))
            printf(":model:_wavenet_models");
        else if (is_control_option(options))
            printf(":control:_wavenet_controls");
        else if (is_device_option(options))
            printf(":device:_wavenet_devices");
        else if (takes_value(options))
            printf(":value:_files");
        printf("'\n");
    }
    printf("      ) ;;\n");
}

static void print_fish_options(const wn_command *command, const struct poptOption *options)
{
    for (; !is_end(options); options++) {
        if (!is_shown(options)) continue;
        printf("complete -c wavenet -n '__fish_seen_subcommand_from %s' -l %s", command->name, options->longName);
        if (options->shortName) printf(" -s %c", options->shortName);
        if (is_model_option(options))
            printf(" -xa '(wavenet completion models)'");
        else if (is_control_option(options))
            printf(" -xa '(__wavenet_controls)'");
        else if (is_device_option(options))
            printf(" -xa '(wavenet completion devices)'");
        else if (takes_value(options))
            printf(" -r");
        printf(" -d ");
        print_quoted(options->descrip ? options->descrip : "");
        printf("\n");
    }
}

/* Every command shows its option table to `print`. */
static void print_all_options(wn_cli_show_options *print)
{
    for (int i = 0; i < N_COMMANDS; i++) {
        wn_cli cli = {.command = commands[i], .show_options = print};
        const char *arguments[] = {commands[i]->name, NULL};
        commands[i]->run(&cli, 1, arguments);
        wn_cli_close(&cli);
    }
}

static void print_bash(void)
{
    printf("# bash completion for wavenet, made by wavenet completion bash\n"
           "_wavenet()\n{\n"
           "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} options= model=notes i\n"
           "  COMPREPLY=()\n"
           "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    COMPREPLY=($(compgen -W '");
    for (int i = 0; i < N_COMMANDS; i++) printf("%s ", commands[i]->name);
    printf(
        "' -- \"$word\"))\n    return\n  fi\n"
        "  case $before in\n"
        "    -m|--model) COMPREPLY=($(compgen -W \"$(wavenet completion models 2>/dev/null)\" -f -- \"$word\")); return ;;\n"
        "    --device|-d|--input|--output)\n"
        "      case ${COMP_WORDS[1]} in play|live)\n"
        "        COMPREPLY=($(compgen -W \"$(wavenet completion devices 2>/dev/null)\" -- \"$word\")); return ;;\n"
        "      esac ;;\n"
        "    --control)\n"
        "      for ((i = 2; i < COMP_CWORD; i++)); do\n"
        "        case ${COMP_WORDS[i]} in -*) ;; *) model=${COMP_WORDS[i]}; break ;; esac\n"
        "      done\n"
        "      COMPREPLY=($(compgen -W \"$(wavenet completion controls \"$model\" 2>/dev/null)\" -- \"$word\"))\n"
        "      return ;;\n"
        "  esac\n"
        "  case ${COMP_WORDS[1]} in\n");
    print_all_options(print_bash_options);
    printf("  esac\n"
           "  case $word in\n"
           "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
           "    *) COMPREPLY=($(compgen -W \"$(wavenet completion models 2>/dev/null)\" -f -- \"$word\")) ;;\n"
           "  esac\n}\n"
           "complete -o bashdefault -o default -o nosort -F _wavenet wavenet 2>/dev/null ||\n"
           "  complete -o bashdefault -o default -F _wavenet wavenet\n");
}

static void print_zsh(void)
{
    printf("#compdef wavenet\n# zsh completion for wavenet, made by wavenet completion zsh\n"
           "_wavenet_models() { compadd -- ${(f)\"$(wavenet completion models 2>/dev/null)\"}; _files }\n"
           "_wavenet_devices() { compadd -- ${(f)\"$(wavenet completion devices 2>/dev/null)\"} }\n"
           "_wavenet_controls() {\n"
           "  local model=${${words[2,-1]:#-*}[1]:-notes}\n"
           "  compadd -S '' -- ${(f)\"$(wavenet completion controls $model 2>/dev/null)\"}\n}\n"
           "_wavenet() {\n  local -a options list\n"
           "  if (( CURRENT == 2 )); then\n    list=(\n");
    for (int i = 0; i < N_COMMANDS; i++) {
        printf("      '%s:", commands[i]->name);
        print_zsh_text(commands[i]->summary);
        printf("'\n");
    }
    printf("    )\n    _describe command list\n    return\n  fi\n"
           "  case $words[2] in\n");
    print_all_options(print_zsh_options);
    printf("  esac\n  shift words\n  (( CURRENT-- ))\n"
           "  _arguments $options '*:model or file:_wavenet_models'\n}\n"
           "_wavenet \"$@\"\n");
}

static void print_fish(void)
{
    printf("# fish completion for wavenet, made by wavenet completion fish\n"
           "function __wavenet_controls\n"
           "  set -l words (string match -v -- '-*' (commandline -opc))\n"
           "  set -l model notes\n"
           "  test (count $words) -gt 2; and set model $words[3]\n"
           "  wavenet completion controls $model 2>/dev/null\nend\n");
    for (int i = 0; i < N_COMMANDS; i++) {
        printf("complete -c wavenet -n __fish_use_subcommand -xa %s -d ", commands[i]->name);
        print_quoted(commands[i]->summary);
        printf("\n");
    }
    printf("complete -c wavenet -n 'not __fish_use_subcommand' -a '(wavenet completion models 2>/dev/null)'\n");
    print_all_options(print_fish_options);
}

static int completion_run(wn_cli *cli, int argc, const char **argv)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    const struct poptOption options[] = {
        WN_CLI_HELP,
    };
    if (!wn_cli_parse(cli, argc, argv, options, 1, 2)) return cli->status;
    const char *what = cli->args[0];
    if (strcmp(what, "controls") == 0 && cli->n_args == 2) return print_controls(cli, cli->args[1]);
    if (cli->n_args > 1) return wn_cli_usage(cli, "unexpected argument '%s'", cli->args[1]);
    if (strcmp(what, "models") == 0) return print_models(cli);
    if (strcmp(what, "devices") == 0) return print_devices(cli);
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (strcmp(shells[i].name, what) == 0) {
            shells[i].print();
            return wn_cli_done(cli);
        }
    return wn_cli_usage(cli, "no shell '%s'; bash, zsh or fish was expected", what);
}

const wn_command wn_command_completion = {
    .name = "completion",
    .summary = "print the script by which a shell completes command lines",
    .usage = "bash|zsh|fish",
    .example =
        "  wavenet completion bash > ~/.local/share/bash-completion/completions/wavenet\n\n"
        "The scripts complete commands, options, models, controls and devices. They are installed with the command.\n",
    .run = completion_run,
};
