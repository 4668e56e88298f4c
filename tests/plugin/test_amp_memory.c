/* SPDX-License-Identifier: MIT
 * test_amp_memory.c - fail each allocation of WaveNet Amp in turn, while it is instantiated and while it restores a session.
 * Copyright (c) 2026 the wavenet authors
 *
 * Usage: test_amp_memory CAPTURE. The plug-in is linked in, so that its allocations can be made to fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/failing.h"
#include "host.h"
#include "plugin/amp_ports.h"

static const char *capture;

/* After a failed allocation, instantiate returns NULL or restore fails; an instance still runs three blocks. */
static void survives_failing_allocations(void **state)
{
    (void)state;
    float x[32] = {0};
    const LV2_Descriptor *plugin = lv2_descriptor(0);
    host *h = host_new(plugin, "", 44100, true);
    assert_non_null(h);
    plugin->cleanup(h->instance); /* all URIs are mapped now: mapping allocates nothing in the loop */
    h->state[0] =
        (host_property){.key = host_map(h, AMP_MODEL_URI), .type = h->forge.Path, .size = strlen(capture) + 1};
    strcpy(h->state[0].value, capture);
    h->n_state = 1;
    int failures = 0;
    for (long n = 0, more = 1; more; n++) {
        LV2_State_Status restored = LV2_STATE_ERR_UNKNOWN;
        fail_allocation(n);
        h->instance = plugin->instantiate(plugin, 44100, "", h->list);
        if (h->instance) restored = host_restore(h);
        more = allocation_failed();
        fail_allocation(-1);
        assert_int_equal(!restored, !more);
        failures += more != 0;
        if (!h->instance) continue;
        plugin->connect_port(h->instance, AMP_IN, x);
        plugin->connect_port(h->instance, AMP_OUT, x);
        for (int i = 0; i < 3; i++) plugin->run(h->instance, 32);
        plugin->cleanup(h->instance);
    }
    assert_true(failures > 30);
    h->instance = NULL;
    host_free(h);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(survives_failing_allocations)};
    if (argc != 2) return 2;
    capture = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
