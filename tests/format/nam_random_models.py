# SPDX-License-Identifier: MIT
# nam_random_models.py - drawn captures, played by the command and by the reference in double precision.
# Usage: nam_random_models.py WAVENET COMMON [SEED [NUMBER]]
# Copyright (c) 2026 the wavenet authors
import collections
import json
import os
import sys

sys.path.insert(0, sys.argv[2])
import common  # noqa: E402
from common import bad, cases, check, content, finish, good, path, run, skip, write_file  # noqa: E402

try:
    import numpy as np
except ImportError:
    skip('this Python has no numpy')

import nam_reference  # noqa: E402
from nam_drawn import Draw, fill, outputs_of  # noqa: E402
from nam_reference import ACTIVATIONS, FILMS, Conv, build, render  # noqa: E402

SEED, NUMBER = int(dict(enumerate(sys.argv)).get(3, 1)), int(dict(enumerate(sys.argv)).get(4, cases(200)))
FRAMES, BOUND = 600, 1e-5
FEATURES = (*ACTIVATIONS, *FILMS, 'none', 'gated', 'blended', 'gated by old key', 'gating by layer', 'activations by layer',
            'secondary activation', 'PReLU slopes', 'bottleneck', 'head1x1', 'layer1x1 off', 'groups_input',
            'groups_input_mixin', 'layer1x1 groups', 'head1x1 groups', 'film groups', 'film with shift',
            'film without shift', 'arrays in series', 'kernel by layer', 'old keys', 'old head keys', 'head bias',
            'head kernel', 'head dilation', 'post-stack head', 'condition_dsp', 'nested condition_dsp', 'in_channels',
            'out channels', 'slimmable', 'slimmed', 'container', 'ConvNet', 'ConvNet with batch norm',
            'ConvNet without batch norm', 'Linear', 'Linear bias', 'Sequential', 'Sequential within Sequential', 'no sample rate', 'not prewarmed', 'round trip')


def inputs_of(file):
    while 'layers' not in file['config'] and file['architecture'] in ('SlimmableContainer', 'Sequential'):
        sequence = file['architecture'] == 'Sequential'
        file = file['config']['models'][0] if sequence else file['config']['submodels'][-1]['model']
    return file['config'].get('in_channels', 1)


def can_slim(file):
    return file['architecture'] == 'SlimmableContainer' or any(a.get('slimmable') for a in file['config'].get('layers', []))


Case = collections.namedtuple('Case', 'file features slim prewarm x y')

rounding = False


def rounded(function):
    """The function, whose result is rounded to single precision while `rounding` is on."""
    def call(*arguments):
        y = function(*arguments)
        return y.astype(np.float32).astype(np.float64) if rounding else y
    return call


Conv.__call__ = rounded(Conv.__call__)
nam_reference.activate = rounded(nam_reference.activate)


def judgeable(network, x, prewarm, y):
    """Whether the output is neither too small nor too large, nor all bias, nor chaos: rounding the results of every conv and
    activation to single precision, as any player must, moves it by a small part of what is allowed."""
    global rounding
    if not (0.01 <= np.abs(y).max() <= 10 and np.ptp(y) >= 0.01):
        return False
    rounding = True
    moved = np.abs(render(network, x, prewarm) - y).max()
    rounding = False
    return moved <= 0.2 * BOUND * np.abs(y).max()


def draw_case(rng):
    """A file and how it is to be played, input and right output [channels][frames]."""
    while True:
        draw = Draw(rng)
        file = draw.file()
        mono = inputs_of(file) == outputs_of(file) == 1
        slim = None
        if mono and can_slim(file) and draw.chance(0.8, 'slimmed'):
            slim = float(np.round(rng.uniform(), 3))
        elif draw.chance(0.5, 'Sequential'):
            file = draw.sequence(file)
        prewarm = mono and not draw.chance(0.2)
        draw.seen.update([] if prewarm else ['not prewarmed'])
        x = (rng.uniform(-1, 1, (inputs_of(file), FRAMES)) * np.linspace(0, 1, FRAMES)).astype(np.float32)
        for _ in range(10):
            fill(file, rng)
            network = build(file, 1.0 if slim is None else slim)
            y = render(network, x.astype(np.float64), prewarm)
            if judgeable(network, x.astype(np.float64), prewarm, y):
                return Case(file, draw.seen, slim, prewarm, x, y)


def play(case, model, block):
    """What the command makes of the input: `process` for one channel; `forward`, which prewarms nothing, for several."""
    mono = len(case.x) == len(case.y) == 1
    command, ending = ('process', '.f32') if mono else ('forward', '.npy')
    options = ['--no-prewarm'] if mono and not case.prewarm else []
    options += [] if case.slim is None else ['--slim', case.slim]
    if mono:
        case.x.astype('<f4').tofile(path('in.f32'))
    else:
        np.save(path('in.npy'), np.ascontiguousarray(case.x.T if len(case.x) > 1 else case.x[0]))
    out = write_file('out' + ending, '')
    good(command, '-m', model, path('in' + ending), '-o', out, '--block', block, *options)
    if not os.path.getsize(out):
        return np.zeros((0, 0), np.float32)
    return np.fromfile(out, '<f4')[None] if mono else np.load(out).reshape(FRAMES, -1).T


def off(case, got):
    """The greatest difference to the reference, as a share of its peak."""
    return np.abs(got.astype(np.float64) - case.y).max() / np.abs(case.y).max()


def round_trip(case, number, model, wanted):
    """To the native format, which plays the same bits, and back, which does so and is the same network to the reference."""
    native, back = path('native.safetensors'), path('back.nam')
    whole = case._replace(slim=None)
    if case.file['architecture'] == 'Sequential':
        bad('fits a .nam file only', 'convert', model, native)
        native = model
    else:
        good('convert', model, native)
    check(np.array_equal(play(whole, native, 64), wanted), f'model {number}: the native file plays other bits')
    code, _, said = run('convert', native, back)
    if not check(code == 0, f'model {number}: not written as .nam: {said}'):
        return
    check(np.array_equal(play(whole, back, 64), wanted), f'model {number}: the file written plays other bits')
    with open(back) as f:
        again = render(build(json.load(f)), case.x.astype(np.float64), case.prewarm)
    right = render(build(case.file), case.x.astype(np.float64), case.prewarm)
    check(np.abs(again - right).max() <= 1e-6 * np.abs(right).max(), f'model {number}: the file written is another network')


def main():
    np.seterr(all='ignore')  # what overflows is drawn again
    rng = np.random.default_rng(SEED)
    features, worst = collections.Counter(), 0
    for number in range(NUMBER):
        case = draw_case(rng)
        model = write_file('model.nam', json.dumps(case.file))
        failures = common.failures
        got = play(case, model, int(rng.integers(1, 300)))
        if check(got.shape == case.y.shape, f'model {number}: output {got.shape}, {case.y.shape} was expected'):
            worst = max(worst, off(case, got))
            check(off(case, got) <= BOUND, f'model {number}: {off(case, got):.3g} of peak off, {BOUND:g} allowed')
        if number % 3 == 0:
            round_trip(case, number, model, play(case._replace(slim=None), model, 64))
            case.features.add('round trip')
        features.update(case.features)
        if common.failures > failures:
            print(f'        that was slim {case.slim}, prewarm {case.prewarm},', json.dumps(case.file, default=str)[:2000])
    for feature in FEATURES:
        check(features[feature] >= NUMBER // 10 or NUMBER < 200, f'only {features[feature]} files with {feature}')
    print(f'{NUMBER} models, at most {worst:.2g} of peak off; rarest feature in {min(features[f] for f in FEATURES)}')
    finish()


main()
