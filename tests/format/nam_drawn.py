# SPDX-License-Identifier: MIT
# nam_drawn.py - captures drawn by chance that mix every feature of the format.
# Copyright (c) 2026 the wavenet authors
import numpy as np

from nam_reference import ACTIVATIONS, FILMS, Listed, build

OLD, NEW = ('0.5.0', '0.5.2', '0.5.4'), ('0.6.0', '0.7.0')


class Draw:
    """Draws one file; `seen` is the set of features that it has."""

    def __init__(self, rng):
        self.rng, self.seen = rng, set()

    def chance(self, p, *feature):
        """True with probability p; then the file has the feature."""
        hit = bool(self.rng.random() < p)
        self.seen.update(feature if hit else ())
        return hit

    def one(self, choices):
        return choices[int(self.rng.integers(len(choices)))]

    def divisor(self, *numbers):
        """A common divisor, to be a number of groups; more likely a real one than 1 where there is one."""
        common = [g for g in range(1, 5) if all(n % g == 0 for n in numbers)]
        return self.one(common + common[1:])

    def activation(self, channels, slimmed=False):
        name = self.one([a for a in ACTIVATIONS for _ in range(2 if a == 'PReLU' else 1)])
        self.seen.add(name)
        extra = {}
        if name == 'LeakyReLU' and self.chance(0.5):
            extra = {'negative_slope': self.one([0.0, 0.1, 0.3])}
        elif name == 'PReLU':
            if not slimmed and self.chance(0.6, 'PReLU slopes'):
                extra = {'negative_slopes': [float(s) for s in np.round(self.rng.uniform(-0.2, 0.5, channels), 3)]}
            elif self.chance(0.5):
                extra = {'negative_slope': 0.25}
        elif name.startswith('Leaky') and name != 'LeakyReLU' and self.chance(0.7):
            extra = {'min_val': -0.7, 'max_val': 0.6, 'min_slope': 0.1, 'max_slope': 0.2}
        elif name == 'Hardtanh' and self.chance(0.5):
            extra = {'min_val': -1.0, 'max_val': 1.0}
        return {'type': name, **extra} if extra or self.chance(0.5) else name

    # ---- WaveNet ------------------------------------------------------------------------------------------------

    def gating(self, array, n, bottleneck, slimmed):
        """The array's gating and activations; the old key where that will do. True if new keys were needed."""
        kind = self.one(['none', 'gated', 'blended', 'old', 'mixed'])
        modes = [self.one(['none', 'gated', 'blended']) for _ in range(n)] if kind == 'mixed' else [kind] * n
        array['activation'] = self.activation(bottleneck, slimmed)
        if self.chance(0.4, 'activations by layer'):
            array['activation'] = [self.activation(bottleneck, slimmed) for _ in range(n)]
        if kind == 'old':
            array['gated'] = self.chance(0.5, 'gated by old key')
            return not isinstance(array['activation'], str)
        self.seen.update(modes)
        array['gating_mode'] = modes if kind == 'mixed' else kind
        if kind == 'mixed':
            self.seen.add('gating by layer')
            array['secondary_activation'] = [
                self.one([None, '']) if m == 'none' else self.activation(bottleneck, slimmed) for m in modes]
        elif kind != 'none' and self.chance(0.7, 'secondary activation'):
            array['secondary_activation'] = self.activation(bottleneck, slimmed)
        return True

    def films(self, array, S, sizes, slimmed):
        """sizes: the width of each place in the order of FILMS, 0 where none can be."""
        share = self.one([0, 0, 0.3, 0.8])
        for name, d in zip(FILMS, sizes):
            if not d or not self.chance(share, name):
                if self.chance(0.3):
                    array[name] = self.one([False, {'active': False, 'shift': True, 'groups': 1}])
                continue
            shift = self.chance(0.5, 'film with shift')
            self.seen.update([] if shift else ['film without shift'])
            groups = 1 if slimmed else self.divisor(S, d)
            self.seen.update(['film groups'] if groups > 1 else [])
            array[name] = {'active': True, 'shift': shift, 'groups': groups}
            if shift and groups == 1 and self.chance(0.5):
                array[name] = {}

    def array(self, inputs, S, width, outputs, old, slimmed):
        """A layer array; the first one is free to have any width (None), the others must take the head before them."""
        first, n = width is None, int(self.rng.integers(1, 6))
        C = self.one([1, 2, 3, 4, 6, 8, 12]) if first else width
        a = {'input_size': inputs, 'condition_size': S, 'channels': C,
             'dilations': [int(d) for d in self.rng.integers(1, self.one([2, 40]), n)]}
        if not old and self.chance(0.3, 'kernel by layer'):
            a['kernel_sizes'] = [int(k) for k in self.rng.integers(1, 7, n)]
        else:
            a['kernel_size'] = int(self.rng.integers(1, 5))
        if old:
            a.update(head_size=outputs, head_bias=self.chance(0.5, 'head bias'), activation=self.one(['Tanh', 'ReLU']),
                     gated=self.chance(0.5, 'gated by old key'))
            self.seen.update(['old keys', a['activation']])
            return a
        B, H = C, C
        one = not self.chance(0.2, 'layer1x1 off')
        if self.chance(0.4 if first or not slimmed else 0, 'head1x1'):
            H = C if not first else self.one([1, 2, 4, 5])
            B = self.one([1, 2, 3, 4, 6]) if one else C
            a['head1x1'] = {'active': True, 'out_channels': H, 'groups': 1 if slimmed else self.divisor(B, H)}
            self.seen.update(['head1x1 groups'] if a['head1x1']['groups'] > 1 else [])
        elif first and one and self.chance(0.5):
            B = self.one([1, 2, 3, 4, 6])
        if B != C:
            a['bottleneck'] = B
            self.seen.add('bottleneck')
        a['layer1x1'] = {'active': one, 'groups': self.divisor(B, C) if one and not slimmed else 1}
        a['groups_input'] = 1 if slimmed else self.divisor(C, B)
        a['groups_input_mixin'] = 1 if slimmed else self.divisor(S, B)
        self.seen.update(key for key in ('groups_input', 'groups_input_mixin') if a[key] > 1)
        self.seen.update(['layer1x1 groups'] if a['layer1x1']['groups'] > 1 else [])
        self.gating(a, n, B, slimmed)
        modes = a.get('gating_mode', 'gated' if a.get('gated') else 'none')
        # A width that serves single and double layers alike, so that the number of groups divides both.
        Z = B if modes == 'none' or isinstance(modes, list) else 2 * B
        self.films(a, S, [C, Z, S, Z, Z, B, C if one else 0, H if 'head1x1' in a else 0], slimmed)
        if self.chance(0.5, 'old head keys'):
            a.update(head_size=outputs, head_bias=self.chance(0.5, 'head bias'))
        else:
            a['head'] = {'out_channels': outputs, 'kernel_size': 1, 'bias': self.chance(0.5, 'head bias')}
            if not slimmed and self.chance(0.6, 'head kernel'):
                a['head']['kernel_size'] = int(self.rng.integers(2, 9))
                if self.chance(0.6, 'head dilation'):
                    a['head']['head_dilation'] = int(self.rng.integers(2, 9))
        if slimmed and self.chance(0.8):
            allowed = sorted({C, *(int(c) for c in self.rng.integers(1, C + 1, 3))})
            a['slimmable'] = {'method': 'slice_channels_uniform', 'kwargs': {'allowed_channels': allowed}}
            if self.chance(0.3):
                a['slimmable'] = {'method': 'slice_channels_uniform'}
            self.seen.update(['slimmable'] if len(allowed) > 1 else [])
        return a

    def wavenet(self, inputs, outputs, depth, slimmed):
        old = not slimmed and inputs == 1 and self.chance(0.2)
        config = {'head_scale': 0.02}
        S = inputs
        if inputs > 1:
            config['in_channels'] = inputs
        if not old and depth < 2 and self.chance(0.5, 'condition_dsp'):
            config['condition_dsp'] = self.file(depth + 1, inputs, None)
            S = outputs_of(config['condition_dsp'])
            self.seen.update(['nested condition_dsp'] if depth == 1 else [])
        widths = [None] + [self.one([1, 2, 3, 4, 6, 8]) for _ in range(int(self.rng.integers(0, 3)))]
        self.seen.update(['arrays in series'] if len(widths) > 1 else [])
        post = not old and not slimmed and self.chance(0.3, 'post-stack head')
        heads = widths[1:] + [self.one([1, 2, 3, 5]) if post else outputs]
        config['layers'], width = [], inputs
        for channels, head in zip(widths, heads):
            config['layers'].append(self.array(width, S, channels, head, old, slimmed))
            width = config['layers'][-1]['channels']
        if post:
            kernels = [int(k) for k in self.rng.integers(1, 6, int(self.rng.integers(1, 4)))]
            config['head'] = {'channels': self.one([2, 3, 4]), 'out_channels': outputs, 'kernel_sizes': kernels,
                              'activation': self.activation(heads[-1])}
            if isinstance(config['head']['activation'], dict):
                config['head']['activation'].pop('negative_slopes', None)
        elif self.chance(0.5):
            config['head'] = None
        return {'version': self.one(OLD if old else NEW), 'architecture': 'WaveNet', 'config': config}

    # ---- files --------------------------------------------------------------------------------------------------

    def convnet(self):
        config = {'channels': self.one([1, 2, 4, 7]), 'activation': self.one(['Tanh', 'ReLU', 'Sigmoid', 'SiLU']),
                  'dilations': [int(d) for d in self.rng.integers(1, 33, int(self.rng.integers(1, 7)))],
                  'batchnorm': self.chance(0.5, 'ConvNet with batch norm')}
        self.seen.update(['ConvNet'] + ([] if config['batchnorm'] else ['ConvNet without batch norm']))
        return {'version': '0.5.4', 'architecture': 'ConvNet', 'config': config}

    def linear(self):
        config = {'receptive_field': int(self.rng.integers(1, self.one([4, 900]))), 'bias': self.chance(0.75, 'Linear bias')}
        if self.chance(0.3):
            config['implementation'] = self.one(['auto', 'direct', 'fft'])
        self.seen.add('Linear')
        return {'version': self.one(('0.5.4', '0.7.0')), 'architecture': 'Linear', 'config': config}

    def container(self, depth, inputs, outputs):
        values = sorted(float(v) for v in np.round(self.rng.uniform(0.1, 0.9, int(self.rng.integers(0, 3))), 2)) + [1.0]
        models = [self.file(depth + 1, inputs, outputs, False) for _ in sorted(set(values))]
        self.seen.add('container')
        return {'version': '0.7.0', 'architecture': 'SlimmableContainer', 'weights': [],
                'config': {'submodels': [{'max_value': v, 'model': m} for v, m in zip(sorted(set(values)), models)]}}

    def file(self, depth=0, inputs=None, outputs=None, containers=True):
        """A file without weights; inputs and outputs as given or drawn."""
        if inputs is None:
            inputs = self.one([2, 3]) if self.chance(0.14, 'in_channels') else 1
        if outputs is None:
            outputs = self.one([1, 2, 3, 4]) if depth else self.one([2, 3]) if self.chance(0.15, 'out channels') else 1
        kind = self.rng.random()
        mono = inputs == outputs == 1
        if mono and kind < 0.32:
            file = self.convnet()
        elif mono and kind < 0.47:
            file = self.linear()
        elif containers and kind > (0.85 if mono else 0.92):
            return self.container(depth, inputs, outputs)
        else:
            file = self.wavenet(inputs, outputs, depth, not depth and self.chance(0.3))
        file['sample_rate'] = 48000
        if not depth and 'condition_dsp' not in file['config'] and self.chance(0.35, 'no sample rate'):
            file['sample_rate'] = None
            if self.chance(0.5):
                del file['sample_rate']
        if self.chance(0.3):
            file['metadata'] = self.one([None, {}, {'name': 'drawn', 'loudness': -20.5, 'gain': None}])
        return file


    def sequence(self, file):
        """A file of which `file`, and others behind it, some of them in a sequence of their own, are the models."""
        models = [file]
        for _ in range(int(self.rng.integers(1, 4))):
            inputs = outputs_of(models[-1])
            models.append(self.file(1, inputs, inputs, False))
        if len(models) > 2 and self.chance(0.5, 'Sequential within Sequential'):
            models[1:] = [{'version': '0.7.0', 'architecture': 'Sequential', 'weights': [], 'config': {'models': models[1:]}}]
        return {'version': '0.7.0', 'architecture': 'Sequential', 'weights': [], 'config': {'models': models},
                **({'sample_rate': 48000} if self.chance(0.5) else {})}


def outputs_of(file):
    """Output channels."""
    if file['architecture'] == 'Sequential':
        return outputs_of(file['config']['models'][-1])
    if file['architecture'] == 'SlimmableContainer':
        return outputs_of(file['config']['submodels'][-1]['model'])
    if file['architecture'] != 'WaveNet':
        return 1
    last = file['config']['layers'][-1]
    return (file['config'].get('head') or last.get('head') or {'out_channels': last.get('head_size')})['out_channels']


class Chosen:
    """A source of weights N(0, 1/fan-in), as float32, that remembers what it gave."""

    def __init__(self, rng):
        self.rng, self.given = rng, []

    def take(self, count, fan_in, positive=False):
        drawn = (self.rng.normal(size=count) / np.sqrt(fan_in)).astype(np.float32).astype(np.float64)
        self.given.extend(np.abs(drawn) if positive else drawn)
        return np.array(self.given[len(self.given) - count:])


def fill(file, rng):
    """Draw the weights of a file and of all files within it."""
    if file['architecture'] in ('SlimmableContainer', 'Sequential'):
        for model in file['config'].get('submodels', file['config'].get('models')):
            fill(model.get('model', model), rng)
        return
    if file['config'].get('condition_dsp'):
        fill(file['config']['condition_dsp'], rng)
    source = Chosen(rng)
    build(file, 1.0, lambda f: source if f is file else Listed(f['weights']))
    file['weights'] = [float(w) for w in source.given]
