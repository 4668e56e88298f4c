# SPDX-License-Identifier: MIT
# trouble.py - what players do when the machine is too slow, stops for a moment, or loses its sound device.
# Usage: trouble.py WAVENET MAKE_MODEL COMMON JACK_TAP MODELS (the folder of the shipped models)
# Copyright (c) 2026 the wavenet authors
import os
import signal
import time

from rig import Alsa, Jack, Show, model_at  # first: it finds common
from common import check, content, finish, good, path, read_wav
from freeze import busiest_thread, freeze
from sound import equal_frames, floats, largest_step, last_sound, place

RATE, BLOCK, TRIES = 48000, 256, 3
FADE = RATE // 50


def heavy(rate):
    """More multiply-accumulates a second than any processor makes."""
    wide = {'channels': 512, 'skip_channels': 512, 'dilations': [1, 2, 4, 8], 'kernel': 2}
    return model_at('tiny', rate, stacks=[wide])


def check_too_slow():
    """Refused at once, with the measured speed and what would fit; nothing is left of a recording."""
    rig = Alsa()
    show = Show('play', '-d', rig.device, '-m', heavy(192000), '--record', path('slow.wav'), environment=rig.environment)
    check(show.end(60) == 1, 'too slow: exit status', show.job.returncode)
    words = show.words[-1][1] if show.words else ''
    check('too slow to be played here' in words and 'x real time' in words and 'what would fit' in words, 'too slow', show.said())
    check(show.words and show.words[-1][0] < 10, 'too slow: said late', show.words)
    check(not os.path.exists(path('slow.wav')), 'too slow: a recording of nothing')


def gaps(want, heard):
    """What was heard, as pieces of what was made offline: the places of each in both, in frames. Between them: fades."""
    pieces, made, at, probe = [], 0, 0, 4 * 200
    while made + 200 < len(want) // 4:
        start = place(heard[4 * at:], want[4 * made:4 * made + probe])
        if start < 0:
            break
        at += start
        same = equal_frames(want[4 * made:], heard[4 * at:])
        pieces.append((made, at, same))
        made, at = made + same + FADE, at + same  # sound comes back with a fade
    return pieces


def perform_frozen(jack, args):
    """One take of which the thread that makes the sound is stopped twice, for longer than the sound that is kept ready. None
    where this system lets no program stop the threads of another."""
    tap = jack.tap(f'frozen{len(jack.taps)}', 20)
    show = Show('play', '-d', tap.name, '--json', '--latency', 100, '--record', path('frozen.f32'), *args,
                environment=jack.environment)
    show.until(lambda s: s.last().get('state') == 'playing')
    for _ in range(2):
        if not freeze(busiest_thread(show.job.pid), 0.7):
            show.stop()
            show.end()
            return None, None
        time.sleep(0.8)
    check(show.end() == 0, 'frozen', show.said())
    return show, tap.heard()


def check_frozen(jack):
    args = ('-m', model_at('controls', RATE), '--seconds', 8, '--seed', 3)
    good('generate', '-o', path('offline.f32'), *args)
    for _ in range(TRIES):  # the machine may stop it once more, by itself
        show, heard = perform_frozen(jack, args)
        if not show:
            print('note: this system lets no program stop the threads of another; underruns on purpose are not tried')
            return
        if show.last().get('underruns') == 2:
            break
    check_pieces(content(path('offline.f32')), heard, content(path('frozen.f32')), show)


def check_pieces(want, heard, recorded, show):
    last = show.last()
    underruns, missing = last.get('underruns', 0), last.get('missing', 0)
    pieces = gaps(want, heard)
    check(underruns == 2 and missing > RATE // 2, 'frozen: underruns', last)
    check(len(pieces) == underruns + 1, 'frozen: pieces', pieces, underruns)
    made, at, same = pieces[-1]
    check(made + same == len(want) // 4, 'frozen: the end is not heard', pieces)
    check((at - made) - (pieces[0][1] - pieces[0][0]) == missing, 'frozen: missing', pieces, missing)
    check(last.get('played') == len(want) // 4, 'frozen: played', last)
    check(last.get('wanted', 0) > 0.1 * 1.5 ** 2, 'frozen: no more is kept ready', last)
    check('sound was late' in show.said() and 'underruns, ' in show.said(), 'frozen: words', show.said())
    start = place(heard, want[:800])
    check(start >= 0 and heard[4 * start:4 * start + len(recorded)] == recorded, 'frozen: the recording is not what was heard')
    for (a, b, n), (c, d, _) in zip(pieces, pieces[1:]):
        check_gap(want, floats(heard[4 * (b + n - 1):4 * d]), c - FADE)
    print(f"{len(pieces) - 1} gaps of {missing / RATE:.2f} s in all, {1000 * last.get('wanted', 0):.0f} ms kept ready in the end")


def check_gap(want, gap, back):
    """From the last sample in a straight line to silence; then the sound from frame `back` on, fading in."""
    fall = gap[:FADE + 1]
    check(all(abs(x - gap[0] * (1 - i / FADE)) < 1e-4 for i, x in enumerate(fall)), 'frozen: what was heard does not die away')
    check(not any(gap[FADE + 1:len(gap) - FADE]), 'frozen: the gap is not silent')
    sound = floats(want[4 * back:4 * (back + FADE)])
    rise = gap[len(gap) - FADE:]
    check(all(abs(y - x * (i + 1) / FADE) < 1e-4 for i, (x, y) in enumerate(zip(sound, rise))), 'frozen: sound does not fade in')


def check_lost(number):
    """The server ends (SIGTERM) or dies (SIGKILL): said within seconds, and the recording is whole."""
    take = path('lost.wav')
    with Jack(RATE, BLOCK) as jack:
        tap = jack.tap('tap', 20)
        show = Show('play', '-d', 'tap', '--json', '-m', model_at('controls', RATE), '--record', take, '--bits', 'float',
                    environment=jack.environment)
        check(show.until(lambda s: s.last().get('played', 0) > RATE), 'lost: it does not play', show.said())
        ended = time.monotonic()
        jack.stop(number)
        code = show.end(20)
        took = time.monotonic() - ended
        tap.end()
    check(code == 1, 'lost: exit status', number, code, show.said())
    check(took < 3, 'lost: noticed late', number, took)
    check('the sound device is gone' in show.said(), 'lost: words', number, show.said())
    if check(os.path.exists(take), 'lost: no recording', number):
        kind, _, rate, _, data = read_wav(content(take))
        good('generate', '-m', model_at('controls', RATE), '--samples', max(len(data) // 4, 1), '-o', path('offline.f32'))
        check(kind == 3 and rate == RATE and len(data) > 4 * RATE and content(path('offline.f32')).startswith(data),
              'lost: the recording', number, rate, len(data))
        os.unlink(take)
    print(f'device lost ({signal.Signals(number).name}): {took:.1f} s')


def check_stopped(jack):
    """Ctrl-C: a fade, and all of it is recorded."""
    args = ('-m', model_at('controls', RATE))
    tap = jack.tap('stopped', 20)
    show = Show('play', '-d', 'stopped', '--record', path('stopped.f32'), '--json', *args, environment=jack.environment)
    check(show.until(lambda s: s.last().get('played', 0) > 0), 'stopped: it does not play', show.said())
    show.stop()
    check(show.end(5) == 0, 'stopped', show.said())
    heard, recorded = tap.heard(), content(path('stopped.f32'))
    good('generate', '-o', path('offline.f32'), '--samples', len(recorded) // 4, *args)
    want = content(path('offline.f32'))
    start, same = place(heard, want[:800]), equal_frames(want, recorded)
    check(start >= 0 and heard[4 * start:].startswith(recorded[:4 * (last_sound(recorded) + 1)]), 'stopped: heard and recorded')
    faded = floats(recorded[4 * same:])
    check(FADE - 2 <= last_sound(faded.tobytes()) + 1 <= FADE + 1, 'stopped: no fade of 20 ms', last_sound(faded.tobytes()))
    sound = floats(want[4 * same:])
    check(all(abs(x) <= abs(y) + 1e-6 for x, y in zip(faded, sound)), 'stopped: louder than the sound')
    check(largest_step(faded[FADE - 20:]) < 0.1, 'stopped: it clicks')


def check_rate(jack):
    """A server has one rate. Another that is asked for is refused with a line; a model of another is resampled, and it is said."""
    show = Show('play', '-d', 'tap', '--rate', 44100, '-m', model_at('controls', RATE), environment=jack.environment)
    code = show.end(20)
    check(code == 1 and len(show.words) == 1 and '44100 Hz' in show.said(), 'rate refused', code, show.said())
    show = Show('play', '-d', 'tap', '-m', model_at('tiny', 16000), '--seconds', 0.5, '--json', environment=jack.environment)
    check(show.end(20) == 0 and show.last().get('rate') == RATE, 'another rate', show.said(), show.last())
    check('16000' in show.said() and '48000' in show.said(), 'another rate: words', show.said())


def main():
    check_too_slow()
    with Jack(RATE, BLOCK) as jack:
        jack.tap('tap', 60)
        check_rate(jack)
        check_stopped(jack)
        check_frozen(jack)
    check_lost(signal.SIGTERM)
    check_lost(signal.SIGKILL)
    finish()


main()
