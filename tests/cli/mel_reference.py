# SPDX-License-Identifier: MIT
# mel_reference.py - mel bands in double precision by numpy, as models/FORMAT.md defines them.
# Copyright (c) 2026 the wavenet authors
import numpy as np


def to_mel(scale, hz):
    if scale == 'htk':
        return 2595 * np.log10(1 + hz / 700)
    return np.where(hz < 1000, 3 * hz / 200, 15 + 27 * np.log(np.maximum(hz, 1) / 1000) / np.log(6.4))


def to_hz(scale, mel):
    if scale == 'htk':
        return 700 * (10 ** (mel / 2595) - 1)
    return np.where(mel < 15, mel * 200 / 3, 1000 * 6.4 ** ((mel - 15) / 27))


def mel_rows(x, p):
    """[rows][bands] of samples x by the parameters p."""
    scale, n, window, half = p.get('scale', 'htk'), len(x), p['window'], p['window'] // 2
    x = x - p.get('pre_emphasis', 0) * np.concatenate([[0], x[:-1]])
    padded = np.pad(x, p['fft'], 'reflect' if p.get('edge') == 'reflect' else 'constant')
    rows = [padded[p['fft'] + t * p['hop'] + p['center'] - half:][:window] for t in range(-(-n // p['hop']))]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    magnitude = np.abs(np.fft.rfft(np.array(rows) * hann, p['fft'])) / p.get('reference', 1)
    edges = to_hz(scale, np.linspace(to_mel(scale, np.float64(p['low'])), to_mel(scale, np.float64(p['high'])), p['bands'] + 2))
    hz = np.arange(p['fft'] // 2 + 1) * p['sample_rate'] / p['fft']
    left, top, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    triangles = np.maximum(0, np.minimum((hz - left) / (top - left), (right - hz) / (right - top)))
    if p.get('norm') == 'area':
        triangles = triangles * 2 / (right - left)
    power = p.get('power', 2)
    m = np.clip(magnitude ** power @ triangles.T, p.get('floor', 1e-10), p.get('ceiling', np.inf))
    y = {'db': 20 / power * np.log10(m), 'log10': np.log10(m), 'ln': np.log(m)}[p.get('log', 'db')]
    return (y - np.array(p.get('mean', 0))) / np.array(p.get('std', 1))
