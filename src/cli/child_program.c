/* SPDX-License-Identifier: MIT
 * child_program.c - what another program says about a text: run without a shell, within a time limit.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/child_program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"

enum { NOT_FOUND = 127 }; /* exit status of a child whose program could not be started */

extern char **environ;

typedef struct child {
    const char *name, *hint;
    pid_t pid;
    int out; /* reads what it prints; -1: closed */
    double seconds, deadline;
} child;

static wn_status fail_missing(const child *c, int reason, wn_error *error)
{
    if (reason == ENOENT) return wn_fail(error, WN_ERROR_FILE, c->name, "the program is missing; %s", c->hint);
    return wn_fail(error, WN_ERROR_FILE, c->name, "cannot be started: %s; %s", strerror(reason), c->hint);
}

/* The input is a nameless file: a pipe would need a reader, or a signal would end this process. */
static FILE *input_file(const char *input)
{
    FILE *file = tmpfile();
    if (!file) return NULL;
    if (fputs(input, file) >= 0 && fflush(file) == 0 && fseek(file, 0, SEEK_SET) == 0) return file;
    fclose(file);
    return NULL;
}

/* A process group of its own: Ctrl-C is for this command, and what the program starts in turn ends with it. */
static int spawn_in_group(child *c, const char *const *argv, const posix_spawn_file_actions_t *actions)
{
    posix_spawnattr_t attributes;
    int failed = posix_spawnattr_init(&attributes);
    if (failed) return failed;
    failed = posix_spawnattr_setpgroup(&attributes, 0);
    if (!failed) failed = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    if (!failed) failed = posix_spawnp(&c->pid, argv[0], actions, &attributes, (char *const *)argv, environ);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

/* Start it with `in` as its input and `ends` [2] as the pipe of its output. Returns 0 or the reason why not. */
static int spawn(child *c, const char *const *argv, int in, const int ends[2])
{
    posix_spawn_file_actions_t actions;
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed) return failed;
    failed = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    if (!failed) failed = posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    if (!failed) failed = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (!failed) failed = spawn_in_group(c, argv, &actions);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static wn_status child_start(child *c, const char *const *argv, const char *input, wn_error *error)
{
    int ends[2];
    FILE *file = input_file(input);
    if (!file) return wn_fail(error, WN_ERROR_FILE, c->name, "cannot write its input: %s", strerror(errno));
    if (pipe(ends)) {
        fclose(file);
        return wn_fail(error, WN_ERROR_FILE, c->name, "no pipe for its output: %s", strerror(errno));
    }
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    int failed = spawn(c, argv, fileno(file), ends);
    fclose(file);
    close(ends[1]);
    c->out = ends[0];
    if (!failed) return WN_OK;
    c->pid = 0;
    return fail_missing(c, failed, error);
}

static wn_status fail_late(const child *c, wn_error *error)
{
    return wn_fail(error, WN_ERROR_FILE, c->name, "did not finish within %.0f s and was killed", c->seconds);
}

/* Wait for more output: WN_OK also at its end. */
static wn_status child_wait_output(const child *c, wn_error *error)
{
    struct pollfd poller = {.fd = c->out, .events = POLLIN};
    for (;;) {
        double left = c->deadline - wn_clock_seconds();
        if (left <= 0) return fail_late(c, error);
        int ready = poll(&poller, 1, (int)(left * 1000) + 1);
        if (ready > 0) return WN_OK;
        if (ready < 0 && errno != EINTR)
            return wn_fail(error, WN_ERROR_FILE, c->name, "cannot read its output: %s", strerror(errno));
    }
}

static wn_status child_read(const child *c, char *output, size_t size, wn_error *error)
{
    size_t n = 0;
    ssize_t got = 1;
    while (got) {
        wn_status status = child_wait_output(c, error);
        if (status) return status;
        got = read(c->out, output + n, size - n);
        if (got < 0 && errno != EINTR)
            return wn_fail(error, WN_ERROR_FILE, c->name, "cannot read its output: %s", strerror(errno));
        if (got > 0) n += (size_t)got;
        if (n == size) return wn_fail(error, WN_ERROR_FILE, c->name, "printed more than %zu bytes", size - 1);
    }
    output[n] = 0;
    if (memchr(output, 0, n)) return wn_fail(error, WN_ERROR_FORMAT, c->name, "printed a zero byte");
    return WN_OK;
}

/* Wait until it has ended: its exit status as waitpid gives it. It may close its output and go on. */
static wn_status child_wait_end(child *c, int *ended, wn_error *error)
{
    pid_t got;
    while ((got = waitpid(c->pid, ended, WNOHANG)) == 0 || (got < 0 && errno == EINTR)) {
        if (wn_clock_seconds() > c->deadline) return fail_late(c, error);
        wn_clock_sleep(0.001);
    }
    c->pid = 0;
    return got < 0 ? wn_fail(error, WN_ERROR_FILE, c->name, "was lost: %s", strerror(errno)) : WN_OK;
}

static void child_close(child *c)
{
    if (c->out >= 0) close(c->out);
    if (!c->pid) return;
    kill(-c->pid, SIGKILL);
    while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR) continue;
}

wn_status wn_child_run(char *output, size_t size, const char *const *argv, const char *input, double seconds,
                       const char *hint, wn_error *error)
{
    child c = {.name = argv[0], .hint = hint, .out = -1, .seconds = seconds, .deadline = wn_clock_seconds() + seconds};
    int ended = 0;
    wn_status status = child_start(&c, argv, input, error);
    if (!status) status = child_read(&c, output, size, error);
    if (!status) status = child_wait_end(&c, &ended, error);
    child_close(&c);
    if (status) return status;
    if (WIFSIGNALED(ended))
        return wn_fail(error, WN_ERROR_FILE, c.name, "was killed by signal %d before it had finished", WTERMSIG(ended));
    if (WEXITSTATUS(ended) == NOT_FOUND) return fail_missing(&c, ENOENT, error);
    if (WEXITSTATUS(ended))
        return wn_fail(error, WN_ERROR_FILE, c.name, "failed with exit status %d", WEXITSTATUS(ended));
    return WN_OK;
}
