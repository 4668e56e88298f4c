# SPDX-License-Identifier: MIT
# alsa.py - what devices made of files received is, bit for bit, what the offline commands write.
# Usage: alsa.py WAVENET MAKE_MODEL COMMON JACK_TAP MODELS [sanitized]      MODELS: the folder of the shipped models
# Copyright (c) 2026 the wavenet authors
#
# Such a device takes sound as fast as it comes, so a player must have all of it ready before it begins. A build with
# sanitizers is a hundred times slower: it leaves out the shipped models, which take the same way as the small ones here.
import array
import math
import os
import random
import re
import sys

from rig import Alsa, Show  # first: it finds common
from common import check, content, finish, good, model, path, read_wav, write_file
from sound import equal_frames, floats, largest_step, last_sound, mismatch, place

MODELS = sys.argv[5]
SANITIZED = sys.argv[6:] == ['sanitized']
ALL = ('--latency', 60000)  # milliseconds ready before the start: all there will be


def generated(*args):
    good('generate', '-o', path('offline.f32'), *args)
    return content(path('offline.f32'))


def played(*args):
    """What the device received, and what was recorded of it: the bytes of one side."""
    rig = Alsa()
    show = Show('play', '-d', rig.device, '--json', '--record', path('recorded.f32'), *ALL, *args, environment=rig.environment)
    code = show.end()
    check(code == 0, show.args, '->', code, show.said())
    left, right = rig.heard()
    check(left == right, show.args, 'the sides differ')
    last = show.last()
    check(last.get('underruns') == 0 and last.get('missing') == 0, show.args, 'gaps', last)
    return left, content(path('recorded.f32')), last


def from_start(got, want):
    """What the device received from the first sample on; before, PortAudio fills the device with silence."""
    start = place(got, want[:4 * 300])
    check(start >= 0 and not any(got[:4 * max(start, 0)]), 'the sound does not begin', start)
    return got[4 * max(start, 0):]


def check_same(what, want, got, recorded):
    """What was offline, then the last sample dies away in 20 ms, then silence."""
    got = from_start(got, want)
    same = equal_frames(want, got)
    check(same == len(want) // 4 and len(want) > 4000, what, 'heard', same, 'of', len(want) // 4)
    tail = floats(got[len(want) - 4:])
    check(largest_step(tail[:last_sound(tail.tobytes()) + 2]) <= 1.01 * abs(tail[0]) / 160, what, 'it does not fade at its end')
    check(recorded == got[:len(recorded)] and len(recorded) >= len(want), what, 'recorded', equal_frames(want, recorded))
    check(len(recorded) <= len(want) + 4 * 8192, what, 'the recording is too long', len(recorded), len(want))


def check_play(what, *args):
    got, recorded, last = played(*args)
    want = generated(*args)
    check_same(what, want, got, recorded)
    check(last.get('state') == 'ended' and last.get('made') == last.get('played') == len(want) // 4, what, 'counts', last)


def midi_song():
    """A scale with overlaps, in ticks of a millisecond."""
    events = [(0, b'\xc0\x49')]
    for i, key in enumerate((60, 62, 64, 65, 67, 69, 71, 72)):
        events += [(i * 150, bytes((0x90, key, 40 + 10 * i))), (i * 150 + 250, bytes((0x80, key, 0)))]
    track, now = b'', 0
    for tick, data in sorted(events, key=lambda e: e[0]):
        delta = tick - now
        track += (bytes((delta >> 7 | 128, delta & 127)) if delta > 127 else bytes((delta,))) + data
        now = tick
    track += b'\0\xff\x2f\0'
    return write_file('song.mid', b'MThd\0\0\0\6\0\0\0\1\1\xf4MTrk' + len(track).to_bytes(4, 'big') + track)


def check_recording():
    """A WAV file has a header that fits."""
    rig = Alsa()
    show = Show('play', '-d', rig.device, '-m', model('tiny'), '--seconds', 1, '--record', path('take.wav'), '--bits', 'float',
                *ALL, environment=rig.environment)
    check(show.end() == 0, 'a WAV recording', show.said())
    kind, channels, rate, bits, data = read_wav(content(path('take.wav')))
    check((kind, channels, rate, bits) == (3, 1, 8000, 32), 'the recording', kind, channels, rate, bits)
    check(len(data) >= 4 * 8000 and data[:4 * 8000] in rig.heard()[0], 'the WAV recording is not what was heard')


# ---- another rate ------------------------------------------------------------------------------------------------------

def check_rates():
    """A flute at 16 kHz on devices of other rates: the same sound, but for the resampler's error."""
    args = ('-m', os.path.join(MODELS, 'notes'), '--control', 'instrument=flute', '--control', 'key=67', '--seconds', 1.2)
    source = floats(generated(*args))
    for rate in (48000, 44100):
        got, recorded, _ = played(*args, '--rate', rate)
        got = from_start(got, recorded)
        samples, ratio = floats(got), rate / 16000
        points = range(rate // 2, rate, 509)
        # The converter is linear in phase: the delay is found between its shortest and longest, then within a sample.
        best = {d: mismatch(source, samples, ratio, d, points[:8]) for d in range(int(28 * ratio) + 4)}
        about = min(best, key=best.get)
        best = {about + d / 64: mismatch(source, samples, ratio, about + d / 64, points[:16]) for d in range(-40, 41)}
        delay = min(best, key=best.get)
        error = mismatch(source, samples, ratio, delay, points)
        print(f'{rate} Hz: {delay} samples late, difference {error:.1f} dB')
        check(error < -50, rate, 'Hz: the sound is not the same', error, delay)
        end = len(source) * ratio
        check(abs(len(recorded) // 4 - end) < 0.1 * rate, rate, 'Hz: length', len(recorded) // 4, end)
        check(recorded[:len(got)] == got[:len(recorded)], rate, 'Hz: the recording is not what was heard')


# ---- live ----------------------------------------------------------------------------------------------------------------

def performed(sent, *args):
    """What the device received, the recordings of what went in and came out, and the words."""
    rig = Alsa(sent)
    show = Show('live', '-m', model('feedforward'), '--input', rig.device, '--output', rig.device, '--json', '--record-dry',
                path('dry.wav'), '--record-wet', path('wet.wav'), '--bits', 'float', *args, environment=rig.environment)
    check(show.end() == 0, show.args, '->', show.said())
    heard, other = rig.heard()
    check(heard == other, 'live: the sides differ')
    dry, wet = (read_wav(content(path(name)))[4] for name in ('dry.wav', 'wet.wav'))
    return heard, dry, wet, show


def processed():
    good('process', '-m', model('feedforward'), path('dry.wav'), '-o', path('offline.wav'), '--bits', 'float')
    return read_wav(content(path('offline.wav')))[4]


def check_live():
    """Bit for bit what `process` makes of what was sent, but for the fade at the end."""
    draw = random.Random(1)
    sent = array.array('f', (draw.uniform(-0.5, 0.5) for _ in range(5 * 48000))).tobytes()
    heard, dry, wet, show = performed(sent, '--seconds', 2)
    check(sent.startswith(dry) and len(dry) == len(wet) > 4 * 2 * 48000, 'live: the dry recording', len(dry), len(wet))
    check(equal_frames(processed(), wet) >= 2 * 48000, 'live: the wet recording')
    heard = from_start(heard, wet)
    check(heard.startswith(wet) and last_sound(heard[len(wet):]) < 0, 'live: heard', equal_frames(heard, wet), len(wet) // 4)
    check(show.last().get('frames') == len(wet) // 4, 'live: counts', show.last())


def check_live_rate():
    """On a device of another rate it is what `process` makes of it, later by what is said."""
    rate, sent = 44100, array.array('f')
    for t in range(3 * rate):
        sent.append(0.2 * math.sin(0.05 * t) + 0.2 * math.sin(0.17 * t + 0.0000004 * t * t))
    _, dry, wet, show = performed(sent.tobytes(), '--seconds', 1, '--rate', rate)
    found = re.search(r'latency .* ([0-9.]+) ms of resampling', show.said())
    if not check(found is not None, 'live: what resampling adds is not said', show.said()):
        return
    want, got, points = floats(processed()), floats(wet), range(rate // 4, 3 * rate // 4, 509)
    best = {d / 8: mismatch(want, got, 1, d / 8, points[:8]) for d in range(8 * 100)}
    delay = min(best, key=best.get)
    error = mismatch(want, got, 1, delay, points)
    print(f'live at {rate} Hz: {delay} samples late, {float(found[1]) * rate / 1000:.1f} are said, difference {error:.1f} dB')
    check(abs(1000 * delay / rate - float(found[1])) < 0.06, 'live: later than is said', delay, found[0])
    check(error < -30, 'live: at another rate it is another sound', error)


def main():
    check_play('a Gaussian', '-m', model('tiny'), '--seconds', 3, '--seed', 5)
    check_play('classes and controls', '-m', model('controls'), '--seconds', 2, '--control', 'key=50', '--seed', 7)
    check_play('a song', '-m', model('controls'), '--midi-file', midi_song(), '--voices', 3)
    if not SANITIZED:
        check_play('notes', '-m', os.path.join(MODELS, 'notes'), '--seconds', 0.7, '--control', 'instrument=violin')
        check_play('a song of notes', '-m', os.path.join(MODELS, 'notes'), '--midi-file', midi_song(), '--seconds', 0.4)
        check_rates()
    check_recording()
    check_live()
    check_live_rate()
    finish()


main()
