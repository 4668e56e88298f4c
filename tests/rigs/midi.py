# SPDX-License-Identifier: MIT
# midi.py - a model played from a keyboard, in real time: from key to sound, what messages do, and no note that hangs.
# Usage: midi.py WAVENET MAKE_MODEL COMMON JACK_TAP MODELS (the folder of the shipped models)
# Copyright (c) 2026 the wavenet authors
import os
import random
import statistics
import sys

from rig import Jack, Show  # first: it finds common
from common import Watch, check, finish, good, in_time
from sound import floats

NOTES = os.path.join(sys.argv[5], 'notes')
RATE, BLOCK = 48000, 256
LATENCY = 0.015
FLUTE, PIANO = 73, 0
HELD = 0.01    # what a note that is held is louder than


def on(key, velocity=100):
    return bytes([0x90, key, velocity])


def off(key):
    return bytes([0x80, key, 0])


def pedal(value):
    return bytes([0xb0, 64, value])


# ---- the score: (seconds, message), and what is to be heard when -----------------------------------------------------

KEYS = [(1.0 + 0.9 * i + 0.0007 * i, key) for i, key in enumerate((60, 67, 72, 64, 76, 69))]


def latency_part():
    """Single short notes, silence between them."""
    return [event for when, key in KEYS for event in ((when, on(key)), (when + 0.05, off(key)))]


def control_part(start):
    """A flute, which sounds as long as it is held: by its key, by the pedal, until all notes are to end."""
    events = [(0, bytes([0xc0, FLUTE])), (0.1, on(69)), (1.0, pedal(127)), (1.1, off(69)), (2.0, pedal(0)),  # rings out
              (3.2, on(72)), (4.0, bytes([0xb0, 123, 0])),
              (5.2, bytes([0xc0, PIANO])), (5.3, on(48, 0)), (5.4, b'\xf8'), (5.5, b'\x90\x30'), (5.6, b'\x30\x40\x50')]
    held = [(0.5, 0.9), (1.5, 1.9), (3.6, 3.9)]
    silent = [(2.9, 3.2), (4.9, 6.2)]
    return [(start + t, message) for t, message in events], [[(start + a, start + b) for a, b in spans] for spans in (held, silent)]


def storm_part(start, seconds, n):
    """Whatever a keyboard can send, and what it cannot; then every key and pedal goes up."""
    dice = random.Random(4)
    events = []
    for i in range(n):
        kind, channel = dice.choice((0x80, 0x80, 0x90, 0x90, 0x90, 0xb0, 0xc0, 0xe0)), dice.choice((0, 0, 1, 2, 9))
        number, value = dice.randrange(128), dice.randrange(128)
        if kind == 0xb0:
            number = dice.choice((64, 64, 1, 7, 120, 121, 123))
        message = bytes([kind | channel, number] + ([] if kind == 0xc0 else [value]))
        if dice.random() < 0.02:
            message = bytes(dice.randrange(256) for _ in range(dice.randrange(1, 4)))
            message = message if message[0] < 0xf0 else b'\x90'
        events.append((start + seconds * i / n, message))
    end = start + seconds
    for channel in range(16):
        events += [(end + 0.02 * channel + 0.0001 * key, bytes([0x80 | channel, key, 0])) for key in range(128)]
        events += [(end + 0.02 * channel + 0.015, bytes([0xb0 | channel, 64, 0])),
                   (end + 0.02 * channel + 0.016, bytes([0xc0 | channel, PIANO]))]
    return events


# ---- what was heard --------------------------------------------------------------------------------------------------

def loudest(heard, start, end):
    return max(map(abs, heard[int(start * RATE):int(end * RATE)]), default=0)


def onsets(heard):
    """Seconds from each key to its first sample that is not silence."""
    waits = []
    for when, key in KEYS:
        at = round(when * RATE)
        check(not any(heard[at - 400:at + 50]), f'key {key}: no silence before it')
        waits.append(next((n for n, x in enumerate(heard[at:at + RATE // 2]) if x), RATE) / RATE)
    return waits


def perform(jack, events, seconds):
    frames = sorted((round(when * RATE), message) for when, message in events)
    with Watch() as watch:
        tap = jack.tap('tap', seconds, events=frames)
        show = Show('play', '-m', NOTES, '--midi', '-d', 'tap', '--json', '--seconds', seconds + 30, environment=jack.environment)
        tap.job.wait(seconds + 40)  # when it has heard enough
        show.stop()
        show.end(30)
    facts = tap.end()
    check(facts.get('sent') == len(frames), 'not every event was sent', facts)
    return show, floats(tap.heard()), watch.worst


def check_latency(show, heard, stall):
    states = [line for _, line in show.lines if line.get('midi', {}).get('latency', {}).get('notes', 0) >= len(KEYS)]
    first = (states or [show.last()])[0]  # before the storm, in which notes wait for those they cut short
    told, waits = first['midi']['latency'], onsets(heard)
    print(f"key to sound at {RATE} Hz/{BLOCK}: heard after {1000 * min(waits):.1f} to {1000 * max(waits):.1f} ms, in the median "
          f"{1000 * statistics.median(waits):.1f}; told: {1000 * told['mean']:.1f} ms in the mean, {1000 * told['worst']:.1f} at "
          f"worst, of {told['notes']} notes; the machine was late by {1000 * stall:.1f} ms at worst")
    check(len(KEYS) <= told['notes'] <= len(KEYS) + 2, 'notes were not measured', told)
    check(0 < statistics.median(waits) < LATENCY, 'heard too late', waits)
    if first['underruns'] == 0:  # with each more is kept ready
        check(0 < told['mean'] < LATENCY, 'told to be too late', told)
        check(max(waits) < LATENCY, 'some heard too late', waits)


def check_live():
    controls, (held, silent) = control_part(7.0)
    storm, start, length = [], 14.0, 10.0
    storm = storm_part(start, length, 1000)
    events = latency_part() + controls + storm
    seconds = int(start + length + 4)
    with Jack(RATE, BLOCK) as jack:
        show, heard, stall = perform(jack, events, seconds)
    last = show.last()
    check(show.job.returncode == 0 and 'midi' in last, 'play --midi', show.said())
    check('plays what comes from tap:midi' in show.said(), show.said())
    check('x real time here' in show.said(), 'voices are not chosen', show.said())
    check_latency(show, heard, stall)
    for a, b in held:
        check(loudest(heard, a, b) > HELD, 'held, but silent', a, b)
    for a, b in silent:
        check(loudest(heard, a, b) < HELD / 10, 'ended, but heard', a, b, loudest(heard, a, b))
    midi = last['midi']
    check(loudest(heard, start, start + length) > HELD, 'no storm is heard')
    check(midi['playing'] == 0 and loudest(heard, seconds - 0.5, seconds) == 0, 'a note hangs', midi)
    check(midi['broken'] > 5 and midi['dropped'] == 0 and midi['notes'] > 200, midi)
    print(f"{midi['messages']} messages, {midi['broken']} of them broken; {midi['notes']} notes, {midi['stolen']} cut short, "
          f"{midi['left_out']} left out; {last['underruns']} underruns")


def check_listed():
    with Jack(RATE, BLOCK) as jack:
        jack.tap('keys', 60, events=[])
        text = good('devices', env=jack.environment)
        check('MIDI inputs\n    0 keys:midi (' in text, text)


check_listed()
in_time(check_live)
finish()
