# SPDX-License-Identifier: MIT
# nam_malformed.py - captures with something wrong: one clear line each, soon, in little memory.
# Usage: nam_malformed.py WAVENET COMMON [release|timing]      timing: that those which are to cost much cost little, alone
# Copyright (c) 2026 the wavenet authors
import json
import os
import random
import subprocess
import sys

sys.path.insert(0, sys.argv[2])
from common import WAVENET, check, finish, in_time, path, some  # noqa: E402

TIMING = sys.argv[3:] == ['timing']
RELEASE = TIMING or sys.argv[3:] == ['release']
SECONDS, MEGABYTES = 1.0, 64  # of processor time and of memory, in a release build
REMOVED, INFINITE, NAN = object(), '@infinite', '@nan'
worst = {'seconds': (0, ''), 'megabytes': (0, '')}


# ---- well-formed files to start from ------------------------------------------------------------------------------

def conv(inputs, outputs, kernel=1, groups=1, bias=True):
    return inputs // groups * outputs * kernel + (outputs if bias else 0)


def nested():
    """A condition_dsp: 1 -> 2 channels, in the old keys."""
    array = {'input_size': 1, 'condition_size': 1, 'head_size': 2, 'channels': 2, 'kernel_size': 2, 'dilations': [1, 2],
             'activation': 'Tanh', 'gated': False, 'head_bias': False}
    layer = conv(2, 2, 2) + conv(1, 2, bias=False) + conv(2, 2)
    weights = conv(1, 2, bias=False) + 2 * layer + conv(2, 2, bias=False) + 1
    return {'version': '0.5.4', 'architecture': 'WaveNet', 'config': {'layers': [array], 'head_scale': 0.02},
            'weights': [0.1] * weights, 'sample_rate': 48000}


FILMS = ('conv_pre_film', 'conv_post_film', 'input_mixin_pre_film', 'input_mixin_post_film', 'activation_pre_film',
         'activation_post_film', 'layer1x1_post_film', 'head1x1_post_film')


def wavenet():
    """Two arrays with every key that there is, most of them on."""
    def array(inputs, channels, head):
        a = {'input_size': inputs, 'condition_size': 2, 'channels': channels, 'bottleneck': 2, 'dilations': [1, 3],
             'kernel_size': 3, 'activation': [{'type': 'PReLU', 'negative_slopes': [0.1, 0.2]}, 'Tanh'],
             'gating_mode': ['blended', 'none'], 'secondary_activation': ['Sigmoid', None],
             'head': {'out_channels': head, 'kernel_size': 2, 'bias': True, 'head_dilation': 3},
             'layer1x1': {'active': True, 'groups': 2}, 'head1x1': {'active': True, 'out_channels': 4, 'groups': 2},
             'groups_input': 2, 'groups_input_mixin': 2, 'slimmable': None}
        a.update({name: {'active': True, 'shift': True, 'groups': 2} for name in FILMS})
        return a

    def count(inputs, c, head):
        total = conv(inputs, c, bias=False)
        for z in (4, 2):
            total += conv(c, z, 3, 2) + conv(2, z, 1, 2, False) + conv(2, c, 1, 2) + conv(2, 4, 1, 2)
            total += sum(conv(2, 2 * d, 1, 2) for d in (c, z, 2, z, z, 2, c, 4))
        return total + conv(4, head, 2)
    weights = count(1, 6, 4) + count(6, 4, 3) + conv(3, 2, 2) + conv(2, 1, 3) + 1
    head = {'channels': 2, 'out_channels': 1, 'kernel_sizes': [2, 3], 'activation': 'ReLU'}
    config = {'layers': [array(1, 6, 4), array(6, 4, 3)], 'head': head, 'head_scale': 0.02, 'in_channels': 1,
              'condition_dsp': nested()}
    return {'version': '0.7.0', 'architecture': 'WaveNet', 'config': config, 'weights': [0.1] * weights,
            'sample_rate': 48000, 'metadata': {'loudness': -20.0, 'input_level_dbu': 12.0, 'output_level_dbu': 3.0}}


def slimmable():
    """One array of 3 channels that may be cut."""
    file = nested()
    array = file['config']['layers'][0]
    array.update(channels=3, head_size=1, slimmable={'method': 'slice_channels_uniform',
                                                     'kwargs': {'allowed_channels': [1, 2, 3]}})
    layer = conv(3, 3, 2) + conv(1, 3, bias=False) + conv(3, 3)
    file.update(version='0.7.0', weights=[0.1] * (3 + 2 * layer + 3 + 1))
    return file


def container():
    return {'version': '0.7.0', 'architecture': 'SlimmableContainer', 'weights': [], 'sample_rate': 48000,
            'config': {'submodels': [{'max_value': 0.5, 'model': slimmable()}, {'max_value': 1.0, 'model': slimmable()}]}}


def sequential():
    """A model, and a sequence of two within the sequence."""
    inner = {'version': '0.7.0', 'architecture': 'Sequential', 'weights': [], 'config': {'models': [linear(), convnet()]}}
    return {'version': '0.7.0', 'architecture': 'Sequential', 'weights': [], 'sample_rate': 48000,
            'config': {'models': [linear(), inner]}}


def convnet():
    config = {'channels': 3, 'dilations': [1, 2], 'batchnorm': True, 'activation': 'Tanh', 'groups': 1}
    weights = conv(1, 3, 2, bias=False) + 13 + conv(3, 3, 2, bias=False) + 13 + 4
    return {'version': '0.5.4', 'architecture': 'ConvNet', 'config': config, 'weights': [0.5] * weights,
            'sample_rate': 48000}


def linear():
    return {'version': '0.5.4', 'architecture': 'Linear', 'config': {'receptive_field': 4, 'bias': True},
            'weights': [0.5, 0.25, 0.125, 0.5, 0.1], 'sample_rate': 48000}


# ---- damaging them ------------------------------------------------------------------------------------------------

def put(file, place, value):
    """Set (or remove) 'config.layers.0.channels'; the last name of the place is the field."""
    *way, last = [int(p) if p.isdigit() else p for p in place.split('.')]
    for step in way:
        file = file[step]
    if value is REMOVED:
        del file[last]
    else:
        file[last] = value


def damaged(make, **changes):
    """A file's text with places changed; __ stands for the dot."""
    file = make()
    for place, value in changes.items():
        put(file, place.replace('__', '.'), value)
    return text(file)


def text(file):
    return json.dumps(file).replace(f'"{INFINITE}"', '1e999').replace(f'"{NAN}"', 'NaN').encode()


TYPES = {
    'size': [-1, 0, 1.5, 1e300, 2**31, 2**32 + 2, 2**63, '3', True, [], {}, [2], INFINITE],
    'bool': [1, 0, 'true', [], {}],
    'word': [1, '', 'nonsense', True, {}, 'ReLU\0', 'x' * 5000],
    'act': [1, '', 'Nonsense', 'Softsigmoid', 'tanh', True, {}, {'type': 1}, {'type': None}, {'type': 'Nonsense'},
            {'type': 'Tanh', 'gain': 2}, {'type': 'LeakyReLU', 'negative_slope': 'a'}, {'type': 'PReLU', 'negative_slopes': []},
            {'type': 'PReLU', 'negative_slopes': [1, 'a']}, {'type': 'PReLU', 'negative_slopes': [0.1] * 17},
            {'type': 'PReLU', 'negative_slope': 1e300}, {'type': 'LeakyHardtanh', 'min_val': 2.0, 'max_val': 1.0},
            {'type': 'LeakyHardtanh', 'min_slope': []}],
    'sizes': [3, 'x', {}, True, [], [0, 1], [-1, 1], [1.5, 1], ['a', 1], [None, 1], [1e300, 1], [2**31, 1], [[1], 1], [1, 1, 1]],
    'film': [1, 'x', [], True, {'active': 1}, {'shift': 'a'}, {'groups': 0}, {'groups': 7}, {'groups': -1}, {'depth': 2}],
    'object': [1, 'x', [], True],
    'number': ['x', True, [], {}, INFINITE, NAN],
    'file': [1, 'x', [], True, {}],
}
NEEDED = 'needed'
LAYER = {'input_size': 'size needed', 'condition_size': 'size needed', 'channels': 'size needed', 'bottleneck': 'size',
         'dilations': 'sizes needed', 'kernel_size': 'size needed', 'activation': 'act needed', 'gating_mode': 'word',
         'secondary_activation': 'act', 'head': 'object', 'head.out_channels': 'size needed',
         'head.kernel_size': 'size needed', 'head.bias': 'bool needed', 'head.head_dilation': 'size', 'layer1x1': 'object',
         'layer1x1.active': 'bool', 'layer1x1.groups': 'size', 'head1x1': 'object', 'head1x1.active': 'bool',
         'head1x1.out_channels': 'size', 'head1x1.groups': 'size', 'groups_input': 'size', 'groups_input_mixin': 'size',
         'slimmable': 'object', **{name: 'film' for name in FILMS}}
ROOT = {'version': 'word needed', 'architecture': 'word needed', 'config': 'object needed', 'weights': 'object needed'}
FIELDS = [
    (wavenet, ROOT),
    (wavenet, {'config.layers': 'object needed', 'config.head_scale': 'number needed', 'config.in_channels': 'size',
               'config.condition_dsp': 'file', 'config.head': 'object', 'config.head.channels': 'size needed',
               'config.head.out_channels': 'size needed', 'config.head.kernel_sizes': 'sizes needed',
               'config.head.activation': 'act needed'}),
    (wavenet, {f'config.layers.1.{key}': kind for key, kind in LAYER.items()}),
    (wavenet, {f'config.condition_dsp.{key}': kind for key, kind in ROOT.items()}),
    (nested, {'config.layers.0.head_size': 'size needed', 'config.layers.0.head_bias': 'bool needed',
              'config.layers.0.gated': 'bool'}),
    (slimmable, {'config.layers.0.slimmable.method': 'word needed', 'config.layers.0.slimmable.kwargs': 'object',
                 'config.layers.0.slimmable.kwargs.allowed_channels': 'sizes'}),
    (container, {'config.submodels': 'object needed', 'config.submodels.0': 'object',
                 'config.submodels.0.max_value': 'number needed', 'config.submodels.1.model': 'file needed'}),
    (sequential, {'config.models': 'object needed', 'config.models.0': 'file', 'config.models.1.config': 'object needed',
                  'config.models.1.architecture': 'word needed'}),
    (convnet, {'config.channels': 'size needed', 'config.dilations': 'sizes needed', 'config.batchnorm': 'bool needed',
               'config.activation': 'act needed', 'config.groups': 'size'}),
    (linear, {'config.receptive_field': 'size needed', 'config.bias': 'bool needed'}),
]
# What looks wrong in general and is right here.
FINE = [('kernel_sizes', [1, 1, 1]), ('allowed_channels', [1, 1, 1])]


def fields():
    """Every field missing, null, of a wrong type, negative, zero, fractional, huge."""
    for make, places in FIELDS:
        for place, kind in places.items():
            kind, *needed = kind.split()
            field = place.split('.')[-1]
            field = place.split('.')[-2] if field.isdigit() else field
            values = list(TYPES[kind]) + ([REMOVED, None] if needed else [])
            for value in values:
                if (field, value) in FINE:
                    continue
                file = make()
                put(file, place, value)
                said = 'removed' if value is REMOVED else json.dumps(value)[:40]
                # What is no JSON, or no number that JSON's reader has room for, is named by line and column; three layers
                # contradict every other list of the array.
                word = '' if value in (INFINITE, NAN, 2**63, 'ReLU\0', [1, 1, 1]) else field
                yield f'{make.__name__} {place} {said}', text(file), word


def weights():
    """Weight lists of the wrong length or with something that is no finite float32 among them."""
    for make in (wavenet, slimmable, convnet, linear):
        n = len(make()['weights'])
        for k in (0, 1, n - 1, n + 1, 2 * n):
            yield f'{make.__name__}: {k} weights, not {n}', damaged(make, weights=[0.1] * k), 'weights'
        for value in (None, 'x', True, [0.1], {}, 1e39, -1e39, INFINITE, NAN, '0.1'):
            many = [0.1] * n
            many[n // 2] = value
            yield f'{make.__name__}: weight {value}', damaged(make, weights=many), '' if value in (INFINITE, NAN) else 'weights'
    for value in (4 * 10**15, 4 * 10**15 + 1):  # what stands for a list within the reader is no list
        yield f'weights {value}', damaged(wavenet, weights=value), 'weights'
        yield f'weights {value} of a submodel', damaged(container, config__submodels__1__model__weights=value), 'weights'
    yield 'weights in the metadata', damaged(linear, weights=4 * 10**15, metadata={'weights': linear()['weights']}), 'weights'
    yield 'weights of another network', damaged(wavenet, config__condition_dsp__weights=wavenet()['weights']), 'weights'
    for spelling in ('01', '1.', '.5', '+1', '1e', '1e+', '0x1', '1_0', '--1', '1,', '', '1 2', '-', 'Infinity', '1e400',
                     '"1"', '1/2', '\x00', '1\x00', '\xff'):
        inside = damaged(linear, weights='@').replace(b'"@"', b'[1,2,3,4,' + spelling.encode('latin1') + b']')
        yield f'weight spelt {spelling!r}', inside, ''
    yield 'weights within condition_dsp', damaged(wavenet, config__condition_dsp__weights=[0.1]), 'condition_dsp'
    yield 'weights of a submodel', damaged(container, config__submodels__0__model__weights=[0.1]), 'submodels.0'
    yield 'weights of a container', damaged(container, weights=[0.1]), 'weights'
    yield 'weights of a sequence', damaged(sequential, weights=[0.1]), 'weights'
    yield 'weights of an inner sequence', damaged(sequential, config__models__1__weights=[0.1]), 'models.1'
    yield 'weights of a model', damaged(sequential, config__models__1__config__models__0__weights=[0.1]), 'models.0'
    bare = [{'architecture': 'Linear', 'config': {'receptive_field': 4, 'bias': True}}] * 2
    yield 'configs and one list', damaged(sequential, config__models=bare, weights=[0.1] * 10), 'weights'
    yield 'configs without lists', damaged(sequential, config__models=bare), 'models.0'
    many = [0.5] * len(convnet()['weights'])
    many[6 + 3:6 + 6] = [-1.0] * 3
    yield 'negative variance', damaged(convnet, weights=many), 'weights'


def headers():
    """Versions, architectures, rates, levels."""
    for version in (0.7, '', '0.7', '0.7.0.1', 'x.y.z', '0.4.9', '0.8.0', '1.0.0', '0.7.0 ', ' 0.7.0', '-0.7.0', '0.7.0\n',
                    '99999999999999999999.0.0', '0.4294967296.0', '0.7.1e3', '+0.7.0', '0..7'):
        yield f'version {version!r}', damaged(wavenet, version=version), 'version'
    yield 'version of condition_dsp', damaged(wavenet, config__condition_dsp__version='9.0.0'), 'version'
    for name in ('LSTM', 'wavenet', 'sequential', 'CatLSTM', 'WaveNet '):
        yield f'architecture {name}', damaged(wavenet, architecture=name), name.strip()
    yield 'LSTM inside', damaged(wavenet, config__condition_dsp__architecture='LSTM'), 'LSTM'
    for rate in (0, -48000, '48000', True, [], {}, 1e300, 1e-300, INFINITE, NAN):
        yield f'sample_rate {rate}', damaged(wavenet, sample_rate=rate), '' if rate in (INFINITE, NAN) else 'sample_rate'
    for metadata in (1, 'x', [], True):
        yield f'metadata {metadata!r}', damaged(wavenet, metadata=metadata), 'metadata'
    for key in ('loudness', 'input_level_dbu', 'output_level_dbu'):  # of another type they are left out with a note
        yield f'{key} 1e300', damaged(wavenet, **{f'metadata__{key}': 1e300}), key


def contradictions():
    """Fields that are right by themselves and wrong together."""
    one = 'config__layers__1__'
    cases = [
        (wavenet, 'input_size', {'config__layers__0__input_size': 2}), (wavenet, 'input_size', {one + 'input_size': 5}),
        (wavenet, 'condition_size', {one + 'condition_size': 1}), (wavenet, 'layers.1', {one + 'channels': 5}),
        (wavenet, 'layers', {'config__layers__0__head__out_channels': 3}),
        (wavenet, 'layers.1', {one + 'head1x1__out_channels': 6}), (wavenet, 'groups', {one + 'layer1x1__groups': 3}),
        (wavenet, 'groups', {one + 'groups_input': 3}), (wavenet, 'groups_input_mixin', {one + 'groups_input_mixin': 4}),
        (wavenet, 'groups', {one + 'head1x1__groups': 3}), (wavenet, 'layer1x1', {one + 'layer1x1__active': False}),
        (wavenet, 'kernel_sizes', {one + 'kernel_sizes': [3, 3]}), (wavenet, 'in_channels', {'config__head__in_channels': 2}),
        (wavenet, 'sample_rate', {'config__condition_dsp__sample_rate': 44100}),
        (wavenet, 'condition', {'config__condition_dsp': linear()}), (wavenet, 'in', {'config__in_channels': 2}),
        (wavenet, 'secondary_activation', {one + 'secondary_activation': ['Sigmoid']}),
        (wavenet, 'secondary_activation', {one + 'secondary_activation': [None, None]}),
        (wavenet, 'gating_mode', {one + 'gating_mode': ['none']}), (wavenet, 'gating_mode', {one + 'gating_mode': []}),
        (wavenet, 'activation', {one + 'activation': ['Tanh']}), (wavenet, 'activation', {one + 'activation': []}),
        (wavenet, 'slimmable', {one + 'slimmable': {'method': 'other'}}), (wavenet, 'volume', {one + 'volume': 2}),
        (wavenet, 'volume', {'config__volume': 2}), (wavenet, 'volume', {'config__head__volume': 2}),
        (nested, 'head_bias', {'config__layers__0__head_bias': REMOVED}), (convnet, 'groups', {'config__groups': 2}),
        (convnet, 'volume', {'config__volume': 2}), (linear, 'volume', {'config__volume': 2}),
        (container, 'sample_rate', {'config__submodels__0__model__sample_rate': 44100}),
        (sequential, 'sample_rate', {'sample_rate': 44100}), (sequential, 'volume', {'config__volume': 2}),
        (sequential, 'sample_rate', {'config__models__0__sample_rate': 44100}),
        (sequential, 'sample_rate', {'sample_rate': REMOVED, 'config__models__1__config__models__1__sample_rate': 44100}),
        (sequential, 'models', {'config__models': []}), (sequential, 'models', {'config__models': [linear()] * 65}),
        (sequential, 'LSTM', {'config__models__0__architecture': 'LSTM'}),
        (container, 'max_value', {'config__submodels__0__max_value': 1.0}),
        (container, 'max_value', {'config__submodels__0__max_value': 2.0}),
        (container, 'max_value', {'config__submodels__1__max_value': 0.9}), (container, 'submodels', {'config__submodels': []}),
        (container, 'submodels', {'config__submodels': [None, None]}),
        (container, 'condition_size', {'config__submodels__0__model__config__layers__0__condition_size': 2}),
    ]
    for make, word, changes in cases:
        yield f'{make.__name__} {changes}'[:100], damaged(make, **changes), word
    allowed = 'config__layers__0__slimmable__kwargs__allowed_channels'
    for value in ([3, 2, 1], [1, 1, 3], [1, 2, 4], [1, 2], [0, 3], []):
        yield f'allowed_channels {value}', damaged(slimmable, **{allowed: value}), 'allowed_channels'
    head = {'config__layers__0__head_size': REMOVED, 'config__layers__0__head_bias': REMOVED}
    yield 'no head at all', damaged(nested, **head), 'head'
    yield 'no kernel', damaged(nested, config__layers__0__kernel_size=REMOVED), 'kernel_size'
    # Sizes that ask for much more than the file holds: nothing of the kind may be allocated.
    for field, value in (('kernel_size', 65536), ('channels', 16384), ('head_size', 16384), ('dilations', [1 << 22] * 2000),
                         ('condition_size', 16384), ('input_size', 16384), ('dilations', [1] * 5000)):
        yield f'large {field}', damaged(nested, **{'config__layers__0__' + field: value}), ''
    much = {'config__layers__0__kernel_size': 65536, 'config__layers__0__channels': 16384, 'config__layers__0__head_size': 16384}
    yield 'everything large', damaged(nested, **much), ''
    yield 'long memory', damaged(nested, config__layers__0__dilations=[1 << 22] * 9, weights=[0.1] * 169), 'remembers more than'
    yield 'dilation x kernel', damaged(nested, config__layers__0__kernel_size=65536, config__layers__0__dilations=[1 << 22]), ''
    many = {'type': 'PReLU', 'negative_slopes': [0.1] * 16384}
    yield 'slopes for many layers', damaged(nested, **much | {
        'config__layers__0__kernel_size': 1, 'config__layers__0__gating_mode': 'gated',
        'config__layers__0__dilations': [1] * 4096, 'config__layers__0__activation': many,
        'config__layers__0__secondary_activation': many}), ''
    yield 'large linear', damaged(linear, config__receptive_field=1 << 24), ''
    yield 'large convnet', damaged(convnet, config__channels=16384, config__dilations=[1] * 4000), ''


def deep(levels, inside, opening, closing):
    return opening * levels + inside + closing * levels


def documents():
    """What is no JSON, or JSON of another kind."""
    good = text(linear())
    chance = random.Random(1)
    yield 'empty', b'', ''
    yield 'blank', b' \n\t\n', ''
    yield 'an opening brace', b'{', ''
    yield 'an empty object', b'{}', 'version'
    for other in (b'[]', b'null', b'3', b'"text"', b'[' + good + b']'):
        yield f'root is {other[:10]}', other, ''
    for k in (1, 20, len(good) // 2, len(good) - 1):
        yield f'cut after {k} bytes', good[:k], ''
    for rubbish in (b'x', b'{}', good, b'\0', b'\xff', b',', b']'):
        yield f'then {rubbish[:5]}', good + rubbish, ''
    yield 'random bytes', bytes(chance.randrange(256) for _ in range(5000)), ''
    yield 'random bytes after a brace', b'{' + bytes(chance.randrange(256) for _ in range(5000)), ''
    yield 'UTF-16', good.decode().encode('utf-16'), ''
    yield 'zeros', bytes(5000), ''
    yield 'a brace and zeros', b'{' + bytes(5000), ''
    yield 'not UTF-8', good.replace(b'Linear', b'Lin\xe9ar'), ''
    yield 'overlong UTF-8', good.replace(b'Linear', b'Lin\xc1\xa1ar'), ''
    yield 'half a surrogate', good.replace(b'Linear', b'Lin\\ud800ar'), ''
    yield 'a zero within a name', good.replace(b'Linear', b'Linear\\u0000'), ''
    yield 'NaN', good.replace(b'48000', b'NaN'), ''
    yield 'hexadecimal', good.replace(b'48000', b'0xBB80'), ''
    yield 'a leading zero', good.replace(b'48000', b'048000'), ''
    yield 'a comma too many', good.replace(b'48000', b'48000,'), ''
    yield 'a comment', b'{/* */' + good[1:], ''
    yield 'single quotes', good.replace(b'"', b"'"), ''
    for escape in ('\x9b31m', '\x1b[2J', '\x7f', '\r\n', '\u202e', '\u2028'):
        yield f'{escape!r} in a name', damaged(linear, architecture='a' + escape), 'architecture'
        yield f'{escape!r} in a key', damaged(linear, **{'config__a' + escape: 1}), 'config'
        yield f'{escape!r} unescaped', damaged(linear, architecture='a').replace(b'"a"', b'"a' + escape.encode() + b'"'), ''
    for levels in (100, 2000, 100000, 1000000):
        yield f'{levels} lists', deep(levels, '', '[', ']').encode(), ''
        yield f'{levels} lists left open', b'[' * levels, ''
        yield f'{levels} objects left open', b'{"a":' * levels, ''
    for levels in (3000, 500000):
        yield f'{levels} lists of weights', damaged(linear, weights='@').replace(b'"@"', deep(levels, '', '[', ']').encode()), ''
        yield f'{levels} lists of metadata', damaged(linear, metadata='@').replace(b'"@"', deep(levels, '', '[', ']').encode()), ''
    for levels in (10, 100, 400):
        file, inner = wavenet(), '@'
        put(file, 'config.condition_dsp', inner)
        opening, closing = text(file).decode().split('"@"')
        yield f'{levels} models, each the condition of the next', deep(levels, 'null', opening, closing).encode(), 'condition_dsp'
        file = container()
        put(file, 'config.submodels.1.model', inner)
        opening, closing = text(file).decode().split('"@"')
        yield f'{levels} containers within one another', deep(levels, 'null', opening, closing).encode(), ''


LIMIT = 8 << 20  # bytes of a file
SPARSE = 1 << 29


def repeated(opening, item, times, closing):
    """The bytes of a large text, a piece at a time."""
    yield opening
    for k in range(0, times, 65536):
        yield item * min(65536, times - k)
    yield closing


def distinct(opening, times, closing):
    """As above, the members of an object, each with a name of its own."""
    yield opening
    for k in range(0, times, 4096):
        yield b''.join(b'"%x":1,' % i for i in range(k, k + 4096))
    yield closing


def bombs():
    """Small texts that would be large trees: (name, pieces)."""
    opening, closing = b'{"version":"0.5.4","architecture":"Linear","config":{"receptive_field":4,"bias":true},', b'}'
    for item in (b'[],', b'{},', b'"",', b'1,', b'1e1,', b'null,', b'{"a":1},', b'[[]],', b'"\\u0001",', b'"aaaaaaaaaaaa",',
                 b'0.12345678901234567,'):
        for key in (b'"weights"', b'"metadata"', b'"notes"'):
            times = [LIMIT // len(item) - 100, 1000000, 520000, 250000, 100000] if RELEASE else [30000]
            for n in times:
                if n * len(item) < LIMIT:
                    yield f'{n} times {item} in {key}', repeated(opening + key + b':[', item, n, item[:-1] + b']' + closing)
    for n in (1000000, 500000, 200000) if RELEASE else (30000,):
        yield f'{n} names in metadata', distinct(opening + b'"metadata":{', n, b'"z":1}' + closing)
        yield f'{n} names in notes', distinct(opening + b'"notes":{', n, b'"z":1}' + closing)
        yield f'{n} names at the root', distinct(opening, n, b'"z":1' + closing)
    n = LIMIT - 1000
    yield 'a long text', repeated(opening + b'"notes":"', b'a', n, b'"' + closing)
    yield 'a long name', repeated(opening + b'"', b'a', n, b'":1' + closing)
    yield 'a long number', repeated(opening + b'"sample_rate":', b'1', n, closing)
    yield 'a long fraction', repeated(opening + b'"sample_rate":1.', b'1', n, closing)
    yield 'long blanks', repeated(opening, b' ', n, closing)
    yield 'escapes', repeated(opening + b'"notes":"', b'\\"', n // 2, b'"' + closing)
    yield 'over the limit', repeated(opening + b'"notes":"', b'a', LIMIT + 1, b'"' + closing)
    yield 'far over the limit', [b'{', SPARSE]
    yield 'zeros far over the limit', [SPARSE]


# ---- running ------------------------------------------------------------------------------------------------------

def spawn(arguments, stdin=subprocess.DEVNULL):
    """(exit status, stderr, seconds, MB) of a command."""
    with open(path('stderr'), 'wb') as err, open(path('stdout'), 'wb') as out:
        child = subprocess.Popen([WAVENET, *arguments], stdin=stdin, stdout=out, stderr=err)
        if stdin is subprocess.PIPE:
            feed(child.stdin)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    with open(path('stderr'), 'rb') as err:
        said = err.read()
    return child.returncode, said.decode(errors='replace'), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def feed(pipe):
    """An object that never ends, until the reader has had enough; a reader that takes all of it has failed."""
    try:
        pipe.write(b'{"version":"0.5.4",')
        for _ in range(1 << 12):
            pipe.write(b' ' * (1 << 18))
        check(False, 'pipe: read a gigabyte')
    except BrokenPipeError:
        pass
    try:
        pipe.close()
    except BrokenPipeError:
        pass


def judge(name, done, file, word, command='info'):
    code, said, seconds, megabytes = done
    check(code == 1, f'{name}: exit {code}, 1 was expected; {said[:300]!r}')
    check(said.count('\n') == 1 and said.endswith('\n'), f'{name}: one line was expected, got {said[:600]!r}')
    check(said.startswith(f'wavenet {command}: '), f'{name}: {said[:200]!r}')
    check(file in said, f'{name}: the file is not named in {said[:300]!r}')
    check(word in said.replace(file, ''), f'{name}: {word!r} was expected in {said[:300]!r}')
    check(all(c == '\n' or c.isprintable() for c in said), f'{name}: unprintable: {said[:300]!r}')
    if not RELEASE:
        return
    check(not TIMING or seconds < SECONDS, f'{name}: {seconds:.2f} s, {SECONDS} allowed')
    check(megabytes < MEGABYTES, f'{name}: {megabytes:.0f} MB, {MEGABYTES} allowed')
    for key, value in (('seconds', seconds), ('megabytes', megabytes)):
        worst[key] = max(worst[key], (value, name))


def run_texts():
    file, count = path('case.nam'), 0
    for cases in (fields, weights, headers, contradictions, documents):
        for name, data, word in some(cases()):
            with open(file, 'wb') as f:
                f.write(data)
            judge(name, spawn(['info', file]), file, word)
            count += 1
    return count


def run_bombs():
    """All that matters is that they cost little: what a model may carry along need not be refused."""
    file, count = path('bomb.nam'), 0
    for name, pieces in some(bombs()):
        with open(file, 'wb') as f:
            for piece in pieces:
                if piece is SPARSE:
                    f.truncate(f.tell() + piece)
                else:
                    f.write(piece)
        done = spawn(['info', file])
        if done[0] == 0:
            check('in b\'"weights"' not in name and 'limit' not in name, f'{name}: was read')
            done = (1, f'wavenet info: {file}\n', *done[2:])
        judge(name, done, file, '')
        count += 1
    return count


def run_pipes():
    judge('pipe', spawn(['info', '/dev/stdin'], subprocess.PIPE), '/dev/stdin', '')
    return 1


def run_well_formed():
    """The files that the damage starts from must be right, or nothing above means much."""
    file = path('good.nam')
    for make in (nested, wavenet, slimmable, container, convnet, linear):
        with open(file, 'wb') as f:
            f.write(text(make()))
        code, said, *_ = spawn(['info', file])
        check(code == 0, f'{make.__name__}, which is well-formed: {said}')


def main():
    if TIMING:
        in_time(run_bombs)
        in_time(run_pipes)
        finish()
    run_well_formed()
    count = run_texts() + run_bombs() + run_pipes()
    if RELEASE:
        print(', '.join(f'most {key}: {value:.2f} ({name})' for key, (value, name) in worst.items()))
    print(f'{count} malformed files')
    finish()


main()
