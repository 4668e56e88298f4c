# SPDX-License-Identifier: MIT
# meters.py - what the model cards' measurements share: classes, pitch, level, spectral distance, linear prediction.
# Copyright (c) 2026 the wavenet authors
import csv
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np
from scipy.special import log_ndtr

RATE = 16000
N_CLASSES = 256
SILENCE = N_CLASSES // 2


# ---- files

def read_takes(path):
    """float64 [channels][frames], -1 .. 1, of a 16-bit file."""
    with wave.open(str(path)) as f:
        if f.getsampwidth() != 2 or f.getframerate() != RATE:
            raise SystemExit(f"{path}: expected 16 bits, {RATE} Hz")
        pcm = np.frombuffer(f.readframes(f.getnframes()), "<i2")
        return pcm.reshape(-1, f.getnchannels()).T / 32768.0


def read_wav(path):
    """float64 [frames] of a mono file."""
    takes = read_takes(path)
    if len(takes) != 1:
        raise SystemExit(f"{path}: expected one channel")
    return takes[0]


def write_wav(path, x):
    with wave.open(str(path), "wb") as f:
        f.setnchannels(1)
        f.setsampwidth(2)
        f.setframerate(RATE)
        f.writeframes(np.round(np.clip(x, -1, 32767 / 32768) * 32768).astype("<i2").tobytes())


def read_csv(path):
    with open(path, newline="") as f:
        return list(csv.DictReader(f))


def run(*command):
    """Run a command; its stdout, or an exit that names it."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stderr.strip()}")
    return done.stdout


def read_bits(path):
    """[frames] bits of every sample, from the nats of all but the first that `wavenet score --per-sample` writes."""
    return np.concatenate([[0], np.load(path).reshape(-1) / np.log(2)])


def scratch():
    return tempfile.TemporaryDirectory(prefix="wavenet-measure-")


# ---- classes: mid-tread mu-law

def encode(x):
    f = np.sign(x) * np.log1p(255 * np.minimum(np.abs(x), 1)) / np.log(256)
    return SILENCE + np.round(f * (SILENCE - 1)).astype(int)


def expand(f):
    return np.sign(f) * (256.0 ** np.abs(f) - 1) / 255


def decode(k):
    return expand(np.clip((np.asarray(k) - SILENCE) / (SILENCE - 1), -1, 1))


def class_noise(x, sigma, seed=1):
    """The yardstick of spectral distance: x with Gaussian noise of `sigma` classes added to its classes."""
    noise = np.round(np.random.default_rng(seed).normal(0, sigma, len(x))).astype(int)
    return decode(np.clip(encode(x) + noise, 0, N_CLASSES - 1))


# ---- pitch

def yin(x, lowest=45.0, highest=2400.0, threshold=0.15):
    """(Hz, aperiodicity) of a whole stretch of sound by the YIN method; aperiodicity >= threshold: no clear pitch."""
    longest = int(RATE / lowest)
    window = len(x) - longest
    size = 1 << int(np.ceil(np.log2(len(x) + window)))
    spectrum = np.fft.rfft(x, size) * np.conj(np.fft.rfft(x[:window], size))
    energy = np.concatenate([[0], np.cumsum(x * x)])
    difference = energy[window] + energy[window:window + longest] - energy[:longest] - 2 * np.fft.irfft(spectrum, size)[:longest]
    difference[0] = 0
    normal = np.ones(longest)
    normal[1:] = difference[1:] * np.arange(1, longest) / np.maximum(np.cumsum(difference[1:]), 1e-20)
    first = int(RATE / highest)
    below = np.nonzero(normal[first:-1] < threshold)[0]
    t = first + (below[0] if len(below) else int(np.argmin(normal[first:-1])))
    while t + 1 < longest - 1 and normal[t + 1] < normal[t]:
        t += 1
    a, b, c = difference[t - 1:t + 2]
    bend = a - 2 * b + c
    return RATE / (t + (0.5 * (a - c) / bend if bend > 0 else 0)), normal[t]


def key_hz(key):
    return 440.0 * 2 ** ((key - 69) / 12)


def cents(hz, reference):
    return 1200 * np.log2(hz / reference)


# ---- level

def envelope(x, window, hop):
    """RMS [frames] over `window` samples every `hop`; the first window is centred on sample 0."""
    energy = np.concatenate([[0], np.cumsum(np.pad(x, (window // 2, window)) ** 2)])
    start = np.arange(0, len(x), hop)
    return np.sqrt(np.maximum(energy[start + window] - energy[start], 0) / window)


def db(x, floor=-120.0):
    return 20 * np.log10(np.maximum(x, 10 ** (floor / 20)))


def loud(x, frame=80, threshold=-60.0):
    """bool [len(x)]: is the 5 ms frame a sample lies in above the threshold (dBFS)?"""
    n = -(-len(x) // frame)
    frames = np.pad(x, (0, n * frame - len(x))).reshape(n, frame)
    return np.repeat(db(np.sqrt((frames ** 2).mean(1))) > threshold, frame)[:len(x)]


# ---- spectrum

def mel_bank(bands=40, size=1024):
    """[bands][bins]: triangles of area 1, evenly spaced in mel from 0 to half the rate."""
    mel = np.linspace(0, 2595 * np.log10(1 + RATE / 2 / 700), bands + 2)
    hz = 700 * (10 ** (mel / 2595) - 1)
    bins = np.arange(size // 2 + 1) * RATE / size
    up = (bins - hz[:-2, None]) / (hz[1:-1] - hz[:-2])[:, None]
    down = (hz[2:, None] - bins) / (hz[2:] - hz[1:-1])[:, None]
    bank = np.maximum(0, np.minimum(up, down))
    return bank / bank.sum(1, keepdims=True)


def log_mel(x, size=1024, hop=256, floor=-80.0):
    """dB [frames][40] of the mean power in each band, in 64 ms windows; a full-scale sine has 0 dB in its bin."""
    window = np.hanning(size)
    rows = np.lib.stride_tricks.sliding_window_view(np.pad(x, (size // 2, size)), size)[::hop] * window
    power = np.abs(np.fft.rfft(rows)) ** 2 / (window.sum() / 2) ** 2
    return np.maximum(10 * np.log10(power @ mel_bank(size=size).T + 1e-20), floor)


def mel_distance(real, other):
    """Mean |dB| over all bands and frames, from the beginning to where the real sound has ended."""
    heard = np.nonzero(np.abs(real) > 1e-4)[0]
    n = heard[-1] + 1 if len(heard) else len(real)
    other = np.pad(other, (0, max(0, n - len(other))))
    return np.abs(log_mel(real[:n]) - log_mel(other[:n])).mean()


# ---- linear prediction

EDGES = np.concatenate([[-np.inf], expand((np.arange(1, N_CLASSES) - 0.5 - SILENCE) / (SILENCE - 1)), [np.inf]])


class Predictor:
    """An order-32 linear predictor fitted by least squares on recordings, with a Gaussian residual."""

    def __init__(self, recordings, order=32):
        self.order = order
        r = np.zeros(order + 1)
        for x in recordings:
            size = 1 << int(np.ceil(np.log2(len(x) + order + 1)))
            r += np.fft.irfft(np.abs(np.fft.rfft(x, size)) ** 2, size)[:order + 1]
        r[0] *= 1 + 1e-9
        lags = np.abs(np.subtract.outer(np.arange(order), np.arange(order)))
        self.taps = np.linalg.solve(r[lags], r[1:])

    def predict(self, x):
        return np.convolve(np.concatenate([[0], x]), np.concatenate([self.taps, [0]]))[:len(x)]

    def bits(self, x, memory=256, least=5e-5):
        """Bits [len(x)] for the classes of x, sigma from the last 256 residuals. The odds of any class are kept above
        one in 2.5 million, which spares the Gaussian its outliers."""
        classes = encode(x)
        x = decode(classes)
        guess = self.predict(x)
        energy = np.concatenate([[0], np.cumsum((x - guess) ** 2)])
        t = np.arange(len(x))
        past = np.minimum(t, memory)
        sigma = np.sqrt(np.maximum(energy[t] - energy[t - past], 0) / np.maximum(past, 1))
        sigma = np.maximum(sigma, least)
        return -np.log2(gaussian_share(EDGES[classes], EDGES[classes + 1], guess, sigma) * (1 - 1e-4) + 1e-4 / N_CLASSES)


def gaussian_share(low, high, mean, sigma):
    """The part of a Gaussian between two edges, computed on the side where it is small."""
    a, b = (low - mean) / sigma, (high - mean) / sigma
    flip = a > 0
    a, b = np.where(flip, -b, a), np.where(flip, -a, b)
    top, bottom = log_ndtr(b), log_ndtr(a)
    return np.exp(top) * -np.expm1(np.minimum(bottom - top, 0))


# ---- tables

def show(title, table):
    """Print {row: {column: number}}."""
    names = max(map(len, table)) + 2
    columns = list(dict.fromkeys(c for row in table.values() for c in row))
    widths = [max(9, len(c)) for c in columns]
    print(f"\n{title}\n" + " " * names + "  ".join(c.rjust(w) for c, w in zip(columns, widths)))
    for name, row in table.items():
        print(name.ljust(names) + "  ".join(f"{row[c]:.4g}".rjust(w) for c, w in zip(columns, widths)))
