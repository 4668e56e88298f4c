/* SPDX-License-Identifier: MIT
 * test_verify.c - verification passes what is right and names what is wrong.
 * Copyright (c) 2026 the wavenet authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../engine/faults.h"
#include "analysis/verify.h"
#include "sample.h"

static wn_verify verify(const wn_model *model, wn_cpu cpu, const wn_plan_hooks *hooks)
{
    wn_error error = {0};
    wn_verify v;
    if (wn_verify_run(&v, model, &(wn_verify_config){.cpu = cpu, .hooks = hooks}, &error))
        fail_msg("%s: %s: %s", model->name, error.where, error.message);
    return v;
}

static void test_structures(void **state)
{
    for (int i = 0; i < n_sample_shapes; i++) {
        wn_model *model = sample_model(&sample_shapes[i]);
        wn_verify v = verify(model, WN_CPU_AUTO, NULL);
        print_message("  %s: %d convolutions, worst %s %.1f dB, whole stack %.1f dB\n", model->name, v.n_rows,
                      v.rows[v.worst].name, v.rows[v.worst].error_db, v.whole_db);
        assert_true(v.layers_ok && v.rows[v.worst].error_db <= WN_VERIFY_LAYER_DB);
        assert_true(v.whole_ok && v.whole_db <= WN_VERIFY_WHOLE_DB);
        for (int r = 0; r < v.n_rows; r++) assert_true(v.rows[r].frames >= 3 * v.rows[r].ring_frames);
        wn_verify_free(&v);
        wn_model_free(model);
    }
}

static void test_kernel_sets(void **state)
{
    for (int cpu = WN_CPU_C; cpu <= WN_CPU_NEON; cpu++) {
        if (!wn_cpu_is_available((wn_cpu)cpu)) continue;
        wn_model *model = sample_model(&sample_shapes[0]);
        wn_verify v = verify(model, (wn_cpu)cpu, NULL);
        assert_true(v.layers_ok && v.whole_ok);
        wn_verify_free(&v);
        wn_model_free(model);
    }
}

/* Operations that look back, by index. */
static int ring_ops(const wn_plan *plan, int *ops, int most)
{
    int n = 0;
    for (int i = 0; i < plan->ops.n && n < most; i++)
        if (plan->ring[i]) ops[n++] = i;
    return n;
}

/* One layer wrong: it fails, by name. */
static void check_fault(const wn_model *model, fault planted, const char *name)
{
    wn_plan_hooks hooks = fault_hooks(&planted);
    wn_error error = {0};
    wn_verify v;
    wn_verify_config config = {.only = name, .hooks = &hooks};
    if (wn_verify_run(&v, model, &config, &error)) fail_msg("%s: %s", error.where, error.message);
    assert_int_equal(v.n_rows, 1);
    assert_string_equal(v.rows[0].name, name);
    if (v.layers_ok || v.rows[0].error_db < -60)
        fail_msg("%s: fault %d in %s: %.1f dB", model->name, (int)planted.kind, name, v.rows[0].error_db);
    wn_verify_free(&v);
    fault_free(&planted);
}

/* And of all layers it is the only one. */
static void check_verdict(const wn_model *model, fault planted, const char *name)
{
    wn_plan_hooks hooks = fault_hooks(&planted);
    wn_verify v = verify(model, WN_CPU_AUTO, &hooks);
    assert_false(v.layers_ok);
    assert_string_equal(v.rows[v.worst].name, name);
    for (int r = 0; r < v.n_rows; r++) assert_int_equal(v.rows[r].ok, strcmp(v.rows[r].name, name) != 0);
    wn_verify_free(&v);
}

static void test_faults(void **state)
{
    enum { MOST = 256 };
    int planted = 0;
    for (int i = 0; i < n_sample_shapes; i++) {
        wn_model *model = sample_model(&sample_shapes[i]);
        wn_plan *plan;
        assert_int_equal(wn_plan_new(&plan, model, NULL, NULL), WN_OK);
        int ops[MOST], n = ring_ops(plan, ops, MOST);
        char name[WN_OP_NAME];
        assert_true(n > 0);
        for (int k = 0; k < n; k++)
            for (int kind = FAULT_LATE; kind <= FAULT_WRAP; kind++, planted++) {
                wn_op_name(&plan->ops.op[ops[k]], name);
                check_fault(model, (fault){.kind = (fault_kind)kind, .op = ops[k]}, name);
            }
        wn_op_name(&plan->ops.op[ops[n / 2]], name);
        check_verdict(model, (fault){.kind = FAULT_LATE, .op = ops[n / 2]}, name);
        wn_plan_free(plan);
        wn_model_free(model);
    }
    print_message("  %d faults planted, %d named\n", planted, planted);
}

static void test_unknown_name(void **state)
{
    wn_error error = {0};
    wn_verify v;
    wn_model *model = sample_model(&sample_shapes[0]);
    assert_int_equal(wn_verify_run(&v, model, &(wn_verify_config){.only = "nobody"}, &error), WN_ERROR_ARGUMENT);
    assert_string_equal(error.where, "nobody");
    wn_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_structures),
        cmocka_unit_test(test_kernel_sets),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_unknown_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
