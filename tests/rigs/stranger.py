# SPDX-License-Identifier: MIT
# stranger.py - docs/first-steps.md as a test: install, and every command of the page, within ten minutes. Runs with --long only.
# Usage: stranger.py WAVENET MAKE_MODEL COMMON JACK_TAP MODELS BUILD
# Copyright (c) 2026 the wavenet authors
import array
import glob
import json
import math
import os
import random
import shutil
import subprocess
import sys
import time

import rig  # first: it finds common
from common import FOLDER, check, content, finish, path, read_wav, skip, wav, write_file
from sound import equal_frames, floats, place

BUILD = sys.argv[6]
PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'docs', 'first-steps.md')
OVERDRIVE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'data', 'capture', 'overdrive.nam')
AMP = 'http://guitarix.sourceforge.net/plugins/gx_w20#w20'
RATE, BLOCK, LIMIT = 48000, 256, 600
FLOAT = {'bits': 32, 'kind': 3}
seconds = {}


def needs():
    if not os.environ.get('WN_TEST_LONG'):
        skip('a capture is trained, for some minutes; it runs with --long')
    if not shutil.which('lv2proc') or not shutil.which('lv2info'):
        skip('lv2proc or lv2info is not installed')
    if subprocess.run(['lv2info', AMP], capture_output=True).returncode:
        skip('guitarix-lv2 is not installed')


def step(name, command, out=None):
    """Run a line of the page in the folder of this test; its standard output and error."""
    with open(PAGE) as f:
        check(f'\n{command}\n' in f.read(), 'the page does not have the line', command)
    began = time.monotonic()
    done = subprocess.run(['bash', '-c', command], cwd=FOLDER, capture_output=True, timeout=LIMIT, env=rig.NO_DEVICES)
    said = done.stdout.decode() + done.stderr.decode(errors='replace')
    check(done.returncode == 0, command, '->', done.returncode, said)
    check(not out or os.path.exists(path(out)), command, 'wrote no', out)
    seconds[name] = time.monotonic() - began
    return said


def install():
    """Into an empty folder; its command is the only one on the path."""
    began = time.monotonic()
    done = subprocess.run(['meson', 'install', '-C', BUILD, '--no-rebuild', '--quiet', '--destdir', path('stage')], capture_output=True)
    check(done.returncode == 0, 'meson install', done.stderr.decode())
    found = glob.glob(os.path.join(path('stage'), '**', 'bin', 'wavenet'), recursive=True)
    check(len(found) == 1, 'installed commands', found)
    prefix = os.path.dirname(os.path.dirname(found[0]))
    libraries = {os.path.dirname(name) for name in glob.glob(os.path.join(prefix, '**', 'libwavenet*.so*'), recursive=True)}
    rig.NO_DEVICES.update(PATH=os.path.dirname(found[0]) + ':' + os.environ['PATH'], LD_LIBRARY_PATH=':'.join(libraries))
    rig.WAVENET = found[0]
    seconds['install'] = time.monotonic() - began


def take():
    """Eight seconds of plucked strings."""
    rng, n = random.Random(8), 8 * RATE
    out = [0.0] * n
    for start in range(0, n, RATE // 4):
        pitch, level = 82.4 * 2 ** (rng.randrange(30) / 12), rng.uniform(0.1, 0.4)
        for harmonic in (1, 2, 3, 5):
            turn, loss, size = 2 * math.pi * pitch * harmonic / RATE, math.exp(-5.0 * harmonic / RATE), level / harmonic
            for t in range(start, min(n, start + RATE // 4)):
                size *= loss
                out[t] += size * math.sin(turn * (t - start))
    return out


def energy(values):
    return sum(v * v for v in values)


def play_note(jack):
    """The page's line plays on the system's device; here the device is named."""
    began = time.monotonic()
    tap = jack.tap('loudspeaker', 30)
    show = rig.Show('play', 'notes', '--control', 'key=A4', '--seconds', 2, '-d', 'loudspeaker', environment=jack.environment)
    check(show.end(60) == 0, 'play', show.said())
    seconds['play'] = time.monotonic() - began
    heard = floats(tap.heard())
    check(max(map(abs, heard), default=0) > 0.05, 'the note is not heard')


def play_live(jack, amp):
    """A guitar goes through the capture and back; what is heard is what `process` makes of it."""
    began = time.monotonic()
    tap = jack.tap('guitar', 40, plays=array.array('f', take() + take()).tobytes())
    show = rig.Show('live', amp, '--input', 'guitar', '--output', 'guitar', '--seconds', 10, '--record-dry', path('dry.f32'),
                    '--record-wet', path('wet.f32'), environment=jack.environment)
    check(show.end(60) == 0, 'live', show.said())
    seconds['live'] = time.monotonic() - began
    heard, wet = tap.heard(), content(path('wet.f32'))
    check(place(heard, wet[4 * 5000:4 * 5300]) >= 0, 'what was heard is not what live made')
    done = subprocess.run([rig.WAVENET, 'process', amp, path('dry.f32'), '-o', path('offline.f32')], env=rig.NO_DEVICES, capture_output=True)
    check(done.returncode == 0, done.stderr.decode())
    same = equal_frames(content(path('offline.f32')), wet)
    check(same >= 9 * RATE, 'as offline', same, 'of', len(wet) // 4)


def main():
    needs()
    with rig.Jack(RATE, BLOCK) as jack:
        install()
        jack.environment.update({name: rig.NO_DEVICES[name] for name in ('PATH', 'LD_LIBRARY_PATH')})
        write_file('riff.wav', wav(take(), RATE, **FLOAT))
        write_file('cab.wav', wav([math.exp(-t / 60) * math.cos(0.4 * t) * 0.3 for t in range(2000)], RATE, **FLOAT))
        shutil.copy(OVERDRIVE, path('pedal.nam'))
        listed = step('list', 'wavenet list')
        check('notes' in listed and 'speech' in listed, listed)
        step('generate', 'wavenet generate notes flute.wav --control instrument=flute --control key=A4 --seconds 2', 'flute.wav')
        play_note(jack)
        step('process', 'wavenet process pedal.nam riff.wav --cab cab.wav driven.wav', 'driven.wav')
        step('signal', 'wavenet capture --signal test.wav', 'test.wav')
        step('record', f'lv2proc -i test.wav -o recorded.wav -c gain:0.5 {AMP}', 'recorded.wav')
        said = step('capture', 'wavenet capture test.wav recorded.wav -o my-amp.nam --steps 600', 'my-amp.nam')
        check('was a knob turned' not in said and 'late' not in said, 'a fault of the simulated amplifier', said)
        step('use', 'wavenet process pedal.nam my-amp.nam riff.wav --cab cab.wav amped.wav', 'amped.wav')
        play_live(jack, path('my-amp.nam'))
    stated = json.loads(content(path('my-amp.nam')))['metadata']['training']['validation_esr']
    subprocess.run(['lv2proc', '-i', path('riff.wav'), '-o', path('true.wav'), '-c', 'gain:0.5', AMP], capture_output=True)
    done = subprocess.run([rig.WAVENET, 'process', path('my-amp.nam'), path('riff.wav'), '-o', path('mine.wav')], env=rig.NO_DEVICES,
                          capture_output=True)
    check(done.returncode == 0, done.stderr.decode())
    found = json.loads(subprocess.run([rig.WAVENET, 'compare', path('true.wav'), path('mine.wav'), '--json'], env=rig.NO_DEVICES,
                                      capture_output=True).stdout)['total']['esr']
    check(stated < 0.1, 'ESR of the capture', stated)
    check(found < 0.1, 'ESR of a take that it has not seen', found)
    total = sum(seconds.values())
    print(', '.join(f'{name} {took:.1f} s' for name, took in seconds.items()))
    print(f'all: {total:.0f} s; ESR {stated:.4f}, of another take {found:.4f}')
    check(total < LIMIT, 'took', total, 's')
    finish()


main()
