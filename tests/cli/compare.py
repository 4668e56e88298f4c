# SPDX-License-Identifier: MIT
# compare.py - figures of two recordings against plain arithmetic: values, delays, rates, lengths. Usage: compare.py WAVENET
# Copyright (c) 2026 the wavenet authors
import array
import json
import math
import random
import subprocess

from common import (FOLDER, MEMORY_NOISE, WAVENET, bad, cases, check, content, finish, good, npy, path, peak_kilobytes, run, wav,
                    write_file)

FLOAT = {'bits': 32, 'kind': 3}


def noise(n, seed, level=0.5):
    drawn = random.Random(seed)
    return array.array('f', [drawn.uniform(-level, level) for _ in range(n)])


def f32(name, values):
    return write_file(name + '.f32', array.array('f', values).tobytes())


def figures(a, b):
    """What the command is to say about two lists."""
    energy, error = sum(v * v for v in a), sum((v - w) ** 2 for v, w in zip(a, b))
    differences = [abs(v - w) for v, w in zip(a, b)]
    return {'level_a_db': 10 * math.log10(energy / len(a)), 'level_b_db': 10 * math.log10(sum(w * w for w in b) / len(b)),
            'peak_a': max(map(abs, a)), 'peak_b': max(map(abs, b)), 'error_db': 10 * math.log10(error / len(a)),
            'max_error': max(differences), 'max_error_at': differences.index(max(differences)), 'esr': error / energy,
            'snr_db': -10 * math.log10(error / energy)}


def compared(*args):
    return json.loads(good('compare', *args, '--json'))


def same(got, expected, what):
    for key, value in expected.items():
        check(math.isclose(got[key], value, rel_tol=1e-6), what, key, got[key], value)


def check_values():
    a, b = noise(10000, 1), noise(10000, 2, 0.1)
    b = array.array('f', [v + w for v, w in zip(a, b)])
    got = compared(f32('a', a), f32('b', b))
    same(got['total'], figures(a, b), 'mono')
    check(got['channels'] == [got['total']] and got['frames'] == 10000 and got['rate'] is None and 'delay' not in got, got)
    for other in (write_file('b.npy', npy((10000,), b)), write_file('b.wav', wav(b, 44100, **FLOAT))):
        check(compared(path('a.f32'), other)['total'] == got['total'], other, 'differs')
    check(compared(other, path('a.f32'))['rate'] == 44100, 'the rate of the one that has one')
    text = good('compare', path('a.f32'), path('b.f32'))
    words = dict(line.split('  ', 1) for line in text.replace('  at', 'at').splitlines())
    total = figures(a, b)
    check(words['ESR'].strip() == f'{total["esr"]:.4g}' and words['SNR'].strip() == f'{total["snr_db"]:.2f} dB', text)
    check(words['at sample'].strip() == str(total['max_error_at']), text)


def check_channels():
    parts = [noise(3000, seed) for seed in (1, 2, 3, 4)]
    a, b = [v for pair in zip(parts[0], parts[1]) for v in pair], [v for pair in zip(parts[2], parts[3]) for v in pair]
    got = compared(write_file('a2.wav', wav(a, 48000, 2, **FLOAT)), write_file('b2.npy', npy((3000, 2), b)))
    same(got['channels'][0], figures(parts[0], parts[2]), 'left')
    same(got['channels'][1], figures(parts[1], parts[3]), 'right')
    total = figures(a, b)
    total['max_error_at'] //= 2
    same(got['total'], total, 'both')
    lines = good('compare', path('a2.wav'), path('b2.npy')).splitlines()
    check(any(line.split() == ['channel', 'all', '1', '2'] for line in lines), lines)
    bad('1 channel; ', 'compare', path('a2.wav'), path('a.f32'))


def check_silence():
    a, zeros = path('a.f32'), f32('zeros', [0.0] * 10000)
    got = compared(a, a)['total']
    check(got['esr'] == 0 and got['max_error'] == 0 and got['snr_db'] is None and got['error_db'] is None, 'the same', got)
    text = good('compare', a, a)
    check('no error' in text and 'inf' not in text and 'nan' not in text, text)
    check(compared(a, zeros)['total']['esr'] == 1, 'silence instead of the reference is an ESR of 1')
    code, out, err = run('compare', zeros, a)
    check(code == 0 and 'silent' in err and 'none' in out and 'nan' not in out and 'inf' not in out, 'a silent reference', out, err)
    check(compared(zeros, a)['total']['esr'] is None, 'a silent reference has no ESR')
    check('nan' not in good('compare', zeros, zeros), 'silence and silence')


def check_lengths():
    a = noise(10000, 1)
    code, out, err = run('compare', path('a.f32'), f32('short', a[:9000]))
    check(code == 0 and 'a.f32: 1000 more samples' in err and '9000 samples' in out, 'lengths', out, err)
    got = compared(path('short.f32'), path('a.f32'))
    check((got['frames'], got['only_in_a'], got['only_in_b'], got['total']['esr']) == (9000, 0, 1000, 0), got)
    wave = [[0.5 * math.sin(2 * math.pi * 440 * t / rate) * math.sin(math.pi * t / rate) ** 2 for t in range(rate)]
            for rate in (48000, 44100)]
    code, out, err = run('compare', write_file('r48.wav', wav(wave[0], 48000, **FLOAT)),
                         write_file('r44.wav', wav(wave[1], 44100, **FLOAT)))
    check(code == 0 and 'r44.wav: resampled from 44100 to 48000 Hz' in err, 'rates', err)
    check(compared(path('r48.wav'), path('r44.wav'))['total']['esr'] < 1e-9, 'rates', out)


def check_align():
    sound = noise(30000, 5)
    a = f32('sound', sound)
    for delay in (1, 37, 5000, -1, -37, -5000):
        moved = [0.0] * delay + list(sound) if delay > 0 else sound[-delay:]
        got = compared(a, f32('moved', moved), '--align')
        check(got['delay'] == delay and got['total']['esr'] == 0, 'delay', delay, got)
        check(compared(a, path('moved.f32'))['total']['esr'] > 0.5, 'without --align')
    got = compared(a, f32('moved', [0.0] * 20 + [-v for v in sound]), '--align')
    check(got['delay'] == 20 and got['correlation'] < -0.99 and abs(got['total']['esr'] - 4) < 1e-6, 'upside down', got)
    check('upside down' in run('compare', a, path('moved.f32'), '--align')[2], 'upside down is not said')
    check('delay of B     20 samples' in good('compare', a, path('moved.f32'), '--align'), 'the delay is not said')
    silence = 1 << 20  # longer than the stretch that is looked at
    got = compared(f32('late', [0.0] * silence + list(sound)), f32('later', [0.0] * (silence + 11) + list(sound)), '--align')
    check(got['delay'] == 11 and got['total']['esr'] == 0, 'sound after long silence', got)
    hiss = [v * 3e-5 for v in noise(silence, 8)], [v * 3e-5 for v in noise(silence, 9)]
    got = compared(f32('late', hiss[0] + list(sound)), f32('later', hiss[1] + [0.0] * 11 + list(sound)), '--align')
    check(got['delay'] == 11, 'sound after long hiss', got)
    err = run('compare', f32('hiss', hiss[0][:9000]), f32('other', hiss[1][:9000]), '--align')[2]
    check('do not trust' in err, 'strangers are not said to be', err)
    left, right = noise(5000, 6), noise(5000, 7)
    stereo = [v for pair in zip(left, right) for v in pair]
    got = compared(write_file('s.wav', wav(stereo, 48000, 2, **FLOAT)),
                   write_file('s3.wav', wav([0.0] * 6 + stereo, 48000, 2, **FLOAT)), '--align')
    check(got['delay'] == 3 and got['total']['esr'] == 0, 'stereo', got)
    check(compared(path('zeros.f32'), a, '--align')['delay'] == 0, 'silence has no delay')


def check_streams():
    with open(path('s.wav'), 'rb') as source:
        done = subprocess.run([WAVENET, 'compare', path('s.wav'), '-'], stdin=source, capture_output=True)
    check(done.returncode == 0 and b'no error' in done.stdout, 'a stream', done)
    bad('cannot be', 'compare', '--align', path('s.wav'), '-')
    bad('both', 'compare', '-', '-')


def check_refusals():
    a = path('a.f32')
    bad('No such file', 'compare', a, path('none.wav'))
    bad('folder', 'compare', FOLDER, a)
    bad('is empty', 'compare', a, write_file('empty.wav', b''))
    bad('holds no samples', 'compare', a, write_file('none.wav', wav([])))
    bad('sample 3 is not a finite', 'compare', a, f32('nan', [0, 0, 0, math.nan]))
    bad('sample 1 is not a finite', 'compare', a, write_file('nan.npy', npy((3,), [0, math.inf, 0])))
    bad('float32', 'compare', a, write_file('ints.npy', npy((3,), [1, 2, 3], descr='<i4')))
    bad('2 arguments expected, 1 given', 'compare', a, code=2)
    bad("unexpected argument 'c'", 'compare', a, a, 'c', code=2)


def check_memory():
    for option in ([], ['--align']):
        peaks = []
        for seconds in (cases(20, 20), cases(120, 120)):
            for name in ('ma.wav', 'mb.wav'):
                write_file(name, wav([0, 500] * (24000 * seconds), 48000))
            peaks.append(peak_kilobytes('compare', path('ma.wav'), path('mb.wav'), *option))
        print(f'{option}: {peaks[0]} kB for {cases(20, 20)} seconds of sound, {peaks[1]} kB for {seconds}')
        check(0 < peaks[0] and 0 < peaks[1] <= peaks[0] + MEMORY_NOISE, 'memory grows with length:', peaks)


def main():
    for part in (check_values, check_channels, check_silence, check_lengths, check_align, check_streams, check_refusals,
                 check_memory):
        part()
    finish()


main()
