# SPDX-License-Identifier: MIT
# bits.py - the modules of the page in Node give the samples of the command: with relaxed SIMD those of processors with FMA,
# without it those of the kernel set portable. Usage: bits.py WAVENET MAKE_MODEL COMMON.py NODE WAVENET.js CAPTURE NOTES MODULE...
# Copyright (c) 2026 the wavenet authors
import array
import glob
import json
import os
import random
import struct
import subprocess
import sys

sys.path.insert(0, os.path.dirname(sys.argv[3]))
from common import check, content, finish, good, path, write_file  # noqa: E402

NODE, LIBRARY, CAPTURE, NOTES = sys.argv[4:8]
MODULES = sys.argv[8:]
HERE = os.path.dirname(os.path.abspath(__file__))
RATE, NOTES_RATE = 48000, 16000


def node_options():
    """Node 20 has relaxed SIMD behind an option, later ones have it without."""
    known = subprocess.run([NODE, '--v8-options'], capture_output=True, text=True).stdout
    return ['--experimental-wasm-relaxed-simd'] if '--experimental-wasm-relaxed-simd' in known else []


def render(module, **job):
    done = subprocess.run([NODE, *node_options(), os.path.join(HERE, 'render.mjs'), LIBRARY, module, json.dumps(job)],
                          capture_output=True, text=True)
    return done.stdout.strip() if check(done.returncode == 0, module, done.stderr.strip()[-2000:]) else None


def kernels_of(module):
    """The kernel set of the command that a module stands for."""
    if 'relaxed' not in module:
        return 'portable'
    here = good('--version').split()
    return next((name for name in ('avx512', 'avx2', 'neon') if name in here), 'c')


def variable(n):
    out = [n & 127]
    while n := n >> 7:
        out.insert(0, n & 127 | 128)
    return bytes(out)


def song(events):
    """A MIDI file whose ticks are samples of the model: 16000 to a second."""
    track, now = b'', 0
    for tick, message in [*events, (events[-1][0], b'\xff\x2f\x00')]:
        track += variable(tick - now) + bytes(message)
        now = tick
    return write_file('song.mid', b'MThd' + struct.pack('>IHHH', 6, 0, 1, 8000) + b'MTrk' + struct.pack('>I', len(track)) + track)


def compare_captures(module):
    draw = random.Random(4)
    n = round(0.5 * RATE)
    sound = write_file('in.f32', array.array('f', [draw.uniform(-0.5, 0.5) for _ in range(n)]).tobytes())
    vectors = os.environ.get('WAVENET_VECTORS')
    captures = [CAPTURE] + sorted(glob.glob(os.path.join(vectors, 'nam', 'wavenet_a1*.nam')) if vectors else [])
    for capture in captures:
        good('process', '-m', capture, sound, '-o', path('want.f32'), '--gain', '3', '--cpu', kernels_of(module))
        said = render(module, capture=os.path.abspath(capture), db=3, **{'in': sound, 'out': path('got.f32')})
        if said and 'relaxed' in said and 'fuses' not in said:
            print(f'{said}: this processor or this engine does not fuse; nothing is promised')
            return 0
        check(content(path('want.f32')) == content(path('got.f32')), said, capture, 'gives other samples')
    return len(captures)


def compare_notes(module):
    """Flute and piano, two voices, a bend: at the rate of the model."""
    events = [(0, b'\xc0\x49'), (160, b'\x90\x45\x64'), (1700, b'\xe0\x00\x50'), (3200, b'\xc0\x00'), (3203, b'\x90\x40\x70'),
              (6400, b'\x80\x45\x00'), (8000, b'\x80\x40\x00')]
    good('generate', '-m', NOTES, '--midi-file', song(events), '--voices', 2, '--mix-gain', 0, '-o', path('want.f32'),
         '--cpu', kernels_of(module))
    want = content(path('want.f32'))
    said = render(module, model=os.path.abspath(NOTES), rate=NOTES_RATE, voices=2, frames=len(want) // 4, out=path('got.f32'),
                  events=[[frame, list(message)] for frame, message in events])
    check(want == content(path('got.f32')), said, 'notes give other samples')
    check(max(map(abs, struct.unpack(f'<{len(want) // 4}f', want))) > 0.01, 'the notes are not heard')


def main():
    compared = 0
    for module in MODULES:
        found = compare_captures(module)
        if found:
            compare_notes(module)
        print(f'{os.path.basename(module)}: {found} captures and notes as with --cpu {kernels_of(module)}')
        compared += found
    check(compared, 'nothing was compared')
    finish()


main()
