/* SPDX-License-Identifier: MIT
 * verify.c - wavenet verify: the engine against long-kernel FFT convolution, layer by layer and whole.
 * Copyright (c) 2026 the wavenet authors */
#include <unistd.h>

#include "analysis/verify.h"
#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/model_options.h"
#include "cli/verify_gradients.h"

typedef struct verify_options {
    wn_model_options run;
    int json, gradients;
} verify_options;

/* "done of total" in place, on a terminal only. */
static void show_progress(void *user, int done, int total)
{
    (void)user;
    if (!isatty(STDERR_FILENO)) return;
    fprintf(stderr, "\r%d of %d\033[K", done, total);
    if (done == total - 1) fputs(": whole stack", stderr);
    fflush(stderr);
}

static void clear_progress(void)
{
    if (isatty(STDERR_FILENO)) fputs("\r\033[K", stderr);
}

static void print_table(const wn_verify *v)
{
    printf("%-36s %9s %6s %9s %6s %8s %9s\n", "convolution", "channels", "kernel", "dilation", "groups", "frames",
           "error dB");
    for (int i = 0; i < v->n_rows; i++) {
        const wn_verify_row *r = &v->rows[i];
        char channels[32];
        snprintf(channels, sizeof channels, "%d>%d", r->in, r->out);
        printf("%-36s %9s %6d %9d %6d %8lld %9.1f%s\n", r->name, channels, r->kernel, r->dilation, r->groups,
               (long long)r->frames, r->error_db, r->ok ? "" : "  FAILED");
    }
    printf("%-36s %9s %6lld %9s %6s %8lld %9.1f%s\n", "whole stack, linearised", "", (long long)v->whole_kernel, "", "",
           (long long)v->whole_frames, v->whole_db, v->whole_ok ? "" : "  FAILED");
}

/* The verdict, which names what failed. */
static void print_verdict(const wn_verify *v)
{
    const wn_verify_row *worst = &v->rows[v->worst];
    if (v->layers_ok && v->whole_ok) {
        printf(
            "ok: %d convolutions, the worst %s at %.1f dB (limit %.0f); whole stack %.1f dB (limit %.0f); %s kernels\n",
            v->n_rows, worst->name, worst->error_db, WN_VERIFY_LAYER_DB, v->whole_db, WN_VERIFY_WHOLE_DB, v->cpu);
        return;
    }
    for (int i = 0; i < v->n_rows; i++)
        if (!v->rows[i].ok)
            printf("FAILED: %s is %.1f dB from its convolution, %.0f dB or less expected\n", v->rows[i].name,
                   v->rows[i].error_db, WN_VERIFY_LAYER_DB);
    if (!v->whole_ok)
        printf("FAILED: the whole stack is %.1f dB from its impulse response, %.0f dB or less expected\n", v->whole_db,
               WN_VERIFY_WHOLE_DB);
}

static json_t *row_json(const wn_verify_row *r)
{
    return json_pack("{ss si si si si si sI so sb}", "name", r->name, "in", r->in, "out", r->out, "kernel", r->kernel,
                     "dilation", r->dilation, "groups", r->groups, "frames", (json_int_t)r->frames, "error_db",
                     wn_cli_json_number(r->error_db), "ok", r->ok);
}

static int verify_print_json(const wn_cli *cli, const wn_verify *v)
{
    json_t *layers = json_array();
    for (int i = 0; i < v->n_rows; i++) json_array_append_new(layers, row_json(&v->rows[i]));
    json_t *root =
        json_pack("{sb ss sf sf so s{ss so} s{sI sI so sb}}", "ok", v->layers_ok && v->whole_ok, "cpu", v->cpu,
                  "layer_limit_db", WN_VERIFY_LAYER_DB, "whole_limit_db", WN_VERIFY_WHOLE_DB, "layers", layers, "worst",
                  "name", v->rows[v->worst].name, "error_db", wn_cli_json_number(v->rows[v->worst].error_db), "whole",
                  "kernel", (json_int_t)v->whole_kernel, "frames", (json_int_t)v->whole_frames, "error_db",
                  wn_cli_json_number(v->whole_db), "ok", v->whole_ok);
    return wn_cli_print_json(cli, root);
}

static int verify_report(const wn_cli *cli, const verify_options *o, const wn_verify *v)
{
    int status = WN_EXIT_OK;
    if (o->json) {
        status = verify_print_json(cli, v);
    } else {
        print_table(v);
        print_verdict(v);
        status = wn_cli_done(cli);
    }
    return v->layers_ok && v->whole_ok ? status : WN_EXIT_FAILED;
}

static int verify_engine(const wn_cli *cli, const verify_options *o, const wn_model *model, wn_cpu cpu)
{
    wn_error error = {0};
    wn_verify verify = {0};
    wn_verify_config config = {.cpu = cpu, .progress = show_progress};
    wn_status status = wn_verify_run(&verify, model, &config, &error);
    clear_progress();
    int code = status ? wn_cli_fail(cli, &error) : verify_report(cli, o, &verify);
    wn_verify_free(&verify);
    return code;
}

static int verify_run(wn_cli *cli, int argc, const char **argv)
{
    verify_options o = {.run = WN_CLI_RUN_DEFAULT};
    const struct poptOption options[] = {
        WN_CLI_MODEL(&o.run),
        {"gradients", 0, POPT_ARG_NONE, &o.gradients, 0,
         "check the trainer's gradients of the model instead, against plain loops in double", NULL},
        {"json", 0, POPT_ARG_NONE, &o.json, 0, "print JSON", NULL},
        WN_CLI_RUN(&o.run),
        WN_CLI_HELP,
    };
    wn_arguments arguments;
    const wn_argument_rules rules = {.max_models = 1};
    if (!wn_cli_parse(cli, argc, argv, options, 0, -1)) return cli->status;
    if (!wn_arguments_sort(&arguments, cli, &o.run, NULL, &rules)) return cli->status;
    if (!o.run.model) return wn_cli_usage(cli, "MODEL is missing");
    const char *wrong = wn_cli_check_run(&o.run);
    if (wrong) return wn_cli_usage(cli, "%s", wrong);
    wn_error error = {0};
    wn_model *model = NULL;
    wn_cpu cpu;
    wn_status status = wn_cli_cpu(&cpu, o.run.cpu, &error);
    if (!status) status = wn_cli_load(&model, o.run.model, &error);
    int code = status        ? wn_cli_fail(cli, &error)
               : o.gradients ? wn_cli_verify_gradients(cli, model, o.json)
                             : verify_engine(cli, &o, model, cpu);
    wn_model_free(model);
    return code;
}

const wn_command wn_command_verify = {
    .name = "verify",
    .summary = "check the engine against long-kernel FFT convolution, or the trainer's gradients",
    .usage = "MODEL [OPTION...]",
    .example =
        "  wavenet verify notes\n\n"
        "Every convolution of the model runs on noise and is compared with an FFT convolution of its expanded\n"
        "kernel in double precision. Then the whole linearised stack is compared with its impulse response.\n"
        "Errors are 10 log10(sum e^2 / sum y^2). The exit status is 1 if an error exceeds its limit.\n\n"
        "--gradients runs the trainer's forward and backward pass, compiled in double, on a short sound of noise and\n"
        "compares the gradient of every tensor with plain loops. Errors are relative to the tensor's largest\n"
        "gradient; the limit is 1e-6. A failure names the tensor nearest to the output.\n",
    .run = verify_run,
};
