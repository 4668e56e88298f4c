# SPDX-License-Identifier: MIT
# golden.py - the shipped models still render the bits that their cards name, with every kernel set that has FMA.
# Copyright (c) 2026 the wavenet authors
#
# Usage: golden.py WAVENET MODELS
#
# A golden rendering is our own output: it guards determinism, not truth. A card holds it in one line,
#     golden: wavenet generate -m notes ... -o golden.npy -> sha256 of golden.npy
import hashlib
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

LINE = re.compile(r'^golden: wavenet (generate .*) -> ([0-9a-f]{64})$', re.M)


def render(wavenet, models, arguments, kernels, folder):
    """The hash of what the command writes, or None where this machine lacks the kernels."""
    out = pathlib.Path(folder) / f'{kernels}.npy'
    words = [str(models / w) if (models / w).exists() and not w.startswith('-') else w for w in shlex.split(arguments)]
    words[words.index('golden.npy')] = str(out)
    done = subprocess.run([wavenet, *words, '--cpu', kernels], capture_output=True, text=True)
    if done.returncode and 'cannot run the kernel set' in done.stderr:
        return None
    if done.returncode:
        sys.exit(done.stderr)
    return hashlib.sha256(out.read_bytes()).hexdigest()


def main():
    wavenet, models = sys.argv[1], pathlib.Path(sys.argv[2])
    failed = 0
    for card in sorted(models.glob('*/README.md')):
        found = LINE.findall(card.read_text())
        if len(found) != 1:
            sys.exit(f'{card}: {len(found)} golden lines, expected one')
        arguments, expected = found[0]
        with tempfile.TemporaryDirectory() as folder:
            for kernels in ('avx2', 'avx512'):
                got = render(wavenet, models, arguments, kernels, folder)
                says = 'skipped: not on this machine' if got is None else 'ok' if got == expected else f'FAILED: {got}'
                print(f'{card.parent.name} {kernels}: {says}')
                failed += got not in (None, expected)
    sys.exit(failed > 0)


main()
