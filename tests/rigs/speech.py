# SPDX-License-Identifier: MIT
# speech.py - speech that is played while it is made is what goes into a file, and a microphone is vocoded in time.
# Usage: speech.py WAVENET MAKE_MODEL COMMON JACK_TAP MODELS (the folder of the shipped models)
# Copyright (c) 2026 the wavenet authors
import math
import os
import re
import sys
import time

from rig import Jack, Show  # first: it finds common
from common import check, content, finish, good, in_time, path
from sound import equal_frames, floats, place

MODELS, AUDIO = sys.argv[5], os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../audio')
FIRST_SOUND = 300  # milliseconds from the command to the ear, at most
SPEECH = os.path.join(MODELS, 'speech')
SAY = ('say', '--from-phones', os.path.join(AUDIO, 'said.phones'), '-m', os.path.join(MODELS, 'voice'), '--vocoder', SPEECH)
VOCODE = ('vocode', SPEECH, os.path.join(AUDIO, 'heldout.flac'))
LIVE_SECONDS = 6


def check_played(jack, args, first_sound):
    what = f'{args[0]} at {jack.rate} Hz'
    tap = jack.tap('loudspeaker', 60)
    show = Show(*args, '-d', 'loudspeaker', environment=jack.environment)
    code = show.end()
    tap.end()
    check(code == 0 and 'was late' not in show.said(), what, code, show.said())
    good(*args, '-o', path('offline.f32'))
    want, heard = content(path('offline.f32')), tap.heard()
    start = place(heard, want[4 * 2000:4 * 2300]) - 2000
    check(start >= 0, what, 'the sound is not there')
    same = equal_frames(want, heard[4 * max(start, 0):])
    check(same == len(want) // 4, what, 'heard', same, 'of', len(want) // 4)
    first = re.search(r'first sound after (\d+) ms', show.said())
    check(first, what, show.said())
    if first:
        print(f'{what}: first sound after {first[1]} ms')
        check(not first_sound or int(first[1]) <= first_sound, what, 'first sound after', first[1])


def levels(samples, rate):
    """Of 50 ms each, in dB, not below -60."""
    n = rate // 20
    return [max(-60, 10 * math.log10(sum(x * x for x in samples[t:t + n]) / n + 1e-9)) for t in range(0, len(samples) - n, n)]


def likeness(a, b):
    """The correlation coefficient of two lists of the same length."""
    ma, mb = sum(a) / len(a), sum(b) / len(b)
    top = sum((x - ma) * (y - mb) for x, y in zip(a, b))
    return top / math.sqrt(sum((x - ma) ** 2 for x in a) * sum((y - mb) ** 2 for y in b) + 1e-9)


def check_microphone(jack):
    """What is vocoded rises and falls as what was spoken into the microphone did, some time before."""
    what = f'microphone at {jack.rate} Hz'
    good(*SAY, '-o', path('spoken.f32'))
    source = content(path('spoken.f32'))
    tap = jack.tap('headset', 30, plays=source)
    show = Show('vocode', SPEECH, '--input', 'headset', '--device', 'headset', environment=jack.environment)
    time.sleep(LIVE_SECONDS)
    show.stop()
    code = show.end(30)
    tap.end()
    said = show.said()
    check(code == 0 and 'latency' in said and 'missing' not in said and 'was late' not in said, what, code, said)
    sent, heard = levels(floats(source), jack.rate), levels(floats(tap.heard()), jack.rate)
    best = max((likeness(sent[:60], heard[lag:lag + 60]), lag) for lag in range(len(heard) - 60))
    print(f'{what}: levels agree to {best[0]:.2f}, {50 * best[1]} ms after the start')
    check(best[0] > 0.8, what, 'does not follow what was spoken', best)


def perform(rate, first_sound):
    with Jack(rate, 128) as jack:
        check_played(jack, SAY, first_sound)
        check_played(jack, VOCODE, 0)
        check_microphone(jack)


in_time(perform, 16000, FIRST_SOUND)
finish()
