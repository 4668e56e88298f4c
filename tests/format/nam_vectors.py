# SPDX-License-Identifier: MIT
# nam_vectors.py - captures through `wavenet process` against what another player made of them. Usage: nam_vectors.py WAVENET COMMON
# Copyright (c) 2026 the wavenet authors
import array
import os
import re
import sys

sys.path.insert(0, sys.argv[2])
from common import check, content, finish, good, path, skip  # noqa: E402

FOLDER = os.path.join(os.environ.get('WAVENET_VECTORS', ''), 'nam')
if not os.path.isdir(FOLDER):
    skip('WAVENET_VECTORS is not set to the folder of third-party reference cases')
BOUND = 5e-6  # of the reference's peak: what the other player's own float32 is worth


def floats(data):
    values = array.array('f')
    values.frombytes(data)
    if sys.byteorder == 'big':
        values.byteswap()
    return values


def compare(name):
    """One output of the other player; NAME_slimX.f32 is model NAME at --slim X."""
    model, slim = re.fullmatch(r'(.*?)(?:_slim([\d.]+))?\.f32', name).groups()
    options = ['--slim', slim] if slim else []
    outputs = []
    for block in (1, 16, 64, 256, 1000):
        good('process', '-m', os.path.join(FOLDER, model + '.nam'), os.path.join(FOLDER, 'input_48k.f32'),
             '-o', path('out.f32'), '--block', block, *options)
        outputs.append(content(path('out.f32')))
    check(all(o == outputs[0] for o in outputs), name, 'bits depend on the block')
    got, want = floats(outputs[0]), floats(content(os.path.join(FOLDER, name)))
    if not check(len(got) == len(want), name, 'has', len(got), 'samples,', len(want), 'were expected'):
        return
    worst = max(abs(a - b) for a, b in zip(got, want)) / max(map(abs, want))
    check(worst <= BOUND, f'{name}: {worst:.3g} of peak off, {BOUND:g} allowed')
    print(f'{name:30} {worst:.2g} of peak')


def main():
    names = sorted(n for n in os.listdir(FOLDER) if n.endswith('.f32') and n != 'input_48k.f32')
    check(len(names) >= 12, 'only', len(names), 'cases in', FOLDER)
    for name in names:
        compare(name)
    finish()


main()
