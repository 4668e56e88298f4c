# SPDX-License-Identifier: MIT
# make.py - write overdrive.nam: two valves and a loudspeaker, with weights set by hand.
# Copyright (c) 2026 the wavenet authors
#
# Made once, with `python3 make.py`, for the README's examples of `wavenet process`. A capture has its weights from training
# on a recorded amplifier; this one has them from a sketch: a stage that saturates, and one behind it that saturates later
# and unevenly, each after a gentle low-pass, then a filter as dull as a guitar loudspeaker.
import json
import math
import random

LOWPASS = (0.25, 0.5, 0.25)  # oldest sample first
SPEAKER = [math.sin(math.pi * (k + 0.5) / 12) ** 2 for k in range(12)]


def layer(drive, bias, mixin, back):
    """Weights of one layer, one channel wide: dilated convolution, condition, what is added to the signal."""
    return [drive * w for w in LOWPASS] + [bias, mixin, back, 0.0]


def stages(x):
    """Samples before the speaker, as the network computes them."""
    y = list(x)
    out = [0.0] * len(y)
    for d, drive, bias, mixin, back in ((1, 6.0, 0.0, 0.0, -0.4), (2, 3.0, 0.3, 1.0, 0.0)):
        past = [0.0] * 2 * d + y
        for t, v in enumerate(x):
            u = sum(drive * w * past[t + k * d] for k, w in enumerate(LOWPASS)) + bias + mixin * v
            out[t] += math.tanh(u)
            y[t] += back * math.tanh(u)
    return out


def main():
    level = 0.5 / sum(SPEAKER)
    speaker = [level * v for v in SPEAKER]
    rest = -math.tanh(0.3) * sum(speaker)  # silence in, silence out
    weights = [1.0] + layer(6.0, 0.0, 0.0, -0.4) + layer(3.0, 0.3, 1.0, 0.0) + speaker + [rest, 1.0]
    dice = random.Random(1)
    loud = [v + rest for v in filtered(stages([dice.gauss(0, 0.1) for _ in range(20000)]), speaker)]
    loudness = 10 * math.log10(sum(v * v for v in loud) / len(loud))
    array = {'input_size': 1, 'condition_size': 1, 'channels': 1, 'kernel_size': 3, 'dilations': [1, 2],
             'activation': 'Tanh', 'gating_mode': 'none', 'head': {'out_channels': 1, 'kernel_size': 12, 'bias': True}}
    capture = {'version': '0.7.0', 'architecture': 'WaveNet', 'sample_rate': 48000,
               'config': {'layers': [array], 'head': None, 'head_scale': 1.0}, 'weights': [round(w, 7) for w in weights],
               'metadata': {'name': 'overdrive', 'modeled_by': 'the wavenet authors', 'gear_type': 'pedal',
                            'gear_make': 'a sketch', 'tone_type': 'overdrive', 'loudness': round(loudness, 2),
                            'input_level_dbu': 12.0, 'output_level_dbu': 6.0}}
    with open('overdrive.nam', 'w') as f:
        json.dump(capture, f, indent=1)
        f.write('\n')


def filtered(x, taps):
    """Causal convolution, taps oldest first."""
    past = [0.0] * (len(taps) - 1) + list(x)
    return [sum(w * past[t + k] for k, w in enumerate(taps)) for t in range(len(x))]


main()
