# SPDX-License-Identifier: MIT
# compare_speech.py - figures of compare --speech against numpy: STOI, mel bands, cepstra, pitch, regularity.
# Usage: compare_speech.py WAVENET MAKE_MODEL
# Copyright (c) 2026 the wavenet authors
import json
import os

from common import HERE, bad, check, finish, good, path, run, skip, wav, write_file

try:
    import numpy as np
    from mel_reference import mel_rows
except ImportError:
    skip('this Python has no numpy')

RATE = 16000
PARAMETERS = os.path.join(HERE, '..', 'data', 'analysis', 'speech.json')
EDGES = (80, 1000, 2500, 5000)


def to_file(name, x, rate=RATE):
    """Writes 32-bit floats; returns the name and the samples as they are read."""
    x = np.asarray(x, np.float32)
    return write_file(name + '.wav', wav(x.tolist(), rate, bits=32, kind=3)), x.astype(np.float64)


def compared(a, b):
    return json.loads(good('compare', '--speech', a, b, '--json'))


def pulses(hz, seconds, rate=RATE, top=7000):
    t = np.arange(round(seconds * rate)) / rate
    harmonics = range(1, int(top / hz) + 1)
    return 0.5 * sum(np.cos(2 * np.pi * h * hz * t) for h in harmonics) / len(harmonics)


def babble(seconds, rate, seed):
    """Noise in syllables with pauses."""
    drawn = np.random.default_rng(seed)
    n = round(seconds * rate)
    colour = np.convolve(drawn.standard_normal(n), np.exp(-np.arange(30) / 5), 'same')
    t = np.arange(n) / rate
    return 0.05 * colour * np.maximum(0, np.sin(2 * np.pi * 3 * t)) ** 2 * (np.sin(2 * np.pi * 0.7 * t) > -0.6)


# ---- STOI (Taal and others, 2011), straight from its equations ----------------------------------------------------------


def stoi(x, y, rate=10000):
    size, hop, length = 256, 128, 30
    hann = np.hanning(size + 2)[1:-1]
    starts = range(0, len(x) - size + 1, hop)
    xs, ys = (np.array([hann * z[i:i + size] for i in starts]) for z in (x, y))
    level = 20 * np.log10(np.linalg.norm(xs, axis=1) + np.finfo(float).eps)
    keep = level > level.max() - 40

    def third_octaves(frames):
        joined = np.zeros((len(frames) + 1) * hop)
        for i, frame in enumerate(frames):
            joined[i * hop:i * hop + size] += frame
        spectra = np.abs(np.fft.rfft([hann * joined[i * hop:i * hop + size] for i in range(len(frames))], 512)) ** 2
        hz = np.arange(257) * rate / 512
        bands = []
        for k in range(15):
            low, high = (np.argmin(np.abs(hz - 150 * 2 ** ((2 * k + s) / 6))) for s in (-1, 1))
            bands.append(np.sqrt(spectra[:, low:high].sum(1)))
        return np.array(bands)

    x, y = third_octaves(xs[keep]), third_octaves(ys[keep])
    found = []
    for m in range(length, x.shape[1] + 1):
        a, b = x[:, m - length:m], y[:, m - length:m]
        b = b * np.linalg.norm(a, axis=1, keepdims=True) / np.linalg.norm(b, axis=1, keepdims=True)
        b = np.minimum(b, a * (1 + 10 ** (15 / 20)))
        a, b = a - a.mean(1, keepdims=True), b - b.mean(1, keepdims=True)
        found.append((a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1))
    return np.mean(found)


def check_stoi():
    """At 10 kHz nothing is resampled for it."""
    name, x = to_file('clean', babble(3, 10000, 1), 10000)
    for seed, level in ((2, 0.005), (3, 0.05), (4, 0.3)):
        other, y = to_file('noisy', x + level * np.random.default_rng(seed).standard_normal(len(x)), 10000)
        wanted, got = stoi(x, y), compared(name, other)['stoi']
        check(abs(got - wanted) < 1e-6, 'STOI', got, wanted)
        check(0.1 < wanted < 0.999, 'STOI says something', wanted)
    check(compared(name, name)['stoi'] > 1 - 1e-9, 'STOI of itself')
    short, _ = to_file('tenth', x[:3000], 10000)
    check(compared(short, short)['stoi'] is None, 'STOI of less than 30 frames')


# ---- the rest -----------------------------------------------------------------------------------------------------------


def check_spectra():
    with open(PARAMETERS) as f:
        p = json.load(f) | {'mean': 0, 'std': 1}
    a, x = to_file('a', babble(2, RATE, 5) + 1e-4 * np.random.default_rng(6).standard_normal(2 * RATE))
    b, y = to_file('b', 0.5 * x + 0.002 * np.random.default_rng(7).standard_normal(len(x)))
    one, two = mel_rows(x, p), mel_rows(y, p)
    level = 10 * np.log10((10 ** (one / 10)).sum(1))
    speech = level >= level.max() - 45
    d = (one - two)[speech]
    cepstra = np.cos(np.pi * np.arange(1, 14)[:, None] * (np.arange(40) + 0.5) / 40) @ d.T * 2 / 40 * np.log(10) / 20
    mcd = 10 / np.log(10) * np.sqrt(2 * (cepstra ** 2).sum(0)).mean()
    got = compared(a, b)
    check(got['rows'] == 400 and got['speech_rows'] == speech.sum() and 0 < speech.sum() < 400, 'rows', got, speech.sum())
    check(abs(got['log_mel_db'] - np.abs(d).mean()) < 1e-3, 'log-mel', got['log_mel_db'], np.abs(d).mean())
    check(abs(got['mcd_db'] - mcd) < 1e-3, 'MCD', got['mcd_db'], mcd)


def check_pitch():
    a = pulses(150, 2)
    a[RATE:RATE * 3 // 2] = 0
    for cents, off in ((30, 0), (100, 1)):
        b = pulses(150 * 2 ** (cents / 1200), 2)
        b[RATE * 3 // 4:RATE * 3 // 2] = 0
        got = compared(to_file('a', a)[0], to_file('b', b)[0])
        check(abs(got['pitch_cents'] - cents) < 2, 'cents', got)
        check(abs(got['pitch_off'] - off) < 0.02, 'off', got)
        check(abs(got['voicing_error'] - 0.125) < 0.02, 'voicing', got)
        check(abs(got['voiced_rows'] - 250) < 8, 'voiced', got)


def period_correlations(x, hz):
    spectrum = np.fft.fft(x)
    frequency = np.fft.fftfreq(len(x), 1 / RATE)
    means = []
    for low, high in zip(EDGES, EDGES[1:]):
        z = np.fft.ifft(np.where((frequency >= low) & (frequency < high), 2 * spectrum, 0))
        found = []
        for t in np.nonzero(hz)[0]:
            period, best = RATE / hz[t], 0
            for lag in range(int(np.floor(period * 0.97)), int(np.ceil(period * 1.03)) + 1):
                first = t * 80 + 40 - (400 + lag) // 2
                if first >= 0 and first + lag + 400 <= len(x):
                    p, q = z[first:first + 400], z[first + lag:first + lag + 400]
                    best = max(best, abs(np.vdot(q, p)) / np.sqrt(np.vdot(p, p).real * np.vdot(q, q).real))
            found.append(best)
        means.append(np.mean(found))
    return np.array(means)


def check_periods():
    """The pitch is that of A. 32000 samples are a fast transform, so that numpy's is the same."""
    drawn = np.random.default_rng(8)
    a, x = to_file('a', pulses(123.4, 2) + 0.01 * drawn.standard_normal(32000))
    b, y = to_file('b', 0.1 * drawn.standard_normal(32000))
    good('analyze', a, '-o', path('rows.npy'), '--analysis', PARAMETERS)
    rows = np.load(path('rows.npy'))
    hz = np.where(rows[:, 40] > 0, 130 * 2 ** rows[:, 41], 0)
    got = compared(a, b)
    for key, sound in (('period_a', x), ('period_b', y)):
        wanted = period_correlations(sound, hz)
        check(np.abs(got[key] - wanted).max() < 1e-3, key, got[key], wanted)
    check(min(got['period_a']) > 0.8 and max(got['period_b']) < 0.4, 'pulses and noise', got)


def check_words():
    """The table says what the JSON says; other rates and lengths are noted."""
    a, b = to_file('a', pulses(120, 1))[0], to_file('b', pulses(120, 1.5, 32000), 32000)[0]
    code, out, err = run('compare', '--speech', a, b)
    check(code == 0 and 'resampled from 32000 to 16000 Hz' in err and '0.500 s more' in err, err)
    for words in ('log-mel distance', 'mel-cepstral distortion', 'STOI', 'period 80-1000 Hz', '1.000 s'):
        check(words in out, words, out)
    noise = to_file('n', 0.1 * np.random.default_rng(9).standard_normal(RATE))[0]
    check(compared(a, noise)['pitch_cents'] is None, 'no pitch in noise')
    bad('is silent', 'compare', '--speech', to_file('z', np.zeros(RATE))[0], a)
    bad('shorter than the window', 'compare', '--speech', to_file('s', pulses(120, 0.02))[0], a)
    bad('cannot be combined', 'compare', '--speech', '--align', a, b, code=2)
    bad('reads twice', 'compare', '--speech', '-', a)


check_stoi()
check_spectra()
check_pitch()
check_periods()
check_words()
finish()
