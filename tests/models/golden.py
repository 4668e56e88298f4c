# SPDX-License-Identifier: MIT
# golden.py - the shipped models still render the bits that their cards name, with every kernel set that has FMA.
# Copyright (c) 2026 the wavenet authors
#
# Usage: golden.py WAVENET MODELS COMMON (the folder of common.py)
#
# A golden rendering is our own output: it guards determinism, not truth. The card of a generator holds two of them, each in one
# line,
#     golden: wavenet generate -m notes ... -o golden.npy -> sha256 of golden.npy
# The shorter is the beginning of the longer. The C reference, which every machine has, renders the shorter only: it takes
# a second for a thousand samples. The card of a network that does not generate holds one, of `wavenet forward`, which is short.
import hashlib
import pathlib
import re
import shlex
import sys

sys.path.insert(0, sys.argv[3])
from common import check, content, exact_sets, finish, good, path, read_npy  # noqa: E402

MODELS = pathlib.Path(sys.argv[2])
LINE = re.compile(r'^golden: wavenet ((?:generate|forward) .*) -> ([0-9a-f]{64})$', re.M)


def render(arguments, expected, kernels):
    """The samples that the command writes, checked against their hash."""
    words = [str(MODELS / w) if (MODELS / w).exists() and not w.startswith('-') else w for w in shlex.split(arguments)]
    words[words.index('golden.npy')] = path('golden.npy')
    good(*words, '--cpu', kernels)
    got = hashlib.sha256(content(path('golden.npy'))).hexdigest()
    check(got == expected, kernels, arguments, 'gives', got)
    return read_npy(path('golden.npy'))[2]


def seconds(arguments):
    words = shlex.split(arguments)
    return float(words[words.index('--seconds') + 1]) if '--seconds' in words else 0


def main():
    sets = exact_sets()
    for card in sorted(MODELS.glob('*/README.md')):
        found = sorted(LINE.findall(card.read_text()), key=lambda line: seconds(line[0]))
        wanted = 1 if found and found[0][0].startswith('forward') else 2
        if not check(len(found) == wanted, card, len(found), 'golden lines,', wanted, 'expected'):
            continue
        for kernels in sets:
            short = render(*found[0], kernels)
            check(any(short), card, 'the short rendering is silent')
            if kernels != 'c' and wanted == 2:
                check(render(*found[1], kernels)[:len(short)] == short, card, kernels, 'the short one is not its beginning')
        print(f"{card.parent.name}: {', '.join(sets)}")
    finish()


main()
