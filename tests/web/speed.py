# SPDX-License-Identifier: MIT
# speed.py - how fast the page is: an A1 standard capture in the audio thread, one note of the instrument in a worker.
# Usage: speed.py WAVENET MAKE_MODEL COMMON.py CHROMIUM PAGE
# Copyright (c) 2026 the wavenet authors
#
# Each is measured twice over: by the clock, and by the processor time of the whole browser, which other programs do not use up.
# The second counts.
import base64
import json
import os
import random
import resource
import sys
import time

sys.path.insert(0, os.path.dirname(sys.argv[3]))
from chromium import Browser, Server  # noqa: E402
from common import check, finish, in_time, good, path, skip, write_file  # noqa: E402

CHROMIUM, PAGE = map(os.path.abspath, sys.argv[4:6])
RATE = 48000
AMP_SECONDS, NOTES_SECONDS, NATIVE_SECONDS = 20, 6, 60  # of sound
LEAST = {'A1 standard': 8.0, 'notes': 1.5}  # times real time
NATIVE = 3  # times as fast, at least, is the command on a processor that is fit for this
RELAXED, PLAIN = 'wavenet-relaxed_simd.wasm', 'wavenet-simd128.wasm'


def array_of(channels, inputs, heads, bias):
    return {'input_size': inputs, 'condition_size': 1, 'head_size': heads, 'channels': channels, 'kernel_size': 3,
            'dilations': [1 << i for i in range(10)], 'activation': 'Tanh', 'gated': False, 'head_bias': bias}


def count_weights(layers):
    """As many as a .nam file of these arrays has; the last is head_scale."""
    return 1 + sum(c['channels'] * c['input_size'] + len(c['dilations']) * c['channels'] * (4 * c['channels'] + 3) +
                   c['head_size'] * (c['channels'] + c['head_bias']) for c in layers)


def make_capture():
    """A capture of the size A1 standard with drawn weights: its speed is that of any other."""
    draw = random.Random(1)
    layers = [array_of(16, 1, 8, False), array_of(8, 16, 1, True)]
    weights = [draw.uniform(-0.3, 0.3) for _ in range(count_weights(layers))]
    return write_file('a1.nam', json.dumps({'version': '0.5.4', 'architecture': 'WaveNet', 'weights': weights, 'sample_rate': RATE,
                                            'config': {'layers': layers, 'head': None, 'head_scale': 0.02}}))


def native_speed(capture):
    """Times real time of the command's processor time."""
    sound = write_file('in.f32', bytes(4 * RATE * NATIVE_SECONDS))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    good('process', '-m', capture, sound, '-o', path('out.f32'))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return NATIVE_SECONDS / (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def measure(page, seconds, expression):
    """Times real time of `seconds` of sound: by the clock as the page says, and by processor time."""
    before = page.processor_seconds()
    took = page.value(expression)
    return seconds / took, seconds / (page.processor_seconds() - before)


def measure_page(page, module, capture):
    with open(capture, 'rb') as f:
        packed = base64.b64encode(f.read()).decode()
    page.value(f'''
        globalThis.noise = Float32Array.from({{ length: {AMP_SECONDS * RATE} }}, (_, i) => 0.3 * Math.sin(i * i * 1e-4));
        globalThis.runAmp = (n) => offlineAmp('{module}', '{packed}', noise.subarray(0, n), 0).then(({{ seconds }}) => seconds);
        globalThis.note = [[0, [0xc0, 0x49]], [160, [0x90, 69, 100]]];
        startWorker('{module}').then((worker) => {{
          globalThis.runNotes = async (seconds) => {{
            const began = performance.now();
            await worker.ask('renderNotes', {{ file: 'notes.safetensors', rate: {RATE}, voices: 1, frames: seconds * {RATE}, events: note }});
            return (performance.now() - began) / 1000;
          }};
        }})''')
    page.value(f'runAmp({RATE})')  # an engine compiles what runs often a second time, so the first sound is slow
    page.value('runNotes(1)')
    return {'A1 standard': measure(page, AMP_SECONDS, f'runAmp({AMP_SECONDS * RATE})'),
            'notes': measure(page, NOTES_SECONDS, f'runNotes({NOTES_SECONDS})')}


def check_speed(capture):
    native = native_speed(capture)
    with Server(PAGE) as server, Browser(CHROMIUM) as page:
        page.open(server.address + 'LICENSE.txt')  # a page that makes no sound of its own
        page.add_library()
        relaxed = page.value("import('./wavenet.js').then(({ chooseModule }) => chooseModule())") == RELAXED
        found = measure_page(page, RELAXED if relaxed else PLAIN, capture)
    said = [f'{name} {clock:.1f} × real time by the clock, {processor:.1f} by processor time' for name, (clock, processor) in found.items()]
    said = f"{'; '.join(said)}; the command {native:.0f}"
    slow = [name for name, (_, processor) in found.items() if processor < LEAST[name]]
    if slow and native < NATIVE * LEAST['A1 standard']:
        skip(f'this processor is slow: {said}')
    check(not slow, ' and '.join(slow), 'below', LEAST)
    print(said)


def main():
    in_time(check_speed, make_capture())
    finish()


main()
