/* SPDX-License-Identifier: MIT
 * test_sanitizer.c - RealtimeSanitizer finds nothing in what is marked WN_REALTIME, and what is planted for it.
 * Copyright (c) 2026 the wavenet authors
 *
 * Its runtime comes with clang from version 19 on; linked whole into a program of any compiler, it replaces what the system
 * may block in: memory, locks, files, threads, sleep. Without it there is nothing to see here. */
#include <stdio.h>

#if !WITH_RTSAN
int main(void)
{
    printf("skipped: no runtime of RealtimeSanitizer is installed (clang 19 and newer have it: libclang-rt-19-dev)\n");
    return 77;
}
#else
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analysing.h"
#include "base/fifo.h"
#include "callback.h"
#include "keyboard.h"
#include "playing.h"
#include "rig.h"

void __rtsan_init(void);
void __rtsan_realtime_enter(void);
void __rtsan_realtime_exit(void);

/* ---- what must be found ------------------------------------------------------------------------------------------------- */

static void plant_memory(void)
{
    void *volatile block = malloc(10);
    free(block);
}

static void plant_lock(void)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
}

static void plant_print(void)
{
    printf("a word\n");
    fflush(stdout);
}

static void plant_sleep(void) { usleep(1); }

/* ---- what must be clean --------------------------------------------------------------------------------------------------- */

static void play_engine(void)
{
    for (int i = 0; i < RIGS; i++) {
        rig r = rig_new(i);
        __rtsan_realtime_enter();
        rig_play(&r);
        __rtsan_realtime_exit();
        rig_free(&r);
    }
}

static void play_callbacks(void)
{
    for (int i = 0; i < CALLBACKS; i++) {
        callback *c = callback_new(i);
        __rtsan_realtime_enter();
        callback_play(c);
        __rtsan_realtime_exit();
        callback_free(c);
    }
}

static void play_player(void)
{
    for (int i = 0; i < PLAYINGS; i++) {
        playing *p = playing_new(i);
        do {
            __rtsan_realtime_enter();
            playing_run(p);
            __rtsan_realtime_exit();
        } while (playing_rest(p));
        playing_free(p);
    }
}

static void play_analysis(void)
{
    for (int i = 0; i < ANALYSINGS; i++) {
        analysing *a = analysing_new(i);
        if (!a) return;
        __rtsan_realtime_enter();
        analysing_play(a);
        __rtsan_realtime_exit();
        analysing_free(a);
    }
}

static const char *controls_model; /* path */

static void play_keyboard(void)
{
    for (int i = 0; i < KEYBOARDS; i++) {
        keyboard *k = keyboard_new(i, controls_model);
        __rtsan_realtime_enter();
        keyboard_play(k);
        __rtsan_realtime_exit();
        keyboard_free(k);
    }
}

static void play_ring(void)
{
    enum { ROOM = 100, LENGTH = 37 };
    wn_fifo *ring;
    float x[LENGTH] = {0};
    if (wn_fifo_new(&ring, ROOM, NULL)) exit(1);
    __rtsan_realtime_enter();
    for (size_t i = 0, n = 0; i < 3 * ROOM; i++) {
        n += wn_fifo_write(ring, x, 1 + i % LENGTH);
        n += wn_fifo_get_fill(ring) <= wn_fifo_get_capacity(ring);
        n += wn_fifo_read(ring, x, 1 + i * i % LENGTH);
    }
    __rtsan_realtime_exit();
    wn_fifo_free(ring);
}

/* ---- a child each, since the sanitizer ends the program ------------------------------------------------------------------- */

typedef struct section {
    const char *name;
    void (*run)(void);
    int planted;
} section;

static const section sections[] = {
    {"malloc", plant_memory, 1},    {"a mutex", plant_lock, 1},     {"printf", plant_print, 1},
    {"sleep", plant_sleep, 1},      {"the engine", play_engine, 0}, {"the ring", play_ring, 0},
    {"duplex", play_callbacks, 0},  {"the player", play_player, 0}, {"a keyboard", play_keyboard, 0},
    {"analysis", play_analysis, 0},
};

static void be_child(const section *s, int report)
{
    dup2(report, STDERR_FILENO);
    if (s->planted) __rtsan_realtime_enter();
    s->run();
    if (s->planted) __rtsan_realtime_exit();
    _exit(0);
}

/* What the sanitizer prints in the child goes to a file, as long as it may be. */
static int passes(const section *s)
{
    char text[16384];
    int status = 0;
    FILE *report = tmpfile();
    fflush(NULL);
    pid_t child = report ? fork() : -1;
    if (child < 0) return 0;
    if (child == 0) be_child(s, fileno(report));
    waitpid(child, &status, 0);
    rewind(report);
    text[fread(text, 1, sizeof text - 1, report)] = '\0';
    fclose(report);
    int found = strstr(text, "RealtimeSanitizer") || strstr(text, "Real-time violation"); /* newer, and clang 19 */
    int came_through = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    int right = s->planted ? found && !came_through : !found && came_through;
    printf("%s: %s\n", s->name, found ? "found" : came_through ? "clean" : "died");
    if (!right) printf("%s\n", text);
    return right;
}

int main(int argc, char **argv)
{
    int failed = 0;
    if (argc != 2) return 2;
    controls_model = argv[1];
    __rtsan_init();
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) failed += !passes(&sections[i]);
    printf("%d of %zu failed\n", failed, sizeof sections / sizeof *sections);
    return failed > 0;
}
#endif
