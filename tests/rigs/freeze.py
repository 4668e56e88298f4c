# SPDX-License-Identifier: MIT
# freeze.py - stops one thread of a program for a while, as an overloaded machine does.
# Copyright (c) 2026 the wavenet authors
import ctypes
import os
import time

SEIZE, INTERRUPT, DETACH, WALL = 0x4206, 0x4207, 17, 0x40000000  # ptrace(2), waitpid(2)
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
LIBC.ptrace.restype = ctypes.c_long


def processor_time(pid, thread):
    with open(f'/proc/{pid}/task/{thread}/stat') as f:
        fields = f.read().rpartition(')')[2].split()
    return int(fields[11]) + int(fields[12])


def busiest_thread(pid, seconds=0.5):
    """The thread that works most: in a player the one that makes the sound."""
    before = {int(t): processor_time(pid, t) for t in os.listdir(f'/proc/{pid}/task')}
    time.sleep(seconds)
    return max(before, key=lambda t: processor_time(pid, t) - before[t])


def freeze(thread, seconds):
    """False where tracing is not allowed. Only the one thread stops; the others go on."""
    if LIBC.ptrace(SEIZE, thread, None, None):
        return False
    try:
        if LIBC.ptrace(INTERRUPT, thread, None, None):
            return False
        os.waitpid(thread, WALL)
        time.sleep(seconds)
        return True
    finally:
        LIBC.ptrace(DETACH, thread, None, None)
