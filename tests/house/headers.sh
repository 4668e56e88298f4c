#!/bin/sh
# SPDX-License-Identifier: MIT
# headers.sh - every public header compiles alone, twice included, as C99 and as C++; every internal one alone as C11.
# Copyright (c) 2026 the wavenet authors
# Usage: headers.sh ROOT
set -eu
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0 count=0

alone() { # header as included, compiler and flags
    header=$1
    shift
    printf '#include "%s"\n#include "%s"\nint wn_alone;\n' "$header" "$header" >"$work/alone.c"
    count=$((count + 1))
    "$@" -Wall -Wextra -pedantic -Werror -fsyntax-only -I "$root/include" "$work/alone.c" || { echo "$header: not with $*"; failed=1; }
}

for path in "$root"/include/wavenet/*.h; do
    header=wavenet/$(basename "$path")
    alone "$header" cc -std=c99
    alone "$header" c++ -std=c++11 -x c++
done
# The kernels' other headers are bodies to be included by one file an instruction set, not interfaces.
for path in "$root/src/kernels/kernels.h" $(find "$root/src" -name '*.h' ! -path '*kernels*' | sort); do
    case $path in */src/plugin/*) pkg-config --exists lv2 || continue ;; esac # they need LV2's own
    alone "${path#"$root"/src/}" cc -std=c11 -D_POSIX_C_SOURCE=200809L -Wno-unused-function -I "$root/src" $(pkg-config --cflags cairo)
done
echo "$count compilations"
exit $failed
