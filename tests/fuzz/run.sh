#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh - run one libFuzzer target from its seeds for $WN_FUZZ_SECONDS (10). Usage: run.sh TARGET
# Copyright (c) 2026 the wavenet authors
set -eu
corpus=$(mktemp -d)
trap 'rm -rf "$corpus"' EXIT
"$1" --seeds "$corpus"
echo "$(ls "$corpus" | wc -l) seeds"
# What makes it fail is kept in the folder it runs in.
"$1" -max_total_time="${WN_FUZZ_SECONDS:-10}" -timeout=20 -rss_limit_mb=3072 -max_len=65536 -verbosity=1 \
    -print_final_stats=1 -artifact_prefix="$(basename "$1")-" "$corpus" 2>"$corpus.log" || {
    tail -n 60 "$corpus.log"
    rm -f "$corpus.log"
    exit 1
}
grep -E '^(Done|stat::number_of_executed_units|stat::peak_rss_mb)' "$corpus.log"
grep -E 'cov: ' "$corpus.log" | tail -n 1
rm -f "$corpus.log"
