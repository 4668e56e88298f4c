# SPDX-License-Identifier: MIT
# make.py - write checkpoint.safetensors: a wavenet_vocoder network with random weights, small enough to keep here.
# Copyright (c) 2026 the wavenet authors
#
# Made once, with `python3 make.py`, for the README's example of `wavenet convert`. What it computes is not compared with
# anything; importing is tested against third-party cases.
import json
import random
import struct

with open('hparams.json') as f:
    hparams = json.load(f)

CHANNELS, GATE, SKIP = (hparams[name + '_channels'] for name in ('residual', 'gate', 'skip_out'))
KERNEL, OUT, LAYERS = hparams['kernel_size'], hparams['out_channels'], hparams['layers']


def shapes():
    """Name and shape of every tensor, as the network's state_dict has them."""
    yield 'first_conv', (CHANNELS, 1, 1)
    for i in range(LAYERS):
        yield f'conv_layers.{i}.conv', (GATE, CHANNELS, KERNEL)
        yield f'conv_layers.{i}.conv1x1_out', (CHANNELS, GATE // 2, 1)
        yield f'conv_layers.{i}.conv1x1_skip', (SKIP, GATE // 2, 1)
    yield 'last_conv_layers.1', (SKIP, SKIP, 1)
    yield 'last_conv_layers.3', (OUT, SKIP, 1)


def main():
    dice = random.Random(1)
    header, data = {}, b''

    def add(name, shape, values):
        nonlocal data
        begin = len(data)
        data += struct.pack(f'<{len(values)}f', *values)
        header[name] = {'dtype': 'F32', 'shape': shape, 'data_offsets': [begin, len(data)]}

    for name, (rows, columns, kernel) in shapes():
        spread = (columns * kernel) ** -0.5
        add(name + '.weight', [rows, columns, kernel], [dice.gauss(0, spread) for _ in range(rows * columns * kernel)])
        # The last biases: means near 0, log scales near -5.
        low = -5 if name == 'last_conv_layers.3' else 0
        add(name + '.bias', [rows], [dice.gauss(0, 0.1) + (low if i >= OUT * 2 // 3 else 0) for i in range(rows)])
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    with open('checkpoint.safetensors', 'wb') as f:
        f.write(struct.pack('<Q', len(text)) + text + data)


main()
