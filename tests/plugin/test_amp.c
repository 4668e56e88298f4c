/* SPDX-License-Identifier: MIT
 * test_amp.c - WaveNet Amp in a host of our own: the samples of a processor, whatever the host does.
 * Copyright (c) 2026 the wavenet authors
 *
 * Usage: test_amp PLUGIN CAPTURE cabinets|none */
#include <lv2/atom/util.h>
#include <lv2/patch/patch.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include <cmocka.h>

#include "engine/chance.h"
#include "host.h"
#include "plugin/amp_ports.h"
#include "realtime/guard.h"
#include "wavenet/wavenet.h"

enum { FRAMES = 9000, FADE = 960, MOST = 4096, TAPS = 40 };

static const LV2_Descriptor *plugin;
static const char *binary;  /* path of the plug-in */
static const char *capture; /* path of a .nam file with levels */
static int has_cabinets;
static char folder[64] = "/tmp/wavenet-amp-XXXXXX", linear[128], cabinet[128];

/* ---- files ----------------------------------------------------------------------------------------------------------- */

static void draw_taps(float *taps)
{
    chance c = {77};
    for (int i = 0; i < TAPS; i++) taps[i] = (float)(0.3 * (chance_uniform(&c) - 0.5));
}

/* A native model of another rate, and a cabinet. */
static int make_files(void **state)
{
    (void)state;
    float taps[TAPS];
    wn_model *m;
    draw_taps(taps);
    assert_non_null(mkdtemp(folder));
    snprintf(linear, sizeof linear, "%s/linear.safetensors", folder);
    snprintf(cabinet, sizeof cabinet, "%s/cabinet.f32", folder);
    assert_int_equal(wn_model_from_impulse_response(&m, taps, TAPS, 44100, NULL), WN_OK);
    assert_int_equal(wn_model_save(m, linear, NULL), WN_OK);
    wn_model_free(m);
    FILE *f = fopen(cabinet, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(taps, sizeof *taps, TAPS, f), TAPS);
    assert_int_equal(fclose(f), 0);
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    remove(linear);
    remove(cabinet);
    return rmdir(folder);
}

/* ---- helpers --------------------------------------------------------------------------------------------------------- */

static float *draw_sound(void)
{
    chance c = {5};
    float *x = malloc(FRAMES * sizeof *x);
    assert_non_null(x);
    for (int t = 0; t < FRAMES; t++) x[t] = (float)(0.8 * (chance_uniform(&c) - 0.5));
    return x;
}

static host *make_amp(double rate, bool has_worker)
{
    host *h = host_new(plugin, folder, rate, has_worker);
    assert_non_null(h);
    for (uint32_t i = AMP_INPUT_GAIN; i < AMP_PORTS; i++) plugin->connect_port(h->instance, i, &h->controls[i]);
    plugin->connect_port(h->instance, AMP_CONTROL, h->in);
    plugin->connect_port(h->instance, AMP_NOTIFY, h->out);
    plugin->activate(h->instance);
    return h;
}

/* A session that plays `path`; NULL: no model. */
static void restore_model(host *h, const char *parameter, const char *path)
{
    host_property *p = &h->state[h->n_state++];
    *p = (host_property){.key = host_map(h, parameter), .type = h->forge.Path, .size = strlen(path) + 1};
    memcpy(p->value, path, p->size);
    assert_int_equal(host_restore(h), LV2_STATE_SUCCESS);
}

static host *make_playing(double rate, const char *path)
{
    host *h = make_amp(rate, true);
    restore_model(h, AMP_MODEL_URI, path);
    return h;
}

/* Frames from .. to in blocks of all kinds: empty, odd, long, in place and not. */
static void run_blocks(host *h, const float *x, float *y, int from, int to)
{
    static const uint32_t blocks[] = {64, 1, 0, 333, 2048, 17, MOST};
    for (int t = from, i = 0; t < to; i++) {
        uint32_t n = blocks[i % 7];
        if (n > (uint32_t)(to - t)) n = (uint32_t)(to - t);
        float *in = malloc((n + 1) * sizeof *in), *out = i % 2 ? in : malloc((n + 1) * sizeof *out);
        assert_true(in && out);
        memcpy(in, x + t, n * sizeof *in);
        plugin->connect_port(h->instance, AMP_IN, in);
        plugin->connect_port(h->instance, AMP_OUT, out);
        host_run(h, n);
        memcpy(y + t, out, n * sizeof *out);
        if (out != in) free(out);
        free(in);
        t += (int)n;
    }
}

/* What a prewarmed chain of the files makes of x [FRAMES], as wavenet process runs it; to be freed. */
static float *process(const char *path, bool with_cabinet, double rate, const float *x)
{
    wn_model *models[2] = {NULL, NULL};
    wn_processor *p;
    float taps[TAPS], *y = malloc(FRAMES * sizeof *y);
    int n = 0;
    assert_non_null(y);
    if (path) assert_int_equal(wn_model_load(&models[n++], path, NULL), WN_OK);
    draw_taps(taps);
    if (with_cabinet) assert_int_equal(wn_model_from_impulse_response(&models[n++], taps, TAPS, 48000, NULL), WN_OK);
    assert_int_equal(
        wn_processor_new(&p, (const wn_model *const *)models, n, &(wn_processor_config){.rate = rate}, NULL), WN_OK);
    wn_processor_prewarm(p);
    wn_processor_run(p, FRAMES, x, y);
    wn_processor_free(p);
    for (int i = 0; i < n; i++) wn_model_free(models[i]);
    return y;
}

static void set_model(host *h, const char *path)
{
    host_begin_events(h);
    host_set_path(h, AMP_URI, AMP_MODEL_URI, path);
    host_end_events(h);
}

/* ---- sound ----------------------------------------------------------------------------------------------------------- */

static void passes_without_model(void **state)
{
    (void)state;
    float *x = draw_sound(), y[FRAMES];
    host *h = make_amp(48000, true);
    run_blocks(h, x, y, 0, FRAMES);
    assert_memory_equal(y, x, sizeof y);
    assert_true(h->controls[AMP_LATENCY] == 0);
    assert_int_equal(host_work(h), 0);
    host_free(h);
    free(x);
}

/* From the first sample on, for both formats and for a host of another rate. */
static void plays_a_restored_model(void **state)
{
    (void)state;
    const double rates[] = {48000, 44100, 96000};
    float *x = draw_sound(), y[FRAMES];
    for (int i = 0; i < 6; i++) {
        const char *path = i % 2 ? linear : capture;
        double rate = rates[i / 2];
        float *want = process(path, false, rate, x);
        host *h = make_playing(rate, path);
        run_blocks(h, x, y, 0, FRAMES);
        assert_memory_equal(y, want, sizeof y);
        bool converts = rate != (i % 2 ? 44100 : 48000);
        assert_true(converts ? h->controls[AMP_LATENCY] > 40 : h->controls[AMP_LATENCY] == 0);
        host_free(h);
        free(want);
    }
    free(x);
}

static void plays_a_cabinet(void **state)
{
    (void)state;
    if (!has_cabinets) skip();
    float *x = draw_sound(), y[FRAMES];
    for (int with_model = 0; with_model < 2; with_model++) {
        host *h = make_amp(48000, true);
        float *want = process(with_model ? capture : NULL, true, 48000, x);
        if (with_model) restore_model(h, AMP_MODEL_URI, capture);
        restore_model(h, AMP_CABINET_URI, cabinet);
        run_blocks(h, x, y, 0, FRAMES);
        assert_memory_equal(y, want, sizeof y);
        host_free(h);
        free(want);
    }
    free(x);
}

/* A request is loaded by the worker, and the sound crossfades to it. */
static void changes_models(void **state)
{
    (void)state;
    enum { CHANGE = 1000 };
    float *x = draw_sound(), y[FRAMES];
    host *h = make_playing(48000, capture);
    float *first = process(capture, false, 48000, x);
    run_blocks(h, x, y, 0, CHANGE - 7);
    host_work(h);
    set_model(h, linear);
    run_blocks(h, x, y, CHANGE - 7, CHANGE); /* sends the job */
    assert_string_equal(host_told(h, AMP_MODEL_URI) ? host_told(h, AMP_MODEL_URI) : "", "");
    assert_int_equal(host_work(h), 1);
    run_blocks(h, x, y, CHANGE, CHANGE + 64);
    assert_string_equal(host_told(h, AMP_MODEL_URI), linear);
    run_blocks(h, x, y, CHANGE + 64, FRAMES);
    assert_int_equal(host_work(h), 1); /* the old one is freed */
    float *late = calloc(FRAMES, sizeof *late);
    assert_non_null(late);
    memcpy(late, x + CHANGE, (FRAMES - CHANGE) * sizeof *late);
    float *second = process(linear, false, 48000, late);
    assert_memory_equal(y, first, CHANGE * sizeof *y);
    for (int t = CHANGE; t < CHANGE + FADE; t++) {
        double share = (t - CHANGE + 1.0) / FADE, want = (1 - share) * first[t] + share * second[t - CHANGE];
        assert_true(fabs(y[t] - want) <= 1e-6);
    }
    assert_memory_equal(y + CHANGE + FADE, second + FADE, (FRAMES - CHANGE - FADE) * sizeof *y);
    set_model(h, ""); /* none */
    run_blocks(h, x, y, 0, 10);
    host_work(h);
    run_blocks(h, x, y, 10, FRAMES);
    assert_memory_equal(y + 10 + FADE, x + 10 + FADE, (FRAMES - 10 - FADE) * sizeof *y);
    host_free(h);
    free(first);
    free(second);
    free(late);
    free(x);
}

/* A file that cannot be loaded: the old one plays on, the log has a line, and the host is told what plays. */
static void keeps_the_old_model(void **state)
{
    (void)state;
    static const char *const bad[] = {"/nonexistent/amp.nam", "/", "relative.nam", "\xff\n"};
    float *x = draw_sound(), y[FRAMES], *want = process(capture, false, 48000, x);
    host *h = make_playing(48000, capture);
    for (int i = 0; i < 4; i++) {
        set_model(h, bad[i]);
        run_blocks(h, x, y, i * 1000, i * 1000 + 500);
        host_work(h);
        assert_int_equal(atomic_load(&h->reports), i + 1);
        run_blocks(h, x, y, i * 1000 + 500, i * 1000 + 564);
        assert_string_equal(host_told(h, AMP_MODEL_URI), capture);
        run_blocks(h, x, y, i * 1000 + 564, i * 1000 + 1000);
    }
    assert_memory_equal(y, want, 4000 * sizeof *y);
    assert_int_equal(host_save(h), LV2_STATE_SUCCESS);
    assert_string_equal(h->state[0].value, capture);
    host_free(h);
    free(want);
    free(x);
}

/* ---- ports ----------------------------------------------------------------------------------------------------------- */

static void follows_controls(void **state)
{
    (void)state;
    float *x = draw_sound(), *driven = draw_sound(), y[FRAMES];
    wn_model *m;
    assert_int_equal(wn_model_load(&m, capture, NULL), WN_OK);
    wn_model_info info = wn_model_get_info(m);
    host *h = make_playing(48000, capture);
    h->controls[AMP_INPUT_GAIN] = 6;
    h->controls[AMP_OUTPUT_GAIN] = -100; /* -40 */
    h->controls[AMP_NORMALIZE] = h->controls[AMP_CALIBRATE] = 1;
    h->controls[AMP_INPUT_LEVEL] = 15;
    float in = (float)pow(10, 6 / 20.0), out = (float)pow(10, -40 / 20.0);
    float level = (float)pow(10, (15 - info.input_level_dbu) / 20), normal = (float)pow(10, (-18 - info.loudness) / 20);
    for (int t = 0; t < FRAMES; t++) driven[t] = x[t] * in * level;
    float *want = process(capture, false, 48000, driven);
    run_blocks(h, x, y, 0, FRAMES / 2);
    for (int t = 0; t < FRAMES / 2; t++) assert_true(y[t] == want[t] * normal * out);
    h->controls[AMP_ENABLED] = 0;
    run_blocks(h, x, y, FRAMES / 2, FRAMES);
    assert_memory_equal(y + FRAMES / 2 + FADE, x + FRAMES / 2 + FADE, (FRAMES / 2 - FADE) * sizeof *y);
    host_free(h);
    wn_model_free(m);
    free(want);
    free(driven);
    free(x);
}

/* Any value in any control, NaN and Inf among them, gives finite sound. */
static void survives_any_control(void **state)
{
    (void)state;
    static const float values[] = {NAN, INFINITY, -INFINITY, 0, 1, -1, 1e30f, -1e30f, 1e-40f, 0.5f};
    chance c = {9};
    float *x = draw_sound(), y[FRAMES];
    host *h = make_playing(44100, capture);
    x[100] = NAN;
    x[200] = INFINITY;
    for (int turn = 0; turn < 200; turn++) {
        for (int i = AMP_INPUT_GAIN; i < AMP_LATENCY; i++) h->controls[i] = values[chance_int(&c, 0, 9)];
        run_blocks(h, x, y, 0, 300);
        for (int t = 0; t < 300; t++) assert_true(isfinite(y[t]));
        host_work(h);
    }
    host_free(h);
    free(x);
}

/* Unconnected ports are at their defaults, and activation starts from silence. */
static void runs_unconnected(void **state)
{
    (void)state;
    float *x = draw_sound(), y[FRAMES];
    host *h = make_playing(48000, capture);
    for (uint32_t i = AMP_IN; i < AMP_PORTS; i++) plugin->connect_port(h->instance, i, NULL);
    host_run(h, 64); /* without sound */
    plugin->connect_port(h->instance, AMP_CONTROL, NULL);
    plugin->connect_port(h->instance, AMP_NOTIFY, NULL);
    plugin->connect_port(h->instance, AMP_PORTS, y);
    run_blocks(h, x, y, 0, FRAMES);
    float *want = process(capture, false, 48000, x);
    plugin->activate(h->instance);
    run_blocks(h, x, y, 0, FRAMES);
    assert_memory_equal(y, want, sizeof y);
    host_free(h);
    free(want);
    free(x);
}

/* A smaller share of a slimmable capture is another network; other captures stay as they are. */
static void slims(void **state)
{
    (void)state;
    char path[512];
    const char *vectors = getenv("WAVENET_VECTORS");
    snprintf(path, sizeof path, "%s/nam/slimmable_wavenet.nam", vectors ? vectors : "");
    if (!vectors || access(path, R_OK)) skip();
    const char *paths[] = {path, capture};
    float *x = draw_sound(), y[FRAMES], whole[FRAMES];
    for (int i = 0; i < 2; i++) {
        host *h = make_playing(48000, paths[i]);
        run_blocks(h, x, whole, 0, FRAMES);
        h->controls[AMP_SLIM] = 0;
        for (int turn = 0; turn < 3; turn++) {
            run_blocks(h, x, y, 0, FRAMES);
            host_work(h);
        }
        plugin->activate(h->instance);
        run_blocks(h, x, y, 0, FRAMES);
        assert_int_equal(memcmp(y, whole, sizeof y) == 0, i);
        assert_int_equal(atomic_load(&h->reports), 0);
        host_free(h);
    }
    free(x);
}

/* ---- messages -------------------------------------------------------------------------------------------------------- */

static void answers(void **state)
{
    (void)state;
    float x[64] = {0};
    host *h = make_playing(48000, capture);
    run_blocks(h, x, x, 0, 64);
    assert_string_equal(host_told(h, AMP_MODEL_URI), capture); /* it is news */
    run_blocks(h, x, x, 0, 64);
    assert_null(host_told(h, AMP_MODEL_URI));
    const char *asked[] = {NULL, AMP_MODEL_URI, AMP_CABINET_URI, AMP_URI};
    for (int i = 0; i < 4; i++) {
        host_begin_events(h);
        host_get(h, asked[i]);
        host_end_events(h);
        run_blocks(h, x, x, 0, 64);
        if (i < 3)
            assert_string_equal(host_told(h, AMP_MODEL_URI), capture);
        else
            assert_null(host_told(h, AMP_MODEL_URI)); /* no parameter of ours */
    }
    host_begin_events(h);
    host_set_path(h, AMP_CABINET_URI, AMP_MODEL_URI, linear); /* for somebody else */
    host_end_events(h);
    for (int i = 0; i < 3; i++) {
        run_blocks(h, x, x, 0, 64);
        assert_null(host_told(h, AMP_MODEL_URI));
        host_work(h);
    }
    for (int i = 0; i < 20; i++) { /* a request that the worker has no room for is not lost */
        h->refuses_jobs = i < 10;
        if (i == 0) set_model(h, linear);
        run_blocks(h, x, x, 0, 64);
        host_work(h);
    }
    host_begin_events(h);
    host_get(h, NULL);
    host_end_events(h);
    run_blocks(h, x, x, 0, 64);
    assert_string_equal(host_told(h, AMP_MODEL_URI), linear);
    host_free(h);
}

/* Messages of a sequence, each of which tells a whole path. */
static int count_whole_messages(host *h, const LV2_Atom_Sequence *sequence)
{
    int n = 0;
    LV2_ATOM_SEQUENCE_FOREACH(sequence, event)
    {
        const LV2_Atom *value = NULL;
        lv2_atom_object_get((const LV2_Atom_Object *)&event->body, host_map(h, LV2_PATCH__value), &value, 0);
        assert_non_null(value);
        assert_true(value->size > 0 && ((const char *)(value + 1))[value->size - 1] == '\0');
        assert_true(value->size == 1 || strcmp((const char *)(value + 1), capture) == 0);
        n++;
    }
    return n;
}

/* No answer is written beyond the room that the host gives, and what is written is a sequence. */
static void respects_the_room(void **state)
{
    (void)state;
    float x[1] = {0};
    host *h = make_playing(48000, capture);
    int answered = 0;
    plugin->connect_port(h->instance, AMP_IN, x);
    plugin->connect_port(h->instance, AMP_OUT, x);
    for (uint32_t room = 0; room < 700; room++) {
        LV2_Atom_Sequence *out = malloc(sizeof(LV2_Atom) + room);
        assert_non_null(out);
        out->atom = (LV2_Atom){.size = room, .type = h->forge.Chunk};
        plugin->connect_port(h->instance, AMP_NOTIFY, out);
        host_begin_events(h);
        host_get(h, NULL);
        host_end_events(h);
        plugin->run(h->instance, 1);
        assert_true(out->atom.size <= room);
        answered += out->atom.type == h->forge.Sequence ? count_whole_messages(h, out) : 0;
        free(out);
    }
    assert_true(answered > 100 && answered < 2 * 690);
    host_free(h);
}

/* Valid messages with random damage: sizes, types, ends. The buffer ends where the sequence says. */
static void survives_hostile_events(void **state)
{
    (void)state;
    chance c = {13};
    float x[16] = {0};
    char longest[3000];
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    host *h = make_playing(48000, capture);
    plugin->connect_port(h->instance, AMP_IN, x);
    plugin->connect_port(h->instance, AMP_OUT, x);
    double end = host_clock() + host_duration(0);
    for (int turn = 0; turn < 20000 || host_clock() < end; turn++) {
        host_begin_events(h);
        for (int n = chance_int(&c, 0, 3); n > 0; n--) {
            const char *path = chance_percent(&c, 5) ? longest : chance_percent(&c, 50) ? linear : "";
            if (chance_percent(&c, 50))
                host_set_path(h, chance_percent(&c, 50) ? AMP_URI : NULL, AMP_MODEL_URI, path);
            else
                host_get(h, chance_percent(&c, 50) ? AMP_MODEL_URI : NULL);
        }
        host_end_events(h);
        void *damaged = host_damage(h, &c, 4);
        plugin->connect_port(h->instance, AMP_CONTROL, damaged);
        host_run(h, 16);
        if (turn % 50 == 0) host_work(h);
        free(damaged);
    }
    host_free(h);
}

/* ---- state ----------------------------------------------------------------------------------------------------------- */

/* A session is moved: the file is where the new folder says. */
static void survives_a_move(void **state)
{
    (void)state;
    char name[80];
    float *x = draw_sound(), y[FRAMES], *want = process(linear, false, 44100, x);
    host *h = make_playing(44100, linear);
    snprintf(h->folder, sizeof h->folder, "%s/", folder);
    assert_int_equal(host_save(h), LV2_STATE_SUCCESS);
    assert_int_equal(h->n_state, 1);
    assert_string_equal(h->state[0].value, "linear.safetensors");
    assert_int_equal(h->state[0].flags, LV2_STATE_IS_POD | LV2_STATE_IS_PORTABLE);
    snprintf(name, sizeof name, "%s-moved", folder);
    assert_int_equal(rename(folder, name), 0);
    snprintf(h->folder, sizeof h->folder, "%s-moved/", folder);
    assert_int_equal(host_restore(h), LV2_STATE_SUCCESS);
    run_blocks(h, x, y, 0, FRAMES);
    assert_int_equal(rename(name, folder), 0);
    assert_memory_equal(y, want, sizeof y);
    host_free(h);
    free(want);
    free(x);
}

/* Faults of a state. A missing file keeps its place in the session, and the sound passes. */
static void survives_bad_states(void **state)
{
    (void)state;
    float x[64] = {0.25f};
    host *h = make_playing(48000, capture);
    run_blocks(h, x, x, 0, 64);
    h->maps_paths = false;
    assert_int_equal(host_save(h), LV2_STATE_ERR_NO_FEATURE);
    h->n_state = 0;
    assert_int_equal(host_restore(h), LV2_STATE_SUCCESS); /* nothing: no model */
    h->n_state = 1;
    assert_int_equal(host_restore(h), LV2_STATE_ERR_NO_FEATURE);
    h->maps_paths = true;
    h->state[0].type = h->forge.Int;
    assert_int_equal(host_restore(h), LV2_STATE_ERR_BAD_TYPE);
    h->state[0].type = h->forge.Path;
    h->state[0].size = 0;
    assert_int_equal(host_restore(h), LV2_STATE_ERR_BAD_TYPE);
    h->state[0].size = strlen(capture); /* without its end */
    assert_int_equal(host_restore(h), LV2_STATE_ERR_BAD_TYPE);
    strcpy(h->state[0].value, "/nonexistent/amp.nam");
    h->state[0].size = strlen(h->state[0].value) + 1;
    assert_int_equal(host_restore(h), LV2_STATE_ERR_UNKNOWN);
    assert_int_equal(host_save(h), LV2_STATE_SUCCESS);
    assert_string_equal(h->state[0].value, "/nonexistent/amp.nam");
    host_begin_events(h);
    host_get(h, NULL);
    host_end_events(h);
    for (int i = 0; i < 40; i++) run_blocks(h, x, x, 0, 64), host_work(h);
    host_begin_events(h);
    host_get(h, NULL);
    host_end_events(h);
    run_blocks(h, x, x, 0, 64);
    assert_string_equal(host_told(h, AMP_MODEL_URI), "/nonexistent/amp.nam");
    host_free(h);
}

/* Hosts without a worker: models come with the session, and requests are answered with what plays. */
static void works_without_a_worker(void **state)
{
    (void)state;
    float *x = draw_sound(), y[FRAMES], *want = process(capture, false, 48000, x);
    host *h = make_amp(48000, false);
    for (int i = 0; i < 3; i++) {
        h->n_state = 0;
        restore_model(h, AMP_MODEL_URI, i == 1 ? linear : capture);
        run_blocks(h, x, y, 0, FRAMES);
    }
    set_model(h, linear);
    run_blocks(h, x, y, 0, 64);
    assert_string_equal(host_told(h, AMP_MODEL_URI), capture);
    plugin->activate(h->instance);
    run_blocks(h, x, y, 0, FRAMES);
    assert_memory_equal(y, want, sizeof y);
    host_free(h);
    free(want);
    free(x);
}

static void refuses_bad_hosts(void **state)
{
    (void)state;
    const LV2_Feature *none[] = {NULL};
    const double rates[] = {0, -1, NAN, INFINITY, 1e9};
    assert_null(plugin->instantiate(plugin, 48000, "", none));
    assert_null(plugin->instantiate(plugin, 48000, "", NULL));
    for (int i = 0; i < 5; i++) assert_null(host_new(plugin, "", rates[i], true));
    host *h = make_amp(44100.5, true); /* no resampler for it: a model of that rate alone would run */
    h->n_state = 0;
    host_property *p = &h->state[h->n_state++];
    *p = (host_property){.key = host_map(h, AMP_MODEL_URI), .type = h->forge.Path, .size = strlen(capture) + 1};
    strcpy(p->value, capture);
    assert_int_equal(host_restore(h), LV2_STATE_ERR_UNKNOWN);
    host_free(h);
    assert_null(plugin->extension_data("urn:something"));
}

/* Another build of the plug-in, here a copy, shares nothing with this one. */
static void loads_beside_another_build(void **state)
{
    (void)state;
    char copy[128], command[1024];
    float *x = draw_sound(), y[FRAMES], *want = process(capture, false, 48000, x);
    const LV2_Descriptor *first = plugin;
    snprintf(copy, sizeof copy, "%s/copy.so", folder);
    snprintf(command, sizeof command, "cp '%s' '%s'", binary, copy);
    assert_int_equal(system(command), 0);
    host *one = make_playing(48000, capture);
    plugin = host_load(copy);
    assert_ptr_not_equal(plugin, first);
    assert_ptr_not_equal(plugin->run, first->run);
    host *other = make_playing(48000, capture);
    run_blocks(other, x, y, 0, FRAMES);
    assert_memory_equal(y, want, sizeof y);
    host_free(other);
    plugin = first;
    run_blocks(one, x, y, 0, FRAMES);
    assert_memory_equal(y, want, sizeof y);
    host_free(one);
    remove(copy);
    free(want);
    free(x);
}

/* ---- threads --------------------------------------------------------------------------------------------------------- */

/* A session is saved and restored again and again, beside the sound. */
static void *save_and_restore(void *user)
{
    host *h = user;
    for (int i = 0; !atomic_load(&h->quit); i++) {
        if (host_save(h) != LV2_STATE_SUCCESS) return "not saved";
        host_property *p = &h->state[0];
        const char *path = i % 2 ? linear : capture;
        *p = (host_property){.key = host_map(h, AMP_MODEL_URI), .type = h->forge.Path, .size = strlen(path) + 1};
        memcpy(p->value, path, p->size);
        h->n_state = 1;
        if (host_restore(h) != LV2_STATE_SUCCESS) return "not restored";
        nanosleep(&(struct timespec){.tv_nsec = 31000000}, NULL);
    }
    return NULL;
}

/* Events of one run: a model, or those that a hostile host sends. */
static void draw_events(host *h, chance *c, bool hostile)
{
    static const char *const paths[] = {"", "/nonexistent/amp.nam", "\xff\n"};
    int n = chance_int(c, 0, 4);
    if (!hostile) {
        set_model(h, n == 0 ? paths[0] : n % 2 ? linear : capture);
        return;
    }
    host_begin_events(h);
    for (; n > 0; n--) {
        if (chance_percent(c, 50))
            host_set_path(h, chance_percent(c, 50) ? AMP_URI : NULL, AMP_MODEL_URI, paths[chance_int(c, 0, 2)]);
        else
            host_get(h, chance_percent(c, 50) ? AMP_MODEL_URI : NULL);
    }
    host_end_events(h);
}

/* A model every 50 ms of sound and damaged events between, the worker on a thread of its own, a session on another. */
static void changes_models_all_the_time(void **state)
{
    (void)state;
    double begin = host_clock(), end = begin + host_duration(3);
    pthread_t session;
    void *fault;
    chance c = {31};
    float *x = draw_sound(), y[256];
    host *h = make_playing(48000, capture);
    host_map(h, AMP_CABINET_URI);
    set_model(h, linear); /* every URI has its number before there are threads */
    host_begin_events(h);
    host_get(h, NULL);
    host_end_events(h);
    host_start_worker(h);
    assert_int_equal(pthread_create(&session, NULL, save_and_restore, h), 0);
    int told = 0, blocks = 0;
    /* A machine that stops us for seconds goes on until it has heard some. */
    for (; host_clock() < end || (told <= 3 && host_clock() < begin + 200); blocks++) {
        uint32_t n = (uint32_t)(1 + blocks * 37 % 256);
        memcpy(y, x + blocks * 61 % (FRAMES - 256), n * sizeof *y);
        plugin->connect_port(h->instance, AMP_IN, y);
        plugin->connect_port(h->instance, AMP_OUT, y);
        draw_events(h, &c, blocks % 19 != 0);
        void *damaged = blocks % 19 == 0 ? NULL : host_damage(h, &c, 4);
        plugin->connect_port(h->instance, AMP_CONTROL, damaged ? damaged : h->in);
        if (blocks % 50 == 0) h->controls[AMP_SLIM] = (float)(blocks / 50 % 4) / 4;
        host_run(h, n);
        for (uint32_t t = 0; t < n; t++) assert_true(fabsf(y[t]) < 2);
        told += h->out->atom.size > sizeof h->out->body;
        free(damaged);
        nanosleep(&(struct timespec){.tv_nsec = (long)(n / 48000.0 * 1e9)}, NULL);
    }
    assert_true(told > 3);
    printf("%.0f s: %d blocks, %d answers, %d failures logged\n", host_clock() - begin, blocks, told,
           atomic_load(&h->reports));
    host_stop_worker(h);
    pthread_join(session, &fault);
    assert_null(fault);
    host_free(h);
    free(x);
}

/* ---- real time --------------------------------------------------------------------------------------------------------- */

/* The guard that host_run() puts around run() sees what the plug-in's own code does: in a child, as it may end the program. */
static void guard_sees_the_plugin(void **state)
{
    (void)state;
    if (!GUARD_PRESENT) skip();
    host *h = make_amp(48000, true);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        fclose(stderr);
        guard_begin();
        plugin->instantiate(plugin, 48000, "", h->list);
        _exit(guard_end() ? 1 : 0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(!WIFEXITED(status) || WEXITSTATUS(status) != 0);
    host_free(h);
}

#ifdef __linux__
/* In a child that the kernel kills at any system call but read, write and exit: a whole life of run(). */
static int survives_without_calls(host *h, float *x, int planted)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT)) syscall(SYS_exit, 2);
        plugin->connect_port(h->instance, AMP_IN, x);
        plugin->connect_port(h->instance, AMP_OUT, x);
        for (int i = 0; i < 50; i++) {
            h->controls[AMP_SLIM] = (float)(i % 3) / 3;
            h->controls[AMP_ENABLED] = (float)(i / 10 % 2);
            if (i % 7 == 0) {
                host_begin_events(h);
                host_get(h, NULL);
                host_end_events(h);
            }
            h->out->atom.size = EVENT_BYTES - sizeof(LV2_Atom);
            plugin->run(h->instance, (uint32_t)(i * 7 % 100));
        }
        if (planted) getppid();
        syscall(SYS_exit, 0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? (WEXITSTATUS(status) == 0 ? 1 : -1) : 0;
}

static void calls_no_system(void **state)
{
    (void)state;
    float x[128] = {0};
    if (!GUARD_PRESENT) skip();
    host *h = make_playing(44100, capture);
    run_blocks(h, x, x, 0, 64);
    h->n_state = 0;
    restore_model(h, AMP_MODEL_URI, linear); /* the child crossfades to it */
    host_begin_events(h);
    host_get(h, NULL);
    host_end_events(h);
    int control = survives_without_calls(h, x, 1);
    if (control >= 0) {
        assert_int_equal(control, 0);
        assert_int_equal(survives_without_calls(h, x, 0), 1);
    }
    host_free(h);
    if (control < 0) skip();
}
#endif

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes_without_model),
        cmocka_unit_test(plays_a_restored_model),
        cmocka_unit_test(plays_a_cabinet),
        cmocka_unit_test(changes_models),
        cmocka_unit_test(keeps_the_old_model),
        cmocka_unit_test(follows_controls),
        cmocka_unit_test(survives_any_control),
        cmocka_unit_test(runs_unconnected),
        cmocka_unit_test(slims),
        cmocka_unit_test(answers),
        cmocka_unit_test(respects_the_room),
        cmocka_unit_test(survives_hostile_events),
        cmocka_unit_test(survives_a_move),
        cmocka_unit_test(survives_bad_states),
        cmocka_unit_test(works_without_a_worker),
        cmocka_unit_test(refuses_bad_hosts),
        cmocka_unit_test(loads_beside_another_build),
        cmocka_unit_test(changes_models_all_the_time),
        cmocka_unit_test(guard_sees_the_plugin),
#ifdef __linux__
        cmocka_unit_test(calls_no_system),
#endif
    };
    if (argc != 4) return 2;
    binary = argv[1];
    plugin = host_load(binary);
    capture = argv[2];
    has_cabinets = strcmp(argv[3], "cabinets") == 0;
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
