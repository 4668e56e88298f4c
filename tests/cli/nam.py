# SPDX-License-Identifier: MIT
# nam.py - small captures with random weights, and what they compute, sample by sample in double precision, from the
# format's description.
# Copyright (c) 2026 the wavenet authors
import json
import math
import random


def capture(seed=1, arrays=((3, 2), (2, 1)), kernel=3, dilations=(1, 2, 4), gated=False, rate=48000, **metadata):
    """A `.nam` object: layer arrays of (channels, head size), weights from a seeded generator."""
    noise = random.Random(seed)
    layers, count, before = [], 1, 1
    for i, (channels, head) in enumerate(arrays):
        last = i == len(arrays) - 1
        wide = 2 * channels if gated else channels
        layers.append({'input_size': before, 'condition_size': 1, 'channels': channels, 'head_size': head,
                       'kernel_size': kernel, 'dilations': list(dilations), 'activation': 'Tanh', 'gated': gated,
                       'head_bias': last})
        count += before * channels + channels * head + (head if last else 0)
        count += len(dilations) * (channels * wide * kernel + wide + wide + channels * channels + channels)
        before = channels
    weights = [round(noise.gauss(0, 0.4), 6) for _ in range(count)]
    weights[-1] = 0.5
    out = {'version': '0.5.4', 'architecture': 'WaveNet', 'config': {'layers': layers, 'head': None, 'head_scale': 0.5},
           'weights': weights, 'metadata': metadata}
    if rate:
        out['sample_rate'] = rate
    return out


def linear(taps, rate=48000, **metadata):
    """A finite impulse response: taps[0] is that of the newest sample."""
    return {'version': '0.5.4', 'architecture': 'Linear', 'config': {'receptive_field': len(taps), 'bias': False},
            'weights': list(taps), 'sample_rate': rate, 'metadata': metadata}


def receptive_field(model):
    return 1 + sum(d * (a['kernel_size'] - 1) for a in model['config']['layers'] for d in a['dilations'])


class Weights:
    def __init__(self, values):
        self.values, self.at = values, 0

    def take(self, rows, columns):
        """[rows][columns]"""
        out = [self.values[self.at + r * columns:self.at + (r + 1) * columns] for r in range(rows)]
        self.at += rows * columns
        return out


def product(matrix, x):
    return [sum(w * v for w, v in zip(row, x)) for row in matrix]


def conv(rows, w, bias, kernel, dilation):
    """Rows through a causal convolution; w [out][in * kernel], tap 0 of each input the oldest."""
    width, out = len(rows[0]), []
    for t in range(len(rows)):
        window = [rows[t - dilation * (kernel - 1 - k)][i] if t >= dilation * (kernel - 1 - k) else 0.0
                  for i in range(width) for k in range(kernel)]
        out.append([b + v for b, v in zip(bias, product(w, window))])
    return out


def run(model, x):
    """What the capture makes of samples x, histories of zeros before them."""
    weights, y, head = Weights(model['weights']), [[v] for v in x], None
    for array in model['config']['layers']:
        c, k = array['channels'], array['kernel_size']
        y, wide = conv(y, weights.take(c, array['input_size']), [0.0] * c, 1, 1), c * (2 if array['gated'] else 1)
        head = head or [[0.0] * c for _ in x]
        for d in array['dilations']:
            w, bias = weights.take(wide, c * k), weights.take(1, wide)[0]
            mixin = weights.take(wide, 1)
            back, back_bias = weights.take(c, c), weights.take(1, c)[0]
            for t, u in enumerate(conv(y, w, bias, k, d)):
                u = [a + m[0] * x[t] for a, m in zip(u, mixin)]
                z = [math.tanh(a) for a in u[:c]]
                if array['gated']:
                    z = [a / (1 + math.exp(-b)) for a, b in zip(z, u[c:])]
                head[t] = [a + b for a, b in zip(head[t], z)]
                y[t] = [a + b + v for a, b, v in zip(y[t], back_bias, product(back, z))]
        out = array['head_size']
        w = weights.take(out, c)
        head = conv(head, w, weights.take(1, out)[0] if array['head_bias'] else [0.0] * out, 1, 1)
    scale = weights.take(1, 1)[0][0]
    assert weights.at == len(model['weights'])
    return [scale * row[0] for row in head]


def settled(model, x):
    """As `run`, after silence as long as the network looks back."""
    silence = receptive_field(model)
    return run(model, [0.0] * silence + list(x))[silence:]


def save(model, name):
    with open(name, 'w') as f:
        json.dump(model, f)
    return name
