/* SPDX-License-Identifier: MIT
 * guard_rtsan.c - guard.h by RealtimeSanitizer: any call that may block ends the program with words.
 * Copyright (c) 2026 the wavenet authors */
#include "guard.h"

void __rtsan_realtime_enter(void);
void __rtsan_realtime_exit(void);

void guard_begin(void) { __rtsan_realtime_enter(); }

int guard_end(void)
{
    __rtsan_realtime_exit();
    return 0;
}
