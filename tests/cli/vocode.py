# SPDX-License-Identifier: MIT
# vocode.py - vocode is analyze, then generate; files and streams agree; pitch and length change as asked; bad input gets
# one line. Usage: vocode.py WAVENET MAKE_MODEL
# Copyright (c) 2026 the wavenet authors
import math
import os
import random
import subprocess

from common import (MEMORY_NOISE, NO_DEVICE, WAVENET, bad, check, content, finish, good, model, npy, path, peak_kilobytes,
                    read_npy, run, wav, write_file)

RATE, HOP, VOICING, PITCH = 16000, 80, 40, 41


def sound(seconds, seed=1):
    """Pulses at a pitch that glides, with noise between them."""
    random.seed(seed)
    phase, out = 0, []
    for t in range(round(seconds * RATE)):
        phase += 120 * 2 ** (0.2 * math.sin(2 * math.pi * t / RATE)) / RATE
        voiced = math.sin(2 * math.pi * t / RATE) > -0.5
        out.append(int(random.gauss(0, 300) + (9000 * math.exp(-20 * (phase % 1)) if voiced else 0)))
    return out


def rows_of(name):
    shape, _, flat = read_npy(name)
    return [list(flat[i * shape[1]:(i + 1) * shape[1]]) for i in range(shape[0])]


def samples_of(name):
    return content(path(name))


def vocoded(voice, name, out, *more):
    good('vocode', voice, name, '-o', path(out), *more)
    return samples_of(out)


def generated(voice, rows, out, samples, *more):
    write_file('rows.npy', npy((len(rows), len(rows[0])), sum(rows, [])))
    good('generate', '-m', voice, '--cond', path('rows.npy'), '-o', path(out), '--samples', samples, *more)
    return samples_of(out)


def check_is_both(voice, name, n):
    """The samples are those of the two commands that it stands for, in any precision, with its seed."""
    good('analyze', name, '-o', path('all.npy'), '--like', voice)
    rows = rows_of(path('all.npy'))
    for more in ([], ['--seed', 3, '--precision', 'int8'], ['--temperature', 0.2]):
        check(vocoded(voice, name, 'a.f32', *more) == generated(voice, rows, 'b.f32', n, *more), voice, more, 'differ')
    return rows


def check_shift(voice, name, rows, n):
    for row in rows:
        row[PITCH] += 3 / 12
    check(vocoded(voice, name, 'up.f32', '--pitch', '+3') == generated(voice, rows, 'b.f32', n), '--pitch +3 is not 3/12 octave')


def check_stretch(name, n):
    """Without context the rows of a stretched sound stand at j / stretch between those of the sound."""
    spoken = model('spoken')
    good('analyze', name, '-o', path('all.npy'), '--like', spoken)
    rows = rows_of(path('all.npy'))
    for stretch in (2, 0.5, 4, 0.25, 1.2):
        frames = len(vocoded(spoken, name, 'slow.f32', '--stretch', stretch)) // 4
        check(frames == int(n * stretch + 0.5), stretch, frames)
    for stretch in (0.5, 0.25):  # every second and every fourth row exactly
        picked = rows[::round(1 / stretch)]
        picked += [rows[-1]] * 2
        check(samples_of('slow.f32') and vocoded(spoken, name, 'slow.f32', '--stretch', stretch) ==
              generated(spoken, picked, 'b.f32', int(n * stretch + 0.5)), stretch, 'takes other rows')


def check_streams(voice, name):
    """A pipe gives the bits of the file, in and out."""
    whole = vocoded(voice, name, 'file.wav')
    with open(name, 'rb') as f:
        done = subprocess.run([WAVENET, 'vocode', voice, '-', '-o', '-'], stdin=f, capture_output=True, timeout=300)
    check(done.returncode == 0 and done.stdout[44:] == whole[44:], 'a stream gives other samples', done.stderr)


def check_bad(voice, name):
    out = ['-o', path('no.wav')]
    bad('is no vocoder', 'vocode', model('feedforward'), name, *out)
    bad('holds no parameters of analysis', 'vocode', model('mel'), name, *out)
    bad('is silent', 'vocode', voice, write_file('silent.wav', wav([0] * RATE)), *out)
    bad('399 samples are shorter than the window of 400', 'vocode', voice, write_file('short.wav', wav(sound(1)[:399])), *out)
    bad('finite', 'vocode', voice, write_file('nan.wav', wav([0.1] * 999 + [math.nan], bits=32, kind=3)), *out)
    bad('No such file', 'vocode', voice, path('absent.wav'), *out)
    bad('is an input file, too', 'vocode', voice, name, '-o', name)
    bad('--pitch is', 'vocode', voice, name, *out, '--pitch', 25, code=2)
    bad('--pitch is', 'vocode', voice, name, *out, '--pitch', 'nan', code=2)
    bad('--stretch is', 'vocode', voice, name, *out, '--stretch', 0, code=2)
    bad('--temperature is', 'vocode', voice, name, *out, '--temperature', -1, code=2)
    bad('IN.wav is missing', 'vocode', voice, *out, code=2)
    bad('', 'vocode', code=2)
    bad('-o OUT.wav is missing', 'vocode', voice, name, '--raw', code=2)
    bad('--device, --rate and --buffer are for playing', 'vocode', voice, name, *out, '--device', 'x', code=2)
    bad('instead of IN.wav', 'vocode', voice, name, '--input', 'x', code=2)
    bad('--stretch needs IN.wav', 'vocode', voice, '--stretch', 2, code=2)
    bad('--buffer is', 'vocode', voice, name, '--buffer', -1, code=2)
    for recording in ([name], []):
        bad('no sound device of this number or name', 'vocode', voice, *recording, '--device', 'no such device', env=NO_DEVICE)
    check(not os.path.exists(path('no.wav')), 'a failure left a file')


def check_other_sounds(voice):
    name = write_file('stereo.wav', wav([x for x in sound(0.5) for _ in 'lr'], rate=44100, channels=2))
    code, _, err = run('vocode', voice, name, '-o', path('stereo.out.wav'))
    check(code == 0 and '2 channels mixed down' in err and 'resampled from 44100 to 16000 Hz' in err, err)
    name = write_file('cut.wav', wav(sound(0.5))[:-2000])
    code, _, err = run('vocode', voice, name, '-o', path('cut.out.wav'))
    check(code == 0 and 'cut.wav: the header says' in err, 'a file that was cut short', err)


def check_memory(voice):
    short, long = (write_file(f'{n}.wav', wav(sound(0.5) * n)) for n in (4, 60))
    peaks = [peak_kilobytes('vocode', voice, name, '-o', path('peak.wav')) for name in (short, long)]
    check(peaks[1] < peaks[0] + MEMORY_NOISE, 'kilobytes', peaks)


voice = model('voice')
pcm = sound(1.2)[:19133]
name = write_file('in.wav', wav(pcm))
rows = check_is_both(voice, name, len(pcm))
check_shift(voice, name, rows, len(pcm))
check_is_both(model('spoken'), name, len(pcm))
check_stretch(name, len(pcm))
check_streams(voice, name)
check_bad(voice, name)
check_other_sounds(voice)
check_memory(voice)
finish()
