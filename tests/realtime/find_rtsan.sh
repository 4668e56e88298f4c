#!/bin/sh
# SPDX-License-Identifier: MIT
# find_rtsan.sh - prints where the runtime of RealtimeSanitizer is installed, or nothing. Usage: find_rtsan.sh CPU
# Copyright (c) 2026 the wavenet authors
#
# It is a package of its own: there need not be a clang that could be asked.
for folder in /usr/lib/llvm-*/lib/clang/*/lib /usr/lib/clang/*/lib /usr/lib64/clang/*/lib /usr/local/lib/clang/*/lib; do
    for file in "$folder/linux/libclang_rt.rtsan-$1.a" "$folder/$1"-*linux*/libclang_rt.rtsan.a; do
        [ -f "$file" ] && echo "$file" && exit 0
    done
done
exit 0
