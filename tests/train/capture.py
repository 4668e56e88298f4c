# SPDX-License-Identifier: MIT
# capture.py - from two recordings to an amp capture: models/capture/recipe.json learns, and what comes of it is a .nam file
# that sounds as validation says. Usage: capture.py WAVENET RECIPE
# Copyright (c) 2026 the wavenet authors
import json
import math
import os
import random
import re
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'cli'))
from common import FOLDER, check, finish, good, path, run, wav, write_file  # noqa: E402

RATE, SECONDS = 48000, 3
STEPS = 30


def strings(n):
    """Plucked strings: decaying partials, one pluck every 200 ms."""
    rng = random.Random(1)
    out = [0.0] * n
    for start in range(0, n, RATE // 5):
        pitch = 82.4 * 2 ** (rng.randrange(36) / 12)
        for harmonic in range(1, 6):
            turn, loss, size = 2 * math.pi * pitch * harmonic / RATE, math.exp(-3.0 * harmonic / RATE), 0.3 / harmonic
            for t in range(start, min(n, start + RATE // 5)):
                size *= loss
                out[t] += size * math.sin(turn * (t - start))
    return out


def amplifier(dry):
    return [0.5 * math.tanh(4 * x) for x in dry]


def write_data():
    dry = strings(RATE * SECONDS)
    write_file('dry.wav', wav([round(32767 * x) for x in dry], RATE))
    write_file('wet.wav', wav([round(32767 * x) for x in amplifier(dry)], RATE))
    valid = RATE // 2
    write_file('clips.csv', 'audio,target,offset,frames,split\n'
               f'dry.wav,wet.wav,0,{len(dry) - valid},train\ndry.wav,wet.wav,{len(dry) - valid},{valid},valid\n')


def main():
    write_data()
    shutil.copy(sys.argv[2], path('recipe.json'))
    model, nam = path('capture.safetensors'), path('capture.nam')
    code, _, said = run('train', path('recipe.json'), '-o', model, '--steps', STEPS, '--threads', 2)
    check(code == 0, 'train', said)
    losses = [float(x) for x in re.findall(r'([0-9.]+) loss', said)]
    check(losses and losses[-1] < 0.45, 'silence would have a loss of 1', said)
    good('convert', model, nam)
    good('process', '-m', model, path('dry.wav'), '-o', path('native.wav'))
    good('process', '-m', nam, path('dry.wav'), '-o', path('nam.wav'))
    with open(path('native.wav'), 'rb') as a, open(path('nam.wav'), 'rb') as b:
        check(a.read() == b.read(), 'the .nam file sounds otherwise')
    found = json.loads(good('compare', path('wet.wav'), path('nam.wav'), '--json'))['total']
    check(found['esr'] < 0.7, 'nearer to the amplifier than silence is', found)
    check(os.path.exists(os.path.join(FOLDER, 'capture.safetensors.ckpt')), 'no checkpoint')
    print(said)
    print(f'{STEPS} steps: loss {losses[-1]}, ESR {found["esr"]:.3f}')
    finish()


main()
