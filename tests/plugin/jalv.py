# SPDX-License-Identifier: MIT
# jalv.py - the plug-ins in jalv, a host of others, on a JACK server without hardware: the samples of wavenet process, and notes
# that start on time.
# Usage: jalv.py WAVENET MAKE_MODEL COMMON JACK_TAP MODELS CAPTURE AMP_BUNDLE NOTES_BUNDLE
# Copyright (c) 2026 the wavenet authors
import array
import ctypes
import ctypes.util
import os
import random
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../rigs'))
from rig import Jack  # noqa: E402  first: it finds common
from common import check, content, finish, good, in_time, path, skip, write_file  # noqa: E402
from sound import equal_frames, first_sound, floats, place  # noqa: E402

CAPTURE, *BUNDLES = sys.argv[6:9]
RATE, BLOCK, SECONDS = 48000, 256, 4

STATE = '''@prefix atom: <http://lv2plug.in/ns/ext/atom#> .
@prefix lv2: <http://lv2plug.in/ns/lv2core#> .
@prefix pset: <http://lv2plug.in/ns/ext/presets#> .
@prefix state: <http://lv2plug.in/ns/ext/state#> .
<> a pset:Preset ;
    lv2:appliesTo <urn:wavenet:amp> ;
    lv2:port [ lv2:symbol "input_gain" ; pset:value 6.0 ] ;
    state:state [ <urn:wavenet:amp#model> "amp.nam"^^atom:Path ] .
'''


def make_session():
    """A folder with a state, the model beside it."""
    folder = path('session')
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, 'state.ttl'), 'w') as f:
        f.write(STATE)
    shutil.copy(CAPTURE, os.path.join(folder, 'amp.nam'))
    return folder


def connect(environment, pairs):
    """Connect ports of the server, each once it is there."""
    os.environ.update({name: environment[name] for name in ('JACK_DEFAULT_SERVER', 'JACK_NO_START_SERVER')})
    jack = ctypes.CDLL(ctypes.util.find_library('jack'))
    jack.jack_client_open.restype = ctypes.c_void_p
    client = ctypes.c_void_p(jack.jack_client_open(b'patchbay', 1, None))
    end = time.monotonic() + 20
    try:
        for source, to in pairs:
            while jack.jack_connect(client, source.encode(), to.encode()) != 0:
                if time.monotonic() > end:
                    return False
                time.sleep(0.05)
    finally:
        jack.jack_client_close(client)
    return True


def bundles():
    """A folder that a host finds both bundles in."""
    folder = path('bundles')
    if not os.path.exists(folder):
        os.makedirs(folder)
        for bundle in BUNDLES:
            os.symlink(bundle, os.path.join(folder, os.path.basename(bundle)))
    return folder


def play(jack, tap, pairs, *jalv):
    """Run jalv until the tap has heard enough; what it heard, and what jalv said."""
    environment = dict(jack.environment, LV2_PATH=f'{bundles()}:/usr/lib/lv2', QT_QPA_PLATFORM='offscreen')
    host = subprocess.Popen(['jalv', *jalv], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True)
    try:
        connected = connect(environment, pairs)
        if connected:
            tap.job.wait(SECONDS + 30)
        check(host.poll() is None, 'jalv has ended')
    finally:
        host.kill()
        said = host.communicate()[0]
    check(connected, 'jalv has no such ports', said)
    return tap.heard(), said


def play_amp():
    draw = random.Random(3)
    noise = array.array('f', [draw.uniform(-0.2, 0.2) for _ in range(SECONDS * RATE)]).tobytes()
    with Jack(RATE, BLOCK) as jack:
        heard, said = play(jack, jack.tap('guitar', SECONDS, plays=noise),
                           [('amp:out', 'guitar:in'), ('guitar:out', 'amp:in')],
                           '-l', make_session(), '-n', 'amp', '-x', 'urn:wavenet:amp')
    dry = write_file('dry.f32', noise)
    good('process', '-m', CAPTURE, dry, '-o', path('wet.f32'), '--gain', '6')
    want = content(path('wet.f32'))
    # Between the connections of its two sides, silence plays.
    start = place(heard, want[4 * 1000:4 * 1300]) - 1000
    check(start >= 0, 'the sound of the amplifier is not there', said)
    same = equal_frames(want, heard[4 * max(start, 0):])
    check(same >= RATE, 'as offline', same, 'of', len(want) // 4)
    print(f'{same} frames as wavenet process makes them, {start} frames late')


def play_notes():
    """A note after a second: silence before it, then its sound, two blocks and 10 ms of delay and attack later at most."""
    at = RATE + 77
    with Jack(RATE, BLOCK) as jack:
        heard, said = play(jack, jack.tap('keys', SECONDS, events=[(at, b'\x90\x3c\x64'), (3 * RATE, b'\x80\x3c\x00')]),
                           [('notes:out', 'keys:in'), ('keys:midi', 'notes:midi')],
                           '-n', 'notes', '-x', 'urn:wavenet:notes')
    begins, loudest = first_sound(heard), max(map(abs, floats(heard)), default=0)
    check(at <= begins <= at + 2 * BLOCK + 500, 'the note sounds at', begins, 'of', len(heard) // 4, said)
    check(0.02 < loudest < 1, 'loudest sample', loudest)
    print(f'a note, {begins - at} frames late')


def main():
    if not shutil.which('jalv'):
        skip('jalv is not installed')
    in_time(play_amp)
    in_time(play_notes)
    finish()


main()
