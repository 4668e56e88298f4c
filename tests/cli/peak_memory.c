/* SPDX-License-Identifier: MIT
 * peak_memory.c - run a command and print its largest resident set. Usage: peak_memory COMMAND [ARGUMENT...]
 * Copyright (c) 2026 the wavenet authors
 *
 * Prints kilobytes on stdout and discards the command's own stdout. Exits with the status of the command, or with 127 if the
 * command did not start, was killed, or ran for more than ten minutes. The system's record of a child includes the memory
 * that its parent had before exec. This parent is small; a Python interpreter is larger than most commands measured here.
 * Libraries are not placed at random, where the system allows that: random placement changes the figure by up to 800 kB of
 * 10 MB, fixed placement by up to 250 kB. */
#define _DARWIN_C_SOURCE /* ru_maxrss */
#include <fcntl.h>
#include <stdio.h>
#ifdef __linux__
#include <sys/personality.h>
#endif
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED = 127, MAX_SECONDS = 600 };

int main(int argc, char **argv)
{
    if (argc < 2) return FAILED;
    pid_t child = fork();
    if (child < 0) return FAILED;
    if (child == 0) {
#ifdef __linux__
        int now = personality(0xffffffff);
        if (now >= 0) personality((unsigned long)now | ADDR_NO_RANDOMIZE);
#endif
        alarm(MAX_SECONDS); /* outlives exec */
        int nowhere = open("/dev/null", O_WRONLY);
        if (nowhere >= 0 && dup2(nowhere, STDOUT_FILENO) >= 0) execv(argv[1], argv + 1);
        _exit(FAILED);
    }
    int status;
    struct rusage used;
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return FAILED;
    if (getrusage(RUSAGE_CHILDREN, &used)) return FAILED;
#ifdef __APPLE__
    used.ru_maxrss /= 1024; /* bytes there */
#endif
    printf("%ld\n", used.ru_maxrss);
    return WEXITSTATUS(status);
}
