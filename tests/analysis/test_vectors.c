/* SPDX-License-Identifier: MIT
 * test_vectors.c - measurement and verification of every reference checkpoint.
 * Copyright (c) 2026 the wavenet authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../engine/faults.h"
#include "analysis/field.h"
#include "analysis/measure.h"
#include "analysis/verify.h"
#include "format/vocoder.h"
#include "sample.h"

static wn_model *load(const char *folder)
{
    char weights[1100], hparams[1100];
    wn_error error = {0};
    wn_model *model;
    snprintf(weights, sizeof weights, "%s/model.safetensors", folder);
    snprintf(hparams, sizeof hparams, "%s/hparams.json", folder);
    if (wn_vocoder_import(&model, weights, hparams, &error)) fail_msg("%s: %s", error.where, error.message);
    return model;
}

/* What case.json says its receptive field is: an independent implementation's figure. */
static int64_t stated_field(const char *folder)
{
    char path[1100];
    snprintf(path, sizeof path, "%s/case.json", folder);
    json_t *root = json_load_file(path, 0, NULL);
    json_t *field = json_object_get(root, "receptive_field");
    assert_true(json_is_integer(field));
    int64_t value = json_integer_value(field);
    json_decref(root);
    return value;
}

static void test_measure(void **state)
{
    const char *folder;
    for (int i = 0; (folder = sample_vector(i)); i++) {
        wn_model *model = load(folder);
        wn_measure m;
        wn_error error = {0};
        if (wn_measure_run(&m, model, WN_CPU_AUTO, &error)) fail_msg("%s: %s", folder, error.message);
        assert_int_equal(m.reach.receptive_field, stated_field(folder));
        assert_int_equal(m.reach.covered, m.reach.receptive_field);
        assert_true(wn_reach_agrees(&m.reach));
        assert_int_equal(m.silent.beyond + m.random.beyond, 0);
        assert_in_range(m.silent.farthest, 1, m.reach.formula);
        assert_in_range(m.random.farthest, 1, m.reach.formula);
        assert_in_range(m.random.within[2], 1, m.random.farthest);
        wn_measure_free(&m);
        wn_model_free(model);
    }
}

static wn_verify verify(const wn_model *model, const wn_plan_hooks *hooks)
{
    wn_error error = {0};
    wn_verify v;
    if (wn_verify_run(&v, model, &(wn_verify_config){.hooks = hooks}, &error)) fail_msg("%s", error.message);
    return v;
}

static void test_verify(void **state)
{
    const char *folder;
    for (int i = 0; (folder = sample_vector(i)); i++) {
        wn_model *model = load(folder);
        wn_verify v = verify(model, NULL);
        print_message("  %s: worst %.1f dB, whole %.1f dB\n", strrchr(folder, '/') + 1, v.rows[v.worst].error_db,
                      v.whole_db);
        assert_true(v.layers_ok && v.rows[v.worst].error_db <= -110);
        assert_true(v.whole_ok && v.whole_db <= -100);
        wn_verify_free(&v);
        wn_model_free(model);
    }
}

/* Plant all three faults in operation `op` of the plan; each must be found there. */
static void check_faults(const wn_model *model, int op, const char *name)
{
    for (int kind = FAULT_LATE; kind <= FAULT_WRAP; kind++) {
        fault planted = {.kind = (fault_kind)kind, .op = op};
        wn_plan_hooks hooks = fault_hooks(&planted);
        wn_verify v;
        assert_int_equal(wn_verify_run(&v, model, &(wn_verify_config){.only = name, .hooks = &hooks}, NULL), WN_OK);
        if (v.layers_ok || strcmp(v.rows[v.worst].name, name) != 0)
            fail_msg("fault %d in %s: %s, %.1f dB", kind, name, v.rows[v.worst].name, v.rows[v.worst].error_db);
        wn_verify_free(&v);
    }
}

static void test_faults(void **state)
{
    const char *folder;
    for (int i = 0; (folder = sample_vector(i)); i++) {
        wn_model *model = load(folder);
        wn_plan *plan;
        int planted = 0;
        assert_int_equal(wn_plan_new(&plan, model, NULL, NULL), WN_OK);
        for (int op = 0; op < plan->ops.n; op++) {
            char name[WN_OP_NAME];
            if (!plan->ring[op]) continue;
            wn_op_name(&plan->ops.op[op], name);
            check_faults(model, op, name);
            planted++;
        }
        assert_true(planted > 0);
        wn_plan_free(plan);
        wn_model_free(model);
    }
}

int main(void)
{
    if (!sample_vector(0)) {
        printf("skipped: WAVENET_VECTORS does not name the reference vectors\n");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_measure),
        cmocka_unit_test(test_verify),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
