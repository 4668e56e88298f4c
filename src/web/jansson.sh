#!/bin/bash
# SPDX-License-Identifier: MIT
# jansson.sh - fetch the source of jansson into a folder, because the page compiles it for WebAssembly.
# Copyright (c) 2026 the wavenet authors
#
# Usage: src/web/jansson.sh [FOLDER]    default: build-jansson, where meson setup looks for it
# It asks the package servers that this Debian or Ubuntu is set up with, and changes nothing in its settings: their list is
# copied, with sources in the place of binaries. apt checks the signatures.
set -eu
cd "$(dirname "$0")/../.."
folder=${1:-build-jansson}
[ ! -f "$folder/src/load.c" ] || exit 0
command -v apt-get >/dev/null || { echo "jansson.sh: there is no apt-get; put the source of jansson into $folder" >&2; exit 1; }

apt=$(mktemp -d)
trap 'rm -rf "$apt"' EXIT
mkdir -p "$apt/sources" "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/source"
for list in /etc/apt/sources.list.d/*.sources; do
    [ ! -f "$list" ] || sed 's/^Types:.*/Types: deb-src/' "$list" >"$apt/sources/${list##*/}"
done
sed -n 's/^deb /deb-src /p' /etc/apt/sources.list /etc/apt/sources.list.d/*.list >"$apt/sources/all.list" 2>/dev/null || true
options=(-qq -o "Dir::Etc::SourceList=/dev/null" -o "Dir::Etc::SourceParts=$apt/sources" -o "Dir::State::Lists=$apt/lists"
    -o "Dir::Cache=$apt/cache" -o "APT::Sandbox::User=root")
# A server without sources, such as that of another vendor, is no reason to stop.
apt-get "${options[@]}" update >"$apt/log" 2>&1 || true
(cd "$apt/source" && apt-get "${options[@]}" source --download-only jansson) >>"$apt/log" 2>&1 || {
    tail -n 3 "$apt/log" >&2
    echo "jansson.sh: the source package jansson could not be fetched" >&2
    exit 1
}
mkdir -p "$folder"
tar -xf "$apt/source/"jansson_*.orig.tar.* -C "$folder" --strip-components=1
