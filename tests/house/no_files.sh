#!/bin/sh
# SPDX-License-Identifier: MIT
# no_files.sh - libwavenet without file access calls no function that opens, examines or names a file.
# Copyright (c) 2026 the wavenet authors
# Usage: no_files.sh SHARED_LIBRARY
set -eu
calls='f?d?open|freopen|open|openat|creat|l?f?stat|access|rename|unlink|remove|mkstemp|mkdir|opendir|realpath|readlink|fsync|chmod|utime'
names() { nm -D "$@" | awk '{ print $NF }' | sed 's/@.*//; s/64$//' | sort -u; }

names --undefined-only "$1" | grep -qx malloc || { echo "$1: nm shows no calls"; exit 1; }
names --defined-only "$1" | grep -qx wn_model_load_memory || { echo "$1 does not export wn_model_load_memory"; exit 1; }
found=$(names --undefined-only "$1" | grep -Ex "$calls" || true)
[ -z "$found" ] || { echo "$1 uses files:" $found; exit 1; }
echo "$(names --undefined-only "$1" | wc -l) functions called, none of files"
