# SPDX-License-Identifier: MIT
# sound.py - sounds as the bytes of floats: found in each other, compared bit for bit, or between their samples.
# Copyright (c) 2026 the wavenet authors
import array
import math


def floats(data):
    return array.array('f', data)


def first_sound(data):
    """Number of the first sample of float bytes that is not 0; their count if there is none."""
    samples = floats(data)
    return next((i for i, x in enumerate(samples) if x), len(samples))


def last_sound(data):
    """As first_sound, the last one; -1 if there is none."""
    samples = floats(data)
    return next((i for i in range(len(samples) - 1, -1, -1) if samples[i]), -1)


def without_silence(data):
    """Float bytes without zeros before and behind."""
    return data[4 * first_sound(data):4 * (last_sound(data) + 1)]


def place(data, part):
    """Sample at which the float bytes `part` begin in `data`; -1: nowhere."""
    at = data.find(part)
    while at % 4 > 0:
        at = data.find(part, at + 1)
    return at // 4 if at >= 0 else -1


def equal_frames(a, b):
    """Number of leading samples in which two strings of float bytes agree bit for bit."""
    if a == b:
        return len(a) // 4
    low, high = 0, min(len(a), len(b)) // 4
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if a[:4 * middle] == b[:4 * middle] else (low, middle - 1)
    return low


def largest_step(samples):
    return max((abs(b - a) for a, b in zip(samples, samples[1:])), default=0)


def between(samples, t, reach=48):
    """The band-limited signal through `samples` at time t, in samples: a windowed sum of sines over their arguments."""
    first, total = math.floor(t) - reach + 1, 0.0
    for n in range(max(first, 0), min(first + 2 * reach, len(samples))):
        x = t - n
        if abs(x) < 1e-9:
            return samples[n]
        total += samples[n] * math.sin(math.pi * x) / (math.pi * x) * math.cos(math.pi * x / (2 * reach)) ** 2
    return total


def mismatch(source, got, ratio, delay, points):
    """Power of the difference over that of the signal, in dB, got being `delay` of its samples late."""
    wrong = power = 0.0
    for n in points:
        want = between(source, (n - delay) / ratio)
        wrong += (got[n] - want) ** 2
        power += want ** 2
    return 10 * math.log10((wrong + 1e-30) / (power + 1e-30))
