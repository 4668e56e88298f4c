/* SPDX-License-Identifier: MIT
 * verify_gradients.c - wavenet verify --gradients: the trainer's backward pass against plain loops, tensor by tensor.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/verify_gradients.h"

#include "train/check_gradients.h"

static void print_table(const wn_gradient_check *c)
{
    printf("%-40s %9s %12s %9s\n", "tensor", "entries", "largest", "error");
    for (int i = 0; i < c->n; i++) {
        const wn_gradient_row *r = &c->rows[i];
        printf("%-40s %9lld %12.5g %9.1e%s\n", r->name, (long long)r->count, r->largest, r->error,
               r->ok ? "" : "  FAILED");
    }
}

static void print_verdict(const wn_gradient_check *c)
{
    if (c->ok)
        printf("ok: %d tensors over %d frames, the worst %s at %.1e (limit %g); outputs %.1e\n", c->n, c->frames,
               c->rows[c->worst].name, c->rows[c->worst].error, WN_GRADIENT_LIMIT, c->output_error);
    else if (c->culprit < 0)
        printf("FAILED: the outputs of the forward passes differ by %.1e (limit %g)\n", c->output_error,
               WN_GRADIENT_LIMIT);
    else
        printf("FAILED: %s, the nearest to the output that is off, by %.1e (limit %g)\n", c->rows[c->culprit].name,
               c->rows[c->culprit].error, WN_GRADIENT_LIMIT);
}

static json_t *row_json(const wn_gradient_row *r)
{
    return json_pack("{ss sI so so sb}", "name", r->name, "entries", (json_int_t)r->count, "largest",
                     wn_cli_json_number(r->largest), "error", wn_cli_json_number(r->error), "ok", r->ok);
}

static int print_json(const wn_cli *cli, const wn_gradient_check *c)
{
    json_t *rows = json_array();
    for (int i = 0; i < c->n; i++) json_array_append_new(rows, row_json(&c->rows[i]));
    return wn_cli_print_json(cli, json_pack("{sb sf si so so so so}", "ok", c->ok, "limit", WN_GRADIENT_LIMIT, "frames",
                                            c->frames, "loss", wn_cli_json_number(c->loss), "output_error",
                                            wn_cli_json_number(c->output_error), "nearest_failure",
                                            c->culprit < 0 ? json_null() : json_string(c->rows[c->culprit].name),
                                            "tensors", rows));
}

int wn_cli_verify_gradients(const wn_cli *cli, wn_model *model, bool json)
{
    wn_gradient_check check;
    wn_error error = {0};
    if (wn_gradient_check_run(&check, model, NULL, NULL, &error)) return wn_cli_fail(cli, &error);
    int code = WN_EXIT_OK;
    if (json) {
        code = print_json(cli, &check);
    } else {
        print_table(&check);
        print_verdict(&check);
        code = wn_cli_done(cli);
    }
    bool ok = check.ok;
    wn_gradient_check_free(&check);
    return ok ? code : WN_EXIT_FAILED;
}
