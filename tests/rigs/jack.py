# SPDX-License-Identifier: MIT
# jack.py - playing in real time, on a JACK server without hardware: nothing late, every sample as offline.
# Usage: jack.py WAVENET MAKE_MODEL COMMON JACK_TAP MODELS (the folder of the shipped models)
# Copyright (c) 2026 the wavenet authors
import os
import sys

from rig import Jack, Show, Watch, model_at  # first: it finds common
from common import check, content, finish, good, path
from sound import equal_frames, floats, largest_step, last_sound, place

MODELS = sys.argv[5]
SECONDS = 20
TRIES = 3
STALL, SLOW = 0.1, 2  # seconds a machine may stop a program for, and x real time, below which it proves nothing


def check_heard(what, want, heard, rate):
    start = place(heard, want[:4 * 300])
    check(start >= 0 and not any(heard[:4 * max(start, 0)]), what, 'the sound does not begin')
    heard = heard[4 * max(start, 0):]
    same = equal_frames(want, heard)
    check(same == len(want) // 4, what, 'heard', same, 'of', len(want) // 4)
    tail = floats(heard[len(want) - 4:])
    check(largest_step(tail[:last_sound(tail.tobytes()) + 2]) <= 1.01 * abs(tail[0]) / (rate / 50), what, 'no fade at its end')


def perform(jack, args):
    """One take: the command's end, what was heard, and whether the machine was able to keep time at all."""
    tap = jack.tap('tap', SECONDS + 10)
    with Watch() as watch:
        show = Show('play', '-d', 'tap', '--json', *args, environment=jack.environment)
        show.end(SECONDS + 30)
    slowest = min((line.get('speed', 0) for _, line in show.lines[1:]), default=0)
    skipped = tap.end().get('skipped')
    print(f"play at {jack.rate} Hz/{jack.block}: {show.last().get('underruns')} underruns, {slowest:.1f} x real time or more; of the "
          f'machine: {1000 * watch.worst:.0f} ms late at worst, {jack.xruns()} xruns of the server, {skipped} frames skipped')
    return show, tap.heard(), watch.worst < STALL and slowest > SLOW


def check_play(jack, model, *options):
    """Nothing of ours is late. What the server says of itself is told, not judged."""
    what = f'play at {jack.rate} Hz/{jack.block}'
    args = ('-m', model, '--seconds', SECONDS, '--seed', 11, *options)
    good('generate', '-o', path('offline.f32'), *args)
    for _ in range(TRIES):  # a machine that stops programs for longer than the sound that is kept ready is tried again
        show, heard, steady = perform(jack, args)
        if steady or show.last().get('underruns') == 0:
            break
    last = show.last()
    check(show.job.returncode == 0, what, show.said())
    check(last.get('underruns') == 0 and last.get('missing') == 0, what, 'gaps', last)
    check(all('not JSON' not in line for _, line in show.lines), what, show.lines)
    check_heard(what, content(path('offline.f32')), heard, jack.rate)


def main():
    for rate, block, model in ((48000, 256, model_at('controls', 48000)), (16000, 128, os.path.join(MODELS, 'notes'))):
        with Jack(rate, block) as jack:
            check_play(jack, model)
    finish()


main()
