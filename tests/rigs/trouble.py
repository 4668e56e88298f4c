# SPDX-License-Identifier: MIT
# trouble.py - what players do when the machine is too slow, stops for a moment, or loses its sound device.
# Usage: trouble.py WAVENET MAKE_MODEL COMMON JACK_TAP MODELS (the folder of the shipped models)
# Copyright (c) 2026 the wavenet authors
import array
import math
import os
import shutil
import signal
import time

from rig import Alsa, Jack, Show, model_at  # first: it finds common
from common import check, content, finish, good, in_time, model, path, read_wav, write_file
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
    for _ in range(TRIES):  # the machine may stop it once more by itself, or the server
        xruns = jack.xruns()
        show, heard = perform_frozen(jack, args)
        if not show:
            print('note: this system lets no program stop the threads of another; underruns on purpose are not tried')
            return
        if show.last().get('underruns') == 2 and jack.xruns() == xruns:
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
    """The server ends (SIGTERM) or dies (SIGKILL): said within seconds by everything that plays, and the recordings are whole."""
    takes = {name: path(f'lost-{name}.wav') for name in ('play', 'dry', 'wet')}
    played, amp = model_at('controls', RATE), model('feedforward')
    with Jack(RATE, BLOCK) as jack:
        jack.tap('loudspeaker', 30)
        jack.tap('guitar', 30, plays=tone(20))
        shows = [Show('play', '-d', 'loudspeaker', '--json', '-m', played, '--record', takes['play'], '--bits', 'float',
                      environment=jack.environment),
                 Show('live', '--input', 'guitar', '--output', 'guitar', '--json', '-m', amp, '--record-dry', takes['dry'],
                      '--record-wet', takes['wet'], '--bits', 'float', environment=jack.environment)]
        for show, count in zip(shows, ('played', 'frames')):
            check(show.until(lambda s: s.last().get(count, 0) > RATE), 'lost: it does not play', show.said())
        lost = time.monotonic()
        jack.stop(number)
        for show in shows:
            check(show.end(20) == 1, 'lost: exit status', number, show.job.returncode, show.said())
            said = [show.began + at for at, words in show.words if 'the sound device is gone' in words]
            check(len(said) == 1, 'lost: words', number, show.said())
            took = (said or [math.inf])[0] - lost
            check(took < 4, 'lost: noticed late', number, took, show.args)
            print(f'device lost ({signal.Signals(number).name}): {took:.1f} s')
    sounds = {}
    for name, take in takes.items():
        if not check(os.path.exists(take), 'lost: no recording', number, name):
            return
        kind, _, rate, _, sounds[name] = read_wav(content(take))
        check(kind == 3 and rate == RATE and len(sounds[name]) > 4 * RATE, 'lost: recording', name, rate, len(sounds[name]))
        os.unlink(take)
    good('generate', '-m', played, '--samples', len(sounds['play']) // 4, '-o', path('offline.f32'))
    check(content(path('offline.f32')) == sounds['play'], 'lost: the recording is not what was played', number)
    good('process', '-m', amp, write_file('dry.f32', sounds['dry']), '-o', path('offline.f32'))
    check(content(path('offline.f32')) == sounds['wet'], 'lost: the recordings of live do not fit', number)


# ---- a model's file that changes ------------------------------------------------------------------------------------------

def tone(seconds):
    """A sound without edges of its own."""
    return array.array('f', (0.5 * math.sin(2 * math.pi * 440 * t / RATE) for t in range(int(seconds * RATE)))).tobytes()


def check_watch(jack):
    """A broken file in place of the model's changes nothing but a line of words; a good one fades in."""
    first, second, watched = model('feedforward', 1), model('feedforward', 2), path('watched.safetensors')
    shutil.copy(first, watched)
    dry, wet, tap = path('dry.f32'), path('wet.f32'), jack.tap(f'watch{len(jack.taps)}', 20, plays=tone(20))
    show = Show('live', '-m', watched, '--watch', '--input', tap.name, '--output', tap.name, '--json', '--record-dry', dry,
                '--record-wet', wet, environment=jack.environment)
    check(show.until(lambda s: s.last().get('frames', 0) > 0), 'watch: it does not play', show.said())
    os.replace(write_file('broken', content(second)[:300]), watched)
    check(show.until(lambda s: 'the old one stays' in s.said()), 'watch: a broken file', show.said())
    time.sleep(0.5)
    os.replace(shutil.copy(second, path('copy')), watched)
    check(show.until(lambda s: 'loaded again' in s.said()), 'watch: a good file', show.said())
    time.sleep(1)
    show.stop()
    check(show.end(10) == 0, 'watch', show.said())
    check(sum(watched in words for _, words in show.words) == 2, 'watch: one line each', show.said())
    heard = tap.heard()
    start = place(heard, content(wet)[4 * 1000:4 * 1300])
    check(start >= 0 and heard[4 * (start - 1000):].startswith(content(wet)), 'watch: the recording is not what was heard')
    check_handover(first, second, dry, content(wet))


def check_handover(first, second, dry, wet):
    sounds = []
    for name in (first, second):
        good('process', '-m', name, dry, '-o', path('offline.f32'))
        sounds.append(content(path('offline.f32')))
    until = equal_frames(sounds[0], wet)
    back = until + FADE + 100
    end = len(wet) // 4 - 2 * FADE
    check(RATE // 2 < until < end - RATE // 2, 'watch: the first model', until, end)
    check(sounds[1][4 * back:4 * end] == wet[4 * back:4 * end], 'watch: the second model after the fade', until, end)
    old, new, heard = (floats(x) for x in (*sounds, wet))
    step = max(largest_step(old), largest_step(new)) + max(abs(x - y) for x, y in zip(old, new)) / FADE
    check(largest_step(heard[until - 10:back]) <= 1.05 * step, 'watch: it clicks', largest_step(heard[until - 10:back]), step)
    print(f'watch: steps of up to {largest_step(heard[until - 10:back]):.4f} in the fade, {step:.4f} are expected')


# ---- what one asks for ----------------------------------------------------------------------------------------------------

def check_stopped(jack):
    """Ctrl-C: a fade, and all of it is recorded."""
    args = ('-m', model_at('controls', RATE))
    tap = jack.tap(f'stopped{len(jack.taps)}', 20)
    show = Show('play', '-d', tap.name, '--record', path('stopped.f32'), '--json', *args, environment=jack.environment)
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
    in_time(check_too_slow)
    with Jack(RATE, BLOCK) as jack:
        jack.tap('tap', 60)
        for part in (check_rate, check_stopped, check_frozen, check_watch):
            in_time(part, jack)
    in_time(check_lost, signal.SIGTERM)
    in_time(check_lost, signal.SIGKILL)
    finish()


main()
