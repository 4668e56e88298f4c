#!/bin/sh
# SPDX-License-Identifier: MIT
# symbols.sh - every global symbol of the libraries starts with wn_, and the first library needs only libm, jansson and kissfft.
# Copyright (c) 2026 the wavenet authors
# Usage: symbols.sh SHARED_LIBRARY ARCHIVE...
set -eu
shared=$1
failed=0

names() { nm --defined-only "$@" 2>/dev/null | awk 'NF >= 3 && $2 ~ /^[A-TV-Z]$/ { print $3 }' | sort -u; }

complain() { # file, names
    [ -z "$2" ] && return 0
    echo "$1 exports names that do not start with wn_:" $2
    failed=1
}

# Sanitizers and the linker add symbols of their own, which start with two underscores or are the linker's marks.
others() { grep -Ev '^(wn_|__|_init$|_fini$|_edata$|_end$|_bss_start$|DW\.ref)' || true; }

for archive; do
    [ "$archive" = "$shared" ] && continue
    complain "$archive" "$(names -g "$archive" | others)"
done
complain "$shared" "$(names -D "$shared" | others)"

for name in wn_model_load wn_plan_new wn_stream_run wn_generator_run wn_processor_run; do
    names -D "$shared" | grep -qx "$name" || { echo "$shared does not export $name"; failed=1; }
done
# What is not in the public header stays inside the shared library.
for name in wn_arena_new wn_kernels_c; do
    names -D "$shared" | grep -qx "$name" && { echo "$shared exports $name, which is internal"; failed=1; }
done

extra=$(readelf -d "$shared" | awk '/NEEDED/ { gsub(/[][]/, "", $5); print $5 }' | grep -Ev '^(libc|libm|libjansson|libkissfft-float|ld-linux)[.-]' || true)
[ -z "$extra" ] || { echo "$shared needs more than libc, libm, jansson and kissfft:" $extra; failed=1; }
echo "$(names -D "$shared" | grep -c '^wn_') names exported"
exit $failed
