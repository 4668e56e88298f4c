#!/bin/sh
# SPDX-License-Identifier: MIT
# install.sh - install into an empty folder; a C and a C++ program find the library through pkg-config, link and run.
# Copyright (c) 2026 the wavenet authors
# Usage: install.sh BUILD PREFIX
set -eu
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/stage$2

DESTDIR=$work/stage meson install -C "$build" --no-rebuild --quiet >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
folder=$(dirname "$(find "$work/stage" -name wavenet.pc)")
[ -n "$folder" ] || { echo "no wavenet.pc was installed"; exit 1; }

cat >"$work/program.c" <<'END'
#include <stdio.h>
#include <wavenet/wavenet.h>

int main(void) {
    wn_model *model;
    wn_error error;
    if (wn_model_load(&model, "there/is/no/such/file", &error) == WN_OK) return 1;
    printf("%s: %s\n", wn_version(), error.message);
    wn_model_free(model);
    return error.message[0] == 0;
}
END
cp "$work/program.c" "$work/program.cc"

export LD_LIBRARY_PATH="$(dirname "$folder")"

flags() { PKG_CONFIG_PATH=$folder pkg-config --define-variable=prefix="$prefix" "$@"; }

try() { # what, compiler and arguments
    what=$1
    shift
    "$@" -o "$work/program" $(flags --libs wavenet) || { echo "$what: does not link"; exit 1; }
    "$work/program" || { echo "$what: does not run"; exit 1; }
}

try C cc -std=c99 $(flags --cflags wavenet) "$work/program.c"
try C++ c++ -std=c++11 $(flags --cflags wavenet) "$work/program.cc"

# An embedder of the first library links nothing of the second's.
flags --libs wavenet | grep -Eq 'fftw|sndfile|cairo|popt|soxr|portaudio|rtmidi' && { echo "wavenet.pc asks for too much: $(flags --libs wavenet)"; exit 1; }
[ "$(PKG_CONFIG_PATH=$folder pkg-config --modversion wavenet)" = "$("$work/program" | sed 's/:.*//')" ] || { echo "wavenet.pc and wn_version disagree"; exit 1; }
if [ -f "$folder/wavenet-audio.pc" ]; then
    cat >"$work/audio.c" <<'END'
#include <wavenet/audio.h>
#include <wavenet/wavenet.h>

int main(void) { return wn_version()[0] == 0; }
END
    cc -std=c99 $(flags --cflags wavenet-audio) "$work/audio.c" -o "$work/program" $(flags --libs wavenet-audio)
    "$work/program"
fi

# The installed command runs, and knows the models installed beside it.
"$prefix/bin/wavenet" --version
(cd "$work" && "$prefix/bin/wavenet" list | grep -q '^notes ') || { echo "the installed command does not find its models by name"; exit 1; }
for model in notes speech voice; do "$prefix/bin/wavenet" info "$prefix/share/wavenet/models/$model" >"$work/log"; done
for file in share/doc/wavenet/docs/commands.md include/wavenet/wavenet.h share/doc/wavenet/LICENSE share/man/man1/wavenet.1; do
    [ -f "$prefix/$file" ] || { echo "$file was not installed"; exit 1; }
done

# Every link from an installed document to another file leads somewhere.
cd "$prefix/share/doc/wavenet"
find . -name '*.md' | while read -r document; do
    grep -oE '\]\([^)#: ]+[)#]' "$document" | sed 's/^](//; s/[)#]$//' | while read -r link; do
        [ -e "$(dirname "$document")/$link" ] || echo "$document: the link to $link leads nowhere"
    done
done >"$work/log"
[ ! -s "$work/log" ] || { cat "$work/log"; exit 1; }
