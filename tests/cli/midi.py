# SPDX-License-Identifier: MIT
# midi.py - songs from MIDI files, against control tracks that say the same. Usage: midi.py WAVENET MAKE_MODEL
# Copyright (c) 2026 the wavenet authors
import array
import random
import struct

from common import bad, check, content, finish, good, model, path, read_npy, read_wav, run, write_file

RATE = 8000  # of the model "controls": key, gate, instrument {piano, flute, violin}, bend
GAIN = 10 ** (-6 / 20)


def variable(n):
    out = [n & 127]
    while n := n >> 7:
        out.insert(0, n & 127 | 128)
    return bytes(out)


def midi(name, events, division=500):
    """A file of format 0, in which a tick is a millisecond: events are (tick, bytes), in order."""
    track, now = b'', 0
    for tick, message in [*events, (events[-1][0] if events else 0, b'\xff\x2f\x00')]:
        track += variable(tick - now) + bytes(message)
        now = tick
    return write_file(name, b'MThd' + struct.pack('>IHHH', 6, 0, 1, division) + b'MTrk' + struct.pack('>I', len(track)) + track)


def render(song, *options, name='controls'):
    good('generate', '-m', model(name), '-o', path('song.npy'), '--midi-file', song, *options)
    shape, kind, values = read_npy(path('song.npy'))
    check(kind == '<f4' and len(shape) == 1, 'a mix is one channel of floats', kind, shape)
    return values


def takes(rows, voices, samples):
    """Each voice's samples for a control track."""
    track = write_file('track.csv', 'time,instrument,key,bend,gate\n' + '\n'.join(rows) + '\n')
    good('generate', '-m', model('controls'), '-o', path('takes.f32.wav'), '--bits', 'float', '--track', track, '--voices',
         voices, '--samples', samples)
    values = array.array('f')
    values.frombytes(read_wav(content(path('takes.f32.wav')))[4])
    return [values[v::voices] for v in range(voices)]


def mixed(samples, gain=GAIN):
    return array.array('f', [gain * x for x in samples])


def check_one_note():
    song = midi('one.mid', [(100, b'\xc0\x49'), (100, b'\x90\x45\x50'), (300, b'\xe0\x00\x60'), (500, b'\x80\x45\x00')])
    got = render(song)
    check(len(got) == RATE // 2 + RATE, 'song and a second', len(got))
    voice = takes(['0,,,,0', '0.1,flute,69,0,1', '0.3,,,100,', '0.5,,,,0'], 1, len(got))[0]
    silent = RATE // 10
    want = mixed([0.0] * silent + list(voice[silent:]))
    check(got == want, 'one note is not what a track of the same events gives')
    check(any(got[silent:]) and not any(got[:silent]), 'heard before its note, or never')
    check(render(song) == got, 'another run gives other samples')
    check(render(song, '--voices', 3) == got, 'idle voices are heard')
    check(render(song, '--threads', 3) == got, 'threads change the mix')
    check(render(song, '--mix-gain', 0) == array.array('f', [0.0] * silent) + voice[silent:], '--mix-gain 0')
    check(render(song, '--seconds', 0.25) == got[:RATE // 4], '--seconds')
    check(render(song, '--seed', 1) != got, '--seed changes nothing')


def check_overlap():
    """Two notes at once, the second by voice 1, which draws random numbers of its own."""
    song = midi('two.mid', [(0, b'\x90\x3c\x50'), (200, b'\x40\x50'), (400, b'\x3c\x00'), (600, b'\x40\x00')])
    got = render(song)
    first = takes(['0,,,,0', '0,piano,60,0,1', '0.4,,,,0'], 2, len(got))[0]
    second = takes(['0,,,,0', '0.2,piano,64,0,1', '0.6,,,,0'], 2, len(got))[1]
    start = RATE // 5
    want = mixed([x + (second[t] if t >= start else 0.0) for t, x in enumerate(first)])
    check(got == want, 'overlapping notes are not the sum of their voices')


def check_random():
    dice = random.Random(1)
    events = []
    for tick in sorted(dice.randrange(10000) for _ in range(1000)):
        channel, a, b = dice.randrange(16), dice.randrange(128), dice.randrange(128)
        kind = dice.choice((0x80, 0x90, 0x90, 0x90, 0xb0, 0xc0, 0xe0))
        if kind == 0xb0:
            a = dice.choice((64, 120, 121, 123, 7))
        events.append((tick, bytes([kind | channel, a] + ([] if kind == 0xc0 else [b]))))
    song = midi('random.mid', events)
    got = render(song, '--seconds', 3)
    check(got == render(song, '--seconds', 3, '--threads', 2), 'a thousand events: two runs differ')
    _, _, err = run('generate', '-m', model('controls'), '-o', path('r.wav'), '--midi-file', song, '--seconds', 0.1)
    for words in ('of channel 10, the drums, are left out', "outside the model's keys, 21 to 108", 'are cut short'):
        check(words in err, words, 'is not said in', err)


def check_refused():
    song, drums = midi('good.mid', [(0, b'\x90\x3c\x50')]), midi('drums.mid', [(0, b'\x99\x24\x50')])
    base = ('generate', '-m', model('controls'), '-o', path('no.wav'), '--midi-file')
    bad('no.mid', *base, path('no.mid'))
    bad('ends here: 0x3c; a status byte was expected', *base, midi('status.mid', [(0, b'\x3c\x50')]))
    bad('MThd', *base, write_file('text.mid', 'no song'))
    bad('no notes that the model could play', *base, midi('empty.mid', []))
    code, _, err = run(*base, drums)
    check(code == 1 and 'no notes' in err, 'only drums', code, err)
    bad("no control 'key'", 'generate', '-m', model('tiny'), '-o', path('no.wav'), '--midi-file', song)
    bad('is an input file, too', 'generate', '-m', model('controls'), '-o', song, '--midi-file', song)
    for options in (('--track', 'x.csv'), ('--prime', 'x.wav'), ('--voices', 65), ('--voices', 0), ('--mix-gain', 'nan'),
                    ('--mix-gain', 61)):
        bad('', *base, song, *options, code=2)
    bad('--mix-gain needs', 'generate', '-m', model('controls'), '-o', path('no.wav'), '--mix-gain', 0, code=2)


check_one_note()
check_overlap()
check_random()
check_refused()
finish()
