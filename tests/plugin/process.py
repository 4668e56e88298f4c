# SPDX-License-Identifier: MIT
# process.py - WaveNet Amp gives the bits of wavenet process, for every capture at hand.
# Usage: process.py WAVENET MAKE_MODEL COMMON.py RENDER PLUGIN CAPTURE
# Copyright (c) 2026 the wavenet authors
import array
import glob
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.dirname(sys.argv[3]))
from common import check, content, finish, good, path, write_file  # noqa: E402

RENDER, PLUGIN, CAPTURE = sys.argv[4:7]
RATE, SECONDS = 48000, 0.5


def main():
    draw = random.Random(8)
    noise = write_file('in.f32', array.array('f', [draw.uniform(-0.5, 0.5) for _ in range(int(SECONDS * RATE))]).tobytes())
    vectors = os.environ.get('WAVENET_VECTORS')
    captures = [CAPTURE] + sorted(glob.glob(os.path.join(vectors, 'nam', 'wavenet*.nam')) if vectors else [])
    compared = 0
    for capture in captures:
        for gain in ('0', '4.5'):
            arguments = ['process', '-m', capture, noise, '-o', path('want.f32'), '--gain', gain]
            done = subprocess.run([RENDER, PLUGIN, capture, gain, noise, path('got.f32')], capture_output=True, text=True)
            if done.returncode:  # neither takes it
                refused = subprocess.run([sys.argv[1], *arguments], capture_output=True, text=True)
                check(refused.returncode, capture, 'is refused by the plug-in alone')
                continue
            good(*arguments)
            check(content(path('got.f32')) == content(path('want.f32')), capture, 'gain', gain, 'gives other samples')
            compared += 1
    check(compared >= 2, 'nothing was compared')
    print(f'{compared} comparisons')
    finish()


main()
