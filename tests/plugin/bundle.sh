#!/bin/sh
# SPDX-License-Identifier: MIT
# bundle.sh - a bundle is valid for LV2's own checker, exports one symbol, needs no library but its own, and installs whole.
# Copyright (c) 2026 the wavenet authors
# Usage: bundle.sh BUILD BUNDLE BINARY URI FILE... (files that the installed bundle must have)
set -eu
build=$1 bundle=$2 binary=$3 uri=$4
shift 4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

exported=$(nm -D --defined-only "$bundle/$binary" | awk '{ print $3 }' | grep -Ev '^(__|_init$|_fini$|_edata$|_end$|_bss_start$)' || true)
[ "$exported" = lv2_descriptor ] || { echo "$binary exports: $exported"; failed=1; }

extra=$(readelf -d "$bundle/$binary" | awk '/NEEDED/ { gsub(/[][]/, "", $5); print $5 }' |
    grep -Ev '^(libc|libm|libpthread|libjansson|libkissfft-float|libsndfile|libsoxr|libasan|libubsan|libtsan|ld-linux)[.-]' || true)
[ -z "$extra" ] || { echo "$binary needs more than it should:" $extra; failed=1; }

DESTDIR=$work/stage meson install -C "$build" --no-rebuild --quiet --tags lv2 >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
installed=$(dirname "$(find "$work/stage" -path "*$(basename "$bundle")/manifest.ttl")")
for file in manifest.ttl "$binary" LICENSE LICENSES "$@"; do
    [ -f "$installed/$file" ] || { echo "$file is not in the installed bundle"; failed=1; }
done
[ $failed = 0 ] || exit 1

if ! command -v lv2_validate >/dev/null || ! command -v sord_validate >/dev/null; then
    echo "skipped: lv2_validate is not installed (lv2-dev, sordi)"
    exit 77
fi
lv2_validate "$installed"/*.ttl >"$work/log" 2>&1 || failed=1
grep -q 'Found 0 errors' "$work/log" || failed=1
[ $failed = 0 ] || cat "$work/log"

if command -v lv2info >/dev/null; then
    LV2_PATH=$(dirname "$installed"):/usr/lib/lv2 lv2info "$uri" >"$work/info" 2>"$work/log" || failed=1
    [ ! -s "$work/log" ] || { cat "$work/log"; failed=1; }
    grep -c '^	Port' "$work/info"
fi
exit $failed
