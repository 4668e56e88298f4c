/* SPDX-License-Identifier: MIT
 * peak_memory.c - run a command and print its largest resident set. Usage: peak_memory COMMAND [ARGUMENT...]
 * Copyright (c) 2026 the wavenet authors
 *
 * Prints kilobytes on stdout; the command's own stdout is discarded. Exits as the command does, or with 127 if that did not
 * start or was killed. The system's record of a child begins before exec, with the memory of its parent: this parent is small,
 * a Python interpreter is larger than what it would measure. Linux places libraries at random unless told otherwise, which
 * moves the figure by up to 800 kB (of 10 MB), and by 250 kB without. */
#include <fcntl.h>
#include <stdio.h>
#ifdef __linux__
#include <sys/personality.h>
#endif
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED = 127 };

int main(int argc, char **argv)
{
    if (argc < 2) return FAILED;
    pid_t child = fork();
    if (child < 0) return FAILED;
    if (child == 0) {
#ifdef __linux__
        personality(ADDR_NO_RANDOMIZE);
#endif
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
