# SPDX-License-Identifier: MIT
# reference.py - a capture that was made here, rendered by an independent computation in double precision (numpy): it has to
# sound the same to 1e-5. Usage: reference.py WAVENET
# Copyright (c) 2026 the wavenet authors
import json
import math
import os
import random
import sys

try:
    import numpy as np
except ImportError:  # another interpreter of the machine may have it
    if sys.executable != '/usr/bin/python3' and os.path.exists('/usr/bin/python3'):
        os.execv('/usr/bin/python3', ['/usr/bin/python3', *sys.argv])
    print('skipped: numpy is not installed')
    sys.exit(77)

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'cli'))
from common import check, content, finish, good, path, write_file  # noqa: E402

RATE = 48000


def convolve(x, weights, bias, dilation):
    """x [in][T], weights [out][in][taps], oldest tap first: causal, silence before."""
    taps, length = weights.shape[2], x.shape[1]
    out = np.zeros((weights.shape[0], length))
    for k in range(taps):
        shift = dilation * (taps - 1 - k)
        out[:, shift:] += weights[:, :, k] @ x[:, :length - shift]
    return out if bias is None else out + bias[:, None]


def render(nam, sound):
    """The network of nam over sound [T], after as much silence as it remembers."""
    weights, at = np.array(nam['weights']), 0

    def take(*shape):
        nonlocal at
        n = math.prod(shape)
        at += n
        return weights[at - n:at].reshape(shape)

    field = 1 + sum(d * (kernel - 1) for a in nam['config']['layers'] for d, kernel in
                    zip(a['dilations'], a.get('kernel_sizes') or [a.get('kernel_size')] * len(a['dilations'])))
    field += sum((a.get('head') or {}).get('kernel_size', 1) - 1 for a in nam['config']['layers'])
    x = np.concatenate([np.zeros(2 * field), sound])[None, :]
    y, head = x, 0
    for a in nam['config']['layers']:
        c, kernels = a['channels'], a.get('kernel_sizes') or [a['kernel_size']] * len(a['dilations'])
        act = a['activation'] if isinstance(a['activation'], dict) else {'type': a['activation']}
        y = convolve(y, take(c, y.shape[0], 1), None, 1)
        for dilation, kernel in zip(a['dilations'], kernels):
            z = convolve(y, take(c, c, kernel), take(c), dilation) + convolve(x, take(c, 1, 1), None, 1)
            z = np.tanh(z) if act['type'] == 'Tanh' else np.where(z > 0, z, act.get('negative_slope', 0.01) * z)
            y = y + convolve(z, take(c, c, 1), take(c), 1)
            head = head + z
        shape = a.get('head') or {'out_channels': a['head_size'], 'kernel_size': 1, 'bias': a['head_bias']}
        out, taps = shape['out_channels'], shape['kernel_size']
        head = convolve(head, take(out, c, taps), take(out) if shape['bias'] else None, 1)
    scale = take(1)[0]
    check(at == len(weights), at, 'of', len(weights), 'weights used')
    return (scale * head)[0, 2 * field:]


def main():
    rng = random.Random(1)
    dry = np.zeros(2 * RATE)
    for start in range(0, len(dry), RATE // 5):
        t = np.arange(min(RATE // 5, len(dry) - start)) / RATE
        for harmonic in (1, 2, 3):
            dry[start:start + len(t)] += 0.3 / harmonic * np.exp(-5 * t) * np.sin(2 * np.pi * harmonic * rng.uniform(80, 600) * t)
    wet = 0.5 * np.tanh(4 * dry)
    names = [write_file(name, x.astype('<f4').tobytes()) for name, x in (('dry.f32', dry), ('wet.f32', wet))]
    for size in ('nano', 'a2-lite'):
        nam = path(size + '.nam')
        good('capture', *names, '-o', nam, '--size', size, '--steps', 6)
        good('process', '-m', nam, names[0], '-o', path('out.f32'))
        got = np.frombuffer(content(path('out.f32')), '<f4').astype(float)
        expected = render(json.loads(content(nam)), dry.astype(np.float32).astype(float))
        error, peak = np.abs(got - expected).max(), np.abs(expected).max()
        print(f'{size}: largest difference {error:.2e}, peak {peak:.3f}')
        check(len(got) == len(dry) and error < 1e-5 * max(1, peak), size, error, peak)
    finish()


main()
